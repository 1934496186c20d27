"""What is said to customers about time, in their language. Pure; nothing of it depends on who reads the screen."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time

LANGUAGES = ("es", "en", "pt")
MINUTES = (5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 90)  # up to here in minutes, beyond it by the clock
FINE = timedelta(hours=6)  # up to here to the half hour, beyond it to the hour
_WEEK = 6  # days within which the weekday is enough

_WORDS = {
    "es": {
        "about": "en unos {n} minutos", "between": "en unos {m} minutos, a más tardar en {n}",
        "today": "hoy", "tomorrow": "mañana", "weekday": "el {day}", "date": "el {day}",
        "before": "{day} antes de {hour}", "at": "{day} a {hour}", "unknown": "en cuanto alguien quede libre",
    },
    "en": {
        "about": "in about {n} minutes", "between": "in about {m} minutes, {n} at the latest",
        "today": "today", "tomorrow": "tomorrow", "weekday": "on {day}", "date": "on {day}",
        "before": "{day} before {hour}", "at": "{day} at {hour}", "unknown": "as soon as somebody is free",
    },
    "pt": {
        "about": "em cerca de {n} minutos", "between": "em cerca de {m} minutos, no máximo em {n}",
        "today": "hoje", "tomorrow": "amanhã", "weekday": "{day}", "date": "em {day}",
        "before": "{day} antes {hour}", "at": "{day} {hour}", "unknown": "assim que alguém estiver livre",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """The words, and the moment that they name as the latest (None when they name none)."""

    words: str
    until: datetime | None


def spoken(language: str, *others: str) -> str:
    """The first of these languages that the house speaks by itself."""
    return next((code for code in (language[:2], *(o[:2] for o in others)) if code in LANGUAGES), "en")


def wait(now: datetime, median: datetime | None, latest: datetime | None, zone: ZoneInfo, language: str) -> Said:
    """How long it takes: "in about 10 minutes, 20 at the latest", "today before 18:00". Rounded up, never down."""
    words = _WORDS[language]
    if latest is None:
        return Said(words["unknown"], None)
    span = latest - now
    most = _up(span)
    if most is not None:
        about = _up(min(median or latest, latest) - now) or most
        until = now + timedelta(minutes=most)
        plain = about > 0.7 * most
        return Said((words["about"] if plain else words["between"]).format(m=about, n=most), until)
    until = _next(latest, timedelta(minutes=30) if span <= FINE else timedelta(hours=1), zone)
    day, hour = _day(now, until, zone, language), _hour(until, language, "before")
    return Said(words["before"].format(day=day, hour=hour), until)


def opens(now: datetime, at: datetime, zone: ZoneInfo, language: str) -> str:
    """When it begins: "tomorrow at 9:00"."""
    there = at.astimezone(zone)
    return _WORDS[language]["at"].format(day=_day(now, there, zone, language), hour=_hour(there, language, "at"))


def _up(span: timedelta) -> int | None:
    minutes = span.total_seconds() / 60
    return next((m for m in MINUTES if minutes <= m), None)


def _next(at: datetime, step: timedelta, zone: ZoneInfo) -> datetime:
    """The next whole half hour or hour on the wall's clock there; midnight is said as the hour before it."""
    there = at.astimezone(zone)
    midnight = datetime.combine(there.date(), time(0), zone)
    steps = -(-(there - midnight) // step)
    rounded = midnight + steps * step
    return rounded if rounded.date() == there.date() else at


def _day(now: datetime, at: datetime, zone: ZoneInfo, language: str) -> str:
    words, today, there = _WORDS[language], now.astimezone(zone).date(), at.astimezone(zone).date()
    ahead = (there - today).days
    if ahead <= 1:
        return words["today" if ahead <= 0 else "tomorrow"]
    if ahead <= _WEEK:
        return words["weekday"].format(day=_weekday(there, language))
    return words["date"].format(day=format_date(there, _DATE[language], locale=_locale(language)))


def _weekday(day: date, language: str) -> str:
    name = format_date(day, "EEEE", locale=_locale(language))
    if language != "pt":
        return name
    return ("no " if day.weekday() >= 5 else "na ") + name


def _hour(at: datetime, language: str, sense: str) -> str:
    """Like "las 18:00", "6:00 PM", "das 18:00" or "às 18:00"; one o'clock is a single hour in es and pt."""
    told = format_time(at.timetz(), "short", locale=_locale(language)).replace("\u202f", " ")
    one = at.hour == 1
    if language == "es":
        return f"{'la' if one else 'las'} {told}"
    if language == "pt":
        article = ("da" if one else "das") if sense == "before" else ("à" if one else "às")
        return f"{article} {told}"
    return told


_DATE = {"es": "d 'de' MMMM", "en": "d MMMM", "pt": "d 'de' MMMM"}


@lru_cache
def _locale(language: str) -> Locale:
    return Locale.parse({"pt": "pt_BR"}.get(language, language))
