"""Picking up, holding, passing on: with `ringing` the only writers of offers (law 3).

Order of locks, so that nothing waits for itself: case, then offer, then desk. What needs two desks may still meet
somebody who needs them the other way round, and then tries once more.
"""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from netcenter.cases import actions as cases
from netcenter.cases.models import Case
from netcenter.channels.registry import channel
from netcenter.events.actions import event, record
from netcenter.lib import wakeup
from netcenter.lib.again import once_more
from netcenter.lib.prepared import Update, prepared, prepared_update
from netcenter.lib.refused import Refused
from netcenter.lib.transactions import atomic
from netcenter.people import actions as people
from netcenter.people.capacity import weight_at, weight_by_hand
from netcenter.people.models import Desk, Person
from netcenter.people.permissions import May, may
from netcenter.people.rules import earns_rest
from netcenter.routing.asked import refuse_if_asked, refuse_if_awaiting
from netcenter.routing.models import Offer, Queue
from netcenter.routing.queries import live_offer

State = Offer.State


def insert(offer: Offer, now: datetime) -> bool:
    """Insert the offer unless the case rings or is held already; its desk's load is given back when it is."""
    try:
        with transaction.atomic():
            offer.save(force_insert=True)
    except IntegrityError:
        people.empty(offer.operator_id, offer.weight, now, idle=False)
        return False
    return True


def miss_overdue(now: datetime) -> int:
    """Rings that nobody picked up in time are missed; their cases wait again, to ring elsewhere at once."""
    overdue = Offer.objects.filter(state=State.RINGING, until__lte=now).order_by("until", "id")
    return sum(_miss(offer, now) for offer in overdue.select_related("case"))


@atomic
def _miss(offer: Offer, now: datetime) -> bool:
    if not _end(offer, State.RINGING, State.MISSED, "", now):
        return False
    people.missed(offer.operator_id, now)
    _tell("offer.missed", offer, now)
    return True


def _end(offer: Offer, was: str, becomes: str, reason: str, now: datetime) -> bool:
    """Move an offer out of a live state; False when somebody else did."""
    changed = _ends(offer.pk, str(was), str(becomes), reason[:200], now)
    if changed:
        people.empty(offer.operator_id, offer.weight, now, idle=becomes != State.MISSED)
        wakeup.wake("routing")
    return bool(changed)


@prepared_update
def _ends(offer_id: int, was: str, becomes: str, reason: str, now: datetime) -> Update:
    return Offer.objects.filter(pk=offer_id, state=was), {"state": becomes, "ended_at": now, "reason": reason}


def _tell(kind: str, offer: Offer, now: datetime, actor: str = "system", **data: object) -> None:
    record(event(kind, now, actor, case_id=offer.case_id, operator_id=offer.operator_id,
                 brand_id=offer.case.brand_id, offer=offer.pk, **data))  # fmt: skip


@atomic
def accept(offer_id: int, person: Person, now: datetime) -> Case:
    """Pick up. Raises Refused when it no longer rings here."""
    offer = next(iter(_own(offer_id, person.pk)), None)
    if offer is None:
        raise Refused("not_yours", _("This case does not ring at your desk."))
    case = cases.lock(offer.case_id)
    _accept(offer, case, person, now)
    return case


@prepared_update
def _accepts(offer_id: int, now: datetime) -> Update:
    ringing = Offer.objects.filter(pk=offer_id, state=State.RINGING)
    return ringing, {"state": State.ACCEPTED, "accepted_at": now}


def _accept(offer: Offer, case: Case, person: Person, now: datetime) -> None:
    if not _accepts(offer.pk, now):
        if Offer.objects.filter(pk=offer.pk, state=State.ACCEPTED).exists():
            return  # a second key press
        raise Refused("too_late", _("It rings at a colleague's desk now."))
    people.picked_up(person.pk)
    cases.hold(case, person)
    offer.case, offer.state, offer.accepted_at = case, State.ACCEPTED, now
    _tell("offer.accepted", offer, now, person.actor)


