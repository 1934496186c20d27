"""The trained engine's numbers: from features to probabilities, in numpy.

One table of weights, a row for each feature and a column for each question that is asked of a text. Several *experts*
may answer one question: each has learned from one source, and which of them is heard follows from where the text seems
to come from, which is one more question (the *gate*). Some experts listen to others, who have learned
something else from other texts. What the experts say goes into the second look, at the kinds.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from netcenter.understanding import lexicon
from netcenter.understanding.features import Seen, see

SHIPPED = Path(__file__).with_name("reading.model")
_ONE: np.float32 = np.float32(1)
LONGEST_REASON = 40  # characters of a word that is told as one that decided
_SLOTS = 20  # the table of places has 2^20


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns answer a question, and how their sums become probabilities."""

    name: str
    start: int
    labels: tuple[str, ...]
    slope: float = 1.0
    shift: tuple[float, ...] = (0.0,)

    @property
    def end(self) -> int:
        return self.start + len(self.labels)

    def probabilities(self, sums: np.ndarray) -> np.ndarray:
        """Of each label, one row per text: exclusive ones add up to 1, a single one stands by itself."""
        calibrated = sums[:, self.start : self.end] * self.slope + np.asarray(self.shift)
        return sigmoid(calibrated) if len(self.labels) == 1 else softmax(calibrated)


@dataclass(frozen=True, slots=True)
class Weighed:
    """A batch on the scale: each text's features with their values, and which words they belong to."""

    start: np.ndarray  # of each text, where its features begin; one more at the end
    feature: np.ndarray
    value: np.ndarray
    seen: Seen
    of: np.ndarray  # for each occurrence in `seen`, which entry of `feature` it is; -1 of none
    times: np.ndarray  # how often each entry of `feature` occurs


class Table:
    """The features that a model knows, and its weights: as they are, or packed in a byte each with each `largest`."""

    def __init__(
        self, hashes: np.ndarray, idf: np.ndarray, block: np.ndarray, weights: np.ndarray, bias: np.ndarray,
        largest: np.ndarray | None = None,
    ):  # fmt: skip
        self.hashes, self.idf, self.block = hashes, idf.astype(np.float32), block
        self.weights, self.largest = weights, largest
        self.bias: np.ndarray = bias.astype(np.float32)
        self._places = _places(hashes)

    def known(self, hashes: np.ndarray) -> np.ndarray:
        """The number of each feature; -1 where it is none of ours."""
        found = np.full(len(hashes), -1, dtype=np.int64)
        place = (hashes >> np.uint32(32 - _SLOTS)).astype(np.int64)
        left = np.arange(len(hashes))
        while len(left):
            at = self._places[place[left] & ((1 << _SLOTS) - 1)]
            left, at = left[at >= 0], at[at >= 0]
            same = self.hashes[at] == hashes[left]
            found[left[same]] = at[same]
            left = left[~same]
            place[left] += 1
        return found

    def weigh(self, seen: Seen, count: int) -> Weighed:
        """Each text as two vectors of length 1, of its words and of its pieces."""
        feature = self.known(seen.hash)
        good = np.flatnonzero(feature >= 0)
        key = seen.row[good] * len(self.hashes) + feature[good]
        order = np.argsort(key, kind="stable")
        ordered = key[order]
        new = np.concatenate(([True], ordered[1:] != ordered[:-1])) if len(key) else np.zeros(0, dtype=bool)
        first = np.flatnonzero(new)
        of = np.full(len(seen.hash), -1, dtype=np.int64)
        of[good[order]] = np.cumsum(new) - 1
        keys, times = ordered[first], np.diff(np.concatenate((first, [len(ordered)])))
        row, feature = keys // len(self.hashes), keys % len(self.hashes)
        value = (1 + np.log(times)).astype(np.float32) * self.idf[feature]
        half = row * 2 + self.block[feature]
        length = np.sqrt(np.bincount(half, value * value, minlength=2 * count))
        value = (value / np.maximum(length[half], 1e-9)).astype(np.float32)
        start = np.searchsorted(row, np.arange(count + 1))
        return Weighed(start, feature, value, seen, of, times)

    def sums(self, weighed: Weighed) -> np.ndarray:
        """The weights of each text's features, added up: a row per text, a column per label."""
        total = np.empty((len(weighed.start) - 1, self.weights.shape[1]), dtype=np.float32)
        for text in range(len(total)):
            part = slice(weighed.start[text], weighed.start[text + 1])
            total[text] = weighed.value[part] @ self._plain(self.weights[weighed.feature[part]])
        return (total if self.largest is None else total * self.largest) + self.bias

    def _plain(self, weights: np.ndarray) -> np.ndarray:
        """Weights as numbers; of packed ones, as shares of the column's largest."""
        return weights if self.largest is None else unpack(weights, _ONE)

    def shares(self, weighed: Weighed, column: np.ndarray) -> np.ndarray:
        """What each word adds to the column asked about in its text; numbered as the words of the batch."""
        row = np.repeat(np.arange(len(column)), np.diff(weighed.start))
        weights = self._plain(self.weights[weighed.feature, column[row]])
        if self.largest is not None:
            weights = weights * self.largest[column[row]]
        share = weighed.value * weights / weighed.times
        mine = (weighed.of >= 0) & (weighed.seen.word >= 0)
        words = sum(len(t) for t in weighed.seen.tokens)
        return np.bincount(weighed.seen.word[mine], share[weighed.of[mine]], minlength=words)


