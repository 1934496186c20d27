"""Which of several kinds a case shows."""

import pytest

from netcenter.understanding.engine import ORDER
from netcenter.understanding.rules import KINDS, Read, most_careful, with_verdict


def test_the_gravest_of_several_kinds_is_shown():
    assert most_careful(["praise", "claim", "question"]) == "claim"
    assert most_careful(["", "thanks"]) == "thanks" and most_careful([]) == ""


def test_the_engine_and_the_house_name_the_same_kinds():
    assert set(ORDER) == set(KINDS)


@pytest.mark.parametrize(
    ("kind", "mood", "stars", "recommends", "wanted"),
    [
        ("other", "neutral", 1.0, None, ("complaint", "negative")),  # stars alone
        ("question", "neutral", 2.0, None, ("complaint", "negative")),
        ("praise", "positive", 1.0, None, ("complaint", "negative")),  # irony
        ("claim", "negative", 1.0, None, ("claim", "negative")),
        ("suggestion", "neutral", 2.0, None, ("suggestion", "negative")),
        ("other", "neutral", 3.0, None, ("other", "neutral")),
        ("other", "neutral", 5.0, None, ("praise", "positive")),
        ("question", "neutral", 5.0, None, ("question", "positive")),
        ("complaint", "negative", 5.0, None, ("complaint", "negative")),  # what the words make clear stands
        ("other", "neutral", None, False, ("complaint", "negative")),
        ("other", "neutral", None, True, ("praise", "positive")),
        ("other", "neutral", None, None, ("other", "neutral")),
    ],
)
def test_stars_are_words_of_a_review(kind, mood, stars, recommends, wanted):
    told = with_verdict(Read("es", kind, mood, why=("pan",)), stars, recommends)
    assert (told.kind, told.mood) == wanted
    assert told.why[-1] == "pan" and (len(told.why) == 2) == (wanted != (kind, mood))


def test_who_clearly_asks_still_asks_with_two_stars():
    told = with_verdict(Read("es", "question", probabilities={"kind": {"question": 0.9}}), 2.0)
    assert (told.kind, told.mood) == ("question", "negative")
