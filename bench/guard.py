"""How well does the guard judge? Recall and false alarms on the drafts of tests/guard/drafts, and milliseconds.

python -m bench.guard             the figures on all drafts, and on the third that no rule was fitted to
python -m bench.guard --errors    what it gets wrong, outside that third

fresh-a to -d and -f were written before their writer had read a rule, -e and -g by those who then had:
docs/benchmarks.md tells what was found then.
"""

import json
import math
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from netcenter.guard.draft import Draft, Finding
from netcenter.guard.lines import read
from netcenter.guard.rules import RULES, examine

DRAFTS = Path(__file__).resolve().parent.parent / "tests" / "guard" / "drafts"
LANGUAGES = ("es", "en", "pt")
FRESH = ("fresh-a", "fresh-b", "fresh-c", "fresh-d", "fresh-e", "fresh-f")
UNLEARNED = ("fresh-g",)  # looked at, and left as they are: no rule was fitted to them


@dataclass(frozen=True)
class Row:
    """A draft and what must be said of it."""

    id: str
    language: str
    draft: Draft
    must: frozenset[str]
    may: frozenset[str]
    good: bool
    held_out: bool
    raw: dict


@dataclass
class Count:
    """Hits, misses and false alarms."""

    hit: int = 0
    missed: int = 0
    false: int = 0
    rows: list[str] = field(default_factory=list)

    @property
    def recall(self) -> tuple[int, int]:
        return self.hit, self.hit + self.missed

    @property
    def precision(self) -> tuple[int, int]:
        return self.hit, self.hit + self.false


def rows(files: Iterable[str] = LANGUAGES) -> list[Row]:
    """Every draft of these files."""
    found = []
    for name in files:
        for line in (DRAFTS / f"{name}.jsonl").read_text().splitlines():
            raw = json.loads(line)
            found.append(Row(
                raw["id"], raw["language"], read(line)[1], frozenset(raw["must"]), frozenset(raw.get("may", ())),
                raw["good"], raw["held_out"], raw,
            ))  # fmt: skip
    return found


def blocks(findings: Iterable[Finding]) -> set[str]:
    """The rules that block."""
    return {f.rule for f in findings if f.severity == "block"}


MUST_BLOCK = {rule.name for rule in RULES if rule.severity == "block"}


def verdicts(chosen: list[Row]) -> tuple[Count, list[tuple[Row, set[str], set[str]]]]:
    """Drafts that must be blocked against drafts that are; and each one that went wrong, with what it lacks or has."""
    count, wrong = Count(), []
    for row in chosen:
        found = examine(row.draft)
        told, stopped = {f.rule for f in found}, blocks(found)
        due = row.must & MUST_BLOCK
        if due:
            count.hit += bool(stopped)
            count.missed += not stopped
        else:
            count.false += bool(stopped)
        lacks = set(row.must) - told
        extra = stopped - row.must - row.may
        if row.good:
            extra |= {f.rule for f in found if f.severity == "warn"} - row.may
        if lacks or extra:
            wrong.append((row, lacks, extra))
    return count, wrong


def by_rule(chosen: list[Row]) -> dict[str, Count]:
    """Each rule apart. False alarms: blocks anywhere, others on good drafts: a bad one may lack much more."""
    counts = {rule.name: Count() for rule in RULES}
    for row in chosen:
        told = {f.rule: f.severity for f in examine(row.draft)}
        for name, count in counts.items():
            if name in row.must:
                count.hit += name in told
                count.missed += name not in told
            elif name in told and told[name] != "inform" and name not in row.may:
                count.false += row.good or told[name] == "block"
    return counts


def wilson(hits: int, of: int) -> str:
    """A share with its 95 % interval."""
    if not of:
        return "–"
    z, p = 1.96, hits / of
    middle, wide = p + z * z / (2 * of), z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    low, high = (middle - wide) / (1 + z * z / of), (middle + wide) / (1 + z * z / of)
    return f"{p:.2f} [{max(0, low):.2f}–{min(1, high):.2f}] ({hits}/{of})"


def milliseconds(chosen: list[Row]) -> dict[str, tuple[float, float]]:
    """p50 and p95 of CPU time of one look, for the drafts as they are and for long ones."""
    longer = [replace(r.draft, text="\n".join([r.draft.text] * 8)[:2000], max_length=None) for r in chosen]
    found = {}
    for name, drafts in (("as they are", [r.draft for r in chosen]), ("of 2,000 characters", longer)):
        took = []
        for draft in drafts:
            began = time.thread_time()
            examine(draft)
            took.append(1000 * (time.thread_time() - began))
        took.sort()
        found[name] = took[len(took) // 2], took[int(len(took) * 0.95)]
    return found


def main() -> None:
    """Print the tables."""
    all_rows = rows()
    if "--errors" in sys.argv:
        for row, lacks, extra in verdicts([r for r in all_rows if not r.held_out])[1]:
            print(row.id, "lacks", sorted(lacks), "extra", sorted(extra), "|", *row.draft.messages, "|", row.draft.text)
        return
    print("| drafts | | blocked of those to block | blocked of the others | each block its own rule |")
    print("|---|---|---|---|---|")
    parts = [("all", all_rows), ("held out", [r for r in all_rows if r.held_out])]
    for title, chosen in (*parts, *((name, rows([name])) for name in (*FRESH, *UNLEARNED))):
        for language in ("", *LANGUAGES):
            part = [r for r in chosen if not language or r.language == language]
            count, _wrong = verdicts(part)
            innocent = sum(not r.must & MUST_BLOCK for r in part)
            own = [name in {f.rule for f in examine(r.draft)} for r in part for name in r.must & MUST_BLOCK]
            print(f"| {title} | {language or 'together'} | {wilson(*count.recall)} | {wilson(count.false, innocent)} "
                  f"| {wilson(sum(own), len(own))} |")  # fmt: skip
    print("\n| rule | grave | recall | precision | recall es | en | pt |\n|---|---|---|---|---|---|---|")
    apart = {language: by_rule([r for r in all_rows if r.language == language]) for language in LANGUAGES}
    together = by_rule(all_rows)
    for rule in RULES:
        count = together[rule.name]
        cells = " | ".join("{}/{}".format(*apart[language][rule.name].recall) for language in LANGUAGES)
        print(f"| `{rule.name}` | {rule.severity} | {wilson(*count.recall)} | {wilson(*count.precision)} | {cells} |")
    good = [r for r in all_rows if r.good]
    warned = Counter(f.rule for r in good for f in examine(r.draft) if f.severity == "warn" and f.rule not in r.may)
    print(f"\nWarnings on good drafts: {sum(warned.values())} on {len(good)} ({dict(warned)})")
    for name, (p50, p95) in milliseconds(all_rows).items():
        print(f"Drafts {name}: p50 {p50:.2f} ms, p95 {p95:.2f} ms of CPU time")


if __name__ == "__main__":
    main()
