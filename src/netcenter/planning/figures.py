"""Figures of a played month, and their average over seeds."""

from collections.abc import Sequence
from math import inf
from typing import Any

from netcenter.planning.race import Played
from netcenter.planning.traffic import Month

LONGEST_MINUTES = 10_000.0  # a wait that counts towards the cost is not longer


def figures(month: Month, played: Played) -> dict[str, Any]:
    """What a policy did. Shares are of 1, times from arrival to answer; `cost` is quadratic in wait over promise."""
    rows = [
        (a.kind, (played.answered[i] - a.at) / 60, played.left[i])
        for i, a in enumerate(played.arrivals[: played.first])
        if month.is_measured(a.at)
    ]
    kinds = month.kinds
    late = [(kind, minutes > kinds[kind].promise / 60 + 1e-9) for kind, minutes, _left in rows]
    weight = sum(kinds[kind].cost for kind, _late in late)
    waits = sorted(minutes for _kind, minutes, _left in rows)
    return {
        "complaints_1h": _share(minutes <= 60 + 1e-9 for kind, minutes, _left in rows if kind == "complaint"),
        "weighted_within": sum(kinds[kind].cost for kind, is_late in late if not is_late) / weight if weight else 1.0,
        "within": _share(not is_late for _kind, is_late in late),
        "within_by_kind": {k: _share(not is_late for kind, is_late in late if kind == k) for k in kinds},
        "oldest_hours": waits[-1] / 60 if waits else 0.0,
        "p50_minutes": _quantile(waits, 0.5),
        "p90_minutes": _quantile(waits, 0.9),
        "p99_minutes": _quantile(waits, 0.99),
        "cost": _mean([
            kinds[kind].cost * (60 * min(minutes, LONGEST_MINUTES) / kinds[kind].promise) ** 2
            for kind, minutes, _left in rows
        ]),
        "switch_rate": _share(left for _kind, _minutes, left in rows),
        **_work(month, played),
        "missed_rings": played.missed,
        "cases": len(rows),
    }  # fmt: skip


def _work(month: Month, played: Played) -> dict[str, float]:
    """How busy the staff was; Jain's index of fairness compares those of the largest shift."""
    hours = [(w.ends - w.begins) * 3600 * month.days for w in month.staff]
    busy = [work / there for work, there in zip(played.work, hours, strict=True)]
    shifts: dict[tuple[float, float], list[float]] = {}
    for worker, share in zip(month.staff, busy, strict=True):
        shifts.setdefault((worker.begins, worker.ends), []).append(share)
    largest = max(shifts.values(), key=len)
    squares = len(largest) * sum(x * x for x in largest)
    occupancy = sum(played.work) / sum(hours)
    return {
        "occupancy": occupancy, "idle_hours": sum(max(h - w, 0.0) for h, w in zip(hours, played.work, strict=True))
        / 3600 / month.days, "jain": sum(largest) ** 2 / squares if squares else 1.0,
    }  # fmt: skip


def average(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The mean over seeds of every figure, and the standard error of the two that policies are judged by."""
    found: dict[str, Any] = {}
    for name, value in runs[0].items():
        if isinstance(value, dict):
            found[name] = {key: _mean([run[name][key] for run in runs if key in run[name]]) for key in value}
        else:
            found[name] = _mean([run[name] for run in runs])
    for name in ("complaints_1h", "weighted_within"):
        found[f"{name}_error"] = _error([run[name] for run in runs])
    return found


def _share(claims: Any) -> float:
    found = list(claims)
    return sum(found) / len(found) if found else 1.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _error(values: Sequence[float]) -> float:
    if len(values) < 2:
        return 0.0
    mean = _mean(values)
    return (sum((v - mean) ** 2 for v in values) / (len(values) - 1) / len(values)) ** 0.5


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else inf
