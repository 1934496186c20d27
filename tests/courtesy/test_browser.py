"""Honesty in a real browser: the visitor of a chat reads it once, in their language; a supervisor sets and checks it.

With NETCENTER_PICTURES=<folder> the pages are photographed there, for the documents.
"""

import os
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from netcenter import flow
from netcenter.cases.models import Case, Message
from netcenter.courtesy import acknowledging
from netcenter.lib import clock
from netcenter.outbox import loops as outbox
from netcenter.people.models import Person, Skill, Team
from netcenter.routing import actions as routing
from netcenter.routing.models import Acknowledgement, Queue
from netcenter.routing.overflow import Wanted, set_chain
from netcenter.standards.models import Calendar, Standard
from tests.browser import PHONE, complaints, no_violations, patient
from tests.company import Company, found
from tests.helpcenter.serving import site_with
from tests.serving import cookie_of, served

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SOON = 60_000  # milliseconds


@pytest.fixture(autouse=True)
def rows_beside_playwright(monkeypatch: pytest.MonkeyPatch) -> None:
    """Playwright keeps an event loop in this thread, in which Django would refuse to read rows."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture
def company(settings, tmp_path) -> Company:
    settings.BLOBS_ROOT = tmp_path
    made = found()
    made.chat.config = {"title": "Panadería Aurora", "colour": "#0f766e", "ask_email": False}
    made.chat.save()
    Queue.objects.update(busy_after_seconds=5)
    return made


@pytest.fixture
def house(company):
    with served([*flow.LOOPS, *outbox.LOOPS, *acknowledging.LOOPS]) as address:
        yield address


def picture(page: Page, name: str, **more) -> None:
    if folder := os.environ.get("NETCENTER_PICTURES"):
        page.wait_for_timeout(600)
        page.screenshot(path=f"{folder}/{name}.png", **more)


def fill(company: Company) -> None:
    """Alice is the only one here, and her desk is full."""
    company.available(company.alice, at=clock.now())
    for i in range(6):
        company.deliver(company.said("Hola", by=f"full{i}", at=clock.now()))
        routing.take(Case.objects.latest("id").pk, company.alice, clock.now())


def visitor(chromium: Browser, house: str, company: Company, locale: str, words: tuple[str, str, str], text: str):
    """Somebody opens the chat of a site in their language and writes; returns their page."""
    opens, writes, sends = words
    context = patient(chromium, locale=locale, viewport={"width": 1100, "height": 760})
    with site_with(f'<script src="{house}/chat/{company.chat.key}/widget.js" defer></script>') as shop:
        page = context.new_page()
        page.goto(f"{shop}/{locale[:2]}")
        page.get_by_role("button", name=opens).click()
        page.get_by_label(writes).fill(text)
        page.get_by_role("button", name=sends).click()
        yield page
    context.close()


SPANISH = ("es-ES", ("Abrir el chat", "Escribe un mensaje", "Enviar"), "¿A qué hora abren el sábado?")
PORTUGUESE = ("pt-BR", ("Abrir o chat", "Escreva uma mensagem", "Enviar"), "Bom dia, vocês abrem no sábado? Obrigada")


@pytest.mark.parametrize(
    ("who", "reads"), [(SPANISH, "te contestamos aquí en unos"), (PORTUGUESE, "respondemos por aqui em cerca de")],
    ids=["es", "pt"],
)  # fmt: skip
def test_a_visitor_who_waits_while_everybody_is_busy_is_told_once(chromium, house, company, who, reads):
    fill(company)
    for page in visitor(chromium, house, company, *who):
        note = page.locator(".message", has_text=reads)
        expect(note).to_have_count(1, timeout=SOON)
        expect(note).to_contain_text("automático")
        page.wait_for_timeout(2500)
        expect(note).to_have_count(1)
        picture(page, f"busy-{who[0][:2]}")
    told = Acknowledgement.objects.get()
    assert told.promised_at > told.told_at and told.basis["people"] == 1
    assert Message.objects.filter(automatic="acknowledgement").count() == 1
    assert Case.objects.get(pk=told.case_id).waiting_since is not None


def test_a_visitor_out_of_hours_reads_when_it_opens(chromium, house, company):
    tomorrow = (clock.now() + timedelta(days=1)).weekday()
    hours = {str(tomorrow): [["09:00", "18:00"]]}
    Standard.objects.update(calendar=Calendar.objects.create(name="Oficina", hours=hours))
    for page in visitor(chromium, house, company, *SPANISH):
        note = page.locator(".message", has_text="abrimos mañana a las 9:00")
        expect(note).to_have_count(1, timeout=SOON)
        picture(page, "closed-es")
    assert Acknowledgement.objects.get().kind == "closed"


@pytest.fixture
def charlie(chromium, house, company):
    """`charlie(path)`: a page as the supervisor sees it."""
    Person.objects.update(language="es")
    contexts = []

    def at(path: str, **more) -> Page:
        context = patient(chromium, **({"locale": "es-ES", "viewport": {"width": 1440, "height": 900}} | more))
        name, _, value = cookie_of(company.charlie).partition("=")
        context.add_cookies([{"name": name, "value": value, "url": house}])
        contexts.append(context)
        page = context.new_page()
        page.goto(house + path)
        return page

    yield at
    for context in contexts:
        context.close()


def test_the_chain_is_edited_by_keyboard(charlie, company):
    Skill.objects.create(code="billing", name="Facturas")
    queue = Queue.objects.get()
    set_chain(queue, [Wanted(60, "level")], clock.now(), "person:1")
    page = charlie(f"/settings/queues/{company.brand.pk}/")
    errors, steps = complaints(page), page.locator("[data-step]:visible")
    expect(steps).to_have_count(1)
    add = page.get_by_role("button", name="Agregar un paso")
    for seconds, kind in (("180", "team"), ("600", "supervisors")):
        add.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type(seconds)
        steps.last.locator("[data-step-kind]").select_option(kind)
    steps.nth(1).locator("[data-step-team]").select_option(str(Team.objects.get().pk))
    steps.nth(2).get_by_role("button", name="Antes").focus()
    page.keyboard.press("Enter")  # the supervisors go before the team
    expect(steps.nth(1).locator("[data-step-kind]")).to_have_value("supervisors")
    picture(page, "overflow-chain", clip={"x": 0, "y": 0, "width": 1440, "height": 900})
    no_violations(page)
    steps.nth(0).get_by_role("button", name="Quitar este paso").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+s")
    expect(page).to_have_url(f"{page.url.split('/settings')[0]}/settings/queues/")
    assert list(queue.overflow.values_list("after_seconds", "kind")) == [(180, "supervisors"), (600, "team")]
    assert errors == []


def test_the_preview_follows_what_is_typed(charlie, company):
    fill(company)
    page = charlie(f"/settings/queues/{company.brand.pk}/")
    page.get_by_text("Mientras todos están ocupados: palabras propias").click()
    page.locator("#id_busy_es").fill("Ya vamos, {{ customer.first_name }}: {{ wait }}.")
    expect(page.locator("#queue-says")).to_contain_text("Ya vamos, Dana: en unos", timeout=SOON)
    picture(page, "queue-words", full_page=True)


@pytest.mark.parametrize("look", [{}, {"color_scheme": "dark"}, PHONE], ids=["light", "dark", "phone"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(charlie, company, look):
    Queue.objects.update(tells_busy=False, tells_closed=False)  # what was told is told here
    fill(company)
    now = clock.now()
    for i in range(40):
        company.deliver(company.said("¿Abren hoy?", by=f"c{i}", id=f"c{i}", at=now - timedelta(hours=i + 1)))
    for i, case in enumerate(Case.objects.filter(customer__name__startswith="C")):
        told_at, said = now - timedelta(hours=i % 40 + 1), 5 * (i % 7 + 1)
        Acknowledgement.objects.create(
            case=case, kind="busy", told_at=told_at, promised_at=told_at + timedelta(minutes=said),
            answered_at=told_at + timedelta(minutes=said * (0.3 + (i * 7 % 11) / 12)), basis={"raw": said * 50},
        )  # fmt: skip
    path = f"/settings/queues/{company.brand.pk}/"
    page = charlie(f"{path}waits/", **look)
    for address in (f"{path}waits/", path, "/settings/queues/"):
        page.goto(page.url.split("/settings")[0] + address)
        no_violations(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        if not look and address.endswith("waits/"):
            picture(page, "expected-wait", full_page=True)
