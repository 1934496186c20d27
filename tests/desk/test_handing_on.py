"""The limited seat: who is asked gets that one case, and nobody gets in by a link alone."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from netcenter.cases.models import Attachment, Case, Message
from netcenter.courtesy.handing_on import holding_words, send_letters
from netcenter.desk.handed import standing_words
from netcenter.lib import blobs, clock
from netcenter.people.areas import AreaDetails, save_area
from netcenter.people.letters import BACK_OFF
from netcenter.people.models import Letter, Person
from netcenter.routing import referrals
from netcenter.routing.asked import token_of
from netcenter.routing.models import Queue, Referral
from netcenter.routing.state import settings_now
from tests.company import Company

pytestmark = pytest.mark.django_db
KEY = "0b36c1ce-64d9-4bb2-9b0a-0e7f6d1b6a10"
HX = {"headers": {"HX-Request": "true"}}


def at(person: Person) -> Client:
    client = Client()
    client.force_login(person, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def owner(name: str, language: str = "en") -> Person:
    email = f"{name.lower()}@example.com"
    return Person.objects.create_user(email, "correct horse", name=name, role="owner", language=language)


def test_nothing_is_passed_to_somebody_without_a_desk(company):
    rita = owner("Rita")
    rita.brands.add(company.brand)
    company.available(company.alice)
    company.deliver(company.said("Hola"))
    case = Case.objects.get()
    html = at(company.charlie).get(reverse("desk:pass", args=[case.pk]), **HX).content.decode()
    assert "Bob" in html and "Rita" not in html
    assert at(company.charlie).post(reverse("desk:pass", args=[case.pk]), {"to": rita.pk}, **HX).status_code == 422


@pytest.fixture
def asked(company: Company) -> Referral:
    """Dana was charged twice; Alice asks Olga of billing, whose deputy is Otto."""
    Person.objects.update(language="en")
    area = save_area(None, AreaDetails("Billing", "", 60, [owner("Olga").pk, owner("Otto").pk]), clock.now(), "test")
    company.deliver(company.said("Me cobraron dos veces", at=clock.now()))
    case = Case.objects.get()
    return referrals.hand_on(case.pk, area, "Was it charged twice?", company.alice, clock.now())


def link(referral: Referral, person: Person) -> str:
    return reverse("desk:asked_link", args=[token_of(referral, person)])


def send(referral: Referral, person: Person, text: str, mode: str = "answer", key: str = KEY):
    return at(person).post(reverse("desk:seat_send", args=[referral.pk]), {"text": text, "mode": mode, "key": key})


def test_the_link_alone_opens_nothing_and_leads_to_signing_in(asked):
    answer = Client().get(link(asked, asked.owner))
    assert answer.status_code == 302 and answer.headers["Location"].startswith(reverse("account_login") + "?next=")
    assert "/asked/link/" in answer.headers["Location"]


def test_after_signing_in_the_named_person_sees_the_question_the_story_and_nothing_else(asked):
    page = at(asked.owner).get(link(asked, asked.owner), follow=True)
    text = page.content.decode()
    assert page.status_code == 200 and "Was it charged twice?" in text and "Me cobraron dos veces" in text
    leads = set(re.findall(r'(?:href|hx-get|hx-post|action)="(/[^"]*)"', text))
    mine = ("/static/", "/desk/asked/", "/account/logout/", "/settings/profile/", "/look/")
    assert {there for there in leads if not there.startswith(mine)} == {"/"}
    asked.refresh_from_db()
    assert asked.seen_at is not None


def test_a_second_account_an_operator_and_a_supervisor_are_refused_with_a_sentence(asked, company):
    for person in (Person.objects.get(name="Otto"), company.bob, company.charlie):
        page = at(person).get(link(asked, asked.owner))
        assert page.status_code == 403 and "sent to somebody else" in page.content.decode()
        assert b"Dana" not in page.content and b"charged" not in page.content
        page = at(person).get(reverse("desk:seat", args=[asked.pk]))
        assert page.status_code == 403 and b"not asked of you" in page.content and b"Dana" not in page.content


def test_forged_and_expired_links_are_refused_with_a_sentence(asked, monkeypatch):
    good = link(asked, asked.owner)
    page = at(asked.owner).get(good[:-3] + "x/")
    assert page.status_code == 404 and b"not whole" in page.content
    import time

    then = time.time() + 8 * 24 * 3600
    client = at(asked.owner)
    monkeypatch.setattr("django.core.signing.time.time", lambda: then)
    page = client.get(good)
    assert page.status_code == 410 and b"seven days" in page.content


@pytest.mark.parametrize(("end", "sentence"), [
    ("tell", b"has been answered"), ("give_back", b"given back"), ("take_back", b"taken this back"),
])  # fmt: skip
def test_the_link_dies_when_it_is_over(asked, company, end, sentence):
    there, now = link(asked, asked.owner), clock.now()
    if end == "take_back":
        referrals.take_back(asked.case_id, company.alice, now)
    else:
        getattr(referrals, end)(asked.pk, asked.owner, "Not mine", now)
    client = at(asked.owner)
    for address in (there, reverse("desk:seat", args=[asked.pk])):
        page = client.get(address)
        assert page.status_code == 410 and sentence in page.content
    stale = client.get(reverse("desk:seat_story", args=[asked.pk]), **HX)
    assert stale.status_code == 204 and "seat:over" in stale.headers["HX-Trigger"]
    assert send(asked, asked.owner, "Late").status_code == 410
    assert not Message.objects.filter(direction="out").exists()


def test_who_it_has_climbed_away_from_is_told_where_it_is(asked):
    referrals.remind(asked.due_at)
    page = at(asked.owner).get(link(asked, asked.owner))
    assert page.status_code == 403 and b"It is with Otto now" in page.content
    asked.refresh_from_db()
    assert asked.owner.name == "Otto" and at(asked.owner).get(link(asked, asked.owner)).status_code == 302


def test_the_answer_goes_out_once_under_the_owners_name(asked):
    for _press in range(2):
        answer = send(asked, asked.owner, "Se lo devolvimos hoy.")
        assert answer.status_code == 302
    out = Message.objects.get(direction="out")
    assert out.operator == asked.owner and out.automatic == "" and Case.objects.get().waiting_since is None
    assert Referral.objects.get().outcome == "answered"


def test_the_guard_stops_the_owner_too_and_the_words_are_kept(asked):
    page = send(asked, asked.owner, "Dear {{customer.surname}}")
    assert page.status_code == 422 and b"customer.surname" in page.content
    assert Referral.objects.get().ended_at is None and not Message.objects.filter(direction="out").exists()
    typed = at(asked.owner).post(reverse("desk:seat_draft", args=[asked.pk]), {"text": "Dear {{x}}", "mode": "answer"})
    assert b'data-severity="block"' in typed.content
    assert b"Dear {{x}}" in at(asked.owner).get(reverse("desk:seat", args=[asked.pk])).content


def test_telling_and_giving_back_need_words(asked):
    for mode in ("tell", "give_back"):
        assert send(asked, asked.owner, " ", mode).status_code == 422
    assert send(asked, asked.owner, "Ask logistics", "give_back").status_code == 302
    assert Referral.objects.get().note == "Ask logistics"


def test_files_of_this_case_only(asked, company):
    company.deliver(company.said("Otra cosa", by="eva", at=clock.now()))
    mine, other = (
        Attachment.objects.create(message=m, name="x.txt", mime="text/plain", size=1, blob=blobs.put(b"x"))
        for m in (Message.objects.get(case=asked.case_id), Message.objects.get(case__customer__name="Eva"))
    )
    client = at(asked.owner)
    assert client.get(reverse("desk:seat_file", args=[asked.pk, mine.pk])).status_code == 200
    assert client.get(reverse("desk:seat_file", args=[asked.pk, other.pk])).status_code == 404
    assert client.get(reverse("desk:file", args=[mine.pk])).status_code == 403


def test_an_owner_begins_at_what_is_asked_of_them(asked):
    page = at(asked.owner).get("/", follow=True)
    assert page.redirect_chain[-1][0] == reverse("desk:asked") and b"Was it charged twice?" in page.content
    assert b"Was it charged" not in at(Person.objects.get(name="Otto")).get(reverse("desk:asked")).content


def test_nothing_rings_for_who_only_answers_when_asked(asked, company):
    company.brand.people.add(asked.owner)
    assert asked.owner.pk not in settings_now(clock.now()).operators


# --- Mails ------------------------------------------------------------------------------------------------------------


def test_the_owner_gets_a_mail_with_their_link_in_their_language(asked):
    Person.objects.filter(name="Olga").update(language="es")
    send_letters(clock.now())
    sent = mail.outbox[0]
    assert sent.to == ["olga@example.com"] and "Billing" in sent.subject and "Was it charged twice?" in sent.body
    assert "Me cobraron" not in sent.body  # the customer's words stand behind the sign-in
    there = re.search(r"https?://\S+", sent.body).group()
    assert at(asked.owner).get(there.partition("/desk")[1] + there.partition("/desk")[2]).status_code == 302
    send_letters(clock.now() + timedelta(hours=1))
    assert len(mail.outbox) == 1


def test_a_mail_that_fails_is_tried_again_later_and_given_up_at_last(asked, monkeypatch):
    def broken(*_args, **_more):
        raise ConnectionRefusedError("no mail server")

    monkeypatch.setattr("netcenter.courtesy.handing_on.send_mail", broken)
    now = clock.now()
    for wait in (0, *BACK_OFF):
        now += timedelta(seconds=wait + 1)
        monkeypatch.setattr("netcenter.lib.clock.now", lambda now=now: now)
        assert Letter.objects.get().due_at is not None
        send_letters(now)
    letter = Letter.objects.get()
    assert letter.due_at is None and letter.sent_at is None and letter.attempts == len(BACK_OFF) + 1
    assert "no mail server" in letter.error


def test_a_mail_that_is_needless_by_now_is_not_sent(asked, company):
    referrals.take_back(asked.case_id, company.alice, clock.now())
    send_letters(clock.now())
    assert [m.subject for m in mail.outbox] == [f"Case {asked.case_id} (Billing) no longer needs you"]


# --- The desk ---------------------------------------------------------------------------------------------------------


def test_the_dialog_proposes_the_brands_words_in_the_customers_language_and_only_once(asked, company):
    case = asked.case
    referrals.take_back(case.pk, company.alice, clock.now())
    case.refresh_from_db()
    Case.objects.filter(pk=case.pk).update(language="pt")
    case.language = "pt"
    assert "Obrigad" in holding_words(case, company.alice)
    Queue.objects.update(texts={"holding": {"pt": "Oi {{customer.first_name}}, já volto. {{operator.first_name}}"}})
    assert holding_words(case, company.alice) == "Oi Dana, já volto. Alice"
    case.kind = "praise"
    assert holding_words(case, company.alice) == ""


def test_the_desk_hands_on_shows_where_it_is_and_takes_back(asked, company):
    referrals.take_back(asked.case_id, company.alice, clock.now())
    client, case = at(company.alice), asked.case
    dialog = client.get(reverse("desk:hand_on", args=[case.pk]), **HX).content.decode()
    assert "Olga" in dialog and "Billing" in dialog
    seen = Message.objects.get(direction="in").pk
    told = client.post(
        reverse("desk:hand_on", args=[case.pk]),
        {"area": asked.area_id, "question": "Twice?", "holding": "Un momento.", "key": KEY, "seen": seen},
        **HX,
    )
    assert told.status_code == 204 and Message.objects.get(direction="out").automatic == "holding"
    lists = client.get(reverse("desk:lists"), **HX).content.decode()
    assert "Handed on" in lists and "with Olga (Billing) until" in lists
    assert 'data-group="waiting"' in lists and f'id="row-waiting-{case.pk}"' not in lists
    head = client.get(reverse("desk:head", args=[case.pk]), **HX).content.decode()
    assert "not opened yet" in head and "Take back" in head
    assert "It ends no wait" in client.get(reverse("desk:story", args=[case.pk]), **HX).content.decode()
    assert client.post(reverse("desk:take", args=[case.pk]), **HX).status_code == 422
    assert client.post(reverse("desk:take_back", args=[case.pk]), **HX).status_code == 204
    assert Case.objects.get().holder == company.alice


@pytest.mark.parametrize("wrong", [{"question": ""}, {"area": "999"}, {"holding": "Hola {{x}}"}])
def test_a_form_that_is_not_whole_hands_nothing_on(asked, company, wrong):
    referrals.take_back(asked.case_id, company.alice, clock.now())
    form = {"area": asked.area_id, "question": "Twice?", "holding": "", "key": KEY} | wrong
    answer = at(company.alice).post(reverse("desk:hand_on", args=[asked.case_id]), form, **HX)
    assert answer.status_code == 422 and not Referral.objects.filter(ended_at=None).exists()


def test_the_list_says_when_they_were_reminded(asked, company):
    referrals.remind(asked.remind_at)
    lists = at(company.alice).get(reverse("desk:lists"), **HX).content.decode()
    assert "with Olga (Billing) until" in lists and "· reminder sent</span>" in lists
    referrals.remind(asked.due_at)  # Otto was not reminded yet
    lists = at(company.alice).get(reverse("desk:lists"), **HX).content.decode()
    assert "with Otto (Billing) until" in lists and "reminder sent" not in lists


def test_the_list_says_that_nobody_answered_in_time(asked, company):
    Person.objects.filter(role="supervisor").update(is_active=False)
    for _deputy in range(2):
        referrals.remind(asked.due_at)
        asked.refresh_from_db()
    assert asked.ended_at is not None
    assert standing_words(asked) == "nobody answered in time: it rings again"


@pytest.mark.parametrize("page", ["desk:seat", "desk:asked"])
def test_the_seat_has_the_words_of_a_reminder(asked, page):
    args = [asked.pk] if page == "desk:seat" else []
    html = at(asked.owner).get(reverse(page, args=args)).content.decode()
    assert "What is asked of you still waits." in html and "desk/js/handing_on.js" in html


def test_the_story_tells_every_step(asked, company):
    referrals.seen(asked, clock.now())
    referrals.remind(asked.remind_at)
    referrals.remind(asked.due_at)
    asked.refresh_from_db()
    referrals.give_back(asked.pk, asked.owner, "Not ours", asked.due_at)
    story = at(company.alice).get(reverse("desk:story", args=[asked.case_id]), **HX).content.decode()
    for words in ("Alice handed it on to Olga (Billing)", "Olga opened it", "Olga was reminded",
                  "Olga did not answer in time: it climbed to Otto", "Otto gave it back: Not ours"):  # fmt: skip
        assert words in story, words
