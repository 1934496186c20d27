"""What it costs to let a case wait: pure. A policy says, for each case, how urgent it is and when that changes.

Urgency is the cost of a broken promise for each minute of work that keeps it (c·μ), times what makes this case worse
than others of its kind. It changes by steps, so that the router need not look at a million cases to know which comes
first: a case keeps its place until its next step.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from netcenter.routing.rules import Waiting

HOUR = 3600.0
NEVER = float("inf")

CRISIS = (1.0, 1.25, 1.5, 2.0)  # by level: none, yellow, orange, red
HIGH_AROUSAL = 0.66
FEW_FOLLOWERS, MANY_FOLLOWERS = 1_000, 1_000_000
VERIFIED = 0.5  # of the reach that counts at most
FIRST_OF_ALL = 1000.0
LONGEST_CALL = HOUR  # a call that the network does not end is no call any more


class Place(NamedTuple):
    """Where a case stands: the more urgent first, then the earlier moment; until then."""

    urgency: float
    moment: float
    until: float
    overdue: bool = False  # asks to be brought forward when its turn comes


class Policy(Protocol):
    """Anything that gives every case its place."""

    def forward(self, waited: float) -> float:
        """How many overdue cases are brought forward for each ring, at most, when the first of them waited so long."""

    def place(self, case: Waiting, now: float) -> Place: ...

    def brought_forward(self, case: Waiting, now: float) -> Place:
        """The place of an overdue case whose turn has come."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What the company's standards say of a kind of case."""

    cost: float  # of a broken promise, against the others'
    minutes: float  # of work, on average
    promise: float  # seconds
    keeps: bool = False  # once late it stays as urgent as before; else it makes way for what can still be in time


KINDS: Mapping[str, Kind] = {
    "complaint": Kind(8.0, 8.0, HOUR, keeps=True),
    "claim": Kind(8.0, 8.0, HOUR, keeps=True),
    "question": Kind(3.0, 5.0, 2 * HOUR),
    "suggestion": Kind(1.0, 2.0, 8 * HOUR),
    "praise": Kind(1.0, 2.0, 8 * HOUR),
    "thanks": Kind(1.0, 2.0, 8 * HOUR),
    "other": Kind(0.3, 1.0, 24 * HOUR),
    "spam": Kind(0.3, 1.0, 24 * HOUR),
    "not_for_us": Kind(0.3, 1.0, 24 * HOUR),
}


def worse(case: Waiting) -> float:
    """How much worse than others of its kind it is to let this case wait."""
    times = CRISIS[min(case.crisis, 3)]
    if case.public:
        times *= 1.5
    if case.again:
        times *= 1.5
    if case.arousal >= HIGH_AROUSAL:
        times *= 1.25
    return times * (1.0 + 0.25 * min(max(case.reach, 0.0), 1.0))


def weighs(case: Waiting) -> list[str]:
    """What makes it worse to let this case wait, by its codes, the heaviest first."""
    found = ["on_line"] if case.on_line else []
    found += [f"crisis_{min(case.crisis, 3)}"] if case.crisis > 0 else []
    found += ["public"] if case.public else []
    found += ["again"] if case.again else []
    found += ["mood"] if case.arousal >= HIGH_AROUSAL else []
    return found + (["reach"] if case.reach > 0.0 else [])


def reach(followers: float, verified: bool) -> float:
    """How far an author carries, 0 to 1: by the logarithm of the followers; who is verified is somebody."""
    far = math.log(max(followers, 1.0) / FEW_FOLLOWERS) / math.log(MANY_FOLLOWERS / FEW_FOLLOWERS)
    return round(min(max(far, VERIFIED if verified else 0.0), 1.0), 3)


