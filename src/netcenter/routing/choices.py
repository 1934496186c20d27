"""Menus: when a first choice is worth asking, and how an answer to it is read. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from netcenter.lib.text import fold

MOST_CHOICES = 6
NOT_ASKED = frozenset({"praise", "thanks", "spam", "not_for_us"})  # kinds to which a question would be an affront
LANGUAGES = ("es", "en", "pt")


# --- Whether to ask -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opening:
    """A case in which somebody has just written."""

    place: str  # "private" or "public"
    kind: str
    urgency: str
    is_new: bool  # nothing was said in it before, by anybody
    is_taken: bool  # somebody holds it, or it is meant for somebody


def asks(opening: Opening) -> bool:
    """Whether to ask: only the first private words of a case, and nobody who praises or has no time to lose."""
    return (
        opening.place == "private" and opening.is_new and not opening.is_taken
        and opening.kind not in NOT_ASKED and opening.urgency != "high"
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a choice asks of whoever is rung: a skill (None: nothing) and how well."""

    skill_id: int | None
    level: int = 1


def is_useful(choices: Iterable[Wanted], people: Sequence[Mapping[int, int]]) -> bool:
    """Whether it matters what is chosen: `people` are the levels, by skill, of each person who may be rung."""
    return len({frozenset(i for i, has in enumerate(people) if _fits(c, has, people)) for c in choices}) > 1


def _fits(choice: Wanted, has: Mapping[int, int], people: Sequence[Mapping[int, int]]) -> bool:
    return choice.skill_id is None or has.get(choice.skill_id, 0) >= (reachable(choice, people) or 0)


def reachable(choice: Wanted, people: Iterable[Mapping[int, int]]) -> int | None:
    """The level to ask for: at most the best there is. None when nobody has the skill: then it would never ring."""
    if choice.skill_id is None:
        return None
    return min(choice.level, max((has.get(choice.skill_id, 0) for has in people), default=0)) or None


# --- How it is written ----------------------------------------------------------------------------


def language_for(words: Mapping[str, str], *languages: str) -> str:
    """The first of the languages in which there are words, else whichever there is; "" when there are none."""
    return next((code for code in (*languages, *LANGUAGES) if words.get(code)), "")


def in_language(words: Mapping[str, str], *languages: str) -> str:
    """The words in that language."""
    return words.get(language_for(words, *languages), "")


def numbered(question: str, labels: Iterable[str], closing: str) -> str:
    """A menu where there are no buttons."""
    lines = [f"{number}. {label}" for number, label in enumerate(labels, 1)]
    return "\n".join([question, "", *lines, "", closing])


# --- What an answer says --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Option:
    """A line of a menu as it was shown."""

    id: str
    label: str


_NOT_WORD = re.compile(r"[\W_]+")
_NUMBERS = {
    word: number
    for number, words in enumerate(
        ("uno una um uma one", "dos dois duas two", "tres three", "cuatro quatro four", "cinco five", "seis six"), 1
    )
    for word in words.split()
} | {
    word: number
    for number, words in enumerate(
        ("primero primera primeiro primeira first 1st 1o 1a 1er", "segundo segunda second 2nd 2o 2a",
         "tercero tercera terceiro terceira third 3rd 3o 3a", "cuarto cuarta quarto quarta fourth 4th 4o 4a",
         "quinto quinta fifth 5th 5o 5a", "sexto sexta sixth 6th 6o 6a"), 1
    )
    for word in words.split()
}  # fmt: skip
_BEFORE = frozenset({
    "opcion", "opcao", "option", "numero", "number", "num", "nro", "no", "n", "la", "el", "lo", "a", "o", "the",
    "choice", "quiero", "quero", "elijo", "escolho", "i", "choose",
})  # fmt: skip
_AFTER = frozenset({"por", "favor", "please", "gracias", "obrigado", "obrigada", "thanks", "thank", "you"})


def read_choice(text: str, options: Sequence[Option], pressed: str = "") -> str:
    """The id of the option that was chosen, or "": the button pressed, or the first line as a label or a number.

    More lines may follow; more words on the first line, except good manners, make it something else that was said.
    """
    if any(option.id == pressed for option in options):
        return pressed
    words = _words(next((line for line in text.splitlines() if line.strip()), ""))
    labels = {option.id: _words(option.label) for option in options}
    polite = _without_manners(words)
    said = _trimmed(polite)
    if not said:
        return ""
    named = [id for id, label in labels.items() if label and label in (words, polite, said)]
    if named:
        return named[0] if len(named) == 1 else ""
    number = _number(said[0])
    if number is None or number > len(options):
        return ""
    chosen = options[number - 1].id
    return chosen if len(said) == 1 or said[1:] == labels[chosen] else ""


def is_number(label: str) -> bool:
    """Whether a label would be read as the number of a line, perhaps of another one."""
    said = _trimmed(_without_manners(_words(label)))
    return len(said) == 1 and _number(said[0]) is not None


def _words(line: str) -> list[str]:
    return _NOT_WORD.sub(" ", fold(line[:200])).split()


def _without_manners(words: list[str]) -> list[str]:
    said = list(words)
    while len(said) > 1 and said[-1] in _AFTER:
        said.pop()
    return said


def _trimmed(words: list[str]) -> list[str]:
    """Without what people put before a number."""
    said = list(words)
    while len(said) > 1 and said[0] in _BEFORE:
        del said[0]
    return said


def _number(word: str) -> int | None:
    if word.isdecimal() and len(word) <= 2:
        return int(word) or None
    return _NUMBERS.get(word)
