"""A bare greeting: whoever begins so is about to ask, and neither praises nor is disposed of."""

import pytest

from netcenter.understanding.engine import Trained
from netcenter.understanding.greeting import only_greets

GREETINGS = [
    "Olá, tudo bem?", "Oi! Tudo bom com vocês?", "Bom dia", "Boa tarde, pessoal 🙂", "Hola", "Holaaa!!", "¡Buenas!",
    "Hola, ¿qué tal?", "Buenos días, ¿cómo están?", "Muy buenas noches", "Hi there", "Hello, how are you today?",
    "Good morning team", "Tudo bem?",
]  # fmt: skip
MORE = [
    "Tudo bem", "todo bien", "Hola, mi pedido no llegó", "Hola 4411", "Buenas empanadas", "Boa!",
    "Oi, vocês abrem hoje?", "Hello world",
    "Olá, tudo bem? Quero uma fatura", "", "🙂", "Muy buena atención", "hi" * 40,
]  # fmt: skip


@pytest.mark.parametrize("text", GREETINGS)
def test_a_greeting_is_seen(text):
    assert only_greets(text)


@pytest.mark.parametrize("text", MORE)
def test_what_says_more_is_none(text):
    assert not only_greets(text)


def test_who_only_greets_waits_as_whoever_asks():
    assert {one.kind for one in Trained().read(GREETINGS)} == {"question"}


def test_praise_that_greets_is_praise():
    assert Trained().read(["Hola, ¡la torta estaba riquísima, los felicito!"])[0].kind == "praise"
