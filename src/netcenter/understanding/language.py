"""Which of our languages a text is in: by the pieces of its words, as they are written, accents and all.

Our own table of 262,144 places, learned from short messages, decides most; where it doubts, py3langid is asked too,
which knows the languages from elsewhere.
"""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from netcenter.understanding.features import hash_spans, mixed

LANGUAGES = ("es", "pt", "en")
SHIPPED = Path(__file__).with_name("language.model")
LONGEST = 400  # characters: more would say the same
BITS = 18
CERTAIN = 0.99  # below it, py3langid is asked too
TRUST = 0.6  # of what py3langid says, in the logarithm

_NAMES = re.compile(r"(?:https?://|www\.)\S+|[@#]\w+|<\w+>|\b\w+\.(?:com|net|org)\b")  # they speak no language
_NOT_WORDS = re.compile(r"[\W\d_]+")


def letters_of(text: str) -> str:
    """What of a text can speak a language; empty when it is less than two letters."""
    letters = _NOT_WORDS.sub(" ", _NAMES.sub(" ", text[: 2 * LONGEST])).strip()[:LONGEST].lower()
    return letters if len(letters) >= 2 else ""


def pieces(letters: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Of each piece of each text: which text, and the piece's place. Runs of 1 to 4 letters with edges, and words."""
    joined = "".join(f" {one} " for one in letters)
    chars = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    if not len(chars):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    row = np.repeat(np.arange(len(letters)), [len(one) + 2 for one in letters])
    space = chars == 32
    rows, places = [], []
    value = np.zeros(len(chars), dtype=np.uint64)
    for n in range(1, 5):
        value = (value[: len(chars) - n + 1] + chars[n - 1 :]) * np.uint64(0x9E3779B97F4A7C15)
        same = (row[: len(value)] == row[n - 1 :]) & ~(space[: len(value)] & (n == 1))
        rows.append(row[: len(value)][same])
        places.append(mixed(value[same], 32 + n))
    begins = np.flatnonzero(~space & np.concatenate(([True], space[:-1])))
    ends = np.flatnonzero(~space & np.concatenate((space[1:], [True]))) + 1
    rows.append(row[begins])
    places.append(mixed(hash_spans(chars, begins, ends), 40))
    return np.concatenate(rows), (np.concatenate(places) >> np.uint32(32 - BITS)).astype(np.int64)


def told(letters: Sequence[str], weights: np.ndarray) -> np.ndarray:
    """The sum for each language: evidence grows with the root of how much there is."""
    row, place = pieces(letters)
    count = np.bincount(row, minlength=len(letters))
    sums = np.stack(
        [np.bincount(row, weights[place, n], minlength=len(letters)) for n in range(len(LANGUAGES))], axis=1
    )
    return sums / np.sqrt(np.maximum(count, 1))[:, None]  # type: ignore[no-any-return]


def languages_of(texts: Sequence[str]) -> list[tuple[str, float]]:
    """Of each text its language and the probability; ("", 0) when there is nothing to tell it by."""
    letters = [letters_of(text) for text in texts]
    at = [i for i, one in enumerate(letters) if one]
    result: list[tuple[str, float]] = [("", 0.0)] * len(texts)
    if not at:
        return result
    sums = told([letters[i] for i in at], _weights())
    for n, i in enumerate(at):
        probability = _shares(sums[n])
        if probability.max() < CERTAIN:
            other = np.array([_also(letters[i])[language] for language in LANGUAGES])
            probability = _shares(sums[n] + TRUST * np.log(np.maximum(other, 1e-4)))
        best = int(probability.argmax())
        result[i] = LANGUAGES[best], float(probability[best])
    return result


def _shares(sums: np.ndarray) -> np.ndarray:
    raised = np.exp(sums - sums.max())
    return raised / raised.sum()  # type: ignore[no-any-return]


def _also(letters: str) -> dict[str, float]:
    return {str(language): float(p) for language, p in _identifier().rank(letters)}


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(LANGUAGES))
    return identifier


@cache
def _weights() -> np.ndarray:
    with np.load(SHIPPED, allow_pickle=False) as file:
        return file["weights"].astype(np.float32)  # type: ignore[no-any-return]


def save(weights: np.ndarray, path: Path) -> None:
    with path.open("wb") as file:
        np.savez_compressed(file, weights=weights.astype(np.float16))
