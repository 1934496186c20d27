"""Jinja2 for Netcenter: what every template may call without importing it."""

from functools import lru_cache
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from jinja2 import Environment

from netcenter.lib import clock
from netcenter.look import formats, rules
from netcenter.look.icons import icon
from netcenter.look.navigation import nav_items

HTMX_CONFIG = {
    "includeIndicatorCSS": False,  # our own CSS does it; CSP forbids injected styles
    "defaultTimeout": 15000,
    "morphIgnore": ["data-htmx-powered", "open"],  # what the reader unfolded stays so when its piece is fetched again
    "noSwap": [204, 304, "5xx", 401, 403, 404],  # an error page never lands inside a fragment; flash.js says it
}


def url(name: str, *args: Any, query: Any = None, **kwargs: Any) -> str:
    """A path by its name: `url("desk:case", case.id, query={"tab": "notes"})`."""
    if query or kwargs:
        return reverse(name, args=args or None, kwargs=kwargs or None, query=query)
    return _path(name, *args)


@lru_cache(10_000)
def _path(name: str, *args: Any) -> str:
    """A list asks for the same hundred paths each time it is drawn."""
    return reverse(name, args=args or None)


def flashes(request: HttpRequest | None) -> list[Any]:
    """Django's messages that wait for this person; reading them empties them."""
    return list(get_messages(request)) if request and hasattr(request, "_messages") else []


def preference(request: HttpRequest | None, name: str, choices: tuple[str, ...]) -> str:
    """A look that the person chose on this device (a cookie set by theme.js), or "" for none."""
    chosen = request.COOKIES.get(name, "") if request else ""  # undefined in a page drawn without a request
    return chosen if chosen in choices else ""


def environment(**options: Any) -> Environment:
    """Django's Jinja2 back end calls this: OPTIONS["environment"] = "netcenter.look.environment.environment"."""
    options.setdefault("autoescape", True)
    made = Environment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n", "jinja2.ext.do"], **options)  # noqa: S701
    made.install_gettext_callables(  # type: ignore[attr-defined]
        translation.gettext,
        translation.ngettext,
        newstyle=True,
        pgettext=translation.pgettext,
        npgettext=translation.npgettext,
    )
    made.filters.update(formats.FILTERS)
    made.globals.update(
        static=static,
        url=url,
        icon=icon,
        nav_items=nav_items,
        flashes=flashes,
        preference=preference,
        now=clock.now,
        drain=rules.drain,
        relative_words=formats.words,
        time_element=formats.time_element,
        language=translation.get_language,
        htmx_config=HTMX_CONFIG,
    )
    return made
