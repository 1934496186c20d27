"""Rows made without their constructors, and written many at once, are rows like any other."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from netcenter.cases.models import Case, Customer, Identity
from netcenter.events.models import Event
from netcenter.lib.bulk import insert_many, update_many
from netcenter.lib.rows import fresh
from netcenter.routing.models import Offer
from netcenter.understanding.models import Reading

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)
HARD = ["", "NULL", "a,b", 'say "ñ"', 'back\\slash \\"', "{braces}", "two\nlines\t", " spaces ", "%s %(x)s", "😀", "'"]


def test_a_fresh_row_is_what_the_constructor_makes():
    dana = Customer(name="Dana", created_at=NOW)
    for model, values in (
        (Customer, {"name": "Dana", "created_at": NOW}), (Identity, {"customer": dana, "channel": "api"}),
        (Event, {"kind": "x", "at": NOW, "data": {"a": 1}}), (Offer, {"rang_at": NOW}), (Reading, {"kind": "praise"}),
    ):  # fmt: skip
        made, usual = fresh(model, **values), model(**values)
        for field in model._meta.concrete_fields:
            if not field.has_db_default():
                assert getattr(made, field.attname) == getattr(usual, field.attname), field
    made = fresh(Identity, customer=dana)
    assert made.customer is dana and made.customer_id is None
    assert fresh(Identity).profile is not fresh(Identity).profile
    with pytest.raises(TypeError):
        fresh(Customer, nickname="D")


@pytest.mark.parametrize("count", [1, 2, len(HARD)])
def test_hard_words_come_back_as_they_were_written(count):
    words = HARD[-count:]
    customers = [fresh(Customer, name=word, created_at=NOW) for word in words]
    insert_many(customers)
    made = [
        fresh(Identity, customer=c, channel="api", external_id=str(n), name=word, confirmed=n % 2 == 0,
              profile={"said": word, "all": words} if n else {})
        for n, (c, word) in enumerate(zip(customers, words, strict=True))
    ]  # fmt: skip
    insert_many(made)
    for one in made:
        kept = Identity.objects.select_related("customer").get(pk=one.pk)
        assert (kept.customer, kept.customer.name, kept.customer.created_at) == (one.customer, one.name, NOW)
        assert (kept.name, kept.confirmed, kept.profile) == (one.name, one.confirmed, one.profile)
    for one in made:
        one.name, one.confirmed = one.name[::-1], True
    update_many(made, ["name", "confirmed"])
    assert [i.name for i in Identity.objects.order_by("pk")] == [word[::-1] for word in words]
    assert all(Identity.objects.values_list("confirmed", flat=True))


def test_nothing_and_choices_are_written_too(company):
    for name in ("dana", "erin"):
        company.deliver(company.said("Hola", by=name, at=NOW))
    events = [fresh(Event, kind="x", at=NOW, actor="system", case_id=n or None, data=[n]) for n in range(3)]
    insert_many(events)
    kept = Event.objects.filter(kind="x").order_by("id")
    assert [(e.case_id, e.data) for e in kept] == [(None, [0]), (1, [1]), (2, [2])]
    offers = [
        fresh(Offer, case=case, operator=company.alice, state=Offer.State.ENDED, weight=1, rang_at=NOW, until=NOW,
              ended_at=NOW if n else None)
        for n, case in enumerate(Case.objects.order_by("pk"))
    ]  # fmt: skip
    insert_many(offers)
    assert list(Offer.objects.order_by("pk").values_list("state", "ended_at")) == [("ended", None), ("ended", NOW)]


def test_one_statement_writes_them_all(django_assert_max_num_queries):
    customers = [fresh(Customer, name=str(n), created_at=NOW) for n in range(300)]
    with django_assert_max_num_queries(1 if connection.vendor == "postgresql" else 0):  # SQLite's goes past Django
        insert_many(customers)
    assert [c.pk for c in customers] == sorted(c.pk for c in customers)
    assert {c.pk: c.name for c in customers} == dict(Customer.objects.values_list("pk", "name"))
