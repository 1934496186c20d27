"""The switchboard: keeps the router in step with the database, and makes its rings there.

The router remembers, the database decides. What happened is read from the record; what it concerns is then read from
the tables themselves, so that a fact heard twice, late or out of order does no harm. Every ring is made under locks and
constraints that hold whoever else rings (law 3). Several switchboards may run: each brand's queue is led by one.
"""

import heapq
from collections import Counter
from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count

from netcenter.cases.models import Case
from netcenter.events.queries import latest
from netcenter.events.reading import Reader
from netcenter.lib import wakeup
from netcenter.routing import state
from netcenter.routing.actions import miss_overdue
from netcenter.routing.cost import worth
from netcenter.routing.leading import RENEW, Leading
from netcenter.routing.ringing import make
from netcenter.routing.router import Router
from netcenter.routing.rules import LANGUAGE
from netcenter.routing.state import Here, Seat, Settings

MOST_ROUNDS = 50  # of offers in one step; what is left has its turn in the next
LOOK_AGAIN = 5.0  # seconds: all desks and the most urgent cases are compared with the database
LEARN_AGAIN = 600.0
MOST_LOOKED_AT = 200  # cases
SETTINGS = ("queue.", "person.", "team.", "skill.", "brand.")
AT_IT = 0.05  # seconds
REST = 1.0  # seconds between two looks at the settings
DAY = timedelta(days=1)
NO_SETTINGS = Settings({}, {})


@dataclass
class Rung:
    """What one step did."""

    rang: int = 0
    lost_races: int = 0


@dataclass
class Dirty:
    """What must be read again."""

    cases: set[int] = field(default_factory=set)
    desks: set[int] = field(default_factory=set)


