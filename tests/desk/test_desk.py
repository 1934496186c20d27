"""The pages and verbs of the desk on real rows: what a person sees, may, and what a verb changes."""

import json
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from netcenter.accounts.actions import connect
from netcenter.accounts.models import Brand
from netcenter.cases.models import Case, Identity, Message
from netcenter.desk import queries
from netcenter.lib import clock
from netcenter.people.models import Desk, Person
from netcenter.routing.models import Offer
from netcenter.routing.presence import set_state
from netcenter.routing.switchboard import ring
from tests.company import Company

pytestmark = pytest.mark.django_db
HX = {"HTTP_HX_REQUEST": "true"}


def at(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def one_case(company: Company, text: str = "¿Hacen tortas sin azúcar?", by: str = "dana") -> Case:
    company.deliver(company.said(text, by=by, at=clock.now()))
    return Case.objects.get(customer__name=by.title())


def rung(company: Company, person: Person, text: str = "¿Abren el domingo?") -> Offer:
    set_state(person, "available", clock.now(), person)
    one_case(company, text)
    ring(clock.now())
    return Offer.objects.get(operator=person, state="ringing")


def told(response) -> dict:
    return json.loads(response["HX-Trigger"])


def test_the_desk_shows_what_waits_and_opens_a_case(company):
    case = one_case(company)
    client = at(company.alice)
    page = client.get(reverse("desk:home")).content.decode()
    assert "Dana" in page and "sin azúcar" in page
    page = client.get(reverse("desk:case", args=[case.pk])).content.decode()
    assert "sin azúcar" in page and 'name="key"' in page and f'value="{case.messages.get().pk}"' in page


def test_who_gave_no_name_is_never_called_by_a_number(company):
    number = "587378e257bed70a738c244bc645ae27ebb7352153a567c7ba9e44d448f6379d"
    company.deliver(company.said("¿Abren hoy?", by="x", at=clock.now(), author={"id": number, "name": ""}))
    case = Case.objects.get()
    page = at(company.alice).get(reverse("desk:case", args=[case.pk])).content.decode()
    assert number not in page
    assert page.count("Alguien sin nombre") >= 5  # list, head, story, composer, side


def test_how_far_somebody_is_heard_stands_beside_who_they_are(company):
    case = one_case(company)
    side = reverse("desk:side", args=[case.pk])
    assert "seguidor" not in at(company.alice).get(side, **HX).content.decode()
    reach = {"followers": 250_000, "verified": True}
    Identity.objects.update(profile={"handle": "@dana_oficial", "reach": reach})
    page = at(company.alice).get(side, **HX).content.decode()
    assert "@dana_oficial" in page and "250\u202f000 seguidores" in page and "verificado" in page


def test_a_draft_of_a_note_is_a_note_on_every_screen(company):
    case, client = one_case(company), at(company.alice)
    chosen = {"reply": 'value="reply" checked', "note": 'value="note" checked'}
    for mode, other in (("note", "reply"), ("reply", "note")):
        client.post(reverse("desk:draft", args=[case.pk]), {"text": "Es insoportable", "mode": mode}, **HX)
        page = client.get(reverse("desk:case", args=[case.pk])).content.decode()
        assert "Es insoportable</textarea>" in page and chosen[mode] in page and chosen[other] not in page


def test_a_case_of_another_brand_does_not_exist(company):
    other = Brand.objects.create(name="Borealis")
    connect(other, "api", "Other", "other", {"webhook_url": "https://o.example/h"}, clock.now(), "system")
    case = one_case(company)
    Case.objects.filter(pk=case.pk).update(brand=other)
    client = at(company.alice)
    for name in ("case", "head", "story", "side", "company", "where", "answers", "dispose", "snooze", "pass"):
        assert client.get(reverse(f"desk:{name}", args=[case.pk]), **HX).status_code == 404, name
    for name in ("take", "reply", "note", "draft", "dispose", "close", "snooze", "pass", "about", "merge"):
        assert client.post(reverse(f"desk:{name}", args=[case.pk]), {"text": "x"}, **HX).status_code == 404, name
    assert "Dana" not in client.get(reverse("desk:lists"), **HX).content.decode()
    assert at(company.charlie).get(reverse("desk:case", args=[case.pk])).status_code == 200


def test_only_the_rung_operator_sees_the_ring_and_accepts(company):
    offer = rung(company, company.alice)
    assert "data-offer" in at(company.alice).get(reverse("desk:ring"), **HX).content.decode()
    assert "data-offer" not in at(company.bob).get(reverse("desk:ring"), **HX).content.decode()
    refused = at(company.bob).post(reverse("desk:accept", args=[offer.pk]), **HX)
    assert refused.status_code == 422
    assert refused["HX-Reswap"] == "none" and told(refused)["flash"]["text"]  # what is open stays open
    answer = at(company.alice).post(reverse("desk:accept", args=[offer.pk]), **HX)
    assert answer.status_code == 200 and "desk:accepted" in told(answer)
    assert Case.objects.get(pk=offer.case_id).holder == company.alice


def send(client: Client, case: Case, text: str, **more) -> object:
    inbound = case.messages.filter(direction="in").last()
    data = {"text": text, "thread": inbound.thread_id, "seen": inbound.pk, "key": str(uuid.uuid4()), **more}
    return client.post(reverse("desk:reply", args=[case.pk]), data, **HX)


def test_a_page_is_drawn_although_it_begins_to_ring_meanwhile(company, monkeypatch):
    """Its lists and its ring are read one after the other."""
    monkeypatch.setattr("netcenter.desk.views.queries.lists", lambda *given, lists=queries.lists: (
        lists(*given), rung(company, company.alice, "¿Y el lunes?"))[0])  # fmt: skip
    page = at(company.alice).get(reverse("desk:home"))
    assert page.status_code == 200 and "¿Y el lunes?" in page.content.decode()


def test_a_double_click_is_one_reply_and_frees_the_desk(company):
    offer = rung(company, company.alice)
    client, key = at(company.alice), str(uuid.uuid4())
    client.post(reverse("desk:accept", args=[offer.pk]), **HX)
    for _click in range(2):
        assert send(client, offer.case, "Sí, de 8 a 13.", key=key).status_code == 204
    assert Message.objects.filter(direction="out").count() == 1
    assert Desk.objects.get(person=company.alice).load == 0
    assert Case.objects.get(pk=offer.case_id).waiting_since is None


def test_an_unfilled_variable_is_blocked_until_a_reason_is_given(company):
    case = one_case(company)
    client = at(company.alice)
    answer = send(client, case, "Hola {{customer.first_name}}")
    assert answer.status_code == 422 and "data-overrule" in answer.content.decode()
    assert not Message.objects.filter(direction="out").exists()
    assert send(client, case, "Hola {{customer.first_name}}", overrule="así lo pidió").status_code == 204


def test_two_people_never_answer_at_once(company):
    case = one_case(company)
    thread = case.messages.get().thread_id
    draft = {"text": "Hola Dana", "thread": thread, "mode": "reply"}
    assert at(company.bob).post(reverse("desk:draft", args=[case.pk]), draft, **HX).status_code == 200
    assert "Bob" in at(company.alice).post(reverse("desk:draft", args=[case.pk]), draft, **HX).content.decode()
    assert "Bob" in at(company.alice).get(reverse("desk:company", args=[case.pk]), **HX).content.decode()
    refused = send(at(company.alice), case, "Hola")
    assert refused.status_code == 422 and "Bob" in refused.content.decode()
    assert "Hola Dana" in at(company.alice).get(reverse("desk:case", args=[case.pk])).content.decode()


def test_dispose_needs_a_reason_and_leads_on(company):
    case = one_case(company, "gracias")
    client, url = at(company.alice), reverse("desk:dispose", args=[case.pk])
    seen = case.messages.get().pk
    assert client.get(url, **HX).status_code == 200
    assert client.post(url, {"seen": seen}, **HX).status_code == 422
    answer = client.post(url, {"seen": seen, "reason": "thanks"}, **HX)
    assert told(answer)["desk:go"]["url"] == reverse("desk:home")
    case.refresh_from_db()
    assert case.closed_at and case.waiting_since is None


def test_who_disposes_while_the_customer_writes_again_keeps_the_case_and_is_told(company):
    case = one_case(company, "gracias")
    client, seen = at(company.alice), case.messages.get().pk
    company.deliver(company.said("¿y mi pan?", at=clock.now(), id="again"))
    answer = client.post(reverse("desk:dispose", args=[case.pk]), {"seen": seen, "reason": "thanks"}, **HX)
    assert "desk:go" not in told(answer) and "desk:says" in told(answer)
    assert sorted(case.messages.values_list("state", flat=True)) == ["disposed", "waiting"]


def test_snooze_pass_and_take(company):
    case = one_case(company)
    client = at(company.alice)
    assert client.post(reverse("desk:take", args=[case.pk]), **HX).status_code == 204
    until = (clock.now() + timedelta(hours=1)).isoformat()
    url = reverse("desk:snooze", args=[case.pk])
    assert client.post(url, {"until": until}, **HX).status_code == 422
    assert client.post(url, {"until": until, "reason": "espera"}, **HX).status_code == 204
    case.refresh_from_db()
    assert case.snoozed_until and case.holder is None and case.due_at
    assert client.post(reverse("desk:pass", args=[case.pk]), {"to": company.bob.pk}, **HX).status_code == 204
    case.refresh_from_db()
    assert case.pinned_to == company.bob


def test_a_note_names_a_colleague_who_is_told(company):
    case = one_case(company)
    at(company.alice).post(reverse("desk:note", args=[case.pk]), {"text": "@Bob mirá esto"}, **HX)
    bob = at(company.bob)
    assert "mirá esto" in bob.get(reverse("desk:lists"), **HX).content.decode()
    assert "mirá esto" in bob.get(reverse("desk:case", args=[case.pk])).content.decode()
    assert "desk-mention" not in bob.get(reverse("desk:lists"), **HX).content.decode()


def test_search_ignores_accents_and_knows_numbers(company):
    case = one_case(company, "La panadería no contestó")
    client = at(company.alice)
    for words in ("PANADERIA contesto", "dana", f"#{case.pk}"):
        assert "Dana" in client.get(reverse("desk:lists"), {"q": words}, **HX).content.decode(), words
    assert "row-found" not in client.get(reverse("desk:lists"), {"q": "zapatos"}, **HX).content.decode()


def test_only_a_supervisor_moves_people_and_sees_where_they_are(company):
    url = reverse("desk:colleague_state", args=[company.bob.pk])
    asked = {"choice": "break:Almuerzo", "why": "the ovens are off"}
    assert at(company.alice).post(url, asked, **HX).status_code == 403
    assert at(company.alice).get(reverse("desk:team"), **HX).status_code == 403
    charlie = at(company.charlie)
    assert "move-why" in charlie.get(url, **HX).content.decode()
    assert charlie.post(url, asked | {"why": " "}, **HX).status_code == 422
    assert "Bob" in charlie.post(url, asked, **HX).content.decode()
    bob = Desk.objects.get(person=company.bob)
    assert (bob.state, bob.reason) == ("break", "Almuerzo")
    assert "Bob" in charlie.get(reverse("desk:team"), **HX).content.decode()


def test_nobody_signed_in_is_led_to_sign_in(company):
    assert Client().get(reverse("desk:home")).status_code == 302
    assert Client().get(reverse("desk:ring"), **HX).status_code == 401