@prepared
def _own(offer_id: int, person_id: int) -> QuerySet[Offer]:
    return Offer.objects.select_related("case").filter(pk=offer_id, operator_id=person_id)


@atomic
def decline(offer_id: int, person: Person, reason: str, now: datetime) -> None:
    """Not now, and why; it rings elsewhere at once."""
    offer = next(iter(_own(offer_id, person.pk)), None)
    if offer is not None and _end(offer, State.RINGING, State.DECLINED, reason, now):
        people.picked_up(person.pk)
        _tell("offer.declined", offer, now, person.actor, reason=reason[:200])


@once_more
def take(case_id: int, person: Person, now: datetime) -> Case:
    """Take a case by hand. Raises Refused when a colleague holds it or it rings there (supervisors may anyway)."""
    case = cases.lock(case_id)
    pick_up(case, live_offer(case_id), person, now)
    return case


def pick_up(case: Case, current: Offer | None, person: Person, now: datetime) -> Offer:
    """The locked case, which rings or is held by `current`, becomes theirs. Raises Refused as `take` does."""
    if current is not None:
        current.case = case
        if current.operator_id == person.pk:
            if current.state == State.RINGING:
                _accept(current, case, person, now)
            return current
    refuse_if_asked(case.pk, person)
    refuse_if_awaiting(case)
    if current is not None:
        if not may(person, May.REASSIGN):
            raise Refused("held", _("%(name)s has this case.") % {"name": current.operator.name})
        let_go_of(current, _("taken over"), now, person.actor)
    weight = weight_by_hand(person.pk, case.account.channel)
    offer = Offer(case=case, operator=person, state=State.ACCEPTED, weight=weight, rang_at=now, until=now,
                  accepted_at=now, why={"taken": True})  # fmt: skip
    people.force_fill(person.pk, weight)
    if not insert(offer, now):
        raise Refused("held", _("A colleague has just taken this case."))
    cases.hold(case, person, pinned_to=None, snoozed_until=None)
    _tell("offer.accepted", offer, now, person.actor, taken=True)
    return offer


def let_go_of(
    offer: Offer, reason: str, now: datetime, actor: str, ends: State | None = None, **told: object
) -> bool:  # fmt: skip
    """End a ring or a hold; a hold that its own operator ended may be followed by wrap-up."""
    rang = offer.state == State.RINGING
    rest = 0 if rang else _wrap_up_seconds(offer, reason, actor)
    if rest:
        withdraw_rings(offer.operator_id, "wrap_up", now, actor)
    if not _end(offer, offer.state, ends or (State.WITHDRAWN if rang else State.ENDED), reason, now):
        return False
    if not rang:
        cases.hold(offer.case, None)
    _tell("offer.withdrawn" if rang else "offer.ended", offer, now, actor, reason=reason, **told)
    if rest:
        people.wrap_up(offer.operator_id, rest, now)
    return True


def _wrap_up_seconds(offer: Offer, reason: str, actor: str) -> int:
    if not earns_rest(reason, actor == f"person:{offer.operator_id}"):
        return 0
    return next((seconds for (seconds,) in _wrap_up(offer.case.brand_id)), 0)


@prepared
def _wrap_up(brand_id: int) -> QuerySet[Queue, tuple[int]]:
    return Queue.objects.filter(brand_id=brand_id).values_list("wrap_up_seconds")


def withdraw_rings(person_id: int, reason: str, now: datetime, actor: str) -> None:
    """What rings at a desk that is about to be closed to rings goes elsewhere. Call it before the desk is touched."""
    for offer in Offer.objects.select_related("case").filter(operator=person_id, state=State.RINGING):
        let_go_of(offer, reason, now, actor)


