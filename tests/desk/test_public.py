"""Public threads at the desk: what stands around a comment, and answering, hiding and deleting there."""

import json
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from netcenter.cases.arrivals import Arrival
from netcenter.cases.models import Case, Message
from netcenter.cases.record import record
from netcenter.channels.contract import Receipt, Template, ThreadRef
from netcenter.channels.registry import channel
from netcenter.lib import clock
from netcenter.lib.refused import Refused
from netcenter.outbox import deeds, doing
from netcenter.outbox.models import Deed
from netcenter.people.models import Person
from netcenter.standards import actions as standards
from netcenter.understanding import actions as understanding
from tests.outbox.toy import ABLE, COMMENT, DANA, EVA, comment, take_place

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}


@pytest.fixture
def toy(company, monkeypatch):
    Person.objects.update(language="en")
    return take_place(monkeypatch)


def at(person: Person) -> Client:
    client = Client(headers=HX)
    client.force_login(Person.objects.get(pk=person.pk))
    return client


def told(company, *said) -> list[Message]:
    now = clock.now()
    here = [replace(one, sent_at=now - timedelta(minutes=len(said) - n)) for n, one in enumerate(said)]
    messages = record([Arrival(company.api, one, now) for one in here], now)
    understanding.keep(messages, understanding.read([m.text for m in messages]), now)
    standards.promise(messages, now)
    return messages


