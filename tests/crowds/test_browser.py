"""A crowd in a real browser: chosen, answered with one text, watched until it is done, by keyboard and on a phone."""

import pytest
from playwright.sync_api import expect

from netcenter import flow
from netcenter.cases.models import Message
from netcenter.crowds import loops as crowds
from netcenter.crowds.models import Chorus, Round
from netcenter.outbox import loops as outbox
from netcenter.people import loops as people
from netcenter.people.models import Person
from tests.browser import PHONE, complaints, no_violations
from tests.crowds.test_crowds import CUT, listening, sorted_, written
from tests.crowds.test_rules import TEXT
from tests.desk.screens import company, rows_beside_playwright, sign_in, wait_for
from tests.outbox.toy import take_place
from tests.serving import served

__all__ = ["company", "rows_beside_playwright", "sign_in"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]


@pytest.fixture
def toy(company, monkeypatch):
    return take_place(monkeypatch)


@pytest.fixture
def house(company, toy):
    listening()
    written(
        company, *[CUT] * 6, "¿Cuánto sale el plan de cincuenta megas?", "Excelente la atención de siempre, gracias"
    )
    sorted_()
    with served([*people.LOOPS, *flow.LOOPS, *crowds.LOOPS, *outbox.LOOPS]) as address:
        yield address


def test_many_are_answered_with_one_text_and_everybody_sees_how_far_it_is(company, sign_in, toy):
    Person.objects.update(language="en")
    post = Message.objects.first().post_id
    page = sign_in(company.charlie, f"/desk/post/{post}/")
    errors = complaints(page)
    expect(page.locator("#crowd-figures")).to_contain_text("wait for an answer")
    loud = page.locator(".chorus").first
    expect(loud).to_contain_text("6 people")
    loud.get_by_role("button", name="Who").click()
    expect(loud.locator(".post-comment")).to_have_count(6)
    no_violations(page)
    loud.locator("input[name=chorus]").check()
    page.keyboard.press("a")
    expect(page.locator("h1")).to_have_text("Answer many")
    page.locator("#round-text").fill("Lamentamos mucho el corte de hoy en tu zona y en tu casa.")
    expect(page.locator("#round-form")).to_contain_text("Only 1 answer in a row differs enough")
    page.locator("#round-text").fill(TEXT)
    expect(page.locator("#round-form")).to_contain_text("Whoever scrolls sees no answer twice")
    expect(page.locator("#round-form .edge").first).to_contain_text("Dana")
    no_violations(page)
    page.locator("#round-text").press("Control+Enter")
    expect(page.locator("#round-now")).to_contain_text("6 of 6")
    expect(page.locator("#round-now .badge").first).to_have_text("done")
    no_violations(page)
    assert len(toy.said) == 6 and len({o.text for o in toy.said}) == 6
    wait_for(lambda: Chorus.objects.get(comments=6).waiting == 0)
    page.get_by_role("link", name="What they say").click()
    expect(page.locator(".row-item")).to_contain_text("Answer many")
    assert errors == []


def test_a_refusal_goes_once_the_text_is_changed(company, sign_in):
    Person.objects.update(language="en")
    page = sign_in(company.charlie, f"/desk/post/{Message.objects.first().post_id}/")
    page.locator(".chorus input[name=chorus]").first.check()
    page.keyboard.press("a")
    page.locator("#round-text").fill("Lamentamos mucho el corte de hoy.")
    page.locator("#round-text").press("Control+Enter")
    expect(page.locator("#round-says")).to_contain_text("Say it in more than one way")
    page.locator("#round-text").fill(TEXT)
    expect(page.locator("#round-says .refused")).to_have_count(0)


def test_on_a_phone_an_operator_asks_and_a_supervisor_stops_it(company, sign_in, toy):
    post = Message.objects.first().post_id
    page = sign_in(company.alice, f"/desk/post/{post}/", color_scheme="dark", **PHONE)
    page.locator(".chorus input[name=chorus]").first.check()
    page.get_by_role("button", name="Responderles").click()
    page.locator("#round-text").fill(TEXT)
    page.get_by_role("button", name="Pedir aprobación").click()
    expect(page.locator("#round-now .badge").first).to_have_text("espera aprobación")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    no_violations(page)
    round = Round.objects.get()
    boss = sign_in(company.charlie, f"/desk/round/{round.pk}/")
    boss.get_by_role("button", name="Detener del todo").click()
    expect(boss.locator("#round-now .badge").first).to_have_text("detenido")
    assert not toy.said and Message.objects.filter(state="waiting").count() == 8
    page.goto(page.url.split("/desk")[0] + f"/desk/post/{post}/")
    expect(page.locator(".rounds .row-item")).to_contain_text("detenido")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, "a round before this one is told in the width"
