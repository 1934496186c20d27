"""Under a post, in the browser: answered in public, in private and both, hidden after a second look; its account.

Facebook is the street's own; with NETCENTER_SCREENS=<folder> the picture of the documentation is taken on the way.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from netcenter.cases.models import Message
from netcenter.lib import clock
from netcenter.outbox.models import Deed
from netcenter.people.models import Person
from tests.browser import PHONE, complaints, no_violations, until
from tests.desk.screens import available, company, picture, ring_of, rows_beside_playwright, sign_in
from tests.journeys.customers import OnFacebook
from tests.journeys.house import house, travel

__all__ = ["company", "house", "rows_beside_playwright", "sign_in", "travel"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]


@pytest.fixture
def facebook(company, house) -> Iterator[tuple[OnFacebook, object]]:
    customer = OnFacebook(lambda: clock.now().timestamp())
    with customer.lives():
        account = customer.connected(company.brand, clock.now())
        customer.opens(f"{house}/hooks/{account.key}")
        yield customer, account


def sent(page: Page, way: int, words: str) -> Message:
    """Answered in the way that stands there at this place."""
    page.locator("select[name=thread]").select_option(index=way)
    page.locator("#words").fill(words)
    page.locator("#words").press("Control+Enter")
    expect(page.locator(".turn-ours").filter(has_text=words).locator(".turn-state[data-state=sent]")).to_have_count(1)
    return Message.objects.get(direction="out", text=words)


def test_under_a_post_it_is_answered_in_each_way_and_hidden_after_a_second_look(company, sign_in, travel, facebook):
    customer, _account = facebook
    alice, charlie = sign_in(company.alice), sign_in(company.charlie)
    errors = [complaints(alice), complaints(charlie)]
    available(company.alice)
    customer.says("La torta llegó aplastada y nadie contesta, es una vergüenza")
    expect(ring_of(alice)).to_be_visible()
    alice.keyboard.press("a")
    expect(alice.locator(".post-card")).to_be_visible()
    ways = alice.locator("select[name=thread] option")
    expect(ways).to_have_count(3)
    for n, (place, way) in enumerate(
        (("public", "Público"), ("private", "en privado"), ("private", "y decirlo en público"))
    ):
        expect(ways.nth(n)).to_have_attribute("data-place", place)
        expect(ways.nth(n)).to_contain_text(way)
    picture(alice, "public-thread")
    no_violations(alice, ".case-middle")
    said = alice.locator(".where-then")
    expect(said).to_be_hidden()
    alice.locator("select[name=thread]").select_option(index=2)
    expect(said).to_contain_text("Le hemos enviado un mensaje privado")  # what everybody will read is shown before
    alice.locator("select[name=thread]").select_option(index=1)
    expect(said).to_be_hidden()
    expect(alice.locator("#reply")).to_have_attribute("data-place", "private")
    alice.locator("select[name=thread]").select_option(index=0)
    expect(alice.locator("#reply")).to_have_attribute("data-place", "public")
    in_public = sent(alice, 0, "Lo sentimos mucho, Dana: ya lo miramos.")
    assert in_public.thread.place == "public"

    travel.shift(2)
    customer.last = customer.town.posts[0]
    customer.says("Sigo esperando, son unos inútiles")
    expect(alice.locator(".turn-theirs")).to_have_count(2)
    expect(ways).to_have_count(3)
    both = sent(alice, 2, "Le escribimos por aquí con el detalle, Dana.")
    picture(alice, "public-both")
    assert both.extra["way"] == "private_reply"
    ours = alice.locator(".turn-ours")
    expect(ours.filter(has_text="ya lo miramos").get_by_role("button", name="Eliminar")).to_be_visible()
    expect(ours.filter(has_text="con el detalle").get_by_role("button")).to_have_count(0)  # nobody unsends a message
    truth = customer.network.truth.answers.values()
    until(alice, lambda: any("mensaje privado" in one.text for one in truth))  # and it was said in public

    rude = alice.locator(".turn-theirs").last
    rude.get_by_role("button", name="Ocultar").press("Enter")
    expect(alice.locator("#deed-reason")).to_be_focused()
    expect(alice.locator("#dialog")).to_contain_text("Aquí alguien se queja")
    picture(alice, "public-hide")
    alice.keyboard.type("Insulta a quien atiende")
    alice.keyboard.press("Control+Enter")
    expect(alice.locator("[data-deed=asked]")).to_contain_text("Insulta a quien atiende")
    expect(charlie.locator(".desk-approve")).to_be_visible()
    charlie.keyboard.press("g")
    charlie.keyboard.press("a")
    expect(charlie.locator("#dialog .approval")).to_contain_text("son unos inútiles")
    picture(charlie, "public-second-look")
    charlie.locator("#dialog").get_by_role("button", name="De acuerdo").click()
    until(alice, lambda: Deed.objects.get().state == "done")
    expect(rude).to_contain_text("Lo ocultamos allí")
    picture(alice, "public-hidden")
    assert next(one for one in customer.network.truth.told.values() if "inútiles" in one.text).hidden_at is not None
    assert errors == [[], []]


@pytest.mark.parametrize("screen", [{}, {**PHONE, "color_scheme": "dark"}])
def test_the_page_of_an_account_says_how_it_stands(company, sign_in, travel, facebook, screen):
    customer, account = facebook
    customer.says("¿Abren mañana?")
    page = sign_in(company.alice)
    until(page, lambda: Message.objects.filter(account=account).exists())
    Person.objects.filter(pk=company.charlie.pk).update(role="administrator")
    page = sign_in(Person.objects.get(pk=company.charlie.pk), **screen)
    page.goto(page.url.split("/desk")[0] + f"/settings/accounts/{account.pk}/")
    state = page.locator(".account-state")
    for words in ("Última noticia", "Permisos", "Nada perdido"):
        expect(state).to_contain_text(words)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    no_violations(page, ".account-state")
    picture(page, "account-phone" if screen else "account-page", full_page=True)
    page.get_by_role("button", name="Pausar").click()
    page.locator("#pause").get_by_role("button", name="Pausar").click()
    expect(page.locator(".health")).to_contain_text("pausa")
    account.refresh_from_db()
    assert not account.enabled
