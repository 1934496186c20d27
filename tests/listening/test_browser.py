"""What was heard, in a real browser: read and decided with the keyboard; a search tried while it is written."""

import pytest
from playwright.sync_api import expect

from netcenter.listening.models import Search, Sighting
from netcenter.people.models import Person
from tests.browser import PHONE, complaints, no_violations
from tests.desk.screens import company, house, rows_beside_playwright, sign_in
from tests.listening.test_listening import kept, said, search

__all__ = ["company", "house", "rows_beside_playwright", "sign_in"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]


@pytest.fixture
def heard(company):
    search(company)
    kept(said(1), said(2), said(3, "Aurora abre un horno nuevo en la costa este verano", title="Buenas noticias"))


def test_one_key_decides(company, heard, sign_in):
    Person.objects.update(language="en")
    page = sign_in(company.alice, "/heard/")
    errors = complaints(page)
    expect(page.locator(".sighting")).to_have_count(2)
    no_violations(page)
    page.keyboard.press("j")
    first = page.locator(".sighting").first
    expect(first).to_be_focused()
    page.keyboard.press("x")
    expect(first).to_have_attribute("data-state", "passed")
    page.keyboard.press("j")
    expect(page.locator(".sighting").nth(1)).to_be_focused()
    page.locator(".sighting").nth(1).locator("[data-copies]").click()
    expect(page.locator(".copies")).to_contain_text("Diario 2")
    page.keyboard.press("c")
    expect(page.locator(".sighting").nth(1)).to_have_attribute("data-state", "case")
    assert sorted(Sighting.objects.filter(lead=None).values_list("state", flat=True)) == ["case", "passed"]
    assert errors == []


def test_a_search_shows_at_once_what_it_would_have_found(company, heard, sign_in):
    page = sign_in(company.charlie, "/settings/listening/")
    no_violations(page)
    page.keyboard.press("n")
    page.locator("#id_name").fill("Hornos")
    page.locator("#id_phrases").fill("horno nuevo")
    expect(page.locator("#search-form")).to_contain_text("1 de lo último que se oyó")
    page.locator("#id_excluded").fill("costa")
    expect(page.locator("#search-form")).to_contain_text("0 de lo último que se oyó")
    no_violations(page)
    page.keyboard.press("Control+s")
    expect(page.locator("h1")).to_have_text("Escucha")
    assert Search.objects.filter(name="Hornos", excluded=["costa"]).exists()


def test_it_fits_a_phone_at_night(company, heard, sign_in):
    page = sign_in(company.alice, "/heard/", color_scheme="dark", **PHONE)
    expect(page.locator(".sighting")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    no_violations(page)
