"""The channel against Debian's Postfix and Dovecot."""

import threading
import time
from dataclasses import replace

import pytest

from netcenter.channels.contract import (
    Attachment,
    Author,
    ChannelError,
    Connection,
    Inbound,
    Outbound,
    Receipt,
    ThreadRef,
)
from netcenter.channels.email import receiving, sending
from netcenter.channels.email.channel import CHANNEL

pytestmark = pytest.mark.mail


def account(server, name, **config):
    address = server.address(name)
    secrets = {"password": server.password}
    return Connection(f"key-{name}", address, "Care", server.config(**config), secrets, brand="Panadería Sol")


def happenings(connection, polled):
    return [happening for raw in polled.raws for happening in CHANNEL.parse(raw, connection)]


def poll_until(connection, cursor, count=1, seconds=15.0):
    """(happenings, cursor) once `count` mails have come in."""
    found, deadline = [], time.monotonic() + seconds
    while len(found) < count and time.monotonic() < deadline:
        polled = CHANNEL.poll(connection, cursor)
        cursor = polled.cursor
        found += happenings(connection, polled)
        time.sleep(0 if polled.more else 0.1)
    assert len(found) >= count, f"only {len(found)} of {count} mails came in"
    return found, cursor


def answer_to(inbound, key="a1", **more):
    return Outbound(
        key=key,
        thread=inbound.thread,
        to=inbound.author,
        text="Ya lo miramos.",
        in_reply_to=(inbound.external_id,),
        sender_name="Alice",
        **more,
    )


def test_a_mail_wakes_the_wait_and_comes_in_without_being_marked_as_seen(mail_server):
    connection = account(mail_server, "idle")
    cursor = CHANNEL.poll(connection, {}).cursor
    woken = []

    def wait():
        CHANNEL.wait(connection, 30, lambda: False)
        woken.append(time.monotonic())

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.5)
    message_id = mail_server.deliver(connection.address, "¿Dónde está mi pan?")
    sent = time.monotonic()
    waiting.join(20)
    assert woken and woken[0] - sent < 5
    (inbound,), _cursor = poll_until(connection, cursor)
    assert isinstance(inbound, Inbound)
    assert inbound.text == "¿Dónde está mi pan?"
    assert inbound.thread.external_id == message_id
    (seen_by_others,) = mail_server.messages(connection.address, at_least=1)
    assert "\\Seen" not in seen_by_others.flags


def test_a_mail_that_came_between_poll_and_wait_is_noticed_at_once(mail_server):
    connection = account(mail_server, "between")
    CHANNEL.poll(connection, {})
    mail_server.deliver(connection.address)
    mail_server.messages(connection.address, at_least=1)
    began = time.monotonic()
    CHANNEL.wait(connection, 20, lambda: False)
    assert time.monotonic() - began < 2


def test_stop_ends_the_wait_within_about_a_second(mail_server):
    connection = account(mail_server, "stopped")
    CHANNEL.poll(connection, {})
    stop_at = time.monotonic() + 0.3
    CHANNEL.wait(connection, 30, lambda: time.monotonic() > stop_at)
    assert time.monotonic() - stop_at < 1.5


def test_the_session_still_works_after_the_server_has_dropped_it(mail_server):
    connection = account(mail_server, "dropped")
    cursor = CHANNEL.poll(connection, {}).cursor
    from netcenter.channels.email import mailbox

    with mailbox.borrowed(connection) as session:
        sock = session.box.client.sock
    sock.shutdown(2)
    mail_server.deliver(connection.address)
    with pytest.raises(ChannelError) as raised:
        CHANNEL.poll(connection, cursor)
    assert not raised.value.permanent
    found, _cursor = poll_until(connection, cursor)
    assert len(found) == 1


def test_a_new_uidvalidity_loses_and_doubles_nothing(mail_server):
    connection = account(mail_server, "renumbered", folder="Papelería")
    mail_server.make_folder(connection.address, "Papelería")
    cursor = CHANNEL.poll(connection, {}).cursor
    for n in range(3):
        mail_server.append(connection.address, "Papelería", f"antes {n}")
    first = CHANNEL.poll(connection, cursor)
    known = {raw.dedupe for raw in first.raws}
    assert len(known) == 3
    mail_server.renumber(connection.address, "Papelería")
    mail_server.append(connection.address, "Papelería", "después")
    again = CHANNEL.poll(connection, first.cursor)
    assert again.cursor["uidvalidity"] != first.cursor["uidvalidity"]
    assert len(again.raws) == 4
    (new,) = [raw for raw in again.raws if raw.dedupe not in known]
    assert CHANNEL.parse(new, connection)[0].text == "después"
    assert CHANNEL.poll(connection, again.cursor).raws == ()


