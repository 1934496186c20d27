"""Who can be rung."""

from datetime import timedelta

import pytest

from netcenter.lib.refused import Refused
from netcenter.people import actions
from netcenter.people.models import Desk, Person
from netcenter.people.permissions import May, brand_ids, may
from netcenter.routing import presence
from tests.company import NOON

pytestmark = pytest.mark.django_db


def test_filling_a_desk_and_emptying_it(company):
    company.available(company.alice)
    actions.fill({company.alice.pk: 40})
    actions.fill({company.alice.pk: 40})
    actions.empty(company.alice.pk, 40, NOON)
    assert Desk.objects.get(person=company.alice).load == 40


def test_who_lost_the_network_comes_back_to_the_state_they_had(company):
    company.available(company.alice)
    assert actions.leave_gone(NOON + timedelta(seconds=10)) == []
    assert actions.leave_gone(NOON + timedelta(minutes=1)) == [company.alice.pk]
    assert Desk.objects.get(person=company.alice).state == "offline"
    actions.seen([company.alice.pk], NOON + timedelta(minutes=2))
    assert Desk.objects.get(person=company.alice).state == "available"


def test_who_went_offline_by_themselves_stays_offline(company):
    company.available(company.alice)
    presence.set_state(company.alice, "offline", NOON, company.alice)
    actions.seen([company.alice.pk], NOON)
    assert Desk.objects.get(person=company.alice).state == "offline"


def test_only_a_supervisor_changes_a_colleagues_state(company):
    with pytest.raises(Refused):
        presence.set_state(company.alice, "available", NOON, company.bob)
    presence.set_state(company.alice, "break", NOON, company.charlie, "almuerzo")
    assert Desk.objects.get(person=company.alice).reason == "almuerzo"


@pytest.mark.parametrize(
    ("role", "rights"),
    [
        ("operator", {May.ANSWER, May.ANSWER_ASKED}),
        ("owner", {May.ANSWER_ASKED}),
        ("supervisor", set(May) - {May.SET_UP}),
        ("administrator", set(May)),
        ("nobody", set()),
    ],
)
def test_rights_follow_from_the_role(role, rights):
    person = Person(role=role)
    assert {right for right in May if may(person, right)} == rights
    person.is_active = False
    assert not any(may(person, right) for right in May)


def test_an_operator_sees_their_brands_and_a_supervisor_all(company):
    assert brand_ids(company.alice) == [company.brand.pk]
    assert brand_ids(company.charlie) is None
