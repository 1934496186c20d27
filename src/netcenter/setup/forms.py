"""What the settings' forms have in common: their choices."""

import zoneinfo
from functools import cache
from typing import Any

from babel.core import get_global
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from netcenter.look.formats import locale
from netcenter.setup.actions import LANGUAGES
from netcenter.standards.queries import countries


@cache
def zones() -> tuple[str, ...]:
    """Every time zone by its present name, UTC first."""
    old = get_global("zone_aliases")
    known = (z for z in zoneinfo.available_timezones() if "/" in z and z not in old and not z.startswith("Etc/"))
    return ("UTC", *sorted(known))


@cache
def former_names() -> dict[str, list[str]]:
    """The names that browsers still use: "America/Argentina/Buenos_Aires" -> ["America/Buenos_Aires"]."""
    found: dict[str, list[str]] = {}
    for old, new in get_global("zone_aliases").items():
        found.setdefault(new, []).append(old)
    return found


def country_of(zone: str) -> str:
    """The country that a time zone lies in; "" when it is none."""
    return get_global("zone_territories").get(zone, "").replace("001", "")


class ZoneField(forms.ChoiceField):
    """A time zone."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("Time zone"))
        super().__init__(choices=lambda: [(z, zone_name(z)) for z in zones()], **kwargs)

    def to_python(self, value: Any) -> str:
        zone = super().to_python(value)
        return zone if zone in zones() else get_global("zone_aliases").get(zone, zone)  # UTC is one, by its old name


def zone_name(zone: str) -> str:
    """As people read it: America / Argentina / Buenos Aires."""
    return zone.replace("_", " ").replace("/", " / ")


class ScreenLanguageField(forms.ChoiceField):
    """A language in which Netcenter speaks."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("Language"))
        super().__init__(choices=settings.LANGUAGES, **kwargs)


class CustomerLanguageField(forms.ChoiceField):
    """A language in which customers are answered."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=LANGUAGES, **kwargs)


class CountryField(forms.ChoiceField):
    """A country whose public holidays are known, by its name in the reader's language."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("Country"))
        super().__init__(choices=_countries, **kwargs)


def _countries() -> list[tuple[str, str]]:
    names = locale().territories
    known = sorted(((code, names.get(code, code)) for code in countries()), key=lambda pair: pair[1])
    return [("", _("None: no public holidays")), *known]


class Several(forms.ModelMultipleChoiceField):
    """Any number of rows, ticked."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, queryset: Any, **kwargs: Any) -> None:
        super().__init__(queryset, **{"required": False, **kwargs})


def ids(rows: Any) -> list[int]:
    """The ids of what was ticked."""
    return [row.pk for row in rows]


def colour(value: str) -> None:
    """Raises ValidationError unless it is #rrggbb."""
    if len(value) != 7 or value[0] != "#" or any(c not in "0123456789abcdefABCDEF" for c in value[1:]):
        raise ValidationError(_("Write a colour like #0f766e."))
