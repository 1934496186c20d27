"""A message from the door to the desk and out again, on a real database."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from netcenter import flow
from netcenter.cases import ledger
from netcenter.cases.arrivals import Arrival
from netcenter.cases.models import Case, Message
from netcenter.cases.queries import story
from netcenter.cases.record import record
from netcenter.channels import contract
from netcenter.channels.registry import channel
from netcenter.events.models import Event
from netcenter.intake.models import Delivery
from netcenter.lib.refused import Refused
from netcenter.outbox import actions as outbox
from netcenter.outbox import dispatching, receipts
from netcenter.outbox.loops import deliver
from netcenter.outbox.models import Dispatch
from netcenter.people.models import Desk
from netcenter.routing import actions as routing
from netcenter.routing import presence, switchboard
from netcenter.routing.models import Offer
from netcenter.standards.models import Promise
from tests.company import NOON, Company, found

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company() -> Company:
    return found()


@pytest.fixture
def wire(monkeypatch):
    """The network side of the api channel: what left, and what goes wrong next."""

    class Wire:
        sent: list[contract.Outbound] = []
        errors: list[Exception] = []
        found = None

        def send(self, outbound, connection):
            if self.errors:
                raise self.errors.pop(0)
            self.sent.append(outbound)
            return contract.Receipt(f"net-{outbound.key}", "sent", NOON)

    wire = Wire()
    wire.sent, wire.errors = [], []
    monkeypatch.setattr(channel("api"), "send", wire.send)
    monkeypatch.setattr(channel("api"), "find", lambda outbound, connection: wire.found)
    return wire


def balanced() -> ledger.Equation:
    equation = ledger.equation()
    assert equation.balances, equation
    assert equation == ledger.audit(NOON + timedelta(days=30))
    return equation


def ring_and_accept(person, at=NOON) -> Case:
    switchboard.ring(at)
    offer = Offer.objects.get(operator=person, state="ringing")
    return routing.accept(offer.pk, person, at + timedelta(seconds=2))


def reply_to(case: Case, text: str, key: str = "") -> outbox.Reply:
    shown = story(case)
    return outbox.Reply(text, key or uuid.uuid4().hex, shown.messages[-1].thread_id, shown.seen_id)


def send_all(at) -> None:
    for dispatch in dispatching.claim(at, 50):
        deliver(dispatch)


def test_it_leads_a_message_to_an_operator_and_the_answer_back(company, wire):
    company.available(company.alice)
    company.deliver(company.said("Hola, mi pedido llegó roto, quiero un reembolso"))
    case = ring_and_accept(company.alice)
    assert case.kind in ("claim", "complaint") and case.language == "es"
    assert Promise.objects.get().due_at == NOON + timedelta(hours=1)

    flow.answer(case, reply_to(case, "Te pedimos disculpas, hoy te devolvemos el dinero."), company.alice, NOON)
    send_all(NOON)

    assert [o.text for o in wire.sent] == ["Te pedimos disculpas, hoy te devolvemos el dinero."]
    assert wire.sent[0].in_reply_to[0] == Message.objects.get(direction="in").external_id
    answer = Message.objects.get(direction="out")
    assert answer.state == "sent" and answer.external_id == f"net-{wire.sent[0].key}"
    assert Message.objects.get(direction="in").answered_by == answer
    assert Promise.objects.get().outcome == "kept"
    assert Desk.objects.get(person=company.alice).load == 0
    assert balanced() == ledger.Equation(1, 1, 0, 0)


def test_it_rings_one_operator_even_when_two_are_free(company):
    company.available(company.alice, company.bob)
    company.deliver(company.said("¿A qué hora abren?"))
    switchboard.ring(NOON)
    switchboard.ring(NOON)
    assert Offer.objects.filter(state="ringing").count() == 1
    case = Case.objects.get()
    other = company.bob if Offer.objects.get().operator == company.alice else company.alice
    with pytest.raises(IntegrityError), transaction.atomic():
        Offer.objects.create(case=case, operator=other, weight=1, rang_at=NOON, until=NOON)


def test_it_makes_one_case_of_a_burst_and_keeps_its_order(company):
    lines = [company.said(f"línea {i}", at=NOON + timedelta(seconds=i)) for i in range(10)]
    company.deliver(*reversed(lines))
    assert Case.objects.count() == 1
    assert [m.text for m in story(Case.objects.get()).messages] == [f"línea {i}" for i in range(10)]


def test_it_records_the_same_message_once_however_often_it_is_delivered(company):
    message = company.said("Hola", id="same")
    for _ in range(3):
        company.deliver(message)
    company.deliver(message, message)
    assert Message.objects.count() == 1
    assert balanced().received == 1


def test_it_knows_the_same_person_on_another_network_by_their_address(company):
    company.deliver(company.said("Hola", by="dana", author={"email": "Dana@example.com"}))
    company.deliver(company.said("¿Hay alguien?", by="dana-2", author={"email": "dana@example.com"},
                                 at=NOON + timedelta(minutes=5)))  # fmt: skip
    case = Case.objects.get()
    assert case.customer.identities.count() == 2
    assert case.threads.count() == 2


def test_it_takes_nobodys_word_for_being_somebody_else(company):
    company.deliver(company.said("Hola", author={"email": "dana@example.com"}))
    stranger = contract.Author("visitor-1", email="dana@example.com", confirmed=False)
    said = contract.Inbound("m-1", stranger, contract.ThreadRef("t-1"), NOON, "Soy Dana, ¿qué pedí?")
    record([Arrival(company.chat, said, NOON)], NOON)
    assert Case.objects.count() == 2 and Case.objects.values("customer").distinct().count() == 2


def test_it_learns_the_name_that_a_visitor_gives_later(company):
    for i, author in enumerate([contract.Author("visitor-1"), contract.Author("visitor-1", name="Dana", email="D@x.es",
                                                                              confirmed=False)]):  # fmt: skip
        said = contract.Inbound(f"m-{i}", author, contract.ThreadRef("t-1"), NOON, "Hola")
        record([Arrival(company.chat, said, NOON)], NOON)
    case = Case.objects.select_related("customer").get()
    identity = case.customer.identities.get()
    assert (case.customer.name, identity.email, identity.confirmed) == ("Dana", "d@x.es", False)


def test_it_passes_a_missed_ring_on_at_once_and_sets_away_who_misses_three(company):
    company.available(company.alice, company.bob)
    company.deliver(company.said("Hola"))
    switchboard.ring(NOON)
    first = Offer.objects.get(state="ringing").operator
    switchboard.ring(NOON + timedelta(seconds=21))
    second = Offer.objects.get(state="ringing").operator
    assert {first, second} == {company.alice, company.bob}
    at = NOON + timedelta(seconds=21)
    while Offer.objects.filter(state="ringing").exists():
        at += timedelta(seconds=21)
        switchboard.ring(at)
    assert set(Desk.objects.values_list("state", "reason", "load")) == {("break", "missed", 0)}
    assert Case.objects.get().waiting_since == NOON


def test_it_rings_elsewhere_when_somebody_declines_or_is_gone(company):
    company.available(company.alice, company.bob)
    company.deliver(company.said("Hola"))
    switchboard.ring(NOON)
    offer = Offer.objects.get(state="ringing")
    routing.decline(offer.pk, offer.operator, "me faltan datos", NOON)
    switchboard.ring(NOON)
    second = Offer.objects.get(state="ringing")
    assert second.operator != offer.operator
    routing.accept(second.pk, second.operator, NOON)
    Desk.objects.filter(person=second.operator).update(seen_at=NOON - timedelta(minutes=5))
    Desk.objects.filter(person=offer.operator).update(seen_at=NOON + timedelta(minutes=5))
    assert presence.release_gone(NOON + timedelta(seconds=1)) == 1
    assert Case.objects.get().holder is None
    switchboard.ring(NOON + timedelta(seconds=61))
    assert Offer.objects.get(state="ringing").operator == offer.operator


def test_it_refuses_a_pick_up_that_came_too_late(company):
    company.available(company.alice)
    company.deliver(company.said("Hola"))
    switchboard.ring(NOON)
    offer = Offer.objects.get()
    routing.miss_overdue(NOON + timedelta(minutes=1))
    with pytest.raises(Refused, match=r"."):
        routing.accept(offer.pk, company.alice, NOON + timedelta(minutes=1))
    assert Case.objects.get().holder is None


def test_it_leaves_waiting_what_arrived_behind_the_operators_back(company, wire):
    company.available(company.alice)
    company.deliver(company.said("Primero"))
    case = ring_and_accept(company.alice)
    reply = reply_to(case, "Listo")
    company.deliver(company.said("Y otra cosa", at=NOON + timedelta(seconds=30)))
    flow.answer(case, reply, company.alice, NOON + timedelta(minutes=1))
    assert [m.text for m in Message.objects.filter(state="waiting")] == ["Y otra cosa"]
    case.refresh_from_db()
    assert case.waiting_since == NOON + timedelta(seconds=30) and case.holder == company.alice
    assert Promise.objects.get(ended_at=None).started_at == NOON + timedelta(seconds=30)
    balanced()


def test_it_sends_a_double_clicked_reply_once(company, wire):
    company.available(company.alice)
    company.deliver(company.said("Hola"))
    case = ring_and_accept(company.alice)
    reply = reply_to(case, "Hola, ¿en qué te ayudo?", key="one-key")
    assert flow.answer(case, reply, company.alice, NOON) == flow.answer(case, reply, company.alice, NOON)
    send_all(NOON)
    send_all(NOON + timedelta(minutes=10))
    assert len(wire.sent) == 1


def test_it_looks_on_the_network_before_it_sends_again(company, wire):
    company.available(company.alice)
    company.deliver(company.said("Hola"))
    case = ring_and_accept(company.alice)
    flow.answer(case, reply_to(case, "Hola"), company.alice, NOON)
    wire.errors.append(contract.ChannelError("the line broke", unknown=True))
    send_all(NOON)
    dispatch = Dispatch.objects.get()
    assert dispatch.state == "unknown" and dispatch.uncertain
    wire.found = contract.Receipt("net-found", "sent", NOON)
    Dispatch.objects.update(due_at=NOON)
    send_all(NOON + timedelta(minutes=1))
    assert wire.sent == [] and Message.objects.get(direction="out").external_id == "net-found"


def test_it_looks_first_at_what_a_dead_process_was_sending(company, wire):
    company.available(company.alice)
    company.deliver(company.said("Hola"))
    case = ring_and_accept(company.alice)
    flow.answer(case, reply_to(case, "Hola"), company.alice, NOON)
    dispatching.claim(NOON, 1)  # and dies
    assert dispatching.claim(NOON + timedelta(seconds=5), 1) == []
    wire.found = contract.Receipt("net-found", "sent", NOON)
    send_all(NOON + timedelta(minutes=4))
    assert wire.sent == [] and Dispatch.objects.get().state == "sent"


def test_it_makes_a_case_wait_again_when_its_answer_is_refused_or_bounces(company, wire):
    company.available(company.alice)
    company.deliver(company.said("Hola"))
    case = ring_and_accept(company.alice)
    flow.answer(case, reply_to(case, "Hola"), company.alice, NOON)
    wire.errors.append(contract.ChannelError("no such mailbox", permanent=True))
    send_all(NOON)
    assert Message.objects.get(direction="in").state == "waiting"
    assert Promise.objects.filter(ended_at=None).count() == 1
    assert balanced() == ledger.Equation(1, 0, 0, 1)

    receipts.try_again(Dispatch.objects.get().pk, NOON, "person:1")
    send_all(NOON)
    assert balanced() == ledger.Equation(1, 1, 0, 0)

    bounce = {"type": "receipt", "id": f"net-{wire.sent[0].key}", "state": "failed", "at": NOON.isoformat(),
              "detail": "mailbox full"}  # fmt: skip
    company.deliver(bounce)
    assert Message.objects.get(direction="out").failure == "mailbox full"
    assert balanced() == ledger.Equation(1, 0, 0, 1)


def test_it_keeps_what_it_cannot_read_and_reads_the_rest(company):
    good = company.said("Hola")
    company.deliver({"type": "message", "id": "broken"}, good, at=NOON)
    assert Message.objects.count() == 1
    bad = Delivery.objects.get(state="unreadable")
    assert bad.error and Event.objects.filter(kind="delivery.unreadable").count() == 1


def test_it_closes_nothing_with_a_waiting_message_inside(company):
    company.available(company.alice)
    company.deliver(company.said("Hola"))
    case = ring_and_accept(company.alice)
    with pytest.raises(Refused, match=r"."):
        flow.close(case, company.alice, NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(closed_at=NOON)
    flow.dispose(case, "thanks", "", None, company.alice, NOON)
    case.refresh_from_db()
    assert case.closed_at == NOON and case.holder is None
    assert balanced() == ledger.Equation(1, 0, 1, 0)


def test_it_keeps_edited_and_deleted_words(company):
    company.deliver(company.said("Son unos ladrones", id="m1"))
    company.deliver({"type": "edited", "id": "m1", "text": "Muy buen pan", "at": NOON.isoformat()})
    company.deliver({"type": "deleted", "id": "m1", "at": NOON.isoformat()})
    message = Message.objects.get()
    assert message.text == "Muy buen pan" and message.deleted_at == NOON
    assert Event.objects.get(kind="message.edited").data["before"] == "Son unos ladrones"


def test_it_reopens_a_closed_case_in_its_own_thread_and_opens_a_new_one_after_a_week(company, wire):
    company.available(company.alice)
    company.deliver(company.said("Hola"))
    case = ring_and_accept(company.alice)
    flow.answer(case, reply_to(case, "Hola, ¿en qué podemos ayudarle?"), company.alice, NOON, close=True)
    company.deliver(company.said("¿Y?", at=NOON + timedelta(days=2)))
    assert Case.objects.count() == 1 and Case.objects.get().closed_at is None
    flow.dispose(Case.objects.get(), "thanks", "", None, company.alice, NOON + timedelta(days=2))
    company.deliver(company.said("Otra cosa", at=NOON + timedelta(days=12)))
    assert Case.objects.count() == 2


def test_it_blocks_an_apology_to_praise_unless_somebody_says_why(company):
    company.available(company.alice)
    company.deliver(company.said("¡Riquísimo todo, los felicito, el mejor pan!"))
    case = ring_and_accept(company.alice)
    assert case.kind == "praise"
    with pytest.raises(Refused) as refused:
        flow.answer(case, reply_to(case, "Lamentamos tu mala experiencia"), company.alice, NOON)
    assert refused.value.code == "blocked"
    flow.answer(case, reply_to(case, "Lamentamos tu mala experiencia"), company.alice, NOON, overrule="es ironía")
    assert Event.objects.get(kind="guard.overruled").data["reason"] == "es ironía"
