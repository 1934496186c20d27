"""What a supervisor decides over the router's head: a queue paused with a reason, a case pinned to somebody.

A paused queue loses nothing: everything is taken in, promises run, the ledger shows it; only nothing of it rings.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from netcenter.cases import actions as cases
from netcenter.cases.models import Case
from netcenter.events.actions import event, record
from netcenter.lib import wakeup
from netcenter.lib.refused import Refused
from netcenter.people.models import Person
from netcenter.people.permissions import May, require
from netcenter.routing import actions as routing
from netcenter.routing.models import Offer, Pin, Queue

MOST_HOURS = 7 * 24


@transaction.atomic
def pause(queue: Queue, reason: str, by: Person, now: datetime, until: datetime | None = None) -> None:
    """Nothing of the queue rings until `resume`, or until then. What rings now is withdrawn; what is held stays held.

    Raises Refused without a reason, for a time that is past or absurd, and when it is paused already.
    """
    require(by, May.REASSIGN)
    reason = reason.strip()[:200]
    if not reason:
        raise Refused("no_reason", _("Say why it is paused: everybody at their desks will read it."))
    if until is not None and not now < until <= now + timedelta(hours=MOST_HOURS):
        raise Refused("no_time", _("Choose a time within the next seven days."))
    changed = Queue.objects.filter(pk=queue.pk, paused_at=None).update(
        paused_at=now, paused_by=by, pause_reason=reason, paused_until=until
    )
    if not changed:
        raise Refused("paused", _("A colleague has just paused it."))
    record(event("queue.paused", now, by.actor, brand_id=queue.brand_id, queue=queue.pk, reason=reason,
                 until=until.isoformat() if until else None))  # fmt: skip
    stop_rings(now, by.actor)
    wakeup.wake("routing", "people")


def stop_rings(now: datetime, actor: str = "system") -> int:
    """What rings of a paused queue is withdrawn, also a ring that was on its way when the pause began."""
    paused = list(Queue.objects.filter(paused_at__isnull=False).values_list("brand_id", flat=True))
    return _stop(paused, now, actor) if paused else 0


@transaction.atomic
def _stop(paused: list[int], now: datetime, actor: str) -> int:
    ringing = Offer.objects.filter(state=Offer.State.RINGING, case__brand__in=paused)
    stopped = 0
    for case_id in sorted(ringing.values_list("case_id", flat=True)):
        cases.lock(case_id)  # nobody picks it up meanwhile: what is held stays held
        if Offer.objects.filter(case_id=case_id, state=Offer.State.RINGING).exists():
            stopped += routing.let_go(case_id, "paused", now, actor)
    return stopped


@transaction.atomic
def resume(queue: Queue, now: datetime, actor: str) -> bool:
    """The queue rings again; False when it was not paused."""
    if not Queue.objects.filter(pk=queue.pk, paused_at__isnull=False).update(**_rings_again()):
        return False
    _tell_resumed(queue, now, actor)
    return True


def resume_due(now: datetime) -> int:
    """Queues whose pause has run out ring again; returns how many."""
    return sum(_resume_due(queue, now) for queue in Queue.objects.filter(paused_until__lte=now))


@transaction.atomic
def _resume_due(queue: Queue, now: datetime) -> bool:
    due = Queue.objects.filter(pk=queue.pk, paused_until__lte=now)
    if not due.update(**_rings_again()):
        return False
    _tell_resumed(queue, now, "system")
    return True


def _rings_again() -> dict[str, object]:
    return {"paused_at": None, "paused_by": None, "pause_reason": "", "paused_until": None}


def _tell_resumed(queue: Queue, now: datetime, actor: str) -> None:
    record(event("queue.resumed", now, actor, brand_id=queue.brand_id, queue=queue.pk))
    wakeup.wake("routing", "people")


@transaction.atomic
def pin(case_id: int, to: Person, reason: str, by: Person, now: datetime, minutes: int | None = None) -> None:
    """The case rings only at this person's desk while they are there; after so many minutes, elsewhere too.

    Raises Refused when it waits for nobody's answer: there would be nothing to ring.
    """
    require(by, May.REASSIGN)
    if cases.lock(case_id).waiting_since is None:
        raise Refused("answered", _("Nothing waits in this case, so nothing would ring. Pass it on instead."))
    routing.transfer(case_id, to, reason, by, now)
    Pin.objects.filter(pk=case_id).delete()
    if minutes:
        Pin.objects.create(case_id=case_id, person=to, at=now, until=now + timedelta(minutes=minutes))


def unpin_due(now: datetime) -> int:
    """Cases whose pin has run out may ring elsewhere too; returns how many."""
    return sum(_unpin(pin, now) for pin in Pin.objects.filter(until__lte=now).order_by("until")[:500])


@transaction.atomic
def _unpin(pin: Pin, now: datetime) -> bool:
    """Only the very pin: whoever has answered or passed the case on since then has undone it."""
    cases.lock(pin.case_id)
    if not Pin.objects.filter(pk=pin.pk, at=pin.at).delete()[0]:
        return False
    same = Case.objects.filter(pk=pin.case_id, pinned_to=pin.person_id, holder=None, waiting_since__lte=pin.at)
    if not same.update(pinned_to=None):
        return False
    record(event("case.unpinned", now, case_id=pin.case_id, operator_id=pin.person_id))
    wakeup.wake("routing")
    return True


def next_end() -> datetime | None:
    """When the next pause or pin runs out."""
    pauses = Queue.objects.filter(paused_until__isnull=False).order_by("paused_until")
    pins = Pin.objects.order_by("until")
    ends = [*pauses.values_list("paused_until", flat=True)[:1], *pins.values_list("until", flat=True)[:1]]
    return min((end for end in ends if end is not None), default=None)
