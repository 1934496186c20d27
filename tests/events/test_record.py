"""The record: nothing is skipped, and a changed past is noticed."""

import threading

import pytest
from django.db import connection, transaction

from netcenter.events.actions import event, record, seal_next
from netcenter.events.models import Event, Seal
from netcenter.events.queries import behind, broken_seal, latest, since
from tests.company import NOON

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_seals_what_happened_and_notices_what_was_changed():
    for i in range(5):
        record(event("case.closed", NOON, "person:1", case_id=i, reason="ñandú"))
    assert seal_next(NOON) == 5
    record(event("case.closed", NOON))
    assert seal_next(NOON) == 1 and seal_next(NOON) == 0
    assert broken_seal() is None
    Event.objects.filter(case_id=3).update(actor="person:2")
    assert broken_seal() == Seal.objects.order_by("id").first()


def test_it_notices_a_missing_event():
    record(*(event("case.closed", NOON, case_id=i) for i in range(3)))
    seal_next(NOON)
    Event.objects.filter(case_id=1).delete()
    assert broken_seal() is not None


def test_it_reads_in_order_from_a_cursor():
    record(*(event("case.closed", NOON, case_id=i) for i in range(10)))
    first = since((0, 0), 4)
    rest = since((first[-1].transaction_id, first[-1].id), 100)
    assert [e.case_id for e in first + rest] == list(range(10))
    assert latest() == (rest[-1].transaction_id, rest[-1].id)


if connection.vendor == "postgresql":  # SQLite has one writer: there, ids cannot become visible out of order

    def test_it_never_skips_an_event_that_commits_late():
        """A transaction that took an id first and commits last: a reader between must not run past it."""
        wrote, may_commit = threading.Event(), threading.Event()

        def slow() -> None:
            with transaction.atomic():
                record(event("case.closed", NOON, case_id=1))
                wrote.set()
                may_commit.wait(10)
            connection.close()

        thread = threading.Thread(target=slow)
        thread.start()
        wrote.wait(10)
        record(event("case.closed", NOON, case_id=2))
        seen = since((0, 0))
        cursor = (seen[-1].transaction_id, seen[-1].id) if seen else (0, 0)
        may_commit.set()
        thread.join()
        assert {e.case_id for e in [*seen, *since(cursor)]} == {1, 2}

else:  # PostgreSQL plans by statistics, which a small table does not have

    def test_reading_on_finds_its_place_by_index_however_long_the_record_is():
        found = Event.objects.filter(behind((0, 1_000_000))).order_by("transaction_id", "id")
        assert "USING INDEX events_order (transaction_id=? AND id>?)" in found.explain()
