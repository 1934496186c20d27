"""The browser's side: one stream for all tabs, handed on when its tab closes."""

import time

import pytest
from playwright.sync_api import BrowserContext, Page

from netcenter.events.actions import event, record
from netcenter.lib import clock
from tests import browser
from tests.company import found
from tests.serving import cookie_of, served

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

LISTEN = """
window.heard = [];
document.addEventListener("netcenter:refresh", (e) => window.heard.push(...e.detail.topics));
"""


@pytest.fixture
def company(transactional_db):
    return found()


@pytest.fixture
def house(company, context: BrowserContext):
    with served() as address:
        name, _, value = cookie_of(company.alice).partition("=")
        context.add_cookies([{"name": name, "value": value, "url": address}])
        yield address


def until(page: Page, expression: str) -> None:
    """Wait for it from outside: the page's CSP forbids what `wait_for_function` does inside."""
    browser.until(page, lambda: page.evaluate(expression))


def tab(context: BrowserContext, house: str, streams: list[str]) -> Page:
    opened = context.new_page()
    opened.on("request", lambda asked: streams.append(asked.url) if "/events" in asked.url else None)
    opened.goto(f"{house}/look/offline/")
    opened.evaluate(LISTEN)
    opened.add_script_tag(url="/static/live/js/live.js", type="module")
    until(opened, "document.documentElement.dataset.live === 'on'")
    return opened


def ring(company, case_id: int) -> None:
    record(event("offer.rang", clock.now(), case_id=case_id, operator_id=company.alice.pk, brand_id=company.brand.pk))


def test_tabs_share_one_stream_and_the_next_takes_over(house, company, context):
    streams: list[str] = []
    first = tab(context, house, streams)
    second = tab(context, house, streams)
    time.sleep(0.5)
    assert len(streams) == 1
    ring(company, 12)
    for one in (first, second):
        until(one, "window.heard.includes('case:12')")
    first.close()
    ring(company, 13)  # perhaps while nobody listens: the new leader asks what was missed
    until(second, "window.heard.includes('case:13')")
    assert len(streams) == 2 and "since=" in streams[1]


def test_a_tab_hears_what_happened_while_its_page_was_made(house, company, context):
    first = tab(context, house, [])
    late = context.new_page()
    late.goto(f"{house}/look/offline/")
    late.evaluate(LISTEN)
    ring(company, 21)
    until(first, "window.heard.includes('case:21')")
    late.add_script_tag(url="/static/live/js/live.js", type="module")
    until(late, "window.heard.includes('case:21')")


def test_an_open_screen_says_that_its_person_is_here(house, company, context):
    from netcenter.people.models import Desk

    Desk.objects.get_or_create(person=company.alice)
    here = tab(context, house, [])
    browser.until(here, lambda: Desk.objects.get(person=company.alice).seen_at)


def test_it_shows_that_the_wire_is_dead_and_comes_back(house, company, context):
    one = tab(context, house, [])
    context.set_offline(True)
    until(one, "document.documentElement.dataset.live === 'off'")
    context.set_offline(False)
    until(one, "document.documentElement.dataset.live === 'on'")
