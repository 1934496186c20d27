"""Texts that say much the same: what each says, how much two share, and an index that finds them among thousands.

The same each time, in any process. MinHash (Broder 1997) says where to look; the words themselves decide.
"""

import hashlib
import re
from dataclasses import dataclass, field
from functools import lru_cache

from netcenter.lib.text import fold

HASHES, ROWS = 24, 2  # two texts that share half of their words meet in some band with a chance of 0.97
ALIKE = 0.5  # the Jaccard index from which two texts say much the same
MOST_WORDS = 40  # of a text that are looked at
STEM = 6  # letters: "cobraron" and "cobraban" are one word here

_LINK = re.compile(r"https?://\S+|www\.\S+")
_HANDLE = re.compile(r"(?<!\w)@[\w.\-]+(?:@[\w.\-]+)?")
_WORD = re.compile(r"[^\W_]+")
_DRAWN_OUT = re.compile(r"(.)\1{2,}")
_DIGITS = re.compile(r"\d+")
_FILLERS = frozenset("""
    a al an and are as at be by como con da das de del do dos e el ella em en era es esa ese eso esta este esto for ha
    han hay he in is it its la las le les lo los me mi mis my na nas nos o of on or os ou para pela pelo por porque q
    que se ser si sou soy su sua sus te the this to tu tus un una uno um uma unos was we y ya yo you your muy mas
    muito mais very so too just esto isso isto eu ele ela voce vos usted ustedes nosotros
""".split())  # noqa: SIM905  # fmt: skip
_NEGATIONS = frozenset("no not nunca jamas nao never nem ni sin sem without dont doesnt didnt cant wont isnt".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Gist:
    """The words that carry what a text says, and whether it denies it: "works" is not "does not work"."""

    words: frozenset[str]
    denies: bool = False


def gist(text: str) -> Gist:
    """What is left of a text without names, links, figures, fillers, accents and drawn-out letters."""
    said = _DRAWN_OUT.sub(r"\1", fold(_HANDLE.sub(" ", _LINK.sub(" ", text[:2000]))).replace("'", ""))
    words = [_DIGITS.sub("0", word) for word in _WORD.findall(said)]
    kept = [w[:STEM] for w in words if w not in _FILLERS and w not in _NEGATIONS][:MOST_WORDS]
    if not kept:  # nothing but fillers, or pictures
        kept = words[:MOST_WORDS] or sorted({c for c in said if not c.isspace() and not c.isascii()})[:MOST_WORDS]
    return Gist(frozenset(kept), any(word in _NEGATIONS for word in words))


def likeness(one: Gist, other: Gist) -> float:
    """How much two texts share: 0 where one denies what the other says, or where they share a single word."""
    if one.words == other.words:
        return float(one.denies == other.denies)
    shared = len(one.words & other.words)
    return shared / len(one.words | other.words) if shared > 1 and one.denies == other.denies else 0.0


def bands(one: Gist) -> list[tuple[int, int, int]]:
    """Where to look for what says the same: MinHash (Broder 1997), two rows to a band."""
    if not one.words:
        return [(0, 0, 0)]
    least = [min(column) for column in zip(*map(_hashes, one.words), strict=True)]
    return [(row, least[row], least[row + 1]) for row in range(0, HASHES, ROWS)]


@lru_cache(maxsize=50_000)
def _hashes(word: str) -> tuple[int, ...]:
    digest = hashlib.blake2b(word.encode(), digest_size=HASHES * 2).digest() + hashlib.blake2b(
        word.encode(), digest_size=HASHES * 2, salt=b"more"
    ).digest()  # fmt: skip
    return tuple(int.from_bytes(digest[n * 4 : n * 4 + 4]) for n in range(HASHES))


@dataclass(slots=True)
class Entry:
    """What leads those that say the same; `number` is 0 until it is written down."""

    place: int
    said: Gist
    frame: str
    number: int = 0


@dataclass
class Index:
    """What has been said so far. `frame`: what must agree beside the words, such as kind and language."""

    _entries: int = 0
    _places: dict[int, list[Entry]] = field(default_factory=dict)  # by a hash: a clash costs one comparison

    def __len__(self) -> int:
        return self._entries

    def add(self, said: Gist, frame: str, number: int = 0) -> Entry:
        """Who said it first leads: later ones are compared with these words."""
        entry = Entry(self._entries, said, frame, number)
        self._entries += 1
        for band in bands(said):
            self._places.setdefault(hash((frame, band)), []).append(entry)
        return entry

    def find(self, said: Gist, frame: str) -> Entry | None:
        """The one that says most nearly the same, the oldest of several; None when nobody said it."""
        met = {
            e.place: e for band in bands(said) for e in self._places.get(hash((frame, band)), ()) if e.frame == frame
        }
        best, likest = None, ALIKE
        for entry in sorted(met.values(), key=lambda e: e.place):
            if (like := likeness(said, entry.said)) >= likest and (best is None or like > likest):
                best, likest = entry, like
        return best
