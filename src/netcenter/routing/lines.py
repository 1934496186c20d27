"""Lines of cases that ask the same, and crews of operators who can the same: what the router stands on.

Nothing here knows who should be rung; `router.py` does.
"""

from collections.abc import Mapping
from heapq import heapify, heappop, heappush

from netcenter.routing.rules import EXPERT, Demand, Operator, Waiting, levels, takes

Entry = tuple[float, float, int]  # of a waiting case: minus urgency, moment, case: the least comes first
Idle = tuple[float, int, float, int]  # of a free operator: breadth, fullness, idle since, operator: the least is rung
NOBODY: Entry = (float("inf"), 0.0, 0)
ANY_BRAND = 8  # who answers for all brands can do as much else as somebody with so many skills more


class Held:
    """A case as the router holds it."""

    __slots__ = ("case", "declined", "entry", "forward", "line", "load", "missed", "rings_at", "turn")

    def __init__(self, case: Waiting) -> None:
        self.case = case
        self.entry: Entry | None = None  # where it stands in its line
        self.line: Line | None = None
        self.turn = 0.0  # when its place changes by itself
        self.forward: bool | None = None  # None: not overdue; False: asks to be brought forward; True: was
        self.rings_at: int | None = None
        self.load = 0  # percent of that desk
        self.declined = _until(case.declined)
        self.missed = _until(case.missed)

    def passed_by(self, operator_id: int) -> bool:
        """Whether they let it pass a moment ago."""
        return operator_id in self.declined or operator_id in self.missed


_none: dict[int, float] = {}  # shared by the many that nobody let pass; never written to


def _until(passed: Mapping[int, float] | frozenset[int]) -> dict[int, float]:
    if not passed:
        return _none
    return dict.fromkeys(passed, float("inf")) if isinstance(passed, frozenset) else dict(passed)


class Line:
    """The cases that ask the same, most urgent first; and who of those who can take them is free, first choice first.

    Both heaps may hold what is out of date. An entry counts while its case (or seat) still has that very entry.
    """

    __slots__ = ("asked", "era", "free", "heap", "index", "live", "owner", "read")

    def __init__(self, index: int, asked: Demand | None, owner: int | None = None) -> None:
        self.index = index
        self.asked = asked  # None: an operator's own line, for what is pinned to them or held for them
        self.owner = owner
        self.heap: list[Entry] = []
        self.live = 0
        self.free: list[tuple[Idle, int]] = []  # of each crew the first choice, and the crew's number
        self.read = 0  # how much of what the router noted of crews is in `free`
        self.era = -1

    def first(self, cases: Mapping[int, Held]) -> Entry | None:
        """The most urgent; what is out of date before it is dropped."""
        heap = self.heap
        while heap:
            top = heap[0]
            held = cases.get(top[2])
            if held is not None and held.entry is top and held.line is self:
                return top
            heappop(heap)
        return None

    def put(self, held: Held, entry: Entry) -> None:
        """Let the case stand here, at its place."""
        held.line, held.entry = self, entry
        self.live += 1
        heappush(self.heap, entry)

    def drop(self, held: Held, cases: Mapping[int, Held]) -> None:
        """The case stands here no more. Its entry goes when it comes to the front, or when half are such."""
        held.entry = held.line = None
        self.live -= 1
        if len(self.heap) > 2 * self.live + 64:
            self.heap = [e for e in self.heap if (h := cases.get(e[2])) is not None and h.entry is e and h.line is self]
            heapify(self.heap)


class Crew:
    """Operators who may and can do the same: one profile. It learns of each line once, when it needs to."""

    __slots__ = ("breadth", "by_load", "free", "live", "loads", "number", "operator")

    def __init__(self, number: int, operator: Operator) -> None:
        self.number = number
        self.free: list[Idle] = []  # first choice first; may hold what is out of date
        self.live = 0  # how many are free
        self.operator = operator
        self.loads = bytearray()  # by line: percent of a desk, 0: cannot
        self.by_load: dict[int, list[int]] = {}  # lines that they can take
        self.breadth = 0.0

    def meet(self, lines: list[Line]) -> None:
        """Learn of the lines that are new."""
        known: dict[tuple, bool] = {}  # many lines differ only in channel and queue
        for line in lines[len(self.loads) :]:
            asked, load = line.asked, 0
            if asked is not None:
                same = (asked.brand_id, asked.needs, asked.teams)
                able = known.get(same)
                if able is None:
                    able = known[same] = takes(self.operator, asked._replace(channel="", weight=1)) > 0
                if able:
                    load = min(max(self.operator.weights.get(asked.channel, asked.weight), 0), 255)
            self.loads.append(load)
            if load:
                self.by_load.setdefault(load, []).append(line.index)

    def stand(self, seat: "Seat", seats: Mapping[int, "Seat"]) -> Idle | None:
        """One of them is free; returns their place when they are the crew's first choice now."""
        idle = seat.stand()
        self.live += 1
        if len(self.free) > 2 * self.live + 64:
            self.free = [i for i in self.free if (s := seats.get(i[3])) is not None and s.entry is i]
            heapify(self.free)
        heappush(self.free, idle)
        return idle if self.best(seats) is idle else None

    def best(self, seats: Mapping[int, "Seat"]) -> Idle | None:
        """The first choice of those who are free."""
        free = self.free
        while free:
            idle = free[0]
            seat = seats.get(idle[3])
            if seat is not None and seat.entry is idle:
                return idle
            heappop(free)
        return None

    def weigh(self, worth: Mapping[str, float]) -> None:
        """How much else they could do: by what each skill is worth (1 when nothing is said)."""
        skills = self.operator.skills
        brands = ANY_BRAND if self.operator.brands is None else len(self.operator.brands)
        self.breadth = brands + sum(worth.get(skill, 1.0) for skill in sorted(skills))


class Seat:
    """An operator at their desk."""

    __slots__ = ("capacity", "crew", "entry", "idle_since", "operator", "own", "ready", "rings", "room")

    def __init__(self, operator: Operator, crew: Crew) -> None:
        self.operator = operator
        self.crew = crew
        self.room = operator.room
        self.ready = operator.ready
        self.capacity = operator.capacity
        self.idle_since = operator.idle_since
        self.entry: Idle | None = None  # while free and known to be so
        self.own: Line | None = None
        self.rings: int | None = None  # the case that rings here

    def is_free(self) -> bool:
        """Whether they can be rung now, for something light enough."""
        return self.ready and self.room > 0

    def stand(self) -> Idle:
        """Take a place among the free."""
        self.entry = (self.crew.breadth, self.capacity - self.room, self.idle_since, self.operator.operator_id)
        return self.entry

    def rise(self) -> None:
        """Leave the place among the free, if any."""
        if self.entry is not None:
            self.entry = None
            self.crew.live -= 1


def profile(operator: Operator) -> tuple:
    """Equal for operators who may and can do the same."""
    return (
        operator.brands, operator.capacity, levels(operator.skills, EXPERT), operator.teams, operator.languages_known,
        frozenset(operator.weights.items()) if operator.weights else None,
    )  # fmt: skip
