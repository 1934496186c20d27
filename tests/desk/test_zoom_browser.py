"""The desk at 200 %: a screen of 1440 px is then 720 px wide, with list and case side by side."""

import pytest
from playwright.sync_api import expect

from netcenter.lib import clock
from netcenter.routing.actions import take
from tests.browser import no_violations
from tests.desk.screens import company, house, rows_beside_playwright, sign_in, written

__all__ = ["company", "house", "rows_beside_playwright", "sign_in"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]


def test_at_200_percent_who_it_is_where_it_goes_and_send_are_whole(company, sign_in):
    case = written(company)
    take(case.pk, company.alice, clock.now())
    zoomed = {"viewport": {"width": 720, "height": 450}, "device_scale_factor": 2}
    page = sign_in(company.alice, f"/desk/case/{case.pk}/", **zoomed)
    expect(page.locator("h1")).to_have_text("Dana")
    for whole in (page.locator("#head h1"), page.locator(".composer [data-send='']"), page.locator("#where")):
        box = whole.bounding_box()
        assert box and box["width"] > 40 and box["x"] + box["width"] <= 720, (whole, box)
    no_violations(page)


def test_at_200_percent_no_place_of_the_house_is_cut_off(company, sign_in):
    page = sign_in(company.charlie, "/ledger/", viewport={"width": 720, "height": 450}, device_scale_factor=2)
    expect(page.locator(".bar-menu")).to_be_visible()
    expect(page.locator(".bar-nav")).to_be_hidden()
    page.goto(page.url.replace("/ledger/", "/settings/accounts/"))
    expect(page.locator("h1")).to_contain_text("no está abierta")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
