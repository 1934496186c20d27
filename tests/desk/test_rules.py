"""How a story is told, and why a case rings here: values in, values out."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils import translation

from netcenter.desk.rules import Line, next_case, tell
from netcenter.desk.words import happened, hint_words

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


@dataclass
class Said:
    pk: int
    sent_at: datetime
    thread_id: int = 1
    direction: str = "in"
    operator_id: int | None = None
    identity_id: int | None = 1
    automatic: str = ""
    thread: str = "thread"


@dataclass
class Noted:
    pk: int
    at: datetime


def minutes(n: int) -> datetime:
    return NOON + timedelta(minutes=n)


def test_a_story_is_told_in_the_order_of_time_and_a_new_place_is_marked():
    messages = [Said(1, minutes(0)), Said(2, minutes(1)), Said(3, minutes(9), thread_id=2)]
    lines = [Line(minutes(2), "rang"), Line(minutes(3), "picked up")]
    turns = tell(messages, [Noted(1, minutes(5))], lines)
    assert [t.kind for t in turns] == ["place", "message", "message", "lines", "note", "place", "message"]
    assert [line.text for line in turns[3].lines] == ["rang", "picked up"]


def test_an_author_is_named_once_for_a_burst_and_again_after_a_pause():
    messages = [Said(1, minutes(0)), Said(2, minutes(1)), Said(3, minutes(20)), Said(4, minutes(21), direction="out")]
    assert [t.named for t in tell(messages, [], []) if t.kind == "message"] == [True, False, True, True]


def test_the_next_case_is_another_one():
    assert next_case([3, 5], 3) == 5
    assert next_case([3], 3) is None


def test_what_happened_is_told_by_name_and_the_rest_is_silent():
    with translation.override("en"):
        assert happened("offer.declined", {"reason": "busy"}, "Alice", "Alice", {}) == (
            "Alice said not now: I am finishing something"
        )
        assert happened("case.passed", {"reason": "knows it"}, "Alice", "Bob", {}) == "Alice passed it to Bob: knows it"
        assert happened("case.disposed", {"reason": "spam", "note": "ad"}, "Bob", "", {"spam": "Spam"}) == (
            "Bob closed it without an answer: Spam (ad)"
        )
        assert happened("offer.ended", {"reason": "answered"}, "system", "Bob", {}) == ""
        assert happened("message.received", {}, "", "", {}) == ""


def test_what_a_message_is_about_is_told_the_company_s_own_topics_too():
    with translation.override("en"):
        assert hint_words({"topic": {"Sin gluten": 0.9, "Bodas": 0.1}}, False) == ["About: Sin gluten"]
        assert hint_words({"topic": {"Sin gluten": 0.74, "Bodas": 0.26}}, False) == []
        assert hint_words({"topic": {"delivery": 0.7, "price": 0.6}}, False) == ["About: Delivery, Price"]
