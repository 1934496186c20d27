"""What a channel is told around an attempt of which nobody knows whether it left."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from netcenter.cases.models import Case, Message, Thread
from netcenter.channels.contract import ChannelError, Receipt, Unsettled
from netcenter.outbox import doubts, receipts
from netcenter.outbox.actions import Reply, answer
from netcenter.outbox.dispatching import claim, outbound_of
from netcenter.outbox.models import Dispatch
from netcenter.outbox.receipts import sent, try_again, went_wrong
from tests.company import NOON, found
from tests.lib.test_choices import whole_tables

pytestmark = pytest.mark.django_db(transaction=True)
BROKE = ChannelError("the line broke", unknown=True)


def after(seconds: float):
    return NOON + timedelta(seconds=seconds)


@pytest.fixture
def company():
    return found()


def asks(company, who: str, seconds: float = 0) -> None:
    company.deliver(company.said("¿Abren?", by=who, at=after(seconds), id=f"{who}-asks-{seconds}"))


def answered(company, who: str, seconds: float = 1, **extra) -> Dispatch:
    """An answer to them on its way."""
    thread = Thread.objects.get(external_id=f"thread-{who}")
    message = answer(
        Case.objects.get(pk=thread.case_id), Reply("Sí", f"to-{who}", thread.pk, None), company.alice, after(seconds)
    )
    if extra:
        Message.objects.filter(pk=message.pk).update(extra=extra)
    return Dispatch.objects.get(message=message)


def claimed(dispatch: Dispatch, seconds: float) -> Dispatch:
    """Only this one is due."""
    Dispatch.objects.exclude(pk=dispatch.pk).filter(state__in=["queued", "unknown"]).update(due_at=after(9e6))
    Dispatch.objects.filter(pk=dispatch.pk).update(due_at=after(seconds))
    (mine,) = claim(after(seconds), 1)
    assert mine.pk == dispatch.pk
    return mine


def doubtful(company, who: str, seconds: float = 2) -> Dispatch:
    """Tried then, and nobody knows; claimed anew."""
    asks(company, who)
    mine = answered(company, who)
    went_wrong(claimed(mine, seconds), BROKE, after(seconds))
    return claimed(mine, seconds + 10)


def test_without_doubt_nothing_is_asked(company):
    asks(company, "dana")
    mine = claimed(answered(company, "dana"), 2)
    with CaptureQueriesContext(connection) as seen:
        assert doubts.around(mine) is None
    assert len(seen) == 0 and outbound_of(mine).doubt is None


def test_it_tells_what_was_heard_before_and_what_has_a_name_since(company):
    asks(company, "eva", -9)
    theirs = answered(company, "eva", -8)
    mine = doubtful(company, "dana", 20)
    asks(company, "fay", 18)
    sent(claimed(theirs, 31), Receipt("there-1", "sent", after(31), also=("there-2",)), after(31))
    asked = Dispatch.objects.select_related("message__thread__identity", "account__brand")
    doubt = outbound_of(asked.get(pk=mine.pk)).doubt
    assert doubt is not None and doubt.tried_until == after(20) and doubt.others == ()
    assert doubt.before == {"eva-asks--9": after(-9), "dana-asks-0": NOON}
    assert doubt.known == {"fay-asks-18": after(18), "there-1": after(-8), "there-2": after(-8)}
    assert set(doubt.holds(["there-1", "there-2", "eva-asks--9", "there-3"])) == {"there-1", "there-2", "eva-asks--9"}


def test_it_tells_where_else_something_may_have_left(company):
    mine = doubtful(company, "dana")
    for who in ("eva", "fay", "gus", "hal"):
        asks(company, who)
    went_wrong(claimed(answered(company, "eva"), 20), BROKE, after(21))
    answered(company, "fay")  # has not been tried
    gus = claimed(answered(company, "gus", left=["gus-1"], choices=[{"id": "1", "label": "Pan"}]), 30)
    hal = claimed(answered(company, "hal", left=["hal-1"]), 40)
    went_wrong(hal, ChannelError("no", permanent=True, left=["hal-1"]), after(41))
    doubt = doubts.around(mine)
    assert doubt is not None and set(doubt.others) == {
        Unsettled("thread-eva", after(21), False), Unsettled("thread-gus", gus.leased_until, True)
    }  # fmt: skip
    assert doubt.known.keys() & {"gus-1", "hal-1"} == {"gus-1", "hal-1"}
    assert "to-fay" not in doubt.known, "no name of the network's"


def test_what_was_given_up_in_doubt_may_have_left_and_is_looked_for_when_it_is_tried_again(company):
    asks(company, "dana")
    mine = claimed(answered(company, "dana"), 2)
    Dispatch.objects.filter(pk=mine.pk).update(attempts=len(receipts.BACK_OFF) + 1)
    mine.attempts = len(receipts.BACK_OFF) + 1
    went_wrong(mine, BROKE, after(3))
    given_up = Dispatch.objects.get()
    assert (given_up.state, given_up.uncertain, given_up.tried_until) == ("refused", True, after(3))
    other = doubtful(company, "eva", 10)
    doubt = doubts.around(other)
    assert doubt is not None and doubt.others == (Unsettled("thread-dana", after(3), False),)
    try_again(given_up.pk, after(60), "system")
    again = claimed(given_up, 61)
    assert again.uncertain and (again.tried_from, again.tried_until) == (after(2), after(3))


def test_asking_in_vain_makes_the_doubt_no_younger_and_a_dead_process_is_in_doubt_until_now(company):
    mine = doubtful(company, "dana")
    went_wrong(mine, ChannelError("HTTP 503"), after(15))
    mine = claimed(mine, 60)
    assert mine.uncertain and mine.tried_until == after(2)
    Dispatch.objects.update(leased_until=after(70))  # and dies
    (again,) = claim(after(90), 1)
    assert (again.tried_from, again.tried_until) == (after(2), after(90))


@pytest.mark.sqlite
def test_it_reads_no_growing_table_from_end_to_end(company):
    mine = doubtful(company, "dana")
    with CaptureQueriesContext(connection) as seen:
        assert doubts.around(mine) is not None
    told = [one["sql"] for one in seen]
    assert len(told) == 4 and not [read for sql in told if (read := whole_tables(sql))]
    with connection.cursor() as cursor:
        for sql in told:  # all that an account has said is read, or sorted, as little
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}".replace("%", "%%"))
            plan = " ".join(row[3] for row in cursor.fetchall())
            assert "TEMP B-TREE" not in plan and "outbox_dispatch_account" not in plan
