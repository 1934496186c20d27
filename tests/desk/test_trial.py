"""What a new operator stumbled over: see docs/trial.md."""

import base64

import pytest

from netcenter.cases.models import Case, Message
from netcenter.desk.customer import side
from netcenter.flow import dispose, findings
from netcenter.lib import clock
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