@dataclass(frozen=True, slots=True)
class CostOfDelay:
    """The product's policy: c·μ among what can still be in time; then, in slack, what is late; but nothing rots.

    Where more comes than can be answered, first-come-first-served answers everything late. So what is about to be late
    (`margin` times its kind's work before the promise breaks, never in its first three quarters) makes way for what can
    still be in time, and is worked off, oldest first, when there is slack. What has waited for `guard` is overdue:
    oldest first, it goes ahead of all but the most urgent kinds, and after `last` ahead of everything. Kinds that
    `keep` their urgency are never put off.

    Every overdue case that goes ahead makes another one late. While the staff can do the work that is a fair price for
    nothing rotting. Where they cannot, all would be late in the end: when it shows (`gives_up`), few go ahead for each
    ring, and most promises are still kept.
    """

    kinds: Mapping[str, Kind] = field(default_factory=lambda: KINDS)
    otherwise: Kind = field(default_factory=lambda: KINDS["question"])
    margin: float = 3.0
    margin_most: float = 0.25  # of the promise: who was promised five minutes is not late from the beginning
    late: float = 0.1  # of its urgency, so that late cases keep their order among each other
    guard: float = 21 * HOUR
    guard_promises: float = 12.0  # or so many times its promise: a chat does not wait until tomorrow
    guard_elsewhere: float = 72 * HOUR  # for whom the customer did not wait: they are heard where they came back
    guarded: float = 0.95  # just less urgent than a calm complaint
    last: float = 14 * 24 * HOUR
    gives_up: tuple[float, float] = (28 * HOUR, 36 * HOUR)  # when overdue cases wait so long, fewer of them go ahead
    least: float = 0.1  # but always so many for each ring

    def forward(self, waited: float) -> float:
        """All that are asked for, until it shows that they are too many; then less and less."""
        begins, ends = self.gives_up
        return 1.0 - (1.0 - self.least) * min(max((waited - begins) / (ends - begins), 0.0), 1.0)

    def place(self, case: Waiting, now: float) -> Place:
        """As urgent as its cost while it can be in time; then behind what can; when it is old, ahead again.

        Whoever holds the telephone comes first: all others can put theirs down and be answered all the same.
        """
        kind = self.kinds.get(case.kind, self.otherwise)
        urgency = worse(case) * kind.cost / kind.minutes
        since = case.waiting_since if case.waiting_since is not None else now
        if case.on_line and now < since + LONGEST_CALL:
            return Place(2 * FIRST_OF_ALL, since, since + LONGEST_CALL)
        due = case.due_at if case.due_at is not None else since + (case.promise or kind.promise)
        if kind.keeps:
            last = max(since + self.last, due)
            return Place(urgency, due, last) if now < last else Place(urgency, due, NEVER, overdue=True)
        promised = max(due - since, 0.0)
        guard = since + (self.guard_elsewhere if case.elsewhere else min(self.guard, self.guard_promises * promised))
        late = due - min(self.margin * 60 * kind.minutes, self.margin_most * promised)
        if now >= guard:
            return Place(self.late * urgency, since, NEVER, overdue=True)
        if now >= late:
            return Place(self.late * urgency, since, guard)
        return Place(urgency, due, min(late, guard))

    def brought_forward(self, case: Waiting, now: float) -> Place:
        """Just behind a calm complaint; when it has waited for `last`, ahead of everything."""
        kind = self.kinds.get(case.kind, self.otherwise)
        since = case.waiting_since if case.waiting_since is not None else now
        last = since + self.last
        if now >= last:
            return Place(FIRST_OF_ALL, since, NEVER)
        return Place(max(self.guarded, worse(case) * kind.cost / kind.minutes), since, last)


@dataclass(frozen=True, slots=True)
class FirstInFirstOut:
    """The oldest first, whatever it is: to compare with."""

    def forward(self, waited: float) -> float:
        """None are overdue."""
        return 0.0

    def place(self, case: Waiting, now: float) -> Place:
        """In the order in which they began to wait."""
        return Place(1.0, case.waiting_since or 0.0, NEVER)

    brought_forward = place


@dataclass(frozen=True, slots=True)
class Priority:
    """Kind before kind by their cost, the oldest first within: to compare with."""

    kinds: Mapping[str, Kind] = field(default_factory=lambda: KINDS)

    def forward(self, waited: float) -> float:
        """None are overdue."""
        return 0.0

    def place(self, case: Waiting, now: float) -> Place:
        """By the cost of the kind alone."""
        kind = self.kinds.get(case.kind)
        return Place(kind.cost if kind else 0.0, case.waiting_since or 0.0, NEVER)

    brought_forward = place


def worth(asked: Mapping[str, float], holders: Mapping[str, int]) -> dict[str, float]:
    """What it is worth to keep each skill free: how much of it is asked for each who has it; 1 on the average.

    `asked` counts cases by skill, say yesterday's; `holders` the operators here. Skills that nobody asks are worth 0.
    """
    each = {skill: asked.get(skill, 0.0) / max(count, 1) for skill, count in holders.items()}
    total = sum(each.values())
    return {skill: round(value * len(each) / total, 1) if total else 1.0 for skill, value in each.items()}
