"""Writing in a real browser: what is kept, and that no word goes where its writer did not mean it to."""

import pytest
from playwright.sync_api import expect

from netcenter.cases.models import Draft, Mention, Message, Note
from netcenter.lib import clock
from netcenter.protocols.models import CannedAnswer
from tests.browser import Slow, until
from tests.desk.screens import available, company, house, ring_of, rows_beside_playwright, sign_in, written

__all__ = ["company", "house", "rows_beside_playwright", "sign_in"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]


def sent() -> list[str]:
    return list(Message.objects.filter(direction="out").order_by("id").values_list("text", flat=True))


def test_a_draft_survives_a_reload_and_a_live_message(company, sign_in):
    case = written(company)
    page = sign_in(company.alice, f"/desk/case/{case.pk}/")
    page.keyboard.press("r")
    page.keyboard.type("Hola Dana, enseguida")
    company.deliver(company.said("¿Hay alguien?", at=clock.now(), id="second"))
    expect(page.locator(".turn-theirs")).to_have_count(2)
    expect(page.locator("#words")).to_have_value("Hola Dana, enseguida")
    expect(page.locator("#words")).to_be_focused()
    assert page.locator("#seen").get_attribute("value") == str(Message.objects.latest("id").pk)
    page.reload()
    expect(page.locator("#words")).to_have_value("Hola Dana, enseguida")


def test_kept_answers_files_and_notes(company, sign_in, tmp_path):
    CannedAnswer.objects.create(name="Saludo", shortcut="hola", texts={"es": "Hola, {{customer.first_name}}."})
    case = written(company)
    page = sign_in(company.alice, f"/desk/case/{case.pk}/")
    page.keyboard.press("r")
    page.keyboard.type("/ho")
    expect(page.locator("#choices li")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#words")).to_have_value("Hola, Dana.")
    picture = tmp_path / "pan.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 90)
    page.set_input_files("#files", picture)
    expect(page.locator("#composer-files")).to_contain_text("pan.png")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".turn-ours .thumb")).to_have_count(1)
    expect(page.locator("#composer-files li")).to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.keyboard.type("@bo")
    page.keyboard.press("Enter")
    page.keyboard.type("ya respondí")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".turn-note")).to_contain_text("@Bob ya respondí")
    assert Mention.objects.get().person == company.bob


def test_a_blocked_answer_needs_a_reason(company, sign_in):
    case = written(company)
    page = sign_in(company.alice, f"/desk/case/{case.pk}/")
    page.keyboard.press("r")
    page.keyboard.type("Hola {{customer.first_name}}")
    expect(page.locator(".finding")).to_have_count(1)
    page.keyboard.press("Control+Shift+Enter")
    page.locator("#overrule-why").fill("así lo pidió")
    page.keyboard.press("Enter")
    expect(page.locator(".turn-ours")).to_contain_text("{{customer.first_name}}")


def test_a_note_written_while_the_answer_is_slow_never_reaches_the_customer(company, sign_in):
    case = written(company)
    page = sign_in(company.alice, f"/desk/case/{case.pk}/")
    slow, words = Slow(page, "/reply/"), page.locator("#words")
    page.keyboard.press("r")
    page.keyboard.type("Sí, de 8 a 13.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#send-words")).to_have_text("Enviando")
    page.keyboard.type(" Es insoportable.")
    page.keyboard.press("Control+Enter")
    expect(words).to_have_value("Sí, de 8 a 13.")
    page.keyboard.press("Escape")
    expect(words).not_to_be_focused()
    slow.wait()
    slow.let()
    expect(words).to_have_value("")
    expect(words).not_to_be_focused()
    page.keyboard.press("n")
    page.keyboard.type("Es insoportable")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".turn-note")).to_contain_text("Es insoportable")
    assert sent() == ["Sí, de 8 a 13."]


def test_who_goes_on_to_a_note_before_the_answer_is_away_stays_in_the_note(company, sign_in):
    case = written(company)
    page = sign_in(company.alice, f"/desk/case/{case.pk}/")
    slow, words = Slow(page, "/reply/"), page.locator("#words")
    page.keyboard.press("r")
    page.keyboard.type("Sí, de 8 a 13.")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.keyboard.type("Es ")
    slow.let()
    expect(words).to_be_editable()
    expect(words).to_be_focused()
    page.keyboard.type("insoportable")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".turn-note")).to_contain_text("insoportable")
    assert sent() == ["Sí, de 8 a 13."]


def test_after_a_note_nothing_is_written_to_the_customer_until_one_says_so(company, sign_in):
    case = written(company)
    page = sign_in(company.alice, f"/desk/case/{case.pk}/")
    slow, words = Slow(page, "/note/"), page.locator("#words")
    page.keyboard.press("n")
    page.keyboard.type("Es insoportable")
    page.keyboard.press("Control+Enter")
    slow.let()
    expect(page.get_by_role("radio", name="Responder")).to_be_checked()
    expect(words).not_to_be_focused()
    page.keyboard.type("n")
    page.keyboard.type("De verdad")
    page.keyboard.press("Control+Enter")
    slow.let()
    expect(page.locator(".turn-note")).to_have_count(2)
    assert sent() == [] and Note.objects.count() == 2


