"""Desks in a real browser, with the house's own loops behind them: what the tests of its pages share."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from netcenter import flow
from netcenter.cases.models import Case
from netcenter.lib import clock
from netcenter.people import loops as people
from netcenter.people.models import Person
from netcenter.routing import loops as routing
from netcenter.routing.models import Queue
from netcenter.routing.presence import set_state
from tests.browser import patient
from tests.company import Company, found
from tests.serving import cookie_of, served

SignIn = Callable[..., Page]


@pytest.fixture(autouse=True)
def rows_beside_playwright(monkeypatch: pytest.MonkeyPatch) -> None:
    """Playwright keeps an event loop in this thread, in which Django would refuse to read rows."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture
def company(transactional_db: None) -> Company:
    made = found()
    Person.objects.update(language="es")
    Queue.objects.update(ring_seconds=120)
    return made


@pytest.fixture
def house(company: Company) -> Iterator[str]:
    with served([*people.LOOPS, *routing.LOOPS, *flow.LOOPS]) as address:
        yield address


@pytest.fixture
def sign_in(chromium: Browser, house: str) -> Iterator[SignIn]:
    """`sign_in(person)`: their desk in a browser of their own."""
    contexts = []

    def open_desk(person: Person, path: str = "/desk/", **more) -> Page:
        context = patient(chromium, **({"locale": "es-ES", "viewport": {"width": 1440, "height": 900}} | more))
        name, _, value = cookie_of(person).partition("=")
        context.add_cookies([{"name": name, "value": value, "url": house}])
        contexts.append(context)
        page = context.new_page()
        page.goto(house + path)
        expect(page.locator("html[data-live=on]")).to_be_attached()
        return page

    yield open_desk
    for context in contexts:
        context.close()


def written(company: Company, text: str = "¿Abren el domingo?", by: str = "dana") -> Case:
    company.deliver(company.said(text, by=by, at=clock.now()))
    return Case.objects.get(customer__name=by.title())


def picture(page: Page, name: str, **more) -> None:
    """Keep what is seen, when pictures of the documentation are wanted: with NETCENTER_SCREENS=<folder>."""
    if folder := os.environ.get("NETCENTER_SCREENS"):
        page.wait_for_timeout(400)
        page.screenshot(path=Path(folder) / f"{name}.png", **more)


def available(*people: Person) -> None:
    for person in people:
        set_state(person, "available", clock.now(), person)


def ring_of(page: Page):
    return page.locator(".desk-ring")


def wait_for(look: Callable, seconds: float = 30.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if seen := look():
            return seen
        time.sleep(0.05)
    raise AssertionError("it did not happen")
