"""How people put things: the texts of words/*.toml in one person's mouth, and how their fingers type them."""

import random
import re
import tomllib
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from netcenter.street.matters import Matter

FOLDER = Path(__file__).parent / "words"
LANGUAGES = {"es": 6, "pt": 3, "en": 2}  # and how often each is spoken
_NOT_MATTERS = ("dialects", "things", "talk", "gender")

# Where an article meets a preposition.
_MENDS: dict[str, tuple[tuple[str, str], ...]] = {
    "es": ((r"\b([Aa]) el\b", r"\1l"), (r"\b([Dd])e el\b", r"\1el")),
    "pt": (
        (r"\b([Dd])e no\b", r"\1o"), (r"\b([Dd])e na\b", r"\1a"), (r"\b([Dd])e [oa] (?=seu|dona)", r"\1e "),
        (r"\bem o\b", "no"), (r"\bem a\b", "na"), (r"\bEm o\b", "No"), (r"\bEm a\b", "Na"),
    ),
    "en": (),
}  # fmt: skip
_SHORT = {
    "es": (("que", "q"), ("porque", "xq"), ("también", "tmb"), ("por favor", "xfa")),
    "pt": (("você", "vc"), ("vocês", "vcs"), ("também", "tb"), ("porque", "pq"), ("não", "n")),
    "en": (("you", "u"), ("please", "pls"), ("because", "cos"), ("are", "r")),
}
_FACES = {"calm": ("🙂", "😊", "🙏"), "angry": ("😡", "🙄", "😤")}


@cache
def texts(language: str) -> dict[str, Any]:
    """Everything that is said in a language."""
    with (FOLDER / f"{language}.toml").open("rb") as file:
        return tomllib.load(file)


def matters_of(language: str) -> set[str]:
    """The matters that the language has words for."""
    return set(texts(language)) - set(_NOT_MATTERS)


class Voice:
    """One person's way of speaking: language, dialect, name, and the things their matter is about."""

    def __init__(self, language: str, rng: random.Random) -> None:
        self.language, self.rng = language, rng
        self._texts = texts(language)
        self.dialect = rng.choice(list(self._texts["dialects"]))
        self._dialect = self._texts["dialects"][self.dialect]
        self.woman = rng.random() < 0.5
        self.first = rng.choice(self._dialect["women" if self.woman else "men"])
        self.last = rng.choice(self._dialect["lasts"])
        self.sloppiness = rng.choice((0.0, 0.1, 0.3, 0.7))
        things = self._texts["things"]
        self.slots: dict[str, str] = {
            **self._dialect.get("words", {}),
            **{name: pair[self.woman] for name, pair in self._texts["gender"].items()},
            **{name: rng.choice(self._dialect[name + "s"]) for name in ("place", "worker", "amount")},
            **{name: rng.choice(things[name + "s"]) for name in ("product", "cake", "day", "date", "hour")},
            "order": str(rng.randint(20_000, 98_999)), "first": self.first, "operator": "",
        }  # fmt: skip

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    def elsewhere(self) -> str:
        """Another of the places they know."""
        others = [p for p in self._dialect["places"] if p != self.slots["place"]]
        return str(self.rng.choice(others))

    def one(self, choices: Sequence[str], **more: str) -> str:
        """One of the templates, filled. Raises KeyError for a slot that nobody knows."""
        return self.fill(self.rng.choice(choices), **more)

    def fill(self, template: str, **more: str) -> str:
        text = template.format_map({**self.slots, **more})
        for wrong, right in _MENDS[self.language]:
            text = re.sub(wrong, right, text)
        return _begin(text)

    def talk(self, name: str, **more: str) -> str:
        """A phrase that goes with every matter."""
        return self.one(self._texts["talk"][name], **more)

    def wrote(self, when: str, who: str) -> str:
        """The line above what a mail quotes."""
        return str(self._texts["talk"]["wrote"]).format(when=when, who=who)

    def hello(self) -> str:
        return self.one(self._dialect["hello"])

    def opening(self, matter: Matter) -> list[str]:
        """What the matter is, in one to four sentences."""
        return [_begin(part.strip()) for part in self.one(self._texts[matter.name]["open"]).split(" | ")]

    def subject(self, matter: Matter) -> str:
        return self.one(self._texts[matter.name]["subject"])

    def detail(self, matter: Matter) -> str:
        """More of it, when asked; "" when there is no more."""
        choices = self._texts[matter.name]["more"]
        return self.one(choices) if choices else ""

    def answer(self, matter: Matter) -> str:
        """What a good operator would say; "" when nothing is to be said."""
        choices = self._texts[matter.name]["answer"]
        return self.one(choices) if choices else ""

    # --- Fingers ------------------------------------------------------------------------------------------------------

    def typed(self, line: str, heat: float = 0.0) -> str:
        """The line as it comes out of a telephone: lower case, no full stop, short words, slips, a face."""
        rng = self.rng
        if rng.random() < self.sloppiness:
            line = line[:1].lower() + line[1:]
        if self.sloppiness:
            line = line.removesuffix(".")
        if self.sloppiness > 0.5:
            for long, short in _SHORT[self.language]:
                if rng.random() < 0.4:
                    line = re.sub(rf"\b{long}\b", short, line)
            if rng.random() < 0.5:
                line = _plain(line)
        if rng.random() < self.sloppiness * 0.4:
            line = _slip(line, rng)
        if heat > 0.85 and rng.random() < 0.25:
            return line.upper()
        if rng.random() < 0.12:
            line += " " + rng.choice(_FACES["angry" if heat > 0.5 else "calm"])
        return line


def ended(line: str) -> str:
    """With a full stop, where people who write whole texts would set one."""
    return line + "." if line[-1:].isalnum() else line


def _begin(text: str) -> str:
    """With a capital, also after ¿ and ¡."""
    for index, letter in enumerate(text[:3]):
        if letter.isalpha():
            return text[:index] + letter.upper() + text[index + 1 :]
        if letter.isdigit():
            break
    return text


def _plain(text: str) -> str:
    """Without accents and opening marks, as hurried thumbs write; ñ stays."""
    kept = text.replace("ñ", "\0").replace("¿", "").replace("¡", "")
    bare = "".join(c for c in unicodedata.normalize("NFD", kept) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare).replace("\0", "ñ")


def _slip(text: str, rng: random.Random) -> str:
    """Two neighbouring letters change places, or one comes twice; never in numbers."""
    places = [i for i in range(1, len(text) - 2) if text[i - 1 : i + 2].isalpha()]
    if not places:
        return text
    at = rng.choice(places)
    if rng.random() < 0.6:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + text[at] + text[at:]