def test_batches_are_bounded_and_go_on_where_they_ended(mail_server, monkeypatch):
    monkeypatch.setattr(receiving, "MAX_BATCH", 2)
    connection = account(mail_server, "batches")
    for n in range(5):
        mail_server.deliver(connection.address, f"n{n}")
    mail_server.messages(connection.address, at_least=5)
    cursor, texts, sizes = {}, [], []
    while True:
        polled = CHANNEL.poll(connection, cursor)
        cursor = polled.cursor
        sizes.append(len(polled.raws))
        texts += [each.text for each in happenings(connection, polled)]
        if not polled.more:
            break
    assert sizes == [2, 2, 1]
    assert sorted(texts) == [f"n{n}" for n in range(5)]


def test_without_history_only_what_arrives_from_now_on_comes_in(mail_server):
    connection = account(mail_server, "fresh", history_days=0)
    mail_server.deliver(connection.address, "viejo")
    mail_server.messages(connection.address, at_least=1)
    polled = CHANNEL.poll(connection, {})
    assert polled.raws == ()
    mail_server.deliver(connection.address, "nuevo")
    (inbound,), _cursor = poll_until(connection, polled.cursor)
    assert inbound.text == "nuevo"


def test_of_a_huge_mail_the_words_come_in_and_the_loss_is_told(mail_server, monkeypatch):
    monkeypatch.setattr(receiving, "MAX_MAIL_BYTES", 100_000)
    monkeypatch.setattr(receiving, "PARTIAL_BYTES", 20_000)
    connection = account(mail_server, "huge")
    from email.message import EmailMessage

    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = (
        "dana@x.test",
        connection.address,
        "Foto",
        "<h@x.test>",
    )
    mail.set_content("Mire la foto")
    mail.add_attachment(b"\xff" * 300_000, maintype="image", subtype="jpeg", filename="pan.jpg")
    mail_server.deliver(connection.address, raw=mail.as_bytes())
    (inbound,), _cursor = poll_until(connection, {})
    assert inbound.text == "Mire la foto"
    assert [(each.name, each.missing, each.content) for each in inbound.attachments] == [("pan.jpg", "too large", b"")]


def test_stored_marks_as_seen_only_where_that_is_wanted(mail_server):
    quiet, marking = account(mail_server, "quiet"), account(mail_server, "marking", mark_seen=True)
    for connection, expected in ((quiet, False), (marking, True)):
        mail_server.deliver(connection.address)
        _found, cursor = poll_until(connection, {})
        CHANNEL.stored(connection, cursor)
        CHANNEL.stored(connection, cursor)
        (mail,) = mail_server.messages(connection.address, at_least=1)
        assert ("\\Seen" in mail.flags) is expected


def test_an_answer_reaches_the_customer_in_their_thread(mail_server):
    connection = account(mail_server, "answers")
    dana = mail_server.customer("dana-thread")
    earlier, asked = "<root@customer.test>", None
    asked = mail_server.deliver(
        connection.address, "¿Y mi pan?", subject="Pan duro", sender=dana, References=earlier, In_Reply_To=earlier
    )
    (inbound,), _cursor = poll_until(connection, {})
    files = (Attachment("menú.pdf", "application/pdf", b"%PDF-1.4 pan"),)
    receipt = CHANNEL.send(answer_to(inbound, attachments=files), connection)
    assert receipt == replace(receipt, state="sent", external_id="<nc-a1@lab.test>")
    (mail,) = mail_server.messages(dana, at_least=1)
    assert mail.headers["message-id"] == ("<nc-a1@lab.test>",)
    assert mail.headers["in-reply-to"] == (asked,)
    assert mail.headers["references"][0].split() == [earlier, asked]
    assert mail.subject == "Re: Pan duro"
    assert mail.from_values.name == "Alice (Panadería Sol)"
    assert mail.from_values.email == connection.address
    assert mail.text.strip() == "Ya lo miramos."
    assert [(each.filename, each.payload) for each in mail.attachments] == [("menú.pdf", b"%PDF-1.4 pan")]
    assert "auto-submitted" not in mail.headers


@pytest.mark.parametrize("copies", ["own", "sent"])
def test_what_left_is_found_and_what_did_not_is_not(mail_server, copies, monkeypatch):
    monkeypatch.setattr(sending, "COPY_TAKES", 3.0)
    connection = account(mail_server, f"found-{copies}", copies=copies)
    to = Author(mail_server.customer(), email=mail_server.customer())
    sent = Outbound("here", ThreadRef("<t@customer.test>"), to, "Hola")
    CHANNEL.send(sent, connection)
    found = CHANNEL.find(sent, connection)
    assert found is not None and found.external_id == "<nc-here@lab.test>"
    assert CHANNEL.find(replace(sent, key="never"), connection) is None


