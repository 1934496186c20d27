"""Areas in the settings: who is responsible, in order, and inviting somebody who is only that."""

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from netcenter.lib import clock
from netcenter.people.areas import AreaDetails, responsible, save_area
from netcenter.people.models import Area, Ownership, Person
from netcenter.routing.referrals import hand_on
from tests.company import Company

pytestmark = pytest.mark.django_db


@pytest.fixture
def frank(company: Company) -> Client:
    person = Person.objects.create_user("frank@example.com", "correct horse", name="Frank", role="administrator")
    Person.objects.update(language="en")
    client = Client()
    client.force_login(person, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def form(*people: Person, **more: object) -> dict[str, object]:
    order = {f"person_{i}": p.pk for i, p in enumerate(people)}
    return {"name": "Billing", "about": "Refunds", "promise_minutes": 60, **order, **more}


def test_it_keeps_the_order_and_changes_it(frank, company):
    assert frank.post(reverse("setup:area_add"), form(company.bob, company.charlie)).status_code == 302
    area = Area.objects.get()
    assert responsible(area) == [company.bob, company.charlie]
    frank.post(reverse("setup:area", args=[area.pk]), form(company.charlie, company.alice, about="x"))
    assert responsible(area) == [company.charlie, company.alice] and Ownership.objects.count() == 2
    page = frank.get(reverse("setup:areas")).content.decode()
    assert page.index("Charlie") < page.index("Alice")


@pytest.mark.parametrize(("wrong", "said"), [
    ({"name": ""}, "required"), ({"promise_minutes": 5}, "15"), ({"name": "Taken"}, "this name already"),
])  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_is_kept(frank, company, wrong, said):
    Area.objects.create(name="Taken")
    page = frank.post(reverse("setup:area_add"), form(company.bob, **wrong))
    assert page.status_code == 422 and said in page.content.decode() and Area.objects.count() == 1


def test_nobody_is_named_twice(frank, company):
    page = frank.post(reverse("setup:area_add"), form(company.bob, company.bob))
    assert page.status_code == 422 and b"named twice" in page.content and not Area.objects.exists()


def test_inviting_makes_somebody_who_is_only_responsible_and_mails_them(frank, company):
    area = save_area(None, AreaDetails("Billing", "", 60, [company.bob.pk]), clock.now(), "test")
    there = reverse("setup:area_invite", args=[area.pk])
    page = frank.post(there, {"name": "Olga", "email": "olga@example.com", "language": "en"})
    olga = Person.objects.get(name="Olga")
    assert page.status_code == 200 and olga.role == "owner" and responsible(area) == [company.bob, olga]
    assert mail.outbox[0].to == ["olga@example.com"] and "/join/" in mail.outbox[0].body
    again = frank.post(there, {"name": "Olga", "email": "olga@example.com", "language": "en"})
    assert again.status_code == 422 and Person.objects.filter(name="Olga").count() == 1


def test_an_area_with_a_past_stays_and_one_without_goes(frank, company):
    area = save_area(None, AreaDetails("Billing", "", 60, [company.bob.pk]), clock.now(), "test")
    company.deliver(company.said("Me cobraron dos veces", at=clock.now()))
    hand_on(company.brand.case_set.get().pk, area, "?", company.alice, clock.now())
    page = frank.post(reverse("setup:area_remove", args=[area.pk]), follow=True)
    assert b"Cases were handed on to it" in page.content and Area.objects.filter(pk=area.pk).exists()
    empty = Area.objects.create(name="Empty")
    frank.post(reverse("setup:area_remove", args=[empty.pk]))
    assert not Area.objects.filter(pk=empty.pk).exists()
