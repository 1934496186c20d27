"""The settings and the boards in a real browser: what moves, what axe finds, what a phone shows."""

from collections.abc import Callable, Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from netcenter.accounts.models import Account, Organisation
from netcenter.cases.models import Case
from netcenter.lib import clock
from netcenter.people.models import Desk, Person, Skill, Team
from netcenter.routing.actions import take
from netcenter.routing.presence import set_state
from netcenter.standards.models import Calendar
from tests.browser import PHONE, complaints, no_violations, patient
from tests.company import Company, found
from tests.serving import cookie_of, served

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

Open = Callable[..., Page]
PATHS = ["/ledger/", "/ledger/waiting/", "/ledger/unreadable/", "/ledger/dead-letters/", "/team/", "/wallboard/",
         "/settings/profile/", "/settings/accounts/", "/settings/people/", "/settings/standards/",
         "/settings/people/new/", "/settings/brands/new/", "/settings/accounts/new/email/", "/settings/answers/new/",
         "/settings/calendars/new/"]  # fmt: skip


@pytest.fixture(autouse=True)
def rows_beside_playwright(monkeypatch: pytest.MonkeyPatch) -> None:
    """Playwright keeps an event loop in this thread, in which Django would refuse to read rows."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture
def company(transactional_db: None) -> Company:
    made = found()
    Person.objects.update(language="en")
    Person.objects.filter(pk=made.charlie.pk).update(role=Person.Role.ADMINISTRATOR)
    return made


@pytest.fixture
def open_page(chromium: Browser, company: Company) -> Iterator[Open]:
    """`open_page(path)`: the page as Charlie sees it."""
    contexts = []
    with served([]) as house:

        def at(path: str, **more) -> Page:
            context = patient(chromium, **({"locale": "en-GB", "viewport": {"width": 1440, "height": 900}} | more))
            name, _, value = cookie_of(company.charlie).partition("=")
            context.add_cookies([{"name": name, "value": value, "url": house}])
            contexts.append(context)
            page = context.new_page()
            page.goto(house + path)
            return page

        yield at
        for context in contexts:
            context.close()


@pytest.mark.parametrize("look", [{}, {"color_scheme": "dark"}, PHONE], ids=["light", "dark", "phone"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(company, open_page, look):
    company.deliver(company.said("La torta llegó aplastada", at=clock.now()))
    take(Case.objects.get().pk, company.alice, clock.now())
    page = open_page(PATHS[0], **look)
    errors = complaints(page)
    for path in PATHS:
        page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/", 3)[2] + path)
        no_violations(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert errors == []


def test_yesterdays_figures_fit_a_telephone_in_long_words(company, open_page):
    Person.objects.filter(pk=company.charlie.pk).update(language="es")
    company.deliver(company.said("¿Abren hoy?", at=clock.now()))
    page = open_page(reverse("setup:queue", args=[company.brand.pk]), **PHONE)
    expect(page.locator("#queue-replay table")).to_contain_text("Nueve de cada diez")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_a_select_of_the_capacity_says_is_not_cut_on_a_telephone(company, open_page):
    Person.objects.filter(pk=company.charlie.pk).update(language="es")
    page = open_page(reverse("setup:capacity", args=[company.alice.pk]), **PHONE)
    cut = """(all) => all.filter((one) => {
      const shown = one.offsetWidth;
      one.style.width = "max-content";
      return one.offsetWidth > shown;
    }).length"""
    assert page.locator(".level-row").count() > 1
    assert page.locator(".level-row select").evaluate_all(cut) == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_on_a_telephone_the_sections_begin_where_one_is(open_page):
    page = open_page("/settings/answers/", **PHONE)
    expect(page.locator(".page-nav [aria-current]")).to_be_in_viewport(ratio=1)


def test_what_a_change_means_is_said_before_it_is_saved(company, open_page):
    nobody = Team.objects.create(name="Nobody")
    page = open_page(reverse("setup:queue", args=[company.brand.pk]))
    expect(page.locator("#consequences")).to_contain_text("3 people are rung")
    page.locator("#id_team").select_option(str(nobody.pk))
    expect(page.locator("#consequences")).to_contain_text("nobody would be rung")


def test_a_connection_is_tested_line_by_line(company, open_page):
    page = open_page(reverse("setup:account", args=[company.chat.pk]))
    page.keyboard.press("t")
    expect(page.locator("#checks")).to_contain_text("Everything works.")
    expect(page.locator("#checks progress")).to_be_hidden()


def test_what_is_wrong_gets_the_focus_also_after_skipping_to_the_content(company, open_page):
    page = open_page("/settings/accounts/new/mastodon/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the address names the content from now on
    page.locator("#id_base_url").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#id_name")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#id_name")).to_be_focused()
    page.keyboard.type("Mastodon")
    page.locator("#id_base_url").focus()
    page.keyboard.type("https://127.0.0.1:9")
    page.keyboard.press("Enter")
    expect(page.locator(".notice[role=alert]")).to_be_focused()


def test_why_nothing_was_connected_stays_on_the_page(company, open_page):
    page = open_page("/settings/accounts/new/")
    page.goto(page.url.replace("/new/", "/back/") + "?state=none")
    expect(page.locator("main .notice[role=alert]")).to_be_focused()
    expect(page.locator("#flash")).to_be_empty()


def test_a_made_up_secret_is_copied_and_gone_with_the_next_look(company, open_page):
    page = open_page(reverse("setup:account", args=[company.api.pk]), permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Make a new one").click()
    once = page.locator(".once")
    once.get_by_role("button", name="Copy").click()
    secret = page.evaluate("navigator.clipboard.readText()")
    assert len(secret) > 30
    page.reload()
    expect(once).to_have_count(0)
    assert secret not in page.content()


def test_a_canned_answer_is_read_as_the_customer_would(company, open_page):
    page = open_page(reverse("setup:answer_add"))
    page.get_by_label("Español").fill("Hola ")
    page.get_by_text("Variables that are filled").click()
    page.get_by_role("button", name="{{customer.first_name}}").click()
    expect(page.locator("#preview")).to_contain_text("Hola Dana")


def test_closed_days_follow_the_country(company, open_page):
    page = open_page(reverse("setup:calendar", args=[Calendar.objects.create(name="Office").pk]))
    page.get_by_label("Public holidays of").select_option("BR")
    expect(page.locator("#ahead")).to_contain_text("Christmas")


def test_around_the_clock_has_no_hours_to_write(company, open_page):
    page = open_page(reverse("setup:calendar_add"))
    expect(page.get_by_label("Monday")).to_be_visible()
    page.get_by_label("Around the clock").check()
    expect(page.get_by_label("Monday")).to_be_hidden()


def test_the_team_is_fresh_without_reloading(company, open_page):
    page = open_page("/team/")
    expect(page.locator("html")).to_have_attribute("data-live", "on")
    set_state(company.bob, Desk.State.AVAILABLE, clock.now(), company.bob)
    expect(page.locator(".seat").first).to_contain_text("Bob")
    expect(page.locator(".seat").first).to_contain_text("Available")


def test_the_ledger_is_fresh_without_reloading_and_counts_afresh_on_a_key(company, open_page):
    page = open_page("/ledger/")
    expect(page.locator("html")).to_have_attribute("data-live", "on")
    company.deliver(company.said("Hola", at=clock.now()))
    expect(page.locator(".equation")).to_contain_text("1 waiting")
    page.keyboard.press("c")
    expect(page.locator("#audit")).to_contain_text("all 1 messages are where the entries say")


def test_the_first_run_knows_where_one_is(chromium, transactional_db):
    with served([]) as house:
        context = patient(chromium, locale="pt-BR", timezone_id="America/Buenos_Aires")
        page = context.new_page()
        page.goto(house)
        expect(page.get_by_label("Fuso horário")).to_have_value("America/Argentina/Buenos_Aires")
        expect(page.get_by_label("País")).to_have_value("AR")
        no_violations(page)
        page.get_by_label("Nome da sua organização").fill("Aurora")
        page.get_by_label("Seu nome").fill("Carla Duarte")
        page.get_by_label("Seu e-mail").fill("carla@example.com")
        page.get_by_label("Senha", exact=True).fill("uma frase bem comprida")
        page.get_by_role("button", name="Começar").click()
        page.wait_for_url("**/settings/accounts/new/")
        expect(page.get_by_role("main")).to_contain_text("Onde os clientes escrevem para você?")
        context.close()
    assert Organisation.objects.get().timezone == "America/Argentina/Buenos_Aires"
    assert Skill.objects.count() == 3 and not Account.objects.exists()
