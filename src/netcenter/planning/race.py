"""Simulated time: the same customers and the same staff under different policies, the real router among them."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from heapq import heapify, heappop, heappush

from netcenter.planning.traffic import DAY, NEVER, Arrival, Month
from netcenter.routing.cost import HOUR, CostOfDelay, FirstInFirstOut, Policy, Priority
from netcenter.routing.router import Router
from netcenter.routing.rules import Operator, Waiting

COMES_BACK = 1.3  # who was ignored comes back elsewhere, as a complaint, and takes so much more work
RING_SECONDS, MISSED_FOR = 20.0, 300.0
IN_HAND = 5  # what an operator may have at once where cases are dealt out in turn

SHIFT, DONE, GONE, MISSED = range(4)


@dataclass
class Played:
    """What became of each customer."""

    arrivals: list[Arrival]  # those who came back elsewhere at the end
    first: int  # how many came by themselves
    answered: list[float]
    left: list[bool]  # turned elsewhere before somebody had their case in hand
    work: list[float]  # by worker
    missed: int = 0


@dataclass
class Race:
    """One run. `take` and `free` are what a policy does when somebody writes and when somebody can answer."""

    month: Month
    rearrive: bool = False
    now: float = 0.0
    cases: list[Arrival] = field(default_factory=list)
    events: list[tuple[float, int, int]] = field(default_factory=list)
    in_hand: dict[int, int] = field(default_factory=dict)  # worker to case

    def __post_init__(self) -> None:
        self.cases = list(self.month.arrivals)
        count, staff = len(self.cases), self.month.staff
        self.answered, self.begun, self.left = [NEVER] * count, [NEVER] * count, [False] * count
        self.work = [0.0] * len(staff)
        self.missed = 0
        self.here = [False] * len(staff)
        self.events = [(at, SHIFT, 0) for at in _changes(self.month)]
        heapify(self.events)

    def play(self) -> Played:
        """Run until everything is answered (or three days after the last arrival)."""
        arrivals, coming, first = self.month.arrivals, 0, len(self.month.arrivals)
        while True:
            if coming < first and (not self.events or arrivals[coming].at < self.events[0][0]):
                self.now = arrivals[coming].at
                self._comes(coming)
                coming += 1
            elif self.events:
                self.now, what, which = heappop(self.events)
                (self._shift, self._done, self._gone, self._missed)[what](which)
            else:
                break
        return Played(self.cases, first, self.answered, self.left, self.work, self.missed)

    def _comes(self, case: int) -> None:
        patience = self.cases[case].patience
        if patience < NEVER:
            heappush(self.events, (self.now + patience, GONE, case))
        self.take(case)

    def _shift(self, _which: int) -> None:
        hour = self.now % DAY / HOUR
        for worker, (_languages, begins, ends) in enumerate(self.month.staff):
            here = begins <= hour < ends or begins <= hour + 24 < ends
            if here != self.here[worker]:
                self.here[worker] = here
                if here and worker not in self.in_hand:
                    self.free(worker, True)
                elif not here:
                    self.goes(worker)
        self.deal()

    def _done(self, worker: int) -> None:
        self.answered[self.in_hand.pop(worker)] = self.now
        if self.here[worker]:
            self.free(worker, False)
        self.deal()

    def _gone(self, case: int) -> None:
        if self.begun[case] < NEVER:
            return
        self.left[case] = True
        was = self.cases[case]
        if self.rearrive and self.now < self.month.days * DAY:
            self.cases.append(Arrival(self.now, "complaint", was.language, COMES_BACK * was.work))
            self.answered.append(NEVER)
            self.begun.append(NEVER)
            self.left.append(False)
            self.elsewhere(case)
            self.take(len(self.cases) - 1)

    def begin(self, worker: int, case: int) -> None:
        """The worker has the case in hand, and is done with it when its time has passed."""
        work = self.cases[case].work
        self.in_hand[worker] = case
        self.begun[case] = self.now
        self.work[worker] += work
        heappush(self.events, (self.now + work, DONE, worker))

    def take(self, case: int) -> None:
        """Somebody wrote."""
        raise NotImplementedError

    def free(self, worker: int, comes: bool) -> None:
        """The worker can answer; `comes` when the shift begins."""
        raise NotImplementedError

    def goes(self, worker: int) -> None:
        """The worker's shift ended, perhaps with something in hand."""

    def elsewhere(self, case: int) -> None:
        """The customer turned elsewhere, and will be heard there."""

    def deal(self) -> None:
        """Something changed: what can begin, begins."""

    def _missed(self, case: int) -> None:
        raise NotImplementedError


def _changes(month: Month) -> Iterator[float]:
    """When shifts begin and end."""
    marks = sorted({hour % 24 for worker in month.staff for hour in (worker.begins, worker.ends)} | {0.0})
    return (day * DAY + hour * HOUR for day in range(month.days + 3) for hour in marks)


