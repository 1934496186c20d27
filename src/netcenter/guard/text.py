"""Words without accents and case that remember where they stood, tables of phrases, sentences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache

LANGUAGES = ("es", "en", "pt")


class _Folding(dict[int, str]):
    """One letter for each letter, so that places stay; letters are learned as they are met."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        plain = "".join(c for c in unicodedata.normalize("NFKD", letter.lower()) if not unicodedata.combining(c))
        self[code] = plain if len(plain) == 1 else letter
        return self[code]


_FOLDING = _Folding({ord(a): b for a, b in zip("‘’´`“”«»…\u00a0\u202f", "''''\"\"\"\". " + " ", strict=True)})
_MARKS = re.compile("[\u0300-\u036f]")


class Folded:
    """The text folded; `at` leads back to the original."""

    __slots__ = ("_places", "original", "text")

    def __init__(self, original: str) -> None:
        self.original = original
        self._places: list[int] | None = None
        text = original
        if _MARKS.search(text):  # accents typed as letters of their own: they fall out
            self._places = [n for n, c in enumerate(text) if not _MARKS.match(c)]
            self._places.append(len(text))
            text = _MARKS.sub("", text)
        self.text = text.translate(_FOLDING)

    def at(self, place: int) -> int:
        """Where this place of the folded text is in the original."""
        return place if self._places is None else self._places[place]


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """The text folded, when nobody asks where."""
    return Folded(text).text


_WRAPPED = re.compile(r"\n\s*")


class Phrases:
    """Phrases for each language, as parts of one pattern on folded text. `whole` bounds them by words.

    `unless` is looked for in the 40 letters before: "no", a quotation, whatever turns the phrase round.
    """

    def __init__(self, unless: Mapping[str, str] | None = None, whole: bool = True, /, **languages: str) -> None:
        bound = r"(?<!\w)(?:%s)(?!\w)" if whole else "(?:%s)"
        self._patterns = {
            language: re.compile(bound % _sloppy(language, _WRAPPED.sub("", phrases)))
            for language, phrases in languages.items()
        }
        self._unless = {language: re.compile(f"(?:{part})$") for language, part in (unless or {}).items()}

    def every(self, text: str, language: str) -> Iterator[re.Match[str]]:
        """Each place where a phrase of this language stands, but not where it is turned round or quoted."""
        pattern = self._patterns.get(language)
        if pattern is None:
            return
        unless = self._unless.get(language)
        for match in pattern.finditer(text):
            before = text[max(0, match.start() - 40) : match.start()]
            if not (unless and unless.search(before)) and not _quoted(text, match.start()):
                yield match

    def first(self, text: str, language: str) -> re.Match[str] | None:
        """The first place, or None."""
        return next(self.every(text, language), None)

    def said(self, text: str, language: str) -> bool:
        """Whether any of them is said."""
        return self.first(text, language) is not None


_SHORTENED = re.compile(r"(?<![\w\[])voce(?![\w?])")
_APOSTROPHE = re.compile(r"(?<=n)'(?=t(?!\w))|(?<=you)'(?=(?:re|ve)(?!\w))|(?<=that)'(?=s(?!\w))")


def _sloppy(language: str, phrases: str) -> str:
    """The phrases as tired people type them too: "vc", "dont", "youre"."""
    if language == "pt":
        return _SHORTENED.sub("(?:voce|vc)", phrases)
    return _APOSTROPHE.sub("'?", phrases) if language == "en" else phrases


def _quoted(text: str, place: int) -> bool:
    return text.count('"', 0, place) % 2 == 1 and '"' in text[place:]


_END = re.compile(r"(?:[.!?…]+(?=[\s\"')\]]|$)|\n+)[\"')\]]*\s*")


def sentences(text: str) -> list[tuple[int, int]]:
    """Where each sentence begins and ends, the space behind it included."""
    found, start = [], 0
    for match in _END.finditer(text):
        if text[start : match.end()].strip():
            found.append((start, match.end()))
            start = match.end()
    if text[start:].strip():
        found.append((start, len(text)))
    return found


def words(text: str) -> list[str]:
    """The words of a folded text."""
    return re.findall(r"[^\W_]+", text)


NUMBERS = {
    word: str(number)
    for number, said in {
        2: "dos two duas dois", 3: "tres three", 4: "cuatro four quatro", 5: "cinco five", 6: "seis six",
        7: "siete seven sete", 8: "ocho eight oito",
        9: "nueve nine nove", 10: "diez ten dez", 15: "quince fifteen quinze",
        20: "veinte twenty vinte", 30: "treinta thirty trinta", 40: "cuarenta forty quarenta", 50: "cincuenta fifty",
    }.items()
    for word in said.split()
}  # fmt: skip
"""What is said in a word, in figures."""


def figures(text: str) -> set[str]:
    """The numbers of a folded text, said in figures or in a word; one is none."""
    return {n for word in words(text) if (n := NUMBERS.get(word, word)).isdigit() and n != "1"}
