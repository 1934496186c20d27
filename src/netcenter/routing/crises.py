"""A brand's crisis level: declared with a reason, by a person or by a watcher, and seen by the router at once.

The higher, the more it costs to let the brand's customers wait (`cost.CRISIS`): before those of calmer brands, and
earlier when what is late makes way. It changes no promise, and nothing of it is told to customers.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from netcenter.events.actions import SYSTEM, event, record
from netcenter.lib import wakeup
from netcenter.lib.refused import Refused
from netcenter.people.models import Person
from netcenter.routing.models import Crisis, Queue


@transaction.atomic
def declare(queue: Queue, level: int, reason: str, now: datetime, by: Person | None = None) -> None:
    """The level holds until another is declared or `calm`; `by` None: a watcher did.

    Raises Refused without a level or a reason.
    """
    reason = reason.strip()[:200]
    if level not in Crisis.values or level == Crisis.NONE:
        raise Refused("no_level", _("Choose a level."))
    if not reason:
        raise Refused("no_reason", _("Say why: everybody at their desks will read it."))
    _set(queue, level, reason, now, by)


@transaction.atomic
def calm(queue: Queue, now: datetime, by: Person | None = None) -> bool:
    """The crisis is over; False when there was none."""
    return _set(queue, Crisis.NONE, "", now, by)


def _set(queue: Queue, level: int, reason: str, now: datetime, by: Person | None) -> bool:
    other = Queue.objects.filter(pk=queue.pk).exclude(crisis=level, crisis_reason=reason)
    if not other.update(
        crisis=level, crisis_reason=reason, crisis_by=by if level else None, crisis_at=now if level else None
    ):
        return False
    record(event("queue.crisis", now, by.actor if by else SYSTEM, brand_id=queue.brand_id, queue=queue.pk,
                 level=level, reason=reason))  # fmt: skip
    wakeup.wake("routing", "people")
    return True
