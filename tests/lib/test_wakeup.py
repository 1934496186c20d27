"""Wake-ups: after the commit, once for a verb, ours first, and other processes' without our own echo."""

import subprocess
import sys
import threading

import pytest
from django.db import connection, transaction

from netcenter.lib import wakeup
from netcenter.lib.engines import engine

PATIENCE = 20.0  # seconds


@pytest.fixture
def heard():
    told: list[str] = []
    ends = [wakeup.listen(topic, told.append) for topic in ("one", "two")]
    yield told
    for end in ends:
        end()


@pytest.mark.django_db(transaction=True)
def test_a_transaction_wakes_once_however_many_events_it_has_and_only_when_it_commits(heard):
    with transaction.atomic():
        wakeup.wake("one")
        wakeup.wake("one", "two")
        wakeup.wake("two")
        assert heard == []
    assert heard == ["one", "two"]
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        wakeup.wake("one")
        raise ZeroDivisionError
    wakeup.wake("two")
    assert heard == ["one", "two", "two"]


@pytest.mark.django_db(transaction=True)
def test_what_is_asked_for_after_a_failed_savepoint_is_not_forgotten_with_it(heard):
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            wakeup.wake("one")
            raise ZeroDivisionError
        wakeup.wake("two")
    assert heard == ["two"]


@pytest.mark.django_db(transaction=True)
def test_other_processes_hear_it_and_ours_does_not_hear_itself():
    if not engine().hears_others:
        return  # there is one process, which has heard
    woken, told = threading.Event(), []

    def hear(topic: str) -> None:
        told.append(topic)
        if topic == "three:end":
            woken.set()

    end = wakeup.listen("three", hear)
    database = connection.settings_dict
    script = (
        "import psycopg, sys\n"
        "with psycopg.connect(dbname=sys.argv[1], user=sys.argv[2], host=sys.argv[3], autocommit=True) as wire:\n"
        "    wire.execute('LISTEN netcenter'); print('ready', flush=True)\n"
        "    for told in wire.notifies(timeout=20):\n"
        "        if told.payload == 'three:ours': break\n"
        "    wire.execute(\"NOTIFY netcenter, 'three:end'\"); print(told.payload, flush=True)\n"
    )
    arguments = [str(database[name]) for name in ("NAME", "USER", "HOST")]
    other = subprocess.Popen([sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout.readline().strip() == "ready"
        wakeup.wake("three:ours")
        assert other.stdout.readline().strip() == "three:ours"
        assert woken.wait(PATIENCE)  # the ear is at work: it has passed over our own word, which came before
        assert told == ["three:ours", "three:end"]
    finally:
        end()
        other.wait(PATIENCE)
