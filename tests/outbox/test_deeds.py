"""Acts on what is there: once each, with a reason, kept, and with a second pair of eyes where somebody complains."""

import dataclasses
import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from netcenter import flow
from netcenter.cases import actions as cases
from netcenter.cases.arrivals import Arrival
from netcenter.cases.models import Case, Message, Reaction
from netcenter.cases.record import record
from netcenter.channels.contract import ChannelError, ThreadRef
from netcenter.channels.registry import channel
from netcenter.desk import around
from netcenter.events.models import Event
from netcenter.lib import clock
from netcenter.lib.refused import Refused
from netcenter.outbox import actions, deeds, dispatching, doing
from netcenter.outbox.deeds import Wish
from netcenter.outbox.loops import deliver, perform
from netcenter.outbox.models import Approval, Deed, Dispatch
from netcenter.people.models import Person
from netcenter.standards import actions as standards
from netcenter.standards.models import Promise
from netcenter.understanding import actions as understanding
from tests.company import NOON
from tests.outbox.toy import ABLE, COMMENT, DANA, comment, take_place

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def toy(company, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)
    return take_place(monkeypatch)


@pytest.fixture
def blocking(toy, monkeypatch):
    """The network blocks by itself, too."""
    able = dataclasses.replace(ABLE, acts=ABLE.acts | {"block", "unblock"})
    monkeypatch.setattr(type(channel("api")), "capabilities", able)
    return toy


def told(company, *said) -> list[Message]:
    messages = record([Arrival(company.api, one, NOON) for one in said], NOON)
    understanding.keep(messages, understanding.read([m.text for m in messages]), NOON)
    return messages


def wish(verb: str, **more) -> Wish:
    return Wish(verb, uuid.uuid4().hex, **more)


def work(at=NOON) -> None:
    for deed in doing.claim(at, 10):
        perform(deed)


def perform_at(now) -> None:
    for deed in doing.claim(now, 10):
        doing.done(deed, doing.perform(deed), now)


def frank(company) -> Person:
    return Person.objects.create_user("frank@example.com", "correct horse", name="Frank", role="administrator")


# --- Reasons, records, eyes -----------------------------------------------------------------------


def test_what_we_hide_is_ours_although_the_network_tells_of_it_before_it_answers(company, toy):
    (message,) = told(company, COMMENT)
    deeds.do(message, wish("hide", reason="Insulta"), company.alice, NOON)
    earlier = NOON - timedelta(seconds=1)
    Message.objects.filter(pk=message.pk).update(hidden_at=earlier, hidden_by="network")
    work()
    message.refresh_from_db()
    assert (message.hidden_by, message.hidden_at) == ("us", earlier)


def test_it_hides_with_a_reason_keeps_the_words_and_says_who(company, toy):
    (message,) = told(company, COMMENT)
    with pytest.raises(Refused, match="Say why"):
        deeds.do(message, wish("hide"), company.alice, NOON)
    deed = deeds.do(message, wish("hide", reason="Insulta a otra clienta"), company.alice, NOON)
    work()
    message.refresh_from_db()
    assert [(a.verb, a.target) for a in toy.acts] == [("hide", "c1")]
    assert (message.text, message.hidden_by, message.hidden_at is not None) == ("¿Abren hoy?", "us", True)
    asked = Event.objects.get(kind="deed.asked")
    assert (asked.actor, asked.data["reason"], asked.data["before"]) == (
        company.alice.actor, "Insulta a otra clienta", "¿Abren hoy?",
    )  # fmt: skip
    assert Event.objects.filter(kind="deed.done").count() == 1
    assert message.state == "waiting", "hidden is not answered"
    assert Deed.objects.get(pk=deed.pk).before == "¿Abren hoy?"


