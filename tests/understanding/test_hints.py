"""What a message gives away beside its kind."""

import pytest

from netcenter.understanding import lexicon
from netcenter.understanding.hints import hints_of, personal_data

CALM, CROSS = 0.1, 0.9  # shares of bad mood


def hints(text, negative=CALM, anger=0.0):
    return hints_of(text, lexicon.found(lexicon.plain(text)), negative, anger)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("mi tarjeta es 4111 1111 1111 1111", ("card",)),
        ("pedido 4111 1111 1111 1112", ()),
        ("meu CPF é 529.982.247-25", ("document",)),
        ("escribime a ana.perez@example.com o al +54 11 5555-1234", ("email", "telephone")),
        ("DNI: 30111222", ("document",)),
        ("IBAN ES91 2100 0418 4502 0005 1332", ("bank",)),
        ("son 1500 pesos el 12/11/2026", ()),
        ("pedido 12345678", ()),
        ("", ()),
    ],
)
def test_it_sees_personal_data(text, kinds):
    assert set(kinds) <= set(personal_data(text)) and bool(kinds) == bool(personal_data(text))


def test_shouting_stirs_more_than_the_same_in_small_letters():
    assert (
        hints("ESTO ES UNA VERGUENZA!!!", CROSS, 0.6).arousal > hints("esto es una verguenza", CROSS, 0.6).arousal > 0.3
    )
    assert hints("Hola, ¿a qué hora abren?").arousal < 0.1


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("Nunca más vuelvo, me cambio de banco", "churn"),
        ("I will cancel my account", "churn"),
        ("Hablaré con mi abogado", "legal"),
        ("Vou no Procon", "legal"),
        ("los voy a quemar", "threat"),
    ],
)
def test_it_hears_leaving_the_law_and_threats(text, field):
    assert getattr(hints(text, CROSS), field) >= 0.5
    assert getattr(hints("Buen día, ¿tienen pan?"), field) == 0


def test_before_or_after_the_sale():
    assert hints("¿Cuánto cuesta el envío?").sale == "before"
    assert hints("Mi pedido llegó roto, quiero devolverlo").sale == "after"
    assert hints("Hola").sale == ""


def test_topics_that_every_company_has():
    assert max(hints("El paquete no llegó, pésima entrega").topics.items(), key=lambda t: t[1])[0] == "delivery"
    assert hints("Hola").topics == {}
