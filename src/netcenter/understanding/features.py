"""What the engine sees of a text: words, pairs of words, pieces of words, and how they are written.

All of it in numpy over a whole batch, since this is most of the work. Each feature is a 32-bit hash that is the same on
every machine and in every run, whatever PYTHONHASHSEED says.
"""

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

LONGEST = 1500  # characters looked at: whoever writes more has said what it is about by then
WORDS, PIECES = 0, 1  # the two blocks of features, each of length 1
LINK, SOMEBODY = "\ue001", "\ue002"
NEGATED_WORDS = 3  # this many words after a "no" are seen as negated, too

_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_SOMEBODY = re.compile(r"@(?:usuario|user|u_\w+|\d+)\b|\bUSER\b", re.IGNORECASE)
TOKEN = re.compile(r"[@#]?[^\W_]+(?:['’_][^\W_]+)*|([^\w\s])\1*|_+")
_SPACE = 32
_B = np.uint64(0x9E3779B97F4A7C15)  # odd, so it has an inverse modulo 2^64
_B_INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
_PAIR = np.uint64(0xC2B2AE3D27D4EB4F)
_NEGATORS = ("no", "not", "nunca", "sin", "nao", "never", "sem", "ni", "nem", "jamas", "jamais", "don't", "can't",
             "didn't", "won't", "isn't", "doesn't", "cannot", "without", "tampoco", "nada", "n't")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """The features of a batch, one entry per occurrence."""

    row: np.ndarray  # int64: of which text
    word: np.ndarray  # int64: of which word, counted over the whole batch; -1 of none
    hash: np.ndarray  # uint32
    block: np.ndarray  # uint8: WORDS or PIECES
    tokens: list[list[str]]  # the words of each text as they were written
    first: np.ndarray  # int64: the number of each text's first word


def tokens_of(text: str) -> list[str]:
    """The words and signs of a text as they were written; links and private people are one sign each."""
    text = text[:LONGEST]
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if "&" in text:
        text = html.unescape(text)
    if "http" in text or "www." in text or "HTTP" in text:
        text = _LINK.sub(f" {LINK} ", text)
    if "@" in text or "USER" in text:
        text = _SOMEBODY.sub(f" {SOMEBODY} ", text)
    return [m.group() for m in TOKEN.finditer(text)]


def see(texts: Sequence[str]) -> Seen:
    """The features of all texts."""
    tokens = [tokens_of(text) for text in texts]
    counts = np.array([len(t) for t in tokens], dtype=np.int64)
    first = np.concatenate(([0], np.cumsum(counts)))[:-1] if tokens else np.zeros(0, np.int64)
    joined = "".join(f" {' '.join(t)} " if t else "" for t in tokens)
    raw = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    if not len(raw):
        none = np.zeros(0, np.int64)
        return Seen(none, none, none.astype(np.uint32), none.astype(np.uint8), tokens, first)
    upper = np.where(raw < 0x10000, _upper()[np.minimum(raw, 0xFFFF)], False)
    chars = np.where(raw < 0x10000, _folded()[np.minimum(raw, 0xFFFF)], raw).astype(np.uint64)
    keep = np.ones(len(chars), dtype=bool)
    keep[2:] = (chars[2:] != chars[1:-1]) | (chars[1:-1] != chars[:-2]) | (chars[2:] == _SPACE)
    chars, upper = chars[keep], upper[keep]
    space = chars == _SPACE
    begins = np.flatnonzero(~space & np.concatenate(([True], space[:-1])))
    ends = np.flatnonzero(~space & np.concatenate((space[1:], [True]))) + 1
    row = np.repeat(np.arange(len(tokens)), counts)
    hashes = hash_spans(chars, begins, ends)
    words = _word_features(hashes, row, chars, upper, begins, ends)
    pieces = _piece_features(chars, space, begins, row)
    parts = [*words, *pieces]
    return Seen(
        np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts]),
        np.concatenate([p[2] for p in parts]),
        np.repeat(np.array([WORDS, PIECES], np.uint8), [sum(len(p[0]) for p in k) for k in (words, pieces)]),
        tokens, first,
    )  # fmt: skip


_Part = tuple[np.ndarray, np.ndarray, np.ndarray]


