"""What goes wrong on the way, and must neither lose, double, jam nor starve anything."""

import json
import logging
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from netcenter import flow, parsing
from netcenter.cases import actions as cases
from netcenter.cases import ledger
from netcenter.cases.arrivals import Arrival
from netcenter.cases.drafts import start_writing, stop_writing
from netcenter.cases.models import Case, Message, Tally
from netcenter.cases.queries import story
from netcenter.cases.record import record
from netcenter.channels.contract import Attachment, Author, ChannelError, Inbound, Raw, Receipt, ThreadRef
from netcenter.channels.registry import channel
from netcenter.intake.actions import store
from netcenter.intake.models import Delivery
from netcenter.lib.refused import Refused
from netcenter.outbox import actions as outbox
from netcenter.outbox import dispatching, receipts
from netcenter.outbox.loops import deliver
from netcenter.outbox.models import Dispatch
from netcenter.people.models import Capacity, Desk, PersonSkill, Skill
from netcenter.routing import actions as routing
from netcenter.routing import presence, switchboard
from netcenter.routing.models import Offer, Queue
from netcenter.standards import actions as standards
from netcenter.standards.models import Promise
from tests.company import NOON

pytestmark = pytest.mark.django_db


def later(**span) -> datetime:
    return NOON + timedelta(**span)


def ring_and_accept(person, at=NOON) -> Case:
    switchboard.ring(at)
    return routing.accept(Offer.objects.get(operator=person, state="ringing").pk, person, at)


def answer(case, person, text="Hola", at=NOON, seen_id: int | None = -1, **more) -> Message:
    shown = story(case)
    seen = shown.seen_id if seen_id == -1 else seen_id
    reply = outbox.Reply(text, uuid.uuid4().hex, shown.messages[-1].thread_id, seen)
    return flow.answer(case, reply, person, at, **more)


# --- The door ---------------------------------------------------------------------------------------------------------


def test_a_text_that_no_encoding_knows_stops_nobody(company, monkeypatch):
    def parse(raw, connection):
        told = json.loads(raw.body)
        return [Inbound(told["id"], Author("dana"), ThreadRef("t"), NOON, told["text"])]

    monkeypatch.setattr(channel("api"), "parse", parse)
    bodies = [{"id": "1", "text": "pan \ud800 duro, no llegó"}, {"id": "2", "text": "Hola"}]
    store(company.api, [Raw(json.dumps(b).encode(), b["id"]) for b in bodies], None, NOON)
    flow.take_in(NOON)
    assert sorted(Message.objects.values_list("text", flat=True)) == ["Hola", "pan ? duro, no llegó"]


def test_an_engine_that_fails_on_one_text_stops_nobody(company, monkeypatch):
    read = parsing.understanding.read

    def fragile(texts):
        if any("trampa" in t for t in texts):
            raise RecursionError
        return read(texts)

    monkeypatch.setattr(parsing.understanding, "read", fragile)
    company.deliver(company.said("trampa"), company.said("Hola"))
    assert Message.objects.get().text == "Hola"
    assert Delivery.objects.get(state="unreadable").error


@pytest.fixture
def silent(caplog):
    """The log of these tests holds what no text may hold, and the test runner passes logs on as texts."""
    caplog.set_level(logging.CRITICAL, logger="netcenter")


def test_an_error_with_control_characters_is_kept_and_stops_nobody(company, monkeypatch, silent):
    parse = channel("api").parse

    def broken(raw, connection):
        if b"trampa" in raw.body:
            raise ValueError("what is \x00 and \ud800?")
        return parse(raw, connection)

    monkeypatch.setattr(channel("api"), "parse", broken)
    company.deliver(company.said("trampa"), company.said("Hola"))
    assert Message.objects.get().text == "Hola"
    assert "what is" in Delivery.objects.get(state="unreadable").error


def test_a_full_disk_is_no_fault_of_the_message(company, monkeypatch):
    full = [OSError(28, "No space left on device")]
    parse = channel("api").parse

    def once(raw, connection):
        if full:
            raise full.pop()
        return parse(raw, connection)

    monkeypatch.setattr(channel("api"), "parse", once)
    company.deliver(company.said("Hola"))
    assert Delivery.objects.get().state == "new"
    flow.take_in(later(minutes=1))
    assert Message.objects.get().text == "Hola"


