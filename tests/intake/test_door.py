"""The door: durable before the 200, bounded, and deaf to strangers."""

import asyncio
import hashlib
import json
import threading
import time

import pytest
from django.db import connection, connections

from netcenter.accounts.actions import switch
from netcenter.accounts.models import Account
from netcenter.accounts.queries import connection_of
from netcenter.channels.contract import Raw
from netcenter.channels.registry import channel
from netcenter.intake import commit as commits
from netcenter.intake import door as doors
from netcenter.intake.commit import GroupCommit, store_now
from netcenter.intake.door import Door
from netcenter.intake.models import Delivery
from netcenter.lib import clock, signature, wakeup

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company(transactional_db):
    from tests.company import found

    return found()


@pytest.fixture
def door():
    door = Door()
    door.start()
    yield door
    door.stop()


class Wire:
    """A network's request, in one piece or in several."""

    def __init__(self, pieces: list[bytes], *, hangs: bool = False, leaves: bool = False) -> None:
        self.pieces = pieces
        self.hangs = hangs
        self.leaves = leaves
        self.sent: list = []

    async def receive(self):
        if self.pieces:
            piece = self.pieces.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(self.pieces) or self.hangs or self.leaves}
        if self.leaves:
            return {"type": "http.disconnect"}
        await asyncio.sleep(60)

    async def send(self, message) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int:
        return self.sent[0]["status"]

    def header(self, name: bytes) -> bytes:
        return dict(self.sent[0]["headers"]).get(name, b"")


def ask(door: Door, path: str, wire: Wire, method: str = "POST", headers: dict[str, str] | None = None) -> Wire:
    async def go() -> None:
        named = [(k.lower().encode(), v.encode()) for k, v in (headers or {}).items()]
        scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": named}
        await door(scope, wire.receive, wire.send)

    asyncio.run(go())
    return wire


def message(n: int = 0) -> bytes:
    return json.dumps({"type": "message", "id": f"m{n}", "thread": {"id": "t"}, "author": {"id": "dana"},
                       "text": "No llegó el pan", "sent_at": "2026-03-02T09:00:00Z"}).encode()  # fmt: skip


def push(door: Door, account: Account, body: bytes, **wire) -> Wire:
    headers = signature.sign([connection_of(account).secrets["secret"]], body, time.time())
    return ask(door, f"/hooks/{account.key}", Wire([body], **wire), headers=headers)


def test_what_a_network_pushes_is_stored_before_it_hears_200(door, company):
    body = message()
    assert push(door, company.api, body).status == 200
    stored = Delivery.objects.get()
    assert bytes(stored.body) == body and stored.dedupe == hashlib.sha256(body).hexdigest()
    assert stored.state == Delivery.State.NEW and stored.account == company.api and stored.received_at.tzinfo
    assert "x-netcenter-signature" not in json.dumps(stored.meta)


def test_the_same_delivery_twice_is_one(door, company):
    assert [push(door, company.api, message()).status for _ in range(2)] == [200, 200]
    assert Delivery.objects.count() == 1


def test_a_wrong_signature_is_refused_and_nothing_is_kept(door, company):
    assert ask(door, f"/hooks/{company.api.key}", Wire([message()])).status == 401
    assert not Delivery.objects.exists()


def test_signed_nonsense_is_kept_though_it_is_complained_of(door, company):
    push(door, company.api, b"\xff not json")
    assert bytes(Delivery.objects.get().body) == b"\xff not json"


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/hooks/nobody", "POST", 404), ("/hooks/", "POST", 404), ("/hooks/../x", "POST", 404),
        ("/hooks/" + "x" * 41, "POST", 404), ("/hooks/nobody", "DELETE", 405), ("/hooks/a/b", "POST", 404),
    ],
)  # fmt: skip
def test_strangers_are_told_nothing(door, company, path, method, status):
    assert ask(door, path, Wire([b"x"]), method).status == status


def test_a_paused_account_is_gone_and_a_resumed_one_is_back_at_once(door, company):
    assert push(door, company.api, message(1)).status == 200
    switch(company.api, False, clock.now(), "system")
    assert push(door, company.api, message(2)).status == 410
    switch(company.api, True, clock.now(), "system")
    assert push(door, company.api, message(3)).status == 200
    assert Delivery.objects.count() == 2


@pytest.mark.parametrize("told", [True, False])
def test_a_body_beyond_the_limit_is_refused(door, company, monkeypatch, told):
    monkeypatch.setattr(doors, "LIMIT", 1000)
    headers = {"content-length": "1500"} if told else {}
    wire = ask(door, f"/hooks/{company.api.key}", Wire([b"x" * 500] * 3), headers=headers)
    assert wire.status == 413 and wire.header(b"connection") == b"close"
    assert door._held == 0


def test_who_sends_a_body_drop_by_drop_is_let_go(door, company, monkeypatch):
    monkeypatch.setattr(doors, "SECONDS", 0.05)
    assert ask(door, f"/hooks/{company.api.key}", Wire([b"x"], hangs=True)).status == 408
    assert door._held == 0


