"""What citizens write is what the channels read, and the other way round."""

import asyncio
import json
import random
import smtplib
import socket
import time
from datetime import UTC, datetime
from email import message_from_bytes

import httpx2
import pytest

from netcenter.channels.api import wire as api_wire
from netcenter.channels.contract import Author as To
from netcenter.channels.contract import Connection, Inbound, Outbound, Raw, ThreadRef
from netcenter.channels.email import parsing, sending
from netcenter.lib import signature
from netcenter.street import app
from netcenter.street.app import Shop
from netcenter.street.citizens import Utterance, citizen
from netcenter.street.mail import Mailbox, Post, letter, new_words
from netcenter.street.matters import APP, MAIL, MATTERS
from netcenter.street.wires import Ear, House

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ADDRESS = "hola@panaderia-aurora.example"
ACCOUNT = Connection("key", ADDRESS, "Aurora", {"signature": "Aurora"}, {}, "Aurora")
HOUSE = House("http://127.0.0.1:9", mail=ADDRESS, hook="hook", hook_secret="a secret")
CAKE = next(m for m in MATTERS if m.name == "wrong_cake")


def read_mail(content: bytes) -> Inbound:
    (said,) = parsing.parse(Raw(content, "one", {"received_at": NOW.isoformat()}), ACCOUNT)
    assert isinstance(said, Inbound)
    return said


@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_a_citizen_s_mail_is_read_as_it_was_meant(language):
    for seed in range(20):
        person = citizen(random.Random(seed), CAKE, language, MAIL)
        opening = person.opening()
        mail = letter(person, opening, ADDRESS, NOW, subject=opening.subject, thread=[])
        said = read_mail(mail.as_bytes())
        assert said.author.email == person.email
        assert said.author.name == person.voice.name
        assert said.sent_at == NOW
        assert said.thread.subject == opening.subject
        assert not said.automatic
        assert len(said.attachments) == len(opening.photos)
        for line in opening.lines:
            assert line.rstrip(".") in said.text


@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_an_answer_is_quoted_and_the_house_folds_the_quote(language):
    person = citizen(random.Random(3), CAKE, language, MAIL)
    quoted = ("Ana Ríos (Aurora)", "We are sorry.\n\nIt is on its way.\n", NOW)
    mail = letter(
        person, Utterance(("Gracias",)), ADDRESS, NOW, subject="Re: x", thread=["<1@c>", "<nc-2@h>"], quoted=quoted
    )
    said = read_mail(mail.as_bytes())
    assert said.thread.external_id == "<1@c>"
    assert said.in_reply_to[0] == "<nc-2@h>"
    assert "It is on its way." in said.quoted
    assert "It is on its way." not in said.text


def test_the_house_s_mail_reaches_the_mailbox_and_is_heard_once():
    async def story() -> tuple[Ear, Ear]:
        post, ear, stranger = Post(HOUSE), Ear(), Ear()
        person = citizen(random.Random(3), CAKE, "es", MAIL)
        post.wire(person, ear)
        sock = socket.create_server(("127.0.0.1", 0))
        server = await post.open(sock)
        outbound = Outbound(
            key="k-1", thread=ThreadRef("<1@c>", subject="x"), to=To(person.email, email=person.email),
            text="Lo sentimos.\n\nYa va.", sender_name="Ana Ríos", in_reply_to=("<1@c>",),
        )  # fmt: skip
        content = sending.compose(outbound, ACCOUNT, NOW)
        for _time in range(2):
            await asyncio.to_thread(deliver, sock.getsockname()[1], person.email, content)
        await asyncio.to_thread(deliver, sock.getsockname()[1], "nobody@correo.example", content)
        server.close()
        assert post.received == 3
        return ear, stranger

    ear, _stranger = asyncio.run(story())
    heard = ear.heard.get_nowait()
    assert (heard.way, heard.text, heard.operator, heard.automatic) == (MAIL, "Lo sentimos.\n\nYa va.", "Ana", False)
    assert ear.heard.empty()