def test_a_batch_keeps_no_file_in_memory_once_it_is_stored(company):
    file = Attachment("pan.jpg", "image/jpeg", b"x" * 1000)
    delivery = Delivery(account=company.api, received_at=NOON)
    said = Inbound("1", Author("dana"), ThreadRef("t"), NOON, "mira", attachments=(file,))
    arrival = parsing._sort(delivery, [said]).arrivals[0]
    assert arrival.files[0].size == 1000 and not arrival.said.attachments


@pytest.mark.parametrize(
    "sent_at", ["0001-01-01T00:00:00+00:00", "1970-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"]
)
def test_a_clock_that_is_mad_delays_nobody(company, sent_at):
    company.deliver(company.said("Hola") | {"sent_at": sent_at}, company.said("Pan", by="eve"), at=NOON)
    assert Message.objects.filter(text="Pan").count() == 1
    assert Message.objects.filter(text="Hola").exists() or Delivery.objects.filter(state="unreadable").exists()
    assert not Message.objects.filter(sent_at__gt=NOON).exists()


# --- The promise ------------------------------------------------------------------------------------------------------


def test_a_complaint_behind_a_greeting_is_promised_what_a_complaint_is(company):
    company.deliver(company.said("Hola"))
    assert Case.objects.get().due_at == later(hours=4)
    company.deliver(company.said("Es una vergüenza, me cobraron dos veces, pésimo", at=later(seconds=10)))
    case = Case.objects.get()
    assert case.due_at == later(hours=1, seconds=10)
    assert Promise.objects.get().due_at == case.due_at


def test_a_message_that_comes_late_is_promised_from_when_it_was_written(company):
    company.deliver(company.said("¿Abren mañana?", at=later(hours=2)))
    company.deliver(company.said("¿Abren hoy?", at=NOON), at=later(hours=2))
    assert Case.objects.get().due_at == later(hours=4)


def test_words_that_answer_nothing_keep_no_promise(company):
    company.available(company.alice)
    company.deliver(company.said("Hola", id="m1"))
    case = ring_and_accept(company.alice)
    first = Message.objects.get(external_id="m1").pk
    answer(case, company.alice)
    company.deliver(company.said("¿Y el pan?", id="m2", at=later(minutes=10)))
    answer(Case.objects.get(), company.alice, "Algo más", later(minutes=11), seen_id=first)
    assert Promise.objects.filter(outcome="kept").count() == 1
    running = Promise.objects.get(ended_at=None)
    assert running.started_at == later(minutes=10) and Case.objects.get().due_at == running.due_at


def test_a_bounced_answer_kept_no_promise(company):
    company.available(company.alice)
    company.deliver(company.said("Hola"))
    case = ring_and_accept(company.alice)
    message = answer(case, company.alice, at=later(minutes=5))
    assert Promise.objects.get().outcome == "kept"
    cases.failed(message, "mailbox full", later(minutes=6))
    flow.standards.run_again(case.pk, later(minutes=6))
    promise = Promise.objects.get()
    assert (promise.ended_at, promise.outcome, promise.due_at) == (None, "", later(hours=4))
    assert promise.warn_at is not None and Case.objects.get().due_at == promise.due_at


def test_what_waits_again_is_told_in_the_customers_words(company):
    company.available(company.alice)
    company.deliver(company.said("¿Tienen pan sin TACC?"))
    case = ring_and_accept(company.alice)
    message = answer(case, company.alice, "Sí, en todas las sucursales", later(minutes=5))
    cases.failed(message, "mailbox full", later(minutes=6))
    assert Case.objects.get().preview == "¿Tienen pan sin TACC?"
    cases.retrying(message, later(minutes=7))
    assert Case.objects.get().preview == "Sí, en todas las sucursales"


def test_a_case_that_waits_anew_is_of_the_kind_of_what_is_said_now(company):
    company.available(company.alice)
    company.deliver(company.said("Es una vergüenza, pésimo, quiero mi reembolso ya"))
    case = ring_and_accept(company.alice)
    answer(case, company.alice)
    company.deliver(company.said("Muchas gracias", at=later(minutes=5)))
    assert Case.objects.get().kind == "thanks"


