"""Business time and promises: pure arithmetic on aware datetimes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

WARNINGS = (50, 75, 90, 100)  # percent of the promise's time
HORIZON_DAYS = 400  # a calendar that stays closed longer is never open


@dataclass(frozen=True)
class Hours:
    """Weekly opening hours: weekday (Monday 0) to shifts, which may be split; a shift to 24:00 ends at midnight."""

    zone: ZoneInfo
    shifts: Mapping[int, Sequence[tuple[time, time]]] = field(default_factory=dict)
    closed: frozenset[date] = frozenset()
    always: bool = False

    def on(self, day: date) -> list[tuple[datetime, datetime]]:
        """The shifts of a day as instants in UTC order; empty on a holiday. A shift that passes midnight ends there."""
        if day in self.closed:
            return []
        found = []
        for start, end in sorted(self.shifts.get(day.weekday(), ())):
            opens = datetime.combine(day, start, self.zone)
            closes = datetime.combine(day, end, self.zone) if end != time(0) else _midnight_after(day, self.zone)
            if closes.timestamp() > opens.timestamp():
                found.append((opens, closes))
        return found


def _midnight_after(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(0), zone)


def add_open_time(start: datetime, minutes: float, hours: Hours) -> datetime | None:
    """The instant at which `minutes` of open time have passed since `start`; None if the calendar never opens."""
    if hours.always:
        return start + timedelta(minutes=minutes)
    left = timedelta(minutes=minutes)
    day = start.astimezone(hours.zone).date()
    closed_days = 0
    while closed_days < HORIZON_DAYS:
        shifts = hours.on(day)
        closed_days = 0 if shifts else closed_days + 1
        for opens, closes in shifts:
            begin = max(start, opens.astimezone(start.tzinfo))
            end = closes.astimezone(start.tzinfo)
            if begin >= end:
                continue
            if left <= end - begin:
                return begin + left
            left -= end - begin
        day += timedelta(days=1)
    return None


def is_open(at: datetime, hours: Hours) -> bool:
    """Whether somebody should be there."""
    if hours.always:
        return True
    return any(opens <= at < closes for opens, closes in hours.on(at.astimezone(hours.zone).date()))


def next_opening(at: datetime, hours: Hours) -> datetime | None:
    """`at` itself while open; else when the next shift begins; None if the calendar never opens."""
    if is_open(at, hours):
        return at
    day = at.astimezone(hours.zone).date()
    for _ in range(HORIZON_DAYS):
        for opens, _closes in hours.on(day):
            if opens > at:
                return opens.astimezone(at.tzinfo)
        day += timedelta(days=1)
    return None


class Rule(Protocol):
    """What choosing a standard looks at; "" and None mean any."""

    brand_id: int | None
    channel: str
    kind: str
    measure: str


R = TypeVar("R", bound=Rule)


def most_specific(rules: Sequence[R], brand_id: int, channel: str, kind: str, measure: str) -> R | None:
    """The rule that names most of what is asked: brand counts more than channel, channel more than kind."""
    fitting = [
        r for r in rules
        if r.measure == measure and r.brand_id in (None, brand_id) and r.channel in ("", channel)
        and r.kind in ("", kind)
    ]  # fmt: skip
    return max(fitting, key=lambda r: (r.brand_id is not None, bool(r.channel), bool(r.kind)), default=None)


def next_warning(started_at: datetime, due_at: datetime, warned: int) -> tuple[int, datetime] | None:
    """The next share of the time (percent) to announce, and when; None after the breach was announced."""
    for percent in WARNINGS:
        if percent > warned:
            return percent, started_at + (due_at - started_at) * percent / 100
    return None


def share_passed(started_at: datetime, due_at: datetime, now: datetime) -> int:
    """The percent of the promise's time that has passed, at the last warning mark: 0, 50, 75, 90 or 100."""
    total = (due_at - started_at).total_seconds()
    passed = 100.0 if total <= 0 else 100 * (now - started_at).total_seconds() / total
    return max((p for p in WARNINGS if p <= passed), default=0)
