"""The assistant at the desk, in a real browser: one key, a draft in the field, its sources a press away."""

import os

import pytest
from playwright.sync_api import Page, expect

from netcenter.cases.models import Message
from tests.assistant.conftest import SAID
from tests.browser import PHONE
from tests.desk.screens import company, house, rows_beside_playwright, sign_in, wait_for, written

__all__ = ["company", "house", "rows_beside_playwright", "sign_in"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DRAFT = SAID.replace("{{customer.first_name}}", "Dana").replace("{{operator.first_name}}", "Alice")


def picture(page: Page, name: str) -> None:
    """For whoever wants to look: NETCENTER_PICTURES names a folder."""
    if folder := os.environ.get("NETCENTER_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png")


def test_one_key_drafts_and_a_person_sends(company, endpoint, set_up, sign_in):
    set_up(words=True)
    endpoint.says = lambda _m: f"{SAID} [W1] [P1] [M1]"
    case = written(company)
    desk = sign_in(company.alice, f"/desk/case/{case.pk}/")
    desk.locator("#words").focus()
    desk.keyboard.press("Alt+a")
    expect(desk.locator("#words")).to_have_value(DRAFT)
    expect(desk.locator("#assistant")).to_contain_text("Borrador del asistente")
    expect(desk.locator("[data-assistant-put]")).to_be_hidden()
    picture(desk, "assistant-desk")
    desk.locator(".assistant [data-source^=step-]").click()
    expect(desk.locator("#step-look.led-to")).to_be_visible()
    assert not Message.objects.filter(direction="out").exists()

    desk.locator("#words").fill(DRAFT.replace("de 9 a 13", "de 10 a 14"))
    desk.keyboard.press("Control+Enter")
    said = wait_for(lambda: Message.objects.filter(direction="out").first())
    assert said.operator == company.alice
    expect(desk.locator("#story-now")).to_contain_text("borrador del asistente")
    expect(desk.locator("#assistant")).to_be_empty()


def test_a_persons_own_words_stay_and_a_telephone_is_wide_enough(company, endpoint, set_up, sign_in):
    set_up(words=True)
    endpoint.says = lambda _m: "Hola Dana, mira https://evil.example o Enviamos a todo el país [F1] [M1]."
    case = written(company)
    desk = sign_in(company.alice, f"/desk/case/{case.pk}/", **PHONE)
    desk.locator("#words").fill("Hola Dana, ya miro.")
    desk.locator("[data-assist]").tap()
    expect(desk.locator("#assistant")).to_contain_text("Se quitó 1 enlace")
    expect(desk.locator(".assistant-text")).to_have_text("Hola Dana, mira {{…}} o Enviamos a todo el país.")
    expect(desk.locator("#words")).to_have_value("Hola Dana, ya miro.")
    assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out on a phone"
    desk.locator(".assistant summary").tap()
    expect(desk.locator(".assistant")).to_contain_text("en 48 horas")
    picture(desk, "assistant-phone")
    endpoint.says = lambda _m: b"no"
    desk.locator("[data-assist]").tap()
    expect(desk.locator("#assistant")).to_contain_text("algo que no es un borrador")
    expect(desk.locator("#words")).to_have_value("Hola Dana, ya miro.")
