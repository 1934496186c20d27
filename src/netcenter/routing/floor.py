"""Where every case and every operator stands now: the router's memory, kept in order as things happen."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from heapq import heapify, heappop, heappush, heapreplace
from typing import Any

from netcenter.routing.cost import CostOfDelay, Policy
from netcenter.routing.lines import NOBODY, Crew, Entry, Held, Idle, Line, Seat
from netcenter.routing.rules import Demand, demand

NEVER = float("inf")


class Floor:
    """Cases in their lines, operators at their desks."""

    def __init__(self, policy: Policy | None = None, now: float = 0.0) -> None:
        self.policy: Policy = policy or CostOfDelay()
        self.now = now
        self.cases: dict[int, Held] = {}
        self.seats: dict[int, Seat] = {}
        self.lines: list[Line] = []
        self.heads: list[Entry] = []  # the front of each line
        self._open: set[int] = set()  # lines in which somebody waits
        self.paused: dict[int, str] = {}
        self.worth: Mapping[str, float] = {}
        self._line_of: dict[Demand, Line] = {}
        self.crews: list[Crew] = []
        self._crew_of: dict[tuple, Crew] = {}
        self._wants: dict[int, set[int]] = {}  # operator to the cases pinned to them
        self._passed: dict[int, set[int]] = {}  # operator to the cases that they let pass a moment ago
        self._freed: list[tuple[Idle, int, bytearray]] = []  # crews' new first choices; lines read on
        self._era = 0  # that list began anew
        self._fresh_lines: set[int] = set()
        self._fresh_seats: dict[int, Seat] = {}
        self._turns: list[tuple[float, int]] = []
        self._overdue: list[tuple[float, int]] = []  # since when they wait, and who: the first is brought forward next
        self._credit = 1.0  # so many may be
        self._waited = 0.0  # how long the last of them that rang had waited
        self._own: dict[int, Line] = {}  # operator to their own line

    def _load(self, seat: Seat, held: Held, line: Line) -> int:
        case = held.case
        if case.pinned_to == seat.operator.operator_id:
            return seat.operator.weights.get(case.channel, case.weight)
        if line.asked is None:
            line = self._line(demand(case, self.now))
        if len(seat.crew.loads) <= line.index:
            seat.crew.meet(self.lines)
        return seat.crew.loads[line.index]

    def _is_paused(self, held: Held) -> bool:
        return bool(self.paused) and held.case.queue in self.paused

    def _settle(self, held: Held, now: float) -> None:
        """Let the case stand where it belongs, and note when that changes by itself."""
        case = held.case
        place = self.policy.brought_forward if held.forward else self.policy.place
        urgency, moment, turn, overdue = place(case, now)
        if overdue and held.forward is None:
            held.forward = False
            heappush(self._overdue, (moment, case.case_id))
        if held.declined or held.missed:
            turn = min(turn, self._end_passes(held, now))
        for step in case.steps:
            if step.at > now:
                turn = min(turn, step.at)
                break
        owner = self._owner(held)
        line = self._line(demand(case, now)) if owner is None else self._own_line(owner)
        if held.line is None or held.line is not line or held.entry != (-urgency, moment, case.case_id):
            self._take_out(held)
            line.put(held, (-urgency, moment, case.case_id))
            self._front(line)
        self._fresh_lines.add(line.index)
        if turn != held.turn:
            held.turn = turn
            if turn < NEVER:
                heappush(self._turns, (turn, case.case_id))

    def _bring_forward(self) -> None:
        """As many overdue cases as the rings since the last time allow, the oldest first."""
        overdue = self._overdue
        while overdue:
            held = self.cases.get(overdue[0][1])
            if held is not None and held.forward is False:
                if self._credit < 1.0:
                    return
                self._credit -= 1.0
                held.forward = True
                if held.rings_at is None:
                    self._settle(held, self.now)
            heappop(overdue)

    def _end_passes(self, held: Held, now: float) -> float:
        """Forget who let it pass long enough ago; returns when the next one is forgotten."""
        for passed in (held.declined, held.missed):
            for operator_id in [o for o, until in passed.items() if until <= now]:
                del passed[operator_id]
                if not held.passed_by(operator_id):
                    self._unpass(operator_id, held.case.case_id)
        return min((*held.declined.values(), *held.missed.values()), default=NEVER)

    def _owner(self, held: Held) -> int | None:
        """The operator for whom alone it is now."""
        pinned = held.case.pinned_to
        return pinned if pinned is not None and pinned in self.seats and not held.passed_by(pinned) else None

    def _line(self, asked: Demand) -> Line:
        line = self._line_of.get(asked)
        if line is None:
            line = self._line_of[asked] = self._new_line(asked, None)
        return line

    def _own_line(self, operator_id: int) -> Line:
        line = self._own.get(operator_id)
        if line is None:
            line = self._own[operator_id] = self._new_line(None, operator_id)
        self.seats[operator_id].own = line
        return line

    def _new_line(self, asked: Demand | None, owner: int | None) -> Line:
        line = Line(len(self.lines), asked, owner)
        self.lines.append(line)
        self.heads.append(NOBODY)
        return line

    def _front(self, line: Line) -> None:
        asleep = bool(self.paused) and line.asked is not None and line.asked.queue in self.paused
        head = None if asleep else line.first(self.cases)
        if head is None:
            self.heads[line.index] = NOBODY
            self._open.discard(line.index)
        else:
            self.heads[line.index] = head
            self._open.add(line.index)

    def _front_all(self, queue: int) -> None:
        for line in self.lines:
            if line.asked is None or line.asked.queue == queue:
                self._front(line)
                self._fresh_lines.add(line.index)

    def _take_out(self, held: Held) -> None:
        line = held.line
        if line is not None:
            line.drop(held, self.cases)
            self._front(line)

    def _put_back(self, aside: list[tuple[Held, Line, Entry]]) -> None:
        for held, line, entry in aside:
            line.put(held, entry)
            self._front(line)

    def _stand(self, seat: Seat) -> None:
        """They stay free. When they are their crew's first choice, lines hear of it when they next look."""
        crew = seat.crew
        if len(crew.loads) < len(self.lines):
            crew.meet(self.lines)
        idle = crew.stand(seat, self.seats)
        if idle is not None:
            self._freed.append((idle, crew.number, crew.loads))
            if len(self._freed) > 8 * len(self.crews) + 4000:
                self._begin_era()

    def _begin_era(self) -> None:
        self._freed = []
        self._era += 1

    def _look_at(self, seat: Seat) -> None:
        seat.rise()
        if seat.is_free():
            self._fresh_seats[seat.operator.operator_id] = seat

    def _stop(self, held: Held) -> None:
        """End its ring, if any, as if it had not been."""
        if held.rings_at is None:
            return
        seat = self.seats.get(held.rings_at)
        if seat is not None and seat.rings == held.case.case_id:
            seat.room += held.load
            seat.rings, seat.ready = None, True
            self._look_at(seat)
        held.rings_at, held.load = None, 0

    def _let_pass(self, case_id: int, until: float, now: float, how: str) -> None:
        held = self.cases[case_id]
        operator_id = held.rings_at
        if operator_id is None:
            return
        self.now = max(self.now, now)
        passed: dict[str, Any] = {how: {**getattr(held, how), operator_id: until}}
        held.case = replace(held.case, **passed)
        setattr(held, how, dict(passed[how]))
        self._passed.setdefault(operator_id, set()).add(case_id)
        if how == "declined" and (seat := self.seats.get(operator_id)) is not None:
            seat.idle_since = now
        self._stop(held)
        self._settle(held, now)

    def _unpass(self, operator_id: int, case_id: int) -> None:
        if (cases := self._passed.get(operator_id)) is not None:
            cases.discard(case_id)
            if not cases:
                del self._passed[operator_id]

    def _remember(self, held: Held) -> None:
        """Whom the case concerns."""
        case = held.case
        for operator_id in (*held.declined, *held.missed):
            self._passed.setdefault(operator_id, set()).add(case.case_id)
        if case.pinned_to is not None:
            self._wants.setdefault(case.pinned_to, set()).add(case.case_id)

    def _forget(self, held: Held) -> None:
        """Nobody's lists name the case any more."""
        case = held.case
        for operator_id in (*held.declined, *held.missed):
            self._unpass(operator_id, case.case_id)
        if case.pinned_to is not None and (cases := self._wants.get(case.pinned_to)) is not None:
            cases.discard(case.case_id)
            if not cases:
                del self._wants[case.pinned_to]

    def _resettle(self, case_ids: Iterable[int]) -> None:
        for case_id in list(case_ids):
            held = self.cases[case_id]
            if held.rings_at is None:
                self._settle(held, self.now)

    def _anybody(self, line: Line) -> bool:
        """Whether somebody who can take it is free; if so, the first choice is at the front."""
        if line.era != self._era or line.read < len(self._freed):
            self._read_on(line)
        free, seats = line.free, self.seats
        while free:
            idle, number = free[0]
            crew = self.crews[number]
            best = crew.best(seats)
            if best is None or crew.loads[line.index] > seats[best[3]].room:
                heappop(free)
            elif best is idle:
                return True
            else:  # a worse one: of a better one, lines are told
                heapreplace(free, (best, number))
        return False

    def _read_on(self, line: Line) -> None:
        """Learn which crews have a new first choice."""
        index, freed = line.index, self._freed
        if line.era != self._era or len(line.free) > 4 * len(self.crews) + 64:
            line.era, line.free = self._era, []
            for crew in self.crews:
                if crew.live:
                    if len(crew.loads) <= index:
                        crew.meet(self.lines)
                    best = crew.best(self.seats)
                    if best is not None and crew.loads[index]:
                        line.free.append((best, crew.number))
            heapify(line.free)
        else:
            for idle, number, loads in freed[line.read :] if line.read else freed:
                if loads[index]:
                    heappush(line.free, (idle, number))
        line.read = len(freed)
