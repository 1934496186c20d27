"""What a case weighs at somebody's desk, and what earns a rest: tables."""

from datetime import timedelta

import pytest

from netcenter.people.capacity import MOST
from netcenter.people.rules import breaks_until, earns_rest, is_over, rests_until, weight
from tests.company import NOON

CALL, CHAT, MAIL = 100, 33, 20


@pytest.mark.parametrize(
    ("default", "most", "capacity", "expected"),
    [
        (CHAT, None, 100, 33),  # as the channel says
        (MAIL, None, 100, 20),
        (CHAT, 0, 100, 0),  # none of these
        (CALL, 0, 100, 0),
        (CHAT, 1, 100, 100),
        (CHAT, 2, 100, 50),
        (CHAT, 3, 100, 33),
        (MAIL, 8, 100, 12),
        (CALL, None, 100, 100),  # a call fills the desk whatever else is set
        (CALL, 4, 100, 100),
        (CALL, None, 60, 60),  # also a beginner's,
        (CALL, None, 200, 200),  # and a quick one's
        (MAIL, None, 10, 10),  # what fits no empty desk fills it
        (CHAT, None, 60, 33),
        (CHAT, 3, 60, 20),  # three are three on a small desk too
        (CHAT, 2, 200, 100),
        (CHAT, 13, 100, 8),  # never more than was set
    ],
)
def test_what_a_case_weighs(default, most, capacity, expected):
    assert weight(default, most, capacity) == expected


@pytest.mark.parametrize("most", MOST)
def test_as_many_as_set_fit_and_not_one_more(most):
    each = weight(MAIL, most)
    assert each * most <= 100 < each * (most + 1)


@pytest.mark.parametrize("most", range(1, 60))
@pytest.mark.parametrize("capacity", [10, 55, 100, 400])
def test_never_more_than_set_fit_and_always_one(most, capacity):
    each = weight(CHAT, most, capacity)
    assert 0 < each <= capacity < each * (most + 1)


@pytest.mark.parametrize(
    ("reason", "own", "expected"),
    [
        ("answered", True, True), ("closed", True, True), ("passed on", True, True), ("a sentence", True, True),
        ("snoozed", True, False),  # put away is not finished
        ("answered", False, False), ("taken over", False, False),  # by a colleague
        ("offline", False, False), ("gone", False, False), ("forgotten", False, False),
        ("quiet", False, True),  # a chat in which the customer fell silent
    ],
)  # fmt: skip
def test_what_earns_a_rest(reason, own, expected):
    assert earns_rest(reason, own) is expected


def test_a_rest_that_runs_is_never_shortened():
    long = NOON + timedelta(seconds=90)
    assert rests_until(NOON, 30) == NOON + timedelta(seconds=30)
    assert rests_until(NOON, 30, already=long) == long
    assert rests_until(NOON + timedelta(seconds=80), 30, already=long) == NOON + timedelta(seconds=110)


@pytest.mark.parametrize(
    ("minutes", "later", "over"),
    [(15, timedelta(minutes=14, seconds=59), False), (15, timedelta(minutes=15), True), (0, timedelta(days=1), False)],
)
def test_a_break_is_over_at_its_minute_unless_it_lasts_as_long_as_it_takes(minutes, later, over):
    assert is_over(breaks_until(NOON, minutes), NOON + later) is over
