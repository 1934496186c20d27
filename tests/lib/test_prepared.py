"""Prepared queries give what the ORM gives, whoever asks and with whatever arguments."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Greatest
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from netcenter.lib.prepared import Update, prepared, prepared_update
from netcenter.people.models import Desk, Person
from tests.company import NOON

pytestmark = pytest.mark.django_db


@prepared
def desks_since(state: str, since) -> QuerySet[Desk]:
    rows = Desk.objects.select_related("person").filter(state=state, since__gte=since).order_by("pk")
    return rows.annotate(free=F("capacity") - F("load"))


@prepared
def names_of(person_id: int, role: str) -> QuerySet[Person, tuple[str, str]]:
    return Person.objects.filter(pk=person_id, role=role).values_list("name", "created_at")


@prepared
def locked(person_id: int) -> QuerySet[Desk]:
    return Desk.objects.select_for_update(of=("self",), no_key=True).select_related("person").filter(pk=person_id)


@prepared_update
def lighten(person_id: int, weight: int, now) -> Update:
    return Desk.objects.filter(pk=person_id), {"load": Greatest(F("load") - weight, Value(0)), "idle_since": now}


def test_it_gives_the_rows_of_the_query_set_with_what_is_related_and_annotated(company):
    company.available(company.alice, company.bob)
    for state, since in (("available", NOON), ("offline", NOON), ("available", NOON + timedelta(days=1))):
        rows = Desk.objects.select_related("person").filter(state=state, since__gte=since).order_by("pk")
        expected = list(rows.annotate(free=F("capacity") - F("load")))
        with CaptureQueriesContext(connection) as told:
            found = desks_since(state, since)
            assert [(d, d.person.name, d.since, d.free) for d in found] == [
                (d, d.person.name, d.since, d.free) for d in expected
            ]
        assert len(told) == 1
    found = desks_since("available", NOON)[0]
    found.load = 30
    found.save()  # a row like any other
    assert Desk.objects.get(pk=found.pk).load == 30


def test_it_gives_values_as_the_orm_converts_them(company):
    rows = Person.objects.filter(pk=company.alice.pk).values_list("name", "created_at")
    assert names_of(company.alice.pk, "operator") == list(rows)
    assert names_of(company.alice.pk, "supervisor") == []


def test_it_changes_rows_and_counts_them(company):
    company.available(company.alice)
    Desk.objects.filter(pk=company.alice.pk).update(load=30)
    assert lighten(company.alice.pk, 20, NOON) == 1
    desk = Desk.objects.get(pk=company.alice.pk)
    assert (desk.load, desk.idle_since) == (10, NOON)
    assert lighten(company.alice.pk, 20, NOON) == 1 and lighten(10**9, 20, NOON) == 0
    assert Desk.objects.get(pk=company.alice.pk).load == 0


@prepared
def people_of(ids: list[int], role: str, names: list[str]) -> QuerySet[Person]:
    return Person.objects.filter(pk__in=ids, role=role, name__in=names).order_by("pk")


def test_lists_may_have_any_length(company):
    ids, names = [p.pk for p in Person.objects.order_by("pk")], ["Alice", "Bob", "Charlie"]
    for length in (1, 2, 3, 4, 5, 17, 300, 1500):
        many = [*ids[:length], *range(10**6, 10**6 + length - min(length, 3))]
        rows = Person.objects.filter(pk__in=many, role="operator", name__in=names).order_by("pk")
        assert people_of(many, "operator", names) == list(rows), length
    assert people_of(ids, "operator", names) == [company.alice, company.bob]
    assert people_of(ids, "operator", ["Bob"]) == [company.bob]
    assert people_of([], "operator", names) == people_of(ids, "operator", []) == []


def test_what_would_change_the_shape_of_a_query_is_refused(company):
    for wrong in (True, 1.5, [None]):
        with pytest.raises(TypeError):
            prepared(lambda value: Desk.objects.filter(pk=value))(wrong)
    with pytest.raises(TypeError, match="not every argument"):
        prepared(lambda ignored: Desk.objects.all())(1)


@pytest.mark.django_db(transaction=True)
def test_it_locks_only_within_a_transaction_and_serves_every_thread(company):
    company.available(company.alice)
    with transaction.atomic():
        assert locked(company.alice.pk)[0].person == company.alice
    with pytest.raises(TransactionManagementError):
        locked(company.alice.pk)
    names = []

    def ask() -> None:
        try:
            names.extend(desk.person.name for desk in desks_since("available", NOON))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names == ["Alice"] * 4
