"""A first choice in the real widget: taken with the keyboard or a thumb, or ignored."""

import pytest
from playwright.sync_api import Page, expect

from netcenter.cases.models import Case, Message
from netcenter.people.models import PersonSkill, Skill
from netcenter.routing.menus import MENUS, Line, MenuDetails, save_menu
from netcenter.routing.models import MenuAsked, Need
from tests.browser import PHONE, complaints, no_violations
from tests.company import NOON
from tests.helpcenter.test_browser import company, dana, delivered, house, open_chat, say, shop

__all__ = ["company", "dana", "house", "shop"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SOON = 30_000  # milliseconds: a limit, not a wait
LINES = [
    ({"es": "Facturas y pagos", "en": "Billing", "pt": "Faturas e pagamentos"}, True),
    ({"es": "Un pedido que no llegó o llegó mal", "en": "An order", "pt": "Um pedido"}, False),
    ({"es": "Otra cosa", "en": "Something else", "pt": "Outra coisa"}, False),
]
QUESTION = {"es": "¿De qué se trata?", "en": "What is it about?", "pt": "Do que se trata?"}


@pytest.fixture(autouse=True)
def menu(company):
    billing = Skill.objects.create(code="billing", name="Facturas")
    PersonSkill.objects.create(person=company.alice, skill=billing, level=2)
    lines = [Line(None, labels, billing.pk if skilled else None, 2) for labels, skilled in LINES]
    save_menu(company.chat, MenuDetails(True, QUESTION, 60, lines), NOON, "system")
    MENUS.forget()
    yield
    MENUS.forget()


def choices(page: Page, words: str = "Elige o simplemente escribe"):
    return page.get_by_role("group", name=words).get_by_role("button")


def test_a_choice_is_taken_with_the_keyboard(dana):
    wrong = complaints(dana)
    open_chat(dana)
    say(dana, "Hola, ¿qué tal?")
    expect(choices(dana)).to_have_text([labels["es"] for labels, _skilled in LINES], timeout=SOON)
    expect(dana.get_by_text("¿De qué se trata?", exact=True)).to_be_visible()
    expect(dana.get_by_role("status")).to_contain_text("Elige o simplemente escribe: Facturas y pagos, Un pedido")
    no_violations(dana)
    for _ in range(9):  # backwards from where one writes
        if choices(dana).first.evaluate("(button) => button.getRootNode().activeElement === button"):
            break
        dana.keyboard.press("Shift+Tab")
    expect(choices(dana).first).to_be_focused()
    dana.keyboard.press("Enter")
    delivered(dana, "Facturas y pagos")
    expect(choices(dana)).to_have_count(0)
    expect(dana.get_by_label("Escribe un mensaje")).to_be_focused()
    asked = MenuAsked.objects.select_related("chosen").get()
    assert asked.chosen.labels["en"] == "Billing" and asked.ended_at is not None
    assert Need.objects.get().skill.code == "billing"
    dana.reload()
    expect(dana.locator(".message", has_text="Facturas y pagos")).to_have_count(1, timeout=SOON)
    expect(choices(dana)).to_have_count(0)
    assert wrong == []


def test_who_ignores_it_just_goes_on_and_rings(dana):
    open_chat(dana)
    say(dana, "Hola")
    expect(choices(dana)).to_have_count(3, timeout=SOON)
    say(dana, "Me llegó una tarta que no pedí")
    delivered(dana, "Me llegó una tarta")
    expect(choices(dana)).to_have_count(0)
    asked = MenuAsked.objects.get()
    assert asked.chosen is None and asked.ended_at is not None and not Need.objects.exists()
    assert Message.objects.filter(direction="out").count() == 1
    assert Case.objects.get().waiting_since is not None


def test_an_address_that_is_left_in_between_does_not_take_the_buttons_away(page, company, shop):
    company.chat.config |= {"ask_email": True}
    company.chat.save()
    page.goto(shop)
    open_chat(page)
    say(page, "Hola")
    expect(choices(page)).to_have_count(3, timeout=SOON)
    page.get_by_role("textbox", name="Correo").fill("dana@example.com")
    page.get_by_role("button", name="Guardar").click()
    delivered(page, "dana@example.com")
    expect(choices(page)).to_have_count(3)
    choices(page).nth(2).click()
    delivered(page, "Otra cosa")
    assert MenuAsked.objects.select_related("chosen").get().chosen.position == 3


def test_it_is_chosen_with_a_thumb_in_portuguese_and_in_the_dark(chromium, shop):
    phone = chromium.new_context(**PHONE, locale="pt-BR", color_scheme="dark")
    page = phone.new_page()
    page.goto(f"{shop}/pt/dark")
    page.get_by_role("button", name="Abrir o chat").click()
    page.get_by_label("Escreva uma mensagem").fill("Olá, tudo bem?")
    page.get_by_role("button", name="Enviar").click()
    found = choices(page, "Escolha ou simplesmente escreva")
    expect(found).to_have_text([labels["pt"] for labels, _skilled in LINES], timeout=SOON)
    page.wait_for_timeout(400)
    for box in (found.nth(i).bounding_box() for i in range(3)):
        assert box["height"] >= 44 and box["x"] >= 0 and box["x"] + box["width"] <= 390
    no_violations(page)
    found.nth(1).tap()
    expect(page.locator(".tick")).to_have_text("Entregue", timeout=SOON)
    assert MenuAsked.objects.select_related("chosen").get().chosen.position == 2
    phone.close()
