"""How many cases of each kind fill somebody's desk: the channel says so, unless a supervisor said otherwise."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from netcenter.channels.registry import channel, channels
from netcenter.events.actions import event, record
from netcenter.lib import wakeup
from netcenter.lib.prepared import prepared
from netcenter.people.actions import desk_of
from netcenter.people.models import Capacity, Desk, Person
from netcenter.people.rules import FULL, weight

MOST = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16, 20, 25)  # what whole percents can say exactly


def weights_of(capacity: int, most: Mapping[str, int]) -> dict[str, int]:
    """What one case of each kind takes of a desk, in percent, where it is not what the channel says; 0: none ring.

    `capacity` is the desk's, `most` what is set for its person by kind.
    """
    defaults = {kind: network.capabilities.weight for kind, network in channels().items()}
    own = {kind: weight(default, most.get(kind), capacity) for kind, default in defaults.items()}
    return {kind: value for kind, value in own.items() if value != defaults[kind]}


def weight_at(person_id: int, kind: str) -> int:
    """What one case of this kind takes of this person's desk, in percent; 0: it may never ring there."""
    most = next((most for (most,) in _most(person_id, kind)), None)
    capacity = next((capacity for (capacity,) in _capacity(person_id)), None)
    return weight(channel(kind).capabilities.weight, most, FULL if capacity is None else capacity)


@prepared
def _most(person_id: int, kind: str) -> QuerySet[Capacity, tuple[int]]:
    return Capacity.objects.filter(person_id=person_id, channel=kind).values_list("most")


@prepared
def _capacity(person_id: int) -> QuerySet[Desk, tuple[int]]:
    return Desk.objects.filter(person_id=person_id).values_list("capacity")


def weight_by_hand(person_id: int, kind: str) -> int:
    """The same for a case that somebody takes by hand: also what may never ring there fills the desk it lies on."""
    return weight_at(person_id, kind) or channel(kind).capabilities.weight


def most_of(person: Person) -> dict[str, int]:
    """What is set for the person: kind of channel to how many fill the desk."""
    return dict(Capacity.objects.filter(person=person).values_list("channel", "most"))


@transaction.atomic
def set_capacity(person: Person, percent: int, most: Mapping[str, int | None], now: datetime, actor: str) -> None:
    """How large the desk is and what fills it; None is as the channel says. What is held keeps its weight."""
    desk_of(person)
    Desk.objects.filter(person=person).update(capacity=percent)
    for kind, number in most.items():
        if number is None:
            Capacity.objects.filter(person=person, channel=kind).delete()
        else:
            Capacity.objects.update_or_create(person=person, channel=kind, defaults={"most": number})
    record(event("person.capacity", now, actor, operator_id=person.pk, percent=percent, most=most_of(person)))
    wakeup.wake("people", "routing")
