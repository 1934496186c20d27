"""Reading standards and calendars as the rules want them."""

import datetime as dt
from functools import cache, lru_cache
from types import ModuleType
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from netcenter.lib.prepared import prepared
from netcenter.standards.models import Calendar, Promise, Standard
from netcenter.standards.rules import Hours, add_open_time, is_open, most_specific, next_opening


def hours_of(calendar: Calendar, now: dt.datetime) -> Hours:
    """The calendar's hours with the public holidays of last, this and next year."""
    closed = {dt.date.fromisoformat(day) for day in calendar.closed_days}
    if calendar.country:
        closed |= public_holidays(calendar.country, calendar.region, now.year)
    shifts = {
        int(day): [(dt.time.fromisoformat(a), _end(b)) for a, b in spans] for day, spans in calendar.hours.items()
    }
    return Hours(ZoneInfo(calendar.timezone), shifts, frozenset(closed), calendar.always)


@cache
def _library() -> ModuleType:
    """Imported when first asked for: every calendar of the world, which most starts do without."""
    import holidays

    return holidays


def _end(text: str) -> dt.time:
    return dt.time(0) if text.startswith("24") else dt.time.fromisoformat(text)


@lru_cache(maxsize=64)
def public_holidays(country: str, region: str, year: int) -> frozenset[dt.date]:
    """Public holidays around the year, by the `holidays` library; none for a country it does not know."""
    try:
        return frozenset(_library().country_holidays(country, subdiv=region or None, years=[year - 1, year, year + 1]))
    except NotImplementedError:
        return frozenset()


def standards() -> list[Standard]:
    """Every rule with its calendar."""
    return _standards()


@prepared
def _standards() -> QuerySet[Standard]:
    return Standard.objects.select_related("calendar")


def running_promise(case_id: int) -> Promise | None:
    """The response that is promised in the case, the next to be late."""
    return next(iter(_responses(case_id)), None)


@prepared
def _responses(case_id: int) -> QuerySet[Promise]:
    running = Promise.objects.filter(case_id=case_id, ended_at=None).exclude(measure=Standard.Measure.RESOLUTION)
    return running.order_by("due_at", "id")[:1]


def resolution_promise(case_id: int) -> Promise | None:
    """By when the case is to be closed, where that is promised."""
    return next(iter(_resolution(case_id)), None)


@prepared
def _resolution(case_id: int) -> QuerySet[Promise]:
    return Promise.objects.filter(case_id=case_id, ended_at=None, measure=Standard.Measure.RESOLUTION)[:1]


def opening(brand_id: int, now: dt.datetime) -> tuple[bool, dt.datetime | None]:
    """Whether the brand should be answering now, and when it opens next; always open when nothing says otherwise."""
    rules = [s for s in standards() if s.brand_id in (None, brand_id)]
    own = [s for s in rules if s.brand_id == brand_id] or rules
    if not own:
        return True, now
    hours = [hours_of(c, now) for c in {s.calendar_id: s.calendar for s in own}.values()]
    openings = [o for h in hours if (o := next_opening(now, h)) is not None]
    return any(is_open(now, h) for h in hours), min(openings, default=None)


def due_for(
    brand_id: int, channel: str, kind: str, measure: str, now: dt.datetime
) -> tuple[Standard, dt.datetime] | None:
    """The standard that counts for a message written now, and its deadline; None when nothing is promised."""
    rule = most_specific(standards(), brand_id, channel, kind, measure)
    due = add_open_time(now, rule.minutes, hours_of(rule.calendar, now)) if rule else None
    return (rule, due) if rule is not None and due is not None else None


@lru_cache(maxsize=1)
def countries() -> dict[str, tuple[str, ...]]:
    """Every country whose holidays are known, with its regions."""
    known = _library().list_supported_countries(include_aliases=False)
    return {code: tuple(regions) for code, regions in known.items()}


@cache
def regions(country: str) -> dict[str, str]:
    """The regions of a country with holidays of their own, by code: their names, or the code where it has none."""
    codes = countries().get(country, ())
    if not codes:
        return {}
    known = _library().country_holidays(country, years=[])
    names = {code: name for name, code in getattr(known, "subdivisions_aliases", {}).items()}
    return {code: names.get(code, code) for code in codes}


def closed_ahead(calendar: Calendar, today: dt.date, language: str, limit: int = 8) -> list[tuple[dt.date, str]]:
    """The next closed days with the holidays' names, in the language where the library speaks it."""
    named = {dt.date.fromisoformat(day): "" for day in calendar.closed_days}
    named |= _holidays(calendar, today.year, language) if calendar.country else {}
    return sorted((day, name) for day, name in named.items() if day >= today)[:limit]


def _holidays(calendar: Calendar, year: int, language: str) -> dict[dt.date, str]:
    """The public holidays of this year and the next by name; none for a country that is not known."""
    region, years = calendar.region or None, [year, year + 1]
    try:
        known = _library().country_holidays(calendar.country, subdiv=region, years=years)
        for spoken in known.supported_languages:
            if spoken and spoken[:2] == language[:2]:
                return dict(_library().country_holidays(calendar.country, subdiv=region, years=years, language=spoken))
        # Its own tongue: without one the library takes whatever the machine speaks.
        return dict(_library().country_holidays(calendar.country, subdiv=region, years=years,
                                                language=known.default_language))  # fmt: skip
    except NotImplementedError:
        return {}
