"""From one desk to the person responsible and back to the customer: in the browser, and by a mail on a telephone."""

import os
import re
from collections.abc import Iterator

import pytest
from django.core import mail
from playwright.sync_api import Browser, Page, expect

from netcenter import flow
from netcenter.cases.models import Case, Message
from netcenter.courtesy import handing_on
from netcenter.lib import clock, wakeup
from netcenter.people.areas import AreaDetails, save_area
from netcenter.people.models import Person
from netcenter.routing import loops as routing
from netcenter.routing.models import Referral
from tests.browser import PHONE, complaints, no_violations
from tests.company import Company
from tests.desk.screens import available, company, ring_of, rows_beside_playwright, sign_in, wait_for, written
from tests.serving import served

__all__ = ["company", "rows_beside_playwright", "sign_in"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]
PICTURES = os.environ.get("NETCENTER_PICTURES")  # a folder: what was seen is kept there, for docs/


@pytest.fixture
def house(company: Company) -> Iterator[str]:
    with served([*routing.LOOPS, *flow.LOOPS, *handing_on.LOOPS]) as address:
        yield address


@pytest.fixture
def olga(company: Company) -> Person:
    olga, otto = (
        Person.objects.create_user(f"{n[:4].lower()}@example.com", "correct horse", name=n, role="owner", language="es")
        for n in ("Olga Rivas", "Otto Paz")
    )
    save_area(None, AreaDetails("Facturación", "Cobros dobles, tickets", 60, [olga.pk, otto.pk]), clock.now(), "test")
    return olga


def handed_on(company: Company, sign_in, text: str = "Me cobraron dos veces la torta") -> tuple[Page, Case]:
    """Alice picks up and hands on, by keyboard."""
    page = sign_in(company.alice)
    available(company.alice)
    case = written(company, text)
    expect(ring_of(page)).to_be_visible()
    page.keyboard.press("a")
    expect(page.locator(".case h1")).to_have_text("Dana")
    page.keyboard.press("o")
    expect(page.locator("#dialog")).to_be_visible()
    page.keyboard.type("tick")
    page.locator("#hand-on-question").fill("¿Se le cobró dos veces el pedido 4711?")
    expect(page.locator("#hand-on-holding")).to_have_value(re.compile("persona responsable"))
    return page, case


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png")


def link_in(sent: str, house: str) -> str:
    return house + re.search(r"https?://[^/\s]+(/\S+)", sent).group(1)


def enter(chromium: Browser, address: str, email: str = "olga@example.com", **more) -> Page:
    """Open the mail's link in a browser of one's own, and sign in by password."""
    context = chromium.new_context(**({"locale": "es-ES"} | more))
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.goto(address)
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill("correct horse")
    page.locator("[name=password]").press("Enter")
    return page


def test_an_operator_hands_on_the_owner_answers_by_telephone_and_the_customer_has_it(
    company, sign_in, house, olga, chromium
):
    desk, case = handed_on(company, sign_in)
    errors = complaints(desk)
    picture(desk, "hand-on")
    no_violations(desk, "#dialog")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#dialog")).not_to_be_visible()
    expect(desk.locator("[aria-label='Pasados a responsables']")).to_contain_text("con Olga Rivas (Facturación) hasta")
    assert Case.objects.get().waiting_since and Message.objects.get(direction="out").automatic == "holding"
    picture(desk, "handed-on-list")
    sent = wait_for(lambda: mail.outbox)[0]
    phone = enter(chromium, link_in(sent.body, house), **PHONE)
    expect(phone.locator(".seat-question")).to_contain_text("pedido 4711")
    expect(phone.locator("#seat-story")).to_contain_text("Me cobraron dos veces")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    no_violations(phone, "main")
    expect(phone.locator(".bar-nav a:visible, .bar-menu a")).to_have_count(1)
    phone.locator("#words").fill("Hola {{nombre}}")
    expect(phone.locator(".finding[data-severity=block]")).to_be_visible()
    phone.locator("#words").fill("Sí, fue un error: hoy se lo devolvemos.")
    expect(phone.locator(".finding[data-severity=block]")).to_have_count(0)
    picture(phone, "seat-phone")
    phone.locator(".seat-send").click()
    expect(phone.locator("#flash")).to_contain_text("Enviado a Dana")
    out = Message.objects.filter(direction="out").latest("id")
    assert (out.operator.name, out.automatic, Referral.objects.get().outcome) == ("Olga Rivas", "", "answered")
    assert Case.objects.get().waiting_since is None
    expect(desk.locator("[aria-label='Pasados a responsables']")).to_contain_text("lo respondió Olga Rivas")
    desk.goto(f"{house}/desk/case/{case.pk}/")
    expect(desk.locator("#story")).to_contain_text("fue un error")
    expect(desk.locator("#story")).to_contain_text("Pide espera")
    picture(desk, "handed-on-answered")
    assert errors == []
    phone.goto(link_in(sent.body, house))
    expect(phone.locator("h1")).to_contain_text("ya está respondido")
    phone.context.close()


def test_another_persons_link_is_refused_with_a_sentence_and_a_way_out(company, sign_in, house, olga, chromium):
    desk, _case = handed_on(company, sign_in)
    desk.keyboard.press("Control+Enter")
    sent = wait_for(lambda: mail.outbox)[0]
    page = enter(chromium, link_in(sent.body, house), "otto@example.com")
    expect(page.locator("h1")).to_contain_text("se envió a otra persona")
    expect(page.locator("main")).to_contain_text("Inició sesión como Otto Paz")
    picture(page, "link-refused")
    assert "Dana" not in page.content()
    no_violations(page, "main")
    page.goto(f"{house}/desk/asked/{Referral.objects.get().pk}/")
    expect(page.locator("h1")).to_contain_text("no es una consulta para usted")
    page.context.close()


def test_it_climbs_to_the_second_the_operator_hears_of_it_and_takes_it_back(company, sign_in, house, olga):
    desk, _case = handed_on(company, sign_in)
    desk.keyboard.press("Control+Enter")
    referral = wait_for(lambda: Referral.objects.first())
    due = clock.now()
    Referral.objects.update(remind_at=due, due_at=due)
    wakeup.hear("referrals")
    wait_for(lambda: Referral.objects.get().owner.name == "Otto Paz", 5)
    expect(desk.locator("[aria-label='Pasados a responsables']")).to_contain_text("con Otto Paz")
    expect(desk.locator("#flash")).to_contain_text("avanzó un paso")
    desk.locator("[aria-label='Pasados a responsables'] a").click()
    expect(desk.locator(".handed-on")).to_contain_text("Otto Paz")
    picture(desk, "handed-on-climbed")
    desk.keyboard.press("t")
    expect(desk.locator(".handed-on")).to_have_count(0)
    referral.refresh_from_db()
    assert referral.outcome == "taken_back" and Case.objects.get().holder == company.alice
