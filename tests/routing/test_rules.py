"""Who may and can take what, without a database."""

import pytest

from netcenter.routing.cost import KINDS
from netcenter.routing.rules import LANGUAGE, Demand, Operator, Step, Waiting, demand, levels, takes
from netcenter.understanding.rules import KINDS as READ
from tests.routing.oracle import can_take

ES, PT = f"{LANGUAGE}es", f"{LANGUAGE}pt"


def can(case: dict, operator: dict) -> bool:
    return can_take(Operator(1, **operator), Waiting(1, case.pop("brand_id", 1), **case))


@pytest.mark.parametrize(
    ("case", "operator", "could"),
    [
        ({}, {}, True),
        ({"needs": frozenset({PT})}, {"skills": frozenset({ES})}, False),
        ({"needs": frozenset({PT})}, {"skills": {ES: 3, PT: 1}}, True),
        ({"needs": {"billing": 2}}, {"skills": {"billing": 1}}, False),
        ({"needs": {"billing": 2}}, {"skills": frozenset({"billing"})}, True),  # no level is recorded: knows it well
        ({"needs": frozenset({PT})}, {"languages_known": False}, True),
        ({"needs": {PT: 1, "billing": 1}}, {"languages_known": False}, False),
        ({"brand_id": 7}, {"brands": frozenset({1})}, False),
        ({"teams": frozenset({7})}, {"teams": frozenset({8})}, False),
        ({"teams": frozenset({7, "supervisors"})}, {"teams": frozenset({"supervisors"})}, True),
        ({"weight": 40}, {"room": 30}, False),
        ({"weight": 40, "channel": "chat"}, {"room": 30, "weights": {"chat": 25}}, True),
        ({"channel": "public"}, {"weights": {"public": 0}}, False),
        ({"pinned_to": 2}, {}, False),
        ({"pinned_to": 2, "missed": frozenset({2})}, {}, True),
        ({"pinned_to": 1, "brand_id": 7, "needs": frozenset({PT})}, {"brands": frozenset({1})}, True),
        ({"pinned_to": 1, "weight": 40}, {"room": 30}, False),
        ({"pinned_to": 1, "channel": "public"}, {"weights": {"public": 0}}, False),
    ],
)
def test_somebody_can_take_a_case(case, operator, could):
    assert can(case, operator) is could


def test_what_a_case_asks_for_shrinks_by_its_steps():
    case = Waiting(1, 1, 30, {"billing": 2}, teams=frozenset({7}), channel="mail", queue=4, steps=(
        Step(10, {"billing": 1}), Step(20, teams=frozenset({8})), Step(30, anybody=True),
    ))  # fmt: skip
    billing, little = frozenset({("billing", 2)}), frozenset({("billing", 1)})
    assert demand(case) == demand(case, 9) == Demand(4, 1, "mail", 30, billing, frozenset({7}))
    assert demand(case, 10) == Demand(4, 1, "mail", 30, little, frozenset({7}))
    assert demand(case, 20) == Demand(4, 1, "mail", 30, little, frozenset({7, 8}))
    assert demand(case, 30) == Demand(4, 1, "mail", 30, little, None)


def test_how_much_of_a_desk_it_fills_is_the_operators_own_matter():
    asked = demand(Waiting(1, 1, 34, channel="chat"))
    assert [takes(Operator(1, weights=weights), asked) for weights in ({}, {"chat": 50}, {"mail": 5})] == [34, 50, 34]


def test_a_bare_set_of_needs_asks_for_any_level():
    assert levels(frozenset({ES})) == levels({ES: 1}) == {(ES, 1)}


def test_every_kind_that_is_read_has_a_cost():
    assert set(READ) == set(KINDS)
