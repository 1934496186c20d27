#!/usr/bin/env python3
"""Trains the reading engine: scripts/train_reading.py FOLDER [--out FILE] [--hold-out 0] [--without NAME ...].

Needs scikit-learn and scipy, which the house itself does not. FOLDER holds the files that `reading_sources.py` names;
any subset will do. `--hold-out K` keeps the K-th fifth of the rows back (K from 0 to 4), for `bench/reading.py` to
measure on. `--meaning FILE`: what the texts mean, as `sentence_meaning.py` wrote it; some experts learn from that, too.
"""

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sparse
import sentence_meaning
from reading_sources import EXPERTS, HEARD, KINDS, URGENCIES, Expert, Row, rows
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))
from netcenter.understanding import features, model  # noqa: E402

VERSION = "netcenter-reading-3"
RAREST = 4  # a feature is known when so many texts have it
GATE_ROWS = 1800  # of each file
GATE_STRENGTH = 4
KINDS_STRENGTH = 6
DIRECTIONS = 64  # numbers that say what a text means
INNER = 3  # each of so many parts is judged, to calibrate, by one that has learned from the others
SLOPES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.15, 1.3, 1.5, 1.75, 2.0, 2.5, 3.0)
FIRST = ("sentiment", "emotion", "abuse", "complaint", "suggestion", "not_for_us")  # what the second look may use
SECOND_WEIGHT = 1.0
# What the calibration of a question is for: true shares first ("true"), F1 of yes, or the mean F1 of all answers
AIM = {"sentiment": "true", "emotion": "macro", "abuse": "macro", "hate": "f1", "complaint": "f1", "suggestion": "f1",
       "not_for_us": "f1", "spam": "f1"}  # fmt: skip


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--out", type=Path, default=model.SHIPPED)
    asked.add_argument("--hold-out", type=int, default=-1)
    asked.add_argument("--without", nargs="*", default=[])
    asked.add_argument("--meaning", type=Path)
    given = asked.parse_args()
    every = [r for r in rows(given.folder, frozenset(given.without)) if r.part % 5 != given.hold_out]
    said(f"{len(every)} rows of {len({r.file for r in every})} files")
    Training(every, given.meaning).run(given.out, given.hold_out)


def said(words: str) -> None:
    print(f"{time.process_time():7.1f} s  {words}", flush=True)


