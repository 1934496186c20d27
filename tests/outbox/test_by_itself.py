"""What the house says by itself: once, honestly labelled, and answering nothing."""

import threading
from email import message_from_bytes

import pytest
from django.db import connection

from netcenter.cases import ledger
from netcenter.cases.models import Case, Identity, Message
from netcenter.channels.contract import Connection
from netcenter.channels.email.sending import compose
from netcenter.channels.registry import channel
from netcenter.events.models import Event
from netcenter.lib.refused import Refused
from netcenter.outbox.actions import say_by_itself
from netcenter.outbox.dispatching import outbound_of
from netcenter.outbox.models import Dispatch
from netcenter.standards.models import Promise
from tests.company import NOON, found

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "Recibimos su mensaje. Le contestamos aquí."


def asked():
    company = found()
    company.deliver(company.said("Cobraron dos veces"))
    case = Case.objects.get()
    return company, case, case.threads.get()


def test_it_answers_nothing():
    _company, case, thread = asked()
    before = ledger.equation(), list(Promise.objects.values("due_at", "ended_at", "outcome"))
    said = say_by_itself(case.pk, thread, WORDS, "acknowledgement", NOON)
    assert (ledger.equation(), list(Promise.objects.values("due_at", "ended_at", "outcome"))) == before
    waits = Case.objects.get()
    assert waits.waiting_since == case.waiting_since == NOON and waits.due_at == case.due_at
    assert waits.last_operator is None and waits.preview == case.preview
    assert (said.automatic, said.operator, said.state) == ("acknowledgement", None, "sending")
    assert Event.objects.get(kind="message.written").data["automatic"] == "acknowledgement"


def test_it_says_the_same_thing_once_and_another_thing_too():
    _company, case, thread = asked()
    first = say_by_itself(case.pk, thread, WORDS, "acknowledgement", NOON)
    assert say_by_itself(case.pk, thread, "Otra vez", "acknowledgement", NOON) == first
    # What left has the network's own id: the key alone still tells that it was said.
    Message.objects.filter(pk=first.pk).update(external_id="theirs", state="sent")
    assert say_by_itself(case.pk, thread, "Otra vez", "acknowledgement", NOON) == first
    say_by_itself(case.pk, thread, WORDS, "holding", NOON, which="7")
    say_by_itself(case.pk, thread, WORDS, "holding", NOON, which="7")
    say_by_itself(case.pk, thread, WORDS, "holding", NOON, which="8")
    assert Dispatch.objects.count() == Message.objects.filter(direction="out").count() == 3


def test_four_threads_say_it_once():
    _company, case, thread = asked()
    said = []

    def say():
        try:
            said.append(say_by_itself(case.pk, thread, WORDS, "menu", NOON).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=say) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(said) == 4 and len(set(said)) == 1 and Dispatch.objects.count() == 1


def test_it_tells_the_network_that_no_person_wrote_it():
    _company, case, thread = asked()
    Message.objects.update(external_id="<their-mail@example.com>")
    Identity.objects.update(email="dana@example.com")
    say_by_itself(case.pk, thread, WORDS, "holding", NOON)
    outbound = outbound_of(Dispatch.objects.get())
    assert outbound.automatic and outbound.sender_name == ""
    wire = Connection("box", "hola@aurora.example", "Box", {}, {}, brand="Aurora")
    mail = message_from_bytes(compose(outbound, wire, NOON))
    assert (mail["Auto-Submitted"], mail["From"]) == ("auto-replied", "Aurora <hola@aurora.example>")
    assert mail["In-Reply-To"] == "<their-mail@example.com>"


def test_it_refuses_what_the_place_cannot_take():
    _company, case, thread = asked()
    with pytest.raises(Refused) as refused:
        say_by_itself(case.pk, thread, "  ", "menu", NOON)
    assert refused.value.code == "empty"
    most = channel("api").capabilities.max_length
    with pytest.raises(Refused) as refused:
        say_by_itself(case.pk, thread, "x" * (most + 1), "menu", NOON)
    assert refused.value.code == "too_long"
    with pytest.raises(ValueError, match="nothing that the house says"):
        say_by_itself(case.pk, thread, WORDS, "advert", NOON)
    assert Dispatch.objects.count() == 0
