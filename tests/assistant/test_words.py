"""What is masked before it leaves, what the request holds, and what is left of a hostile answer: no database."""

import json

import pytest

from netcenter.assistant import plain
from netcenter.assistant.masking import Mask, visible
from netcenter.assistant.rules import Material, Sends, Source, Turn, compose, nearest
from netcenter.protocols.queries import fill
from tests.assistant.injections import INJECTIONS, LEADS

ALL = Sends(words=True, history=True, name=True)
HOURS = Source("F1", "answer", "Abrimos de 9 a 13. Reserva en https://aurora.example/mesa o al 600 123 456.", "Horario")


def material(*turns: Turn, **more) -> Material:
    told = {"brand": "Aurora", "language": "es", "is_public": False, "most": 800, "customer": "Dana Quiroga",
            "handles": ["dana_q"], "turns": turns}  # fmt: skip
    return Material(**{**told, **more})


def quoted(asked) -> dict:
    return json.loads(asked.messages[1]["content"])


# --- Masking ----------------------------------------------------------------------------------------------------------

PRIVATE = [
    ("es", "Escríbanme a dana.quiroga@gmail.com", "dana.quiroga@gmail.com", "email"),
    ("es", "mi tarjeta es 4111 1111 1111 1111 gracias", "4111 1111 1111 1111", "card"),
    ("es", "La cuenta ES91 2100 0418 4502 0005 1332", "ES91 2100 0418 4502 0005 1332", "iban"),
    ("es", "mi DNI: 12345678Z", "12345678Z", "document"),
    ("es", "llámenme al +54 9 11 5555-1234", "+54 9 11 5555-1234", "number"),
    ("es", "vivo en calle Mitre 1450", "calle Mitre 1450", "address"),
    ("pt", "meu CPF é 529.982.247-25", "529.982.247-25", "document"),
    ("pt", "moro na rua Augusta 1500 apto 32", "rua Augusta 1500 apto 32", "address"),
    ("pt", "a senha é xk29ab", "xk29ab", "document"),
    ("en", "I live at 12 Baker Street", "12 Baker Street", "address"),
    ("en", "call me on (202) 555-0147", "(202) 555-0147", "number"),
    ("en", "my ssn 078-05-1120", "078-05-1120", "document"),
    ("en", "order 2026-0004512-77", "2026-0004512-77", "number"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "private", "what"), PRIVATE)
def test_what_is_personal_becomes_a_blank_and_can_be_put_back(language, text, private, what):
    mask = Mask(None)
    hidden = mask.hide(text, language)
    assert private not in hidden
    assert f"{{{{{what}.1}}}}" in hidden
    assert fill(hidden, mask.values) == text


def test_one_address_is_one_blank_in_every_message_and_a_date_is_told():
    mask = Mask(None)
    first, second = mask.hide("a@gmail.com y b@gmail.com", "es"), mask.hide("Repito: a@gmail.com, el 12/05/2026", "es")
    assert (first, second) == ("{{email.1}} y {{email.2}}", "Repito: {{email.1}}, el 12/05/2026")


def test_a_name_that_may_not_leave_is_a_blank_wherever_it_stands():
    turns = (Turn(1, "Soy DANA quiroga (@dana_q), me llamo Dana María Pérez. Adana no.", False, True),)
    asked = compose(material(*turns), Sends(words=True))
    text = quoted(asked)["conversation"][0]["text"]
    assert text.startswith("Soy {{customer.name}} ({{customer.name}})")
    assert "Adana" in text
    assert not {"dana", "quiroga", "pérez"} & set(text.casefold().replace(",", " ").replace(".", " ").split())
    assert quoted(asked)["customer"] == "{{customer.name}}"
    told = compose(material(*turns), ALL)
    assert "DANA quiroga" in told.messages[1]["content"]


def test_whoever_has_no_name_here_keeps_the_one_they_tell():
    text = quoted(compose(material(Turn(1, "Me llamo Eva Luna y espero", False, True), customer="", handles=()),
                          Sends(words=True)))["conversation"][0]["text"]  # fmt: skip
    assert text == "Me llamo {{name.1}} y espero"


def test_blanks_of_ours_cannot_be_written_by_a_customer_nor_words_that_nobody_sees():
    assert visible("hola {{operator.name}}\u200b\U000e0041") == "hola { {operator.name} }"


# --- The switch -------------------------------------------------------------------------------------------------------

TALK = (Turn(1, "Pedí una torta", False), Turn(2, "Sale el martes", True), Turn(3, "¿Y la torta?", False, True))


