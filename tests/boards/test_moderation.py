"""The monthly report of what was made to disappear: nothing of it is left out, and its words are kept."""

import uuid
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from netcenter.boards.moderation import month_of
from netcenter.boards.rules import cell
from netcenter.cases.arrivals import Arrival
from netcenter.cases.models import Case, Message
from netcenter.cases.record import record
from netcenter.lib import clock
from netcenter.outbox import deeds, doing
from netcenter.outbox.deeds import Wish
from netcenter.outbox.loops import perform
from netcenter.people.models import Person
from tests.company import NOON
from tests.outbox.toy import COMMENT, DANA, comment, take_place

pytestmark = pytest.mark.django_db


@pytest.fixture
def toy(company, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)
    Person.objects.update(language="en")
    return take_place(monkeypatch)


def said(company, *comments) -> list[Message]:
    return record([Arrival(company.api, one, NOON) for one in comments], NOON)


def wish(verb: str, reason: str) -> Wish:
    return Wish(verb, uuid.uuid4().hex, reason=reason)


def at(person: Person) -> Client:
    client = Client()
    client.force_login(Person.objects.get(pk=person.pk))
    return client


def test_it_tells_words_reason_who_and_the_second_look(company, toy):
    _insult, complaint, kept = said(
        company, COMMENT, comment("c2", DANA, "=cmd|' /C calc'!A0 qué vergüenza"), comment("c3", DANA, "Pésimo")
    )
    Case.objects.filter(pk=complaint.case_id).update(kind="complaint")
    for message in (complaint, kept):
        message.case.refresh_from_db()
    frank = Person.objects.create_user("frank@example.com", "x", name="Frank", role="administrator", language="en")
    first = deeds.do(complaint, wish("hide", "Datos de otra clienta"), company.charlie, NOON)
    deeds.decide(first.pk, frank, granted=True, note="Sí, hay un DNI", now=NOON)
    second = deeds.do(kept, wish("hide", "No me gusta"), company.charlie, NOON)
    deeds.decide(second.pk, frank, granted=False, note="Tiene razón", now=NOON)
    for deed in doing.claim(NOON, 10):
        perform(deed)
    charlie = at(company.charlie)
    page = " ".join(charlie.get(reverse("boards:moderation"), {"month": "2026-03"}).content.decode().split())
    for words in (
        "qué vergüenza",
        "Datos de otra clienta",
        "Frank: Sí, hay un DNI",
        "Hide <small>(not approved)</small>",  # it was wanted, and did not happen
        "March 2026",
        "Frank: Tiene razón",
    ):
        assert words in page
    answer = charlie.get(reverse("boards:moderation"), {"month": "2026-03", "form": "csv"})
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 3 and "'=cmd" in answer.content.decode() and ",=cmd" not in answer.content.decode()
    type(first).objects.filter(pk=first.pk).update(error="(#200) no such right")
    assert (
        "<small>(only here)</small>" in charlie.get(reverse("boards:moderation"), {"month": "2026-03"}).content.decode()
    )
    empty = charlie.get(reverse("boards:moderation"), {"month": "2026-02"}).content.decode()
    assert "Nothing was made to disappear" in empty and "qué vergüenza" not in empty
    assert at(company.alice).get(reverse("boards:moderation")).status_code == 403


@pytest.mark.parametrize(("text", "expected"), [
    ("2026-11", date(2026, 11, 1)), ("", date(2026, 3, 1)), ("x-y", date(2026, 3, 1)), ("2026-13", date(2026, 3, 1)),
    ("1-1", date(2026, 3, 1)),
])  # fmt: skip
def test_a_month_that_is_none_is_the_present_one(text, expected):
    assert month_of(text, date(2026, 3, 4)) == expected


@pytest.mark.parametrize(("text", "expected"), [
    ("=1+1", "'=1+1"), ("@x", "'@x"), ("-1", "'-1"), ("+1", "'+1"), ("hola =1", "hola =1"), ("", ""),
])  # fmt: skip
def test_no_words_become_a_formula(text, expected):
    assert cell(text) == expected
