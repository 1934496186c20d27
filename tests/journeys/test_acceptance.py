"""The promise of the first page, kept: real chat, real mail, three desks in real browsers, every loop of the house."""

import time
import uuid
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from netcenter.accounts.actions import connect
from netcenter.cases import ledger
from netcenter.cases.models import Message
from netcenter.lib import clock
from netcenter.people.models import Person
from netcenter.routing.models import Offer
from netcenter.routing.presence import set_state
from netcenter.site.server import house_loops
from tests.company import Company, found
from tests.serving import cookie_of, served

pytestmark = [pytest.mark.browser, pytest.mark.mail, pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]
SOON = 30_000  # milliseconds: generous, since machines that test are busy


@pytest.fixture
def company(transactional_db, settings, tmp_path, monkeypatch, mail_server) -> Company:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # playwright keeps an event loop in this thread
    settings.BLOBS_ROOT = tmp_path
    made = found()
    Person.objects.update(language="es")
    address = mail_server.address(f"hola-{uuid.uuid4().hex[:8]}")
    values = {**mail_server.config(), "address": address, "password": mail_server.password}
    made.mail = connect(made.brand, "email", "Correo", address, values, clock.now(), "system")  # type: ignore[attr-defined]
    return made


@pytest.fixture
def house(company: Company) -> Iterator[str]:
    with served(house_loops()) as address:
        yield address


@pytest.fixture
def desks(chromium: Browser, company: Company, house: str) -> Iterator[dict[Person, Page]]:
    """Alice, Bob and Charlie, each in a browser of their own, available."""
    contexts, pages = [], {}
    for person in (company.alice, company.bob, company.charlie):
        context = chromium.new_context(locale="es-ES", viewport={"width": 1440, "height": 900})
        name, _, value = cookie_of(person).partition("=")
        context.add_cookies([{"name": name, "value": value, "url": house}])
        contexts.append(context)
        pages[person] = context.new_page()
        pages[person].goto(f"{house}/desk/")
        expect(pages[person].locator("html[data-live=on]")).to_be_attached(timeout=SOON)
        set_state(person, "available", clock.now(), person)
    yield pages
    for context in contexts:
        context.close()


def until(look: Callable, seconds: float = 30.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if seen := look():
            return seen
        time.sleep(0.05)
    raise AssertionError("it did not happen")


def answer_by_keyboard(desks: dict[Person, Page], words: str, reply: str) -> Person:
    """What says `words` rings on one screen and on no other; it is accepted and answered without a mouse."""
    offer = until(lambda: Offer.objects.filter(state="ringing", case__preview=words).first())
    page = desks[offer.operator]
    expect(page.locator(".desk-ring")).to_contain_text(words, timeout=SOON)
    assert all(there.locator(".desk-ring").count() == 0 for there in desks.values() if there is not page)
    page.keyboard.press("a")
    expect(page.locator(".desk-ring")).to_have_count(0, timeout=SOON)
    expect(page.locator(".case")).to_contain_text(words, timeout=SOON)
    page.keyboard.press("r")
    page.keyboard.type(reply)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".turn-ours", has_text=reply)).to_have_count(1, timeout=SOON)
    return offer.operator


def test_chat_and_mail_ring_on_one_desk_and_are_answered_where_they_came_from(
    chromium, company, house, desks, mail_server
):
    visitor = chromium.new_context(locale="es-ES").new_page()
    visitor.goto(f"{house}/chat/{company.chat.key}/")
    visitor.get_by_label("Escribe un mensaje").fill("¿Tienen pan sin gluten?")
    visitor.get_by_role("button", name="Enviar").click()
    answer_by_keyboard(desks, "¿Tienen pan sin gluten?", "Sí, todos los días.")
    expect(visitor.locator(".message", has_text="Sí, todos los días.")).to_have_count(1, timeout=SOON)

    dana = mail_server.customer(f"dana-{uuid.uuid4().hex[:6]}")
    first = mail_server.deliver(company.mail.address, "Mi torta no llegó.", subject="Pedido 17", sender=dana)
    operator = answer_by_keyboard(desks, "Mi torta no llegó.", "Te pedimos disculpas, sale ahora mismo.")
    (mail,) = mail_server.messages(dana, at_least=1, seconds=30)
    assert mail.subject == "Re: Pedido 17" and "Te pedimos disculpas" in mail.text
    assert mail.headers["in-reply-to"] == (first,) and operator.name in mail.from_values.name

    until(lambda: not Message.objects.filter(direction="out").exclude(state="sent").exists())
    equation = ledger.equation()
    assert equation.balances and (equation.received, equation.answered, equation.waiting) == (2, 2, 0)
