"""Fifty hostile or broken inputs at a running house: kept or refused with words, and nobody else waits for them."""

import contextlib
import json
import os
import secrets
import smtplib
import socket
import time
import uuid
from datetime import UTC, datetime

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect as open_socket

from netcenter.accounts.actions import connect
from netcenter.accounts.queries import connection_of
from netcenter.cases import ledger
from netcenter.cases.models import Message
from netcenter.channels.email.port import MAX_LINE
from netcenter.flow import LOOPS as FLOW
from netcenter.intake.models import Delivery
from netcenter.intake.ports import Ports
from netcenter.lib import clock, signature
from netcenter.lib.loops import Loop
from tests.channels.email.hostile import HEAD, HOSTILE
from tests.company import found
from tests.serving import served

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
PROMPT = 2.0  # seconds in which a good message is recorded, whatever comes along with it
OURS = "hola@panaderia.example"

MAILS = {
    **{name: HOSTILE[name] for name in (
        "10,000 nested parts", "10,000 parts side by side", "a header of 5 MB", "200,000 references",
        "nested comments for a sender", "HTML without end", "base64 of rubbish", "5,000 mails within mails",
        "a charset that is a codec", "1,000 attachments", "only NULs",
    )},
    "no headers at all": b"hola",
    "a date of the year 99999": HEAD + b"Date: Mon, 1 Jan 99999 00:00:00 +9999\r\n\r\nhola",
    "a subject full of line breaks": HEAD + b"Subject: =?utf-8?q?a=0D=0ABcc:_all=40example.org?=\r\n\r\nhola",
    "a name with half an emoji": HEAD + b"From: =?utf-16?b?2D0=?= <x@correo.example>\r\n\r\nhola",
}  # fmt: skip


def message(**changes) -> dict:
    ident = uuid.uuid4().hex
    made = {"type": "message", "id": ident, "thread": {"id": ident}, "author": {"id": ident}, "text": "hola"}
    return {k: v for k, v in {**made, **changes}.items() if v is not None}


WEBHOOKS = {
    "not JSON": b"{",
    "no UTF-8": b"\xff\xfe\x00hola",
    "nested a hundred thousand deep": b"[" * 100_000,
    "a number": b"42",
    "nothing": b"",
    "an empty list": b"[]",
    "six hundred items": json.dumps([message() for _ in range(600)]).encode(),
    "an unknown type": json.dumps(message(type="explode")).encode(),
    "no author": json.dumps(message(author=None)).encode(),
    "an author that is a list": json.dumps(message(author=["dana"])).encode(),
    "an id of a megabyte": json.dumps(message(id="x" * 2**20)).encode(),
    "text that is a number": json.dumps(message(text=7)).encode(),
    "NULs in the text": json.dumps(message(id="nul", text="a\x00b")).encode(),
    "half a surrogate in the text": json.dumps(message(text="a\ud800b")).encode(),
    "a day that does not exist": json.dumps(message(sent_at="2026-02-31T00:00:00Z")).encode(),
    "an attachment that is no base64": json.dumps(message(attachments=[{"name": "a", "content": "%%%"}])).encode(),
    "a receipt for nothing": json.dumps({"type": "receipt", "id": "who?", "state": "read"}).encode(),
}  # fmt: skip
REFUSED_WEBHOOKS = {"six megabytes": b"x" * (6 * 2**20), "a wrong signature": b"{}"}

FRAMES = {
    "not JSON": "{", "a list": "[]", "no type": "{}", "a type that is an object": '{"type":{}}',
    "nested deep": "[" * 40_000, "binary": b"\x00\x01", "too big": '{"type":"say","text":"' + "x" * 60_000 + '"}',
    "a say without cid": '{"type":"say","text":"hola"}',
    "an empty say": '{"type":"say","cid":"aaaaaaaaaa","text":"  "}',
    "a forged file": '{"type":"say","cid":"bbbbbbbbbb","files":[{"blob":"../../etc/passwd","claim":"x"}]}',
}  # fmt: skip

