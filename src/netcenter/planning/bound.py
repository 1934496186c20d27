"""What nobody can exceed, even knowing the future: a bound on the weighted share that is answered within its promise.

Give a price to each minute of the staff's time, dear where it is short. A case is worth answering when its cost exceeds
what its work costs at the cheapest moment between its arrival and its deadline. Whatever the prices are, no schedule
saves more than these cases save, plus what all the staff's time costs: Lagrange's dual of the linear programme that
knows all arrivals and all handling times, may interrupt work, and lets everybody speak every language. So each step of
the search for good prices gives a valid bound, and the best of them is kept.
"""

from bisect import bisect_left
from itertools import accumulate
from math import exp
from typing import NamedTuple

from netcenter.planning.traffic import Month
from netcenter.routing.cost import HOUR

SLOT = 600.0  # seconds, to which windows are rounded outwards
STEPS = 300


class Group(NamedTuple):
    """Cases that can be answered in the same hours: the densest (most saved for each second of work) first."""

    first: int
    last: int
    density: list[float]  # negative, so that it grows
    work: list[float]  # up to each case
    saved: list[float]


def bound(month: Month, steps: int = STEPS) -> float:
    """The largest weighted share within the promise that could be, between 0 and 1. Overtime is not counted."""
    groups = _groups(month)
    total, work = (sum(values) for values in zip(*((g.saved[-1], g.work[-1]) for g in groups), strict=True))
    capacity = _capacity(month, 1 + max(group.last for group in groups))
    usual = total / work  # what a second of work saves
    price, best = [0.0] * len(capacity), total
    for step in range(steps):
        near = usual * 0.3 * 0.98**step + usual * 0.005
        value, asked = _evaluate(groups, price, near)
        best = min(best, value + sum(p * c for p, c in zip(price, capacity, strict=True)))
        pace = 0.25 * usual / (1 + step) ** 0.5
        price = [
            max(0.0, p + pace * max(-1.0, min(a / c - 1 if c else 1.0, 1.0)))
            for p, a, c in zip(price, asked, capacity, strict=True)
        ]
    return best / total


def _groups(month: Month) -> list[Group]:
    found: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for arrival in month.arrivals:
        if not month.is_measured(arrival.at):
            continue
        standard = month.kinds[arrival.kind]
        first = arrival.at // SLOT * SLOT
        last = (arrival.at + standard.promise) // SLOT * SLOT
        found.setdefault((int(first // HOUR), int(last // HOUR)), []).append((arrival.work, standard.cost))
    groups = []
    for (begins, ends), cases in sorted(found.items()):
        cases.sort(key=lambda case: case[0] / case[1])
        work, saved = ([0.0, *accumulate(values)] for values in zip(*cases, strict=True))
        groups.append(Group(begins, ends, [-cost / work for work, cost in cases], work, saved))
    return groups


def _capacity(month: Month, hours: int) -> list[float]:
    """The staff's seconds in each hour."""
    there = [
        sum(
            max(0.0, min(w.ends, hour + day + 1) - max(w.begins, hour + day)) for w in month.staff for day in (0, 24)
        ) * HOUR
        for hour in range(24)
    ]  # fmt: skip
    return [there[hour % 24] for hour in range(hours)]


def _evaluate(groups: list[Group], price: list[float], near: float) -> tuple[float, list[float]]:
    """What the cases worth answering save beyond what their work costs; and the work that asks of the cheap hours."""
    value, asked = 0.0, [0.0] * len(price)
    for first, last, density, work, saved in groups:
        prices = price[first : last + 1]
        cheapest = min(prices)
        count = bisect_left(density, -cheapest)
        value += saved[count] - cheapest * work[count]
        shares = [exp((cheapest - p) / near) for p in prices]
        each = work[count] / sum(shares)
        for hour, share in enumerate(shares, first):
            asked[hour] += each * share
    return value, asked
