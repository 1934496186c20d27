"""The company's own layer: what it corrected moves the shares of the kinds that the shipped model says.

A second table of weights over the same features, learned from the corrected messages and from others that nobody
corrected, on top of what the shipped model says of each.
"""

import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netcenter.understanding import topics
from netcenter.understanding.engine import ORDER, Trained, kind_of, odds, taught, with_layer
from netcenter.understanding.greeting import only_greets
from netcenter.understanding.model import Table, Weighed, softmax
from netcenter.understanding.topics import FOLDS, Topics

ROUNDS = 12  # how often all cases are seen
STEP = 0.3  # how far a step goes
CALM = 2e-3  # how much weights are drawn to nought
BATCH = 256
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Case:
    """A message, the kind that was read and the kind it is."""

    text: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What the layer would change, judged on messages that it had not seen."""

    learned_from: int
    corrected: int
    before: float  # share of them that is read right, as shipped
    after: float
    moves: list[tuple[str, str, int]]  # from, to, how often
    examples: list[tuple[str, str, str]]  # text, without it, with it


def shares_of(texts: Sequence[str], engine: Trained) -> np.ndarray:
    """What the engine says of the kinds."""
    return np.array([[whole.kind[k] for k in ORDER] for whole in engine.read_whole(texts)])


def learn(cases: Sequence[Case], engine: Trained) -> tuple[Topics, Effect]:
    """The layer, and its effect. The same cases give the same layer."""
    texts = [case.text for case in cases]
    shares = shares_of(texts, engine)
    base = odds(shares)
    truth = np.array([ORDER.index(case.now) for case in cases])
    part = np.random.RandomState(3).permutation(len(cases)) % FOLDS
    with_it = np.empty(len(cases), dtype=int)
    for fold in range(FOLDS):
        here, there = np.flatnonzero(part == fold), np.flatnonzero(part != fold)
        layer = _fit([texts[i] for i in there], truth[there], base[there])
        with_it[here] = _read([texts[i] for i in here], shares[here], layer)
    without = _read(texts, shares)
    changed = np.flatnonzero(without != with_it)
    moves = Counter((ORDER[without[i]], ORDER[with_it[i]]) for i in changed)
    return _fit(texts, truth, base), Effect(
        learned_from=len(cases), corrected=sum(case.was != case.now for case in cases),
        before=float((without == truth).mean()), after=float((with_it == truth).mean()),
        moves=[(a, b, n) for (a, b), n in sorted(moves.items(), key=lambda m: (-m[1], m[0]))[:SHOWN]],
        examples=[(texts[i][:160], ORDER[without[i]], ORDER[with_it[i]]) for i in changed[:SHOWN]],
    )  # fmt: skip


def _read(texts: Sequence[str], shares: np.ndarray, layer: Topics | None = None) -> np.ndarray:
    """The kinds as the house takes them: what is measured is what will happen."""
    own: list[tuple[str, ...]] = [()] * len(texts)
    if layer is not None:
        sums = layer.sums(texts)
        shares, own = with_layer(shares, sums), taught(sums)
    rows = zip(texts, shares.tolist(), own, strict=True)
    return np.array(
        [ORDER.index(kind_of(dict(zip(ORDER, row, strict=True)), only_greets(text), more)) for text, row, more in rows],
        dtype=int,
    )


def _fit(texts: Sequence[str], truth: np.ndarray, base: np.ndarray) -> Topics:
    table, weighed = topics.table_of(texts, len(ORDER), 2 if len(texts) >= 200 else 1)
    _learn(table, weighed, truth, base.astype(np.float32))
    return Topics(ORDER, table)


def _learn(table: Table, weighed: Weighed, answer: np.ndarray, base: np.ndarray) -> None:
    """AdaGrad over batches, each as a small dense matrix of the features that occur in it; the last rounds' mean.

    `base`: the sums that are there already, a row per text, which the weights come on top of.
    """
    random = np.random.RandomState(2)
    batches = np.array_split(random.permutation(len(answer)), max(1, len(answer) // BATCH))
    weights: np.ndarray = table.weights
    bias: np.ndarray = table.bias
    moved, moved_bias = np.full_like(weights, 1e-6), np.full_like(bias, 1e-6)
    total: np.ndarray = np.zeros_like(weights)
    total_bias: np.ndarray = np.zeros_like(bias)
    summed = 0
    for turn in range(ROUNDS):
        for batch in random.permutation(len(batches)):
            rows = batches[batch]
            features, dense = _dense(weighed, rows)
            mine = weights[features]
            error = softmax(dense @ mine + bias + base[rows])
            error[np.arange(len(rows)), answer[rows]] -= 1
            error /= len(rows)
            step = dense.T @ error + CALM * mine
            moved[features] += step * step
            weights[features] = mine - STEP * step / np.sqrt(moved[features])
            step_bias = error.sum(axis=0)
            moved_bias += step_bias * step_bias
            bias -= 0.3 * STEP * step_bias / np.sqrt(moved_bias)
        if turn >= ROUNDS // 2:
            total, total_bias, summed = total + weights, total_bias + bias, summed + 1
    table.weights, table.bias = np.asarray(total / summed, np.float32), np.asarray(total_bias / summed, np.float32)


def _dense(weighed: Weighed, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    begin, end = weighed.start[rows], weighed.start[rows + 1]
    at = np.concatenate([np.arange(b, e) for b, e in zip(begin, end, strict=True)])
    features, column = np.unique(weighed.feature[at], return_inverse=True)
    dense = np.zeros((len(rows), len(features)), dtype=np.float32)
    dense[np.repeat(np.arange(len(rows)), end - begin), column] = weighed.value[at]
    return features, dense


def as_bytes(layer: Topics) -> bytes:
    kept = io.BytesIO()
    topics.write(layer, kept)
    return kept.getvalue()


def from_bytes(kept: bytes) -> Topics:
    return topics.read_from(io.BytesIO(kept), "the company's own layer")
