"""A company's own topics, learned from its labelled cases: a file of weights that reads beside the shipped model.

A support vector machine for each topic against the others, over the same features, in numpy alone, so that a house can
fit it anywhere; the same rows in the same order give the same weights.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO
from zipfile import BadZipFile

import numpy as np

from netcenter.understanding.features import PIECES, see
from netcenter.understanding.labelled import labelled
from netcenter.understanding.model import Table, Weighed, pack, softmax, unpack

FEWEST = 2  # examples of a topic: fewer teach nothing
FOLDS = 5
ROUNDS = 8  # how often all examples are seen
STRENGTH = 1.5  # how dearly an example on the wrong side is paid for
SLOPE = 3.0  # from sums to the logarithms of shares, unless it was learned
LARGE = 2_000  # with more rows than this one fifth is judged, not all five

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Topics:
    """Topics and the weights by which they are known."""

    labels: tuple[str, ...]
    table: Table
    slope: float = 1.0

    def read(self, texts: Sequence[str]) -> np.ndarray:
        """The probability of each topic, a row per text."""
        return softmax(self.sums(texts) * self.slope)

    def sums(self, texts: Sequence[str]) -> np.ndarray:
        return self.table.sums(self.table.weigh(see(texts), len(texts))).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Quality:
    """How well topics are known, on examples that the judge had not seen."""

    judged: int
    accuracy: float
    of: dict[str, tuple[int, float]]  # topic: examples, F1
    confused: list[tuple[str, str, int]]  # is, was read as, how often


def examples(path: Path) -> tuple[list[str], list[str]]:
    """Texts and topics of a CSV with the columns text and topic. Raises ValueError when there is nothing to learn."""
    return chosen(labelled(path.read_bytes()))


def chosen(pairs: Iterable[tuple[str, str]]) -> tuple[list[str], list[str]]:
    """Those whose topic has enough examples. Raises ValueError when there are no two topics."""
    pairs = list(pairs)
    count = Counter(topic for _, topic in pairs)
    enough = [(text, topic) for text, topic in pairs if count[topic] >= FEWEST]
    if len({topic for _, topic in enough}) < 2:
        raise ValueError(f"two topics with {FEWEST} examples each are the least to learn from; columns: text,topic")
    return [text for text, _ in enough], [topic for _, topic in enough]


def fit(texts: Sequence[str], topics: Sequence[str], say: Told = lambda _: None) -> Topics:
    """Learn the topics."""
    labels = tuple(sorted(set(topics)))
    answer = np.array([labels.index(t) for t in topics])
    table, weighed = table_of(texts, len(labels))
    separate(table, weighed, answer, say)
    return Topics(labels, table, SLOPE)


def fit_and_judge(texts: Sequence[str], topics: Sequence[str], say: Told = lambda _: None) -> tuple[Topics, Quality]:
    """Learn the topics, after judging on parts kept back how well that works; probabilities are made true to it."""
    labels = tuple(sorted(set(topics)))
    answer = np.array([labels.index(t) for t in topics])
    part = np.random.RandomState(1).permutation(len(texts)) % FOLDS
    seen, sums = [], []
    for fold in range(1 if len(texts) > LARGE else FOLDS):
        say(f"judging, part {fold + 1}")
        here, there = np.flatnonzero(part == fold), np.flatnonzero(part != fold)
        if len(set(answer[there])) < 2 or not len(here):
            continue
        some = fit([texts[i] for i in there.tolist()], [topics[i] for i in there.tolist()])
        judged = np.full((len(here), len(labels)), -20.0, dtype=np.float32)
        part_texts = [texts[i] for i in here.tolist()]
        judged[:, [labels.index(t) for t in some.labels]] = some.sums(part_texts)
        seen.append(answer[here])
        sums.append(judged)
    truth, said = np.concatenate(seen), np.concatenate(sums)
    slopes = np.linspace(0.5, 10, 39)
    rows = np.arange(len(truth))
    likely = [np.log(np.maximum(softmax(said * s)[rows, truth], 1e-6)).mean() for s in slopes]
    say("learning from all of them")
    whole = fit(texts, topics, say)
    return Topics(whole.labels, whole.table, float(slopes[int(np.argmax(likely))])), _quality(labels, truth, said)


def _quality(labels: Sequence[str], truth: np.ndarray, said: np.ndarray) -> Quality:
    read = said.argmax(axis=1)
    of = {}
    for n, label in enumerate(labels):
        right = int(((truth == n) & (read == n)).sum())
        all_ = int((truth == n).sum() + (read == n).sum())
        of[label] = (int((truth == n).sum()), 2 * right / all_ if all_ else 0.0)
    wrong = Counter((labels[t], labels[r]) for t, r in zip(truth, read, strict=True) if t != r)
    most = sorted(wrong.items(), key=lambda w: (-w[1], w[0]))[:10]
    return Quality(len(truth), float((truth == read).mean()), of, [(a, b, n) for (a, b), n in most])


def table_of(texts: Sequence[str], count: int, rarest: int = 1) -> tuple[Table, Weighed]:
    """The features that so many of these texts have, with nothing learned yet, and the texts weighed by them."""
    seen = see(texts)
    key = np.unique(seen.row.astype(np.uint64) << np.uint64(32) | seen.hash.astype(np.uint64))
    hashes, often = np.unique((key & np.uint64(0xFFFFFFFF)).astype(np.uint32), return_counts=True)
    known = often >= rarest
    hashes, often = hashes[known], often[known]
    block = np.isin(hashes, seen.hash[seen.block == PIECES]).astype(np.uint8)
    idf = np.sqrt(np.log((1 + len(texts)) / (1 + often)) + 1)  # the root: in short texts what is common tells, too
    table = Table(hashes, idf, block, np.zeros((len(hashes), count), np.float32), np.zeros(count))
    return table, table.weigh(seen, len(texts))


def separate(table: Table, weighed: Weighed, answer: np.ndarray, say: Told = lambda _: None) -> None:
    """Each topic set apart from all others with a margin: dual coordinate descent, an example at a time for all topics.

    Hsieh and others, "A dual coordinate descent method for large-scale linear SVM" (2008), with the squared loss.
    """
    random = np.random.RandomState(2)
    weights, bias = table.weights, table.bias
    side = np.full((len(answer), len(bias)), -1, dtype=np.float32)
    side[np.arange(len(answer)), answer] = 1
    paid = np.zeros_like(side)
    slack = np.float32(1 / (2 * STRENGTH))
    parts = [slice(begin, end) for begin, end in zip(weighed.start[:-1], weighed.start[1:], strict=True)]
    size = np.array([weighed.value[part] @ weighed.value[part] + 1 for part in parts], dtype=np.float32) + slack
    for turn in range(ROUNDS):
        say(f"round {turn + 1} of {ROUNDS}")
        for one in random.permutation(len(answer)):
            feature, value = weighed.feature[parts[one]], weighed.value[parts[one]]
            mine = weights[feature]
            wrong = side[one] * (value @ mine + bias) - 1 + slack * paid[one]
            price = np.maximum(paid[one] - wrong / size[one], 0)
            step = (price - paid[one]) * side[one]
            paid[one] = price
            weights[feature] = mine + value[:, None] * step
            bias += step


# --- The file -------------------------------------------------------------------------------------


def save(topics: Topics, path: Path) -> None:
    with path.open("wb") as file:
        write(topics, file)


def write(topics: Topics, file: IO[bytes]) -> None:
    packed, largest = pack(topics.table.weights)
    about = json.dumps({"labels": topics.labels, "slope": topics.slope}).encode()
    np.savez_compressed(
        file, hashes=topics.table.hashes, idf=topics.table.idf.astype(np.float16), block=topics.table.block,
        weights=np.ascontiguousarray(packed.T), largest=largest, bias=topics.table.bias,
        about=np.frombuffer(about, dtype=np.uint8),
    )  # fmt: skip


@lru_cache(maxsize=4)
def load(path: Path) -> Topics:
    """The topics of a file. Raises ValueError when it is none of ours."""
    with path.open("rb") as file:
        return read_from(file, str(path))


def read_from(file: IO[bytes], name: str) -> Topics:
    """The same of an open file."""
    try:
        with np.load(file, allow_pickle=False) as kept:
            about = json.loads(kept["about"].tobytes())
            weights = np.ascontiguousarray(unpack(kept["weights"].T, kept["largest"]))
            table = Table(kept["hashes"], kept["idf"], kept["block"], weights, kept["bias"])
            return Topics(tuple(about["labels"]), table, float(about["slope"]))
    except (KeyError, ValueError, OSError, EOFError, BadZipFile) as error:
        raise ValueError(f"{name} holds no topics: it is no file that `netcenter topics fit` has written") from error
