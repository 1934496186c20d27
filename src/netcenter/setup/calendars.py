"""Settings: when the company answers: weekly hours with split shifts, and the days on which it does not."""

from collections.abc import Mapping
from typing import Any

from babel.dates import get_day_names
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from netcenter.accounts.queries import organisation
from netcenter.lib import clock
from netcenter.lib.forms import saved
from netcenter.lib.refused import Refused
from netcenter.lib.text import fold
from netcenter.look.formats import locale
from netcenter.people.access import PersonRequest, needs
from netcenter.people.permissions import May
from netcenter.setup.forms import CountryField, ZoneField, country_of
from netcenter.setup.rules import Unclear, parse_days, parse_shifts, write_shifts
from netcenter.standards import rulebook
from netcenter.standards.models import Calendar
from netcenter.standards.queries import closed_ahead, regions
from netcenter.standards.rulebook import Week

DAYS = range(7)  # Monday is 0


class CalendarForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    timezone = ZoneField()
    always = forms.BooleanField(label=gettext_lazy("Around the clock, every day"), required=False)
    country = CountryField(required=False, label=gettext_lazy("Public holidays of"))
    region = forms.CharField(
        label=gettext_lazy("Region"), required=False, max_length=60,
        help_text=gettext_lazy("Only for regional holidays: the province or state."),
        widget=forms.TextInput({"list": "regions", "autocomplete": "off"}),
    )  # fmt: skip
    closed_days = forms.CharField(
        label=gettext_lazy("Other closed days"), required=False, widget=forms.Textarea({"rows": 2}),
        help_text=gettext_lazy("Dates like 2026-12-24, separated by spaces."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = get_day_names("wide", locale=locale())
        for day in DAYS:
            self.fields[f"day_{day}"] = forms.CharField(
                label=names[day].capitalize(), required=False, max_length=80,
                widget=forms.TextInput({"placeholder": _("closed"), "autocomplete": "off"}),
            )  # fmt: skip

    @property
    def days(self) -> list[forms.BoundField]:
        return [self[f"day_{day}"] for day in DAYS]

    def clean_closed_days(self) -> list[str]:
        try:
            return parse_days(self.cleaned_data["closed_days"])
        except Unclear as error:
            raise ValidationError(_("%(what)s is no date. Write it like 2026-12-24.") % {"what": error.what}) from error

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        values["hours"] = {str(day): shifts for day in DAYS if (shifts := self._shifts(day))}
        if not values.get("always") and not values["hours"] and not self.errors:
            self.add_error("day_0", _("Write the hours of at least one day, or choose around the clock."))
        there = regions(values.get("country", ""))
        said = fold(values.get("region", "").strip())
        region = next((code for code, name in there.items() if said in (fold(code), fold(name))), "") if said else ""
        if said and not region:
            known = ", ".join(list(there.values())[:40]) or "–"
            self.add_error("region", _("This country has no such region. Known are: %(known)s") % {"known": known})
        values["region"] = region
        return values

    def _shifts(self, day: int) -> list[list[str]]:
        try:
            return parse_shifts(self.cleaned_data.get(f"day_{day}", ""))
        except Unclear as error:
            self.add_error(f"day_{day}", _flaw(error))
            return []

    def week(self) -> Week:
        wanted = ("name", "timezone", "always", "hours", "country", "region", "closed_days")
        return Week(**{name: self.cleaned_data[name] for name in wanted})


def _flaw(error: Unclear) -> str:
    told = {
        "unreadable": _("“%(what)s” cannot be read. Write hours like 9–13, 16–20."),
        "overlap": _("Two shifts overlap at %(what)s."),
        "backwards": _("“%(what)s” ends before it begins. After midnight is the next day: 20–24, then 0–2."),
        "no_time": _("“%(what)s” is no time of day."),
    }
    return told[error.why] % {"what": error.what}


@needs(May.SET_STANDARDS)
def calendar(request: PersonRequest, pk: int | None = None) -> HttpResponse:
    kept = get_object_or_404(Calendar, pk=pk) if pk else None
    form = CalendarForm(request.POST or None, initial=_initial(kept))
    if request.method == "POST":
        done = saved(form, lambda _v: rulebook.save_calendar(kept, form.week(), clock.now(), request.user.actor))
        if done is not None:
            messages.success(request, _("%(name)s is saved.") % {"name": done.name})
            return redirect("setup:calendar", done.pk)
    context = {
        "form": form,
        "calendar": kept,
        "used": kept.standard_set.count() if kept else 0,
        **_shown(kept or _drawn(form.initial)),
    }
    return render(request, "setup/calendar.html", context, status=422 if form.errors else 200)


def _initial(kept: Calendar | None) -> dict[str, Any]:
    if kept is None:
        house = organisation()
        zone = house.timezone if house else "UTC"
        return {"timezone": zone, "country": country_of(zone), **{f"day_{d}": "9–18" for d in range(5)}}
    return {
        "name": kept.name, "timezone": kept.timezone, "always": kept.always, "country": kept.country,
        "region": kept.region, "closed_days": " ".join(kept.closed_days),
        **{f"day_{day}": write_shifts(shifts) for day, shifts in kept.hours.items()},
    }  # fmt: skip


def _drawn(values: Mapping[str, Any]) -> Calendar:
    """The closed days as a form tells them, never saved."""
    told = {name: values.get(name) or "" for name in ("country", "region")}
    return Calendar(**told, closed_days=values.get("closed_days") or [])


def _shown(drawn: Calendar) -> dict[str, Any]:
    return {"ahead": _ahead(drawn), "regions": regions(drawn.country)}


def _ahead(kept: Calendar) -> list[tuple[Any, str]]:
    """The next closed days, so that one sees that the country and the region are right."""
    if kept.always:
        return []
    return closed_ahead(kept, timezone.localdate(clock.now()), translation.get_language() or "es")


@needs(May.SET_STANDARDS)
@require_POST
def calendar_preview(request: PersonRequest) -> HttpResponse:
    """The closed days of the calendar as it stands in the form, not saved yet."""
    form = CalendarForm(request.POST)
    form.is_valid()
    return render(request, "setup/closed_days.html", _shown(_drawn(form.cleaned_data)))


@needs(May.SET_STANDARDS)
@require_POST
def calendar_remove(request: PersonRequest, pk: int) -> HttpResponse:
    kept = get_object_or_404(Calendar, pk=pk)
    try:
        rulebook.remove_calendar(kept, clock.now(), request.user.actor)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("setup:calendar", pk)
    messages.success(request, _("%(name)s is removed.") % {"name": kept.name})
    return redirect("setup:standards")
