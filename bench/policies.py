"""Ways to ring, on the same customers: `netcenter simulate` at four loads, ignored customers lost or coming back.

    python -m bench.policies [--days 30] [--seeds 6] [--load 0.9 ...]

Ends with 1 when ours misses what issue and science ask at load 0.9, or another way is better anywhere.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from typing import Any

from bench.lab import table

LOADS = (0.7, 0.8, 0.9, 0.97)
NAMES = {"fifo": "FIFO", "round-robin": "Round robin", "priority": "Priority", "ours": "Netcenter"}
COMPLAINTS, WEIGHTED, OLDEST_HOURS = {False: 0.995, True: 0.98}, 0.884, 30.0  # asked for at load 0.9
HEAD = (
    "load", "ignored", "way", "complaints ≤ 1 h", "by cost", "within", "oldest h", "p50 min", "p99 h", "cost",
    "lose patience", "busy", "Jain", "short of the bound",
)  # fmt: skip


def played(load: float, rearrive: bool, days: int, seeds: int) -> dict[str, Any]:
    """The figures of every way, by name."""
    command = [sys.executable, "-m", "netcenter.site.command", "simulate", "--load", load, "--days", days,
               "--seeds", seeds, "--first-seed", 1, "--policy", "all", "--json"]  # fmt: skip
    said = subprocess.check_output([*map(str, command), *(["--rearrive"] if rearrive else [])], env=os.environ)
    return json.loads(said)["policies"]


def row(load: float, rearrive: bool, name: str, of: dict[str, Any]) -> list[str]:
    """One line of the table."""

    def share(value: float) -> str:
        return f"{100 * value:.1f} %"

    def long(value: float | None, unit: float = 1.0) -> str:
        return "never" if value is None else f"{value / unit:,.0f}"

    return [
        f"{load:g}", "come back" if rearrive else "are lost", f"**{NAMES[name]}**" if name == "ours" else NAMES[name],
        f"{100 * of['complaints_1h']:.2f} % ± {100 * of['complaints_1h_error']:.2f}",
        f"{share(of['weighted_within'])} ± {100 * of['weighted_within_error']:.1f}", share(of["within"]),
        long(of["oldest_hours"]), long(of["p50_minutes"]), long(of["p99_minutes"], 60), long(of["cost"]),
        share(of["switch_rate"]), share(of["occupancy"]), f"{of['jain']:.4f}",
        f"{100 * (of['bound_weighted'] - of['weighted_within']):.1f} points",
    ]  # fmt: skip


def broken(load: float, rearrive: bool, ways: dict[str, Any]) -> list[str]:
    """What ours does worse than it must."""
    ours, others = ways["ours"], {name: of for name, of in ways.items() if name != "ours"}
    where = f"load {load:g}, ignored {'come back' if rearrive else 'are lost'}"
    found = [
        f"{where}: {NAMES[name]} is better in {figure}"
        for name, of in others.items()
        for figure in ("complaints_1h", "weighted_within")
        if of[figure] > ours[figure] + ours[f"{figure}_error"]
    ]
    if load == 0.9:
        if ours["complaints_1h"] < COMPLAINTS[rearrive]:
            found.append(f"{where}: complaints within 1 h below {COMPLAINTS[rearrive]:.1%}")
        if not rearrive and (ours["weighted_within"] < WEIGHTED or ours["oldest_hours"] > OLDEST_HOURS):
            found.append(f"{where}: by cost {ours['weighted_within']:.1%}, oldest {ours['oldest_hours']:.0f} h")
    return found


def main() -> int:
    """The table, then what is not as it must be."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--load", type=float, nargs="+", default=LOADS)
    options.add_argument("--days", type=int, default=30)
    options.add_argument("--seeds", type=int, default=6)
    asked = options.parse_args()
    rows, found = [], []
    for load in asked.load:
        for rearrive in (False, True):
            ways = played(load, rearrive, asked.days, asked.seeds)
            rows += [row(load, rearrive, name, of) for name, of in ways.items()]
            found += broken(load, rearrive, ways)
    print(table(HEAD, rows))
    print("\n".join(found) or "\nAs it must be.")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
