"""What a new operator stumbled over: see docs/trial.md."""

import base64

import pytest
from django.utils import translation

from netcenter.cases.models import Case, Message
from netcenter.desk.customer import side
from netcenter.flow import dispose
from netcenter.judging import findings
from netcenter.lib import clock
from netcenter.outbox.deeds import is_grievance
from netcenter.understanding.models import Reading
from tests.company import found

pytestmark = pytest.mark.django_db
PHOTOGRAPH = {"name": "IMG_7918.png", "content_type": "image/png", "content": base64.b64encode(b"\x89PNG").decode()}


@pytest.fixture
def company():
    return found()


def test_a_photograph_hides_neither_the_words_nor_their_reading(company):
    company.deliver(company.said("La torta llegó rota y nadie responde, qué vergüenza", at=clock.now(), id="one"))
    before = Case.objects.get()
    company.deliver(company.said("", at=clock.now(), id="two", attachments=[PHOTOGRAPH]))
    case = Case.objects.get()
    assert case.preview == before.preview == "La torta llegó rota y nadie responde, qué vergüenza"
    shown = side(case, company.alice)
    assert shown.reading.kind == case.kind in ("complaint", "claim")
    assert shown.reading.message.text == case.preview


def test_a_photograph_alone_is_told_by_its_name(company):
    company.deliver(company.said("", at=clock.now(), attachments=[PHOTOGRAPH]))
    assert Case.objects.get().preview == "IMG_7918.png"


def test_who_says_thanks_for_an_apology_is_owed_no_second_one(company):
    company.deliver(company.said("La torta llegó rota, qué vergüenza", at=clock.now(), id="one"))
    dispose(Case.objects.get(), "elsewhere", "", None, company.alice, clock.now())
    company.deliver(company.said("Muchas gracias por la ayuda", at=clock.now(), id="two"))
    case = Case.objects.get()
    thread = Message.objects.latest("id").thread_id
    said = {f.rule for f in findings(case, thread, "Gracias a usted, Dana. Hoy se lo leo al equipo.", company.alice)}
    assert "no_apology" not in said


def read_as(company, text="Son unos ladrones, ojalá cierren", **more):
    """A message read like this, whatever the engine of today says."""
    company.deliver(company.said(text, at=clock.now()))
    kinds = {"suggestion": 0.96, "complaint": 0.9, "spam": 0.44, "question": 0.1}
    told = {"kind": "suggestion", "probabilities": {"kind": kinds}, "why": ["@aurora", "ladrones"], **more}
    Reading.objects.filter(message__text=text).update(**told)
    return Case.objects.get()


def test_of_several_kinds_only_those_that_hold_are_shown_and_whom_the_words_address_is_no_reason(company):
    shown = side(read_as(company), company.alice)
    assert shown.chances == [("suggestion", 0.96), ("complaint", 0.9)] and shown.words == ["ladrones"]


def test_where_no_kind_holds_the_likeliest_is_shown(company):
    case = read_as(company, probabilities={"kind": {"other": 0.4, "spam": 0.3}})
    assert side(case, company.alice).chances == [("other", 0.4)]


def test_insults_and_where_a_sale_stands_are_told(company):
    told = {"abuse": 0.8, "hints": {"sale": "before", "personal": ["email"]}}
    with translation.override("en"):
        hints = side(read_as(company, probabilities=told), company.alice).hints
    assert hints == ["Insults", "Holds personal data", "Before they buy"]


def test_who_complains_beside_something_else_disappears_only_after_somebody_looked(company):
    read_as(company)
    Case.objects.update(kind="suggestion")
    assert is_grievance(Message.objects.get())
    Reading.objects.update(corrected_by="person:1")
    assert not is_grievance(Message.objects.get())


def test_what_a_person_said_it_is_has_no_chances(company):
    assert side(read_as(company, corrected_by="person:1"), company.alice).chances == []
