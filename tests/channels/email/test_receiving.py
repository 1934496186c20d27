"""Batches, cursors and bad luck, with a mailbox made of a dictionary."""

from contextlib import contextmanager
from datetime import UTC, datetime
from imaplib import IMAP4

import pytest

from netcenter.channels.contract import ChannelError, Connection, Unreadable
from netcenter.channels.email import receiving
from netcenter.channels.email.channel import CHANNEL
from netcenter.channels.email.mailbox import Listed

CONNECTION = Connection("acc", "hola@sol.test", "Sol", {"imap_host": "imap.sol.test"}, {})
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Mailbox:
    """Answers like `mailbox.Session`. `refuses` are mails that the server cannot give."""

    def __init__(self, mails, uidvalidity=7, refuses=()):
        self.mails, self.uidvalidity, self.refuses = mails, uidvalidity, set(refuses)
        self.uidnext = max(mails, default=0) + 1
        self.last_uid, self.searched, self.fetched = None, [], []
        self.idles = True

    def select(self, folder, *, writable=False):
        assert not writable

    def newer(self, uid, reach="*", only=""):
        self.searched.append(only)
        last = max(self.mails, default=0) if reach == "*" else reach
        return [each for each in sorted(self.mails) if uid < each <= last]

    def look_up(self, uids):
        return [Listed(uid, len(self.mails[uid]), NOON) for uid in uids if uid in self.mails]

    def fetch(self, uids, limit=None):
        self.fetched.append(list(uids))
        if self.refuses & set(uids):
            raise IMAP4.error("FETCH: [SERVERBUG]")
        return {uid: self.mails[uid][:limit] for uid in uids}

    def can_idle(self):
        return self.idles


@pytest.fixture
def plugged(monkeypatch):
    """Puts a mailbox in the place of the network."""

    def plug(mailbox):
        @contextmanager
        def borrowed(connection):
            yield mailbox

        monkeypatch.setattr(receiving, "borrowed", borrowed)
        return mailbox

    return plug


def cursor(uid=0, uidvalidity=7):
    return {"uidvalidity": uidvalidity, "uid": uid, "since": "2026-03-01"}


def test_one_mail_that_the_server_cannot_give_holds_up_no_other(plugged):
    plugged(Mailbox({1: b"A: 1\r\n\r\n", 2: b"A: 2\r\n\r\n", 3: b"A: 3\r\n\r\n"}, refuses=[2]))
    polled = CHANNEL.poll(CONNECTION, cursor())
    assert [raw.meta["uid"] for raw in polled.raws] == [1, 2, 3]
    assert [bool(raw.body) for raw in polled.raws] == [True, False, True]
    assert polled.cursor["uid"] == 3
    with pytest.raises(Unreadable, match="could not give this mail"):
        CHANNEL.parse(polled.raws[1], CONNECTION)


def test_a_batch_ends_where_its_bytes_are_too_many(plugged, monkeypatch):
    monkeypatch.setattr(receiving, "MAX_BATCH_BYTES", 25)
    plugged(Mailbox({uid: b"x" * 10 for uid in range(1, 6)}))
    first = CHANNEL.poll(CONNECTION, cursor())
    assert [raw.meta["uid"] for raw in first.raws] == [1, 2] and first.more
    second = CHANNEL.poll(CONNECTION, first.cursor)
    assert [raw.meta["uid"] for raw in second.raws] == [3, 4]


def test_a_mail_larger_than_a_batch_comes_alone_and_not_never(plugged, monkeypatch):
    monkeypatch.setattr(receiving, "MAX_BATCH_BYTES", 5)
    plugged(Mailbox({1: b"x" * 10, 2: b"x" * 10}))
    polled = CHANNEL.poll(CONNECTION, cursor())
    assert [raw.meta["uid"] for raw in polled.raws] == [1] and polled.more


def test_a_connected_account_takes_in_what_nobody_answered_and_then_everything(plugged, monkeypatch):
    monkeypatch.setattr(receiving, "MAX_BATCH", 1)
    box = plugged(Mailbox({1: b"x", 2: b"y"}))
    first = CHANNEL.poll(CONNECTION, {})
    second = CHANNEL.poll(CONNECTION, first.cursor)
    third = CHANNEL.poll(CONNECTION, second.cursor)
    assert [len(polled.raws) for polled in (first, second, third)] == [1, 1, 0]
    assert [only.endswith("UNANSWERED") for only in box.searched] == [True, True, False]
    assert "backlog" in first.cursor and "backlog" not in second.cursor


def test_after_renumbering_answered_mail_is_handed_on_too_and_nothing_older(plugged):
    box = plugged(Mailbox({1: b"x"}, uidvalidity=8))
    polled = CHANNEL.poll(CONNECTION, cursor(uid=900))
    assert len(polled.raws) == 1
    assert box.searched == ["SINCE 1-Mar-2026"]
    assert polled.cursor == {"uidvalidity": 8, "uid": 1, "since": "2026-03-01"}


def test_the_same_mail_is_the_same_delivery_under_any_number(plugged):
    plugged(Mailbox({1: b"same"}))
    before = CHANNEL.poll(CONNECTION, cursor())
    plugged(Mailbox({55: b"same"}, uidvalidity=8))
    after = CHANNEL.poll(CONNECTION, before.cursor)
    assert before.raws[0].dedupe == after.raws[0].dedupe


def test_a_mail_that_vanished_since_the_search_is_passed_over(plugged):
    box = plugged(Mailbox({1: b"x", 2: b"y"}))
    box.look_up = lambda uids: [Listed(1, 1, NOON)] if 1 in uids else []
    first = CHANNEL.poll(CONNECTION, cursor())
    assert [raw.meta["uid"] for raw in first.raws] == [1]
    second = CHANNEL.poll(CONNECTION, first.cursor)
    assert second.raws == () and second.cursor["uid"] == 2 and not second.more


def test_an_empty_mailbox_is_no_trouble(plugged):
    plugged(Mailbox({}))
    polled = CHANNEL.poll(CONNECTION, {})
    assert polled.raws == () and polled.cursor["uid"] == 0 and not polled.more


@pytest.mark.parametrize("broken", [True, False])
def test_without_idle_time_passes_until_stop(plugged, monkeypatch, broken):
    box = plugged(Mailbox({}))
    box.idles = False
    if broken:

        @contextmanager
        def refused(connection):
            raise ChannelError("no connection")
            yield

        monkeypatch.setattr(receiving, "borrowed", refused)
    slept = []
    monkeypatch.setattr(receiving.time, "sleep", slept.append)
    CHANNEL.wait(CONNECTION, 60, lambda: len(slept) >= 3)
    assert slept and max(slept) <= 0.5


def test_an_account_without_a_mailbox_is_not_polled():
    pushed = Connection("acc", "hola@sol.test", "Sol", {}, {})
    assert CHANNEL.poll(pushed, {"any": "cursor"}).cursor == {"any": "cursor"}
