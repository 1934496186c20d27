"""Mails out, over a wire that fails wherever it can."""

import email
import email.policy
import re
import smtplib
import socket
import threading
from dataclasses import replace
from datetime import UTC, datetime

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from netcenter.channels.contract import Attachment, Author, ChannelError, Connection, Outbound, ThreadRef
from netcenter.channels.email.channel import CHANNEL
from netcenter.channels.email.sending import MAX_REFERENCES, compose

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CONNECTION = Connection(
    "acc", "hola@panaderia.example", "Sol", {"signature": "Calle Mayor 1"}, {}, brand="Panadería Sol"
)
DANA = Author("dana@correo.example", "Dana Quejas", "dana@correo.example")
REPLY = Outbound(
    key="d-1",
    thread=ThreadRef("<root@x>", subject="Pan duro"),
    to=DANA,
    text="Lo sentimos.\n.\nMañana llega.",
    in_reply_to=("<m3@x>#abc", "<m2@x>#def", "missing-1#x"),
    sender_name="Alice",
)


def composed(outbound=REPLY, connection=CONNECTION):
    return email.message_from_bytes(compose(outbound, connection, NOW), policy=email.policy.default)


def test_the_same_key_gives_the_same_mail_at_every_attempt():
    assert composed()["Message-ID"] == composed()["Message-ID"] == "<nc-d-1@panaderia.example>"
    assert composed(replace(REPLY, key="d-2"))["Message-ID"] != composed()["Message-ID"]


def test_a_key_that_is_no_id_still_gives_one():
    assert re.fullmatch(
        r"<nc-[0-9a-f]{32}@panaderia\.example>", composed(replace(REPLY, key="a b>\r\nx"))["Message-ID"]
    )


def test_it_names_the_person_and_the_brand_and_threads():
    mail = composed()
    assert mail["From"] == '"Alice (Panadería Sol)" <hola@panaderia.example>'
    assert mail["Subject"] == "Re: Pan duro"
    assert mail["In-Reply-To"] == "<m3@x>"
    assert mail["References"] == "<root@x> <m2@x> <m3@x>"
    assert mail.get_content().replace("\r\n", "\n") == "Lo sentimos.\n.\nMañana llega.\n\n-- \nCalle Mayor 1\n"


def test_it_is_ascii_on_the_wire_and_its_lines_are_short():
    content = compose(replace(REPLY, text="ñ" * 5000), CONNECTION, NOW)
    assert content.isascii()
    assert max(len(line) for line in content.split(b"\r\n")) <= 998


def test_long_chains_keep_the_first_and_the_newest():
    chain = tuple(f"<m{n}@x>" for n in range(40, 0, -1))
    references = composed(replace(REPLY, in_reply_to=chain))["References"].split()
    assert len(references) == MAX_REFERENCES
    assert (references[0], references[-1]) == ("<root@x>", "<m40@x>")


def test_an_acknowledgement_says_that_it_is_one():
    mail = composed(replace(REPLY, automatic=True, sender_name=""))
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["From"] == "Panadería Sol <hola@panaderia.example>"
    assert composed()["Auto-Submitted"] is None


def test_nobody_can_write_headers_through_names_and_subjects():
    evil = "x\r\nBcc: all@x.test"
    mail = composed(
        replace(REPLY, thread=ThreadRef("<r@x>", subject=evil), sender_name=evil, to=replace(DANA, name=evil))
    )
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Re: x Bcc: all@x.test"


@pytest.mark.parametrize("address", ["", "dana", "dañá@x.test", "a@b@c d", "x@" + "ñ" * 80])
def test_an_address_that_cannot_be_written_to_is_refused_for_good(address):
    with pytest.raises(ChannelError) as raised:
        compose(
            replace(REPLY, to=Author("x", email=address)) if address else replace(REPLY, to=Author("")), CONNECTION, NOW
        )
    assert raised.value.permanent


def test_a_domain_with_accents_is_written_to():
    assert composed(replace(REPLY, to=Author("x", email="dana@panadería.test")))["To"] == "dana@xn--panadera-i2a.test"


