"""docs/guard.md tells every rule, as grave as it is, with examples that are true."""

import re
from pathlib import Path

import pytest

from netcenter.guard.draft import Draft, Never
from netcenter.guard.rules import RULES, examine

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "guard.md").read_text()
ROWS = {
    cells[0].strip(" `"): [cell.strip() for cell in cells[1:]]
    for line in re.findall(r"^\| (`\w+` \|.*) \|$", PAGE, re.MULTILINE)
    if (cells := line.split(" | "))
}
CLOSE = "Hola, lamentamos lo sucedido con tu pedido y mañana te contamos por aquí cómo sigue."
AROUND = {  # what an example needs to be told besides the customer's words
    "too_long": {"max_length": 60}, "same_answer": {"recent": (CLOSE,)}, "no_admission": {"fault": "own"},
    "no_name": {"customer_name": "Gabriela"}, "many_turns": {"public_turns": 3}, "wrong_brand": {"brand": "Movilar"},
    "never_said": {"never": (Never("es la política de la casa"),)},
}  # fmt: skip
SAID = {"(what the network does not take)": "Sentimos las molestias. " * 4, "(the same words as to others)": CLOSE}


def test_every_rule_is_told_as_grave_as_it_is_and_no_other():
    assert {name: cells[0] for name, cells in ROWS.items()} == {rule.name: rule.severity for rule in RULES}
    assert {name: cells[4] for name, cells in ROWS.items()} == {rule.name: rule.source for rule in RULES}


@pytest.mark.parametrize("name", [rule.name for rule in RULES])
def test_its_examples_are_true(name):
    grave, customer, bad, good, _source = ROWS[name]
    more = AROUND.get(name, {})

    def found(text):
        return {f.rule: f.severity for f in examine(Draft(SAID.get(text, text), (customer,), public=True, **more))}

    assert found(bad).get(name) == grave
    assert name not in found(good)
    assert "block" not in found(good).values()
