"""The people of the team's page: who is where, and what they have."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet
from markupsafe import Markup

from netcenter.cases.models import Case
from netcenter.channels.registry import channels
from netcenter.lib.prepared import prepared
from netcenter.look.formats import left, since
from netcenter.look.kept import Kept
from netcenter.look.rules import drain
from netcenter.people.models import Desk, Person, PersonSkill
from netcenter.people.permissions import May, may
from netcenter.routing.models import Offer

SEATS = Kept("boards/seat.html", "seat", 2000)
RANK = ["available", "busy", "wrap_up", "break", "offline"]
MOST_HELD = 500
SHOWN = 6  # of what somebody has


class Held(NamedTuple):
    """What the team's page shows of a case that somebody has."""

    pk: int
    channel: str
    name: str  # of the customer
    preview: str
    due_at: datetime | None


@dataclass
class Seat:
    """Somebody, where they are, and what they have."""

    person: Person
    desk: Desk
    skills: list[str] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    ringing: Offer | None = None


def team() -> list[Seat]:
    """Who is where of those who answer: the available first, the absent last."""
    seats = {p.pk: Seat(p, _desk(p)) for p in _people() if may(p, May.ANSWER)}
    for person_id, skill in _skills():
        if person_id in seats:
            seats[person_id].skills.append(skill)
    for holder_id, *values in _held():
        if holder_id in seats:
            seats[holder_id].held.append(Held._make(values))
    for offer in _ringing():
        if offer.operator_id in seats:
            seats[offer.operator_id].ringing = offer
    return sorted(seats.values(), key=lambda s: (RANK.index(s.desk.state), s.person.name))


@prepared
def _people() -> QuerySet[Person]:
    return Person.objects.filter(is_active=True).select_related("desk")


@prepared
def _skills() -> QuerySet[PersonSkill, tuple[int, str]]:
    return PersonSkill.objects.order_by("skill__name").values_list("person_id", "skill__name")


@prepared
def _held() -> QuerySet[Case, tuple[Any, ...]]:
    held = Case.objects.filter(holder__isnull=False, holder__is_active=True).order_by("due_at", "id")
    return held.values_list("holder_id", "id", "account__channel", "customer__name", "preview", "due_at")[:MOST_HELD]


@prepared
def _ringing() -> QuerySet[Offer]:
    return Offer.objects.filter(state=Offer.State.RINGING).select_related("case__customer", "case__account")


def _desk(person: Person) -> Desk:
    try:
        return person.desk
    except Desk.DoesNotExist:
        return Desk(person=person)


# --- Drawing ----------------------------------------------------------------------------------------------------------


class Who(NamedTuple):
    """Whose seat it is."""

    pk: int
    name: str
    skills: tuple[str, ...]
    role: str


class Where(NamedTuple):
    """What the page shows of a desk."""

    state: str
    reason: str
    back_to: str
    missed_in_row: int
    no_more: bool
    load: int
    capacity: int
    since: datetime | None
    until: datetime | None


class Moving(NamedTuple):
    """What of it changes while nothing happens: since when, and how long yet."""

    ago: str = ""
    is_live: bool = False
    state: str = ""
    width: int = 0  # of the bar, percent
    left: str = ""


def drawer(viewer: Person, now: datetime) -> Callable[[Seat], Markup]:
    """What draws a seat for this viewer."""
    draw, rights = SEATS.reader(), (may(viewer, May.REASSIGN), may(viewer, May.SET_STANDARDS))

    def seat(one: Seat) -> Markup:
        desk, person = one.desk, one.person
        who = Who(person.pk, person.name, tuple(one.skills), "" if one.skills else person.get_role_display())
        where = Where(
            desk.state, desk.reason, desk.back_to, desk.missed_in_row, desk.no_more, desk.load, desk.capacity,
            desk.since, desk.until,
        )  # fmt: skip
        ringing = one.ringing and (one.ringing.case_id, one.ringing.case.customer.called)
        held = tuple(_held_now(case, now) for case in one.held[:SHOWN])
        return draw(who, where, _moving(where, now), ringing, held, max(0, len(one.held) - SHOWN), *rights)

    return seat


def _moving(desk: Where, now: datetime) -> Moving:
    told = since(desk.since, now) if desk.since else ("", False)
    if desk.since is None or desk.until is None:
        return Moving(*told)
    at = drain(desk.since, desk.until, now)
    return Moving(*told, at.state, 100 if at.state == "broken" else round(100 * at.left), left(desk.until, now))


def _held_now(case: Held, now: datetime) -> tuple[Any, ...]:
    late = case.due_at is not None and case.due_at < now
    return case, left(case.due_at, now), late, channels().get(case.channel)
