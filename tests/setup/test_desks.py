"""What a supervisor sets of people's desks: why they take breaks, and how much fills them."""

import pytest
from django.urls import reverse

from netcenter.cases.models import Case
from netcenter.lib.refused import Refused
from netcenter.people.actions import desk_of
from netcenter.people.capacity import most_of, set_capacity, weight_at, weight_by_hand, weights_of
from netcenter.people.models import BreakReason, Desk
from netcenter.routing import actions as routing
from netcenter.routing import presence
from netcenter.routing.models import Offer
from tests.company import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def charlie(client, company):
    client.force_login(company.charlie)
    return client


def waiting(company, by="dana") -> Case:
    company.deliver(company.said("¿Abren el domingo?", by=by))
    return Case.objects.get(customer__name=by.title())


# --- Breaks -----------------------------------------------------------------------------------------------------------


def test_a_supervisor_keeps_the_list_of_breaks(charlie):
    assert "setup/breaks" not in charlie.get(reverse("setup:breaks")).content.decode()
    charlie.post(reverse("setup:break_add"), {"name": "Almuerzo", "minutes": "60"})
    charlie.post(reverse("setup:break_add"), {"name": "Capacitación", "minutes": ""})
    assert list(BreakReason.objects.values_list("name", "minutes")) == [("Almuerzo", 60), ("Capacitación", 0)]
    lunch, training = BreakReason.objects.all()
    charlie.post(reverse("setup:break_move", args=[training.pk]), {"to": "up"})
    charlie.post(reverse("setup:break", args=[lunch.pk]), {"name": "Comida", "minutes": "45"})
    assert list(BreakReason.objects.values_list("name", "minutes")) == [("Capacitación", 0), ("Comida", 45)]
    charlie.post(reverse("setup:break_remove", args=[training.pk]))
    assert [b.name for b in BreakReason.objects.all()] == ["Comida"]


@pytest.mark.parametrize(
    "values", [{"name": ""}, {"name": "Almuerzo", "minutes": "-1"}, {"name": "x" * 61}, {"name": "Pausa"}]
)
def test_what_is_wrong_with_a_break_is_said(charlie, values):
    BreakReason.objects.create(name="Pausa")
    answer = charlie.post(reverse("setup:break_add"), values)
    assert answer.status_code == 422 and "field-error" in answer.content.decode()
    assert BreakReason.objects.count() == 1


def test_the_usual_breaks_are_one_press_away(charlie):
    assert "setup/breaks/usual" in charlie.get(reverse("setup:breaks")).content.decode().replace("settings/", "setup/")
    charlie.post(reverse("setup:breaks_usual"))
    assert BreakReason.objects.get(name="Almuerzo").minutes == 60


def test_who_is_on_a_break_that_is_removed_is_told_of_first(charlie, company):
    lunch = BreakReason.objects.create(name="Almuerzo", minutes=60)
    presence.set_state(company.alice, "break", NOON, company.alice, "Almuerzo")
    assert "1 persona" in charlie.get(reverse("setup:break", args=[lunch.pk])).content.decode()


# --- Capacity ---------------------------------------------------------------------------------------------------------


def test_a_supervisor_sets_what_fills_a_desk(charlie, company):
    url = reverse("setup:capacity", args=[company.alice.pk])
    page = charlie.get(url).content.decode()
    assert "most_webchat" in page and "most_email" in page
    answer = charlie.post(url, {"percent": "60", "most_webchat": "2", "most_email": "0", "most_api": ""})
    assert answer.status_code == 302
    assert most_of(company.alice) == {"webchat": 2, "email": 0}
    assert Desk.objects.get(person=company.alice).capacity == 60
    charlie.post(url, {"percent": "100", "most_webchat": "", "most_email": "0", "most_api": ""})
    assert most_of(company.alice) == {"email": 0}


@pytest.mark.parametrize("values", [{"percent": "0"}, {"percent": ""}, {"percent": "100", "most_webchat": "13"}])
def test_what_cannot_be_is_not_saved(charlie, company, values):
    assert charlie.post(reverse("setup:capacity", args=[company.alice.pk]), values).status_code == 422
    assert most_of(company.alice) == {}


def test_a_case_weighs_what_is_set_for_its_person(company):
    set_capacity(company.alice, 100, {"api": 2, "email": 0}, NOON, "test")
    assert weight_at(company.alice.pk, "api") == 50
    assert weight_at(company.bob.pk, "api") == 20
    assert weight_at(company.alice.pk, "email") == 0 < weight_by_hand(company.alice.pk, "email")
    assert weights_of(100, most_of(company.alice)) == {"api": 50, "email": 0}
    assert weights_of(100, {}) == {}
    case = waiting(company)
    routing.take(case.pk, company.alice, NOON)
    assert (Offer.objects.get().weight, desk_of(company.alice).load) == (50, 50)
    routing.transfer(case.pk, company.bob, "", company.alice, NOON)
    routing.take(case.pk, company.bob, NOON)
    assert (desk_of(company.alice).load, desk_of(company.bob).load) == (0, 20)


def test_what_may_never_ring_somewhere_is_not_passed_there_but_may_be_taken(company):
    set_capacity(company.bob, 100, {"api": 0}, NOON, "test")
    case = waiting(company)
    routing.take(case.pk, company.alice, NOON)
    with pytest.raises(Refused) as refused:
        routing.transfer(case.pk, company.bob, "", company.alice, NOON)
    assert refused.value.code == "none_of_these"
    routing.let_go(case.pk, "", NOON)
    routing.take(case.pk, company.bob, NOON)
    assert Case.objects.get().holder == company.bob and desk_of(company.bob).load == 20
