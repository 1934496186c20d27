"""Presence in a real browser: wrap-up, breaks, "no more", several screens of one person."""

import time
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from netcenter.cases.models import Case
from netcenter.lib import clock
from netcenter.people.breaks import BreakDetails, save_break
from netcenter.people.models import Desk
from netcenter.routing import actions as routing
from netcenter.routing.models import Offer, Queue
from tests.browser import complaints, no_violations
from tests.desk.screens import available, company, house, ring_of, rows_beside_playwright, sign_in, wait_for, written

__all__ = ["company", "house", "rows_beside_playwright", "sign_in"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def desk(person) -> Desk:
    return Desk.objects.get(person=person)


def open_case(page, company, case):
    page.goto(page.url.split("/desk/")[0] + f"/desk/case/{case.pk}/")
    expect(page.locator("html[data-live=on]")).to_be_attached()


def answer(page, words="Sí, de 8 a 13."):
    expect(page.locator(".case h1")).to_be_visible()
    page.keyboard.press("r")
    expect(page.locator("#words")).to_be_focused()
    page.keyboard.type(words)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".turn-ours")).to_contain_text(words)


def test_a_wrap_up_is_shown_and_ends_by_itself_at_its_second(company, sign_in):
    Queue.objects.update(wrap_up_seconds=12)
    page = sign_in(company.alice)
    available(company.alice)
    written(company)
    expect(ring_of(page)).to_be_visible()
    page.keyboard.press("a")
    answer(page)
    strip = page.locator("[data-wrap-up]")
    expect(strip).to_contain_text("0:")
    until = desk(company.alice).wrap_up_until
    written(company, "¿Y el lunes?", by="eva")
    expect(ring_of(page)).to_have_count(0)
    offer = wait_for(lambda: Offer.objects.filter(state="ringing").first())
    assert timedelta(0) <= offer.rang_at - until < timedelta(seconds=1)
    expect(ring_of(page)).to_be_visible()
    expect(strip).to_have_count(0)


def test_ready_by_one_key_and_one_minute_more_with_a_reason(company, sign_in):
    Queue.objects.update(wrap_up_seconds=30)
    page = sign_in(company.alice)
    errors = complaints(page)
    available(company.alice)
    case = written(company)
    expect(ring_of(page)).to_be_visible()
    page.keyboard.press("a")
    answer(page)
    expect(page.locator("[data-wrap-up]")).to_be_visible()
    until = desk(company.alice).wrap_up_until
    no_violations(page, ".desk-left")
    page.keyboard.press("Escape")  # out of the answer
    page.keyboard.press("m")
    page.keyboard.press("2")
    expect(page.locator(".me-acts")).to_contain_text("Prolongado: Otro sistema")
    assert desk(company.alice).wrap_up_until - until == timedelta(seconds=60)
    expect(page.locator(".me-acts summary")).to_have_count(0)
    page.keyboard.press("b")
    expect(page.locator("[data-wrap-up]")).to_have_count(0)
    assert (desk(company.alice).state, Case.objects.get(pk=case.pk).holder) == ("available", None)
    assert errors == []


def test_a_break_is_chosen_by_a_figure_and_shows_when_it_is_over_time(company, sign_in):
    save_break(None, BreakDetails("Almuerzo", 60), clock.now(), "test")
    save_break(None, BreakDetails("Pausa", 15), clock.now(), "test")
    page, watching = sign_in(company.alice), sign_in(company.charlie, "/team/")
    available(company.alice)
    expect(page.locator("#presence [data-presence=available]").first).to_be_visible()
    page.keyboard.press("e")
    page.keyboard.press("2")
    expect(page.locator(".me-state")).to_contain_text("Pausa")
    expect(page.locator(".me .menu-list")).to_be_hidden()
    expect(page.locator(".me-state")).to_contain_text("14:5")
    seat = watching.locator(".seat", has_text="Alice")
    expect(seat).to_contain_text("Pausa")
    expect(seat.locator(".until-over")).to_be_hidden()
    over = {"since": clock.now() - timedelta(minutes=20), "break_until": clock.now() - timedelta(minutes=5)}
    Desk.objects.filter(person=company.alice).update(**over)
    for there in (page, watching):
        there.reload()
        expect(there.locator(".until-over").first).to_be_visible()
    expect(page.locator(".me-state")).to_contain_text("−5:0")
    no_violations(page, ".desk-left")
    no_violations(watching)
    page.keyboard.press("b")
    expect(seat.locator("[data-presence=available]")).to_be_visible()