def test_a_draft_of_a_note_stays_a_note(company, sign_in):
    case = written(company)
    page = sign_in(company.alice, f"/desk/case/{case.pk}/")
    page.keyboard.press("n")
    page.keyboard.type("Es insop")
    page.reload()
    expect(page.locator("#words")).to_have_value("Es insop")
    expect(page.get_by_role("radio", name="Nota")).to_be_checked()
    until(page, lambda: Draft.objects.filter(text="Es insop", is_note=True).exists())
    telephone = sign_in(company.alice, f"/desk/case/{case.pk}/")
    expect(telephone.get_by_role("radio", name="Nota")).to_be_checked()
    telephone.keyboard.press("n")
    telephone.keyboard.type("ortable")
    expect(telephone.locator("#words")).to_have_value("Es insoportable")


def test_a_draft_that_was_kept_while_its_page_was_on_the_way_is_not_lost(company, sign_in):
    case = written(company)
    page = sign_in(company.alice, f"/desk/case/{case.pk}/")
    page.keyboard.press("r")
    page.keyboard.type("Hola Dana")
    until(page, lambda: Draft.objects.filter(text="Hola Dana").exists())
    until(page, lambda: page.evaluate("Object.keys(localStorage).every((key) => !key.startsWith('netcenter-draft'))"))
    Draft.objects.all().delete()  # as in a page that was made a moment earlier
    page.reload()
    expect(page.locator("#words")).to_have_value("Hola Dana")


def test_choices_that_come_too_late_do_not_open(company, sign_in):
    CannedAnswer.objects.create(name="Saludo", shortcut="hola", texts={"es": "Hola."})
    case = written(company)
    page = sign_in(company.alice, f"/desk/case/{case.pk}/")
    slow = Slow(page, "/answers/")
    page.keyboard.press("r")
    page.keyboard.type("/")
    slow.wait()
    page.keyboard.press("Backspace")
    page.keyboard.type("Sí.")
    slow.end()
    expect(page.locator("#choices")).to_be_hidden()
    page.keyboard.type(" /")
    expect(page.locator("#choices li")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#choices")).to_be_hidden()
    expect(page.locator("#words")).not_to_be_focused()


def test_a_send_that_fails_gives_the_words_back_to_their_own_case(company, sign_in):
    danas, evas = written(company), written(company, "¿Hacen tortas?", by="eva")
    page = sign_in(company.alice, f"/desk/case/{danas.pk}/")
    slow = Slow(page, "/reply/", asks=False)
    page.keyboard.press("r")
    page.keyboard.type("Sí, de 8 a 13.")
    page.keyboard.press("Control+Enter")
    page.locator(f"#lists a[href$='/case/{evas.pk}/']").click()
    expect(page.locator(".case h1")).to_have_text("Eva")
    expect(page.locator("#words")).not_to_be_focused()
    page.keyboard.press("r")
    page.keyboard.type("Hola Eva")
    slow.lose()
    expect(page.locator("#flash")).to_contain_text("No se envió")
    expect(page.locator("#words")).to_have_value("Hola Eva")
    page.locator(f"#lists a[href$='/case/{danas.pk}/']").click()
    expect(page.locator("#words")).to_have_value("Sí, de 8 a 13.")
    assert sent() == []


def test_a_case_that_is_drawn_again_leaves_its_writer_alone(company, sign_in):
    case = written(company)
    page = sign_in(company.alice, f"/desk/case/{case.pk}/")
    slow, words = Slow(page, f"/desk/case/{case.pk}/"), page.locator("#words")
    page.keyboard.press("t")
    page.keyboard.press("r")
    page.keyboard.type("De 8 ")
    slow.wait()
    page.keyboard.type("a 13")
    page.keyboard.press("ArrowLeft")
    slow.let()
    expect(page.get_by_role("button", name="Tomar")).to_have_count(0)
    page.keyboard.type("1")
    expect(words).to_have_value("De 8 a 113")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".turn-ours")).to_contain_text("De 8 a 113")


def test_a_ring_takes_no_key_from_a_word(company, sign_in):
    case = written(company)
    page = sign_in(company.alice, f"/desk/case/{case.pk}/")
    page.keyboard.press("t")
    page.keyboard.press("r")
    page.keyboard.type("De ")
    written(company, "¿Hacen tortas?", by="eva")
    available(company.alice)
    expect(ring_of(page)).to_be_visible()
    page.keyboard.type("8 a 13 ad")
    expect(page.locator("#words")).to_have_value("De 8 a 13 ad")
    expect(ring_of(page)).to_be_visible()
    page.keyboard.press("Alt+a")
    expect(page.locator(".case h1")).to_have_text("Eva")
    expect(page.locator("#words")).not_to_be_focused()
    assert sent() == []


def test_one_click_mends_what_the_guard_found_and_can_be_undone(company, sign_in):
    case = written(company, "Otra vez sin pan, una vergüenza")
    page = sign_in(company.alice, f"/desk/case/{case.pk}/")
    page.keyboard.press("r")
    page.keyboard.type("Hola 😊\nCálmese, por favor. Hoy a las 18 hay pan.")
    line = page.locator(".finding[data-rule=calm_down]")
    expect(line).to_be_visible()
    expect(page.locator("#marks mark[data-severity=block]")).to_have_text("Cálmese, por favor.")
    line.locator(".finding-fix").click()
    words = page.locator("#words")
    expect(words).to_have_value("Hola 😊\nEntendemos su molestia. Hoy a las 18 hay pan.")
    expect(words).to_be_focused()
    expect(line).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(words).to_have_value("Hola 😊\nCálmese, por favor. Hoy a las 18 hay pan.")
    expect(line).to_be_visible()