def page(client: Client, name: str, *args) -> str:
    answer = client.get(reverse(f"desk:{name}", args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_case_shows_the_post_and_folds_what_others_wrote(company, toy):
    mine, *_others = told(
        company, COMMENT, comment("c2", EVA, "Yo también quiero saberlo"), comment("c3", EVA, "¿Nadie?")
    )
    shown = page(at(company.alice), "case", mine.case_id)
    assert "Hoy abrimos hasta las ocho" in shown and "Our post" in shown and "2 more comments" in shown
    assert "Yo también" not in shown
    around = page(at(company.alice), "post", mine.case_id, mine.post_id)
    assert "Yo también quiero saberlo" in around and around.count("this customer") == 1 and "data-own" in around


def test_a_page_of_a_long_thread_is_bounded_and_goes_on(company, toy, django_assert_max_num_queries):
    many = [comment(f"e{n}", replace(EVA, external_id=f"eva{n}"), f"Comentario {n}") for n in range(120)]
    *_others, mine = told(company, *many[:60], *many[60:], COMMENT)
    client = at(company.alice)
    with django_assert_max_num_queries(30):
        shown = page(client, "post", mine.case_id, mine.post_id)
    assert shown.count('class="post-comment"') == 11 + 1 and "Earlier comments" in shown
    first = Message.objects.get(external_id="e109")
    earlier = client.get(reverse("desk:post", args=[mine.case_id, mine.post_id]), {"before": first.pk}).content.decode()
    assert "Comentario 108" in earlier and "Comentario 109" not in earlier and "Later comments" in earlier


def test_it_answers_publicly_privately_or_both(company, toy):
    (mine,) = told(company, COMMENT)
    client = at(company.alice)
    shown = page(client, "case", mine.case_id)
    for value, place in ((mine.thread_id, "public"), (f"{mine.thread_id}:private_reply", "private")):
        assert f'value="{value}" data-place="{place}"' in shown
    form = {"text": "Te cuento por aquí", "key": str(uuid.uuid4()), "seen": mine.pk}
    answer = client.post(reverse("desk:reply", args=[mine.case_id]), form | {"thread": f"{mine.thread_id}:both"})
    assert answer.status_code == 204, answer.content
    said = Message.objects.get(direction="out")
    assert said.extra["way"] == "private_reply" and said.extra["target"] == "c1"
    assert "mensaje privado" in said.extra["then"], "in the customer's language"


def test_what_went_in_private_is_offered_only_what_the_network_does_there(company, toy, monkeypatch):
    able = replace(ABLE, acts_in={"private": frozenset({"react"})})
    monkeypatch.setattr(type(channel("api")), "capabilities", able)
    (mine,) = told(company, COMMENT)
    client, url = at(company.alice), reverse("desk:reply", args=[mine.case_id])
    for way in ("", ":private_reply"):
        form = {
            "text": f"Te cuento{way}",
            "key": str(uuid.uuid4()),
            "seen": mine.pk,
            "thread": f"{mine.thread_id}{way}",
        }
        assert client.post(url, form).status_code == 204
    Message.objects.filter(direction="out").update(state="sent")
    public, private = Message.objects.filter(direction="out").order_by("id")
    assert deeds.possible(public, company.alice, clock.now()) == ["delete_ours", "edit"]
    assert deeds.possible(private, company.alice, clock.now()) == []
    with pytest.raises(Refused):
        deeds.do(private, deeds.Wish("delete_ours", str(uuid.uuid4()), "Un error"), company.alice, clock.now())


def test_it_hides_with_a_reason_and_says_what_waits_for_approval(company, toy):
    (mine,) = told(company, COMMENT)
    Case.objects.update(kind="complaint")
    client, url = at(company.alice), reverse("desk:deed", args=[mine.pk, "hide"])
    asked = client.get(url).content.decode()
    assert "Somebody complains here" in asked and "goes on waiting" in asked
    assert client.post(url, {"key": str(uuid.uuid4())}).status_code == 422
    answer = client.post(url, {"key": str(uuid.uuid4()), "reason": "Insulta"})
    assert "agree first" in json.loads(answer["HX-Trigger"])["desk:says"]["text"]
    shown = page(client, "case", mine.case_id)
    assert "Waits for approval" in shown and url not in shown, "asked for once"
    assert client.post(url, {"key": str(uuid.uuid4()), "reason": "Insulta"}).status_code == 422
    assert client.get(reverse("desk:approvals")).status_code == 403
    charlie = at(company.charlie)
    assert "To be approved" in page(charlie, "lists")
    assert "Insulta" in page(charlie, "approvals")
    deed = Deed.objects.get()
    done = charlie.post(reverse("desk:decide", args=[deed.pk]), {"granted": "yes"})
    assert "Nothing waits for you" in done.content.decode()
    assert Deed.objects.get().state == "queued"


def test_where_nobody_else_may_agree_the_dialog_says_so_before_anything_is_filled_in(company, toy):
    (mine,) = told(company, COMMENT)
    Case.objects.update(kind="complaint")
    client, url = at(company.charlie), reverse("desk:deed", args=[mine.pk, "hide"])
    asked = client.get(url).content.decode()
    assert "Nobody else here may" in asked and 'name="reason"' not in asked and "Ask for approval" not in asked
    refused = client.post(url, {"key": str(uuid.uuid4()), "reason": "Insulta"})
    assert refused.status_code == 422 and not Deed.objects.exists()
    assert 'name="reason"' in page(at(company.alice), "deed", mine.pk, "hide"), "Charlie may agree to what Alice asks"
    Person.objects.create_user("marta@example.com", "correct horse", name="Marta", role="supervisor")
    assert "Ask for approval" in client.get(url).content.decode()


def test_what_the_network_answered_is_folded_below_the_words(company, toy):
    (mine,) = told(company, COMMENT)
    deed = deeds.do(mine, deeds.Wish("block", str(uuid.uuid4()), "Insulta"), company.charlie, clock.now())
    doing.done(deed, Receipt("u", "sent", clock.now(), "(#200) no such permission"), clock.now())
    shown = " ".join(page(at(company.alice), "case", mine.case_id).split())
    assert shown.index(mine.text) < shown.index("Blocking the author: Done · Charlie · Insulta · until")
    assert "<summary>Only here: the network refused it</summary><p>(#200) no such permission</p>" in shown


def test_who_hid_or_blocked_why_and_who_agreed_stand_with_the_words_while_it_holds(company, toy):
    (mine,) = told(company, COMMENT)
    Case.objects.update(kind="complaint")
    mine.refresh_from_db()

    def do(verb: str, reason: str = "") -> None:
        deed = deeds.do(mine, deeds.Wish(verb, str(uuid.uuid4()), reason), company.charlie, clock.now())
        if deed.state == "asked":
            deeds.decide(deed.pk, marta, granted=True, note="", now=clock.now())
        for one in doing.claim(clock.now(), 10):
            doing.done(one, doing.perform(one), clock.now())
        mine.refresh_from_db()

    marta = Person.objects.create_user("marta@example.com", "correct horse", name="Marta", role="supervisor")
    do("hide", "Nombra a otra clienta")
    do("block", "Amenaza a la cajera")
    shown = " ".join(page(at(company.alice), "case", mine.case_id).split())
    assert "Hiding: Done · Charlie · Nombra a otra clienta · Marta agreed" in shown
    assert "Blocking the author: Done · Charlie · Amenaza a la cajera · Marta agreed · until" in shown
    do("show")
    do("unblock")
    shown = page(at(company.alice), "case", mine.case_id)
    assert "Nombra a otra clienta" not in shown and "Amenaza a la cajera" not in shown


def test_what_is_answered_is_not_said_to_go_on_waiting(company, toy):
    (mine,) = told(company, COMMENT)
    client = at(company.alice)
    form = {"text": "Te cuento", "key": str(uuid.uuid4()), "seen": mine.pk, "thread": mine.thread_id}
    assert client.post(reverse("desk:reply", args=[mine.case_id]), form).status_code == 204
    asked = page(client, "deed", mine.pk, "hide")
    assert "It stays on the record" in asked and "goes on waiting" not in asked


def test_it_likes_with_one_press_and_offers_only_what_may_be_done(company, toy):
    (mine,) = told(company, COMMENT)
    client = at(company.alice)
    shown = page(client, "case", mine.case_id)
    assert "Hide…" in shown and "Like" in shown and "Delete…" not in shown and "Change…" not in shown
    assert "Delete…" in page(at(company.charlie), "case", mine.case_id)
    answer = client.post(reverse("desk:deed", args=[mine.pk, "react"]), {"key": str(uuid.uuid4())})
    assert answer.status_code == 204 and Deed.objects.get().what == "like"


def test_outside_of_the_window_the_composer_says_what_goes_instead(company, toy, monkeypatch):
    listed = (Template("bienvenida", "es", "Hola {1}, ¿seguimos?", ("1",)),)
    monkeypatch.setattr(type(channel("api")), "templates", lambda self, wire: listed)
    (mine,) = told(company, replace(COMMENT, thread=ThreadRef("dm-dana"), form="message"))
    long_ago = clock.now() - timedelta(hours=30)
    Message.objects.update(sent_at=long_ago)
    client = at(company.alice)
    shown = page(client, "case", mine.case_id)
    assert "Use an approved text" in shown and f'value="{mine.thread_id}:tag:HUMAN_AGENT"' in shown
    form = {"text": "Hola", "key": str(uuid.uuid4()), "seen": mine.pk, "thread": mine.thread_id}
    assert client.post(reverse("desk:reply", args=[mine.case_id]), form).status_code == 422
    url = reverse("desk:templates", args=[mine.case_id, mine.thread_id])
    assert "¿seguimos?" in client.get(url).content.decode()
    sent = {"template": "bienvenida|es", "key": str(uuid.uuid4()), "seen": mine.pk}
    assert client.post(url, sent).status_code == 422, "a blank is empty"
    assert client.post(url, sent | {"bienvenida|es|1": "Dana"}).status_code == 204
    said = Message.objects.get(direction="out")
    assert said.text == "Hola Dana, ¿seguimos?" and said.extra["template"]["filled"] == {"1": "Dana"}


def test_who_does_not_see_the_brand_sees_and_does_nothing_there(company, toy):
    (mine,) = told(company, COMMENT)
    eve = Person.objects.create_user("eve@example.com", "correct horse", name="Eve")
    client = at(eve)
    assert client.get(reverse("desk:post", args=[mine.case_id, mine.post_id])).status_code == 404
    answer = client.post(reverse("desk:deed", args=[mine.pk, "hide"]), {"key": str(uuid.uuid4()), "reason": "x"})
    assert answer.status_code == 404 and not Deed.objects.exists()


def test_what_is_hidden_gone_and_said_elsewhere_is_marked(company, toy):
    (mine,) = told(company, replace(COMMENT, hidden=True))
    Message.objects.create(
        thread=mine.thread, case=mine.case, account=company.api, post=mine.post, direction="out", external_id="x",
        state="sent", text="Sí", sent_at=clock.now(), received_at=clock.now(),
        extra={"echo": True, "sender": "Meta app"},
    )  # fmt: skip
    shown = page(at(company.alice), "case", mine.case_id)
    assert "others do not see it" in shown and "Said elsewhere" in shown and "Meta app" in shown
    assert DANA.name in shown
