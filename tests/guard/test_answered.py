"""What was answered already is judged no more: a draft is weighed against the words that wait for it."""

from netcenter.guard.draft import Draft, Reading
from netcenter.guard.queries import Heard, _apart
from netcenter.guard.rules import examine

THANKS = Heard(2, "Lovely, thanks for your help", "private", "thanks", 0.1)
MISSING = Heard(1, "The coffee is missing from order 37492", "private", "claim", 0.4, waits=False)


def test_words_that_wait_are_told_from_those_that_were_answered():
    assert _apart([MISSING, THANKS]) == ([MISSING], [THANKS])
    assert _apart([MISSING]) == ((), [MISSING])  # nothing waits: it goes on from all of them


def test_a_name_told_before_the_last_answer_still_holds():
    draft = Draft("Hola Paula, sale hoy.", ("gracias",), ("Hola, soy Ana",), reading=Reading("thanks"))
    assert [(f.rule, f.severity) for f in examine(draft) if f.rule == "wrong_name"] == [("wrong_name", "block")]
