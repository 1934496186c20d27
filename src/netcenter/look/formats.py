"""The template filters: times, numbers and sizes as the reader writes them, in the reader's zone and language."""

from datetime import date, datetime, timedelta
from functools import lru_cache

from babel import Locale, dates, numbers
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from markupsafe import Markup

from netcenter.lib import clock
from netcenter.look import rules
from netcenter.look.wires import told

NARROW_SPACE = "\u202f"  # groups Spanish thousands: 12 431, the one way no Spanish reader misreads


def locale() -> Locale:
    return _locale(translation.get_language() or "en")


@lru_cache
def _locale(language: str) -> Locale:
    tag = translation.to_locale(language)
    return Locale.parse({"pt": "pt_BR"}.get(tag, tag))


_PATTERNS = {
    "now": gettext_noop("now"),
    "minutes_ago": gettext_noop("{n} min ago"),
    "hours_ago": gettext_noop("{n} h ago"),
    "days_ago": gettext_noop("{n} d ago"),
    "minutes_ahead": gettext_noop("in {n} min"),
    "hours_ahead": gettext_noop("in {n} h"),
    "days_ahead": gettext_noop("in {n} d"),
}


def words() -> dict[str, str]:
    """The patterns of relative time; time.js gets the same ones, so that both say the same."""
    return {name: _(pattern) for name, pattern in _PATTERNS.items()}


def time_element(value: datetime, text: str, live: bool = False) -> Markup:
    """A <time> that tells the exact moment on hover."""
    mark = Markup(" data-ago") if live else ""
    return Markup('<time datetime="{}" title="{}"{}>{}</time>').format(value.isoformat(), exact(value), mark, text)


def ago(value: datetime | None) -> str:
    """How long since (or until): "5 min ago", kept fresh by time.js; beyond a week the day."""
    return "" if value is None else time_element(value, *since(value, clock.now()))


def since(value: datetime, now: datetime) -> tuple[str, bool]:
    """The words of `ago`, and whether time.js keeps them fresh."""
    found = rules.distance(value, now)
    return (day(value), False) if found is None else (_(_PATTERNS[found[0]]).format(n=found[1]), True)


def local_clock(value: datetime | None) -> str:
    """The time of day, 14:05."""
    return "" if value is None else dates.format_time(timezone.localtime(value), "short", locale=locale())


def day(value: datetime | date | None) -> str:
    """today, yesterday, tomorrow, 3 Nov, or with the year when it is another."""
    if value is None:
        return ""
    there = timezone.localtime(value).date() if isinstance(value, datetime) else value
    today = timezone.localtime(clock.now()).date()
    near = {0: _("today"), -1: _("yesterday"), 1: _("tomorrow")}.get((there - today).days)
    skeleton = "MMMd" if there.year == today.year else "yMMMd"
    return near or dates.format_skeleton(skeleton, there, locale=locale())


def month(value: date) -> str:
    """November 2026, as the reader writes it."""
    return dates.format_skeleton("yMMMM", value, locale=locale())


def moment(value: datetime | None) -> str:
    """Day and time, the day left out when it is today."""
    if value is None:
        return ""
    if timezone.localtime(value).date() == timezone.localtime(clock.now()).date():
        return local_clock(value)
    return _("{day}, {time}").format(day=day(value), time=local_clock(value))


def exact(value: datetime | None) -> str:
    """The moment to the second, for hovering."""
    if value is None:
        return ""
    there = timezone.localtime(value)
    return f"{_whole_day(there.date(), locale())}, {dates.format_time(there, 'medium', locale=locale())}"


@lru_cache(2000)
def _whole_day(there: date, tongue: Locale) -> str:
    """A list shows the same few days a hundred times."""
    return dates.format_date(there, "full", locale=tongue)


def iso(value: str) -> datetime | None:
    """The moment that a text in ISO 8601 names, as kept beside a message."""
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def stamp(value: datetime | None) -> str:
    """`moment` as a <time> element."""
    return "" if value is None else time_element(value, moment(value))


def duration(span: timedelta | float | None) -> str:
    """A span in at most two units: 35 s, 4 min, 1 h 05 min, 2 d 3 h."""
    if span is None:
        return ""
    days, hours, minutes, seconds = rules.split(span)
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes:02} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds} s"


def number(value: float | None, digits: int | None = None) -> str:
    """12 431 in Spanish, 12.431 in Portuguese, 12,431 in English; `digits` fixes the decimals."""
    if value is None:
        return "–"
    pattern = "#,##0.##" if digits is None else "#,##0." + "0" * digits if digits else "#,##0"
    text = numbers.format_decimal(value, format=pattern, locale=locale())
    return text.replace(".", NARROW_SPACE) if locale().language == "es" else text


def percent(share: float | None, digits: int = 0) -> str:
    """0.934 as 93 %, spaced as the language does."""
    if share is None:
        return "–"
    pattern = locale().percent_formats[None].pattern.replace("#,##0", "#,##0." + "0" * digits if digits else "#,##0")
    return numbers.format_percent(share, format=pattern, locale=locale())


def size(count: int | None) -> str:
    """Bytes as people say them: 512 B, 14 KB, 2.3 MB."""
    if count is None:
        return ""
    amount, unit = float(count), "B"
    for bigger in ("KB", "MB", "GB", "TB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, bigger
    return f"{number(amount, 1 if unit != 'B' and amount < 10 else 0)}\u00a0{unit}"


def left(due_at: datetime | None, now: datetime | None = None) -> str:
    """Time left until a deadline, 4:05 or 2 h 05; −4:05 once it has passed."""
    return "" if due_at is None else rules.countdown((due_at - (now or clock.now())).total_seconds())


FILTERS = {
    "ago": ago,
    "iso": iso,
    "clock": local_clock,
    "day": day,
    "month": month,
    "moment": moment,
    "exact": exact,
    "stamp": stamp,
    "duration": duration,
    "number": number,
    "percent": percent,
    "size": size,
    "left": left,
    "told": told,
    "initials": rules.initials,
}
