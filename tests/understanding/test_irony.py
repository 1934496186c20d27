"""Irony that the words show. `plain` texts are ours; `witty` and `daily` ones are by people who had seen no rule."""

import json
from pathlib import Path

import pytest

from netcenter.understanding import lexicon
from netcenter.understanding.engine import Trained
from netcenter.understanding.irony import irony

TEXTS = [json.loads(line) for line in Path(__file__).with_name("irony.jsonl").read_text("utf-8").splitlines()]


def heard(text: str) -> bool:
    return irony(text, lexicon.plain(text)) > 0.5


# Heard now, misses mended; at first sight .65 of `daily` and .13 of `witty` were, and none of the earnest ones.
@pytest.mark.parametrize(("name", "least"), [("plain", 1.0), ("daily", 0.85), ("witty", 0.3)])
def test_irony_is_heard_and_praise_in_earnest_is_not_taken_for_it(name, least):
    mine = [one for one in TEXTS if one["set"] == name]
    ironic = [one["text"] for one in mine if one["ironic"]]
    earnest = [one["text"] for one in mine if not one["ironic"]]
    missed, false = [t for t in ironic if not heard(t)], [t for t in earnest if heard(t)]
    assert len(missed) <= (1 - least) * len(ironic), missed
    assert len(false) <= 0.02 * len(earnest), false


def test_a_face_makes_it_likelier():
    text = "Parabéns por mais um dia sem luz"
    assert 0.5 < irony(text, lexicon.plain(text)) < irony(text + " 🙄", lexicon.plain(text))


def test_in_a_long_letter_kind_words_and_a_mishap_far_from_each_other_stand_in_earnest():
    text = f"Un saludo y felicidades por el aniversario. {'Les escribo por mi factura. ' * 8}El envío vino roto."
    assert not heard(text)


@pytest.mark.parametrize("text", ["Felicidades por el pan duro", "Thanks for nothing", "Obrigado por nada"])
def test_it_is_read_as_the_grievance_that_it_is(text):
    read = Trained().read([text])[0]
    assert (read.kind, read.mood) == ("complaint", "negative") and read.probabilities["actionable"] > 0.5
    assert read.probabilities["hints"]["sarcasm"] > 0.5
    assert sum(read.probabilities["sentiment"].values()) == pytest.approx(1, abs=0.001)
