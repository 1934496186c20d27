"""The api channel at both of its ends: our door and the other system's webhook."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from netcenter.channels.api.channel import CHANNEL
from netcenter.channels.contract import (
    Attachment,
    Author,
    ChannelError,
    Connection,
    Outbound,
    Raw,
    Request,
    ThreadRef,
    Unreadable,
)
from netcenter.lib import signature

GOOD = b'{"type":"message","id":"m1","thread":{"id":"t1"},"author":{"id":"u1"},"text":"Hola"}'
BAD = b'[{"type":"message","id":"m1","thread":{"id":"t1"},"author":{"id":"u1"},"text":"Hola"},{"type":"message"}]'


def connection(**more):
    return Connection(key="k", address="shop", name="Shop", config=more.pop("config", {}),
                      secrets={"secret": "new old"} | more)  # fmt: skip


def ask(body, secrets=("new",), at=None, method="POST"):
    headers = signature.sign(secrets, body, at or time.time())
    request = Request(method, {name.lower(): value for name, value in headers.items()}, "", body)
    answer = CHANNEL.verify(request, connection())
    return answer, json.loads(answer.body)


def outbound(**more):
    base = dict(
        key="nc-1", thread=ThreadRef("t1", "private", "Order"), to=Author("u1", "Dana", "dana@example.com"),
        text="Ya va en camino", in_reply_to=("m1",), sender_name="Alice", language="es",
        attachments=(Attachment("a.txt", "text/plain", b"hi"),),
    )  # fmt: skip
    return Outbound(**base | more)


@contextmanager
def webhook(*answers) -> Iterator[tuple[Connection, list]]:
    """A system that answers with (status, headers, body) in turn, the last for ever; and what it was asked."""
    asked: list = []
    turns = list(answers)

    class Handler(BaseHTTPRequestHandler):
        def handle_one(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            status, headers, said = turns.pop(0) if len(turns) > 1 else turns[0]
            if status == 0:  # take it and hang up
                return
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(said))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said)

        do_POST = do_GET = handle_one

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    root = f"http://127.0.0.1:{server.server_port}"
    try:
        yield connection(config={"webhook_url": f"{root}/in", "lookup_url": f"{root}/find?tenant=1"}), asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def private(settings):
    settings.ALLOW_PRIVATE_HTTP = True


# --- The door -------------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", ["new", "old"])
def test_while_secrets_change_both_open_the_door(secret):
    answer, told = ask(GOOD, (secret,))
    assert (answer.status, answer.store, told) == (200, True, {"kept": True, "readable": 1})


def test_a_wrong_or_old_signature_leaves_no_trace():
    for answer, told in (ask(GOOD, ("guess",)), ask(GOOD, at=time.time() - 400)):
        assert (answer.status, answer.store) == (401, False)
        assert told["detail"]


def test_an_account_without_a_secret_lets_nobody_in():
    for secrets in ({}, {"secret": ""}, {"secret": " "}):
        bare = Connection("k", "", "", {}, secrets)
        headers = {name.lower(): value for name, value in signature.sign(["", "x"], GOOD, time.time()).items()}
        assert CHANNEL.verify(Request("POST", headers, "", GOOD), bare).status == 401


def test_a_get_is_not_a_delivery():
    assert ask(b"", method="GET")[0].store is False


def test_a_well_signed_body_that_cannot_be_read_is_kept_and_its_sender_told():
    answer, told = ask(BAD)
    assert (answer.status, answer.store, told["kept"], told["readable"]) == (202, True, True, 1)
    assert told["errors"] == [{"path": "/1/thread", "problem": "must be an object"}]
    with pytest.raises(Unreadable, match="/1/thread: must be an object") as raised:
        CHANNEL.parse(Raw(BAD, "d", {"received_at": "2026-03-02T09:00:00+00:00"}), connection())
    assert [happening.external_id for happening in raised.value.readable] == ["m1"]


def test_a_message_without_any_time_needs_the_time_of_receipt():
    with pytest.raises(Unreadable, match="/sent_at"):
        CHANNEL.parse(Raw(GOOD, "d"), connection())


def test_the_door_judges_a_thousand_messages_in_a_blink():
    body = GOOD.replace(b"Hola", b"Hola " * 250)
    headers = {n.lower(): v for n, v in signature.sign(["new"], body, time.time()).items()}
    request, account = Request("POST", headers, "", body), connection()
    started = time.process_time()
    for _ in range(1000):
        assert CHANNEL.verify(request, account).status == 200
    assert time.process_time() - started < 0.5


# --- The webhook ----------------------------------------------------------------------------------


def test_a_reply_is_posted_signed_with_its_key():
    with webhook((200, {}, b'{"id": "r-9"}')) as (account, asked):
        receipt = CHANNEL.send(outbound(), account)
    assert (receipt.external_id, receipt.state) == ("r-9", "sent")
    [(method, path, headers, body)] = asked
    assert (method, path, headers["idempotency-key"]) == ("POST", "/in", "nc-1")
    for secret in ("new", "old"):
        assert signature.flaw([secret], headers, body, time.time()) == ""
    told = json.loads(body)
    assert told["attachments"] == [{"name": "a.txt", "mime": "text/plain", "content": "aGk="}]
    assert (told["type"], told["text"], told["to"]["id"], told["in_reply_to"], told["automatic"]) == (
        "reply", "Ya va en camino", "u1", ["m1"], False,
    )  # fmt: skip


@pytest.mark.parametrize("answer", [(204, {}, b""), (200, {}, b"ok"), (201, {}, b'{"id": null}'), (409, {}, b"had it")])
def test_any_success_and_a_key_already_known_are_sent(answer):
    with webhook(answer) as (account, _):
        assert CHANNEL.send(outbound(), account).external_id == "nc-1"


@pytest.mark.parametrize("status", [301, 400, 401, 404, 410, 422])
def test_what_the_system_refuses_is_refused_for_good(status):
    with webhook((status, {"Location": "/elsewhere"}, b"no such thread")) as (account, asked):
        with pytest.raises(ChannelError, match=f"{status}: no such thread") as failed:
            CHANNEL.send(outbound(), account)
    assert failed.value.permanent
    assert len(asked) == 1


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
def test_a_busy_or_broken_system_is_tried_again(status):
    with webhook((status, {"Retry-After": "120"}, b"")) as (account, _):
        with pytest.raises(ChannelError) as failed:
            CHANNEL.send(outbound(), account)
    assert not failed.value.permanent
    assert abs(failed.value.retry_at - datetime.now(UTC) - timedelta(seconds=120)) < timedelta(seconds=10)


@pytest.mark.parametrize(
    ("told", "hours"),
    [("Wed, 21 Oct 2015 07:28:00 GMT", 0), ("999999999999999999999", None), ("soon", None), ("9999999", 24), ("", None),
     ("Fri, 31 Dec 9999 23:59:59 -2359", 24), ("٣", None)],
)  # fmt: skip
def test_a_retry_after_is_believed_within_reason(told, hours):
    with webhook((503, {"Retry-After": told.encode().decode("latin-1")}, b"")) as (account, _):
        with pytest.raises(ChannelError) as failed:
            CHANNEL.send(outbound(), account)
    if hours is None:
        assert failed.value.retry_at is None
    else:
        wait = failed.value.retry_at - datetime.now(UTC)
        assert abs(wait - timedelta(hours=hours)) < timedelta(seconds=10)


def test_an_end_without_our_knowing_is_unknown_and_sent_again_under_the_same_key():
    with webhook((0, {}, b""), (200, {}, b"")) as (account, asked):
        with pytest.raises(ChannelError) as failed:
            CHANNEL.send(outbound(), account)
        assert failed.value.unknown
        bare = connection(config={"webhook_url": account.config["webhook_url"]})
        assert CHANNEL.find(outbound(), bare) is None
        CHANNEL.send(outbound(), bare)
    assert [headers["idempotency-key"] for _, _, headers, _ in asked] == ["nc-1", "nc-1"]


def test_a_system_that_cannot_be_reached_did_not_get_it():
    with webhook((200, {}, b"")) as (account, _):
        pass
    with pytest.raises(ChannelError) as failed:
        CHANNEL.send(outbound(), account)
    assert (failed.value.unknown, failed.value.permanent) == (False, False)


def test_a_lookup_tells_whether_it_arrived():
    with webhook((200, {}, b'{"id":"r-9"}'), (404, {}, b""), (500, {}, b"")) as (account, asked):
        assert CHANNEL.find(outbound(), account).external_id == "r-9"
        assert CHANNEL.find(outbound(), account) is None
        with pytest.raises(ChannelError):
            CHANNEL.find(outbound(), account)
    method, path, headers, _ = asked[0]
    assert (method, parse_qs(urlsplit(path).query)) == ("GET", {"tenant": ["1"], "key": ["nc-1"]})
    assert signature.flaw(["new"], headers, b"key=nc-1", time.time()) == ""


def test_no_webhook_address_is_refused_with_words():
    with pytest.raises(ChannelError, match="no webhook address") as failed:
        CHANNEL.send(outbound(), connection())
    assert failed.value.permanent


def test_the_connection_test_sees_a_system_that_does_not_check_signatures():
    with webhook((200, {}, b"")) as (account, _):
        assert [check.ok for check in CHANNEL.health(account)] == [True, False]
    with webhook((200, {}, b""), (401, {}, b"")) as (account, _):
        assert [check.ok for check in CHANNEL.health(account)] == [True, True]
    assert [check.ok for check in CHANNEL.health(connection())] == [False, False]
