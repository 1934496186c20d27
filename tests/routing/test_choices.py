"""Reading a first choice, and deciding whether one is worth asking: tables, and whatever else people may write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcenter.lib.text import fold
from netcenter.routing.choices import (
    Opening,
    Option,
    Wanted,
    asks,
    in_language,
    is_number,
    is_useful,
    numbered,
    reachable,
    read_choice,
)

BILLING, ORDERS, ELSE = "11", "12", "13"
MENU = [Option(BILLING, "Facturación"), Option(ORDERS, "Pedidos y envíos"), Option(ELSE, "Otra cosa")]


@pytest.mark.parametrize(
    ("said", "chosen"),
    [
        ("1", BILLING), ("1.", BILLING), ("1)", BILLING), ("(1)", BILLING), ("#1", BILLING), (" 1 ", BILLING),
        ("01", BILLING), ("1️⃣", BILLING), ("①", BILLING), ("２", ORDERS), ("٣", ELSE),
        ("opción 1", BILLING), ("OPCION 1", BILLING), ("Opção 2", ORDERS), ("option 3", ELSE), ("número 2", ORDERS),
        ("la 1", BILLING), ("el 2", ORDERS), ("la opción 3", ELSE), ("the first", BILLING), ("quiero la 2", ORDERS),
        ("uno", BILLING), ("Una", BILLING), ("um", BILLING), ("one", BILLING), ("dos", ORDERS), ("duas", ORDERS),
        ("tres", ELSE), ("três", ELSE), ("three", ELSE), ("la primera", BILLING), ("2º", ORDERS), ("segundo", ORDERS),
        ("1, por favor", BILLING), ("2 gracias", ORDERS), ("one please", BILLING),
        ("Facturación", BILLING), ("facturacion", BILLING), ("FACTURACIÓN!", BILLING), ("pedidos y envios", ORDERS),
        ("Facturación, por favor", BILLING), ("1. Facturación", BILLING), ("2 - Pedidos y envíos", ORDERS),
        ("1\nMe cobraron dos veces", BILLING), ("\n\n  2\n\n> Ayer escribió:\n> 1. Facturación", ORDERS),
        # Something else that was said
        ("", ""), ("   \n ", ""), ("0", ""), ("4", ""), ("99", ""), ("-", ""), ("…", ""), ("cuatro", ""), ("no", ""),
        ("1 o 2", ""), ("1 2", ""), ("12", ""), ("1.5", ""), ("600111222", ""), ("1 Pedidos y envíos", ""),
        ("Hola", ""), ("Hola,\n1", ""), ("2 tortas", ""), ("uno de los panes vino crudo", ""), ("pedidos", ""),
        ("mi pedido 2 no llegó", ""), ("facturación de marzo", ""), ("la", ""), ("opción", ""), ("½", ""),
    ],
)  # fmt: skip
def test_it_reads_a_choice_and_nothing_else(said, chosen):
    assert read_choice(said, MENU) == chosen


def test_the_button_says_more_than_the_words():
    assert read_choice("whatever", MENU, ORDERS) == ORDERS
    assert read_choice("1", MENU, "999") == BILLING  # a button of something else: the words are read
    assert read_choice("Hola", MENU, "999") == ""


def test_two_lines_that_read_the_same_are_chosen_by_their_number_only():
    same = [Option("1", "Otro"), Option("2", "¡otro!")]
    assert read_choice("otro", same) == ""
    assert read_choice("2", same) == "2"


def test_a_label_counts_before_a_number():
    assert read_choice("dos", [Option("a", "Dos"), Option("b", "Uno")]) == "a"


@given(st.text(max_size=300), st.text(max_size=20))
def test_whatever_is_written_is_one_of_the_options_or_none(text, pressed):
    assert read_choice(text, MENU, pressed) in {"", BILLING, ORDERS, ELSE}


@given(st.lists(st.text("abcdeñáéÍÓÚç", min_size=1, max_size=8), min_size=1, max_size=6, unique_by=fold), st.data())
def test_every_label_and_every_number_chooses_its_line(labels, data):
    options = [Option(f"id{i}", label) for i, label in enumerate(labels)]
    at = data.draw(st.integers(0, len(labels) - 1))
    shouted = data.draw(st.sampled_from([str.upper, str.lower, fold, "¡{}!".format, "  {}, gracias".format]))
    assert read_choice(shouted(labels[at]), options) == f"id{at}"
    assert read_choice(f" {at + 1}.\nand more", options) == f"id{at}"


@pytest.mark.parametrize(
    ("label", "reads"), [("2", True), ("Dos", True), ("la 3", True), ("24 h", False), ("A", False)]
)
def test_a_label_that_is_a_number_is_noticed(label, reads):
    assert is_number(label) is reads


# --- Whether to ask -------------------------------------------------------------------------------


def opening(**changes):
    return Opening(**{"place": "private", "kind": "other", "urgency": "normal", "is_new": True, "is_taken": False}
                   | changes)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({}, True), ({"kind": "complaint"}, True), ({"kind": "question"}, True),
        ({"place": "public"}, False), ({"kind": "praise"}, False), ({"kind": "thanks"}, False),
        ({"kind": "spam"}, False), ({"kind": "not_for_us"}, False), ({"urgency": "high"}, False),
        ({"is_new": False}, False), ({"is_taken": True}, False),
    ],
)  # fmt: skip
def test_only_the_first_private_words_of_a_case_are_asked_about(changes, asked):
    assert asks(opening(**changes)) is asked


PAYS, BAKES = 1, 2


@pytest.mark.parametrize(
    ("people", "choices", "useful"),
    [
        ([{PAYS: 1}, {BAKES: 1}], [Wanted(PAYS), Wanted(BAKES)], True),
        ([{PAYS: 1}, {}], [Wanted(PAYS), Wanted(None)], True),
        ([{PAYS: 1, BAKES: 1}] * 2, [Wanted(PAYS), Wanted(BAKES), Wanted(None)], False),  # all know everything
        ([{PAYS: 1}, {PAYS: 3}], [Wanted(PAYS, 3), Wanted(None)], True),
        ([{PAYS: 1}, {PAYS: 1}], [Wanted(PAYS, 3), Wanted(None)], False),  # as well as anybody does
        ([{}, {}], [Wanted(PAYS), Wanted(BAKES)], False),  # nobody knows either: neither can be asked for
        ([{PAYS: 1}, {}], [Wanted(None), Wanted(None)], False),
        ([], [Wanted(PAYS), Wanted(None)], False),
        ([{PAYS: 1}, {}], [Wanted(PAYS)], False),  # one line is no choice
    ],
)
def test_a_menu_is_shown_only_where_the_answer_matters(people, choices, useful):
    assert is_useful(choices, people) is useful


def test_a_choice_never_asks_for_what_nobody_has():
    assert reachable(Wanted(PAYS, 3), [{PAYS: 2}, {BAKES: 3}]) == 2
    assert reachable(Wanted(PAYS, 1), [{PAYS: 3}]) == 1
    assert reachable(Wanted(PAYS, 1), [{BAKES: 3}]) is None
    assert reachable(Wanted(None), [{BAKES: 3}]) is None


def test_words_are_taken_in_the_customers_language_or_the_brands():
    words = {"es": "Hola", "pt": "Olá", "en": ""}
    assert in_language(words, "pt", "es") == "Olá"
    assert in_language(words, "fr", "pt") == "Olá"
    assert in_language(words, "en", "fr") == "Hola"
    assert in_language({}, "en") == ""


def test_without_buttons_the_lines_are_numbered():
    assert numbered("¿Qué?", ["Uno", "Dos"], "Fin.") == "¿Qué?\n\n1. Uno\n2. Dos\n\nFin."
