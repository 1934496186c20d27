"""When whoever was asked is reminded, and to whom the asking climbs: pure.

The marks are shares of the person's own time. Where it began need not be kept: it follows from the next mark.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

MARKS = (0.5, 0.9, 1.0)  # reminded, reminded, and then it climbs
LEAST = timedelta(minutes=15)  # to ask somebody for less would only be a reproach


def time_to_answer(now: datetime, area_due: datetime, promised: datetime | None) -> datetime:
    """Until when somebody is asked: by the area's time, or in time for the promise while that can still be kept."""
    if promised is not None and promised - now >= LEAST:
        return min(area_due, promised)
    return area_due


def first_mark(at: datetime, due_at: datetime) -> datetime:
    """When to remind first."""
    return at + (due_at - at) * MARKS[0]


def began(reminders: int, remind_at: datetime, due_at: datetime) -> datetime:
    """When the time ending at `due_at` began, whose mark after so many reminders is `remind_at`."""
    left = 1.0 - MARKS[min(reminders, 1)]
    return due_at - (due_at - remind_at) / left


def marks_passed(reminders: int, remind_at: datetime, due_at: datetime, now: datetime) -> tuple[int, datetime]:
    """How many marks lie behind `now`, and when the next one is; three are all: it climbs. None is passed twice."""
    if reminders >= 2 or now >= due_at:
        return (3 if now >= due_at else 2), due_at
    start = began(reminders, remind_at, due_at)
    passed = next(i for i in (2, 1, 0) if i <= reminders or now >= start + (due_at - start) * MARKS[i - 1])
    following = due_at if passed == 2 else start + (due_at - start) * MARKS[passed]
    return passed, following


def next_asked(
    owners: Sequence[int], supervisors: Sequence[int], tried: Collection[int], above: bool
) -> tuple[int, bool] | None:
    """Who is asked next, and whether as a supervisor; None when it has climbed as far as it can.

    `owners` in order, the responsible one first; `supervisors` those at their desks first; `tried` were asked already;
    `above`: a supervisor was.
    """
    if above:
        return None
    for person in owners:
        if person not in tried:
            return person, False
    return next(((person, True) for person in supervisors if person not in tried), None)
