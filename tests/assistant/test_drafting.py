"""A draft from the press to the record: judged, shown, changed, sent by a person; and everything that goes wrong."""

import json
import uuid
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from netcenter import approving
from netcenter.assistant import actions, drafting, wire
from netcenter.assistant.models import Assistant, Drafted
from netcenter.assistant.queries import endpoint_of, kept
from netcenter.cases.models import Case, Message
from netcenter.desk import answering
from netcenter.events.models import Event
from netcenter.lib import clock
from netcenter.outbox.models import Dispatch
from netcenter.people.models import Person
from netcenter.routing.models import Offer
from tests.assistant.injections import INJECTIONS, LEADS

pytestmark = pytest.mark.django_db
DRAFT = "Hola Dana, sí: abrimos el domingo de 9 a 13. ¡Te esperamos! Un saludo, Alice"


def written(company, text: str = "¿Abren el domingo?", **more) -> Case:
    company.deliver(company.said(text, at=clock.now() - timedelta(minutes=1), **more))
    return Case.objects.get()


def ask(person: Person, case: Case, **more):
    client = Client()
    client.force_login(person, settings.AUTHENTICATION_BACKENDS[0])
    thread = case.messages.first().thread_id
    return client.post(reverse("desk:assist", args=[case.pk]), {"thread": str(thread)}, headers={"HX-Request": "true"})


def told(kind: str) -> list[dict]:
    return [e.data for e in Event.objects.filter(kind=kind).order_by("id")]


def send(company, case: Case, text: str) -> Message:
    seen = case.messages.filter(direction="in").last()
    said = answering.Answer(text, str(uuid.uuid4()), seen.thread_id, seen.pk)
    case = Case.objects.select_related("account", "brand", "customer").get(pk=case.pk)
    return answering.send(case, said, company.alice, clock.now())


# --- What it is for ---------------------------------------------------------------------------------------------------


def test_it_drafts_shows_its_sources_and_sends_nothing(company, endpoint, set_up):
    set_up(words=True)
    case = written(company)
    answer = ask(company.alice, case)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert f'data-put="{DRAFT}"' in page
    version = Drafted.objects.get().sources[0]["about"]
    assert f'data-source="words-{version}"' in page
    assert not Message.objects.filter(direction="out").exists()
    assert not Dispatch.objects.exists()
    assert not Offer.objects.exists()
    assert "tools" not in endpoint.heard[0]
    desk = Client()
    desk.force_login(company.alice, settings.AUTHENTICATION_BACKENDS[0])
    again = desk.get(reverse("desk:case", args=[case.pk])).content.decode()
    assert f'id="words-{version}"' in again, "the source can be found on the page"
    assert f'data-put="{DRAFT}"' in again, "it is still there after a reload"
    assert "data-assist=" in again


def test_every_kind_of_source_leads_somewhere(company, endpoint, set_up):
    set_up(words=True)
    case = written(company)
    endpoint.says = lambda _m: (
        "Sí, abrimos [P1]. Enviamos a todo el país en 48 horas [F1]. Preguntaste por el domingo [M1]."
    )
    page = ask(company.alice, case).content.decode()
    assert f'data-source="m-{case.messages.get().pk}"' in page
    assert 'data-source="step-look"' in page
    assert "<details>" in page and "Enviamos a todo el país" in page


def test_what_left_the_house_is_on_record_in_sizes_not_in_words(company, endpoint, set_up):
    set_up(words=True)
    ask(company.alice, written(company, "¿Abren el domingo? Mi correo es dana@gmail.com"))
    asked, drafted = told("assistant.asked")[0], told("assistant.drafted")[0]
    assert asked["sizes"]["masked"] == 1 and asked["sizes"]["messages"] == 1
    assert asked["sizes"]["bytes"] == sum(len(m["content"].encode()) for m in endpoint.heard[0]["messages"])
    assert asked["host"] == endpoint.url and asked["model"] == "gpt-street"
    assert drafted["sources"] == ["W1"]
    record = json.dumps([told(kind) for kind in ("assistant.asked", "assistant.drafted", "assistant.changed")])
    assert not [word for word in ("domingo", "dana", "sk-street", "gmail") if word in record]