UPLOADS = {
    "nothing": (b"", "a.png", 400), "a program called a picture": (b"MZ\x90\x00" * 100, "a.png", 415),
    "a page called a picture": (b"<html><script>alert(1)</script>", "a.png", 415),
    "eleven megabytes": (b"\x89PNG\r\n\x1a\n" + b"x" * 11 * 2**20, "a.png", 413),
    "a name that climbs": (b"\x89PNG\r\n\x1a\n" + b"x" * 100, "../../etc/passwd.png", 200),
    "a name of a thousand NULs": (b"\x89PNG\r\n\x1a\n" + b"x" * 100, "\x00" * 1000 + ".png", 415),
    "no token": (b"\x89PNG\r\n\x1a\n", "a.png", 401),
}  # fmt: skip


class House:
    """The running house, its three doors, and somebody who writes properly at the same time."""

    def __init__(self, address: str, mail_port: int, company) -> None:
        self.address, self.mail_port, self.company = address, mail_port, company
        self.secret = connection_of(company.api).secrets["secret"]
        self.hook = f"{address}/hooks/{company.api.key}"
        self.slowest = 0.0

    def post(self, body: bytes, secret: str = "") -> httpx2.Response:
        headers = signature.sign([secret or self.secret], body, time.time())
        return httpx2.post(self.hook, content=body, headers=headers, timeout=20)

    def mail(self, body: bytes) -> None:
        with smtplib.SMTP("127.0.0.1", self.mail_port, timeout=30) as smtp:
            smtp.sendmail("dana@correo.example", [OURS], body)

    @contextlib.contextmanager
    def somebody_else_is_served(self):
        """A good message that comes right behind what happens inside is recorded in time."""
        yield
        began, ident = time.monotonic(), uuid.uuid4().hex
        good = message(id=ident, text="¿Abren hoy?", sent_at=datetime.now(UTC).isoformat())
        assert self.post(json.dumps(good).encode()).status_code == 200
        patience = PROMPT * max(1.0, os.getloadavg()[0])  # a machine that does other things is given time
        while not Message.objects.filter(external_id=ident).exists():
            assert time.monotonic() - began < patience, "a good message waited for a bad one"
            time.sleep(0.02)
        self.slowest = max(self.slowest, time.monotonic() - began)

    def settled(self) -> None:
        """Everything that was kept has been looked at."""
        deadline = time.monotonic() + 60
        while Delivery.objects.filter(state="new", attempts=0).exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def is_well(self) -> None:
        health = httpx2.get(f"{self.address}/health").json()
        assert health["ok"] and all(loop["failures"] == 0 for loop in health["loops"].values()), health
        equation = ledger.equation()
        assert equation.balances and equation == ledger.audit(clock.now())