class Switchboard:
    """One for each process that rings. Not for several threads at once."""

    def __init__(self, leading: Leading | None = None) -> None:
        self.leading = leading
        self.router = Router()
        self.settings = NO_SETTINGS
        self._reader: Reader | None = None
        self._led: frozenset[int] | None = frozenset()
        self._later: list[tuple[float, int]] = []  # cases that wait from a known moment on
        self._next_at: float | None = None
        self._looked_at = self._learnt_at = -1e9
        self._changed = False  # settings, told by an event or by the topic "people"
        self._settings_at = -1e9
        self._deaf = wakeup.listen("people", lambda _topic: self._forget_settings())

    def step(self, now: datetime) -> Rung:
        """Ring what can be rung now."""
        led = self.leading.brands(now) if self.leading else None
        if led != self._led or self._reader is None:
            with self._kept():
                self._rebuild(led, now)
        else:
            self._follow(now)
        rung = Rung()
        for _ in range(MOST_ROUNDS):
            decision = self.router.decide(now.timestamp())
            self._next_at = decision.next_at
            if not decision.pairs:
                break
            made = make(decision.pairs, self._seconds(), now)
            rung.rang += len(made)
            if lost := [p for p in decision.pairs if p.case_id not in made]:
                rung.lost_races += len(lost)
                self._read_again(Dirty({p.case_id for p in lost}, {p.operator_id for p in lost}), now)
            if not made:
                self._next_at = now.timestamp() + AT_IT  # others are quicker with all of them: it is theirs to go on
                break
        return rung

    def stop(self) -> None:
        """Give the queues back."""
        self._deaf()
        if self.leading:
            self.leading.leave()

    def next_at(self) -> float | None:
        """When something becomes possible by itself: a case widens, a pass is forgotten, a menu's patience is over."""
        times = [at for at in (self._next_at, self._later[0][0] if self._later else None) if at is not None]
        return min(times, default=None)

    @property
    def leads(self) -> bool:
        """Whether this process rings for anybody."""
        return self._led is None or bool(self._led)

    @property
    def pause(self) -> float:
        """Seconds after which to step again at the latest."""
        return 1.0 if self.leading is None or self.leading.is_alone else RENEW

    def _kept(self) -> AbstractContextManager[None]:
        return self.leading.kept() if self.leading else nullcontext()

    def _seconds(self) -> dict[int, int]:
        return {brand: asked.queue.ring_seconds for brand, asked in self.settings.asked.items() if asked.queue}

    # --- Keeping in step ------------------------------------------------------------------------

    def _rebuild(self, led: frozenset[int] | None, now: datetime) -> None:
        """Forget everything and read what is led now. What happens meanwhile is read again with the next step."""
        self._reader = Reader(latest())
        self._led = led
        self.router, self._later = Router(), []
        self.settings = NO_SETTINGS
        if led is not None and not led:
            return
        self._looked_at = now.timestamp()
        self._read_settings(now)
        self._learn(now)

    def _read_settings(self, now: datetime) -> None:
        """Read who may do what, and anew the cases of queues that ask for something else now."""
        self._settings_at, self._changed = now.timestamp(), False
        first, before = self.settings is NO_SETTINGS, self.settings.asked
        self.settings = state.settings_now(now)
        asked = self.settings.asked
        changed = {b for b in {*before, *asked} if b not in before or b not in asked or before[b].says != asked[b].says}
        self._pause_queues()
        for own in asked.values():
            was = before.get(own.queue.brand_id) if own.queue else None
            if was is not None and was.crisis != own.crisis:
                self.router.crisis(own.queue_id, own.crisis)
        seats = state.desks(self.settings)
        brands = self._led if first else {b for b in changed if self._is_led(b)}
        if brands is None or brands:
            for page in state.all_waiting(self.settings, brands, now):
                for case in page:
                    self._place(case)
        for person_id in set(self.router.seats) - {s.person_id for s in seats}:
            self.router.away(person_id)
        for seat in seats:
            self._seat(seat)

    def _follow(self, now: datetime) -> None:
        """Read what has happened and what it concerns."""
        if self.settings is NO_SETTINGS or self._reader is None:
            return  # nothing is led
        dirty = Dirty()
        for fact in self._reader.fresh():
            if fact.case_id is not None:
                dirty.cases.add(fact.case_id)
            if fact.operator_id is not None:
                dirty.desks.add(fact.operator_id)
            self._changed = self._changed or fact.kind.startswith(SETTINGS)
        at = now.timestamp()
        while self._later and self._later[0][0] <= at:
            dirty.cases.add(heapq.heappop(self._later)[1])
        if self._changed and now.timestamp() - self._settings_at > REST:
            with self._kept():
                self._read_settings(now)
        if at - self._looked_at > LOOK_AGAIN:
            self._looked_at = at
            dirty.cases.update(state.first_due(MOST_LOOKED_AT))
            dirty.desks.update(self.router.seats)
        self._read_again(dirty, now)
        if at - self._learnt_at > LEARN_AGAIN:
            self._learn(now)

    def _read_again(self, dirty: Dirty, now: datetime) -> None:
        """Put what the tables say in place of what was remembered."""
        held = (self.router.cases.get(i) for i in dirty.cases)
        dirty.desks.update(h.rings_at for h in held if h is not None and h.rings_at is not None)
        seats = state.desks(self.settings, dirty.desks) if dirty.desks else []
        rung = {s.rings for s in seats if s.rings is not None}
        rang = {s.rings for i in dirty.desks if (s := self.router.seats.get(i)) is not None and s.rings is not None}
        cases = dirty.cases | rung | rang
        found = {c.waiting.case_id: c for c in state.waiting(self.settings, cases, now)} if cases else {}
        for case_id in cases:
            case = found.get(case_id)
            if case is None or not self._is_led(case.waiting.brand_id) or case.later is not None:
                self.router.leave(case_id)
        absent = dirty.desks - {s.person_id for s in seats}
        for case in found.values():
            if self._is_led(case.waiting.brand_id):
                self._place(case)
        for seat in [*seats, *(Seat(person_id, None) for person_id in absent)]:
            self._seat(seat)
        for case in found.values():
            self._ring_on(case)

    def _place(self, case: Here) -> None:
        """The case waits, or will; where it rings is told with its desk."""
        ident = case.waiting.case_id
        if case.later is not None:
            heapq.heappush(self._later, (case.later, ident))
            return
        known = self.router.cases.get(ident)
        if case.rings_at is None and known is not None and known.rings_at is None and known.case == case.waiting:
            return
        self.router.arrive(case.waiting)
        if case.rings_at is not None:
            self._ring_on(case)

    def _ring_on(self, case: Here) -> None:
        """The case rings already: nobody else is rung for it, also while nobody sits there any more."""
        if case.rings_at is not None and case.waiting.case_id in self.router.cases:
            self.router.rings(case.waiting.case_id, case.rings_at, case.load)

    def _seat(self, seat: Seat) -> None:
        if seat.operator is None:
            self.router.away(seat.person_id)
            return
        self.router.seat(seat.operator)
        if seat.rings is not None and seat.rings in self.router.cases:
            self.router.rings(seat.rings, seat.person_id, seat.load)

    def _is_led(self, brand_id: int) -> bool:
        return self._led is None or brand_id in self._led

    def _pause_queues(self) -> None:
        paused = {
            a.queue_id: a.queue.pause_reason for a in self.settings.asked.values() if a.queue and a.queue.paused_at
        }
        for queue_id in set(self.router.paused) - set(paused):
            self.router.resume(queue_id)
        for queue_id, reason in paused.items():
            if queue_id not in self.router.paused:
                self.router.pause(queue_id, reason)

    def _forget_settings(self) -> None:
        self._changed = True

    # --- What is worth keeping free -------------------------------------------------------------

    def _learn(self, now: datetime) -> None:
        """Who could do least else is rung first: what a day's cases asked for says what "else" is worth."""
        self._learnt_at = now.timestamp()
        lately = Case.objects.filter(last_at__gte=now - DAY, opened_at__gte=now - DAY)
        opened = [  # brand by brand along the index: all at once would read every case there ever was
            (brand, language, count) for brand in self.settings.asked
            for language, count in lately.filter(brand=brand).values_list("language").annotate(Count("id"))
        ]  # fmt: skip
        asked = count_skills(self.settings, opened)
        here = [s.operator for s in self.router.seats.values()]
        holders = Counter(skill for operator in here for skill in operator.skills)
        self.router.learn(worth(asked, holders))


def count_skills(settings: Settings, opened: Iterable[tuple[int, str, int]]) -> Counter[str]:
    """How many cases asked for each skill, of so many opened for a brand in a language."""
    found: Counter[str] = Counter()
    for brand_id, language, count in opened:
        asked = settings.asked.get(brand_id)
        skills: Collection[str] = asked.skills if asked else ()
        for skill in (*skills, f"{LANGUAGE}{language}"):
            found[skill] += count
    return found


def ring(now: datetime) -> Rung:
    """One round for whoever has no switchboard at hand: everything is read, and what can be rung is rung."""
    miss_overdue(now)
    board = Switchboard()
    try:
        return board.step(now)
    finally:
        board.stop()
