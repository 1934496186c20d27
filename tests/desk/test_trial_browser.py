"""What a new operator stumbled over in the browser: see docs/trial.md."""

import pytest
from playwright.sync_api import expect

from netcenter.cases.models import Message
from tests.desk.screens import company, house, rows_beside_playwright, sign_in, written

__all__ = ["company", "house", "rows_beside_playwright", "sign_in"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]


def test_r_is_the_answer_and_leaves_an_empty_note_but_never_a_begun_one(company, sign_in):
    case = written(company)
    page = sign_in(company.alice, f"/desk/case/{case.pk}/")
    page.keyboard.press("n")
    expect(page.locator("#reply")).to_have_attribute("data-mode", "note")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    expect(page.locator("#reply")).to_have_attribute("data-mode", "reply")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.keyboard.type("No le gusta esperar")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    expect(page.locator("#reply")).to_have_attribute("data-mode", "note")
    page.keyboard.type(".")
    expect(page.locator("#words")).to_have_value("No le gusta esperar.")  # it goes on: nothing was selected


def test_why_to_send_it_anyway_is_asked_under_the_fingers(company, sign_in):
    case = written(company)
    page = sign_in(company.alice, f"/desk/case/{case.pk}/")
    page.keyboard.press("r")
    page.keyboard.type("Hola {{customer.first_name}}")
    expect(page.locator(".finding")).to_have_count(1)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#overrule-why")).to_be_focused()
    expect(page.locator(".refused p")).to_be_hidden()  # it stands above already
    page.keyboard.type("así lo pidió")
    page.keyboard.press("Enter")
    expect(page.locator(".turn-ours")).to_contain_text("{{customer.first_name}}")
    assert Message.objects.filter(direction="out").count() == 1


def test_the_first_arrow_chooses_the_first_reason_and_the_reading_proposes_one(company, sign_in):
    case = written(company, "¿Abren el domingo?")
    page = sign_in(company.alice, f"/desk/case/{case.pk}/")
    page.keyboard.press("x")
    expect(page.locator("[name=reason][value=thanks]")).to_be_focused()
    expect(page.locator("[name=reason]:checked")).to_have_count(0)
    page.keyboard.press("ArrowDown")
    expect(page.locator("[name=reason][value=thanks]")).to_be_checked()
    page.keyboard.press("ArrowDown")
    expect(page.locator("[name=reason][value=spam]")).to_be_checked()
    page.keyboard.press("Escape")
    thanks = written(company, "¡Muchas gracias por todo!", by="eva")
    page = sign_in(company.alice, f"/desk/case/{thanks.pk}/")
    page.keyboard.press("x")
    expect(page.locator("[name=reason][value=thanks]")).to_be_checked()


def test_a_pointer_that_rests_holds_the_list_only_for_a_moment(company, sign_in):
    written(company, by="dana")
    page = sign_in(company.alice)
    page.locator(".desk-row").click()
    written(company, by="eva")
    expect(page.locator("#new-rows")).to_be_visible()
    expect(page.locator(".desk-row")).to_have_count(2, timeout=15000)
    expect(page.locator("#new-rows")).to_be_hidden()
