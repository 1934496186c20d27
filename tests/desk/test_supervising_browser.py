"""A supervisor and an operator in two browsers: why it waits, what if, watching, whispering, taking over, a pause.

With NETCENTER_SCREENS=<folder> the pictures of the documentation are taken on the way.
"""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from netcenter.accounts.models import Organisation
from netcenter.cases.models import Case, Message
from netcenter.lib import clock
from netcenter.people.models import Desk, Person, PersonSkill, Skill, Team
from netcenter.routing.actions import take
from netcenter.routing.models import Offer, OverflowStep, Queue, QueueSkill
from netcenter.routing.presence import set_no_more
from tests.browser import PHONE, Slow, complaints, no_violations
from tests.desk.screens import available, company, house, rows_beside_playwright, sign_in, wait_for, written  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def picture(page: Page, name: str) -> None:
    """Keep what is seen, when pictures are wanted."""
    folder = os.environ.get("NETCENTER_SCREENS")
    if folder:
        page.wait_for_timeout(400)
        page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.fixture
def staff(company):  # noqa: F811
    """Names as in the story; billing is needed, and Alice knows it best; Bruno speaks the only Portuguese."""
    queue = Queue.objects.get()
    billing = Skill.objects.create(code="billing", name="Facturación")
    portuguese = Skill.objects.create(code="language:pt", name="Português")
    QueueSkill.objects.create(queue=queue, skill=billing, level=2)
    PersonSkill.objects.create(person=company.alice, skill=billing, level=2)
    PersonSkill.objects.create(person=company.bob, skill=billing, level=1)
    PersonSkill.objects.create(person=company.bob, skill=portuguese, level=3)
    other = Team.objects.create(name="Mostrador B")
    Queue.objects.update(team=Team.objects.exclude(pk=other.pk).get(), needs_language=True)
    OverflowStep.objects.create(queue=queue, after_seconds=600, kind="team", team=other)
    OverflowStep.objects.create(queue=queue, after_seconds=1200, kind="level")
    return company


def test_why_it_waits_is_read_on_the_case_and_what_if_is_answered(staff, sign_in):  # noqa: F811
    available(staff.alice, staff.bob)
    Desk.objects.update(seen_at=clock.now() + timedelta(hours=1))  # no screen of theirs is open here
    Desk.objects.filter(person=staff.alice).update(load=100)
    Desk.objects.filter(person=staff.bob).update(state="busy")
    case = written(staff, "¿Por qué me cobraron dos veces?")
    page = sign_in(staff.charlie, f"/desk/case/{case.pk}/")
    errors = complaints(page)
    line = page.locator(".why-line")
    expect(line).to_contain_text("1 persona podría y está ocupada")
    expect(line).to_contain_text("tras 10 min se amplía al equipo Mostrador B")
    page.keyboard.press("w")
    expect(page.locator(".why-row").first).to_contain_text("Alice")
    expect(page.locator(".why-table")).to_contain_text("tiene Facturación solo en nivel 1")
    picture(page, "why-on-the-case")
    no_violations(page, ".why")
    page.keyboard.press("g")
    page.keyboard.press("w")
    expect(page.locator("#who-found .why-verdict")).to_contain_text("Espera")
    picture(page, "who-would-get-it")
    offers, messages = Offer.objects.count(), Message.objects.count()
    page.locator("#who label", has_text="niveles más bajos").locator("input").check()
    page.locator("#who label", has_text="Bob").locator("input").check()
    expect(page.locator("#who-found .why-verdict")).to_contain_text("Sonaría en el escritorio de Bob")
    picture(page, "what-if")
    no_violations(page, "#dialog")
    assert (Offer.objects.count(), Message.objects.count()) == (offers, messages)
    assert Case.objects.get().holder is None and errors == []


def test_what_one_unfolded_stays_so_when_it_comes_anew(staff, sign_in):  # noqa: F811
    available(staff.alice)
    Desk.objects.update(seen_at=clock.now() + timedelta(hours=1), load=100)  # no screen of theirs is open here
    case = written(staff, "¿Por qué me cobraron dos veces?")
    page = sign_in(staff.charlie, f"/desk/case/{case.pk}/")
    expect(page.locator(".why-line")).to_contain_text("Espera")
    answers = Slow(page, "/why/")
    page.evaluate("document.dispatchEvent(new CustomEvent('netcenter:refresh', {detail: {topics: ['all']}}))")
    answers.wait()
    page.keyboard.press("w")
    expect(page.locator(".why-row").first).to_be_visible()
    page.locator(".why-words").evaluate("(words) => { words.textContent = ''; }")
    answers.let()
    expect(page.locator(".why-line")).to_contain_text("Espera")
    expect(page.locator(".why-row").first).to_be_visible()