def refuse_if_held(case: Case, person: Person) -> Offer | None:
    """Raise Refused when a colleague holds the locked case, unless they may reassign; returns its live offer."""
    refuse_if_asked(case.pk, person)
    refuse_if_awaiting(case)
    live = live_offer(case.pk)
    if (
        live is not None and live.state == State.ACCEPTED and live.operator_id != person.pk
        and not may(person, May.REASSIGN)
    ):  # fmt: skip
        raise Refused("held", _("%(name)s has this case.") % {"name": live.operator.name})
    return live


@atomic
def let_go(case_id: int, reason: str, now: datetime, actor: str = "system") -> bool:
    """Nobody holds the case any more, nor does it ring; if something waits in it, it will ring anew."""
    return release(cases.lock(case_id), reason, now, actor)


def release(case: Case, reason: str, now: datetime, actor: str = "system") -> bool:
    """`let_go` of a locked case."""
    offer = live_offer(case.pk)
    if offer is None:
        return False
    offer.case = case
    return let_go_of(offer, reason, now, actor)


def release_if_away(case: Case, person_id: int, now: datetime) -> bool:
    """The locked case waits and whoever holds it has gone meanwhile: it rings elsewhere."""
    offer = live_offer(case.pk)
    gone = Desk.objects.filter(person=person_id, state=Desk.State.OFFLINE).exists()
    if offer is None or offer.operator_id != person_id or not gone or case.waiting_since is None:
        return False
    return release(case, "offline", now)


@atomic
def after_reply(case: Case, offer: Offer | None, now: datetime, actor: str) -> None:
    """The locked case was answered or disposed: its hold `offer` ends, unless the customer sits in a live chat."""
    if case.waiting_since is not None:
        return
    if case.pinned_to_id is not None:
        Case.objects.filter(pk=case.pk).update(pinned_to=None)
        case.pinned_to = None
    live = channel(case.account.channel).capabilities.live and case.closed_at is None
    if offer is not None and (not live or offer.state == State.RINGING):
        offer.case = case
        let_go_of(offer, "answered", now, actor)


@once_more
def transfer(case_id: int, to: Person | None, reason: str, by: Person, now: datetime) -> None:
    """Pass the case on: to somebody (it rings there first) or, with None, to whoever is free."""
    case = cases.lock(case_id)
    current = Offer.objects.select_related("case").filter(case_id=case_id, state__in=Offer.LIVE).first()
    if current is not None and current.operator_id != by.pk and not may(by, May.REASSIGN):
        raise Refused("held", _("Only who holds the case or a supervisor can pass it on."))
    refuse_if_asked(case_id, None)
    refuse_if_awaiting(case)
    if to is not None and not to.is_active:
        raise Refused("inactive", _("%(name)s no longer works here.") % {"name": to.name})
    if to is not None and case.waiting_since is not None and not weight_at(to.pk, case.account.channel):
        raise Refused("none_of_these", _("Nothing of this channel rings at %(name)s's desk.") % {"name": to.name})
    if current is not None:
        # Who passes it on has declined it: it does not ring back at once.
        ends = State.DECLINED if current.operator_id == by.pk != (to.pk if to else None) else None
        let_go_of(current, reason or "passed on", now, by.actor, ends)
    Case.objects.filter(pk=case_id).update(pinned_to=to, last_operator=to or case.last_operator_id, snoozed_until=None)
    record(event("case.passed", now, by.actor, case_id=case_id, operator_id=to.pk if to else None,
                 brand_id=case.brand_id, to=to.pk if to else None, reason=reason[:200]))  # fmt: skip
    if case.waiting_since is None and to is not None:
        take_quietly(case, to, now)
    wakeup.wake("routing")


def take_quietly(case: Case, person: Person, now: datetime) -> None:
    """Nothing waits in it, so nothing rings: the case is simply theirs."""
    weight = weight_by_hand(person.pk, case.account.channel)
    people.force_fill(person.pk, weight)
    offer = Offer(case=case, operator=person, state=State.ACCEPTED, weight=weight, rang_at=now, until=now,
                  accepted_at=now, why={"passed": True})  # fmt: skip
    if insert(offer, now):
        cases.hold(case, person)
        _tell("offer.accepted", offer, now, passed=True)
