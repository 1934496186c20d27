"""Business time, by tables and properties."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcenter.standards.rules import (
    Hours,
    add_open_time,
    is_open,
    most_specific,
    next_opening,
    next_warning,
    share_passed,
)
from tests.standards.rule import Rule

BUENOS_AIRES = ZoneInfo("America/Argentina/Buenos_Aires")
MADRID = ZoneInfo("Europe/Madrid")
SPLIT = {day: [(time(9), time(13)), (time(16), time(20))] for day in range(5)}
BAKERY = Hours(MADRID, SPLIT, frozenset({date(2026, 5, 1)}))


def madrid(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MADRID)


@pytest.mark.parametrize(
    ("wrote", "minutes", "due"),
    [
        ("2026-04-29 10:00", 60, "2026-04-29 11:00"),  # inside a shift
        ("2026-04-29 12:30", 60, "2026-04-29 16:30"),  # over the siesta
        ("2026-04-29 19:30", 60, "2026-04-30 09:30"),  # over the night
        ("2026-04-30 19:30", 60, "2026-05-04 09:30"),  # over a holiday and a weekend
        ("2026-04-29 06:00", 60, "2026-04-29 10:00"),  # before opening
        ("2026-04-29 09:00", 480, "2026-04-29 20:00"),  # exactly a whole day
        ("2026-04-29 20:00", 0, "2026-04-30 09:00"),  # at closing, nothing to do: when somebody is there
    ],
)
def test_it_counts_only_open_time(wrote, minutes, due):
    assert add_open_time(madrid(wrote), minutes, BAKERY) == madrid(due)


@pytest.mark.parametrize(
    ("wrote", "due"),
    [
        ("2026-03-28 23:30", "2026-03-29 05:30"),  # Europe springs forward at 02:00 that night: an hour is not there
        ("2026-10-24 23:30", "2026-10-25 03:30"),  # and falls back in October: one comes twice
    ],
)
def test_it_counts_real_hours_when_the_clocks_change(wrote, due):
    around_the_clock = Hours(MADRID, {day: [(time(0), time(0))] for day in range(7)})
    assert add_open_time(madrid(wrote).astimezone(UTC), 5 * 60, around_the_clock) == madrid(due).astimezone(UTC)


def test_it_never_promises_what_a_closed_calendar_cannot_keep():
    assert add_open_time(madrid("2026-04-29 10:00"), 60, Hours(MADRID)) is None
    assert next_opening(madrid("2026-04-29 10:00"), Hours(MADRID)) is None


shift = st.tuples(st.integers(0, 22), st.integers(1, 23)).map(
    lambda p: (time(min(p)), time(max(p) if p[0] != p[1] else 23))
)
hours = st.builds(
    Hours, st.sampled_from([BUENOS_AIRES, MADRID, ZoneInfo("UTC")]),
    st.dictionaries(st.integers(0, 6), st.lists(shift, min_size=1, max_size=1), min_size=1),
)  # fmt: skip
instants = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)).map(lambda d: d.replace(tzinfo=UTC))


@given(instants, st.integers(1, 3000), st.integers(1, 3000), hours)
def test_it_adds_in_any_number_of_steps(start, first, second, calendar):
    at_once = add_open_time(start, first + second, calendar)
    in_steps = add_open_time(add_open_time(start, first, calendar), second, calendar)
    assert at_once == in_steps


@given(instants, st.integers(1, 3000), hours)
def test_a_promise_ends_in_open_time_and_never_before_it_could(start, minutes, calendar):
    due = add_open_time(start, minutes, calendar)
    assert due >= start + timedelta(minutes=minutes)
    assert is_open(due - timedelta(microseconds=1), calendar)


@given(instants, hours)
def test_the_next_opening_is_open_and_nothing_before_it_is(at, calendar):
    opens = next_opening(at, calendar)
    assert opens >= at and is_open(opens, calendar)
    if opens > at:
        assert not is_open(at + (opens - at) / 2, calendar)


@pytest.mark.parametrize(
    ("kind", "channel", "brand", "expected"),
    [
        ("complaint", "email", 1, "brand and kind"),
        ("praise", "email", 1, "brand"),
        ("praise", "chat", 2, "channel"),
        ("complaint", "email", 2, "kind"),
        ("praise", "email", 2, "any"),
    ],
)
def test_the_most_specific_standard_counts(kind, channel, brand, expected):
    rules = [
        Rule("any"), Rule("kind", kind="complaint"), Rule("channel", channel="chat"), Rule("brand", brand_id=1),
        Rule("brand and kind", brand_id=1, kind="complaint"), Rule("other", brand_id=3, channel="email", kind="praise"),
        Rule("next", measure="next", brand_id=1, channel="email", kind="complaint"),
    ]  # fmt: skip
    assert most_specific(rules, brand, channel, kind, "first").name == expected


def test_it_warns_at_each_share_of_the_time_once():
    start, due = madrid("2026-04-29 10:00"), madrid("2026-04-29 11:00")
    marks, warned = [], 0
    while (following := next_warning(start, due, warned)) is not None:
        warned = following[0]
        marks.append((warned, (following[1] - start).total_seconds() / 60))
    assert marks == [(50, 30.0), (75, 45.0), (90, 54.0), (100, 60.0)]


@pytest.mark.parametrize(("minute", "share"), [(0, 0), (29, 0), (30, 50), (50, 75), (59, 90), (60, 100), (600, 100)])
def test_it_says_which_share_has_passed(minute, share):
    start = madrid("2026-04-29 10:00")
    assert share_passed(start, start + timedelta(hours=1), start + timedelta(minutes=minute)) == share