# --- The ring ---------------------------------------------------------------------------------------------------------


def test_what_nobody_here_can_take_hides_nothing_that_somebody_can(company):
    """A night's worth of Portuguese in front of one Spanish question, and one Spanish operator."""
    Queue.objects.update(needs_language=True)
    PersonSkill.objects.create(
        person=company.bob, skill=Skill.objects.create(code="language:pt", name="Português")
    )  # asleep
    company.available(company.alice)
    company.deliver(*(
        company.said("Bom dia, vocês têm pão de queijo? Obrigado, não tenho pressa", by=f"p{i}", id=f"p{i}")
        for i in range(300)
    ))  # fmt: skip
    company.deliver(company.said("Buenos días, ¿a qué hora abren mañana la panadería?", at=later(seconds=5)))
    assert Case.objects.filter(language="pt").count() == 300
    switchboard.ring(later(seconds=6))
    assert Offer.objects.get(state="ringing").case.language == "es"


def test_chats_that_may_not_ring_here_hide_no_letter_that_does(company):
    company.available(company.alice)
    Capacity.objects.create(person=company.alice, channel="webchat", most=0)
    for i in range(300):
        said = Inbound(f"c{i}", Author(f"c{i}"), ThreadRef(f"c{i}"), NOON, "Hola")
        flow.standards.promise(record([Arrival(company.chat, said, NOON)], NOON), NOON)
    company.deliver(company.said("¿A qué hora abren?", at=later(seconds=5)))
    switchboard.ring(later(seconds=6))
    assert Offer.objects.get(state="ringing").case.account == company.api


def test_a_network_that_is_not_installed_any_more_stops_no_ring(company):
    company.available(company.alice)
    company.deliver(company.said("Hola", by="eve"), company.said("Hola"))
    gone = company.chat
    Case.objects.filter(customer__name="Eve").update(account=gone)
    type(gone).objects.filter(pk=gone.pk).update(channel="telegraph")
    switchboard.ring(NOON)
    assert Offer.objects.get(state="ringing").case.customer.name == "Dana"


def test_a_language_that_nobody_here_speaks_is_required_of_nobody(company):
    Queue.objects.update(needs_language=True)
    company.available(company.alice)
    company.deliver(company.said("?", author={"language": "fr"}))
    Case.objects.update(language="fr")
    switchboard.ring(NOON)
    assert Offer.objects.get(state="ringing").operator == company.alice


def test_a_language_of_a_country_is_the_language(company):
    Queue.objects.update(needs_language=True)
    company.available(company.alice)
    company.deliver(company.said("?", author={"language": "es-AR"}))
    assert Case.objects.get().language == "es"
    switchboard.ring(NOON)
    assert Offer.objects.get(state="ringing").operator == company.alice


@pytest.mark.parametrize("let_pass", ["decline", "miss"])
def test_what_was_passed_to_somebody_who_lets_it_pass_rings_elsewhere_at_once(company, let_pass):
    company.available(company.alice, company.bob)
    company.deliver(company.said("Hola"))
    case = Case.objects.get()
    routing.transfer(case.pk, company.bob, "tuya", company.charlie, NOON)
    switchboard.ring(NOON)
    offer = Offer.objects.get(state="ringing")
    assert offer.operator == company.bob
    if let_pass == "decline":
        routing.decline(offer.pk, company.bob, "no puedo", NOON)
    switchboard.ring(later(seconds=21))
    assert Offer.objects.get(state="ringing").operator == company.alice


def test_who_passes_a_case_on_is_not_rung_for_it_again_at_once(company):
    company.available(company.alice)
    company.deliver(company.said("Hola"))
    case = ring_and_accept(company.alice)
    company.available(company.bob, at=later(seconds=30))  # idle for less long
    routing.transfer(case.pk, None, "no sé de esto", company.alice, later(seconds=31))
    switchboard.ring(later(seconds=31))
    assert Offer.objects.get(state="ringing").operator == company.bob


def test_a_case_put_away_and_then_passed_on_rings_now(company):
    company.available(company.alice, company.bob)
    company.deliver(company.said("Hola"))
    case = Case.objects.get()
    flow.snooze(case, later(hours=2), "espera", company.alice, NOON)
    routing.transfer(case.pk, company.bob, "ahora tú", company.alice, NOON)
    switchboard.ring(NOON)
    assert Offer.objects.get(state="ringing").operator == company.bob


