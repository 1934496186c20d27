"""The way of a ring to the screens: from the commit itself in this process, from the record in every other."""

import time

import pytest
from django.db import transaction

from netcenter.events.actions import attest, event, record
from netcenter.events.queries import latest
from netcenter.events.reading import Reader
from netcenter.lib import clock
from netcenter.lib.bulk import insert_many
from netcenter.live import hub as tails
from netcenter.live.hub import Tail

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def published(monkeypatch):
    told = []

    def publish(topics, frame) -> None:
        told.append((topics[0], frame.data.get("kind", "")))

    monkeypatch.setattr(tails.hub, "publish", publish)
    return told


@pytest.fixture
def tail(published):
    tail = Tail()
    unseen = attest(tail._witness)
    tail._safe = latest()
    yield tail
    unseen()


def rang(operator_id: int = 3):
    return event("offer.rang", clock.now(), case_id=7, operator_id=operator_id, brand_id=5)


def test_a_ring_is_told_by_who_commits_it_and_not_again_by_the_record(tail, published):
    reader = Reader(tail._safe)
    with transaction.atomic():
        record(rang())
        assert published == []
    assert published == [("person:3", "offer.rang")]
    tail._step(reader, time.monotonic())
    assert published.count(("person:3", "offer.rang")) == 1
    assert ("brand:5", "") in published  # the lists of the others come by the record


def test_a_ring_of_another_process_is_told_by_the_record(tail, published):
    reader = Reader(tail._safe)
    insert_many([rang()])
    tail._step(reader, time.monotonic())
    assert ("person:3", "offer.rang") in published


def test_a_ring_that_was_rolled_back_is_not_told_and_hides_no_other(tail, published):
    reader = Reader(tail._safe)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record(rang())
        raise ZeroDivisionError
    insert_many([rang(operator_id=4)])  # on SQLite it has the same id
    tail._step(reader, time.monotonic())
    assert ("person:3", "offer.rang") not in published and ("person:4", "offer.rang") in published


def test_a_screen_that_cannot_be_told_does_not_stop_who_commits(tail, published, monkeypatch):
    monkeypatch.setattr(tails.hub, "publish", lambda topics, frame: 1 / 0)
    record(rang())
    assert not published
