"""A first choice: asked once where it helps, heard when it comes, and never in the way of who ignores it."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from netcenter.cases import ledger
from netcenter.cases.models import Case, Message
from netcenter.channels.api.channel import Api
from netcenter.channels.contract import Raw
from netcenter.courtesy import menus as courtesy
from netcenter.events.models import Event
from netcenter.flow import answer, take_in
from netcenter.intake.actions import store
from netcenter.lib import clock
from netcenter.outbox.actions import Reply
from netcenter.outbox.dispatching import claim, outbound_of
from netcenter.people.models import PersonSkill, Skill
from netcenter.routing import actions as routing
from netcenter.routing.menus import MENUS, Line, MenuDetails, chosen_in, end_overdue, next_until, save_menu
from netcenter.routing.models import Menu, MenuAsked, MenuChoice, Need
from tests.company import NOON

pytestmark = pytest.mark.django_db
SOON = NOON + timedelta(seconds=10)
LATE = NOON + timedelta(seconds=90)
QUESTION = {"es": "¿Sobre qué es?", "en": "What is it about?", "pt": "Sobre o que é?"}


@pytest.fixture(autouse=True)
def forgetful():
    yield
    MENUS.forget()


@pytest.fixture
def skills(company):
    """Alice knows invoices well, Bob orders a little."""
    billing = Skill.objects.create(code="billing", name="Facturas")
    orders = Skill.objects.create(code="orders", name="Pedidos")
    PersonSkill.objects.create(person=company.alice, skill=billing, level=2)
    PersonSkill.objects.create(person=company.bob, skill=orders, level=1)
    return billing, orders


@pytest.fixture
def menu(company, skills):
    return with_menu(company.api, skills)


def with_menu(account, skills, *, is_on=True, levels=(2, 3)):
    billing, orders = skills
    lines = [
        Line(None, {"es": "Facturación", "en": "Billing", "pt": "Faturamento"}, billing.pk, levels[0]),
        Line(None, {"es": "Pedidos", "en": "Orders", "pt": "Pedidos"}, orders.pk, levels[1]),
        Line(None, {"es": "Otra cosa", "en": "Something else", "pt": "Outra coisa"}, None),
    ]
    made = save_menu(account, MenuDetails(is_on, QUESTION, 60, lines), NOON, "system")
    MENUS.forget()
    return made


def only_case():
    return Case.objects.get()


def menu_of(case):
    return MenuAsked.objects.select_related("message", "chosen").get(case=case)


def kinds(case):
    told = Event.objects.filter(case_id=case.pk, kind__startswith="menu.").order_by("id")
    return [e.kind + (".late" if e.data.get("late") else "") + f".{e.data.get('why', '')}".rstrip(".") for e in told]


def say(company, text, at=SOON, **more):
    company.deliver(company.said(text, at=at, author={"language": "es"}, **more))


def ask(company):
    say(company, "Hola, buenos días", at=NOON)
    return only_case()


# --- Asking ---------------------------------------------------------------------------------------


def test_the_first_words_are_asked_about_once_in_the_customers_language(company, menu):
    case = ask(company)
    asked = menu_of(case)
    assert asked.message.text == "¿Sobre qué es?" and asked.message.automatic == "menu"
    assert asked.until == NOON + timedelta(seconds=60) and asked.ended_at is None
    assert [c["label"] for c in asked.message.extra["choices"]] == ["Facturación", "Pedidos", "Otra cosa"]
    say(company, "Facturación")
    say(company, "Hola otra vez", at=LATE)
    assert Message.objects.filter(direction="out").count() == 1


def test_the_question_answers_nothing(company, menu):
    case = ask(company)
    case.refresh_from_db()
    assert case.waiting_since == NOON and case.last_operator is None and case.due_at is not None
    say(company, "1")
    assert Message.objects.filter(case=case, state="waiting").count() == 2
    equation = ledger.equation()
    assert equation.balances and equation.waiting == 2


def test_buttons_leave_with_the_question(company, menu):
    ask(company)
    (dispatch,) = claim(NOON, 10)
    outbound = outbound_of(dispatch)
    assert outbound.text == "¿Sobre qué es?" and outbound.automatic
    ids = [str(pk) for pk in MenuChoice.objects.order_by("position").values_list("pk", flat=True)]
    assert [(c.id, c.label) for c in outbound.choices] == [
        (ids[0], "Facturación"), (ids[1], "Pedidos"), (ids[2], "Otra cosa")]  # fmt: skip


def test_without_buttons_the_lines_are_numbered_and_it_says_what_it_is(company, menu, monkeypatch):
    monkeypatch.setattr(Api, "capabilities", replace(Api.capabilities, quick_replies=False))
    case = ask(company)
    (dispatch,) = claim(NOON, 10)
    outbound = outbound_of(dispatch)
    assert outbound.choices == ()
    assert "\n1. Facturación\n2. Pedidos\n3. Otra cosa\n" in outbound.text
    assert "automática" in outbound.text
    say(company, "2\n\nGracias, Dana")
    assert menu_of(case).chosen.position == 2


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("¡Riquísimo todo, felicitaciones, son los mejores!", {}),
        ("Muchas gracias", {}),
        ("Gana dinero con bitcoin en el casino", {}),
        ("Es urgente, mi hijo es alérgico y está en el hospital", {}),
        ("Hola", {"thread": "wall"}),
    ],
)
def test_some_are_never_asked(company, menu, text, more):
    said = company.said(text, author={"language": "es"})
    if more:
        said["thread"] = {"id": "wall", "place": "public"}
    company.deliver(said)
    assert not MenuAsked.objects.exists()


def test_a_case_that_goes_on_is_not_asked(company, skills):
    ask(company)
    assert not MenuAsked.objects.exists()
    with_menu(company.api, skills)
    say(company, "¿Hay alguien?")
    assert not MenuAsked.objects.exists()


def test_who_speaks_again_after_an_answer_is_not_asked(company, menu):
    case = ask(company)
    MenuAsked.objects.all().delete()
    answer(case, Reply("Buenas, dígame en qué ayudo", "k1", case.threads.get().pk, None), company.alice, SOON,
           close=True)  # fmt: skip
    say(company, "Otra pregunta", at=NOON + timedelta(days=2))
    assert Case.objects.count() == 1 and not MenuAsked.objects.exists()


def test_where_everybody_knows_everything_nobody_is_asked(company, skills, menu):
    for person in (company.alice, company.bob, company.charlie):
        for skill in skills:
            PersonSkill.objects.update_or_create(person=person, skill=skill, defaults={"level": 3})
    MENUS.forget()
    ask(company)
    assert not MenuAsked.objects.exists()


def test_several_lines_at_once_are_asked_about_once(company, menu):
    one, two = company.said("Hola", author={"language": "es"}, id="a"), company.said("Una consulta", id="b")
    store(company.api, [Raw(json.dumps(h).encode(), h["id"]) for h in (one, two)], None, NOON)
    take_in(NOON)
    assert MenuAsked.objects.count() == 1 and Message.objects.filter(direction="out").count() == 1


@pytest.mark.parametrize("is_on", [None, False])
def test_without_a_menu_nothing_is_asked_of_the_database(company, skills, is_on):
    if is_on is not None:
        with_menu(company.api, skills, is_on=is_on)
    say(company, "Hola", at=NOON)
    message = Message.objects.select_related("case", "thread").get()
    with CaptureQueriesContext(connection) as asked:
        courtesy.attend([message], NOON)
    assert len(asked) == 0
    assert not MenuAsked.objects.exists()


def test_in_a_flood_the_rest_simply_rings(company, menu, monkeypatch):
    monkeypatch.setattr("netcenter.routing.menus.MOST_AT_ONCE", 2)
    said = [company.said("Hola", by=f"dana{i}", author={"language": "es"}) for i in range(5)]
    store(company.api, [Raw(json.dumps(h).encode(), h["id"]) for h in said], None, NOON)
    take_in(NOON)
    assert Case.objects.count() == 5 and MenuAsked.objects.count() == 2


# --- Choosing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["1", "opción 1", "facturacion", "Uno, por favor"])
def test_a_choice_asks_for_its_skill(company, menu, skills, said):
    case = ask(company)
    say(company, said)
    need = Need.objects.get(case=case)
    assert (need.skill, need.level) == (skills[0], 2)
    asked = menu_of(case)
    assert asked.chosen.position == 1 and asked.ended_at == SOON
    assert chosen_in(case.pk) == "Facturación"
    assert kinds(case) == ["menu.asked", "menu.chosen"]


def test_a_pressed_button_is_heard_whatever_its_words(company, menu, skills):
    case = ask(company)
    second = MenuChoice.objects.get(position=2)
    say(company, "Bestellungen", choice=str(second.pk))
    need = Need.objects.get(case=case)
    assert need.skill == skills[1]
    assert need.level == 1  # level 3 is asked for, and nobody is better than Bob


def test_a_choice_without_a_skill_only_ends_the_wait(company, menu):
    case = ask(company)
    say(company, "otra cosa")
    assert menu_of(case).chosen.position == 3 and not Need.objects.exists()


def test_a_skill_that_nobody_has_is_not_asked_for(company, menu, skills):
    case = ask(company)
    PersonSkill.objects.filter(skill=skills[0]).delete()
    say(company, "1")
    assert menu_of(case).chosen.position == 1 and not Need.objects.exists()


def test_other_words_end_the_menu_and_are_simply_more_of_the_case(company, menu):
    case = ask(company)
    say(company, "Mi pedido no llegó")
    asked = menu_of(case)
    assert asked.ended_at == SOON and asked.chosen is None and not Need.objects.exists()
    assert kinds(case) == ["menu.asked", "menu.passed.wrote"]
    assert Message.objects.filter(case=case, state="waiting").count() == 2


def test_who_says_nothing_rings_when_the_patience_is_over(company, menu):
    case = ask(company)
    assert next_until() == NOON + timedelta(seconds=60)
    assert end_overdue(SOON) == 0
    assert end_overdue(LATE) == 1 and end_overdue(LATE) == 0
    assert kinds(case) == ["menu.asked", "menu.passed.patience"] and next_until() is None


def test_the_loop_ends_what_is_overdue_and_says_when_to_look_again(company, menu):
    ask(company)
    MenuAsked.objects.update(until=clock.now() - timedelta(seconds=1))
    assert courtesy.LOOPS[0].step() is None
    assert MenuAsked.objects.get().ended_at is not None
    MenuAsked.objects.update(until=clock.now() + timedelta(seconds=30), ended_at=None)
    assert 20 < courtesy.LOOPS[0].step() <= 30


def test_choosing_twice_keeps_the_first_and_shows_the_second(company, menu, skills):
    case = ask(company)
    say(company, "1")
    say(company, "2", at=SOON + timedelta(seconds=5))
    assert Need.objects.get(case=case).skill == skills[0]
    assert menu_of(case).chosen.position == 1
    assert kinds(case) == ["menu.asked", "menu.chosen", "menu.chosen.late"]


@pytest.mark.parametrize("is_ended", [False, True])
def test_a_late_choice_changes_nothing_and_is_shown(company, menu, is_ended):
    case = ask(company)
    if is_ended:
        end_overdue(LATE)
    say(company, "1", at=LATE)
    asked = menu_of(case)
    assert asked.chosen is None and asked.ended_at is not None and not Need.objects.exists()
    assert kinds(case)[-1] == "menu.chosen.late" and chosen_in(case.pk) == ""


def test_a_choice_while_it_rings_or_is_held_changes_nothing_and_is_shown(company, menu):
    case = ask(company)
    company.available(company.alice)
    routing.take(case.pk, company.alice, SOON)  # by hand: a supervisor's or operator's right, also before the patience
    say(company, "1", at=SOON + timedelta(seconds=1))
    assert not Need.objects.exists() and menu_of(case).chosen is None
    assert kinds(case) == ["menu.asked", "menu.chosen.late"]


def test_a_number_that_answers_the_operator_is_no_choice(company, menu):
    case = ask(company)
    answer(case, Reply("¿Cuántas tortas eran? Gracias", "k1", case.threads.get().pk, None), company.alice, SOON)
    end_overdue(LATE)
    say(company, "2", at=LATE)
    assert kinds(case) == ["menu.asked", "menu.passed.patience"]
    say(company, "Pedidos", at=LATE + timedelta(seconds=9), choice=str(MenuChoice.objects.get(position=2).pk))
    assert kinds(case)[-1] == "menu.chosen.late"


def test_an_address_that_a_visitor_leaves_is_no_answer(company, menu):
    case = ask(company)
    say(company, "Dana · dana@example.com", extra={"about": True})
    assert menu_of(case).ended_at is None


def test_words_elsewhere_end_the_menu_too(company, menu):
    case = ask(company)
    say(company, "¿Me leen?", thread="another")
    assert Case.objects.count() == 1 and menu_of(case).ended_at == SOON


def test_the_same_choice_delivered_twice_is_one(company, menu):
    case = ask(company)
    said = company.said("1", at=SOON, author={"language": "es"}, id="same")
    company.deliver(said)
    store(company.api, [Raw(json.dumps(said).encode(), "again")], None, SOON)
    take_in(SOON)
    assert kinds(case) == ["menu.asked", "menu.chosen"]


# --- Settings -------------------------------------------------------------------------------------


def test_a_line_that_stays_keeps_its_id_so_that_open_menus_go_on(company, menu, skills):
    case = ask(company)
    first, second, _third = MenuChoice.objects.order_by("position")
    lines = [Line(second.pk, {"es": "Envíos"}, skills[1].pk), Line(None, {"es": "Locales"}, None),
             Line(first.pk, first.labels, skills[0].pk)]  # fmt: skip
    save_menu(company.api, MenuDetails(True, QUESTION, 30, lines), NOON, "system")
    assert [c.pk for c in Menu.objects.get().choices.all()][0::2] == [second.pk, first.pk]
    say(company, "1")  # as it was shown: the first line then
    assert menu_of(case).chosen == first and Need.objects.get().skill == skills[0]


def test_a_choice_that_was_removed_meanwhile_asks_for_nothing(company, menu):
    case = ask(company)
    MenuChoice.objects.filter(position=1).delete()
    say(company, "1")
    assert menu_of(case).chosen is None and menu_of(case).ended_at == SOON and not Need.objects.exists()
    assert Event.objects.get(kind="menu.chosen").data["label"] == "Facturación"