class Rung(Race):
    """The real router decides, under a policy. Every `miss`-th ring, by chance, is let pass."""

    def __init__(self, month: Month, rearrive: bool, policy: Policy, misses: Sequence[bool] = ()) -> None:
        super().__init__(month, rearrive)
        self.router = Router(policy)
        self.misses = misses
        self.rang = 0
        self.ringing: dict[int, float] = {}  # until
        self.needs = {a.language: frozenset({f"language:{a.language}"}) for a in month.arrivals}
        self.operators = [
            Operator(number, skills=frozenset(f"language:{code}" for code in worker.languages))
            for number, worker in enumerate(month.staff)
        ]

    def take(self, case: int) -> None:
        at, kind, language, _work, _patience = self.cases[case]
        self.router.arrive(self._waiting(case, at, kind, language))
        self._decide()

    def _waiting(self, case: int, at: float, kind: str, language: str, elsewhere: bool = False) -> Waiting:
        promise = self.month.kinds[kind].promise if kind in self.month.kinds else HOUR
        return Waiting(
            case, 1, 100, self.needs[language], waiting_since=at, due_at=at + promise, kind=kind, elsewhere=elsewhere
        )

    def free(self, worker: int, comes: bool) -> None:
        if comes or worker not in self.router.seats:
            self.router.seat(self.operators[worker])
        else:
            self.router.finished(worker, 100, self.now)

    def goes(self, worker: int) -> None:
        self.router.away(worker)

    def elsewhere(self, case: int) -> None:
        at, kind, language, _work, _patience = self.cases[case]
        self.router.change(self._waiting(case, at, kind, language, elsewhere=True))

    def deal(self) -> None:
        self._decide()

    def _decide(self) -> None:
        for pair in self.router.decide(self.now).pairs:
            self.rang += 1
            if self.misses and self.misses[self.rang % len(self.misses)]:
                self.ringing[pair.case_id] = self.now + RING_SECONDS
                heappush(self.events, (self.now + RING_SECONDS, MISSED, pair.case_id))
            else:
                self.ringing.pop(pair.case_id, None)
                self.router.accepted(pair.case_id)
                self.begin(pair.operator_id, pair.case_id)

    def _missed(self, case: int) -> None:
        if self.ringing.get(case) != self.now:
            return  # its operator had left, and it rang elsewhere since
        del self.ringing[case]
        self.missed += 1
        self.router.missed(case, self.now + MISSED_FOR, self.now)
        self._decide()


class Dealt(Race):
    """Round robin with a limit, as most open desks do: in turn to whoever is there, and theirs from then on."""

    def __init__(self, month: Month, rearrive: bool) -> None:
        super().__init__(month, rearrive)
        staff = month.staff
        self.turn = list(range(len(staff)))
        self.own: list[deque[int]] = [deque() for _ in staff]
        self.waiting: dict[str, deque[int]] = {}
        self.can = [worker.languages for worker in staff]

    def take(self, case: int) -> None:
        self.waiting.setdefault(self.cases[case].language, deque()).append(case)
        self.deal()

    def free(self, worker: int, comes: bool) -> None:
        if self.own[worker]:
            self.begin(worker, self.own[worker].popleft())

    def deal(self) -> None:
        full: set[str] = set()
        while waiting := {language: q for language, q in self.waiting.items() if q and language not in full}:
            language = min(waiting, key=lambda code: waiting[code][0])
            worker = next((w for w in self.turn if language in self.can[w] and self._has_room(w)), None)
            if worker is None:
                full.add(language)
                continue
            self.turn.remove(worker)
            self.turn.append(worker)
            self.own[worker].append(waiting[language].popleft())
            if worker not in self.in_hand:
                self.free(worker, False)

    def _has_room(self, worker: int) -> bool:
        return self.here[worker] and len(self.own[worker]) + (worker in self.in_hand) < IN_HAND


POLICIES = ("fifo", "round-robin", "priority", "ours")


def race(
    month: Month, policy: str, rearrive: bool, guard_hours: float | None = None, misses: Sequence[bool] = ()
) -> Race:
    """The race of one policy. `guard_hours` replaces the age guard of ours; 0 means none."""
    if policy == "round-robin":
        return Dealt(month, rearrive)
    if policy == "fifo":
        return Rung(month, rearrive, FirstInFirstOut(), misses)
    if policy == "priority":
        return Rung(month, rearrive, Priority(month.kinds), misses)
    ours = CostOfDelay(kinds=month.kinds)
    if guard_hours is not None:
        guard = guard_hours * HOUR or NEVER
        later = (ours.gives_up[0] - ours.guard + guard, ours.gives_up[1] - ours.guard + guard)
        ours = replace(
            ours, guard=guard, guard_promises=NEVER, guard_elsewhere=max(guard, ours.guard_elsewhere),
            last=max(guard, ours.last), gives_up=ours.gives_up if guard == NEVER else later,
        )  # fmt: skip
    return Rung(month, rearrive, ours, misses)