def test_the_database_itself_wants_a_reason_and_somebody_else(company, toy):
    (message,) = told(company, COMMENT)
    deed = deeds.do(message, wish("hide", reason="spam"), company.alice, NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        Deed.objects.filter(pk=deed.pk).update(reason="")
    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.create(deed=deed, by=company.alice, seen_by=company.alice)


def test_a_complaint_disappears_only_after_somebody_else_looked(company, toy):
    (message,) = told(company, comment("c2", DANA, "Esto es una vergüenza"))
    message.case.kind = "complaint"
    message.case.save()
    supervisor, other = company.charlie, frank(company)
    deed = deeds.do(message, wish("hide", reason="Grosero"), supervisor, NOON)
    assert (deed.state, doing.claim(NOON, 10)) == ("asked", [])
    with pytest.raises(Refused, match="Somebody else"):
        deeds.decide(deed.pk, supervisor, granted=True, note="", now=NOON)
    with pytest.raises(Refused, match="Only a supervisor"):
        deeds.decide(deed.pk, company.alice, granted=True, note="", now=NOON)
    deeds.decide(deed.pk, other, granted=True, note="", now=NOON)
    with pytest.raises(Refused, match="already"):
        deeds.decide(deed.pk, other, granted=False, note="no", now=NOON)
    work()
    assert [a.verb for a in toy.acts] == ["hide"]
    assert list(Event.objects.filter(kind__startswith="deed").values_list("kind", flat=True).order_by("id")) == [
        "deed.asked", "deed.approved", "deed.done",
    ]  # fmt: skip


def test_what_is_not_approved_is_never_done(company, toy):
    (message,) = told(company, COMMENT)
    message.case.kind = "claim"
    message.case.save()
    with pytest.raises(Refused, match="Nobody else"):
        deeds.do(message, wish("delete_theirs", reason="Grosero"), company.charlie, NOON)
    other = frank(company)
    deed = deeds.do(message, wish("delete_theirs", reason="Grosero"), company.charlie, NOON)
    with pytest.raises(Refused, match="why not"):
        deeds.decide(deed.pk, other, granted=False, note="", now=NOON)
    deeds.decide(deed.pk, other, granted=False, note="Tiene razón", now=NOON)
    work()
    assert toy.acts == []
    assert deeds.asked() == []


MAY_NOT = [
    ("delete_theirs", "alice", "in", "Only a supervisor"), ("edit", "alice", "in", "these words"),
    ("hide", "alice", "out", "these words"), ("show", "alice", "in", "so already"),
    ("call", "alice", "in", "cannot be done there"), ("nonsense", "alice", "in", "cannot be done there"),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "who", "direction", "why"), MAY_NOT)
def test_what_may_not_be_done_is_refused_and_not_offered(company, toy, verb, who, direction, why):
    (message,) = told(company, COMMENT)
    if direction == "out":
        reply = actions.Reply("Sí", uuid.uuid4().hex, message.thread_id, message.pk)
        message = flow.answer(message.case, reply, company.alice, NOON)
    person = getattr(company, who)
    assert verb not in deeds.possible(message, person, NOON)
    with pytest.raises(Refused, match=why):
        deeds.do(message, wish(verb, reason="x", text="x"), person, NOON)


# --- Once -----------------------------------------------------------------------------------------


def test_a_double_click_is_one_deed(company, toy):
    (message,) = told(company, COMMENT)
    again = wish("react")
    assert deeds.do(message, again, company.alice, NOON).pk == deeds.do(message, again, company.alice, NOON).pk
    work()
    work(NOON + timedelta(hours=1))
    assert len(toy.acts) == 1
    assert Reaction.objects.get(author="").stands


@pytest.mark.parametrize(("given", "called"), [(("like",), "like"), (("love",), "love"), (("*",), "👍")])
def test_a_like_is_what_the_network_calls_it(company, toy, monkeypatch, given, called):
    monkeypatch.setattr(type(channel("api")), "capabilities", dataclasses.replace(ABLE, reactions=given))
    (message,) = told(company, COMMENT)
    deeds.do(message, wish("react"), company.alice, NOON)
    work()
    assert [act.what for act in toy.acts] == [called]
    assert Reaction.objects.get(author="").what == called


def test_what_a_place_does_not_know_is_neither_offered_nor_done(company, toy, monkeypatch):
    able = dataclasses.replace(ABLE, acts_in={"private": frozenset({"react"})})
    monkeypatch.setattr(type(channel("api")), "capabilities", able)
    private = dataclasses.replace(COMMENT, external_id="m1", thread=ThreadRef("dana"), form="message")
    here, there = told(company, private, COMMENT)
    assert deeds.possible(here, company.alice, NOON) == ["react"]
    assert "hide" in deeds.possible(there, company.alice, NOON)
    with pytest.raises(Refused, match="cannot be done"):
        deeds.do(here, wish("hide", reason="spam"), company.alice, NOON)


