"""A crowd under one post: sorted and counted after the record, and answered or hidden in rounds."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from netcenter.cases import ledger
from netcenter.cases.actions import dispose, lock
from netcenter.cases.arrivals import Arrival
from netcenter.cases.models import Case, Identity, Message
from netcenter.cases.record import record
from netcenter.channels.contract import Author
from netcenter.crowds import actions, going, grouping, queries
from netcenter.crowds.actions import Wish
from netcenter.crowds.models import Addressee, Chorus, Crowd, Round, Voice
from netcenter.events.models import Event
from netcenter.guard.form import alike
from netcenter.lib import clock
from netcenter.lib.refused import Refused
from netcenter.outbox import dispatching, doing
from netcenter.outbox.loops import deliver, perform
from netcenter.outbox.models import Deed, Dispatch
from netcenter.people.models import Person
from netcenter.routing.actions import take
from netcenter.standards import actions as standards
from netcenter.standards.models import Promise
from netcenter.understanding import actions as understanding
from tests.crowds.test_rules import TEXT
from tests.outbox.toy import comment, take_place

pytestmark = pytest.mark.django_db(transaction=True)  # the record is followed only where it is settled
NAMES = ("Dana", "Eva", "Fred", "Gina", "Hugo", "Iris", "Juan", "Kira", "Leo", "Mia", "Noa", "Olga")


@pytest.fixture
def toy(company, monkeypatch):
    return take_place(monkeypatch)


def written(company, *texts: str, at=None) -> list[Message]:
    """One comment of one person for each text."""
    now = at or clock.now()
    first = Message.objects.count()
    said = [
        replace(comment(f"c{first + n}", Author(f"u{first + n}", NAMES[n % len(NAMES)]), text), sent_at=now)
        for n, text in enumerate(texts)
    ]
    messages = record([Arrival(company.api, one, now) for one in said], now)
    understanding.keep(messages, understanding.read([m.text for m in messages]), now)
    standards.promise(messages, now)
    return messages


def sorted_(now=None) -> None:
    sorter = grouping.Sorter()
    while sorter.follow() or sorter.catch_up() or grouping.recount(now or clock.now()):
        pass


def listening() -> None:
    grouping.Sorter().follow()


CUT = "No tengo servicio desde esta mañana en todo el barrio"


def test_it_gathers_what_says_much_the_same_and_counts_who_waits(company, toy):
    listening()
    messages = written(company, *[CUT] * 5, f"@aurora {CUT.upper()}!!!", "¿Cuánto sale el plan de cincuenta megas?")
    sorted_()
    crowd = Crowd.objects.get()
    assert (crowd.comments, crowd.people, crowd.waiting, crowd.choruses) == (7, 7, 7, 2)
    loud, quiet = queries.listed(crowd.post).choruses
    assert (loud.comments, loud.waiting, quiet.comments) == (6, 6, 1)
    assert Voice.objects.count() == len(messages) and sum(n for n, _w in crowd.kinds.values()) == 7


def test_read_twice_it_changes_nothing_and_an_answer_is_counted(company, toy):
    listening()
    first, *_others = written(company, CUT, CUT, CUT)
    sorted_()
    sorted_()
    assert Voice.objects.count() == 3 and Chorus.objects.count() == 1
    with transaction.atomic():
        dispose(lock(first.case_id), "duplicate", "", None, clock.now(), "system")
    sorted_()
    assert Chorus.objects.get().waiting == 2 == Crowd.objects.get().waiting


def test_what_was_there_before_is_sorted_when_somebody_looks(company, toy):
    written(company, CUT, CUT)
    listening()
    sorted_()
    assert not Voice.objects.exists()
    crowd = queries.crowd_of(Message.objects.first().post)
    assert not crowd.whole
    sorted_()
    assert Voice.objects.count() == 2 and Crowd.objects.get().whole


def test_a_restarted_sorter_goes_on_with_the_same_choruses(company, toy):
    listening()
    written(company, CUT)
    sorted_()
    written(company, CUT + ".")
    sorted_()
    assert Chorus.objects.get().comments == 2


def test_a_private_message_is_in_no_crowd(company, toy):
    listening()
    company.deliver(company.said("Hola"))
    sorted_()
    assert not Crowd.objects.exists() and not Voice.objects.exists()


# --- Rounds ---------------------------------------------------------------------------------------


def asked(company, person, *texts: str, text: str = TEXT) -> Round:
    listening()
    written(company, *texts)
    sorted_()
    post = Crowd.objects.get().post
    wish = Wish("k" * 36, text, [c.pk for c in Chorus.objects.order_by("-comments")[:1]])
    return actions.ask_to_answer(post, wish, person, clock.now())


def go(steps: int = 60) -> None:
    """The loops: the round goes on, the outbox sends."""
    for _ in range(steps):
        going.step(clock.now())
        for dispatch in dispatching.claim(clock.now(), 10):
            deliver(dispatch)
        for deed in doing.claim(clock.now(), 10):
            perform(deed)


def test_one_text_answers_many_each_in_other_words_and_each_is_a_normal_reply(company, toy):
    round = asked(company, company.charlie, *[CUT] * 12)
    go()
    round.refresh_from_db()
    assert round.state == "done" and Addressee.objects.filter(state="done").count() == 12
    said = [o.text for o in toy.said]
    assert len(said) == len(set(said)) == 12
    assert all(alike(a, b) <= 0.8 for n, a in enumerate(said) for b in said[:n])
    assert {o.target for o in toy.said} == {m.external_id for m in Message.objects.filter(direction="in")}
    assert all(any(name in text for name in NAMES) for text in said)
    assert (
        not Message.objects.filter(state="waiting").exists() and not Case.objects.exclude(waiting_since=None).exists()
    )
    assert Promise.objects.filter(outcome="kept").count() >= 12 and Dispatch.objects.filter(state="sent").count() == 12
    assert {m.operator for m in Message.objects.filter(direction="out")} == {company.charlie}
    assert balanced()


def balanced() -> bool:
    told = ledger.equation()
    return told.balances and told == ledger.audit(clock.now())


def test_whoever_was_answered_or_is_in_a_colleagues_hand_is_left_alone(company, toy):
    round = asked(company, company.charlie, *[CUT] * 4)
    first, second, *_rest = Message.objects.filter(direction="in").order_by("pk")
    with transaction.atomic():
        dispose(lock(first.case_id), "elsewhere", "", None, clock.now(), "system")
    take(second.case_id, company.alice, clock.now())
    go()
    assert len(toy.said) == 2
    assert Addressee.objects.get(message=first).why == "answered"
    held = Addressee.objects.get(message=second)
    assert (held.state, held.why, held.tries) == ("next", "held", 1) and Round.objects.get().state == "running"
    Addressee.objects.filter(pk=held.pk).update(due_at=clock.now(), tries=9)
    go()
    assert Addressee.objects.get(message=second).state == "left" and Round.objects.get().state == "done"
    assert round.approved_by == company.charlie


def test_it_pauses_where_every_wording_went_to_others_just_now(company, toy):
    two = "Lamentamos mucho el corte de hoy en tu zona. | Sentimos lo que pasó con el servicio de tu barrio hoy."
    asked(company, company.charlie, *[CUT] * 5, text=two)
    go()
    round = Round.objects.get()
    assert len(toy.said) == 2 and (round.state, round.note) == ("paused", "out_of_words")
    assert Event.objects.filter(kind="round.paused").get().data["note"] == "out_of_words"
    actions.stop(round.pk, company.charlie, clock.now())
    assert Message.objects.filter(direction="in", state="waiting").count() == 3, "they wait on, as if it had never been"


def test_an_operators_round_waits_for_somebody_else(company, toy):
    round = asked(company, company.alice, CUT, CUT)
    assert round.state == "asked"
    go(3)
    assert not toy.said
    with pytest.raises(Refused):
        actions.decide(round.pk, company.bob, granted=True, note="", now=clock.now())
    with pytest.raises(Refused):
        actions.decide(round.pk, company.charlie, granted=False, note="", now=clock.now())
    actions.decide(round.pk, company.charlie, granted=True, note="", now=clock.now())
    go()
    assert len(toy.said) == 2 and Message.objects.filter(direction="out", operator=company.alice).count() == 2


def test_dropped_it_answers_nobody(company, toy):
    round = asked(company, company.alice, CUT, CUT)
    actions.decide(round.pk, company.charlie, granted=False, note="Suena frío", now=clock.now())
    go(3)
    assert not toy.said and Round.objects.get().state == "dropped"


def test_paused_it_waits_and_goes_on(company, toy):
    round = asked(company, company.charlie, *[CUT] * 3)
    actions.pause(round.pk, company.charlie, "", clock.now())
    go(3)
    assert not toy.said
    actions.resume(round.pk, company.charlie, clock.now())
    go()
    assert len(toy.said) == 3
    with pytest.raises(Refused):
        actions.pause(round.pk, company.charlie, "", clock.now())


def test_it_never_runs_far_ahead_of_the_network(company, toy):
    asked(company, company.charlie, *[CUT] * 12)
    for _ in range(5):
        going.step(clock.now())
    assert Dispatch.objects.filter(state="queued").count() == going.AHEAD


@pytest.mark.parametrize("text", ["", "Lo sentimos", "{{nothing}} a | b", "x\n" * 20])
def test_a_text_that_cannot_be_used_is_refused(company, toy, text):
    with pytest.raises(Refused):
        asked(company, company.charlie, CUT, CUT, text=text)
    assert not Round.objects.exists()


def test_a_double_click_is_one_round(company, toy):
    one = asked(company, company.charlie, CUT, CUT)
    wish = Wish("k" * 36, TEXT, list(Chorus.objects.values_list("pk", flat=True)))
    assert actions.ask_to_answer(one.post, wish, company.charlie, clock.now()) == one
    assert Addressee.objects.count() == 2


def test_many_are_hidden_only_when_somebody_else_agrees_and_each_stays_on_the_record(company, toy):
    listening()
    written(company, *["Compren seguidores baratos en mi perfil ya mismo"] * 3)
    Case.objects.update(kind="complaint")
    sorted_()
    post = Crowd.objects.get().post
    wish = Wish("h" * 36, "Publicidad ajena", list(Chorus.objects.values_list("pk", flat=True)))
    with pytest.raises(Refused):  # nobody else could ever agree
        actions.ask_to_hide(post, wish, company.charlie, clock.now())
    company.bob.role = "supervisor"
    company.bob.save()
    round = actions.ask_to_hide(post, wish, company.charlie, clock.now())
    assert round.state == "asked", "also a supervisor needs another one"
    go(3)
    assert not toy.acts
    with pytest.raises(Refused):
        actions.decide(round.pk, company.charlie, granted=True, note="", now=clock.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Round.objects.filter(pk=round.pk).update(approved_by=company.charlie)
    actions.decide(round.pk, company.bob, granted=True, note="", now=clock.now())
    go()
    assert len(toy.acts) == 3 and Message.objects.filter(hidden_at__isnull=False).count() == 3
    assert {d.reason for d in Deed.objects.all()} == {"Publicidad ajena"}
    assert {d.approval.seen_by for d in Deed.objects.all()} == {company.bob}
    assert Message.objects.filter(state="waiting").count() == 3, "hidden is not answered"


def test_a_round_without_approval_cannot_be_written(company, toy):
    round = asked(company, company.alice, CUT, CUT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Round.objects.filter(pk=round.pk).update(state="running")


def test_the_preview_tells_how_many_differ():
    people = [({"customer.first_name": "Dana", "brand.name": "Aurora"}, n) for n in range(40)]
    few = going.rehearse("Lamentamos mucho el corte de hoy en tu zona, Dana.", people)
    assert len(few) == 1
    assert len(going.rehearse(TEXT, people)) > 15


def test_the_same_person_is_answered_once(company, toy):
    listening()
    dana = Author("dana", "Dana")
    now = clock.now()
    said = [replace(comment(f"d{n}", dana, CUT), sent_at=now + timedelta(seconds=n - 5)) for n in range(3)]
    record([Arrival(company.api, one, now) for one in said], now)
    sorted_()
    found = queries.to_answer(Crowd.objects.get().post, list(Chorus.objects.values_list("pk", flat=True)))
    assert len(found) == 1 == Identity.objects.count()


def test_who_wrote_something_else_too_is_left_to_people(company, toy):
    listening()
    now, dana = clock.now(), Author("dana", "Dana")
    said = [replace(comment("d1", dana, "¿Tienen sucursal en Rosario?"), sent_at=now - timedelta(seconds=9)),
            replace(comment("d2", dana, CUT), sent_at=now),
            replace(comment("e1", Author("eva", "Eva"), CUT), sent_at=now),
            replace(comment("e2", Author("eva", "Eva"), CUT + "!"), sent_at=now)]  # fmt: skip
    messages = record([Arrival(company.api, one, now) for one in said], now)
    understanding.keep(messages, understanding.read([m.text for m in messages]), now)
    sorted_()
    post = Crowd.objects.get().post
    loud = Chorus.objects.order_by("-comments")[0]
    actions.ask_to_answer(post, Wish("m" * 36, TEXT, [loud.pk]), company.charlie, now)
    go(5)
    assert [o.to.external_id for o in toy.said] == ["eva"], "and Eva once"
    assert Addressee.objects.get(message__external_id="d2").why == "more"
    assert Message.objects.filter(state="waiting").count() == 2


def test_whose_words_vanished_meanwhile_is_not_answered(company, toy):
    asked(company, company.charlie, CUT, CUT)
    first = Message.objects.filter(direction="in").order_by("pk")[0]
    Message.objects.filter(pk=first.pk).update(deleted_at=clock.now())
    go(5)
    assert len(toy.said) == 1 and Addressee.objects.get(message=first).why == "cannot"


def at(person) -> Client:
    Person.objects.update(language="en")
    client = Client(headers={"HX-Request": "true"})
    client.force_login(Person.objects.get(pk=person.pk))
    return client


def test_a_supervisor_finds_what_waits_for_them_among_approvals(company, toy):
    round = asked(company, company.alice, CUT, CUT)
    client = at(company.charlie)
    assert "To be approved" in client.get(reverse("desk:lists")).content.decode()
    shown = client.get(reverse("desk:approvals")).content.decode()
    assert "Answer many" in shown and reverse("desk:round", args=[round.pk]) in shown and "Nothing waits" not in shown
    page = client.post(reverse("desk:round_act", args=[round.pk, "approve"])).content.decode()
    assert "under way" in page and Round.objects.get().approved_by == company.charlie
    assert "Nothing waits" in client.get(reverse("desk:approvals")).content.decode()


def test_who_did_not_ask_and_does_not_supervise_can_neither_pause_nor_stop(company, toy):
    round = asked(company, company.charlie, CUT, CUT)
    client = at(company.bob)
    for verb in ("pause", "stop", "approve", "nothing"):
        assert client.post(reverse("desk:round_act", args=[round.pk, verb])).status_code == 422
    assert Round.objects.get().state == "running"


def test_the_page_of_a_large_crowd_asks_little(company, toy, django_assert_max_num_queries):
    listening()
    written(company, *[f"{CUT} {n % 3}" for n in range(60)])
    sorted_()
    post = Crowd.objects.get().post_id
    client = at(company.alice)
    with django_assert_max_num_queries(16):
        page = Client.get(client, reverse("desk:crowd", args=[post]), headers={"HX-Request": ""}).content.decode()
    assert "wait for an answer" in page
    case = Message.objects.filter(direction="in").first().case_id
    assert "What they say" in client.get(reverse("desk:case", args=[case])).content.decode()
