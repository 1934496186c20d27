"""A day played again: real arrivals, real handling times and real presence through the real router. Pure; seconds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import heapify, heappop, heappush
from zlib import crc32

from netcenter.routing.router import Router
from netcenter.routing.rules import Operator, Waiting

MISSED_FOR = 300.0
HERE, COMES, PICKED, MISSED, DONE, WAKE = range(6)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody wrote; `work` is how long whoever picked up had it."""

    waiting: Waiting
    work: float

    @property
    def at(self) -> float:
        return self.waiting.waiting_since or 0.0


@dataclass(frozen=True, slots=True)
class Turn:
    """Somebody sat down or left."""

    at: float
    operator_id: int
    is_here: bool


@dataclass(frozen=True)
class Day:
    """What happened, whatever the settings."""

    operators: Mapping[int, Operator]
    turns: Sequence[Turn]
    start: float
    end: float
    pick_up: float = 5.0  # seconds until a ring is answered
    missed: float = 0.0  # the share of rings that nobody answered


@dataclass
class Outcome:
    """What became of it under some settings."""

    waits: list[float] = field(default_factory=list)  # until picked up
    within: int = 0  # answered in time
    missed: int = 0  # rings
    open: int = 0  # still waiting at the end

    @property
    def cases(self) -> int:
        return len(self.waits) + self.open

    @property
    def share(self) -> float | None:
        """Answered in time, of all."""
        return self.within / self.cases if self.cases else None

    def quantile(self, share: float) -> float | None:
        """The wait that so many did not exceed; None when that many were never picked up."""
        place = int(share * (self.cases - 1)) if self.cases else 0
        ordered = sorted(self.waits)
        return ordered[place] if place < len(ordered) else None


class Replay:
    """One run. Rings are missed by the same chance under all settings, so that only these make the difference."""

    def __init__(self, day: Day, arrivals: Sequence[Arrival], ring_seconds: float, wrap_up: float) -> None:
        self.day, self.arrivals = day, arrivals
        self.ring_seconds, self.wrap_up = ring_seconds, wrap_up
        self.router = Router(now=day.start)
        self.loads = dict.fromkeys(day.operators, 0)
        self.events: list[tuple[float, int, int, int, int]] = []  # at, what, case or turn, operator, load
        self.outcome = Outcome()
        self.rang: dict[int, int] = {}  # how often each
        self.next_at = float("inf")

    def play(self) -> Outcome:
        """Until the day is over; what is in hand then is done."""
        self.events = [(turn.at, HERE, i, 0, 0) for i, turn in enumerate(self.day.turns)]
        self.events += [(arrival.at, COMES, i, 0, 0) for i, arrival in enumerate(self.arrivals)]
        heapify(self.events)
        while self.events:
            at, what, which, operator, load = heappop(self.events)
            if at > self.day.end and what in (HERE, COMES, WAKE):
                continue
            if at > self.day.end and what in (PICKED, MISSED):
                continue
            self._happen(at, what, which, operator, load)
            if at <= self.day.end:
                self._decide(at)
        self.outcome.open = len(self.arrivals) - len(self.outcome.waits)
        return self.outcome

    def _happen(self, at: float, what: int, which: int, operator: int, load: int) -> None:
        if what == HERE:
            self._turn(self.day.turns[which], at)
        elif what == COMES:
            self.router.arrive(self.arrivals[which].waiting)
        elif what == DONE:
            self.loads[operator] -= load
            self.router.finished(operator, load, at)
        elif what in (PICKED, MISSED):
            held = self.router.cases.get(which)
            if held is not None and held.rings_at == operator:
                (self._picked if what == PICKED else self._missed)(at, which, operator, load)

    def _turn(self, turn: Turn, at: float) -> None:
        known = self.day.operators.get(turn.operator_id)
        if known is None:
            return
        if turn.is_here:
            room = known.capacity - self.loads[turn.operator_id]
            self.router.seat(replace(known, room=room, idle_since=at, ready=True))
        else:
            self.router.away(turn.operator_id)

    def _picked(self, at: float, case: int, operator: int, load: int) -> None:
        arrival = self.arrivals[case]
        self.router.accepted(case)
        self.loads[operator] += load
        self.outcome.waits.append(at - arrival.at)
        due = arrival.waiting.due_at
        self.outcome.within += due is None or at + arrival.work <= due
        heappush(self.events, (at + arrival.work + self.wrap_up, DONE, case, operator, load))

    def _missed(self, at: float, case: int, _operator: int, _load: int) -> None:
        self.outcome.missed += 1
        self.router.missed(case, at + MISSED_FOR, at)

    def _decide(self, at: float) -> None:
        decision = self.router.decide(at)
        for pair in decision.pairs:
            self.rang[pair.case_id] = nth = self.rang.get(pair.case_id, 0) + 1
            chance = crc32(f"{pair.case_id} {nth}".encode()) / 2**32
            lost = chance < self.day.missed
            delay = self.ring_seconds if lost else min(self.day.pick_up, self.ring_seconds)
            what = MISSED if lost else PICKED
            heappush(self.events, (at + delay, what, pair.case_id, pair.operator_id, pair.weight))
        if decision.next_at is not None and at < decision.next_at < self.day.end and decision.next_at != self.next_at:
            self.next_at = decision.next_at
            heappush(self.events, (decision.next_at, WAKE, 0, 0, 0))