def test_it_looks_on_the_network_before_it_does_it_again(company, toy):
    (message,) = told(company, COMMENT)
    deeds.do(message, wish("hide", reason="spam"), company.alice, NOON)
    toy.fails = [ChannelError("cut off", unknown=True)]
    work()
    assert Deed.objects.get().state == "unknown"
    toy.done_before = True
    work(NOON + timedelta(minutes=1))
    assert (Deed.objects.get().state, toy.acts) == ("done", [])


FAILURES = [
    (ChannelError("no", permanent=True, reason="right"), "refused"), (ChannelError("again", reason="twice"), "done"),
    (ChannelError("no", reason="rate", retry_at=NOON + timedelta(minutes=5)), "queued"), (ValueError("bug"), "unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("error", "state"), FAILURES, ids=[state for _error, state in FAILURES])
def test_each_failure_has_its_end(company, toy, error, state):
    (message,) = told(company, COMMENT)
    deeds.do(message, wish("hide", reason="spam"), company.alice, NOON)
    toy.fails = [error]
    work()
    deed = Deed.objects.get()
    assert (deed.state, bool(deed.leased_until)) == (state, False)
    if state == "queued":
        assert (deed.due_at, deed.attempts) == (NOON + timedelta(minutes=5), 0)


def test_what_a_dead_process_was_doing_is_looked_at_first(company, toy):
    (message,) = told(company, COMMENT)
    deeds.do(message, wish("hide", reason="spam"), company.alice, NOON)
    doing.claim(NOON, 10)
    assert doing.claim(NOON + timedelta(seconds=1), 10) == []
    doing.take_over(NOON + timedelta(seconds=1))
    assert [d.uncertain for d in doing.claim(NOON + timedelta(seconds=1), 10)] == [True]


def test_one_thing_is_done_at_a_time_to_the_same_words(company, toy):
    (message,) = told(company, COMMENT)
    deeds.do(message, wish("react"), company.alice, NOON)
    deeds.do(message, wish("hide", reason="spam"), company.alice, NOON)
    assert [d.verb for d in doing.claim(NOON, 10)] == ["react"]


def test_it_edits_and_deletes_what_we_said(company, toy):
    (message,) = told(company, COMMENT)
    ours = flow.answer(
        message.case, actions.Reply("Sí", uuid.uuid4().hex, message.thread_id, message.pk), company.alice, NOON
    )
    deliver(dispatching.claim(NOON, 1)[0])
    ours.refresh_from_db()
    deeds.do(ours, wish("edit", text="Sí, hasta las ocho"), company.alice, NOON)
    work()
    ours.refresh_from_db()
    assert ours.text == "Sí, hasta las ocho"
    edited = Event.objects.get(kind="message.edited")
    assert (edited.actor, edited.data["before"]) == (company.alice.actor, "Sí")
    deeds.do(ours, wish("delete_ours", reason="Era para otra persona"), company.alice, NOON)
    work()
    ours.refresh_from_db()
    assert (ours.deleted_by, ours.text) == ("us", "Sí, hasta las ocho")


def test_who_takes_the_only_answer_back_leaves_nobody_unanswered(company, toy):
    (message,) = told(company, COMMENT)
    standards.promise([message], NOON)
    ours = say(company, message, "Sí")
    send_all()
    ours.refresh_from_db()
    flow.close(message.case, company.alice, NOON)
    soon = NOON + timedelta(hours=2)
    deeds.do(ours, wish("delete_ours", reason="Era para otra persona"), company.alice, soon)
    perform_at(soon)
    message.refresh_from_db()
    case = Case.objects.get()
    assert (message.state, message.answered_by) == ("waiting", None)
    assert (case.closed_at, case.waiting_since, case.preview) == (None, message.sent_at, message.text)
    assert Event.objects.get(kind="message.vanished").data["again"] == [message.pk]
    kept, anew = Promise.objects.filter(measure__in=("first", "next")).order_by("pk")
    assert (kept.outcome, anew.ended_at, anew.started_at) == ("kept", None, soon), (
        "its clock starts when we took it back"
    )
    assert case.due_at == anew.due_at > soon


def test_who_takes_an_answer_back_beside_another_leaves_all_answered(company, toy):
    (message,) = told(company, COMMENT)
    wrong = say(company, message, "Cerramos a las 9")
    send_all()
    say(company, message, "Perdón: a las 8")
    send_all()
    wrong.refresh_from_db()
    deeds.do(wrong, wish("delete_ours", reason="Estaba mal"), company.alice, NOON)
    work()
    message.refresh_from_db()
    assert message.state == "answered" and Case.objects.get().waiting_since is None


def test_what_left_in_pieces_is_taken_back_in_all_of_them(company, toy):
    (message,) = told(company, COMMENT)
    ours = say(company, message, "Sí")
    send_all()
    ours.refresh_from_db()
    for name in ("file-1", "file-2"):
        cases.also_named(ours, name)
    deed = deeds.do(ours, wish("delete_ours", reason="Era para otra persona"), company.alice, NOON)
    toy.fails = [ChannelError("gone", reason="gone"), ChannelError("the line broke", unknown=True)]
    work()
    ours.refresh_from_db()
    assert toy.acts == [] and ours.deleted_at is None, "a part of it still stands there"
    work(NOON + timedelta(hours=1))
    ours.refresh_from_db()
    assert [act.target for act in toy.acts] == ["file-1", "file-2", ours.external_id]
    assert len({act.key for act in toy.acts}) == 3 and deed.key in [act.key for act in toy.acts]
    assert ours.deleted_by == "us"


def test_a_reply_that_another_replaced_is_neither_changed_nor_taken_back(company, toy, monkeypatch):
    monkeypatch.setattr(type(channel("api")), "capabilities", dataclasses.replace(ABLE, one_reply=True))
    (message,) = told(company, COMMENT)
    first = say(company, message, "Sí")
    send_all()
    (again,) = told(company, comment("c2", DANA, "¿Seguro?", 5))
    second = say(company, again, "Seguro", at=NOON + timedelta(minutes=6))
    send_all(NOON + timedelta(minutes=6))
    first.refresh_from_db()
    second.refresh_from_db()
    assert not {"edit", "delete_ours"} & set(deeds.possible(first, company.alice, NOON))
    assert {"edit", "delete_ours"} <= set(deeds.possible(second, company.alice, NOON))
    with pytest.raises(Refused, match="taken its place"):
        deeds.do(first, wish("delete_ours", reason="Ya no vale"), company.alice, NOON)


# --- In which way ---------------------------------------------------------------------------------


def say(company, message, text="Hola", at=NOON, **more) -> Message:
    reply = actions.Reply(text, uuid.uuid4().hex, message.thread_id, message.pk, **more)
    return flow.answer(message.case, reply, company.alice, at)


def send_all(at=NOON) -> None:
    while claimed := dispatching.claim(at, 10):
        for dispatch in claimed:
            deliver(dispatch)


def test_publicly_that_we_wrote_in_private_follows_the_private_words(company, toy):
    (message,) = told(company, COMMENT)
    say(company, message, "Te cuento", way="private_reply", target="c1", then="Te escribimos en privado")
    send_all()
    assert [(o.way, o.text, o.target) for o in toy.said] == [
        ("private_reply", "Te cuento", "c1"), ("reply", "Te escribimos en privado", "c1"),
    ]  # fmt: skip
    message.refresh_from_db()
    assert message.answered_by.text == "Te cuento"
    line = Message.objects.get(text="Te escribimos en privado")
    assert (line.automatic, line.operator) == ("moved", company.alice)


def test_nothing_is_said_publicly_when_the_private_words_did_not_leave(company, toy):
    (message,) = told(company, COMMENT)
    toy.fails = [ChannelError("blocked", permanent=True, reason="blocked")]
    say(company, message, "Te cuento", way="private_reply", target="c1", then="Te escribimos en privado")
    send_all()
    assert toy.said == []
    message.refresh_from_db()
    assert message.state == "waiting"


def test_out_of_the_window_it_says_so_before_sending_and_what_goes_instead(company, toy):
    private = comment("m1", DANA, "Hola")
    (message,) = told(company, private.__class__("m1", DANA, private.thread.__class__("dm-dana"), NOON, "Hola"))
    late = NOON + timedelta(hours=25)
    with pytest.raises(Refused, match="approved text"):
        say(company, message, at=late)
    say(company, message, at=late, tag="HUMAN_AGENT")
    filled = {"name": "bienvenida", "language": "es", "filled": {"1": "Dana"}}
    say(company, message, "Hola Dana", at=late, way="template", template=filled)
    send_all(late)
    assert [(o.way, o.tag, o.template and o.template.filled) for o in toy.said] == [
        ("reply", "HUMAN_AGENT", None), ("template", "", {"1": "Dana"}),
    ]  # fmt: skip
    with pytest.raises(Refused, match="is over"):
        say(company, message, at=NOON + timedelta(hours=200), tag="HUMAN_AGENT")
    assert Dispatch.objects.count() == 2


# --- Blocking an author ---------------------------------------------------------------------------


def test_who_is_blocked_is_kept_and_rings_nobody_for_a_while(company, toy):
    (message,) = told(company, COMMENT)
    assert "block" not in deeds.possible(message, company.alice, NOON)
    with pytest.raises(Refused, match="Say why"):
        deeds.do(message, wish("block"), company.charlie, NOON)
    deeds.do(message, wish("block", reason="Publica los datos de otras personas"), company.charlie, NOON)
    work()
    assert toy.acts == [], "this network cannot: the house does it by itself"
    message.identity.refresh_from_db()
    assert message.identity.blocked_until == NOON + doing.BLOCKED
    assert "unblock" in deeds.possible(message, company.charlie, NOON)
    assert message.state == "waiting", "what waited before is answered all the same"


def test_where_the_network_blocks_it_lets_in_again_when_it_is_over(company, blocking):
    (message,) = told(company, COMMENT)
    deeds.do(message, wish("block", reason="Insulta"), company.charlie, NOON)
    work()
    assert [(act.verb, act.to.external_id) for act in blocking.acts] == [("block", "dana")]
    over = NOON + doing.BLOCKED
    planned = Deed.objects.get(verb="unblock")
    assert (planned.due_at, planned.state) == (over, "queued")
    message = Message.objects.get()
    deeds.do(message, wish("hide", reason="Insulta"), company.charlie, NOON)
    work(NOON + timedelta(days=1))
    assert [act.verb for act in blocking.acts] == ["block", "hide"], "what is planned holds up nothing else"
    work(over)
    assert [act.verb for act in blocking.acts][-1] == "unblock"
    message.identity.refresh_from_db()
    assert message.identity.blocked_until is None


def test_who_is_let_in_before_is_not_let_in_twice(company, blocking):
    (message,) = told(company, COMMENT)
    deeds.do(message, wish("block", reason="Insulta"), company.charlie, NOON)
    work()
    later = NOON + timedelta(days=1)
    deeds.do(Message.objects.get(), wish("unblock"), company.charlie, later)
    work(later)
    work(NOON + doing.BLOCKED)
    assert [act.verb for act in blocking.acts] == ["block", "unblock"]


def test_where_the_network_refuses_to_block_the_house_does(company, blocking):
    (message,) = told(company, COMMENT)
    blocking.fails = [ChannelError("503"), ChannelError("no such right", permanent=True, reason="right")]
    deeds.do(message, wish("block", reason="Insulta"), company.charlie, NOON)
    work()
    message.identity.refresh_from_db()
    assert message.identity.blocked_until is None, "what may pass is tried again"
    work(NOON + timedelta(hours=1))
    message.identity.refresh_from_db()
    assert (blocking.acts, message.identity.blocked_until) == ([], NOON + doing.BLOCKED)
    (deed,) = around.beside([Message.objects.get()], company.charlie, NOON + timedelta(hours=1)).deeds[message.pk]
    assert (deed.state, deed.error) == ("done", "no such right"), "it is told, not only logged"


def test_what_they_write_then_is_disposed_with_its_reason_and_the_ledger_balances(company):
    company.deliver(company.said("Primero", at=NOON))
    first = Message.objects.get()
    reply = actions.Reply("Sí, hasta las 9 de la noche.", uuid.uuid4().hex, first.thread_id, first.pk)
    flow.answer(first.case, reply, company.alice, NOON, close=True)
    type(first.identity).objects.update(blocked_until=NOON + doing.BLOCKED)
    company.deliver(company.said("Otra vez yo", at=NOON + timedelta(hours=1), thread="another", id="again"))
    again = Message.objects.get(external_id="again")
    assert (again.state, again.disposition.reason, again.case.closed_at is not None) == ("disposed", "blocked", True)
    late = NOON + doing.BLOCKED + timedelta(hours=1)
    company.deliver(company.said("Ya pasó un mes", at=late, thread="third", id="later"))
    assert Message.objects.get(external_id="later").state == "waiting"
