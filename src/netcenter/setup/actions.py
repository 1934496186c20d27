"""What needs several rooms at once: the first run, a brand with its queue, and somebody's leaving."""

from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils.translation import gettext as _

from netcenter.accounts import actions as accounts
from netcenter.accounts.actions import BrandDetails
from netcenter.accounts.models import Brand
from netcenter.cases.models import Case
from netcenter.people import staff
from netcenter.people.areas import join_area
from netcenter.people.breaks import add_usual_breaks
from netcenter.people.models import Area, Desk, Person
from netcenter.people.staff import Details
from netcenter.routing import actions as routing
from netcenter.routing import presence
from netcenter.routing.models import Offer
from netcenter.routing.queues import QueueDetails, ensure_queue, set_queue
from netcenter.standards import rulebook
from netcenter.standards.actions import install_defaults
from netcenter.standards.rulebook import Week

FIRST_RUN = "setup"  # the actor of what happens before anybody is known
LANGUAGES = (("es", "Español"), ("en", "English"), ("pt", "Português"))
OFFICE = [["09:00", "18:00"]]


@dataclass(frozen=True)
class Beginning:
    """What the first-run page asks."""

    organisation: str
    language: str
    timezone: str
    country: str
    name: str
    email: str
    password: str


@transaction.atomic
def begin(first: Beginning, now: datetime) -> Person:
    """Make the installation somebody's: one organisation, brand, team, administrator, standards. Once, or Refused."""
    accounts.found(first.organisation, first.language, first.timezone, now, FIRST_RUN)
    person = staff.add(
        Details(first.name, first.email, Person.Role.ADMINISTRATOR, first.language, first.timezone),
        now, FIRST_RUN, password=first.password,
    )  # fmt: skip
    staff.save_team(None, _("Customer service"), [person.pk], now, person.actor)
    for code, name in LANGUAGES:
        staff.save_skill(None, f"language:{code}", name, now, person.actor)
    details = BrandDetails(first.organisation[:80], first.language[:2], people=[person.pk])
    save_brand(None, details, now, person.actor)
    add_usual_breaks(now, person.actor)
    always = install_defaults(first.timezone)
    rulebook.save_calendar(always, Week(always.name, first.timezone, always=True), now, person.actor)
    week = {str(day): OFFICE for day in range(5)}
    office = Week(_("Office hours"), first.timezone, hours=week, country=first.country)
    rulebook.save_calendar(None, office, now, person.actor)
    return person


@transaction.atomic
def save_brand(
    brand: Brand | None, details: BrandDetails, now: datetime, actor: str, queue: QueueDetails | None = None
) -> Brand:  # fmt: skip
    """A brand, which always has a queue; who is rung stays as it was unless it is told."""
    kept = accounts.save_brand(brand, details, now, actor)
    if queue is None:
        ensure_queue(kept, now, actor)
    else:
        set_queue(kept, queue, now, actor)
    return kept


@transaction.atomic
def add_owner(
    area: Area, name: str, email: str, language: str, timezone: str, now: datetime, actor: str
) -> Person:  # fmt: skip
    """Somebody new who is only responsible, last in the area's order. Raises Refused when the address is taken."""
    person = staff.add(Details(name, email, Person.Role.OWNER, language, timezone), now, actor)
    join_area(area, person, now, actor)
    return person


@transaction.atomic
def deactivate(person: Person, now: datetime, by: Person) -> None:
    """They no longer work here: their sessions end, what they held rings elsewhere. Raises Refused."""
    staff.deactivate(person, now, by.actor)
    presence.set_state(person, Desk.State.OFFLINE, now, by, "deactivated")
    Case.objects.filter(pinned_to=person).update(pinned_to=None)
    held = Offer.objects.filter(operator=person, state__in=Offer.LIVE).order_by("case_id")
    for case_id in list(held.values_list("case_id", flat=True)):
        routing.let_go(case_id, "deactivated", now, by.actor)
    end_sessions(person)


def end_sessions(person: Person) -> None:
    """Sign somebody out everywhere."""
    for session in UserSession.objects.filter(user=person):
        session.end()
