"""The sheet of keys with nothing open: what a case answers to stands there, too."""

import pytest
from playwright.sync_api import Page, expect

from netcenter.lib import clock
from netcenter.protocols.writing import Written, save_protocol
from tests.desk.screens import company, house, picture, rows_beside_playwright, sign_in, written
from tests.desk.test_approval_browser import OPENING

__all__ = ["company", "house", "rows_beside_playwright", "sign_in"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ELSEWHERE = {"B", "C", "1–9", "Ctrl+Enter"}  # named after the place, closes what is answered, one for each kind


def keys(page: Page) -> dict[str, str]:
    """What the open sheet says: the key, and what it does."""
    rows = page.locator("#help-sheet li").evaluate_all(
        "rows => rows.map(row => [[...row.querySelectorAll('kbd')].map(k => k.textContent).join('+'),"
        " row.firstChild.textContent])"
    )
    return dict(rows)


def test_a_key_stands_once_on_the_sheet_as_what_it_does_here(company, sign_in):
    page = sign_in(company.alice)
    page.keyboard.press("?")
    expect(page.locator("#help-sheet")).to_contain_text("Mi estado")
    here = page.locator("#help-sheet section").filter(has_not_text="Con un caso abierto").locator(".keys")
    listed = here.evaluate_all("all => all.map(keys => [...keys.children].map(k => k.textContent).join('+'))")
    assert "B" in listed and len(listed) == len(set(listed)), sorted(listed)


def test_with_nothing_open_the_sheet_tells_the_keys_of_a_case(company, sign_in):
    save_protocol(None, Written(OPENING, "es"), company.charlie, clock.now())
    case = written(company)
    page = sign_in(company.alice)
    page.keyboard.press("?")
    expect(page.locator("#help-sheet")).to_contain_text("Con un caso abierto")
    before = keys(page)
    picture(page, "keys-nothing-open")
    page.keyboard.press("Escape")
    page.locator(f"a[data-case='{case.pk}']").first.click()
    expect(page.locator(".protocol-step").first).to_be_visible()
    expect(page.locator(".why-line")).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("#help-sheet")).not_to_contain_text("Con un caso abierto")
    assert set(before) >= {"T", "R", "N", "O", "P", "S", "X", "Y", "Z", "W", *ELSEWHERE}
    assert {key: label for key, label in before.items() if key not in ELSEWHERE}.items() <= keys(page).items()
