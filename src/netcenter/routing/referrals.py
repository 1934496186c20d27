"""Handing a case on to whoever is responsible, and what becomes of it (DESIGN §5).

While somebody is asked the case rings nowhere, its promise runs on, and the operator stays informed. Whoever answers,
gives back or takes back holds the case's lock; reminding and climbing do not need it: each change says from which
state, and counts.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from netcenter.cases import actions as cases
from netcenter.cases.models import Case
from netcenter.events.actions import SYSTEM, event, record
from netcenter.events.models import Event
from netcenter.events.queries import of_case
from netcenter.lib import wakeup
from netcenter.lib.again import once_more
from netcenter.lib.refused import Refused
from netcenter.people import letters
from netcenter.people.areas import TOPIC, responsible
from netcenter.people.models import Area, Desk, Person
from netcenter.people.permissions import May, may
from netcenter.routing import actions as routing
from netcenter.routing.asked import open_of, open_referral, refuse_if_awaiting, refuse_unless_asked
from netcenter.routing.climbing import first_mark, marks_passed, next_asked, time_to_answer
from netcenter.routing.models import Referral
from netcenter.routing.queries import live_offer
from netcenter.standards.queries import hours_of, running_promise
from netcenter.standards.rules import add_open_time

Outcome = Referral.Outcome
BATCH = 200
NOTE = 300  # characters


@once_more
def hand_on(case_id: int, area: Area, question: str, by: Person, now: datetime) -> Referral:
    """Ask whoever is responsible for the area; the desk of who handed it on is free. Raises Refused."""
    case = cases.lock(case_id)
    question = question.strip()
    if not question:
        raise Refused("no_question", _("Write what you ask."), field="question")
    refuse_if_awaiting(case)
    if case.waiting_since is None:
        raise Refused("nothing_waits", _("Nobody waits for an answer here: there is nothing to hand on."))
    held = live_offer(case_id)
    if held is not None and held.operator_id != by.pk and not may(by, May.REASSIGN):
        raise Refused("held", _("%(name)s has this case.") % {"name": held.operator.name})
    owner = next((p for p in responsible(area) if p.pk != by.pk), None)
    if owner is None:
        raise Refused("no_owner", _("Nobody else is responsible for %(area)s.") % {"area": area.name}, field="area")
    due = _due(case, area, now)
    referral = Referral(case=case, area=area, owner=owner, operator=by, question=question, at=now, due_at=due,
                        remind_at=first_mark(now, due))  # fmt: skip
    try:
        with transaction.atomic():
            referral.save(force_insert=True)
    except IntegrityError as error:
        raise Refused("handed_on", _("It has been handed on already.")) from error
    routing.let_go(case_id, "handed_on", now, by.actor)
    Case.objects.filter(pk=case_id).update(pinned_to=None, snoozed_until=None, last_operator=by)
    _tell("referral.asked", referral, owner.pk, now, by.actor, due_at=due.isoformat(), question=question[:NOTE])
    letters.write([owner], "asked", now, referral=referral.pk)
    return referral


def _due(case: Case, area: Area, now: datetime) -> datetime:
    """The area's minutes in the hours of the customer's promise, or that promise when it comes first."""
    promise = running_promise(case.pk)
    area_due = None
    if promise is not None and promise.standard is not None:
        area_due = add_open_time(now, area.promise_minutes, hours_of(promise.standard.calendar, now))
    if area_due is None:
        area_due = now + timedelta(minutes=area.promise_minutes)
    return time_to_answer(now, area_due, promise.due_at if promise else None)


def _tell(kind: str, referral: Referral, to: int, now: datetime, actor: str = SYSTEM, **data: object) -> None:
    """Write it down: it concerns `to`, and is told with where it is now."""
    record(event(kind, now, actor, case_id=referral.case_id, operator_id=to,
                 brand_id=referral.case.brand_id, referral=referral.pk, area=referral.area.name,
                 owner=referral.owner_id, operator=referral.operator_id, **data))  # fmt: skip
    wakeup.wake(TOPIC)


# --- How it ends ------------------------------------------------------------------------------------------------------


def answer(case: Case, by: Person, now: datetime) -> None:
    """The customer was answered: what was asked in the case is over. Within the transaction of the answer."""
    referral = next(iter(open_of(case.pk)), None)
    # Whoever is asked by now: it may just climb, and the customer has the answer all the same.
    if referral is not None and _end(referral, Outcome.ANSWERED, now, whoever=True):
        _tell("referral.answered", referral, referral.operator_id, now, by.actor)


@transaction.atomic
def tell(referral_id: int, owner: Person, text: str, now: datetime) -> None:
    """Tell the operator instead of the customer: a note in the case, which rings again. Raises Refused."""
    referral = _mine(referral_id, owner)
    cases.note(referral.case_id, owner, text, [referral.operator], now)
    if not _end(referral, Outcome.ANSWERED, now):
        raise Refused("over", _("It is no longer asked of you."))
    _tell("referral.told", referral, referral.operator_id, now, owner.actor)
    wakeup.wake("routing")


@transaction.atomic
def give_back(referral_id: int, owner: Person, reason: str, now: datetime) -> None:
    """It is not theirs, or they cannot; it rings again. Raises Refused."""
    reason = reason.strip()[:NOTE]
    if not reason:
        raise Refused("no_reason", _("Say why you give it back."))
    referral = _mine(referral_id, owner)
    if not _end(referral, Outcome.GIVEN_BACK, now, reason):
        raise Refused("over", _("It is no longer asked of you."))
    _tell("referral.given_back", referral, referral.operator_id, now, owner.actor, reason=reason)
    wakeup.wake("routing")


def _mine(referral_id: int, owner: Person) -> Referral:
    """What is asked of the person, with its case locked. Raises Refused when it no longer is."""
    found = Referral.objects.filter(pk=referral_id).values_list("case_id", flat=True).first()
    if found is None:
        raise Refused("over", _("It is no longer asked of you."))
    cases.lock(found)
    referral = Referral.objects.select_related("owner", "operator", "area", "case").get(pk=referral_id)
    refuse_unless_asked(referral, owner)
    return referral


@once_more
def take_back(case_id: int, by: Person, now: datetime) -> Case:
    """An operator takes the case after all; who was asked is told. Raises Refused when nobody is asked any more."""
    cases.lock(case_id)
    # It may be climbing at this moment: then it is taken from whom it climbs to.
    Referral.objects.select_for_update().filter(case_id=case_id, ended_at=None).first()
    referral = open_referral(case_id)
    if referral is None or not _end(referral, Outcome.TAKEN_BACK, now):
        raise Refused("over", _("Nobody is asked any more."))
    _tell("referral.taken_back", referral, referral.owner_id, now, by.actor)
    if referral.operator_id not in (by.pk, referral.owner_id):
        _tell("referral.news", referral, referral.operator_id, now, by.actor)
    letters.write({referral.owner_id} - {by.pk}, "taken_back", now, referral=referral.pk)
    return routing.take(case_id, by, now)


def _end(referral: Referral, outcome: Outcome, now: datetime, note: str = "", *, whoever: bool = False) -> bool:
    """End it, unless it has ended or (but for `whoever`) gone on to somebody else meanwhile."""
    still = Referral.objects.filter(pk=referral.pk, ended_at=None)
    still = still if whoever else still.filter(owner=referral.owner_id)
    return bool(still.update(ended_at=now, outcome=outcome, note=note, remind_at=None))


@transaction.atomic
def seen(referral: Referral, now: datetime) -> None:
    """Whoever is asked has opened it: the operator may know."""
    fresh = Referral.objects.filter(pk=referral.pk, ended_at=None, owner=referral.owner_id, seen_at=None)
    if fresh.update(seen_at=now):
        _tell("referral.seen", referral, referral.operator_id, now, referral.owner.actor)


# --- Reminders that climb ---------------------------------------------------------------------------------------------


def remind(now: datetime) -> datetime | None:
    """Remind whoever is asked, and let climb what they did not answer in time; returns when to look again.

    Any number of processes may: each step is taken once.
    """
    waiting = Referral.objects.select_related("owner", "operator", "area", "case").filter(ended_at=None)
    gone = waiting.filter(owner__is_active=False)
    for referral in [*gone[:BATCH], *waiting.filter(remind_at__lte=now).order_by("remind_at")[:BATCH]]:
        _step(referral, now)
    following = Referral.objects.filter(ended_at=None, remind_at__isnull=False).order_by("remind_at")
    return following.values_list("remind_at", flat=True).first()


@transaction.atomic
def _step(referral: Referral, now: datetime) -> None:
    passed, following = 3, referral.due_at
    if referral.owner.is_active and referral.remind_at is not None:
        passed, following = marks_passed(referral.reminders, referral.remind_at, referral.due_at, now)
    if passed >= 3:
        _climb(referral, now)
    elif passed > referral.reminders and _as_it_was(referral).update(reminders=passed, remind_at=following):
        _tell("referral.reminded", referral, referral.owner_id, now, due_at=referral.due_at.isoformat(), times=passed)
        _tell("referral.news", referral, referral.operator_id, now)
        letters.write([referral.owner_id], "reminded", now, referral=referral.pk)


def _as_it_was(referral: Referral):  # type: ignore[no-untyped-def]
    """The row, if nobody has changed it since it was read."""
    return Referral.objects.filter(pk=referral.pk, ended_at=None, owner=referral.owner_id, remind_at=referral.remind_at)


def _climb(referral: Referral, now: datetime) -> None:
    """To the next deputy, then to a supervisor; when nobody is left it rings again."""
    tried, above = _tried(referral)
    owners = [p.pk for p in responsible(referral.area) if p.pk != referral.operator_id]
    supervisors = _supervisors()
    found = next_asked(owners, supervisors, tried, above)
    before = referral.owner_id
    if found is None:
        if _as_it_was(referral).update(ended_at=now, outcome=Outcome.TAKEN_BACK, remind_at=None):
            _tell("referral.ran_out", referral, referral.operator_id, now)
            letters.write([before], "taken_back", now, referral=referral.pk)
            wakeup.wake("routing")
        return
    to, as_supervisor = found
    due = _due(referral.case, referral.area, now)
    if _as_it_was(referral).update(owner_id=to, due_at=due, remind_at=first_mark(now, due), reminders=0, seen_at=None):
        referral.owner_id = to
        _tell("referral.climbed", referral, to, now, before=before, supervisor=as_supervisor, due_at=due.isoformat())
        for one in {before, referral.operator_id} - {to}:
            _tell("referral.news", referral, one, now)
        letters.write([to], "climbed", now, referral=referral.pk, before=before)
        informed = {before, *(supervisors if as_supervisor else ())} - {to}
        letters.write(sorted(informed), "passed_on", now, referral=referral.pk, to=to)


def _tried(referral: Referral) -> tuple[set[int], bool]:
    """Who needs not be asked (again), and whether a supervisor was."""
    steps = _steps(referral)
    tried = {int(e.data["owner"]) for e in steps} | {referral.owner_id, referral.operator_id}
    return tried, any(e.data.get("supervisor") for e in steps)


def _steps(referral: Referral) -> list[Event]:
    """Each asking of somebody, by the record."""
    return [
        e for e in of_case(referral.case_id)
        if e.kind in ("referral.asked", "referral.climbed") and e.data.get("referral") == referral.pk
    ]  # fmt: skip


def asked_before(referral: Referral) -> set[int]:
    """Who was ever asked for this."""
    return {int(e.data["owner"]) for e in _steps(referral)}


def _supervisors() -> list[int]:
    """Who could take over from the responsible people: those at their desks first, then by name."""
    here = set(Desk.objects.exclude(state=Desk.State.OFFLINE).values_list("person_id", flat=True))
    people = Person.objects.filter(role=Person.Role.SUPERVISOR, is_active=True).order_by("name")
    return sorted(people.values_list("pk", flat=True), key=lambda pk: pk not in here)
