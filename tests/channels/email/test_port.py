"""The door of our own: 250 only for what is stored."""

import smtplib
import socket
import threading
import time

import pytest

from netcenter.channels.email import port
from netcenter.channels.email.channel import CHANNEL

MAIL = b"From: dana@correo.example\r\nTo: hola@sol.test\r\nMessage-ID: <p@x>\r\n\r\nHola\r\n..punto\r\n"
OURS = {"hola@sol.test", "ola@sol.test"}


class Store:
    def __init__(self):
        self.kept, self.broken_for, self.slow = [], set(), 0.0

    def accept(self, address, raws):
        time.sleep(self.slow)
        if address in self.broken_for:
            raise OSError("disk full")
        self.kept += [(address, raw) for raw in raws]


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def door(store):
    opened = port.serve(store.accept, OURS.__contains__, smtp_port=0, lmtp_port=0)
    yield opened
    opened.stop()


def smtp(door):
    return smtplib.SMTP("127.0.0.1", door.ports["smtp"], timeout=10)


def lmtp(door):
    return smtplib.LMTP("127.0.0.1", door.ports["lmtp"], timeout=10)


def test_what_is_answered_with_250_is_stored_as_it_came(door, store):
    with smtp(door) as client:
        client.sendmail("dana@correo.example", ["Hola@Sol.test"], MAIL)
    ((address, raw),) = store.kept
    assert address == "hola@sol.test"
    assert raw.body == MAIL
    assert raw.meta["mail_from"] == "dana@correo.example" and raw.meta["received_at"]


def test_what_cannot_be_stored_stays_with_its_sender(door, store):
    store.broken_for = OURS
    with smtp(door) as client, pytest.raises(smtplib.SMTPDataError) as raised:
        client.sendmail("dana@correo.example", ["hola@sol.test"], MAIL)
    assert raised.value.smtp_code == 451


def test_an_address_that_is_not_ours_is_refused(door, store):
    with smtp(door) as client, pytest.raises(smtplib.SMTPRecipientsRefused) as raised:
        client.sendmail("dana@correo.example", ["otra@sol.test"], MAIL)
    assert raised.value.recipients["otra@sol.test"][0] == 550
    assert store.kept == []


def test_the_same_bytes_are_the_same_delivery(door, store):
    with smtp(door) as client:
        for _again in range(2):
            client.sendmail("dana@correo.example", ["hola@sol.test"], MAIL)
    assert len(store.kept) == 2
    assert len({raw.dedupe for _address, raw in store.kept}) == 1


def test_lmtp_answers_for_each_recipient(door, store):
    store.broken_for = {"ola@sol.test"}
    with lmtp(door) as client:
        client.ehlo_or_helo_if_needed()
        client.mail("dana@correo.example")
        client.rcpt("hola@sol.test")
        client.rcpt("ola@sol.test")
        first = client.data(MAIL)
        second = client.getreply()
    assert (first[0], second[0]) == (250, 451)
    assert [address for address, _raw in store.kept] == ["hola@sol.test"]


def test_a_mail_over_the_limit_is_refused_for_good(store, monkeypatch):
    monkeypatch.setattr(port, "MAX_MAIL_BYTES", 1000)
    door = port.serve(store.accept, OURS.__contains__, smtp_port=0)
    try:
        with smtp(door) as client, pytest.raises(smtplib.SMTPResponseException) as raised:
            client.sendmail("dana@correo.example", ["hola@sol.test"], MAIL + b"x" * 2000)
        assert raised.value.smtp_code == 552
    finally:
        door.stop()


def test_lines_longer_than_the_standard_allows_are_taken(door, store):
    with smtp(door) as client:
        client.sendmail("dana@correo.example", ["hola@sol.test"], MAIL + b"y" * 200_000 + b"\r\n")
    assert store.kept[0][1].body.endswith(b"y" * 200_000 + b"\r\n")


def test_a_client_that_hangs_up_leaves_the_others_alone(door, store):
    with socket.create_connection(("127.0.0.1", door.ports["smtp"])) as rude:
        rude.recv(100)
        rude.sendall(b"EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<hola@sol.test>\r\nDATA\r\nFrom: a@b\r\n\r\nhalf")
    with smtp(door) as client:
        client.sendmail("dana@correo.example", ["hola@sol.test"], MAIL)
    assert [raw.body for _address, raw in store.kept] == [MAIL]


def test_stop_waits_for_what_is_being_stored(store):
    store.slow = 0.5
    door = port.serve(store.accept, OURS.__contains__, smtp_port=0)
    client = smtp(door)
    outcome = []

    def deliver():
        try:
            client.sendmail("dana@correo.example", ["hola@sol.test"], MAIL)
            outcome.append("told")
        except smtplib.SMTPException:
            outcome.append("cut off")

    sender = threading.Thread(target=deliver)
    sender.start()
    time.sleep(0.3)
    door.stop()
    door.stop()
    client.close()
    sender.join(5)
    assert len(store.kept) == 1
    assert outcome


def test_nothing_is_opened_unless_the_installation_says_so(store):
    assert CHANNEL.listen(store.accept, OURS.__contains__, {}) is None
    opened = CHANNEL.listen(store.accept, OURS.__contains__, {"smtp_port": "0"})
    assert opened is not None and set(opened.ports) == {"smtp"}
    opened.stop()


def test_a_port_that_is_taken_is_an_error(store):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError):
        port.serve(store.accept, OURS.__contains__, smtp_port=taken.getsockname()[1])
