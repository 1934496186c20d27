"""A trainee's answer in real browsers: written with a protocol, approved on a telephone, sent in their name."""

import os

import pytest
from playwright.sync_api import Page, expect

from netcenter.cases.models import Case, Message
from netcenter.lib import clock
from netcenter.people.models import Person
from netcenter.protocols.content import Content, Step, Words
from netcenter.protocols.models import Tick
from netcenter.protocols.rules import Condition
from netcenter.protocols.writing import Written, save_protocol
from tests.browser import PHONE
from tests.desk.screens import available, company, house, rows_beside_playwright, sign_in, wait_for, written

__all__ = ["company", "house", "rows_beside_playwright", "sign_in"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OPENING = Content(
    {"es": "Horarios"}, Condition(words=("abren",)),
    (Step("look", {"es": "Mirar el horario de esta semana"}), Step("say", {"es": "Decir día y hora"})),
    (Words({"es": "Responder"}, {"es": "Hola {{customer.first_name}}, sí: abrimos el domingo de {{hora}}."}),),
)  # fmt: skip


def picture(page: Page, name: str) -> None:
    """For whoever wants to look: NETCENTER_PICTURES names a folder."""
    if folder := os.environ.get("NETCENTER_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png")


def test_a_trainees_answer_is_approved_on_a_telephone(company, sign_in):
    Person.objects.filter(pk=company.alice.pk).update(is_trainee=True)
    save_protocol(None, Written(OPENING, "es"), company.charlie, clock.now())
    case = written(company)
    alice = sign_in(company.alice, f"/desk/case/{case.pk}/")
    expect(alice.locator("#protocol")).to_contain_text("Horarios")
    expect(alice.locator("#head")).to_contain_text("Otra persona mira su respuesta")
    alice.keyboard.press("y")
    expect(alice.locator(".protocol-step[aria-checked=true]")).to_have_count(1)
    assert Tick.objects.get().step == "look"
    alice.locator("#words").focus()
    alice.keyboard.press("Alt+w")
    expect(alice.locator("#words")).to_have_value("Hola Dana, sí: abrimos el domingo de {{hora}}.")
    alice.keyboard.type("9 a 13")  # the blank is chosen: typing fills it
    expect(alice.locator("#words")).to_have_value("Hola Dana, sí: abrimos el domingo de 9 a 13.")
    alice.keyboard.press("Control+Enter")
    expect(alice.locator("[data-awaits]")).to_contain_text("Su respuesta espera aprobación")
    expect(alice.locator("[data-awaits]")).to_contain_text("La promesa sigue corriendo")
    expect(alice.locator("#head .promise").first).to_be_visible()
    picture(alice, "waits")
    assert not Message.objects.filter(direction="out").exists()

    charlie = sign_in(company.charlie, "/desk/approvals/", **PHONE, color_scheme="dark")
    picture(charlie, "list-phone-dark")
    charlie.get_by_role("link", name="Mirarla").tap()
    expect(charlie.locator("#words")).to_have_value("Hola Dana, sí: abrimos el domingo de 9 a 13.")
    charlie.locator("#words").fill("Hola Dana, sí: este domingo abrimos de 9 a 14.")
    picture(charlie, "review-phone-dark")
    assert charlie.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out on a phone"
    charlie.get_by_role("button", name="Aprobar y enviar").tap()
    expect(charlie.locator("body")).to_contain_text("Enviada en nombre de Alice")

    said = wait_for(lambda: Message.objects.filter(direction="out").first())
    assert (said.operator, said.text) == (company.alice, "Hola Dana, sí: este domingo abrimos de 9 a 14.")
    expect(alice.locator("#story-now")).to_contain_text("aprobada por Charlie")
    expect(alice.locator("[data-awaits]")).to_have_count(0)
    assert Case.objects.get().waiting_since is None


def test_what_comes_back_is_said_and_its_words_return_with_one_key(company, sign_in):
    Person.objects.filter(pk=company.alice.pk).update(is_trainee=True)
    case = written(company)
    available(company.alice)
    alice = sign_in(company.alice, f"/desk/case/{case.pk}/")
    alice.locator("#words").fill("Hola Dana, sí: abrimos el domingo.")
    alice.keyboard.press("Control+Enter")
    expect(alice.locator("[data-awaits]")).to_be_visible()
    charlie = sign_in(company.charlie, "/desk/approvals/")
    charlie.get_by_role("link", name="Mirarla").click()
    charlie.locator("[name=note]").fill("Di también la hora")
    charlie.keyboard.press("Control+Shift+Enter")
    expect(charlie.locator("body")).to_contain_text("Devuelta a Alice con su comentario")
    expect(alice.locator("#head")).to_contain_text("Charlie devolvió su respuesta: Di también la hora")
    phone = sign_in(company.alice, f"/desk/case/{case.pk}/", **PHONE)
    told = phone.locator(".awaiting-what").bounding_box()
    assert told and told["width"] > 250, "a comment is read in its own width, the button stands below"
    expect(phone.locator(".why-line kbd")).to_be_hidden()
    alice.locator("#story").focus()
    alice.keyboard.press("u")
    expect(alice.locator("#words")).to_have_value("Hola Dana, sí: abrimos el domingo.")
    picture(alice, "returned")