def test_who_goes_home_holds_nothing(company):
    company.available(company.alice)
    company.deliver(company.said("Hola"))
    ring_and_accept(company.alice)
    company.available(company.bob, at=later(seconds=1))
    presence.set_state(company.alice, "offline", later(minutes=1), company.alice)
    switchboard.ring(later(minutes=1))
    assert Offer.objects.get(state="ringing").operator == company.bob
    assert Desk.objects.get(person=company.alice).load == 0


def test_a_ring_that_slipped_in_while_somebody_left_is_taken_back(company):
    company.available(company.alice)
    company.deliver(company.said("Hola"))
    switchboard.ring(NOON)
    Desk.objects.filter(person=company.alice).update(state="break")  # beside the ring's transaction
    presence.release_gone(NOON)
    assert Offer.objects.get().state == "withdrawn" and Desk.objects.get().load == 0


def test_a_case_picked_up_and_forgotten_is_taken_back_before_its_promise_breaks(company):
    company.available(company.alice)
    company.deliver(company.said("Es una vergüenza, pésimo servicio"))
    case = ring_and_accept(company.alice)
    presence.take_back(later(minutes=49))
    assert Case.objects.get().holder == company.alice
    start_writing(case.pk, company.alice, later(minutes=50, seconds=50))
    assert presence.take_back(later(minutes=51)) == 0  # she is at it
    stop_writing(case.pk, company.alice, later(minutes=51))
    assert presence.take_back(later(minutes=51)) == 1
    case.refresh_from_db()
    assert case.holder is None and Desk.objects.get(person=company.alice).load == 0
    switchboard.ring(later(minutes=51))
    offer = Offer.objects.get(state="ringing")
    routing.accept(offer.pk, company.alice, later(minutes=51))
    assert presence.take_back(later(minutes=52)) == 0  # a fair time to answer


def test_a_colleagues_case_is_not_disposed_of_closed_or_put_away(company):
    company.available(company.alice)
    company.deliver(company.said("Hola"))
    case = ring_and_accept(company.alice)
    for verb in (
        lambda p: flow.dispose(case, "spam", "", None, p, NOON),
        lambda p: flow.close(case, p, NOON),
        lambda p: flow.snooze(case, later(hours=1), "luego", p, NOON),
    ):
        with pytest.raises(Refused) as refused:
            verb(company.bob)
        assert refused.value.code == "held"
    flow.dispose(case, "spam", "", None, company.charlie, NOON)
    assert Case.objects.get().holder is None


def test_a_new_snooze_survives_the_end_of_the_old_one(company, monkeypatch):
    company.deliver(company.said("Hola"))
    case = Case.objects.get()
    flow.snooze(case, later(minutes=5), "pronto", company.alice, NOON)
    assert cases.wake_snoozed(later(minutes=4)) == []
    assert cases.wake_snoozed(later(minutes=5)) == [case.pk]
    assert cases.wake_snoozed(later(minutes=6)) == []


def put_away(company, at: timedelta, until: timedelta) -> Case:
    """A complaint of noon, promised within the hour, put away by Alice."""
    company.deliver(company.said("¡Esto es una vergüenza! Exijo que me devuelvan el dinero, es una estafa."))
    case = Case.objects.get()
    assert case.due_at == later(hours=1)
    flow.snooze(case, NOON + until, "espera", company.alice, NOON + at)
    return case


@pytest.mark.parametrize(
    ("at", "until", "back"),
    [(0, 30, 30), (0, 180, 50), (50, 180, 60), (55, 58, 58), (59, 180, 60), (60, 180, 180), (90, 95, 95)],
)
def test_what_is_put_away_comes_back_at_the_chosen_time_or_with_the_next_mark_of_its_promise(company, at, until, back):
    case = put_away(company, timedelta(minutes=at), timedelta(minutes=until))
    assert cases.wake_snoozed(later(minutes=back, seconds=-1)) == []
    assert cases.wake_snoozed(later(minutes=back)) == [case.pk]


