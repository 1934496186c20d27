"""How time and size are put into words and bars. Pure: `now` comes in, words come out as (pattern, number)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

NEAR_AT = 0.75  # of the time used up; LOOK, "Time is the material"

MINUTE, HOUR, DAY = 60, 3600, 86400

DrainState = Literal["running", "near", "broken"]


@dataclass(frozen=True)
class Drain:
    """What a promise bar shows: the share of its time left (0 to 1), and its state."""

    left: float
    state: DrainState


def drain(started_at: datetime, due_at: datetime, now: datetime) -> Drain:
    whole = (due_at - started_at).total_seconds()
    left = (due_at - now).total_seconds()
    if left <= 0:
        return Drain(0.0, "broken")
    share = min(1.0, left / whole) if whole > 0 else 1.0
    return Drain(share, "near" if share <= 1 - NEAR_AT else "running")


def distance(then: datetime, now: datetime) -> tuple[str, int] | None:
    """The word pattern's name and its number ("minutes_ago", 5); None when a date says it better (a week and more)."""
    seconds = (now - then).total_seconds()
    direction = "ago" if seconds >= 0 else "ahead"
    size = abs(seconds)
    if size < 45:
        return "now", 0
    if size < 59.5 * MINUTE:
        return f"minutes_{direction}", max(1, round(size / MINUTE))
    if size < 23.5 * HOUR:
        return f"hours_{direction}", max(1, round(size / HOUR))
    if size < 7 * DAY:
        return f"days_{direction}", max(1, round(size / DAY))
    return None


def split(span: timedelta | float) -> tuple[int, int, int, int]:
    """Days, hours, minutes and seconds of a span, its sign dropped."""
    seconds = abs(round(span.total_seconds() if isinstance(span, timedelta) else span))
    return seconds // DAY, seconds % DAY // HOUR, seconds % HOUR // MINUTE, seconds % MINUTE


def countdown(seconds: float) -> str:
    """Time left in as few figures as are needed: 4:05, 2 h 05, 3 d 4 h; after the time −4:05. Same in time.js."""
    days, hours, minutes, rest = split(int(seconds))
    sign = "−" if seconds < 0 else ""
    if days:
        return f"{sign}{days} d {hours} h"
    if hours:
        return f"{sign}{hours} h {minutes:02}"
    return f"{sign}{minutes}:{rest:02}"


def initials(name: str) -> str:
    """One or two letters that stand for a person: those of the first and the last word."""
    words = [word for word in name.split() if word[0].isalnum()]
    if not words:
        return (name.strip() or "?")[0].upper()
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()
