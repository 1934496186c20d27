"""Jinja2 for Netcenter: what every template may call without importing it."""

from collections.abc import MutableMapping
from functools import cache, lru_cache
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from jinja2 import Environment
from markupsafe import Markup

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


_MARK = 9_007_199_254_000_000  # a number that no path has of itself


def url(name: str, *args: Any, query: Any = None, **kwargs: Any) -> str:
    """A path by its name: `url("desk:case", case.id, query={"tab": "notes"})`."""
    if query or kwargs:
        return reverse(name, args=args or None, kwargs=kwargs or None, query=query)
    if all(type(arg) is int and arg >= 0 for arg in args):
        return _path(name, len(args)) % args
    return reverse(name, args=args)


@cache
def _path(name: str, count: int) -> str:
    """A path with places for so many numbers, which fit wherever one fits: a list has hundreds of such paths."""
    marks = [_MARK + n for n in range(count)]
    path = reverse(name, args=marks or None).replace("%", "%%")
    for mark in marks:
        path = path.replace(str(mark), "%d", 1)
    return path


def gettext(text: str, **values: Any) -> Markup:
    """The text in the reader's language, like Jinja's own; a page asks for hundreds, and mostly for the same."""
    language = translation.get_language()
    return _pattern(language, text) % values if values else _words(language, text)


@lru_cache(10_000)
def _pattern(_language: str | None, text: str) -> Markup:
    """In the active language, which is this one."""
    return Markup(translation.gettext(text))  # noqa: S704 - our own words


@lru_cache(10_000)
def _words(language: str | None, text: str) -> Markup:
    """The same where nothing is filled in: %% is %."""
    return _pattern(language, text) % {}


def flashes(request: HttpRequest | None) -> list[Any]:
    """Django's messages that wait for this person; reading them empties them."""
    return list(get_messages(request)) if request and hasattr(request, "_messages") else []


def preference(request: HttpRequest | None, name: str, choices: tuple[str, ...]) -> str:
    """A look that the person chose on this device (a cookie set by theme.js), or "" for none."""
    chosen = request.COOKIES.get(name, "") if request else ""  # undefined in a page drawn without a request
    return chosen if chosen in choices else ""


class House(Environment):
    """Templates whose globals are all known before the first is read, so that each has them in one plain dict."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **(d or {})}


def environment(**options: Any) -> Environment:
    """Django's Jinja2 back end calls this: OPTIONS["environment"] = "netcenter.look.environment.environment"."""
    options.setdefault("autoescape", True)
    made = House(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n", "jinja2.ext.do"], **options)
    made.install_gettext_callables(  # type: ignore[attr-defined]
        translation.gettext,
        translation.ngettext,
        newstyle=True,
        pgettext=translation.pgettext,
        npgettext=translation.npgettext,
    )
    made.filters.update(formats.FILTERS)
    made.globals.update(
        _=gettext,
        gettext=gettext,
        static=cache(static),  # of a file that is part of the house: its address stays
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
