"""The page of a menu: saved in order, told what is wrong before a customer sees it, previewed as they would."""

import pytest
from django.urls import reverse

from netcenter.accounts.actions import connect
from netcenter.events.models import Event
from netcenter.people.models import PersonSkill, Skill
from netcenter.routing.menus import MENUS
from netcenter.routing.models import Menu
from tests.company import NOON


@pytest.fixture(autouse=True)
def forgetful():
    yield
    MENUS.forget()


@pytest.fixture
def billing(company):
    made = Skill.objects.create(code="billing", name="Facturas")
    PersonSkill.objects.create(person=company.alice, skill=made, level=2)
    return made


def filled(billing, **more):
    return {
        "is_on": "on", "patience": "60", "question_es": "¿Sobre qué es?", "question_en": "What is it about?",
        "line0_es": "Facturación", "line0_en": "Billing", "line0_skill": billing.pk, "line0_level": "2",
        "line0_position": "2", "line1_es": "Otra cosa", "line1_position": "1", **more,
    }  # fmt: skip


def path(account, name="menu"):
    return reverse(f"setup:{name}", args=[account.pk])


def test_a_menu_is_saved_in_its_order_and_may_be_changed(supervisor, company, billing):
    assert supervisor.post(path(company.chat), filled(billing)).status_code == 302
    menu = Menu.objects.get(account=company.chat)
    first, second = menu.choices.all()
    assert menu.is_on and menu.patience_seconds == 60 and menu.question["en"] == "What is it about?"
    assert (first.labels, first.skill) == ({"es": "Otra cosa"}, None)
    assert (second.labels["en"], second.skill, second.level) == ("Billing", billing, 2)
    assert Event.objects.get(kind="account.menu_changed").data == {"account": company.chat.pk, "on": True}
    html = supervisor.get(path(company.chat)).content.decode()
    assert "Otra cosa" in html and f'value="{second.pk}"' in html
    kept = {"line0_pk": second.pk, "line0_position": "1", "line1_pk": first.pk, "line1_position": "2", "is_on": ""}
    assert supervisor.post(path(company.chat), filled(billing, **kept)).status_code == 302
    assert [c.pk for c in menu.choices.all()] == [second.pk, first.pk]
    menu.refresh_from_db()
    assert not menu.is_on


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"question_es": ""}, "Escriba la pregunta en el idioma de la marca."),
        ({"line1_es": ""}, "Un menú necesita dos líneas o más."),
        ({"line1_es": "", "line1_en": "Something else"}, "también en el idioma de la marca"),
        ({"line1_es": "FACTURACION"}, "Otra línea dice lo mismo."),
        ({"line1_es": "Dos"}, "como el número de una línea"),
        ({"line1_es": "x" * 41}, "field-error"),
        ({"patience": "7"}, "field-error"),
        ({"line0_skill": "999"}, "field-error"),
    ],
)
def test_what_a_customer_could_not_choose_is_told_and_not_saved(supervisor, company, billing, change, told):
    answer = supervisor.post(path(company.chat), filled(billing, **change))
    assert answer.status_code == 422 and told in answer.content.decode()
    assert not Menu.objects.exists()


def test_what_is_switched_off_may_be_unfinished(supervisor, company, billing):
    values = filled(billing, line1_es="", is_on="")
    assert supervisor.post(path(company.chat), values).status_code == 302
    assert Menu.objects.get().choices.count() == 1


def test_it_begins_with_the_skills_that_there_are(supervisor, company, billing):
    html = supervisor.get(path(company.chat)).content.decode()
    assert 'value="Facturas"' in html and "Something else" in html and "Outra coisa" in html


def test_the_preview_shows_buttons_and_what_follows(supervisor, company, billing):
    html = supervisor.post(path(company.chat, "menu_preview"), filled(billing)).content.decode()
    assert html.index("<span>Otra cosa</span>") < html.index("<span>Facturación</span>")
    assert "suena después de 1 min" in html and "notice" not in html
    html = supervisor.post(path(company.chat, "menu_preview"), filled(billing, preview_language="en")).content.decode()
    assert "What is it about?" in html and "<span>Billing</span>" in html and "<span>Otra cosa</span>" in html


def test_the_preview_of_a_mailbox_is_a_mail_with_numbers(supervisor, company, billing):
    mail = connect(company.brand, "email", "Mail", "care@aurora.example", {}, NOON, "system")
    html = supervisor.post(path(mail, "menu_preview"), filled(billing)).content.decode()
    assert "1. Otra cosa\n2. Facturación" in html and "automática" in html


def test_the_preview_warns_of_what_nobody_knows_and_of_what_makes_no_difference(supervisor, company, billing):
    PersonSkill.objects.filter(skill=billing).delete()
    html = supervisor.post(path(company.chat, "menu_preview"), filled(billing)).content.decode()
    assert "Nadie que responda por esta marca sabe de: Facturas" in html
    assert "sonaría a las mismas personas" in html


def test_the_list_tells_which_accounts_ask(supervisor, company, billing):
    supervisor.post(path(company.chat), filled(billing))
    html = supervisor.get(reverse("setup:menus")).content.decode()
    assert "Activado" in html and "Desactivado" in html and "¿Sobre qué es?" in html
