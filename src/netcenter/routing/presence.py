"""What somebody's state does to what rings for them and what they hold: a break, an absence, a return."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from netcenter.cases import actions as cases
from netcenter.cases.calls import case_is_live
from netcenter.cases.models import Draft, Message, Note
from netcenter.lib.again import once_more
from netcenter.lib.refused import Refused
from netcenter.lib.transactions import atomic
from netcenter.people import actions as people
from netcenter.people.models import Desk, Person
from netcenter.people.permissions import May, may
from netcenter.routing.actions import let_go_of, withdraw_rings
from netcenter.routing.forgetting import LEAD, LEAST, is_forgotten
from netcenter.routing.models import Offer

State = Offer.State
FORGOTTEN = "forgotten"  # why a hold ended
_MOVES = Q(case__approval_since=None)  # what waits for approval leaves nobody's desk by itself


@once_more
def set_state(person: Person, state: str, now: datetime, by: Person, reason: str = "", note: str = "") -> None:
    """Change presence. What rings at a desk that is no longer available rings elsewhere; who goes holds nothing."""
    _refuse_unless_theirs(person, by)
    if state == Desk.State.AVAILABLE and not may(person, May.ANSWER):
        raise Refused("no_desk", _("%(name)s answers only when asked: nothing rings for them.") % {"name": person.name})
    if state != Desk.State.AVAILABLE:
        withdraw_rings(person.pk, state, now, by.actor)
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
        withdraw_rings(person.pk, "no_more", now, by.actor)
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
    return let_go_of(offer, reason, now, "system", **told)
