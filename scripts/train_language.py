#!/usr/bin/env python3
"""Trains the table that tells languages apart: scripts/train_language.py FOLDER [--out FILE] [--hold-out 0]."""

import argparse
import random
import sys
from pathlib import Path

import numpy as np
import scipy.sparse as sparse
from reading_sources import Row, rows
from sklearn.linear_model import LogisticRegression

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))
from netcenter.understanding import language  # noqa: E402

CUTS = 2  # of a few words, from each text
STRENGTH = 1


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--out", type=Path, default=language.SHIPPED)
    asked.add_argument("--hold-out", type=int, default=-1)
    given = asked.parse_args()
    texts, speech = lessons([r for r in rows(given.folder) if r.language and r.part % 5 != given.hold_out])
    row, place = language.pieces(texts)
    matrix = sparse.csr_matrix((np.ones(len(row), np.float32), (row, place)), shape=(len(texts), 1 << language.BITS))
    length = np.sqrt(np.maximum(np.asarray(matrix.sum(axis=1)).ravel(), 1))
    matrix = sparse.diags((1 / length).astype(np.float32)) @ matrix
    fitted = LogisticRegression(C=STRENGTH, max_iter=300, tol=1e-4, class_weight="balanced").fit(matrix, speech)
    order = [list(fitted.classes_).index(one) for one in language.LANGUAGES]
    language.save(fitted.coef_[order].T.astype(np.float32), given.out)
    print(f"{given.out}: {len(texts)} texts, {given.out.stat().st_size / 1e6:.2f} MB")


def lessons(every: list[Row]) -> tuple[list[str], np.ndarray]:
    """Texts as they are, and a few words cut from each, twice: most that is hard to tell is short."""
    chance = random.Random(3)
    texts, speech = [], []
    for row in every:
        letters = language.letters_of(row.text)
        words = letters.split()
        for some in (letters, *(cut(words, chance) for _ in range(CUTS))):
            if len(some) >= 2:
                texts.append(some)
                speech.append(row.language)
    return texts, np.array(speech)


def cut(words: list[str], chance: random.Random) -> str:
    """Up to six words that stand together."""
    size = chance.randint(1, 6)
    start = chance.randint(0, max(0, len(words) - size))
    return " ".join(words[start : start + size])


if __name__ == "__main__":
    main()
