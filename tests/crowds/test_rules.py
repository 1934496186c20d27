"""How one text becomes many."""

import pytest

from netcenter.crowds.rules import (
    TooMany,
    addressed,
    count,
    first_name,
    unknown,
    ways,
    wordings,
)
from netcenter.guard.form import alike

TEXT = """Hola {{customer.first_name}}, | Buenas, {{customer.first_name}}: | {{customer.first_name}}, gracias.
Lamentamos el corte de hoy en tu zona. | Sentimos lo que pasó con el servicio esta mañana. | Te pedimos disculpas.
El equipo trabaja desde las ocho y calcula dos horas. | Ya se repara la central, faltan unas dos horas.
Te avisamos por aquí mismo. | En cuanto vuelva te lo contamos en este hilo. | Apenas esté resuelto te escribimos."""


def test_every_way_is_said_once_and_neighbours_differ():
    said = list(wordings(ways(TEXT), 7))
    assert len(said) == len(set(said)) == count(ways(TEXT)) == 54
    assert alike(said[0], said[1]) < 0.5


def test_it_is_the_same_each_time_and_another_for_others():
    assert list(wordings(ways(TEXT), 7)) == list(wordings(ways(TEXT), 7))
    assert next(wordings(ways(TEXT), 7)) != next(wordings(ways(TEXT), 8))


@pytest.mark.parametrize(("text", "n"), [("", 0), ("  \n | ", 0), ("Hola", 1), ("a|b\nc", 2), ("a|a\r\nb| c |", 2)])
def test_it_counts_the_ways(text, n):
    assert count(ways(text)) == n


def test_more_than_anybody_would_read_is_refused():
    with pytest.raises(TooMany):
        ways("\n".join("x" for _ in range(13)))
    with pytest.raises(TooMany):
        ways("|".join(f"{n}" for n in range(13)))


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("Hola {{customer.first_name}}, perdón", "Dana", "Hola Dana, perdón"),
        ("Hola {{ customer.first_name }}, perdón", "", "Hola, perdón"),
        ("{{customer.first_name}}, perdón", "", "Perdón"),
        ("{{brand.name}}", "", "Aurora"),
        ("{{nothing}}", "", "{{nothing}}"),
    ],
)
def test_whoever_has_no_name_is_greeted_without_one(text, name, said):
    assert addressed(text, {"customer.first_name": name, "brand.name": "Aurora"}) == said
    assert unknown(text) == (["nothing"] if "nothing" in text else [])


@pytest.mark.parametrize(
    ("known_as", "name"),
    [("Dana Quiroga", "Dana"), ("José-María", "José-María"), ("xX_killer_Xx", ""), ("dana77", ""), ("", ""),
     ("O'Neill", "O'Neill"), ("D", ""), ("pedro gómez", "")],
)  # fmt: skip
def test_a_handle_is_no_name(known_as, name):
    assert first_name(known_as) == name
