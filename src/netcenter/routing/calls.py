"""Whoever speaks on the telephone has the case, and nothing else rings at their desk."""

from datetime import datetime

from netcenter.cases import actions as cases
from netcenter.events.actions import event, record
from netcenter.lib import wakeup
from netcenter.lib.refused import Refused
from netcenter.lib.transactions import atomic
from netcenter.people import actions as people
from netcenter.people.models import Desk, Person
from netcenter.people.rules import FULL, weight
from netcenter.routing.actions import pick_up
from netcenter.routing.models import Offer
from netcenter.routing.queries import live_offer


@atomic
def take_to_call(case_id: int, person: Person, now: datetime) -> Offer:
    """The case becomes theirs and fills their desk, on whatever channel it began. Raises Refused as `take` does."""
    case = cases.lock(case_id)
    offer = pick_up(case, live_offer(case_id), person, now)
    capacity = Desk.objects.filter(person=person).values_list("capacity", flat=True).first()
    whole = weight(FULL, None, FULL if capacity is None else capacity)
    grown = whole - offer.weight
    if grown > 0 and Offer.objects.filter(pk=offer.pk, weight=offer.weight, state=Offer.State.ACCEPTED).update(
        weight=whole
    ):
        people.force_fill(person.pk, grown)
        record(event("offer.filled", now, case_id=case_id, operator_id=person.pk, brand_id=case.brand_id,
                     offer=offer.pk, weight=whole))  # fmt: skip
        wakeup.wake("routing")
    return offer


def on_the_telephone(case_id: int, person: Person, now: datetime) -> None:
    """The same of whom the network says that they speak; a colleague's case stays with the colleague."""
    try:
        take_to_call(case_id, person, now)
    except Refused:
        return