def test_the_ring_says_why_it_rings_here(staff, sign_in):  # noqa: F811
    page = sign_in(staff.alice)
    available(staff.alice)
    set_no_more(staff.alice, True, clock.now(), staff.alice)
    Desk.objects.filter(person=staff.alice).update(idle_since=clock.now() - timedelta(minutes=6))
    set_no_more(staff.alice, False, clock.now(), staff.alice)  # a switchboard reads a desk of which the record tells
    written(staff, "¿Por qué me cobraron dos veces?")
    expect(page.locator(".ring-why")).to_contain_text("Facturación nivel 2, español, libre hace 6 min")
    picture(page, "ring-why")


def test_an_operator_knows_who_watches_reads_whispers_and_why_it_was_taken(staff, sign_in):  # noqa: F811
    Organisation.objects.update(shows_drafts=True)
    case = written(staff, "Quiero hablar con un abogado")
    available(staff.alice)
    take(case.pk, staff.alice, clock.now())
    desk = sign_in(staff.alice, f"/desk/case/{case.pk}/")
    watching = sign_in(staff.charlie, f"/desk/case/{case.pk}/")
    errors = [complaints(desk), complaints(watching)]
    expect(watching.locator("[data-key=V]")).to_be_visible()
    watching.keyboard.press("v")
    expect(watching.locator("#watch-now")).to_contain_text("Alice")
    expect(watching.locator(".why-line")).to_be_visible()
    watching.keyboard.press("g")
    watching.keyboard.press("w")  # also while the line is folded
    expect(watching.locator("#who-found")).to_be_visible()
    watching.keyboard.press("Escape")
    expect(desk.locator("#beside")).to_contain_text("Charlie está mirando")
    expect(desk.locator("#beside")).to_contain_text("antes de que se envíe")
    desk.locator("#words").fill("Lamentamos mucho lo ocurrido")
    expect(watching.locator("#watch-now [data-writes]")).to_contain_text("Alice está escribiendo")
    expect(watching.locator(".watch-draft")).to_contain_text("Lamentamos mucho")
    assert watching.locator("#reply").count() == 0
    watching.keyboard.press("n")
    watching.keyboard.type("Ofrécele que la llamemos hoy")
    watching.keyboard.press("Control+Enter")
    expect(desk.locator(".whisper")).to_contain_text("Ofrécele que la llamemos hoy")
    picture(watching, "watch-live")
    picture(desk, "whisper")
    no_violations(watching, ".watch")
    no_violations(desk, "#beside")
    expect(watching.locator("#whisper")).to_be_focused()  # for the next one
    expect(watching.locator("#whisper")).to_have_value("")
    watching.keyboard.press("Escape")
    watching.keyboard.press("t")
    watching.locator("#barge-reason").fill("Lo lleva legales")
    watching.keyboard.press("Control+Enter")
    expect(desk.locator(".beside-taken")).to_contain_text("Charlie tomó este caso")
    expect(desk.locator(".beside-taken")).to_contain_text("Lo lleva legales")
    assert desk.locator("#words").input_value() == "Lamentamos mucho lo ocurrido"
    picture(desk, "taken-over")
    case.refresh_from_db()
    assert case.holder == staff.charlie
    assert not Message.objects.filter(direction="out").exists() and errors == [[], []]


def test_a_pause_is_told_at_every_desk_and_ends_from_there(staff, sign_in):  # noqa: F811
    available(staff.alice)
    desk = sign_in(staff.alice)
    board = sign_in(staff.charlie, "/queues/")
    expect(board.locator(".queue")).to_contain_text("Nadie espera")
    board.keyboard.press("p")
    board.locator("#pause-reason").fill("Corte de luz en el depósito")
    board.keyboard.press("Control+Enter")
    expect(board.locator(".queue[data-paused]")).to_contain_text("Corte de luz")
    expect(desk.locator(".pause")).to_contain_text("Corte de luz en el depósito")
    written(staff, "¿Por qué me cobraron dos veces?")
    expect(board.locator(".queue-figures [data-main] dd")).to_have_text("1")
    expect(desk.locator("#lists")).to_contain_text("dos veces")
    assert desk.locator(".desk-ring").count() == 0
    picture(desk, "pause-banner")
    picture(board, "queues-board")
    no_violations(board)
    board.get_by_role("button", name="Que vuelva a sonar").click()
    expect(desk.locator(".desk-ring")).to_contain_text("dos veces")
    expect(desk.locator(".pause")).to_have_count(0)


def test_on_a_telephone_it_all_fits(staff, sign_in):  # noqa: F811
    case = written(staff, "¿Por qué me cobraron dos veces?")
    page = sign_in(staff.charlie, f"/desk/case/{case.pk}/", **PHONE)
    page.locator(".why-line").click()
    expect(page.locator(".why-row")).to_have_count(3)
    wide = "document.documentElement.scrollWidth <= innerWidth"
    assert page.evaluate(wide)
    page.goto(page.url.partition("/desk")[0] + "/queues/")
    expect(page.locator(".queue")).to_be_visible()
    assert page.evaluate(wide)
    people = Person.objects.count()
    assert people == 3
