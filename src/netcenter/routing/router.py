"""The router: who is rung for what, at once, at any size. Pure: no clock, no database; times are seconds.

It is told what happens (`arrive`, `seat`, `declined`, …) and, asked to `decide`, makes the rings that are possible.
Its rule: the most urgent case (`cost.py`) that somebody free can take rings first; at whoever answered this customer
last, else at the one who could do least else, then at the emptiest desk, then at the longest idle. After `decide`, no
case waits that somebody free could take.

Cases that ask the same stand in one line, operators who can the same are one crew, and a crew learns of a line when it
first needs to. An arrival looks at its own line, a freed operator at the fronts of their lines: never at all cases, nor
at all operators. What is told may be told again: every verb with a value puts that value in place of what was known.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush, heapreplace

from netcenter.routing.floor import Floor
from netcenter.routing.lines import NOBODY, Crew, Entry, Held, Line, Seat, profile
from netcenter.routing.reasons import others, why
from netcenter.routing.rules import Operator, Pair, Waiting


@dataclass(frozen=True, slots=True)
class Decision:
    """The rings to make now, most urgent first; and when to ask again if nothing happens before."""

    pairs: list[Pair]
    next_at: float | None


FEW = 32  # so few lines are looked at one by one
MANY = 4  # when more operators came, all lines are looked at
BURST = 20.0  # so many overdue cases may be brought forward at a time


class Router(Floor):
    """Waiting cases, operators at their desks, and the rings between them."""

    # --- Cases ----------------------------------------------------------------------------------

    def arrive(self, case: Waiting) -> None:
        """The case waits, and rings nowhere, whatever was known of it."""
        known = self.cases.get(case.case_id)
        if known is not None:
            self.leave(case.case_id)
        held = self.cases[case.case_id] = Held(case)
        if known is not None and known.forward and known.case.waiting_since == case.waiting_since:
            held.forward = True
        self._remember(held)
        self._settle(held, self.now)

    def change(self, case: Waiting) -> None:
        """What is known of the case changed; if it rings, it goes on ringing."""
        held = self.cases.get(case.case_id)
        if held is None or held.rings_at is None:
            self.arrive(case)
        else:
            self._forget(held)
            held.case, held.declined, held.missed = case, dict(held.declined), dict(held.missed)
            self._remember(held)

    def leave(self, case_id: int) -> None:
        """The case waits no more: answered, closed, put away. If it rings, that desk is as before the ring."""
        held = self.cases.get(case_id)
        if held is None:
            return
        self._stop(held)
        self._take_out(held)
        self._forget(held)
        del self.cases[case_id]

    def rings(self, case_id: int, operator_id: int, load: int) -> None:
        """The case, told before, rings there already; the operator's room was told without what it fills."""
        held = self.cases[case_id]
        self._take_out(held)
        held.rings_at, held.load = operator_id, load
        if (seat := self.seats.get(operator_id)) is not None:
            seat.rise()
            seat.rings, seat.ready = case_id, False
            self._fresh_seats.pop(operator_id, None)

    def accepted(self, case_id: int) -> None:
        """Who was rung holds it now; what it weighs stays on their desk until `finished`."""
        held = self.cases[case_id]
        seat = self.seats.get(held.rings_at)  # type: ignore[arg-type]
        if seat is not None and seat.rings == case_id:
            seat.rings, seat.ready = None, True
            self._look_at(seat)
            held.rings_at = None
        self.leave(case_id)

    def declined(self, case_id: int, until: float, now: float) -> None:
        """Who was rung said "not now": not to them before `until`."""
        self._let_pass(case_id, until, now, "declined")

    def missed(self, case_id: int, until: float, now: float) -> None:
        """Who was rung let it pass: before `until`, to them only if nobody else can."""
        self._let_pass(case_id, until, now, "missed")

    def withdraw(self, case_id: int) -> None:
        """The ring was not to be: the case waits, and the desk is as before."""
        held = self.cases[case_id]
        self._stop(held)
        self._settle(held, self.now)

    # --- Operators ------------------------------------------------------------------------------

    def seat(self, operator: Operator) -> None:
        """The operator is at their desk, like this."""
        key = profile(operator)
        crew = self._crew_of.get(key)
        if crew is None:
            crew = self._crew_of[key] = Crew(len(self.crews), operator)
            crew.weigh(self.worth)
            self.crews.append(crew)
        known = self.seats.get(operator.operator_id)
        if known is not None:
            known.rise()
        seat = self.seats[operator.operator_id] = Seat(operator, crew)
        seat.own = self._own.get(operator.operator_id)
        self._fresh_seats.pop(operator.operator_id, None)
        self._look_at(seat)
        if known is None:
            self._resettle(self._wants.get(operator.operator_id, ()))

    def away(self, operator_id: int) -> None:
        """The operator left their desk. What rings there waits again, and what was pinned there may go elsewhere."""
        seat = self.seats.pop(operator_id, None)
        if seat is None:
            return
        seat.rise()
        self._fresh_seats.pop(operator_id, None)
        if seat.rings is not None:
            self.withdraw(seat.rings)
        self._resettle(self._wants.get(operator_id, ()))

    def finished(self, operator_id: int, load: int, now: float) -> None:
        """They gave back so much of their desk, having answered."""
        seat = self.seats.get(operator_id)
        if seat is not None:
            seat.room += load
            seat.idle_since = now
            self._look_at(seat)

    def operator(self, operator_id: int) -> Operator | None:
        """The operator as they are now."""
        seat = self.seats.get(operator_id)
        if seat is None:
            return None
        return replace(seat.operator, room=seat.room, ready=seat.ready, idle_since=seat.idle_since)

    # --- What holds for many --------------------------------------------------------------------

    def pause(self, queue: int, note: str = "") -> None:
        """Nothing of this queue rings until `resume`."""
        self.paused[queue] = note
        self._front_all(queue)

    def resume(self, queue: int) -> None:
        """The queue rings again."""
        self.paused.pop(queue, None)
        self._front_all(queue)

    def crisis(self, queue: int, level: int) -> None:
        """From now on waiting in this queue costs as much as in a crisis of this level (0: in none)."""
        for held in list(self.cases.values()):
            if held.case.queue == queue and held.case.crisis != level:
                held.case = replace(held.case, crisis=level)
                if held.rings_at is None:
                    self._settle(held, self.now)

    def learn(self, worth: Mapping[str, float]) -> None:
        """What each skill is worth to keep free (see `cost.worth`), against 1."""
        self.worth = dict(worth)
        for crew in self.crews:
            crew.weigh(self.worth)
            crew.free, crew.live = [], 0
        for seat in self.seats.values():
            if seat.entry is not None:
                seat.crew.stand(seat, self.seats)
        self._begin_era()

    # --- Deciding -------------------------------------------------------------------------------

    def decide(self, now: float) -> Decision:
        """Make all rings that are possible now. They are on the router's own record when this returns."""
        self.now = now
        self._let_time_pass(now)
        if self._overdue:
            self._bring_forward()
        pairs: list[Pair] = []
        seats, lines = self._fresh_seats, self._fresh_lines
        if len(seats) == 1 and not lines:
            (seat,) = seats.values()
            seats.clear()
            self._serve(seat, pairs)
        elif seats or lines:
            self._fresh_seats, self._fresh_lines = {}, set()
            self._match(lines, seats, pairs)
        if self._passed:
            self._ring_again(pairs)
        return Decision(pairs, self._turns[0][0] if self._turns else None)

    def _let_time_pass(self, now: float) -> None:
        turns = self._turns
        while turns and turns[0][0] <= now:
            at, case_id = heappop(turns)
            held = self.cases.get(case_id)
            if held is not None and held.turn == at and held.rings_at is None:
                self._settle(held, now)
        if len(turns) > 2 * len(self.cases) + 1000:
            self._turns = [t for t in turns if (h := self.cases.get(t[1])) is not None and h.turn == t[0]]
            heapify(self._turns)

    def _serve(self, seat: Seat, pairs: list[Pair]) -> None:
        """One operator became free and nothing else is new: the most urgent that they can take is theirs."""
        aside: list[tuple[Held, Line, Entry]] = []
        while seat.is_free():
            index = self._best_line(seat)
            if index is None:
                self._stand(seat)
                break
            line, entry = self.lines[index], self.heads[index]
            held = self.cases[entry[2]]
            load = self._load(seat, held, line)
            if 0 < load <= seat.room and not held.passed_by(seat.operator.operator_id) and not self._is_paused(held):
                pairs.append(self._ring(held, seat, load, line))
            else:
                aside.append((held, line, entry))
                line.drop(held, self.cases)
                self._front(line)
        self._put_back(aside)

    def _best_line(self, seat: Seat) -> int | None:
        crew, heads, room = seat.crew, self.heads, seat.room
        if len(crew.loads) < len(self.lines):
            crew.meet(self.lines)
        best, found = NOBODY, None
        if len(self._open) < FEW:
            for index in self._open:
                if 0 < crew.loads[index] <= room and heads[index] < best:
                    best, found = heads[index], index
        else:
            for load, lines in crew.by_load.items():
                if load <= room:
                    index = min(lines, key=heads.__getitem__)
                    if heads[index] < best:
                        best, found = heads[index], index
        if seat.own is not None and heads[seat.own.index] < best:
            found = seat.own.index
        return found

    def _match(self, fresh: set[int], seats: dict[int, Seat], pairs: list[Pair]) -> None:
        """Several things are new: line by line, the most urgent first, as long as somebody free can take it."""
        for seat in seats.values():
            if seat.is_free():
                self._stand(seat)
        heads = self.heads
        front = [(heads[i], i) for i in self._concerned(fresh, seats) if heads[i] is not NOBODY]
        heapify(front)
        aside: list[tuple[Held, Line, Entry]] = []
        while front:
            entry, index = front[0]
            line = self.lines[index]
            held = self.cases[entry[2]]
            best, load = self._best_seat(held, line)
            if best is not None:
                pairs.append(self._ring(held, best, load, line))
            elif line.owner is not None or self._anybody(line):
                aside.append((held, line, entry))  # not for them: but perhaps the next in line
                line.drop(held, self.cases)
                self._front(line)
            else:
                heappop(front)
                continue
            if heads[index] is NOBODY:
                heappop(front)
            else:
                heapreplace(front, (heads[index], index))
        self._put_back(aside)

    def _concerned(self, fresh: set[int], seats: dict[int, Seat]) -> Iterable[int]:
        """The lines that what is new may set in motion."""
        if len(seats) > MANY:
            return self._open
        found = fresh & self._open
        for seat in seats.values():
            if not seat.is_free():
                continue
            crew, room = seat.crew, seat.room
            if len(self._open) < FEW:
                found.update(index for index in self._open if 0 < crew.loads[index] <= room)
            else:
                for load, lines in crew.by_load.items():
                    if load <= room:
                        found.update(lines)
            if seat.own is not None:
                found.add(seat.own.index)
        return found

    def _best_seat(self, held: Held, line: Line) -> tuple[Seat | None, int]:
        """Who of the free is rung for it, and how much of their desk it fills."""
        if line.owner is not None:
            seat = self.seats.get(line.owner)
            if seat is None or seat.entry is None or self._is_paused(held):
                return None, 0
            load = self._load(seat, held, line)
            return (seat, load) if 0 < load <= seat.room else (None, 0)
        case = held.case
        for known in (case.pinned_to, case.prefers):
            seat = self.seats.get(known) if known is not None else None
            if seat is not None and seat.entry is not None and not held.passed_by(known):  # type: ignore[arg-type]
                load = self._load(seat, held, line)
                if 0 < load <= seat.room:
                    return seat, load
        skipped = []
        found: tuple[Seat | None, int] = (None, 0)
        while self._anybody(line):
            seat = self.seats[line.free[0][0][3]]
            if not held.passed_by(seat.operator.operator_id):
                found = seat, seat.crew.loads[line.index]
                break
            skipped.append((heappop(seat.crew.free), seat.crew))
        for idle, crew in skipped:
            heappush(crew.free, idle)
            heappush(line.free, (idle, crew.number))
        return found

    def _ring_again(self, pairs: list[Pair]) -> None:
        """What nobody else can take rings once more at somebody who missed it."""
        found = []
        for operator_id, case_ids in self._passed.items():
            seat = self.seats.get(operator_id)
            if seat is None or seat.entry is None:
                continue
            for case_id in case_ids:
                held = self.cases[case_id]
                if operator_id not in held.missed or operator_id in held.declined or held.entry is None:
                    continue
                if held.line.owner in (None, operator_id) and not self._is_paused(held):  # type: ignore[union-attr]
                    found.append((held.entry, seat.entry, held, seat))
        for _entry, idle, held, seat in sorted(found, key=lambda f: f[:2]):
            if held.entry is not None and seat.entry is idle:
                line: Line = held.line  # type: ignore[assignment]
                load = self._load(seat, held, line)
                if 0 < load <= seat.room:
                    pairs.append(self._ring(held, seat, load, line))

    def _ring(self, held: Held, seat: Seat, load: int, line: Line) -> Pair:
        reasons = why(held, seat, line.asked, others(held, seat, line, self))
        line.drop(held, self.cases)
        self._front(line)
        held.rings_at, held.load = seat.operator.operator_id, load
        if held.forward:
            self._waited = self.now - (held.case.waiting_since or self.now)
        if self._overdue:
            self._credit = min(
                self._credit + self.policy.forward(max(self._waited, self.now - self._overdue[0][0])), BURST
            )
        seat.rise()
        seat.ready, seat.rings = False, held.case.case_id
        seat.room -= load
        return Pair(held.case.case_id, seat.operator.operator_id, load, reasons)
