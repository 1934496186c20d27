"""A mail from a real mailbox to the desk, and the answer back into the customer's, on Debian's Postfix and Dovecot."""

import threading
import uuid

import pytest

from netcenter import flow
from netcenter.accounts.actions import connect
from netcenter.accounts.models import Account
from netcenter.accounts.queries import connection_of
from netcenter.cases import ledger
from netcenter.cases.models import Case, Message
from netcenter.cases.queries import story
from netcenter.channels.registry import channel
from netcenter.intake.loops import poll_once
from netcenter.intake.models import Delivery
from netcenter.lib import clock
from netcenter.outbox import actions as outbox
from netcenter.outbox import dispatching
from netcenter.outbox.loops import deliver
from netcenter.outbox.models import Dispatch
from netcenter.routing import actions as routing
from tests.company import Company

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mail]


@pytest.fixture
def mailbox(company: Company, mail_server) -> Account:
    address = mail_server.address(f"hola-{uuid.uuid4().hex[:8]}")
    values = {**mail_server.config(), "address": address, "password": mail_server.password}
    return connect(company.brand, "email", "Correo", address, values, clock.now(), "system")


def fetch(account: Account, at_least: int = 1) -> None:
    """Poll as the loop does until that many deliveries are here, then take them in."""
    stop = threading.Event()
    threading.Timer(20, stop.set).start()
    network, wire = channel("email"), connection_of(account)
    while not stop.is_set() and Delivery.objects.filter(account=account).count() < at_least:
        if not poll_once(account) and Delivery.objects.filter(account=account).count() < at_least:
            network.wait(wire, 5, stop.is_set)
    while flow.take_in(clock.now()):
        pass


def answer(case: Case, text: str, person) -> None:
    routing.take(case.pk, person, clock.now())
    shown = story(case)
    reply = outbox.Reply(text, uuid.uuid4().hex, shown.messages[-1].thread_id, shown.seen_id)
    flow.answer(case, reply, person, clock.now())
    for dispatch in dispatching.claim(clock.now(), 10):
        deliver(dispatch)


def test_it_answers_into_the_customers_thread_and_knows_the_reply_to_it(company, mailbox, mail_server):
    dana = mail_server.customer(f"dana-{uuid.uuid4().hex[:6]}")
    first = mail_server.deliver(mailbox.address, "¿Tienen pan sin gluten?", subject="Pan", sender=dana)
    fetch(mailbox)
    case = Case.objects.get()
    answer(case, "Sí, todos los días.", company.alice)

    (mail,) = mail_server.messages(dana, at_least=1)
    assert mail.subject == "Re: Pan" and "Sí, todos los días." in mail.text
    assert mail.headers["in-reply-to"] == (first,) and first in mail.headers["references"][0]
    assert "Alice" in mail.from_values.name and mail.from_values.email == mailbox.address

    ours = mail.headers["message-id"][0]
    mail_server.deliver(mailbox.address, "¡Gracias! ¿Y facturas?", subject="Re: Pan", sender=dana, In_Reply_To=ours,
                        References=f"{first} {ours}")  # fmt: skip
    fetch(mailbox, at_least=3)  # our own copy lies in Sent, and is fetched too
    assert Case.objects.count() == 1 and Message.objects.filter(direction="in").count() == 2
    assert Message.objects.values("thread").distinct().count() == 1
    assert ledger.equation().waiting == 1


def test_it_waits_again_when_the_customers_mailbox_does_not_exist(company, mailbox, mail_server):
    mail_server.deliver(mailbox.address, "Hola", sender=mail_server.customer("nobody"))
    fetch(mailbox)
    answer(Case.objects.get(), "Hola, ¿en qué te ayudo?", company.alice)
    assert Dispatch.objects.get().state in ("sent", "refused")
    if Dispatch.objects.get().state == "sent":  # the server took it and sends a bounce
        known = Delivery.objects.filter(account=mailbox).count()
        while Message.objects.get(direction="out").state != "failed":
            known += 1
            fetch(mailbox, at_least=known)
            assert known < 6
    assert Message.objects.get(direction="in").state == "waiting"
    assert ledger.equation().balances