def deliver(port: int, to: str, content: bytes) -> None:
    with smtplib.SMTP("127.0.0.1", port, local_hostname="here") as smtp:
        smtp.sendmail(ADDRESS, [to], content)


def test_a_machine_s_mail_is_known_for_one():
    ear = Ear()
    box = Mailbox(Post(HOUSE), citizen(random.Random(3), CAKE, "es", MAIL), ear)
    outbound = Outbound(
        key="k-1", thread=ThreadRef("<1@c>", subject="x"), to=To("a@b.example", email="a@b.example"),
        text="Un momento.", automatic=True,
    )  # fmt: skip
    box.take(sending.compose(outbound, ACCOUNT, NOW))
    assert ear.heard.get_nowait().automatic


def test_new_words_are_without_quote_and_signature():
    text = "Claro que sí.\n\nSaludos\n\n-- \nAurora\n\nOn 1/2/26, Dana wrote:\n> hola\n"
    assert new_words(text) == "Claro que sí.\n\nSaludos"


def test_what_the_app_posts_is_read_by_the_api_channel():
    for seed in range(30):
        person = citizen(random.Random(seed), way=APP)
        said = person.opening()
        body = json.dumps(app.message(person, said, "order-1", said.subject, NOW, "m-1")).encode()
        reading = api_wire.read(body, NOW)
        assert not reading.errors and not reading.warnings
        (inbound,) = reading.happenings
        assert isinstance(inbound, Inbound)
        assert inbound.author.email == person.email
        assert len(inbound.attachments) == len(said.photos)


def test_both_sides_sign_alike():
    body, now = b'{"a": 1}', time.time()
    lower = {name.lower(): value for name, value in app.sign("s", body, now).items()}
    assert signature.flaw(["s"], lower, body, now) == ""
    theirs = {name.lower(): value for name, value in signature.sign(["old", "s"], body, now).items()}
    assert app.is_signed("s", theirs, body, now)
    assert not app.is_signed("other", theirs, body, now)
    assert not app.is_signed("s", theirs, body + b" ", now)
    assert not app.is_signed("s", theirs, body, now + 400)
    assert not app.is_signed("s", {}, body, now)


def test_a_reply_is_heard_once_however_often_it_is_posted():
    ear, statuses = Ear(), []

    async def story() -> None:
        shop = Shop(HOUSE)
        thread = shop.wire(citizen(random.Random(1), way=APP), ear)
        sock = socket.create_server(("127.0.0.1", 0))
        server = await shop.open(sock)
        address = f"http://127.0.0.1:{sock.getsockname()[1]}/"
        told = {"type": "reply", "key": "k", "thread": {"id": thread.id}, "text": "Ya va", "sender_name": "Ana Ríos"}
        body = json.dumps(told).encode()
        async with httpx2.AsyncClient(trust_env=False) as client:
            for secret in ("a secret", "a secret", "not it"):
                answer = await client.post(address, content=body, headers=signature.sign([secret], body, time.time()))
                statuses.append((answer.status_code, answer.json().get("id")))
            ping = b'{"type": "ping"}'
            pinged = await client.post(address, content=ping, headers=signature.sign(["a secret"], ping, time.time()))
            statuses.append((pinged.status_code, None))
        server.close()

    asyncio.run(story())
    assert [status for status, _id in statuses] == [200, 200, 401, 200]
    assert statuses[0] == statuses[1]
    heard = ear.heard.get_nowait()
    assert (heard.text, heard.operator) == ("Ya va", "Ana")
    assert ear.heard.empty()


def test_what_a_person_says_has_a_message_id_of_their_own_domain():
    person = citizen(random.Random(1), CAKE, "es", MAIL)
    mail = message_from_bytes(letter(person, person.opening(), ADDRESS, NOW, subject="x", thread=[]).as_bytes())
    assert str(mail["Message-ID"]).endswith(f"@{person.email.partition('@')[2]}>")
