"""Is irony heard? python -m bench.irony: over the texts of tests/understanding/irony.jsonl, by set and language.

`plain` texts are ours, `daily` and `witty` ones by people who had seen no rule; the misses of all have been looked at,
so docs/benchmarks.md tells what was heard at first sight, too.
"""

import json
from collections import defaultdict
from pathlib import Path

from bench.guard import wilson
from netcenter.understanding.engine import Trained

TEXTS = Path(__file__).resolve().parent.parent / "tests" / "understanding" / "irony.jsonl"
KIND_WORDS = ("praise", "thanks")


def main() -> None:
    rows = [json.loads(line) for line in TEXTS.read_text("utf-8").splitlines()]
    reads = Trained().read([row["text"] for row in rows])
    some = defaultdict(list)
    for row, read in zip(rows, reads, strict=True):
        heard = read.probabilities["hints"]["sarcasm"] > 0.5
        for language in (row["language"], "all"):
            some[row["set"], language, row["ironic"]].append((heard, read.kind in KIND_WORDS))
    print("| set | language | irony heard | of it, read as praise or thanks | earnest words taken for irony |")
    print("|---|---|---|---|---|")
    for name, language in dict.fromkeys((name, language) for name, language, _ in some):
        ironic, earnest = some[name, language, True], some[name, language, False]
        heard, kind = sum(h for h, _ in ironic), sum(k for _, k in ironic)
        false = sum(h for h, _ in earnest)
        print(f"| {name} | {language} | {wilson(heard, len(ironic))} | {kind}/{len(ironic)} | {false}/{len(earnest)} |")


if __name__ == "__main__":
    main()
