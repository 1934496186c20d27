"""Which protocol fits: tables, and what holds for any of them."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netcenter.protocols.rules import (
    Condition,
    Facts,
    Looks,
    Reason,
    Said,
    fits,
    fitting,
    gather,
    reasons_to_look,
    says,
    telling,
)

LATE = Facts(
    1, "complaint", ("delivery",), "Mi pedido no LLEGÓ", "negative", ("angry",), "email", "private", crisis=0
)  # fmt: skip


@pytest.mark.parametrize(("when", "expected"), [
    (Condition(kinds=("complaint", "claim")), True),
    (Condition(kinds=("praise",)), False),
    (Condition(topics=("delivery",)), True),
    (Condition(topics=("payment",)), False),
    (Condition(words=("no llego",)), True),  # without its accent, in capitals
    (Condition(topics=("payment",), words=("pedido",)), True),  # one of both is enough
    (Condition(words=("edido",)), False),  # inside a word
    (Condition(moods=("negative",)), True),
    (Condition(moods=("positive",)), False),
    (Condition(signs=("legal", "angry")), True),
    (Condition(signs=("legal",)), False),
    (Condition(channels=("email",)), True),
    (Condition(channels=("webchat",)), False),
    (Condition(places=("public",)), False),
    (Condition(kinds=("complaint",), crisis=1), False),
    (Condition(), False),  # asks for nothing: it would hide all others
])  # fmt: skip
def test_each_condition_is_asked(when, expected):
    assert fits(when, LATE) is expected


def test_a_crisis_counts_from_its_level_on():
    when = Condition(kinds=("complaint",), crisis=2)
    assert [fits(when, replace(LATE, crisis=level)) for level in range(4)] == [False, False, True, True]


@dataclass(frozen=True)
class One:
    pk: int
    when: Condition
    brand_id: int | None = None


def test_the_most_telling_one_is_shown():
    general = One(1, Condition(kinds=("complaint", "claim")))
    about = One(2, Condition(kinds=("complaint", "claim"), topics=("delivery",)))
    said = One(3, Condition(kinds=("complaint", "claim"), words=("no llego",)))
    storm = One(4, Condition(kinds=("complaint",), crisis=2))
    everything = [general, about, said, storm]
    assert [p.pk for p in fitting(everything, LATE)] == [3, 2, 1]
    assert [p.pk for p in fitting(everything, replace(LATE, crisis=3))] == [4, 3, 2, 1]


def test_of_equals_the_brands_own_comes_first_and_another_brands_never():
    when = Condition(kinds=("complaint",))
    assert [p.pk for p in fitting([One(1, when), One(2, when, 1), One(3, when, 2)], LATE)] == [2, 1]


HINTS = {"legal": 0.9, "churn": 0.1, "personal": ["card"]}


@pytest.mark.parametrize(("said", "signs"), [
    (Said("x", "", "negative", 0.7, {}), ("angry",)),
    (Said("x", "", "positive", 0.9, {}), ()),  # delighted is not angry
    (Said("x", "", "negative", 0.1, {"hints": HINTS}), ("legal", "personal")),
    (Said("x", "", "negative", 0.1, {"abuse": 0.2, "hate": 0.6}), ("abuse",)),
    (Said("x", "", "neutral", 0.0, {"hints": {}, "abuse": None}), ()),
])  # fmt: skip
def test_signs_are_taken_from_readings(said, signs):
    assert gather([said], 1, "complaint", "email").signs == signs


def test_several_messages_say_their_topics_together_and_the_last_its_mood():
    first = Said("No llegó", "public", "negative", 0.2, {"topic": {"delivery": 0.6, "price": 0.1}})
    last = Said("Y es caro", "private", "neutral", 0.1, {"topic": {"price": 0.5}})
    facts = gather([first, last], 7, "claim", "email", 2)
    assert (facts.topics, facts.mood, facts.place, facts.crisis) == (("delivery", "price"), "neutral", "private", 2)
    assert "No llegó" in facts.text and "Y es caro" in facts.text


def test_words_that_are_no_pattern_are_looked_for_as_they_stand():
    assert says(("c++ (",), "Uso C++ (siempre)")
    assert not says(("", " "), "nada")


@pytest.mark.parametrize(("looks", "trainee", "crisis", "asking", "expected"), [
    (Looks(), False, 0, [], []),
    (Looks(), True, 0, [], [Reason("trainee")]),
    (Looks(trainees=False), True, 0, [], []),
    (Looks(), False, 1, [], []),
    (Looks(), False, 2, [], [Reason("crisis", "2")]),
    (Looks(crisis_from=0), False, 3, [], []),
    (Looks(topics=("delivery", "price")), False, 0, [], [Reason("topic", "delivery")]),
    (Looks(), True, 3, [("Legal", "legal")],
     [Reason("trainee"), Reason("crisis", "3"), Reason("protocol", "Legal", "legal")]),
])  # fmt: skip
def test_why_somebody_else_looks_first(looks, trainee, crisis, asking, expected):
    assert reasons_to_look(looks, trainee, replace(LATE, crisis=crisis), asking) == expected


calm = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # other work may share the machine
WORDS = st.sampled_from(["complaint", "praise", "delivery", "payment", "negative", "angry", "public", "no llego"])
LISTS = st.lists(WORDS, max_size=3).map(tuple)
CONDITIONS = st.builds(
    Condition, kinds=LISTS, topics=LISTS, words=LISTS, moods=LISTS, signs=LISTS, channels=LISTS, places=LISTS,
    crisis=st.integers(0, 3),
)  # fmt: skip
FACTS = st.builds(
    Facts, brand_id=st.integers(1, 2), kind=WORDS, topics=LISTS, text=WORDS, mood=WORDS, signs=LISTS, channel=WORDS,
    place=WORDS, crisis=st.integers(0, 3),
)  # fmt: skip
MANY = st.lists(st.tuples(CONDITIONS, st.sampled_from([None, 1, 2])), max_size=6).map(
    lambda rows: [One(i, when, brand) for i, (when, brand) in enumerate(rows)]
)


@calm
@given(CONDITIONS, FACTS, st.sampled_from(["kinds", "moods", "signs", "channels", "places"]), WORDS)
def test_asking_for_more_never_makes_it_fit_more(when, facts, name, value):
    narrower = replace(when, **{name: (value,)}) if not getattr(when, name) else when
    if not when.is_open and fits(narrower, facts):
        assert fits(when, facts)


@calm
@given(MANY, FACTS)
def test_what_is_shown_fits_is_the_most_telling_and_does_not_hang_on_the_order(many, facts):
    found = fitting(many, facts)
    assert all(fits(p.when, facts) and p.brand_id in (None, facts.brand_id) for p in found)
    grades = [telling(p.when, facts) for p in found]
    assert grades == sorted(grades, reverse=True)
    assert fitting(many[::-1], facts) == found


@calm
@given(MANY, FACTS)
def test_the_higher_crisis_comes_first(many, facts):
    levels = [p.when.crisis for p in fitting(many, facts)]
    assert levels == sorted(levels, reverse=True)