class Model:
    """What a file of weights can say about texts."""

    def __init__(self, table: Table, about: dict[str, Any], second: np.ndarray, beside: dict[str, np.ndarray]):
        self.table, self.about, self.second, self.beside = table, about, second, beside
        self.columns = {
            c["name"]: Columns(c["name"], c["start"], tuple(c["labels"]), c["slope"], tuple(c["shift"]))
            for c in about["columns"]
        }
        self.version = str(about["version"])
        domains = self.columns["gate"].labels
        self.heard: dict[str, list[tuple[str, np.ndarray]]] = {
            question: [
                (expert, np.array([among.get(d, among["*"]) == expert for d in domains], dtype=np.float64))
                for expert in dict.fromkeys(among.values())
            ]
            for question, among in about["experts"].items()
        }

    def read(self, texts: Sequence[str]) -> "Said":
        """What the model says of each text."""
        weighed = self.table.weigh(see(texts), len(texts))
        sums = self.listened(self.table.sums(weighed).astype(np.float64))  # so that no neighbour moves a digit
        gate = self.columns["gate"].probabilities(sums)
        found, spoken = evidence(texts)
        first = np.hstack([gate, *(self.answer(q, sums, gate) for q in self.about["first"]), spoken])
        if len(self.second):
            start = self.about["second_start"]
            sums = sums.copy()
            sums[:, start : start + self.second.shape[1]] += first @ self.second
        return Said(self, weighed, sums, gate, found)

    def listened(self, sums: np.ndarray) -> np.ndarray:
        """The sums, of experts who listen to others with what these say."""
        for name, weights in self.beside.items():
            column = self.columns[name]
            said = np.hstack([self.columns[other].probabilities(sums) for other in self.about["beside"][name]])
            sums[:, column.start : column.end] += said @ weights
        return sums

    def answer(self, question: str, sums: np.ndarray, gate: np.ndarray) -> np.ndarray:
        """The experts' answers, each heard as much as the text seems to come from where it learned."""
        heard = self.heard[question]
        if len(heard) == 1:
            return self.columns[heard[0][0]].probabilities(sums)
        return sum(  # type: ignore[no-any-return]
            self.columns[expert].probabilities(sums) * (gate @ share)[:, None] for expert, share in heard
        )

    def expert(self, question: str, gate: np.ndarray) -> list[Columns]:
        """Of each text, whose word counts most."""
        heard = self.heard[question]
        most = np.stack([gate @ share for _, share in heard]).argmax(axis=0)
        return [self.columns[heard[i][0]] for i in most]


@dataclass(frozen=True, slots=True)
class Said:
    """What a model says of a batch."""

    model: Model
    weighed: Weighed
    sums: np.ndarray
    gate: np.ndarray
    found: list[dict[str, list[str]]]  # by the lexicon

    def answer(self, question: str) -> np.ndarray:
        return self.model.answer(question, self.sums, self.gate)

    def labels(self, question: str) -> tuple[str, ...]:
        expert = self.model.heard[question][0][0]
        return self.model.columns[expert].labels

    def why(self, asked: Sequence[tuple[str, int]], most: int = 3) -> list[list[str]]:
        """The words that spoke most for the answer given: of each text, a question and the number of the label."""
        gates = {q: self.model.expert(q, self.gate) for q in {q for q, _ in asked}}
        column = np.array([gates[q][i].start + label for i, (q, label) in enumerate(asked)], dtype=np.int64)
        shares = self.model.table.shares(self.weighed, column)
        seen, result = self.weighed.seen, []
        for i, tokens in enumerate(seen.tokens):
            mine = shares[seen.first[i] : seen.first[i] + len(tokens)]
            best = [n for n in np.argsort(-mine, kind="stable") if mine[n] > 0.02 and _tells(tokens[n])][:most]
            result.append(list({tokens[n].casefold(): tokens[n] for n in sorted(best)}.values()))
        return result


