from datetime import UTC, datetime, timedelta

import pytest

from netcenter.look import rules

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ran", "remains", "left", "state"),
    [
        (0, 60, 1.0, "running"),
        (30, 30, 0.5, "running"),
        (44, 16, 16 / 60, "running"),
        (45, 15, 0.25, "near"),
        (59, 1, 1 / 60, "near"),
        (60, 0, 0.0, "broken"),
        (90, -30, 0.0, "broken"),
        (-10, 60, 1.0, "running"),
    ],
)
def test_a_promise_drains_is_near_at_three_quarters_and_broken_when_due(ran, remains, left, state):
    found = rules.drain(NOW - timedelta(minutes=ran), NOW + timedelta(minutes=remains), NOW)
    assert (pytest.approx(found.left), found.state) == (left, state)


def test_a_promise_that_was_due_at_once_does_not_divide_by_nothing():
    assert rules.drain(NOW, NOW, NOW).state == "broken"
    assert rules.drain(NOW + timedelta(hours=1), NOW + timedelta(hours=1), NOW).left == 1.0


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, ("now", 0)), (44, ("now", 0)), (-44, ("now", 0)), (45, ("minutes_ago", 1)), (300, ("minutes_ago", 5)),
        (3569, ("minutes_ago", 59)), (3570, ("hours_ago", 1)), (84599, ("hours_ago", 23)), (84600, ("days_ago", 1)),
        (604799, ("days_ago", 7)), (604800, None), (-1200, ("minutes_ahead", 20)), (-7200, ("hours_ahead", 2)),
    ],
)  # fmt: skip
def test_distance_is_told_in_one_unit_and_beyond_a_week_by_date(seconds, words):
    assert rules.distance(NOW - timedelta(seconds=seconds), NOW) == words


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00"), (5, "0:05"), (245, "4:05"), (3599.9, "59:59"), (3600, "1 h 00"), (7500, "2 h 05"),
        (273600, "3 d 4 h"), (-1, "−0:01"), (-245, "−4:05"), (-7500, "−2 h 05"),
    ],
)  # fmt: skip
def test_a_countdown_needs_no_more_figures_than_it_must(seconds, text):
    assert rules.countdown(seconds) == text


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Alice Ortega", "AO"), ("Charlie de la Fuente", "CF"), ("dana", "D"), ("élida ñandú", "ÉÑ"), ("", "?"),
        ("  ", "?"), ("+54 9 11", "91"), ("@bob", "@"), ("李 小龙", "李小"),
    ],
)  # fmt: skip
def test_initials_stand_for_any_name(name, letters):
    assert rules.initials(name) == letters