def test_html_and_files_go_along_when_wanted():
    files = (
        Attachment("menú.pdf", "application/pdf", b"%PDF"),
        Attachment("mail.eml", "message/rfc822", b"Subject: x"),
    )
    mail = composed(replace(REPLY, text="<b>&", attachments=files), replace(CONNECTION, config={"html": True}))
    assert "&lt;b&gt;&amp;" in mail.get_body(("html",)).get_content()
    assert [(part.get_filename(), part.get_content()) for part in mail.iter_attachments()] == [
        ("menú.pdf", b"%PDF"),
        ("mail.eml", b"Subject: x"),
    ]


def test_it_is_signed_with_the_accounts_own_key():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    record = b"v=DKIM1; k=rsa; p=" + b"".join(public.splitlines()[1:-1])
    connection = replace(CONNECTION, config={"dkim_selector": "nc"}, secrets={"dkim_key": pem.decode()})
    content = compose(REPLY, connection, NOW)
    assert dkim.verify(content, dnsfunc=lambda name, timeout=5: record)
    assert not dkim.verify(content.replace(b"Lo sentimos", b"Lo celebramos"), dnsfunc=lambda name, timeout=5: record)


def test_a_key_that_is_none_does_not_send_unsigned():
    connection = replace(CONNECTION, config={"dkim_selector": "nc"}, secrets={"dkim_key": "nonsense"})
    with pytest.raises(ChannelError):
        compose(REPLY, connection, NOW)


# --- The wire -------------------------------------------------------------------------------------


class Scripted:
    """An SMTP server that answers as it is told; a None closes the connection instead."""

    def __init__(self, **answers):
        self.answers = {
            "EHLO": "250 here",
            "MAIL": "250 ok",
            "RCPT": "250 ok",
            "DATA": "354 go",
            ".": "250 kept",
        } | answers
        self.heard = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        connection, _peer = self.listener.accept()
        with connection, connection.makefile("rwb") as stream:
            self.say(stream, "220 hello")
            inside = False
            for line in stream:
                word = line.strip().decode("latin1")
                if inside and word != ".":
                    continue
                verb = "." if inside else word.split(" ")[0].upper()
                self.heard.append(word)
                answer = self.answers.get(f"{verb} {len([x for x in self.heard if x.upper().startswith(verb)])}")
                answer = self.answers.get(verb, "250 ok") if answer is None else answer
                if answer == "close":
                    return
                self.say(stream, answer)
                inside = verb == "DATA" and answer.startswith("354")

    def say(self, stream, answer):
        stream.write(answer.encode() + b"\r\n")
        stream.flush()


def send_to(server):
    config = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_security": "plain", "copies": "own"}
    return CHANNEL.send(REPLY, replace(CONNECTION, config=config))


@pytest.mark.parametrize(
    ("answers", "permanent", "unknown"),
    [
        ({"MAIL": "451 later"}, False, False),
        ({"MAIL": "552 too big"}, True, False),
        ({"RCPT": "450 greylisted"}, False, False),
        ({"RCPT": "550 no such user"}, True, False),
        ({"RCPT": "close"}, False, False),
        ({"DATA": "421 shutting down"}, False, False),
        ({"DATA": "554 no"}, True, False),
        ({".": "451 disk full"}, False, False),
        ({".": "550 spam"}, True, False),
        ({".": "close"}, False, True),
    ],
)
def test_each_failure_says_whether_to_try_again_and_whether_to_look_first(answers, permanent, unknown):
    with pytest.raises(ChannelError) as raised:
        send_to(Scripted(**answers))
    assert (raised.value.permanent, raised.value.unknown) == (permanent, unknown)


def test_a_refused_copy_to_ourselves_does_not_hold_up_the_customer():
    server = Scripted(**{"RCPT 2": "550 not here"})
    assert send_to(server).state == "sent"
    assert [word for word in server.heard if word.startswith("rcpt")] == [
        "rcpt TO:<dana@correo.example>",
        "rcpt TO:<hola@panaderia.example>",
    ]


def test_a_server_that_is_not_there_is_tried_again():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    config = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "plain"}
    with pytest.raises(ChannelError) as raised:
        CHANNEL.send(REPLY, replace(CONNECTION, config=config))
    assert (raised.value.permanent, raised.value.unknown) == (False, False)
    assert isinstance(raised.value.__cause__, OSError | smtplib.SMTPException)