@pytest.fixture
def house(transactional_db, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        mail_port = free.getsockname()[1]
    monkeypatch.setenv("NETCENTER_EMAIL_SMTP_PORT", str(mail_port))
    company, ports = found(), Ports()
    connect(company.brand, "email", "Correo", OURS, {"smtp_host": "127.0.0.1"}, clock.now(), "system")
    try:
        with served([*FLOW, Loop("intake.ports", ports.step, every=10.0)]) as address:
            while not ports._open.get("email"):
                time.sleep(0.02)
            yield House(address, mail_port, company)
    finally:
        for listener in filter(None, ports._open.values()):
            listener.stop()


def test_there_are_fifty_of_them():
    assert len(MAILS) + len(WEBHOOKS) + len(REFUSED_WEBHOOKS) + len(FRAMES) + len(UPLOADS) >= 50


def test_every_mail_is_kept_and_read_or_shown_with_a_reason(house):
    kept = 0
    for name, body in MAILS.items():
        with house.somebody_else_is_served():
            try:
                house.mail(body)
            except smtplib.SMTPDataError as refused:  # their sender keeps it, and is told why
                assert refused.smtp_code == 500 and b"Line too long" in refused.smtp_error, name
                assert max(map(len, body.split(b"\r\n"))) > MAX_LINE, name
            else:
                kept += 1
        assert Delivery.objects.filter(account__channel="email").count() == kept, name
    house.settled()
    for delivery in Delivery.objects.filter(account__channel="email"):
        assert delivery.state in ("read", "unreadable")
        assert delivery.state == "read" or len(delivery.error) > 10
    house.is_well()


def test_every_signed_webhook_is_kept_and_told_its_flaws(house):
    for name, body in WEBHOOKS.items():
        with house.somebody_else_is_served():
            answer = house.post(body)
        assert answer.status_code in (200, 202), name
        told = answer.json()
        assert told["kept"] is True
        assert answer.status_code == 200 or told["errors"], name
    house.settled()
    kept = Delivery.objects.exclude(message_of_somebody_else())
    assert kept.count() >= len(WEBHOOKS)
    for delivery in Delivery.objects.filter(state="unreadable"):
        assert len(delivery.error) > 10
    assert "\x00" not in Message.objects.get(external_id="nul").text
    house.is_well()


def message_of_somebody_else():
    from django.db.models import Q

    good = Message.objects.filter(text="¿Abren hoy?").values("delivery_id")
    return Q(pk__in=good)


def test_what_is_too_large_or_wrongly_signed_is_refused_with_words(house):
    with house.somebody_else_is_served():
        too_large = house.post(REFUSED_WEBHOOKS["six megabytes"])
    assert too_large.status_code == 413 and b"too large" in too_large.content
    with house.somebody_else_is_served():
        forged = house.post(REFUSED_WEBHOOKS["a wrong signature"], secret="guessed")
    assert forged.status_code == 401 and "X-Netcenter-Signature" in forged.text
    house.settled()
    assert Delivery.objects.exclude(message_of_somebody_else()).count() == 0
    house.is_well()


def test_every_broken_frame_is_answered_and_the_conversation_goes_on(house):
    url = f"{house.address.replace('http', 'ws')}/chat/{house.company.chat.key}/ws"
    with open_socket(url) as visitor:
        visitor.send(json.dumps({"type": "hello", "token": secrets.token_urlsafe(32), "since": 0, "language": "es"}))
        for name, frame in FRAMES.items():
            with house.somebody_else_is_served():
                visitor.send(frame)
                error = next(told for told in frames(visitor) if told["type"] == "error")
            assert error["code"], name
        visitor.send(json.dumps({"type": "say", "cid": "cccccccccc", "text": "Sigo aquí"}))
        assert next(told for told in frames(visitor) if told["type"] == "ack")["cid"] == "cccccccccc"
    house.settled()
    assert Message.objects.filter(account=house.company.chat).count() == 1
    house.is_well()


def test_a_frame_of_two_megabytes_ends_its_own_socket_only(house):
    url = f"{house.address.replace('http', 'ws')}/chat/{house.company.chat.key}/ws"
    with open_socket(url) as visitor, house.somebody_else_is_served():
        with pytest.raises(ConnectionClosed):  # at its end, or before it has left
            visitor.send("x" * 2 * 2**20)
            while True:
                visitor.recv(timeout=10)
    house.is_well()


def frames(visitor):
    while True:
        yield json.loads(visitor.recv(timeout=20))


def test_every_upload_is_judged_by_its_bytes(house):
    token = secrets.token_urlsafe(32)
    for name, (body, called, status) in UPLOADS.items():
        headers = {} if name == "no token" else {"Authorization": f"Visitor {token}"}
        url = f"{house.address}/chat/{house.company.chat.key}/files"
        with house.somebody_else_is_served():
            answer = httpx2.post(url, params={"name": called}, content=body, headers=headers, timeout=20)
        assert answer.status_code == status, (name, answer.text)
        told = answer.json()
        assert told["code"] if status >= 400 else "/" not in told["name"] and "\x00" not in told["name"], name
    house.is_well()
