"""Ringing, picking up, passing on: the only writers of offers (law 3).

Order of locks, so that nothing waits for itself: case, then offer, then desk. What needs two desks may still meet
somebody who needs them the other way round, and then tries once more.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from netcenter.cases import actions as cases
from netcenter.cases.calls import case_is_live
from netcenter.cases.models import Case, Draft, Message, Note
from netcenter.channels.registry import channel
from netcenter.events.actions import event, record
from netcenter.lib import wakeup
from netcenter.lib.again import once_more
from netcenter.lib.bulk import insert_many
from netcenter.lib.prepared import Update, prepared, prepared_update
from netcenter.lib.refused import Refused
from netcenter.lib.transactions import atomic
from netcenter.people import actions as people
from netcenter.people.capacity import weight_at, weight_by_hand
from netcenter.people.models import Desk, Person
from netcenter.people.permissions import May, may
from netcenter.people.rules import earns_rest
from netcenter.routing.asked import refuse_if_asked, refuse_if_awaiting
from netcenter.routing.forgetting import LEAD, LEAST, is_forgotten
from netcenter.routing.models import Offer, Queue, Referral
from netcenter.routing.queries import live_offer, waiting_cases
from netcenter.routing.rules import Pair

if TYPE_CHECKING:
    from netcenter.routing.switchboard import Rung

State = Offer.State
FORGOTTEN = "forgotten"  # why a hold ended
_MOVES = Q(case__approval_since=None)  # what waits for approval leaves nobody's desk by itself


def ring(now: datetime) -> "Rung":
    """Ring what can be rung now: one round of a switchboard, made for it."""
    from netcenter.routing.switchboard import ring  # it makes its rings here

    return ring(now)


def make(pairs: Sequence[Pair], seconds: Mapping[int, int], now: datetime) -> set[int]:
    """Ring those of the pairs that are still possible; returns their cases. `seconds`: brand to how long it rings.

    Cases and desks are locked without waiting: what somebody else has in hand is theirs.
    """
    with transaction.atomic():
        brand_of, room = _lock([p.case_id for p in pairs], [p.operator_id for p in pairs], now)
        offers = []
        for p in pairs:
            if p.case_id not in brand_of or room.pop(p.operator_id, -1) < p.weight:  # one ring a desk
                continue
            until = now + timedelta(seconds=seconds.get(brand_of[p.case_id], settings.RING_SECONDS))
            offers.append(Offer(case_id=p.case_id, operator_id=p.operator_id, weight=p.weight, rang_at=now,
                                until=until, why=p.why))  # fmt: skip
        people.fill({o.operator_id: o.weight for o in offers})
        offers = _insert_all(offers, now)
        record(*(
            event("offer.rang", now, case_id=o.case_id, operator_id=o.operator_id, brand_id=brand_of[o.case_id],
                  offer=o.pk, until=o.until.isoformat(), why=o.why)
            for o in offers
        ))  # fmt: skip
    return {o.case_id for o in offers}


def _lock(case_ids: list[int], operator_ids: list[int], now: datetime) -> tuple[dict[int, int], dict[int, int]]:
    """Those of the cases and desks that nobody else has in hand, locked, and that do not ring: the cases' brands, and
    how much room the desks have.

    What rings is looked at after the locks are held: an offer that a colleague is just now picking up or declining
    still rings for us, so that we never wait for them while they wait for the desk.
    """
    mine = dict(_cases(now, case_ids))
    room = people.lock_desks(operator_ids)
    for (case_id,) in _asked(case_ids):
        mine.pop(case_id, None)
    for case_id, operator_id, state in _live(case_ids, operator_ids):
        mine.pop(case_id, None)
        if state == State.RINGING:
            room.pop(operator_id, None)
    return mine, room


@prepared
def _cases(now: datetime, ids: Sequence[int]) -> QuerySet[Case, tuple[int, int]]:
    rows = waiting_cases(now).filter(pk__in=ids).order_by("pk")
    return rows.select_for_update(skip_locked=True, no_key=True).values_list("pk", "brand_id")


@prepared
def _asked(case_ids: Sequence[int]) -> QuerySet[Referral, tuple[int]]:
    return Referral.objects.filter(case_id__in=case_ids, ended_at=None).values_list("case_id")


@prepared
def _live(case_ids: Sequence[int], operator_ids: Sequence[int]) -> QuerySet[Offer, tuple[int, int, str]]:
    elsewhere = Q(case_id__in=case_ids, state__in=Offer.LIVE)
    live = Offer.objects.filter(elsewhere | Q(operator_id__in=operator_ids, state=State.RINGING))
    return live.values_list("case_id", "operator_id", "state")


def _insert_all(offers: list[Offer], now: datetime) -> list[Offer]:
    """Insert them in one statement; when one of them is not possible any more, one by one. Returns those inserted."""
    try:
        with transaction.atomic():
            insert_many(offers)
    except IntegrityError:
        return [offer for offer in offers if _insert(offer, now)]
    return offers


def _insert(offer: Offer, now: datetime) -> bool:
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
        _let_go(current, _("taken over"), now, person.actor)
    weight = weight_by_hand(person.pk, case.account.channel)
    offer = Offer(case=case, operator=person, state=State.ACCEPTED, weight=weight, rang_at=now, until=now,
                  accepted_at=now, why={"taken": True})  # fmt: skip
    people.force_fill(person.pk, weight)
    if not _insert(offer, now):
        raise Refused("held", _("A colleague has just taken this case."))
    cases.hold(case, person, pinned_to=None, snoozed_until=None)
    _tell("offer.accepted", offer, now, person.actor, taken=True)
    return offer


def _let_go(
    offer: Offer, reason: str, now: datetime, actor: str, ends: State | None = None, **told: object
) -> bool:  # fmt: skip
    """End a ring or a hold; a hold that its own operator ended may be followed by wrap-up."""
    rang = offer.state == State.RINGING
    rest = 0 if rang else _wrap_up_seconds(offer, reason, actor)
    if rest:
        _withdraw_rings(offer.operator_id, "wrap_up", now, actor)
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


def _withdraw_rings(person_id: int, reason: str, now: datetime, actor: str) -> None:
    """What rings at a desk that is about to be closed to rings goes elsewhere. Call it before the desk is touched."""
    for offer in Offer.objects.select_related("case").filter(operator=person_id, state=State.RINGING):
        _let_go(offer, reason, now, actor)


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
    return _let_go(offer, reason, now, actor)


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
        _let_go(offer, "answered", now, actor)


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
        _let_go(current, reason or "passed on", now, by.actor, ends)
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
    if _insert(offer, now):
        cases.hold(case, person)
        _tell("offer.accepted", offer, now, passed=True)


@once_more
def set_state(person: Person, state: str, now: datetime, by: Person, reason: str = "", note: str = "") -> None:
    """Change presence. What rings at a desk that is no longer available rings elsewhere; who goes holds nothing."""
    _refuse_unless_theirs(person, by)
    if state == Desk.State.AVAILABLE and not may(person, May.ANSWER):
        raise Refused("no_desk", _("%(name)s answers only when asked: nothing rings for them.") % {"name": person.name})
    if state != Desk.State.AVAILABLE:
        _withdraw_rings(person.pk, state, now, by.actor)
    if state == Desk.State.OFFLINE:
        held = Offer.objects.filter(_MOVES, operator=person, state=State.ACCEPTED).order_by("case_id")
        for offer_id, case_id in list(held.values_list("pk", "case_id")):
            _release(offer_id, case_id, "offline", now)
    people.set_state(person, state, now, by.actor, reason, note)


@once_more
def set_no_more(person: Person, on: bool, now: datetime, by: Person, note: str = "") -> None:
    """Finish what they have, and nothing new rings. What rings there at this moment rings elsewhere."""
    _refuse_unless_theirs(person, by)
    if on:
        _withdraw_rings(person.pk, "no_more", now, by.actor)
    people.set_no_more(person, on, now, by.actor, note)


def _refuse_unless_theirs(person: Person, by: Person) -> None:
    if by.pk != person.pk and not may(by, May.REASSIGN):
        raise Refused("not_yours", _("Only a supervisor can change a colleague's state."))


def release_gone(now: datetime) -> int:
    """Who closed the laptop or lost the network is set offline; what rang or waited there rings elsewhere.

    So does a ring that began while its operator was changing state.
    """
    gone = people.leave_gone(now)
    held = Offer.objects.filter(_MOVES, state__in=Offer.LIVE, operator__desk__in=people.gone())
    closed = ~Q(operator__desk__state=Desk.State.AVAILABLE) | Q(operator__desk__no_more=True)
    astray = Offer.objects.filter(closed, state=State.RINGING)
    found = set(held.values_list("case_id", "pk")) | set(astray.values_list("case_id", "pk"))
    for case_id, offer_id in sorted(found):
        _release(offer_id, case_id, "gone", now)
    return len(gone)


def take_back(now: datetime) -> int:
    """What was picked up and then forgotten rings again before its promise breaks (DESIGN §5): see `is_forgotten`.

    Who is writing is left in peace; so is who wrote, noted or answered lately.
    """
    drafted = Draft.objects.filter(case=OuterRef("case"), person=OuterRef("operator")).values("updated_at")[:1]
    noted = Note.objects.filter(case=OuterRef("case"), author=OuterRef("operator")).order_by("-at").values("at")[:1]
    said = Message.objects.filter(case=OuterRef("case"), operator=OuterRef("operator")).order_by("-sent_at")
    near = Offer.objects.filter(
        _MOVES, state=State.ACCEPTED, case__waiting_since__isnull=False, case__due_at__lte=now + LEAD,
        accepted_at__lte=now - LEAST,
    ).exclude(case__writinglock__until__gt=now)  # fmt: skip
    held = near.annotate(drafted=Subquery(drafted), noted=Subquery(noted), said=Subquery(said.values("sent_at")[:1]))
    taken = 0
    for offer in sorted(held.select_related("case"), key=lambda held: held.case_id):
        times = [t for t in (offer.accepted_at, offer.drafted, offer.noted, offer.said) if t is not None]
        active = max(times)
        if is_forgotten(now, offer.case.waiting_since, offer.case.due_at, active):  # type: ignore[arg-type]
            idle = now - max(active, offer.case.waiting_since)  # type: ignore[operator, type-var]
            minutes, due = max(1, round(idle.total_seconds() / 60)), offer.case.due_at
            taken += _release(offer.pk, offer.case_id, FORGOTTEN, now, minutes=minutes, due_at=due.isoformat())  # type: ignore[union-attr]
    return taken


def end_idle(now: datetime, idle: timedelta) -> int:
    """Live cases in which everything is answered and nobody wrote for a while give their desk back."""
    quiet = Offer.objects.filter(
        state=State.ACCEPTED, case__waiting_since=None, case__last_at__lt=now - idle, accepted_at__lt=now - idle
    ).exclude(case_is_live(now))
    found = list(quiet.order_by("case_id").values_list("pk", "case_id")[:200])
    return sum(_release(offer_id, case_id, "quiet", now) for offer_id, case_id in found)


@atomic
def _release(offer_id: int, case_id: int, reason: str, now: datetime, **told: Any) -> bool:
    """End one ring or hold, unless somebody has done so meanwhile or, for a quiet case, the customer has written."""
    case = cases.lock(case_id)
    offer = Offer.objects.select_related("case").filter(pk=offer_id, state__in=Offer.LIVE).first()
    answered = case.waiting_since is None
    if case.approval_since is not None:
        return False  # a reply that waits for approval keeps its writer: who approves it sends it in their name
    if offer is None or (reason == "quiet" and not answered) or (reason == FORGOTTEN and answered):
        return False
    return _let_go(offer, reason, now, "system", **told)
