"""How much of a desk a case fills, and what earns a moment's rest after it. Pure."""

from datetime import datetime, timedelta

FULL = 100  # percent: a kind that fills the desk by itself, like a call
NO_REST = ("snoozed",)  # put away is not finished: there is nothing to wrap up yet
ENDS_BY_ITSELF = "quiet"  # a live conversation in which nobody wrote any more


def weight(default: int, most: int | None = None, capacity: int = FULL) -> int:
    """What one case of a kind takes of somebody's desk, in percent; 0: it may never ring there.

    `default` is the channel's own weight, `most` how many of the kind fill this person's desk (None: not set).
    Percents are whole: where they do not divide evenly, one more would fit than was set, and so each weighs a little
    more. What would not fit even on the empty desk of a beginner fills it, or nothing of the kind would ever ring.
    """
    if most == 0:
        return 0
    if default >= FULL:
        return capacity
    if most is None:
        return min(default, capacity)
    return min(max(capacity // most, capacity // (most + 1) + 1), capacity)


def earns_rest(reason: str, own: bool) -> bool:
    """Whether the end of a hold is followed by wrap-up: the operator finished it, or the customer fell silent."""
    return reason == ENDS_BY_ITSELF or (own and reason not in NO_REST)


def rests_until(now: datetime, seconds: int, already: datetime | None = None) -> datetime:
    """When the wrap-up ends; one that runs already is never shortened."""
    until = now + timedelta(seconds=seconds)
    return until if already is None else max(until, already)


def breaks_until(now: datetime, minutes: int) -> datetime | None:
    """When a break should be over; None when it lasts as long as it takes."""
    return now + timedelta(minutes=minutes) if minutes else None


def is_over(until: datetime | None, now: datetime) -> bool:
    """Whether somebody is longer on a break than it should last."""
    return until is not None and until <= now
