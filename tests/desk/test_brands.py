"""The customer's column shows nothing that belongs only to brands which the person may not see."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from netcenter.accounts.actions import connect
from netcenter.accounts.models import Brand
from netcenter.cases import actions as cases
from netcenter.cases.models import About, Case, Customer, Identity
from netcenter.channels.contract import Raw
from netcenter.desk import customer
from netcenter.flow import take_in
from netcenter.intake.actions import store
from netcenter.people.models import Person
from tests.company import NOON, Company

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(company) -> Case:
    """Dana's case with Aurora, where Alice answers; she has written to Borealis too, by another handle."""
    company.deliver(company.said("¿Abren el domingo?"))
    case = Case.objects.get()
    other = Brand.objects.create(name="Borealis")
    account = connect(other, "api", "Other", "other", {"webhook_url": "https://o.example/h"}, NOON, "system")
    said = company.said("Mi seguro no paga", by="dana-at-work", author={"email": "dana@secret.example"})
    store(account, [Raw(json.dumps(said).encode(), "d-other")], None, NOON)
    while take_in(NOON):
        pass
    there = Case.objects.get(brand=other)
    cases.merge(there.customer, case.customer, NOON, "system")
    there.refresh_from_db()
    cases.describe(case, "Celiac.", NOON, company.alice.actor)
    cases.describe(there, "Sues us.", NOON, company.charlie.actor)
    return case


def side(person: Person, case: Case) -> str:
    client = Client()
    client.force_login(person)
    return client.get(reverse("desk:side", args=[case.pk])).content.decode()


def test_who_answers_for_one_brand_learns_nothing_of_another(company: Company, here):
    page = side(company.alice, here)
    assert "Celiac." in page
    for secret in ("Sues us.", "Borealis", "dana@secret.example", "Mi seguro"):
        assert secret not in page


def test_who_sees_every_brand_sees_the_whole_customer(company, here):
    page = side(company.charlie, here)
    for known in ("Celiac.", "Sues us.", "Borealis", "dana@secret.example", "Mi seguro"):
        assert known in page


def test_a_hidden_address_proposes_nobody_to_join(company, here):
    stranger = Customer.objects.create(name="Dana again", created_at=NOON)
    Identity.objects.create(customer=stranger, channel="api", external_id="x", email="dana@secret.example")
    Case.objects.create(
        brand=here.brand, customer=stranger, account=company.api, opened_at=NOON, last_at=NOON, closed_at=NOON
    )
    assert customer.side(here, company.charlie).same == [stranger]
    assert customer.side(here, company.alice).same == []


def test_writing_ones_own_note_leaves_that_of_another_brand_alone(company, here):
    client = Client()
    client.force_login(company.alice)
    client.post(reverse("desk:about", args=[here.pk]), {"about": "Celiac, has two children."})
    noted = dict(About.objects.filter(customer=here.customer).values_list("brand__name", "text"))
    assert noted == {"Aurora": "Celiac, has two children.", "Borealis": "Sues us."}


def test_joining_two_customers_loses_none_of_their_notes(company, here):
    company.deliver(company.said("Hola", by="ana"))
    other = Case.objects.get(customer__name="Ana")
    cases.describe(other, "Prefers mornings.", NOON, company.alice.actor)
    cases.merge(other.customer, here.customer, NOON, company.alice.actor)
    assert About.objects.get(customer=here.customer, brand=here.brand).text == "Celiac.\nPrefers mornings."