def test_personal_data_stays_here_and_stands_in_the_draft_all_the_same(company, endpoint, set_up):
    set_up(words=True, history=True)
    case = written(company, "¿Abren el domingo? Soy Dana, escribime a dana@gmail.com, pedido 45021377")
    endpoint.says = lambda _m: (
        "Hola {{customer.first_name}}, te escribimos a {{email.1}} por el pedido {{number.1}} [M1]."
    )
    ask(company.alice, case)
    left = json.dumps(endpoint.heard, ensure_ascii=False)
    assert not [word for word in ("Dana", "dana@", "45021377") if word in left]
    assert Drafted.objects.get().text == "Hola Dana, te escribimos a dana@gmail.com por el pedido 45021377."


def test_in_public_what_was_masked_is_not_put_back(company, endpoint, set_up):
    set_up(words=True)
    case = written(company, "¿Abren el domingo? Mi correo es dana@gmail.com")
    case.messages.get().thread.__class__.objects.update(place="public")
    endpoint.says = lambda _m: "Hola {{customer.first_name}}, sí, abrimos. Te escribimos a {{email.1}}."
    ask(company.alice, case)
    assert Drafted.objects.get().text == "Hola Dana, sí, abrimos. Te escribimos a {{email.1}}."
    assert "placeholder" in told("assistant.drafted")[0]["found"], "the guard stops the sending until it is filled"


# --- Sent by a person -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sent", "least", "most", "marked"), [
    (DRAFT, 0, 0, True),
    (DRAFT.replace("de 9 a 13", "de 10 a 14"), 0.05, 0.4, True),
    ("Buenas, este fin de semana permanecemos cerrados por inventario.", 0.7, 1, False),
])  # fmt: skip
def test_how_far_it_was_changed_is_on_record_when_somebody_sends(company, set_up, sent, least, most, marked):
    set_up(words=True)
    case = written(company)
    ask(company.alice, case)
    message = send(company, case, sent)
    answered = told("assistant.answered")[0]
    assert least <= answered["changed"] <= most
    assert (answered["message"], answered["used"]) == (message.pk, marked)
    assert ("drafted" in Message.objects.get(pk=message.pk).extra) is marked
    assert Drafted.objects.get().state == "sent"
    desk = Client()
    desk.force_login(company.alice, settings.AUTHENTICATION_BACKENDS[0])
    assert ("borrador del asistente" in desk.get(reverse("desk:story", args=[case.pk])).content.decode()) is marked


def test_the_nearest_of_several_counts_once_and_a_colleagues_does_not(company, endpoint, set_up):
    set_up(words=True)
    case = written(company)
    endpoint.says = lambda _m: "Hola Dana, no lo sé todavía y te avisaré mañana."
    ask(company.alice, case)
    endpoint.says = lambda _m: DRAFT
    ask(company.alice, case)
    ask(company.bob, case)
    send(company, case, DRAFT)
    assert [(d.by.name, d.state) for d in Drafted.objects.order_by("id")] == [
        ("Alice", "left"), ("Alice", "sent"), ("Bob", "done")
    ]  # fmt: skip
    assert len(told("assistant.answered")) == 1


def test_a_draft_that_answers_something_older_is_not_offered_any_more(company, set_up):
    set_up(words=True)
    case = written(company)
    ask(company.alice, case)
    desk = Client()
    desk.force_login(company.alice, settings.AUTHENTICATION_BACKENDS[0])
    assert "data-assistant-put" in desk.get(reverse("desk:case", args=[case.pk])).content.decode()
    company.deliver(company.said("¿Y el lunes?", at=clock.now() + timedelta(seconds=5)))
    assert "data-assistant-put" not in desk.get(reverse("desk:case", args=[case.pk])).content.decode()


