"""Where an answer goes, in a real browser: what one chose stays chosen, whatever is drawn anew under it."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from netcenter.cases.arrivals import Arrival
from netcenter.cases.models import Case
from netcenter.cases.record import record
from netcenter.channels.contract import Post
from netcenter.lib import clock
from tests.desk.screens import company, house, rows_beside_playwright, sign_in
from tests.outbox.toy import COMMENT, DANA, take_place

__all__ = ["company", "house", "rows_beside_playwright", "sign_in"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
OTHER = Post("p2", "Mañana cerramos", ours=True)


@pytest.fixture
def toy(company, monkeypatch):
    return take_place(monkeypatch)


def says(company, **more) -> None:
    record([Arrival(company.api, replace(COMMENT, sent_at=clock.now(), **more), clock.now())], clock.now())


def elsewhere(company, page) -> None:
    """Dana speaks under another post: the list grows at its head."""
    before = page.locator("#where option").count()
    says(company, external_id="c2", thread=OTHER.thread_of(DANA), text="¿Y mañana?")
    expect(page.locator("#where option")).to_have_count(2 * before)


def shown(page) -> str:
    return page.locator("#where select").evaluate("list => list.selectedOptions[0]?.value ?? ''")


@pytest.fixture
def page(company, toy, sign_in):
    says(company)
    case = Case.objects.get()
    return sign_in(company.alice, f"/desk/case/{case.pk}/")


def test_what_was_chosen_stays_when_another_place_appears(company, toy, page):
    private = page.locator("#where option").nth(1).get_attribute("value")
    page.locator("#where select").select_option(private)
    elsewhere(company, page)
    assert shown(page) == private
    expect(page.locator("#reply")).to_have_attribute("data-place", "private")


def test_what_is_being_written_goes_where_it_was_begun(company, toy, page):
    first = shown(page)
    page.keyboard.press("r")
    page.keyboard.type("Sí, hasta las ocho")
    elsewhere(company, page)
    assert shown(page) == first
    expect(page.locator("#reply")).to_have_attribute("data-place", "public")


def test_untouched_it_is_the_usual_way_of_the_latest_place(company, toy, page):
    first = shown(page)
    elsewhere(company, page)
    assert shown(page) == page.locator("#where option").first.get_attribute("value") != first
    expect(page.locator("#reply")).to_have_attribute("data-place", "public")
