"""What customers would read now: the real sentences of a queue, as this moment makes them."""

from datetime import datetime, timedelta

from netcenter.cases.models import Case, Customer
from netcenter.courtesy.composing import compose
from netcenter.routing.models import Queue
from netcenter.routing.paces import Waits, imagined
from netcenter.standards.rules import Hours, is_open

LANGUAGES = ("es", "en", "pt")
SOMEBODY = "Dana"
LOOKED_AHEAD = 24 * 14  # hours, among which a closed one is looked for


def example(queue: Queue, kind: str, now: datetime) -> Case | None:
    """A case that begins to wait now, of somebody called Dana."""
    case = imagined(queue.brand, kind, now)
    if case is not None:
        case.customer = Customer(name=SOMEBODY)
    return case


def said_now(queue: Queue, now: datetime) -> list[tuple[str, str, str]]:
    """(kind, language, words) of each text of the queue; none for a brand without accounts.

    What is said out of hours is shown as it would be in the next hour that is closed.
    """
    case = example(queue, "question", now)
    if case is None:
        return []
    waits = Waits(now)
    closed = _closed(waits.hours(case), now)
    found = []
    for language in LANGUAGES:
        case.language = language
        found.append(("busy", language, compose(case, queue, "busy", waits, now).text))
        if closed is not None:
            found.append(("closed", language, compose(case, queue, "closed", waits, closed).text))
    return found


def _closed(hours: Hours, now: datetime) -> datetime | None:
    """Now, while it is closed; else the next hour in which it is; None when it never is."""
    later = (now + timedelta(hours=n) for n in range(LOOKED_AHEAD))
    return next((at for at in later if not is_open(at, hours)), None)
