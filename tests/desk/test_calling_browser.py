"""The telephone in a real browser: who calls rings, H calls back, a note is kept, a message is heard and sought."""

import struct
import time

import pytest
from playwright.sync_api import expect

from netcenter.cases.models import Case, Message, Note
from netcenter.people.models import Person
from netcenter.street.networks.twilio import TwilioVoice
from tests.browser import PHONE, complaints, no_violations
from tests.desk.screens import available, company, house, picture, ring_of, rows_beside_playwright, sign_in, wait_for
from tests.desk.test_calling import ALICE, Line

__all__ = ["company", "house", "rows_beside_playwright", "sign_in"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
SECONDS = 20
RATE = 8000
SOUND = (
    b"RIFF" + struct.pack("<I", 36 + SECONDS * RATE) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, RATE, RATE, 1, 8)
    + b"data" + struct.pack("<I", SECONDS * RATE) + bytes([128]) * SECONDS * RATE
)  # fmt: skip


@pytest.fixture
def line(company, settings):
    settings.ALLOW_PRIVATE_HTTP = True
    Person.objects.filter(pk=company.alice.pk).update(telephone=ALICE)
    company.alice.refresh_from_db()
    with TwilioVoice(time.time) as network:
        yield Line(company, network, time.time, wait_seconds=0)


def test_who_calls_rings_is_called_back_by_h_and_noted_afterwards(company, line, house, sign_in):
    available(company.alice)
    page = sign_in(company.alice)
    errors = complaints(page)
    call = line.network.rings(line.dana)
    line.network.hangs_up(call)
    line.work()
    expect(ring_of(page)).to_contain_text(line.dana.phone)
    expect(ring_of(page)).to_contain_text("Llamada perdida")
    no_violations(page)
    picture(page, "call-missed")
    page.keyboard.press("a")
    expect(page.locator("#head")).to_contain_text(line.dana.phone)
    page.keyboard.press("h")
    handset = wait_for(lambda: (line.work(), line.network.ringing(ALICE))[1])[0]
    line.network.picks_up(handset)
    line.network.presses(handset, "5")
    (leg,) = line.network.ringing(line.dana.phone)
    line.network.picks_up(leg)
    line.work()
    expect(page.locator("#head")).to_contain_text("Al teléfono ahora")
    picture(page, "call-back")
    line.network.hangs_up(leg)
    line.work()
    note = page.locator(".call-note textarea")
    expect(note).to_be_visible()
    no_violations(page)
    note.fill("Quiere tres barras el lunes")
    page.locator("#head").get_by_role("button", name="Guardar la nota").click()
    expect(note).to_have_count(0)
    expect(page.locator("#story")).to_contain_text("Quiere tres barras el lunes")
    assert Note.objects.get().text == "Quiere tres barras el lunes" and errors == []


def test_a_message_after_the_tone_is_heard_and_sought_on_a_telephone(company, line, house, sign_in):
    call = line.network.rings(line.dana)
    line.network.does_nothing(call)
    line.network.speaks(call, SOUND, SECONDS)
    wait_for(lambda: (line.work(), Message.objects.filter(attachments__blob__gt=""))[1])
    page = sign_in(company.alice, f"/desk/case/{Case.objects.get().pk}/", **PHONE)
    errors = complaints(page)
    audio = page.locator("audio")
    expect(audio).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    no_violations(page)
    heard = audio.evaluate("""async (one) => {
      const once = (name) => new Promise((done) => one.addEventListener(name, done, {once: true}));
      if (one.readyState < 1) await once("loadedmetadata");
      one.currentTime = 15;
      await once("seeked");
      return [Math.round(one.duration), one.currentTime, one.seekable.length && one.seekable.end(0) > 15];
    }""")
    assert heard == [SECONDS, 15, True] and errors == []