def test_our_own_copy_comes_in_as_a_receipt(mail_server):
    connection = account(mail_server, "own")
    cursor = CHANNEL.poll(connection, {}).cursor
    to = Author(mail_server.customer(), email=mail_server.customer())
    CHANNEL.send(Outbound("copy", ThreadRef("<t@customer.test>"), to, "Hola"), connection)
    (receipt,), _cursor = poll_until(connection, cursor)
    assert isinstance(receipt, Receipt) and (receipt.state, receipt.external_id) == ("sent", "<nc-copy@lab.test>")


def test_a_bounce_says_that_our_mail_failed(mail_server):
    connection = account(mail_server, "bounced", copies="server")
    cursor = CHANNEL.poll(connection, {}).cursor
    nobody = mail_server.customer("nobody")
    CHANNEL.send(Outbound("lost", ThreadRef("<t@customer.test>"), Author(nobody, email=nobody), "Hola"), connection)
    (receipt,), _cursor = poll_until(connection, cursor)
    assert isinstance(receipt, Receipt)
    assert (receipt.state, receipt.external_id) == ("failed", "<nc-lost@lab.test>")
    assert nobody in receipt.detail


def test_the_connection_test_is_all_green_on_a_good_account(mail_server):
    checks = list(CHANNEL.health(account(mail_server, "healthy")))
    assert len(checks) == 7
    assert [check for check in checks if not check.ok] == []


def test_the_connection_test_says_what_to_do_about_a_wrong_password(mail_server):
    connection = replace(account(mail_server, "wrong"), secrets={"password": "typo"})
    failed = [check for check in CHANNEL.health(connection) if not check.ok]
    assert [check.label for check in failed] == ["Signing in to the mailbox", "Signing in to send"]
    assert all("app password" in check.advice for check in failed)


def test_a_wrong_password_is_permanent_for_reading_and_not_for_a_reply(mail_server):
    connection = replace(account(mail_server, "locked"), secrets={"password": "typo"})
    with pytest.raises(ChannelError) as reading:
        CHANNEL.poll(connection, {})
    assert reading.value.permanent
    dana = Author(mail_server.customer(), email=mail_server.customer())
    with pytest.raises(ChannelError) as sending:
        CHANNEL.send(Outbound("k", ThreadRef("<t@x>"), dana, "Hola"), connection)
    assert not sending.value.permanent and not sending.value.unknown


def test_a_missing_folder_is_told_and_the_rest_goes_on(mail_server):
    checks = list(CHANNEL.health(account(mail_server, "nofolder", folder="Buzón")))
    assert [check.label for check in checks if not check.ok] == ["Folder can be read"]


@pytest.mark.parametrize("incoming", ["ssl", "starttls"])
def test_over_tls_a_mail_wakes_the_wait_and_the_answer_leaves(mail_server, monkeypatch, incoming):
    monkeypatch.setenv("SSL_CERT_FILE", str(mail_server.certificate))
    imap_port = mail_server.imaps_port if incoming == "ssl" else mail_server.imap_port
    tls = {"imap_security": incoming, "imap_port": imap_port, "smtp_security": "starttls"}
    connection = account(mail_server, f"tls-{incoming}", **tls)
    assert [check for check in CHANNEL.health(connection) if not check.ok] == []
    cursor = CHANNEL.poll(connection, {}).cursor
    for n in range(2):  # the second time the session has idled before
        threading.Timer(0.4, mail_server.deliver, [connection.address, f"hola {n}"]).start()
        began = time.monotonic()
        CHANNEL.wait(connection, 30, lambda: False)
        assert time.monotonic() - began < 6
        (inbound,), cursor = poll_until(connection, cursor)
        assert inbound.text == f"hola {n}"
    dana = mail_server.customer(f"dana-{incoming}")
    assert CHANNEL.send(replace(answer_to(inbound), to=Author(dana, email=dana)), connection).state == "sent"
    assert mail_server.messages(dana, at_least=1)


def test_a_certificate_that_nobody_signed_is_refused_with_advice(mail_server):
    connection = account(mail_server, "untrusted", imap_security="ssl", imap_port=mail_server.imaps_port)
    failed = [check for check in CHANNEL.health(connection) if not check.ok]
    assert [check.label for check in failed] == ["Signing in to the mailbox"]
    assert "certificate" in failed[0].advice


def test_the_wrong_kind_of_encryption_is_told(mail_server):
    connection = account(mail_server, "mismatch", imap_security="ssl")
    failed = [check for check in CHANNEL.health(connection) if not check.ok]
    assert "other kind of encryption" in failed[0].advice