def test_no_more_by_one_key_and_what_comes_then(company, sign_in):
    save_break(None, BreakDetails("Almuerzo", 60), clock.now(), "test")
    page = sign_in(company.alice)
    available(company.alice)
    written(company)
    expect(ring_of(page)).to_be_visible()
    page.keyboard.press("a")
    expect(page.locator(".case h1")).to_be_visible()
    page.keyboard.press("f")
    expect(page.locator(".me-no-more")).to_be_visible()
    expect(page.locator(".desk-finished")).to_have_count(0)
    written(company, "¿Y el lunes?", by="eva")
    time.sleep(1.5)
    assert not Offer.objects.filter(state="ringing").exists()
    answer(page)
    expect(page.locator(".desk-finished")).to_be_visible()
    no_violations(page)
    page.locator(".desk-finished summary").click()
    page.get_by_role("button", name="Almuerzo").last.click()
    expect(page.locator(".desk-finished")).to_have_count(0)
    there = desk(company.alice)
    assert (there.state, there.reason, there.no_more) == ("break", "Almuerzo", True)
    page.keyboard.press("b")
    expect(ring_of(page)).to_be_visible()
    assert not desk(company.alice).no_more


def test_while_typing_too(company, sign_in):
    page = sign_in(company.alice)
    available(company.alice)
    case = written(company)
    routing.take(case.pk, company.alice, clock.now())
    open_case(page, company, case)
    page.keyboard.press("r")
    page.keyboard.type("beso fuerte")
    assert not desk(company.alice).no_more
    page.keyboard.press("Alt+f")
    expect(page.locator(".me-no-more")).to_be_visible()
    page.keyboard.press("Alt+b")
    expect(page.locator(".me-no-more")).to_have_count(0)
    expect(page.locator("#words")).to_have_value("beso fuerte")


def test_who_was_set_away_is_told_why_and_returns_by_one_key(company, sign_in):
    page = sign_in(company.alice)
    Desk.objects.filter(person=company.alice).update(
        state="break", reason="missed", missed_in_row=3, since=clock.now(), seen_at=clock.now()
    )
    page.reload()
    expect(page.locator(".desk-missed")).to_contain_text("3 timbres")
    no_violations(page)
    page.keyboard.press("b")
    expect(page.locator(".desk-missed")).to_have_count(0)
    assert (desk(company.alice).state, desk(company.alice).missed_in_row) == ("available", 0)


def test_a_supervisor_moves_somebody_from_the_desk_and_says_why(company, sign_in):
    page, alice = sign_in(company.charlie), sign_in(company.alice)
    available(company.alice)
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.locator(f"#team-{company.alice.pk} button").click()
    expect(page.locator("#move-why")).to_be_attached()
    no_violations(page, "#dialog")
    page.keyboard.press("2")
    page.locator("#move-why").fill("reunión de hornos")
    page.keyboard.press("Control+Enter")
    expect(page.locator(f"#team-{company.alice.pk}")).to_contain_text("reunión de hornos")
    expect(alice.locator(".me-state")).to_contain_text("reunión de hornos")


# --- Several screens --------------------------------------------------------------------------------------------------


def test_two_screens_of_one_person_are_one_desk(company, sign_in):
    at_desk, on_phone = sign_in(company.alice), sign_in(company.alice)
    available(company.alice)
    for page in (at_desk, on_phone):
        expect(page.locator("#presence [data-presence=available]").first).to_be_visible()
    written(company)
    for page in (at_desk, on_phone):
        expect(ring_of(page)).to_be_visible()
    assert Offer.objects.filter(state="ringing").count() == 1
    on_phone.keyboard.press("a")
    for page in (at_desk, on_phone):
        expect(ring_of(page)).to_have_count(0, timeout=2000)
    expect(at_desk.locator(".desk-list[data-group=mine] .desk-row")).to_have_count(1)
    assert Case.objects.get().holder == company.alice
    at_desk.keyboard.press("f")
    expect(on_phone.locator(".me-no-more")).to_be_visible()


def test_closing_one_of_two_screens_takes_nobody_offline_closing_both_does(company, sign_in, settings, monkeypatch):
    settings.GRACE_SECONDS = 2
    monkeypatch.setattr("netcenter.live.streams.BEAT", 0.5)
    monkeypatch.setattr("netcenter.live.streams.FLUSH", 0.3)
    one, other = sign_in(company.alice), sign_in(company.alice)
    available(company.alice)
    one.context.close()
    time.sleep(5)
    assert desk(company.alice).state == "available"
    other.context.close()
    wait_for(lambda: desk(company.alice).state == "offline")
    assert desk(company.alice).back_to == "available"