class Training:
    """One model in the making."""

    def __init__(self, every: list[Row], meaning: Path | None = None) -> None:
        self.rows = every
        self.matrix, self.hashes, self.idf, self.block = seen([r.text for r in every])
        said(f"{self.matrix.shape[1]} features")
        self.file = np.array([r.file for r in every])
        self.inner = np.array([r.part // 5 % INNER for r in every])
        self.meaning = Meaning.of(meaning, every, self.matrix, self.inner) if meaning else None
        self.columns: list[dict] = []
        self.weights: list[np.ndarray] = []
        self.bias: list[float] = []
        self.beside: dict[str, tuple[list[str], np.ndarray]] = {}  # of who listens: to whom, and how much

    def run(self, out: Path, hold_out: int) -> None:
        self.learn_gate()
        for expert in EXPERTS:
            self.learn(expert)
        second, start = self.learn_kinds()
        files = sorted(set(self.file))
        about = {
            "version": VERSION + (f"-without-fifth-{hold_out}" if hold_out >= 0 else ""),
            "columns": self.columns, "experts": self.heard(), "first": self.first(), "second_start": start,
            "trained_on": files, "rows": len(self.rows), "beside": self.half().about["beside"],
        }  # fmt: skip
        weights = np.concatenate(self.weights, axis=1)
        table = model.Table(self.hashes, self.idf, self.block, weights, np.array(self.bias, dtype=np.float32))
        model.save(model.Model(table, about, second, self.half().beside), out)
        said(f"{out}: {out.stat().st_size / 1e6:.1f} MB, {len(weights)} features, {weights.shape[1]} columns")

    # --- First look -------------------------------------------------------------------------------

    def learn_gate(self) -> None:
        """Where a text seems to come from."""
        random = np.random.RandomState(1)
        files = [f for f in sorted(set(self.file)) if f not in ("primer", "messagetype_es")]
        chosen = np.concatenate([random.permutation(np.flatnonzero(self.file == f))[:GATE_ROWS] for f in files])
        matrix, file, here = self.matrix[chosen], self.file[chosen], self.inner[chosen] == 0
        one, labels = np.ones(len(chosen), np.float32), tuple(files)
        sums = spread(fit(matrix[~here], file[~here], one[~here], GATE_STRENGTH), matrix[here], labels)
        truth = np.array([files.index(f) for f in file[here]])
        slope = max(SLOPES, key=lambda s: likelihood(model.softmax(sums * s), truth))
        coefficients, intercept = as_columns(fit(matrix, file, one, GATE_STRENGTH), labels)
        self.add("gate", labels, coefficients, intercept, slope, [0.0])
        said(f"gate: {len(chosen)} rows, {(sums.argmax(1) == truth).mean():.3f} right, slope {slope}")

    def learn(self, expert: Expert) -> None:
        at, answer, weight = self.lesson(expert)
        mine = np.array([self.rows[i].file == next(iter(expert.files)) for i in at], dtype=bool)
        if not mine.any() or len(set(answer[mine])) < 2:
            return
        labels, matrix = expert.labels, self.matrix[at]
        beside = [other for other in expert.beside if other in {c["name"] for c in self.columns}]
        heard = self.said_by(beside, matrix) if beside else np.zeros((len(at), 0), dtype=np.float32)
        matrix = self.beside_words(at, heard, expert.by_meaning)
        sums = self.unseen(matrix, answer, weight, expert.strength, labels, self.inner[at])
        slope, shift, words = calibrate(sums[mine], answer[mine], labels, AIM[expert.question])
        coefficients, intercept = as_columns(fit(matrix, answer, weight, expert.strength), labels)
        coefficients, listens = self.by_words(coefficients, heard.shape[1], expert.by_meaning)
        self.add(expert.name, labels, coefficients, intercept, slope, shift)
        if beside:
            self.beside[expert.name] = (beside, listens.T.astype(np.float32))
        said(f"{expert.name}: {mine.sum()} rows, {words}")

    def beside_words(self, at: np.ndarray, more: np.ndarray, by_meaning: float = 1) -> sparse.csr_matrix:
        """The words of some rows, beside them what these mean, and more."""
        parts = [self.meaning.texts[at] * np.float32(by_meaning)] if by_meaning and self.meaning else []
        return sparse.hstack([self.matrix[at], *(sparse.csr_matrix(p) for p in (*parts, more) if p.shape[1])]).tocsr()

    def by_words(
        self, coefficients: np.ndarray, more: int, by_meaning: float = 1
    ) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
        """Weights of words, what was learned of their meaning being counted in, and those of what stood last."""
        known, end = self.matrix.shape[1], coefficients.shape[1] - more
        words = coefficients[:, :known]
        if end > known and self.meaning:
            words = words + by_meaning * coefficients[:, known:end] @ self.meaning.words.T
        return words, coefficients[:, end:]

    def said_by(self, names: list[str], matrix: sparse.csr_matrix) -> np.ndarray:
        """What experts say of some rows, which they have not learned from (but for the primer's few)."""
        sums = np.asarray(matrix @ np.concatenate(self.weights, axis=1)) + np.array(self.bias, dtype=np.float32)
        half = self.half()
        return np.hstack([half.columns[name].probabilities(sums) for name in names])

    def half(self) -> model.Model:
        """The model as far as it is, without its table."""
        about = {"version": "", "columns": self.columns, "experts": self.heard(), "first": self.first(),
                 "beside": {name: others for name, (others, _) in self.beside.items()}}  # fmt: skip
        empty = np.zeros(0, dtype=np.uint32)
        table = model.Table(empty, empty, empty, np.zeros((0, len(self.bias))), np.array(self.bias))
        return model.Model(table, about, np.zeros((0, 0)), {name: w for name, (_, w) in self.beside.items()})

    @staticmethod
    def unseen(
        matrix: sparse.csr_matrix, answer: np.ndarray, weight: np.ndarray, strength: float, labels: tuple[str, ...],
        inner: np.ndarray,
    ) -> np.ndarray:  # fmt: skip
        """The sums of each row, by a judge that has learned from the other parts."""
        sums = np.zeros((len(answer), len(labels)), dtype=np.float32)
        for part in range(INNER):
            here = inner == part
            if here.any():
                sums[here] = spread(fit(matrix[~here], answer[~here], weight[~here], strength), matrix[here], labels)
        return sums

    def lesson(self, expert: Expert) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        at, answer, weight = [], [], []
        for i, row in enumerate(self.rows):
            if "kinds" in row.answers and row.file != "primer":
                continue  # the second look learns from these, and must not hear who knows the answer
            if expert.question in row.answers and row.file in expert.files:
                at.append(i)
                answer.append(row.answers[expert.question])
                weight.append(expert.files[row.file])
            elif row.file in expert.as_no:
                at.append(i)
                answer.append("no")
                weight.append(expert.as_no[row.file])
        return np.array(at, dtype=int), np.array(answer, dtype=object), np.array(weight, dtype=np.float32)

    def heard(self) -> dict[str, dict[str, str]]:
        """Which expert answers, among those that could be trained."""
        there = {c["name"] for c in self.columns}
        result: dict[str, dict[str, str]] = {}
        for expert in EXPERTS:
            if expert.name in there:
                result.setdefault(expert.question, {})["*"] = expert.name
        for question, among in HEARD.items():
            if question in result:
                spare = result[question]["*"]
                result[question] = {f: e if e in there else spare for f, e in among.items()}
        for kind, file in (("complaint", "complaints_en"), ("suggestion", "suggestion_en"),
                           ("not_for_us", "crisislex_relevance"), ("spam", "youtube_spam")):  # fmt: skip
            if kind in result and f"kind.{kind}" in there:
                specialist = result[kind]["*"]
                result[f"kind.{kind}"] = {file: specialist, "*": f"kind.{kind}"}
                if kind == "complaint":  # its nine trades are like any customer's English
                    result["kind.complaint"] |= dict.fromkeys(("twcs_sample_en", "airlines_en"), specialist)
        for name in there:
            if name.startswith("kind.") and name not in result:
                result[name] = {"*": name}
        for name in ("urgency", "actionable"):
            if name in there:
                result[name] = {"*": name}
        return result

    def first(self) -> list[str]:
        there = self.heard()
        return [q for q in FIRST if q in there]

    # --- Second look ------------------------------------------------------------------------------

    def learn_kinds(self) -> tuple[np.ndarray, int]:
        """Kinds and urgency, from the words and from what the first look said."""
        at = np.array([i for i, r in enumerate(self.rows) if "kinds" in r.answers])
        start = len(self.bias)
        before = self.first_look(at)
        words = self.beside_words(at, before * SECOND_WEIGHT)
        kinds = [set(self.rows[i].answers["kinds"].split()) for i in at]
        asked = [(f"kind.{k}", np.array(["yes" if k in some else "no" for some in kinds], dtype=object)) for k in KINDS]
        useful = {"question", "claim", "complaint", "suggestion"}
        asked.append(("actionable", np.array(["yes" if useful & some else "no" for some in kinds], dtype=object)))
        asked.append(("urgency", np.array([self.rows[i].answers["urgency"] for i in at], dtype=object)))
        second = []
        for name, answer in asked:
            labels = URGENCIES if name == "urgency" else ("yes",)
            one = np.ones(len(at), dtype=np.float32)
            sums = self.unseen(words, answer, one, KINDS_STRENGTH, labels, self.inner[at])
            coefficients, intercept = as_columns(fit(words, answer, one, KINDS_STRENGTH), labels)
            slope, shift, told = calibrate(sums, answer, labels, "even")
            coefficients, looks = self.by_words(coefficients, before.shape[1])
            self.add(name, labels, coefficients, intercept, slope, shift)
            second.append(looks * SECOND_WEIGHT)
            said(f"{name}: {len(at)} rows, {told}")
        return np.concatenate(second).T.astype(np.float32), start

    def first_look(self, at: np.ndarray) -> np.ndarray:
        """What the first look says of these rows, which its experts have not seen (but for the primer's few)."""
        weights = np.concatenate(self.weights, axis=1)
        sums = np.asarray(self.matrix[at] @ weights) + np.array(self.bias, dtype=np.float32)
        half = self.half()
        sums = half.listened(sums.astype(np.float64))
        gate = half.columns["gate"].probabilities(sums)
        evidence = model.evidence([self.rows[i].text for i in at])[1]
        return np.hstack([gate, *(half.answer(q, sums, gate) for q in self.first()), evidence])

    # --- Columns ----------------------------------------------------------------------------------

    def add(self, name, labels, coefficients, intercept, slope, shift) -> None:  # type: ignore[no-untyped-def]
        self.columns.append({
            "name": name, "start": len(self.bias), "labels": list(labels), "slope": float(slope),
            "shift": [float(s) for s in shift],
        })  # fmt: skip
        self.weights.append(np.asarray(coefficients, dtype=np.float32).T)
        self.bias += [float(b) for b in intercept]


@dataclass(frozen=True)
class Meaning:
    """What texts mean by their words: a short vector, learned from what a network says of whole texts.

    A judge that has learned through it is folded back into weights of words, as the vector is a sum over them.
    """

    words: np.ndarray  # a row of each feature: what it adds to the vector of a text
    texts: np.ndarray  # the vector of each text of the training, as words of other parts have it

    @staticmethod
    def of(path: Path, every: list[Row], matrix: sparse.csr_matrix, inner: np.ndarray) -> "Meaning":
        """Along the directions in which the network's vectors differ most, in which they are of length 1 on average."""
        names, vectors = sentence_meaning.read(path)
        place = {name: n for n, name in enumerate(names)}
        at = np.array([place.get(sentence_meaning.name_of(r.text), -1) for r in every])
        here = np.flatnonzero(at >= 0)
        whole = vectors[at[here]].astype(np.float32)
        whole -= whole.mean(axis=0)
        directions = np.linalg.eigh(whole.T @ whole)[1][:, : -DIRECTIONS - 1 : -1]
        whole = whole @ directions
        whole /= np.sqrt((whole**2).sum(axis=1).mean())
        texts = np.zeros((len(every), DIRECTIONS), dtype=np.float32)
        for part in range(INNER):
            others = inner[here] != part
            texts[inner == part] = matrix[inner == part] @ ridge(matrix[here[others]], whole[others])
        missed = ((texts[here] - whole) ** 2).sum() / (whole**2).sum()
        said(f"{len(here)} texts of known meaning, of which words of others tell {1 - missed:.3f}")
        return Meaning(ridge(matrix[here], whole), texts)


def ridge(matrix: sparse.csr_matrix, target: np.ndarray, penalty: float = 1.0, steps: int = 30) -> np.ndarray:
    """Weights of the features that come nearest to the targets: least squares, by conjugate gradients."""
    turned = matrix.T.tocsr()
    weights = np.zeros((matrix.shape[1], target.shape[1]), dtype=np.float32)
    left = turned @ target
    way, size = left.copy(), (left**2).sum(axis=0)
    for _ in range(steps):
        pull = turned @ (matrix @ way) + penalty * way
        step = size / np.maximum((way * pull).sum(axis=0), 1e-12)
        weights += step * way
        left -= step * pull
        before, size = size, (left**2).sum(axis=0)
        way = left + (size / np.maximum(before, 1e-12)) * way
    return weights


def seen(texts: list[str]) -> tuple[sparse.csr_matrix, np.ndarray, np.ndarray, np.ndarray]:
    """All texts as rows of weighed features; and the features, in order of their hash."""
    step = 512
    found, blocks = [], []
    for start in range(0, len(texts), step):
        batch = features.see(texts[start : start + step])
        key = np.unique(batch.row.astype(np.uint64) << np.uint64(32) | batch.hash.astype(np.uint64))
        found.append((key & np.uint64(0xFFFFFFFF)).astype(np.uint32))
        pieces = np.unique(batch.hash[batch.block == features.PIECES])
        blocks.append(pieces)
    hashes, often = np.unique(np.concatenate(found), return_counts=True)
    block = np.isin(hashes, np.unique(np.concatenate(blocks))).astype(np.uint8)
    del found, blocks
    known = often >= RAREST
    hashes, often, block = hashes[known], often[known], block[known]
    idf = (np.log((1 + len(texts)) / (1 + often)) + 1).astype(np.float16).astype(np.float32)
    table = model.Table(hashes, idf, block, np.zeros((len(hashes), 1), dtype=np.float32), np.zeros(1))
    return weighed(texts, table), hashes, idf, block


def weighed(texts: list[str], table: model.Table) -> sparse.csr_matrix:
    """All texts as rows of the features that a table knows."""
    parts = []
    for start in range(0, len(texts), 512):
        some = texts[start : start + 512]
        w = table.weigh(features.see(some), len(some))
        shape = (len(some), len(table.hashes))
        parts.append(sparse.csr_matrix((w.value, w.feature.astype(np.int32), w.start), shape=shape))
    return sparse.vstack(parts).tocsr()


@dataclass(frozen=True)
class Fitted:
    """A linear judge: its classes, and for each a column of weights and a start; one column where there are two."""

    classes_: np.ndarray
    coef_: np.ndarray
    intercept_: np.ndarray


def fit(matrix: sparse.csr_matrix, answer: np.ndarray, weight: np.ndarray, strength: float) -> Fitted:
    """Logistic regression, each answer against all others; over the features that occur in these rows alone."""
    answer = answer.astype(str)
    there = np.bincount(matrix.indices, minlength=matrix.shape[1]) > 0
    place = (np.cumsum(there) - 1).astype(np.int32)
    shape = (len(answer), int(there.sum()))
    small = sparse.csr_matrix((matrix.data.astype(np.float64), place[matrix.indices], matrix.indptr), shape=shape)
    labels = np.unique(answer)
    asked = labels if len(labels) > 2 else labels[1:]
    coefficients = np.zeros((len(asked), matrix.shape[1]), dtype=np.float32)
    intercept = np.zeros(len(asked))
    for n, label in enumerate(asked):
        judge = LogisticRegression(
            C=strength, class_weight="balanced", solver="liblinear", dual=True, max_iter=400, tol=2e-3, random_state=1
        )
        found = judge.fit(small, answer == label, weight)
        coefficients[n, there], intercept[n] = found.coef_[0], found.intercept_[0]
    return Fitted(labels, coefficients, intercept)


def as_columns(fitted: Fitted, labels: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Weights and start of each label; one that never occurred is as good as impossible."""
    if len(labels) == 1:
        return fitted.coef_, fitted.intercept_
    coefficients = np.zeros((len(labels), fitted.coef_.shape[1]))
    intercept = np.full(len(labels), -9.0)
    coef, start = fitted.coef_, fitted.intercept_
    if len(fitted.classes_) == 2:
        coef, start = np.vstack([-coef / 2, coef / 2]), np.concatenate([-start / 2, start / 2])
    for n, label in enumerate(fitted.classes_):
        coefficients[labels.index(label)], intercept[labels.index(label)] = coef[n], start[n]
    return coefficients, intercept


def spread(fitted: Fitted, matrix: sparse.csr_matrix, labels: tuple[str, ...]) -> np.ndarray:
    coefficients, intercept = as_columns(fitted, labels)
    return np.asarray(matrix @ coefficients.T) + intercept


# --- Calibration ----------------------------------------------------------------------------------


Calibrated = tuple[float, list[float], str]  # slope, shifts, and how it did


def calibrate(sums: np.ndarray, answer: np.ndarray, labels: tuple[str, ...], aim: str) -> Calibrated:
    """A slope and a shift of the sums, learned on rows that the judge had not seen.

    First so that the probabilities are true; then, of one label, shifted so that one half is where F1 is best; of
    several, moved towards even shares as far as macro F1 gains while the error of calibration stays small. The share of
    each label in these files is an accident of how they were gathered; a house's own layer learns its own.
    """
    if len(labels) == 1:
        return _calibrate_one(sums[:, 0], answer == "yes", aim)
    return _calibrate_some(sums, np.array([labels.index(a) for a in answer]), labels, aim)


def _calibrate_one(sums: np.ndarray, yes: np.ndarray, aim: str) -> Calibrated:
    platt = LogisticRegression(C=10, class_weight="balanced" if aim == "even" else None).fit(sums[:, None], yes)
    slope, shift = float(platt.coef_[0, 0]), float(platt.intercept_[0])
    calm = sums * slope + shift
    best = calm
    if aim != "even":
        ways = np.quantile(calm, np.linspace(0.02, 0.98, 97))
        score = [f1_score(yes, calm >= w, average="macro" if aim == "macro" else "binary") for w in ways]
        smooth = np.convolve(score, np.ones(5) / 5, mode="same")
        smooth[:2] = smooth[-2:] = 0
        best = calm - float(ways[int(smooth.argmax())])
        shift -= float(ways[int(smooth.argmax())])
    return slope, [shift], f"F1 {f1_score(yes, best >= 0):.3f} macro {f1_score(yes, best >= 0, average='macro'):.3f}"


def _calibrate_some(sums: np.ndarray, answer: np.ndarray, labels: tuple[str, ...], aim: str) -> Calibrated:
    prior = np.maximum(np.bincount(answer, minlength=len(labels)), 1) / len(answer)
    best: tuple[float, float, list[float], str] = (-9.0, 1.0, [0.0], "")
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        shift = share * np.log(prior * len(labels))
        for slope in SLOPES:
            p = model.softmax(sums * slope + shift)
            macro = f1_score(answer, p.argmax(1), average="macro", labels=range(len(labels)), zero_division=0)
            error = calibration_error(p.max(1), p.argmax(1) == answer)
            negative = calibration_error(p[:, 0], answer == 0)
            score = macro + 0.02 * likelihood(p, answer)
            if aim == "true":
                score += 0.5 * f1_score(answer == 0, p.argmax(1) == 0)
                score -= 2 * max(0.0, max(error, negative) - 0.035)
            if score > best[0]:
                words = f"macro F1 {macro:.3f} error of calibration {error:.3f}, of the first {negative:.3f} ({share})"
                best = (score, slope, [float(s) for s in shift], words)
    return best[1], best[2], best[3]


def likelihood(p: np.ndarray, answer: np.ndarray) -> float:
    """The mean logarithm of the probability that was given to what is so."""
    return float(np.log(np.maximum(p[np.arange(len(p)), answer], 1e-9)).mean())


def calibration_error(probability: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error: how far what was said is from what was so, over ten steps."""
    step = np.minimum((probability * bins).astype(int), bins - 1)
    there = [step == b for b in range(bins) if (step == b).any()]
    return float(sum(abs(probability[some].mean() - right[some].mean()) * some.mean() for some in there))


if __name__ == "__main__":
    main()
