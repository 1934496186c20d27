"""What a process that died had in hand."""

from datetime import timedelta

import pytest

from netcenter.channels.contract import Capabilities
from netcenter.outbox import dispatching
from netcenter.outbox.actions import Reply, answer
from netcenter.outbox.dispatching import claim, take_over
from netcenter.outbox.models import Dispatch
from tests.company import NOON, found

pytestmark = pytest.mark.django_db(transaction=True)
SECOND = timedelta(seconds=1)


def asked_and_claimed() -> Dispatch:
    company = found()
    company.deliver(company.said("¿Abren hoy?"))
    thread = company.api.thread_set.get()
    answer(thread.case, Reply("Sí.", "key-1", thread.pk, None), company.alice, NOON)
    return claim(NOON, 10)[0]


def test_it_is_not_claimed_again_while_its_process_may_live():
    asked_and_claimed()
    assert claim(NOON + SECOND, 10) == []


def test_it_is_claimed_with_doubt_when_its_process_is_known_to_be_dead(monkeypatch):
    first = asked_and_claimed()
    assert not first.uncertain
    take_over(NOON + SECOND)
    again = claim(NOON + SECOND, 10)
    assert [d.pk for d in again] == [first.pk]
    looked = []

    class Network:
        capabilities = Capabilities()

        def find(self, outbound, connection):
            looked.append(outbound.key)
            return "found"

    monkeypatch.setattr(dispatching, "channel", lambda kind: Network())
    assert dispatching.send(again[0], NOON + SECOND) == "found"
    assert looked == ["key-1"]
