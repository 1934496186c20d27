"""What a search finds: phrases, exclusions, languages, places. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from netcenter.lib.text import fold

MOST_PHRASES, LONGEST_PHRASE = 100, 200
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Wanted:
    """One search. Any phrase suffices, no exclusion may stand there; without languages or places any will do.

    A phrase is words in a row; `+` asks for several anywhere in the text: "aurora + pan dulce".
    """

    phrases: tuple[str, ...]
    excluded: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    places: tuple[str, ...] = ()

    @cached_property
    def _phrases(self) -> list[list[re.Pattern[str]]]:
        return [[_words(part) for part in phrase.split("+") if part.strip()] for phrase in self.phrases]

    def found_in(self, text: str) -> str:
        """The first phrase that stands in the text, as the search has it; "" when none does or one excludes it."""
        folded = _SPACE.sub(" ", fold(text))
        if any(_words(word).search(folded) for word in self.excluded):
            return ""
        for phrase, parts in zip(self.phrases, self._phrases, strict=True):
            if parts and all(part.search(folded) for part in parts):
                return phrase
        return ""

    def is_of(self, language: str) -> bool:
        """Whether words of that language are wanted; of a language that nobody knows, they are."""
        return not self.languages or not language or language.split("-", maxsplit=1)[0].lower() in self.languages

    def is_there(self, *told: str) -> bool:
        """Whether any of the texts that tell where something is names one of the places."""
        if not self.places:
            return True
        folded = " | ".join(_SPACE.sub(" ", fold(each)) for each in told if each)
        return any(_words(place).search(folded) for place in self.places)


@lru_cache(maxsize=4096)
def _words(phrase: str) -> re.Pattern[str]:
    """The words in a row, whole. A hashtag or a handle is found by its word alone, too."""
    folded = _SPACE.sub(" ", fold(phrase)).strip().lstrip("#@")
    return re.compile(rf"(?<!\w){re.escape(folded)}(?!\w)" if folded else r"(?!)")


def lines(text: str, most: int = MOST_PHRASES) -> list[str]:
    """What a field with one thing a line holds: each once, without what is empty."""
    told = (_SPACE.sub(" ", line).strip()[:LONGEST_PHRASE] for line in re.split(r"[\n;]", text))
    return list(dict.fromkeys(filter(None, told)))[:most]


def hashtags(phrases: Iterable[str]) -> list[str]:
    """The phrases as hashtags, for networks that can be asked for these: "Pan Aurora" is #panaurora."""
    joined = (re.sub(r"\W", "", fold(phrase)) for phrase in phrases if "+" not in phrase)
    return [tag for tag in dict.fromkeys(joined) if tag]


def backoff(failures: int, every: int) -> int:
    """Seconds until a source that failed so often in a row is asked again: longer and longer, a day at the most."""
    return min(86_400, every * 2 ** min(failures, 10))


def span(found: str, text: str) -> tuple[int, int]:
    """Where in the text the phrase stands that was found, to be marked; (0, 0) when it is spread over it."""
    words = [re.escape(w) for w in _SPACE.sub(" ", found).strip().lstrip("#@").split(" ")]
    hit = re.search(r"\s+".join(words), text, re.IGNORECASE) if words and "+" not in found else None
    return hit.span() if hit else (0, 0)


def carries(followers: Sequence[Any]) -> int:
    """How many people those reach who said it, as far as that was told; each author once."""
    return sum(n for n in followers if isinstance(n, int) and n > 0)