def test_a_broken_promise_lets_a_case_rest_when_it_is_put_away(company):
    put_away(company, timedelta(minutes=70), timedelta(minutes=180))
    company.available(company.bob, at=later(minutes=71))
    standards.warn(later(minutes=71))
    cases.wake_snoozed(later(minutes=71))
    switchboard.ring(later(minutes=71))
    assert not Offer.objects.filter(state="ringing").exists()


# --- The door out -----------------------------------------------------------------------------------------------------


@pytest.fixture
def wire(monkeypatch):
    sent: list = []
    monkeypatch.setattr(channel("api"), "find", lambda outbound, connection: None)
    monkeypatch.setattr(
        channel("api"), "send", lambda outbound, connection: sent.append(outbound.key) or Receipt("ok", "sent", NOON)
    )
    return sent


def test_a_network_that_gives_every_reply_the_same_id_hears_each_once(company, wire):
    company.available(company.alice)
    for by in ("dana", "eve"):
        company.deliver(company.said("Hola", by=by))
        answer(ring_and_accept(company.alice), company.alice)
    for minutes in (0, 5, 10):
        for dispatch in dispatching.claim(later(minutes=minutes), 50):
            deliver(dispatch)
    assert len(wire) == 2
    assert set(Message.objects.filter(direction="out").values_list("state", flat=True)) == {"sent"}


def test_a_bounce_that_is_quicker_than_the_receipt_is_not_forgotten(company):
    company.available(company.alice)
    company.deliver(company.said("Hola"))
    message = answer(ring_and_accept(company.alice), company.alice)
    dispatch = dispatching.claim(NOON, 1)[0]
    cases.failed(message, "mailbox full", NOON)
    receipts.sent(dispatch, Receipt("net-1", "sent", NOON), NOON)
    assert Message.objects.get(direction="out").state == "failed"


def test_an_error_of_the_network_with_control_characters_is_written_down(company, wire, monkeypatch, silent):
    def refuses(outbound, connection):
        raise ChannelError("550 \x00 no such \ud800 mailbox", permanent=True)

    company.available(company.alice)
    company.deliver(company.said("Hola"))
    answer(ring_and_accept(company.alice), company.alice)
    monkeypatch.setattr(channel("api"), "send", refuses)
    deliver(dispatching.claim(NOON, 1)[0])
    assert Dispatch.objects.get().state == "refused" and Message.objects.get(direction="out").state == "failed"


def test_one_slow_account_does_not_take_every_thread(company):
    company.available(company.alice)
    for i in range(6):
        company.deliver(company.said("Hola", by=f"c{i}"))
        answer(ring_and_accept(company.alice), company.alice)
    assert len(dispatching.claim(NOON, 8, {}, most_each=2)) == 2
    assert dispatching.claim(NOON, 8, {company.api.pk: 2}, most_each=2) == []
    assert len(dispatching.claim(NOON, 8, {company.api.pk: 1}, most_each=2)) == 1


def test_trying_a_refused_answer_again_ends_the_ring_it_had_caused(company, wire):
    company.available(company.alice)
    company.deliver(company.said("Hola"))
    answer(ring_and_accept(company.alice), company.alice)
    dispatch = dispatching.claim(NOON, 1)[0]
    receipts.went_wrong(dispatch, ChannelError("no", permanent=True), NOON)
    switchboard.ring(NOON)
    assert Offer.objects.filter(state="ringing").count() == 1
    flow.try_again(dispatch.pk, company.charlie, NOON)
    assert not Offer.objects.filter(state="ringing").exists()
    assert Dispatch.objects.get().state == "queued" and Promise.objects.get().outcome == "kept"


# --- The ledger -------------------------------------------------------------------------------------------------------


def test_folding_goes_on_however_many_days_there_are(company):
    days = [datetime(2020, 1, 1, tzinfo=UTC).date() + timedelta(days=i) for i in range(30)]
    Tally.objects.bulk_create(Tally(account=company.api, day=d, received=1) for d in days)
    Tally.objects.bulk_create(Tally(account=company.api, day=NOON.date(), received=1) for _ in range(3))
    assert ledger.fold(limit=10) == 2
    assert Tally.objects.count() == 31 and Tally.objects.get(day=NOON.date()).received == 3
    assert ledger.fold(limit=10) == 0