def _tells(token: str) -> bool:
    """Whether a person sees a reason in it: in a comma nobody does, nor in what no eye reads to its end."""
    return len(token) <= LONGEST_REASON and token.isprintable() and token.strip(".,;:…·-–—()[]\"'«»“”‘’/\\ ") != ""


def evidence(texts: Sequence[str]) -> tuple[list[dict[str, list[str]]], np.ndarray]:
    """What the lexicon finds, and how much of what speaks for a kind: nothing, something or more of each."""
    found = [lexicon.found(lexicon.plain(text)) for text in texts]
    spoken = np.zeros((len(texts), len(lexicon.KIND_EVIDENCE) + 1), dtype=np.float32)
    for row, (text, some) in enumerate(zip(texts, found, strict=True)):
        for n, category in enumerate(lexicon.KIND_EVIDENCE):
            if category in some:
                spoken[row, n] = min(len(some[category]), 2) / 2
        spoken[row, -1] = "?" in text
    return found, spoken


def softmax(sums: np.ndarray) -> np.ndarray:
    raised = np.exp(sums - sums.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)  # type: ignore[no-any-return]


def sigmoid(sums: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(sums, -40, 40)))  # type: ignore[no-any-return]


def _places(hashes: np.ndarray) -> np.ndarray:
    """Where each feature lies: by its first bits, or as many places further as there were others before it."""
    places = np.full(1 << _SLOTS, -1, dtype=np.int32)
    place = (hashes >> np.uint32(32 - _SLOTS)).astype(np.int64)
    left = np.arange(len(hashes))
    while len(left):
        at = place[left] & ((1 << _SLOTS) - 1)
        free = places[at] < 0
        _, one = np.unique(at[free], return_index=True)
        chosen = left[free][one]
        places[place[chosen] & ((1 << _SLOTS) - 1)] = chosen
        left = np.setdiff1d(left, chosen, assume_unique=True)
        place[left] += places[place[left] & ((1 << _SLOTS) - 1)] >= 0
    return places


# --- The file -------------------------------------------------------------------------------------


def pack(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights in a byte each, finer near nought: the sign and the root of the share of the column's largest."""
    largest = np.maximum(np.abs(weights).max(axis=0), 1e-9).astype(np.float32)
    return np.rint(np.sign(weights) * np.sqrt(np.abs(weights) / largest) * 127).astype(np.int8), largest


def unpack(packed: np.ndarray, largest: np.ndarray | np.float32) -> np.ndarray:
    roots = packed.astype(np.float32)
    return roots * np.abs(roots) * (largest / np.float32(127 * 127))  # type: ignore[no-any-return]


def save(model: Model, path: Path) -> None:
    table = model.table
    packed, largest = pack(table.weights) if table.largest is None else (table.weights, table.largest)
    with path.open("wb") as file:
        np.savez_compressed(
            file, hashes=table.hashes, idf=table.idf.astype(np.float16), block=table.block,
            weights=np.ascontiguousarray(packed.T), largest=largest, bias=table.bias, second=model.second,
            **{f"beside.{name}": weights for name, weights in model.beside.items()},  # type: ignore[arg-type]
            about=np.frombuffer(json.dumps(model.about, sort_keys=True).encode(), dtype=np.uint8),
        )  # fmt: skip


def load(path: Path) -> Model:
    with np.load(path, allow_pickle=False) as file:
        about = json.loads(file["about"].tobytes())
        packed = np.ascontiguousarray(file["weights"].T)
        table = Table(file["hashes"], file["idf"], file["block"], packed, file["bias"], file["largest"])
        return Model(table, about, file["second"], {name: file[f"beside.{name}"] for name in about["beside"]})


@lru_cache(maxsize=2)
def kept(path: Path) -> Model:
    """A model from elsewhere, read when first asked."""
    return load(path)


@cache
def shipped() -> Model:
    """The model that comes with the house; read when first asked."""
    return load(SHIPPED)
