"""What was picked up and then forgotten: when it is taken back, so that somebody can still keep its promise. Pure.

Both times follow the promise, and are never longer than for one of forty minutes: a chat that is promised in five
minutes cannot wait for ten.
"""

from datetime import datetime, timedelta

LEAD = timedelta(minutes=10)  # so long before the promise breaks, at the most
IDLE = timedelta(minutes=10)  # so long nobody did anything, at the most
LEAST = timedelta(seconds=30)  # whoever picked it up a moment ago is left in peace


def lead(promised: timedelta) -> timedelta:
    """How long before it breaks a case must be back, to ring and be answered elsewhere."""
    return max(LEAST, min(LEAD, promised / 4))


def patience(promised: timedelta) -> timedelta:
    """How long its holder may do nothing while the promise is near."""
    return max(LEAST, min(IDLE, promised * 0.4))


def is_forgotten(now: datetime, waiting_since: datetime, due_at: datetime, active_at: datetime) -> bool:
    """Whether to take it back: the promise is near or broken, and its holder has done nothing since `active_at`.

    What the customer wrote later than that cannot have been forgotten before they wrote it.
    """
    promised = due_at - waiting_since
    idle = now - max(active_at, waiting_since)
    return now >= due_at - lead(promised) and idle >= patience(promised)