def test_who_leaves_in_the_middle_leaves_nothing_behind(door, company):
    wire = ask(door, f"/hooks/{company.api.key}", Wire([b"x"], leaves=True))
    assert not wire.sent and not Delivery.objects.exists() and door._held == 0


def test_when_all_bodies_together_are_too_much_the_next_must_come_back(door, company, monkeypatch):
    monkeypatch.setattr(doors, "HELD", 600)
    wire = ask(door, f"/hooks/{company.api.key}", Wire([b"x" * 500] * 2))
    assert wire.status == 503 and wire.header(b"retry-after")


def test_a_channel_that_breaks_is_not_the_network_s_fault(door, company, monkeypatch):
    monkeypatch.setattr(type(channel("api")), "verify", lambda *a: 1 / 0)
    assert push(door, company.api, message()).status == 503


def test_a_failed_write_fails_every_request_that_waits_and_the_next_is_stored(company, monkeypatch):
    group, broken = GroupCommit(), threading.Event()
    right = commits._ready
    monkeypatch.setattr(commits, "_ready", lambda rows: right(rows) if not broken.is_set() else [(1,)])

    async def go() -> None:
        broken.set()
        raws = [Raw(b"x", f"d{n}") for n in range(20)]
        ends = await asyncio.gather(
            *(group.put(company.api.pk, raw, clock.now()) for raw in raws), return_exceptions=True
        )
        assert all(isinstance(end, Exception) for end in ends)
        broken.clear()
        await group.put(company.api.pk, raws[0], clock.now())

    asyncio.run(go())
    group.stop()
    assert Delivery.objects.count() == 1


def test_many_requests_are_one_transaction(company):
    group, batches = GroupCommit(), []
    commit = group._commit
    group._commit = lambda rows: (batches.append(len(rows)), commit(rows))[1]  # type: ignore[method-assign]

    async def go() -> None:
        await asyncio.gather(*(group.put(company.api.pk, Raw(b"x", f"d{n}"), clock.now()) for n in range(300)))

    asyncio.run(go())
    group.stop()
    assert Delivery.objects.count() == sum(batches) == 300 and len(batches) < 30


def test_a_request_that_was_cancelled_does_not_harm_the_others(company):
    group = GroupCommit()

    async def go() -> None:
        putting = [asyncio.create_task(group.put(company.api.pk, Raw(b"x", f"d{n}"), clock.now())) for n in range(10)]
        await asyncio.sleep(0)
        putting[3].cancel()
        await asyncio.gather(*putting, return_exceptions=True)

    asyncio.run(go())
    group.stop()
    assert Delivery.objects.count() >= 9


@pytest.mark.parametrize(
    "meta", [{"a": "nul\0"}, {"a": "\ud800"}, {"a\0": ["x", {"b": "\\u0000 \0"}]}, {"a": "\\u0000"}]
)
def test_meta_that_a_database_would_refuse_harms_nobody(company, meta):
    store_now(company.api.pk, [Raw(b"x", "d1", meta), Raw(b"y", "d2", {"fine": "ñ"})], clock.now())
    assert Delivery.objects.count() == 2
    assert Delivery.objects.get(dedupe="d2").meta == {"fine": "ñ"}


def test_long_names_that_begin_alike_stay_two_deliveries(company):
    store_now(company.api.pk, [Raw(b"x", "n" * 300 + "1"), Raw(b"y", "n" * 300 + "2"), Raw(b"z", "a\0b")], clock.now())
    assert Delivery.objects.count() == 3


def test_a_large_body_lies_in_a_file_and_its_row_names_it(company):
    from netcenter.lib import blobs

    body = b"z" * (commits.INLINE + 1)
    group = GroupCommit()
    asyncio.run(group.put(company.api.pk, Raw(body, "big"), clock.now()))
    group.stop()
    stored = Delivery.objects.get()
    assert bytes(stored.body) == b"" and blobs.get(stored.blob) == body


def test_the_readers_are_woken_after_the_commit(company):
    woken = threading.Event()
    deaf = wakeup.listen("intake", lambda _t: woken.set())
    group = GroupCommit()
    asyncio.run(group.put(company.api.pk, Raw(b"x", "d"), clock.now()))
    assert woken.wait(2)
    group.stop()
    deaf()


def test_stopping_stores_what_waits_and_leaves_no_thread(company):
    group = GroupCommit()

    async def go() -> None:
        putting = [asyncio.create_task(group.put(company.api.pk, Raw(b"x", f"d{n}"), clock.now())) for n in range(50)]
        await asyncio.sleep(0)
        await asyncio.to_thread(group.stop)
        await asyncio.gather(*putting)

    asyncio.run(go())
    assert Delivery.objects.count() == 50
    assert not [t for t in threading.enumerate() if t.name == "group-commit"]
    assert connection in connections.all()