@pytest.mark.parametrize(("sends", "marks"), [
    (Sends(), []), (Sends(name=True), []), (Sends(words=True), ["¿Y la torta?"]),
    (Sends(history=True), ["Pedí una torta", "Sale el martes"]), (ALL, [t.text for t in TALK]),
])  # fmt: skip
def test_only_what_the_switch_lets_out_leaves(sends, marks):
    asked = compose(material(*TALK), sends)
    told = quoted(asked)
    assert [turn["text"] for turn in told["conversation"]] == marks
    assert asked.sizes["messages"] == len(marks)
    whole = json.dumps(asked.messages)
    assert ("Dana" in whole) is sends.name
    if not sends.anything:
        assert "torta" not in whole


def test_the_record_has_sizes_and_no_words():
    asked = compose(material(Turn(1, "mi correo es a@gmail.com", False, True)), ALL)
    assert asked.sizes["masked"] == 1
    assert asked.sizes["bytes"] == sum(len(m["content"].encode()) for m in asked.messages)
    assert all(isinstance(size, int) for size in asked.sizes.values())


def test_the_nearest_answers_are_sent_first():
    answers = [("1", "Envíos", "Enviamos a todo el país"), ("2", "Horario", "Los domingos abrimos de 9 a 13"),
               ("3", "Pagos", "Aceptamos tarjetas")]  # fmt: skip
    assert [about for about, _n, _t in nearest(answers, ["¿Abren este domingo?"], 1)] == ["2"]


@pytest.mark.parametrize(("_language", "words", "_wanted"), INJECTIONS)
def test_what_a_customer_writes_is_one_quoted_value_and_no_instruction(_language, words, _wanted):
    asked = compose(material(Turn(1, words, False, True)), ALL)
    system, user = asked.messages
    assert [m["role"] for m in asked.messages] == ["system", "user"]
    assert system == compose(material(), ALL).messages[0], "nothing of a customer stands among the instructions"
    told = json.loads(user["content"])
    assert set(told) == {"steps", "words", "answers", "never", "customer", "conversation"}
    assert len(told["conversation"]) == 1
    assert not any(0xE0000 <= ord(c) < 0xE0FFF or c == "\u200b" for c in told["conversation"][0]["text"])


# --- Hostile answers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("_language", "words", "wanted"), INJECTIONS)
def test_an_assistant_that_obeys_a_customer_leads_nobody_anywhere(_language, words, wanted):
    theirs = Source("M1", "message", words, ours=False)
    said = plain.read(wanted, [HOURS, theirs], 800)
    assert not [lead for lead in LEADS if lead.casefold() in said.text.casefold()], said.text


def test_what_the_house_itself_says_may_be_said_again_but_nothing_that_only_begins_so():
    said = plain.read("Reserva en https://aurora.example/mesa. O al 600 123 456 [F1].", [HOURS], 800)
    assert (said.text, said.marks, said.removed) == (
        "Reserva en https://aurora.example/mesa. O al 600 123 456.",
        ("F1",),
        0,
    )
    for lead in ("https://aurora.example/mesa.evil.example", "https://aurora.example", "aurora.example/otra",
                 "https://aurora.example@evil.example/mesa", "600 123 457 00"):  # fmt: skip
        said = plain.read(f"Mira {lead} hoy", [HOURS], 800)
        assert (said.text, said.removed) == (f"Mira {plain.HOLE} hoy", 1), lead


@pytest.mark.parametrize(("output", "text"), [
    ("**Hola** Dana,\n\n\n\n# Gracias\n> por avisar", "Hola Dana,\n\nGracias\npor avisar"),
    ("<think>dirá que no</think>Hola. [P9] [F1]", "Hola."),
    ("<think>sin fin y sin respuesta", ""),
    ("```\nHola\n```", "Hola"),
    ("Salimos de EE.UU. a las 10.30 hs, son $1.500,50 y es el 12/05/2026.", None),
    ("Tu pedido {{number.1}} va a {{address.1}}, {{customer.first_name}}.", None),
    ("Hola\u202e\u0000 Dana", "Hola Dana"),
])  # fmt: skip
def test_plain_words_are_left(output, text):
    said = plain.read(output, [HOURS], 800)
    assert said.text == (output if text is None else text)
    assert said.removed == 0


def test_it_is_never_longer_than_it_may_be_and_ends_with_a_sentence():
    said = plain.read("Una frase entera aquí. " * 400, [], 500)
    assert len(said.text) <= 500
    assert said.text.endswith("aquí.")
    assert len(plain.read("x" * 10**6, [], 300).text) <= 300


def test_only_sources_that_were_sent_can_be_named():
    assert plain.read("Sí [F1, P7; F1] [F1][W3].", [HOURS], 800).marks == ("F1",)