def test_a_draft_that_is_sent_after_it_was_switched_off_is_on_record_all_the_same(company, endpoint, set_up):
    set_up(words=True)
    case = written(company)
    ask(company.alice, case)
    actions.save(actions.Setup(endpoint.base, "gpt-street"), clock.now(), "person:1")
    assert send(company, case, DRAFT).extra["drafted"] == 0


def test_what_somebody_else_approves_keeps_the_mark(company, set_up):
    set_up(words=True)
    case = written(company)
    Person.objects.filter(pk=company.alice.pk).update(is_trainee=True)
    company.alice.refresh_from_db()
    ask(company.alice, case)
    held = send(company, case, DRAFT)
    assert not told("assistant.answered")
    message = approving.decide(held, company.charlie, clock.now(), granted=True)
    kept_with = Message.objects.get(pk=message.pk).extra
    assert (kept_with["drafted"], kept_with["approved_by"]) == (0, "Charlie")


def test_a_customer_who_is_called_like_a_link_is_not_greeted_with_it(company, set_up):
    set_up(words=True)
    case = written(company, author={"name": "evil.example/premio"})
    ask(company.alice, case)
    assert Drafted.objects.get().text.startswith("Hola {{customer.first_name}}, sí")


# --- The guard --------------------------------------------------------------------------------------------------------


def test_what_the_protocol_never_wants_said_is_not_shown(company, endpoint, set_up):
    set_up(words=True)
    endpoint.says = lambda _m: "Hola Dana, sí, abrimos el domingo y tienes garantía de por vida."
    answer = ask(company.alice, written(company))
    assert answer.status_code == 422
    assert "de por vida" not in answer.content.decode()
    assert told("assistant.failed")[0]["why"] == "guard"
    assert Drafted.objects.get().state == "failed"


def test_a_blank_is_shown_for_the_person_to_fill_and_cannot_be_sent_unfilled(company, endpoint, set_up):
    set_up(words=True)
    case = written(company)
    endpoint.says = lambda _m: "Hola Dana, sí: abrimos el domingo a las {{hora}}."
    assert ask(company.alice, case).status_code == 200
    with pytest.raises(answering.Refused, match="variable"):
        send(company, case, Drafted.objects.get().text)


# --- Hostile customers, an obedient assistant -------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "words", "wanted"), INJECTIONS)
def test_a_customer_cannot_make_it_act(company, endpoint, set_up, language, words, wanted):
    set_up(words=True, history=True, name=True)
    case = written(company, words)
    before = (Message.objects.count(), Case.objects.get().closed_at, Assistant.objects.get().sealed)
    endpoint.says = lambda _m: wanted
    page = ask(company.alice, case).content.decode().casefold()
    assert (Message.objects.count(), Case.objects.get().closed_at, Assistant.objects.get().sealed) == before
    assert not Dispatch.objects.exists() and not Offer.objects.exists()
    shown = Drafted.objects.get().text.casefold()
    assert not [lead for lead in LEADS if lead.casefold() in shown], shown
    assert "onerror=alert" not in page and "<a href=" not in page
    assert "sk-street" not in json.dumps(endpoint.heard)


CALLS = {"message": {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "type": "function", "function": {
    "name": "send_reply", "arguments": "{}"}}]}, "finish_reason": "tool_calls"}  # fmt: skip


# --- What goes wrong --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("said", "code"), [
    (CALLS, "empty"), (b"<html>no</html>", "garbled"), (b'{"choices": []}', "garbled"), (b"[" * 100_000, "garbled"),
    (b'{"choices": [{"message": {"content": ["x"]}}]}', "garbled"), (b"null", "garbled"), (" \n ", "empty"),
    ("<think>nada más</think>", "empty"), (b'{"choices": [' + b" " * 300_000 + b"]}", "garbled"),
    ({"message": {"role": "assistant", "content": "x"}, "finish_reason": "content_filter"}, "declined"),
    ({"message": {"role": "assistant", "content": None, "refusal": "I can't"}}, "declined"),
])  # fmt: skip
def test_an_answer_that_is_no_draft_is_said_in_words(company, endpoint, set_up, said, code):
    set_up(words=True)
    endpoint.says = lambda _m: said
    company.alice.language = "pt-br"
    company.alice.save()
    answer = ask(company.alice, written(company))
    assert answer.status_code == 422
    assert "assistente" in answer.content.decode()
    assert told("assistant.failed")[0]["why"] == code


