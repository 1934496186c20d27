"""Who works here: inviting, changing and dismissing people, their teams and skills. Nobody is ever deleted."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from netcenter.events.actions import event, record
from netcenter.lib import wakeup
from netcenter.lib.refused import Refused
from netcenter.lib.taken import refuse_if_taken
from netcenter.people.actions import desk_of
from netcenter.people.invitations import token_of
from netcenter.people.models import Desk, Person, PersonSkill, Skill, Team

Role = Person.Role


@dataclass(frozen=True)
class Details:
    """What an administrator says of somebody. `levels` is skill id -> 1 to 3."""

    name: str
    email: str
    role: str = Role.OPERATOR
    language: str = "es"
    timezone: str = "UTC"
    is_trainee: bool = False
    capacity: int | None = None  # percent of a desk; None: as it is
    brands: Iterable[int] = ()
    teams: Iterable[int] = ()
    levels: Mapping[int, int] = field(default_factory=dict)

    @property
    def columns(self) -> dict[str, Any]:
        return {
            "name": self.name.strip(), "email": self.email.strip().lower(), "role": self.role,
            "language": self.language, "timezone": self.timezone, "is_trainee": self.is_trainee,
        }  # fmt: skip


@transaction.atomic
def add(details: Details, now: datetime, actor: str, password: str | None = None) -> Person:
    """Somebody new, who chooses a password by invitation. Raises Refused when the address is taken."""
    with _address_is_free():
        person = Person.objects.create_user(password=password, **details.columns)
    _fill(person, details)
    record(event("person.added", now, actor, operator_id=person.pk, name=person.name, role=person.role))
    wakeup.wake("people", "routing")
    return person


@transaction.atomic
def change(person: Person, details: Details, now: datetime, actor: str) -> Person:
    """Raises Refused when the address is taken or nobody would be left to administer."""
    if details.role != Role.ADMINISTRATOR:
        _keep_one_administrator(person)
    with _address_is_free():
        Person.objects.filter(pk=person.pk).update(**details.columns)
    # allauth remembers whom it wrote to, and lets them in by that address: the old one opens nothing any more.
    EmailAddress.objects.filter(user=person).exclude(email=details.columns["email"]).delete()
    _fill(person, details)
    record(event("person.changed", now, actor, operator_id=person.pk, name=details.name, role=details.role))
    wakeup.wake("people", "routing")
    return person


def _fill(person: Person, details: Details) -> None:
    person.brands.set(details.brands)  # type: ignore[attr-defined]
    person.teams.set(details.teams)  # type: ignore[attr-defined]
    for skill_id, level in details.levels.items():
        PersonSkill.objects.update_or_create(person=person, skill_id=skill_id, defaults={"level": level})
    PersonSkill.objects.filter(person=person).exclude(skill_id__in=list(details.levels)).delete()
    desk_of(person)
    if details.capacity is not None:
        Desk.objects.filter(person=person).update(capacity=details.capacity)


@transaction.atomic
def deactivate(person: Person, now: datetime, actor: str) -> None:
    """They no longer work here: what they wrote stays, they cannot sign in. Raises Refused for the last one."""
    _keep_one_administrator(person)
    if Person.objects.filter(pk=person.pk, is_active=True).update(is_active=False):
        record(event("person.deactivated", now, actor, operator_id=person.pk))
        wakeup.wake("people", "routing")


@transaction.atomic
def reactivate(person: Person, now: datetime, actor: str) -> None:
    """They work here again."""
    if Person.objects.filter(pk=person.pk, is_active=False).update(is_active=True):
        record(event("person.reactivated", now, actor, operator_id=person.pk))
        wakeup.wake("people", "routing")


@transaction.atomic
def invite(person: Person, now: datetime, actor: str) -> str:
    """What stands in the link by which they choose a password; that somebody made one is on the record."""
    record(event("person.invited", now, actor, operator_id=person.pk))
    return token_of(person)


@transaction.atomic
def join(person: Person, password: str, now: datetime) -> Person:
    """The invited person chooses a password. Raises ValidationError when it is weak."""
    validate_password(password, person)
    person.set_password(password)
    person.save(update_fields=["password"])
    record(event("person.joined", now, person.actor, operator_id=person.pk))
    return person


@transaction.atomic
def set_preferences(person: Person, now: datetime, **chosen: Any) -> None:
    """One's own name, language, zone, density, sound and telephone."""
    own = ("name", "language", "timezone", "dense", "sound", "telephone")
    allowed = {k: v for k, v in chosen.items() if k in own}
    Person.objects.filter(pk=person.pk).update(**allowed)
    record(event("person.changed", now, person.actor, operator_id=person.pk, own=sorted(allowed)))
    wakeup.wake("people")


def _keep_one_administrator(person: Person) -> None:
    """Refuse what would leave nobody to administer; two at once wait for each other."""
    active = Person.objects.select_for_update().filter(role=Role.ADMINISTRATOR, is_active=True).order_by("pk")
    if [p.pk for p in active] == [person.pk]:
        raise Refused("last_administrator", _("Somebody must be able to administer. Make another administrator first."))


def _address_is_free() -> AbstractContextManager[None]:
    return refuse_if_taken("address_taken", _("Somebody with this address is here already."), field="email")


# --- Teams and skills -------------------------------------------------------------------------------------------------


@transaction.atomic
def save_team(team: Team | None, name: str, members: Iterable[int], now: datetime, actor: str) -> Team:
    """A new or changed team. Raises Refused when the name is taken."""
    kept = team or Team()
    kept.name = name.strip()
    with refuse_if_taken("name_taken", _("There is a team of this name already."), field="name"):
        kept.save()
    kept.members.set(members)
    record(event("team.changed" if team else "team.added", now, actor, team=kept.pk, name=kept.name))
    wakeup.wake("people", "routing")
    return kept


@transaction.atomic
def remove_team(team: Team, now: datetime, actor: str) -> None:
    """Queues that it answered alone are answered by everybody of the brand."""
    record(event("team.removed", now, actor, team=team.pk, name=team.name))
    team.delete()
    wakeup.wake("people", "routing")


@transaction.atomic
def save_skill(skill: Skill | None, code: str, name: str, now: datetime, actor: str) -> Skill:
    """A new or renamed skill; its code never changes, since cases ask for it. Raises Refused when it is taken."""
    kept = skill or Skill(code=code.strip().lower())
    kept.name = name.strip()
    with refuse_if_taken("code_taken", _("There is a skill with this code already."), field="code"):
        kept.save()
    record(event("skill.changed" if skill else "skill.added", now, actor, skill=kept.pk, code=kept.code))
    wakeup.wake("people", "routing")
    return kept


@transaction.atomic
def remove_skill(skill: Skill, now: datetime, actor: str) -> None:
    """Nobody has it and no queue asks for it any more."""
    record(event("skill.removed", now, actor, skill=skill.pk, code=skill.code))
    skill.delete()
    wakeup.wake("people", "routing")


def weaknesses(password: str, person: Person) -> list[str]:
    """What is wrong with a password, in words; nothing when it is good."""
    try:
        validate_password(password, person)
    except ValidationError as error:
        return list(error.messages)
    return []