def _word_features(
    hashes: np.ndarray, row: np.ndarray, chars: np.ndarray, upper: np.ndarray, begins: np.ndarray, ends: np.ndarray
) -> list[_Part]:
    """Words, pairs, pairs with a gap, negated words, shouted words, the first words, and how the whole is written."""
    number = np.arange(len(hashes))
    parts = [(row, number, mixed(hashes, 1))]
    for gap, salt in ((1, 2), (2, 3)):
        same = np.flatnonzero(row[:-gap] == row[gap:])
        parts.append((row[same], number[same], mixed(hashes[same] * _PAIR + hashes[same + gap], salt)))
    negator = np.isin(hashes, _negators())
    negated = np.zeros(len(hashes), dtype=bool)
    for step in range(1, NEGATED_WORDS + 1):
        negated[step:] |= negator[:-step] & (row[step:] == row[:-step])
    which = np.flatnonzero(negated & ~negator)
    parts.append((row[which], which, mixed(hashes[which], 4)))
    begin = np.flatnonzero(np.concatenate(([True], row[1:] != row[:-1])))
    parts.append((row[begin], begin, mixed(hashes[begin], 5)))
    shouts = np.add.reduceat(upper, begins, dtype=np.int64) >= 3
    lengths = ends - begins
    shouts &= np.add.reduceat(upper, begins, dtype=np.int64) == lengths
    which = np.flatnonzero(shouts)
    parts.append((row[which], which, mixed(np.full(len(which), 7, np.uint64), 6)))
    # How long it is, in steps of half a power of two, and what share of it is shouted
    texts, sizes = row[begin], np.diff(np.concatenate((begin, [len(row)])))
    size = np.minimum(np.log2(sizes) * 2, 14).astype(np.uint64)
    parts.append((texts, np.full(len(texts), -1), mixed(size, 8)))
    share = (np.add.reduceat(shouts, begin, dtype=np.int64) * 4 // sizes).astype(np.uint64)
    parts.append((texts, np.full(len(texts), -1), mixed(share, 9)))
    return parts


def _piece_features(chars: np.ndarray, space: np.ndarray, begins: np.ndarray, row: np.ndarray) -> list[_Part]:
    """Runs of 2 to 5 characters inside a word and its edges."""
    owner = np.cumsum(np.bincount(np.maximum(begins - 1, 0), minlength=len(chars))) - 1  # a word owns the space before
    value: np.ndarray = chars * _B
    inside = space
    parts = []
    for n in range(2, min(6, len(chars) + 1)):
        value = value[:-1] * _B + chars[n - 1 :] * _B
        inside = inside[:-1] & ~space[n - 2 : -1] if n > 2 else ~(space[:-1] & space[1:])
        at = np.flatnonzero(inside)
        word = owner[at]
        parts.append((row[word], word, mixed(value[at], 16 + n)))
    return parts


def hash_spans(chars: np.ndarray, begins: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """A 64-bit hash of each span of characters: that of a polynomial, by differences of one running sum."""
    with np.errstate(over="ignore"):
        falling = np.cumprod(np.concatenate(([np.uint64(1)], np.full(len(chars) - 1, _B_INVERSE))))
        rising = np.cumprod(np.concatenate(([np.uint64(1)], np.full(len(chars) - 1, _B))))
        total = np.concatenate(([np.uint64(0)], np.cumsum(chars * falling, dtype=np.uint64)))
        return (total[ends] - total[begins]) * rising[begins] + (ends - begins).astype(np.uint64)


def mixed(values: np.ndarray, salt: int) -> np.ndarray:
    """32 well-mixed bits (the finaliser of MurmurHash3)."""
    x = values + np.uint64(salt * 0x51_7C_C1_B7_27_22_0A_95 % (1 << 64))
    x = (x ^ (x >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    x = (x ^ (x >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return (x >> np.uint64(32)).astype(np.uint32)


@cache
def _folded() -> np.ndarray:
    """Of each character of the basic plane the one it is seen as: lower case, without accent; digits are all 0."""
    table = np.arange(0x10000, dtype=np.uint32)
    for code in range(0x80, 0x2000):
        lower = chr(code).lower()[0]
        table[code] = ord(unicodedata.normalize("NFKD", lower)[0])
    table[ord("A") : ord("Z") + 1] += 32
    table[ord("0") : ord("9") + 1] = ord("0")
    table[0x2019] = ord("'")
    return table


@cache
def _upper() -> np.ndarray:
    return np.array([chr(code).isupper() if code < 0x2000 else False for code in range(0x10000)], dtype=bool)


@cache
def _negators() -> np.ndarray:
    spans = []
    for word in _NEGATORS:
        chars = np.array([ord(c) for c in word], dtype=np.uint64)
        spans.append(hash_spans(chars, np.array([0]), np.array([len(chars)]))[0])
    return np.array(spans, dtype=np.uint64)