def test_the_failures_of_the_wire_have_words_of_their_own(company, endpoint, set_up, monkeypatch):
    case = written(company)

    def fails(**how) -> str:
        set_up(words=True, **how)
        assert ask(company.alice, case).status_code == 422
        return told("assistant.failed")[-1]["why"]

    assert fails(key="wrong") == "key"
    assert fails(model="gpt-nowhere") == "unknown"
    assert fails(base_url=f"{endpoint.url}/v2") == "unknown"
    assert fails(base_url="http://127.0.0.1:1/v1") == "away"
    monkeypatch.setattr(wire.complete, "__defaults__", (0.2,))
    endpoint.slow = 1.0
    assert fails() == "time"
    monkeypatch.setattr(settings, "ALLOW_PRIVATE_HTTP", False)
    assert fails() == "address"
    assert fails(base_url="https://169.254.169.254/v1") == "address"
    assert len({drafting.why(code) for code in ("key", "unknown", "away", "time", "address", "limit")}) == 6


def test_models_that_know_the_limit_by_another_name_are_asked_with_that(company, endpoint, set_up):
    endpoint.newer, endpoint.models = {"o-street"}, {"o-street"}
    set_up(words=True, model="o-street")
    assert ask(company.alice, written(company)).status_code == 200
    assert endpoint.heard[0]["max_completion_tokens"] == wire.MOST_TOKENS


# --- Limits and rights ------------------------------------------------------------------------------------------------


def test_nothing_leaves_while_it_is_off(company, endpoint, set_up):
    case = written(company)
    assert ask(company.alice, case).status_code == 422
    set_up(words=True)
    actions.save(actions.Setup(endpoint.base, "gpt-street"), clock.now(), "person:1")
    assert ask(company.alice, case).status_code == 422
    assert not endpoint.calls and not Drafted.objects.exists()


def test_nobody_asks_too_often_nor_all_together(company, endpoint, set_up, monkeypatch):
    set_up()
    case = written(company)
    statuses = [ask(company.alice, case).status_code for _n in range(actions.EACH + 2)]
    assert statuses == [200] * actions.EACH + [422] * 2
    assert len(endpoint.heard) == actions.EACH
    assert ask(company.bob, case).status_code == 200
    monkeypatch.setattr(actions, "ALL", actions.EACH + 1)
    assert ask(company.bob, case).status_code == 422


def test_more_drafts_than_there_are_threads_for_are_refused_in_words(company, endpoint, set_up):
    set_up()
    case = written(company)
    for _n in range(drafting.AT_ONCE):
        assert drafting._free.acquire(blocking=False)
    try:
        assert ask(company.alice, case).status_code == 422
    finally:
        for _n in range(drafting.AT_ONCE):
            drafting._free.release()
    assert not endpoint.heard
    assert ask(company.alice, case).status_code == 200


def test_the_key_is_sealed_and_never_goes_to_another_address(company, endpoint, set_up):
    set_up(words=True)
    row = Assistant.objects.get()
    assert b"sk-street" not in bytes(row.sealed)
    assert endpoint_of(kept()).key == "sk-street"
    actions.save(actions.Setup(endpoint.base + "/", "other"), clock.now(), "person:1")
    assert endpoint_of(kept()).key == "sk-street", "the same address keeps it"
    with pytest.raises(actions.Refused, match=r"clave|key"):
        actions.save(actions.Setup("https://evil.example/v1", "other"), clock.now(), "person:1")
    assert kept().base_url == endpoint.base
