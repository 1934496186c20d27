"""From the record alone: when each ring became possible, when it was made, and whether anything ever rang twice.

The times are those at which PostgreSQL committed each fact (track_commit_timestamp), so no process can flatter itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

FULL = 100  # percent of a desk
ENDS = ("offer.ended", "offer.declined", "offer.missed", "offer.withdrawn")
PASSES = ("offer.declined", "offer.missed")
NOTED = ("message.received", "desk.state", "offer.rang", "offer.accepted", *ENDS)


class Fact(NamedTuple):
    """One event, and when it was committed."""

    at: float
    kind: str
    case: int | None
    operator: int | None
    data: Mapping[str, Any]


class Ring(NamedTuple):
    """A ring that was made, and since when it was possible; `again`: at somebody who had let it pass."""

    case: int
    operator: int
    at: float
    possible: float
    again: bool


def facts() -> list[Fact]:
    """What the record says of rings, in the order of the commits."""
    import json

    from django.db import connection

    committed = "pg_xact_commit_timestamp(transaction_id::text::xid)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXTRACT(EPOCH FROM {committed})::float8, kind, case_id, operator_id, data::text FROM events_event "
            f"WHERE kind IN ({','.join(['%s'] * len(NOTED))}) ORDER BY {committed}, id",
            NOTED,
        )
        return [Fact(at, kind, case, who, json.loads(data)) for at, kind, case, who, data in cursor.fetchall()]


@dataclass
class Seat:
    """One desk as the record tells it."""

    available: bool = True
    rings: int | None = None  # an offer
    load: int = 0
    past: list[tuple[float, bool, int]] = field(default_factory=lambda: [(0.0, True, 0)])

    def turn(self, at: float) -> None:
        self.past.append((at, self.available and self.rings is None, self.load))

    def able_since(self, weight: int) -> float | None:
        """Since when so much more could ring here without a break; None: it cannot."""
        since = None
        for at, ready, load in reversed(self.past):
            if not ready or load + weight > FULL:
                break
            since = at
        return since


@dataclass
class Waits:
    """One case as the record tells it."""

    since: float | None = None  # it waits and does not ring
    offer: int | None = None
    passed: set[int] = field(default_factory=set)  # who let it ring


@dataclass
class Story:
    """The facts told one after another."""

    weights: Mapping[int, int]  # offer -> percent of a desk
    seats: dict[int, Seat] = field(default_factory=lambda: defaultdict(Seat))
    cases: dict[int, Waits] = field(default_factory=lambda: defaultdict(Waits))
    rings: list[Ring] = field(default_factory=list)
    twice: int = 0  # a case at two desks, or two rings at one desk
    impossible: int = 0  # rings of what did not wait, or at a full desk

    def tell(self, told: Iterable[Fact]) -> Story:
        for fact in told:
            if fact.kind == "message.received":
                self._received(fact)
            elif fact.kind == "desk.state":
                seat = self.seats[fact.operator or 0]
                seat.available = fact.data["state"] == "available"
                seat.turn(fact.at)
            else:
                self._offer(fact, self.cases[fact.case or 0], self.seats[fact.operator or 0])
        return self

    def _received(self, fact: Fact) -> None:
        case = self.cases[fact.case or 0]
        if case.offer is None and case.since is None:
            case.since = fact.at

    def _offer(self, fact: Fact, case: Waits, seat: Seat) -> None:
        offer = fact.data["offer"]
        weight = self.weights[offer]
        if fact.kind == "offer.rang":
            self._rang(fact, case, seat, weight)
            case.offer, case.since, seat.rings, seat.load = offer, None, offer, seat.load + weight
        elif fact.kind == "offer.accepted":
            if case.offer not in (None, offer):
                self.twice += 1
            if case.offer != offer:  # taken by hand
                seat.load += weight
            case.offer, case.since = offer, None
            seat.rings = None if seat.rings == offer else seat.rings
        elif case.offer == offer:
            answered = fact.data.get("reason") == "answered"
            case.offer, case.since = None, None if answered else fact.at
            if fact.kind in PASSES:
                case.passed.add(fact.operator or 0)
            seat.rings = None if seat.rings == offer else seat.rings
            seat.load -= weight
        else:
            self.twice += 1
        seat.turn(fact.at)

    def _rang(self, fact: Fact, case: Waits, seat: Seat, weight: int) -> None:
        if case.offer is not None or seat.rings is not None:
            self.twice += 1
        able = seat.able_since(weight)
        if case.since is None or able is None:
            self.impossible += 1
            return
        again = fact.operator in case.passed
        self.rings.append(Ring(fact.case or 0, fact.operator or 0, fact.at, max(case.since, able), again))


def story() -> Story:
    """The whole record of this installation."""
    from netcenter.routing.models import Offer

    return Story(dict(Offer.objects.values_list("pk", "weight"))).tell(facts())
