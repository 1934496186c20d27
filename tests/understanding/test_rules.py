"""Which of several kinds a case shows."""

from netcenter.understanding.engine import ORDER
from netcenter.understanding.rules import KINDS, most_careful


def test_the_gravest_of_several_kinds_is_shown():
    assert most_careful(["praise", "claim", "question"]) == "claim"
    assert most_careful(["", "thanks"]) == "thanks" and most_careful([]) == ""


def test_the_engine_and_the_house_name_the_same_kinds():
    assert set(ORDER) == set(KINDS)
