"""The desk in a real browser, with the house's own loops behind it: the ring, the keyboard, what moves."""

from datetime import timedelta

import pytest
from django.db import transaction
from playwright.sync_api import expect

from netcenter.cases.models import Case, Customer, Message
from netcenter.courtesy.acknowledging import tell_waiting
from netcenter.events.actions import event, record
from netcenter.lib import clock
from netcenter.people.models import Desk
from netcenter.routing.actions import take
from netcenter.routing.models import Offer, Queue
from netcenter.standards.models import Promise
from tests.browser import PHONE, Slow, complaints, no_violations, until
from tests.desk.screens import (
    available,
    company,
    house,
    picture,
    ring_of,
    rows_beside_playwright,
    sign_in,
    wait_for,
    written,
)

__all__ = ["company", "house", "rows_beside_playwright", "sign_in"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]


def test_it_rings_at_one_of_three_desks_and_is_answered_by_keyboard(company, sign_in):
    pages = {p: sign_in(p) for p in (company.alice, company.bob, company.charlie)}
    errors = [complaints(page) for page in pages.values()]
    available(*pages)
    written(company)
    offer = wait_for(lambda: Offer.objects.filter(state="ringing").first())
    page = pages[offer.operator]
    expect(ring_of(page)).to_contain_text("¿Abren el domingo?")
    assert page.title().startswith("●")
    for other, there in pages.items():
        assert other == offer.operator or ring_of(there).count() == 0
    page.keyboard.press("a")
    expect(page.locator(".case h1")).to_have_text("Dana")
    expect(ring_of(page)).to_have_count(0)
    assert not page.title().startswith("●")
    page.keyboard.press("r")
    page.keyboard.type("Sí, de 8 a 13.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".turn-ours")).to_contain_text("de 8 a 13")
    expect(page.locator("#words")).to_have_value("")
    assert Message.objects.filter(direction="out").count() == 1
    assert Case.objects.get().waiting_since is None
    assert errors == [[], [], []]


def test_a_picked_up_case_stays_although_the_empty_desk_was_on_its_way(company, sign_in):
    page = sign_in(company.alice)
    available(company.alice)
    written(company)
    expect(ring_of(page)).to_be_visible()
    empty = Slow(page, "/desk/")
    page.evaluate("document.dispatchEvent(new CustomEvent('netcenter:refresh', {detail: {topics: ['presence']}}))")
    empty.wait()
    page.keyboard.press("a")
    expect(page.locator(".case h1")).to_have_text("Dana")
    empty.let()
    page.evaluate("fetch('/health')")  # answered after it
    page.keyboard.press("r")
    expect(page.locator("#words")).to_be_focused()
    expect(page.locator(".case h1")).to_have_text("Dana")


def test_what_is_told_of_a_case_while_its_page_is_on_its_way_is_not_missed(company, sign_in):
    page = sign_in(company.alice)
    available(company.alice)
    written(company)
    expect(ring_of(page)).to_be_visible()
    case, accepted = Case.objects.get(), Slow(page, "/accept/")
    page.evaluate("""() => { globalThis.heard = [];
        addEventListener("netcenter:refresh", (event) => heard.push(event.detail.topics), true); }""")
    page.keyboard.press("a")
    accepted.wait()
    with transaction.atomic():
        Customer.objects.update(name="Dana Solís")
        record(event("customer.learned", clock.now(), case_id=case.pk, brand_id=case.brand_id))
    until(page, lambda: "side:" in page.evaluate("heard.join()"))
    accepted.let()
    expect(page.locator(".case h1")).to_have_text("Dana Solís")


def test_declined_it_rings_at_the_next_desk_at_once(company, sign_in):
    alice, bob = sign_in(company.alice), sign_in(company.bob)
    available(company.alice)
    written(company)
    expect(ring_of(alice)).to_be_visible()
    available(company.bob)
    alice.keyboard.press("d")
    expect(ring_of(alice)).to_have_count(0)
    expect(ring_of(bob)).to_be_visible()
    assert Offer.objects.get(operator=company.alice).state == "declined"


def test_missed_it_rings_at_the_next_desk_and_three_misses_set_away(company, request):
    Queue.objects.update(ring_seconds=2)  # before the house is there: it reads its settings once
    alice = request.getfixturevalue("sign_in")(company.alice)
    available(company.alice)
    Desk.objects.filter(person=company.alice).update(missed_in_row=2)
    written(company)
    wait_for(lambda: Offer.objects.filter(operator=company.alice).exists())
    available(company.bob)
    wait_for(lambda: Offer.objects.filter(operator=company.bob).exists())
    expect(alice.locator(".desk-missed")).to_contain_text("3")
    alice.keyboard.press("b")
    expect(alice.locator(".desk-missed")).to_have_count(0)
    assert Desk.objects.get(person=company.alice).state == "available"


def test_who_accepts_too_late_is_told_so_and_what_is_open_stays_open(company, sign_in):
    open_already = written(company, "¿Hacen tortas?", by="eva")
    take(open_already.pk, company.alice, clock.now())
    page = sign_in(company.alice, f"/desk/case/{open_already.pk}/")
    available(company.alice)
    written(company)
    expect(ring_of(page)).to_be_visible()
    Offer.objects.filter(state="ringing").update(state="withdrawn", ended_at=clock.now())  # nobody told the screen yet
    page.evaluate("document.addEventListener('desk:leaving', () => { window.left = true; })")
    page.keyboard.press("a")
    expect(page.locator("#flash .flash-line")).not_to_be_empty()
    expect(page.locator(".case h1")).to_have_text("Eva")
    assert not page.evaluate("window.left")


def test_a_ring_ends_on_the_screen_when_somebody_else_takes_the_case(company, sign_in):
    alice, charlie = sign_in(company.alice), sign_in(company.charlie)
    available(company.alice)
    case = written(company)
    expect(ring_of(alice)).to_be_visible()
    charlie.goto(charlie.url + f"case/{case.pk}/")
    charlie.keyboard.press("t")
    charlie.locator("#barge-reason").fill("Lo conozco")
    charlie.keyboard.press("Control+Enter")
    expect(ring_of(alice)).to_have_count(0)
    assert Case.objects.get().holder == company.charlie


def test_a_colleague_who_writes_is_seen(company, sign_in):
    case = written(company)
    alice = sign_in(company.alice, f"/desk/case/{case.pk}/")
    bob = sign_in(company.bob, f"/desk/case/{case.pk}/")
    bob.keyboard.press("r")
    bob.keyboard.type("Hola")
    expect(alice.locator(".company-writes")).to_contain_text("Bob")
    alice.keyboard.press("r")
    alice.keyboard.type("Hola")
    expect(alice.locator("#findings")).to_contain_text("Bob")
    alice.keyboard.press("Control+Enter")
    expect(alice.locator("#composer-says")).to_contain_text("Bob")
    expect(alice.locator("#words")).to_have_value("Hola")


def test_dispose_by_keyboard(company, sign_in):
    case = written(company, "gracias!")
    page = sign_in(company.alice, f"/desk/case/{case.pk}/")
    page.keyboard.press("x")
    expect(page.locator("#dialog")).to_be_visible()
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#dialog")).not_to_be_visible()
    expect(page.locator("[data-nothing]")).to_be_visible()
    assert Case.objects.get().closed_at


def test_search_without_accents_and_moving_by_keys(company, sign_in):
    written(company, "La panadería no contestó", by="dana")
    written(company, "¿Hacen tortas?", by="eva")
    page = sign_in(company.alice)
    page.keyboard.press("/")
    page.keyboard.type("panaderia")
    expect(page.locator(".desk-row")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator(".case h1")).to_have_text("Dana")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    expect(page.locator(".desk-row")).to_have_count(2)
    page.keyboard.press("j")
    expect(page.locator(".case h1")).to_have_text("Eva")
    page.go_back()
    expect(page.locator(".case h1")).to_have_text("Dana")


def test_nothing_moves_under_the_pointer(company, sign_in):
    written(company, by="dana")
    page = sign_in(company.alice)
    page.locator(".desk-row").hover()
    written(company, by="eva")
    expect(page.locator("#new-rows")).to_be_visible()
    expect(page.locator(".desk-row")).to_have_count(1)
    page.mouse.move(900, 500)
    expect(page.locator(".desk-row")).to_have_count(2)


def test_a_ring_covers_nothing_of_the_open_case_and_moves_no_word_of_it(company, sign_in):
    case = written(company, "Una cosa más\n" * 60, by="dana")
    take(case.pk, company.alice, clock.now())
    page = sign_in(company.alice, f"/desk/case/{case.pk}/")
    story, words, side = page.locator("#story"), page.locator("#words"), page.locator("#side h2")
    expect(page.locator(".desk-foot [aria-pressed=true]")).to_be_attached()  # the desk's own script has run
    expect(page.locator(".why-line")).to_be_visible()
    story.evaluate("story => { story.scrollTop = 400; }")
    stands = page.locator(".message-text").first

    def places() -> list:
        return [part.bounding_box() for part in (stands, words, side)]

    before = places()
    available(company.alice)
    written(company, by="eva")
    expect(ring_of(page)).to_be_visible()
    ring = ring_of(page).bounding_box()
    wait_for(lambda: page.locator("#head").bounding_box()["y"] >= ring["y"] + ring["height"])
    assert ring["x"] + ring["width"] <= page.locator("#side").bounding_box()["x"]
    wait_for(lambda: places() == before)
    page.keyboard.press("d")
    expect(ring_of(page)).to_have_count(0)
    wait_for(lambda: page.locator("#head").bounding_box()["y"] < ring["y"])
    assert places() == before


def test_a_menu_that_a_key_opens_is_gone_through_by_keys_while_it_rings(company, sign_in):
    page = sign_in(company.alice)
    available(company.alice)
    written(company)
    expect(page.locator(".ring-accept")).to_be_focused()
    page.keyboard.press("e")
    expect(page.locator(".me summary").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    wait_for(lambda: Desk.objects.get(person=company.alice).state == "busy")
    assert not Offer.objects.filter(state="accepted").exists()


def test_what_was_forgotten_is_taken_back_in_time_and_the_case_says_so(company, sign_in):
    now = clock.now()
    case = written(company)
    available(company.alice)
    take(case.pk, company.alice, now)
    page, other = sign_in(company.alice, f"/desk/case/{case.pk}/"), sign_in(company.bob)
    expect(page.locator("[data-group=mine] .desk-row")).to_have_count(1)
    Message.objects.update(sent_at=now - timedelta(minutes=50))
    Promise.objects.update(started_at=now - timedelta(minutes=50), due_at=now + timedelta(minutes=9))
    Case.objects.update(waiting_since=now - timedelta(minutes=50), due_at=now + timedelta(minutes=9))
    Offer.objects.update(accepted_at=now - timedelta(minutes=49))
    available(company.bob)
    expect(ring_of(other)).to_be_visible()
    expect(page.locator("#story")).to_contain_text("Se le retiró a Alice: 49 min sin actividad")
    expect(page.locator("[data-group=mine] .desk-row")).to_have_count(0)
    page.locator(".turn-lines > summary").last.click()
    picture(page, "taken-back")


def test_a_time_that_a_customer_was_told_stands_on_the_case_in_one_line(company, sign_in):
    now = clock.now()
    available(company.alice)
    for n in range(6):
        take(written(company, by=f"full{n}").pk, company.alice, now)
    case = written(company, "¿Hacen envíos los domingos?", by="eva")
    assert tell_waiting(clock.now() + timedelta(minutes=2)) == 1
    page = sign_in(company.alice, f"/desk/case/{case.pk}/")
    told = page.locator("#head [data-told]")
    expect(told).to_contain_text("Se le dijo al cliente que tendría respuesta antes de")
    words, left = told.locator("> span").first.bounding_box(), told.locator(".promise").bounding_box()
    assert words["height"] < 24 and left["x"] >= words["x"] + words["width"]
    picture(page, "answer-later")


def test_a_stream_that_is_back_at_once_moves_nothing(company, sign_in):
    page = sign_in(company.alice)
    before = page.locator("#presence").bounding_box()
    page.evaluate("document.documentElement.dataset.live = 'off'")
    assert page.locator("#presence").bounding_box() == before
    page.locator(".me-offline").evaluate("line => line.getAnimations().forEach((one) => one.finish())")
    assert page.locator(".me-offline").bounding_box()["height"] > 30  # these tests want no motion, and are told too
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<div class=skeleton></div>')")
    expect(page.locator(".skeleton").last).to_have_css("opacity", "1")


def test_on_a_phone_the_ring_is_the_whole_screen(company, sign_in):
    page = sign_in(company.alice, **PHONE)
    available(company.alice)
    written(company, "Una pregunta " + "muy " * 60 + "larga", by="dana")
    expect(ring_of(page)).to_be_visible()
    assert ring_of(page).bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
    page.locator(".ring-accept").tap()
    expect(page.locator(".case h1")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_ring_that_is_gone_before_its_answer_is_here_still_opens_the_case(company, sign_in):
    page = sign_in(company.alice, **PHONE)
    slow = Slow(page, "/accept/")
    available(company.alice)
    written(company)
    page.locator(".ring-accept").tap()
    slow.wait()
    expect(ring_of(page)).to_have_count(0)
    expect(page.locator(".desk-row")).to_have_count(1)
    slow.let()
    expect(page.locator(".case h1")).to_have_text("Dana")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it(company, sign_in, scheme):
    page = sign_in(company.charlie, color_scheme=scheme)
    no_violations(page)
    available(company.charlie)
    written(company)
    expect(ring_of(page)).to_be_visible()
    no_violations(page)
    page.keyboard.press("a")
    expect(page.locator(".case h1")).to_be_visible()
    no_violations(page)
    for key in "xsp":
        page.keyboard.press(key)
        expect(page.locator("#dialog")).to_be_visible()
        no_violations(page, "#dialog")
        page.keyboard.press("Escape")
        expect(page.locator("#dialog")).not_to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("t")
    expect(page.locator("#team")).to_contain_text("Bob")
    no_violations(page, "#dialog")
