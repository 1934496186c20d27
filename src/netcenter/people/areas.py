"""Areas of the company: what belongs there, and who is responsible for it, then their deputies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Prefetch, ProtectedError, QuerySet
from django.utils.translation import gettext as _

from netcenter.events.actions import event, record
from netcenter.lib import wakeup
from netcenter.lib.refused import Refused
from netcenter.lib.taken import refuse_if_taken
from netcenter.people.models import Area, Ownership, Person

TOPIC = "referrals"  # woken when who is responsible changes: what is open may have to go on to somebody else


@dataclass(frozen=True)
class AreaDetails:
    """What is said of an area. `people`: the responsible person, then the deputies, in the order of climbing."""

    name: str
    about: str = ""
    promise_minutes: int = 240
    people: Sequence[int] = ()


@transaction.atomic
def save_area(area: Area | None, details: AreaDetails, now: datetime, actor: str) -> Area:
    """A new or changed area. Raises Refused when the name is taken or somebody is named twice."""
    if len(set(details.people)) != len(details.people):
        raise Refused("twice", _("Somebody is named twice."), field="people")
    kept = area or Area()
    kept.name, kept.about = details.name.strip(), details.about.strip()
    kept.promise_minutes = details.promise_minutes
    with refuse_if_taken("name_taken", _("There is an area of this name already."), field="name"):
        kept.save()
    Ownership.objects.filter(area=kept).exclude(person__in=details.people).delete()
    for position, person_id in enumerate(details.people):
        Ownership.objects.update_or_create(area=kept, person_id=person_id, defaults={"position": position})
    record(event("area.changed" if area else "area.added", now, actor, area=kept.pk, name=kept.name,
                 people=list(details.people)))  # fmt: skip
    wakeup.wake(TOPIC)
    return kept


@transaction.atomic
def join_area(area: Area, person: Person, now: datetime, actor: str) -> None:
    """One more person, last in order."""
    known = list(Ownership.objects.filter(area=area).order_by("position").values_list("person_id", "position"))
    position = max((at for _person, at in known), default=-1) + 1
    _row, new = Ownership.objects.get_or_create(area=area, person=person, defaults={"position": position})
    if new:
        record(event("area.changed", now, actor, area=area.pk, name=area.name,
                     people=[*(p for p, _at in known), person.pk]))  # fmt: skip
        wakeup.wake(TOPIC)


@transaction.atomic
def remove_area(area: Area, now: datetime, actor: str) -> None:
    """Raises Refused once a case was handed on to it: what happened stays readable."""
    pk = area.pk
    try:
        with transaction.atomic():
            area.delete()
    except ProtectedError as error:
        raise Refused(
            "in_use", _("Cases were handed on to it. Take its people away: then nothing is handed on to it any more.")
        ) from error
    record(event("area.removed", now, actor, area=pk, name=area.name))
    wakeup.wake(TOPIC)


def areas() -> QuerySet[Area]:
    """Every area, with its active people in order as `owners`."""
    active = Ownership.objects.filter(person__is_active=True).select_related("person").order_by("position", "id")
    return Area.objects.prefetch_related(Prefetch("ownerships", active, to_attr="owners"))


def responsible(area: Area) -> list[Person]:
    """Who is responsible for it now, then the deputies."""
    owned = Ownership.objects.filter(area=area, person__is_active=True).select_related("person")
    return [o.person for o in owned.order_by("position", "id")]
