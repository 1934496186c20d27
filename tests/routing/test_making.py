"""`make` rings only what there is room for, whatever pairs it is given (law 3)."""

import pytest
from django.db import transaction

from netcenter.cases.models import Case
from netcenter.people.models import Desk
from netcenter.routing.models import Offer
from netcenter.routing.ringing import make
from netcenter.routing.rules import Pair
from tests.company import NOON

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("desk, weights, rung", [
    ({"capacity": 100, "load": 0}, [100], 1),
    ({"capacity": 100, "load": 0}, [101], 0),
    ({"capacity": 100, "load": 50}, [50], 1),
    ({"capacity": 100, "load": 51}, [50], 0),
    ({"capacity": 100, "load": 100}, [1], 0),
    ({"capacity": 200, "load": 0}, [50, 50], 1),  # one ring a desk
    ({"capacity": 100, "load": 0, "no_more": True}, [50], 0),
    ({"capacity": 100, "load": 0, "state": "break"}, [50], 0),
    ({"capacity": 100, "load": 0, "state": "wrap_up"}, [50], 0),
])  # fmt: skip
def test_a_desk_is_filled_up_to_its_capacity_and_not_beyond(company, desk, weights, rung):
    company.available(company.alice)
    Desk.objects.filter(person=company.alice).update(**desk)
    for n in range(len(weights)):
        company.deliver(company.said("¿Abren hoy?", by=f"who{n}"))
    Offer.objects.all().delete()
    cases = Case.objects.order_by("pk")
    with transaction.atomic():
        made = make([Pair(c.pk, company.alice.pk, w) for c, w in zip(cases, weights, strict=True)], {}, NOON)
    assert len(made) == rung == Offer.objects.filter(state="ringing").count()
    assert Desk.objects.get(person=company.alice).load == desk["load"] + sum(weights[:rung])


def test_what_rings_or_is_held_already_does_not_ring_again(company):
    company.available(company.alice, company.bob)
    company.deliver(company.said("¿Abren hoy?"))
    Offer.objects.all().delete()
    case = Case.objects.get()
    assert make([Pair(case.pk, company.alice.pk, 50)], {}, NOON) == {case.pk}
    assert make([Pair(case.pk, company.bob.pk, 50)], {}, NOON) == set()
    assert Offer.objects.count() == 1
