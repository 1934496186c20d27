"""Why: what the router's decisions rest on, as data that a page can put into a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from netcenter.routing.cost import weighs
from netcenter.routing.lines import Held, Line, Seat
from netcenter.routing.rules import Demand, Operator, Pair, Wait, Waiting, demand, takes

if TYPE_CHECKING:
    from netcenter.routing.floor import Floor
    from netcenter.routing.router import Router

LOOKED_AT = 6  # crews, when others are counted; more need not be told


class Others(NamedTuple):
    """Who else was free for a case."""

    count: int = 0  # type: ignore[assignment]
    more: bool = False  # than counted
    broadest: Seat | None = None  # who could do most besides
    fullest: int = 0  # percent of the fullest desk's filling


def why(held: Held, seat: Seat, asked: Demand | None, others: Others) -> dict[str, Any]:
    """Why it rings there.

    `because`: pinned, knows_customer, only (nobody else free could), again (all others let it pass or cannot),
    least_else (others could do more besides), emptiest or longest_idle. `others`: how many others were free for it (at
    least, when `others_more`). `kept`: an operator who stays free, and for which skills. `weighs`: what makes its
    waiting cost more (`cost.weighs`).
    """
    case, operator_id = held.case, seat.operator.operator_id
    told: dict[str, Any] = {
        "needs": sorted([skill for skill, _level in asked.needs]) if asked else sorted(case.needs),
        "knows_customer": operator_id == case.prefers,
        "idle_since": seat.idle_since,
        "others": others.count,
        "pinned": case.pinned_to == operator_id,
        "because": _because(held, seat, others),
    }
    if worse := weighs(case):
        told["weighs"] = worse
    if others.more:
        told["others_more"] = True
    if asked and (above := {skill: level for skill, level in asked.needs if level > 1}):
        told["levels"] = above
    if told["because"] == "least_else" and others.broadest is not None:
        skills = sorted(set(others.broadest.operator.skills) - set(seat.operator.skills))
        told["kept"] = {"operator": others.broadest.operator.operator_id, "for": skills[:3]}
    return told


def _because(held: Held, seat: Seat, others: Others) -> str:
    case, operator_id = held.case, seat.operator.operator_id
    if case.pinned_to == operator_id:
        return "pinned"
    if case.prefers == operator_id:
        return "knows_customer"
    if held.passed_by(operator_id):
        return "again"
    if not others.count:
        return "only"
    if others.broadest is not None and others.broadest.crew.breadth > seat.crew.breadth:
        return "least_else"
    return "emptiest" if others.fullest > seat.capacity - seat.room else "longest_idle"


ALONE = Others()


def others(held: Held, seat: Seat, line: Line, floor: Floor) -> Others:
    """Who else is free and could take it, crew by crew."""
    if line.asked is None or seat.entry is None:  # who just became free is served before others look: alone with it
        return ALONE
    seats, index = floor.seats, line.index
    count, fullest, broadest = -1, 0, None
    seen: set[int] = set()
    for _idle, number in line.free:
        if number in seen:
            continue
        if len(seen) == LOOKED_AT:
            return Others(max(count, 0), True, broadest, fullest)
        crew = floor.crews[number]
        best = crew.best(seats)
        if best is None or crew.loads[index] > seats[best[3]].room:
            continue
        seen.add(number)
        count += crew.live
        first = seats[best[3]]
        if first is not seat and not held.passed_by(best[3]):
            fullest = max(fullest, best[1])
            if broadest is None or (best[0], -best[3]) > (broadest.crew.breadth, -broadest.operator.operator_id):
                broadest = first
    for operator_id in (*held.declined, *held.missed):
        passed = seats.get(operator_id)
        if passed is not None and passed.entry is not None and passed.crew.number in seen:
            count -= 1
    return Others(max(count, 0), False, broadest, fullest)


def explain(router: Router, case_id: int, now: float) -> Wait:
    """Why the case does not ring now; its `reason` is "ringing" when it does."""
    held = router.cases.get(case_id)
    if held is None:
        return Wait(case_id, "unknown")
    if held.rings_at is not None:
        return Wait(case_id, "ringing", operator_id=held.rings_at)
    case = held.case
    if case.queue in router.paused:
        return Wait(case_id, "paused", note=router.paused[case.queue])
    owner = held.line.owner if held.line else None
    if owner is not None:
        return Wait(case_id, "pinned", operator_id=owner)
    return _no_one(router, held, demand(case, now))


def _no_one(router: Router, held: Held, asked: Demand) -> Wait:
    case = held.case
    could = [s for s in router.seats.values() if _load(s, case, asked) > 0]
    ids = tuple(sorted(s.operator.operator_id for s in could))
    if not could:
        return Wait(case.case_id, "nobody", missing=_missing(asked, (s.operator for s in router.seats.values())))
    free = [s for s in could if s.is_free() and _load(s, case, asked) <= s.room]
    if not free:
        return Wait(case.case_id, "full", could=ids)
    if all(held.passed_by(s.operator.operator_id) for s in free):
        return Wait(case.case_id, "let_pass", could=ids)
    return Wait(case.case_id, "next", could=ids)


def _load(seat: Seat, case: Waiting, asked: Demand) -> int:
    if case.pinned_to == seat.operator.operator_id:
        return seat.operator.weights.get(asked.channel, asked.weight)
    return takes(seat.operator, asked)


def _missing(asked: Demand, operators: Iterable[Operator]) -> tuple[str, ...]:
    """The skills that nobody here has at the level asked; empty when only their combination, brand or team lacks."""
    here = list(operators)
    alone = [(s, n) for s, n in asked.needs if not any(takes(_anywhere(o), _only(asked, s, n)) for o in here)]
    return tuple(sorted(skill for skill, _level in alone))


def _anywhere(operator: Operator) -> Operator:
    return replace(operator, brands=None, weights={})


def _only(asked: Demand, skill: str, level: int) -> Demand:
    return asked._replace(needs=frozenset({(skill, level)}), teams=None, weight=1, channel="")


def who(router: Router, case: Waiting | int, now: float) -> Pair | Wait:
    """Who would be rung for this case if it were the most urgent now; or why nobody. Changes nothing."""
    known = router.cases.get(case if isinstance(case, int) else case.case_id)
    if isinstance(case, int):
        if known is None or known.rings_at is not None or known.case.queue in router.paused:
            return explain(router, case, now)
        case = known.case
    held = Held(case)
    if known is not None:
        held.declined, held.missed = known.declined, known.missed
    if case.queue in router.paused:
        return Wait(case.case_id, "paused", note=router.paused[case.queue])
    asked = demand(case, now)
    pinned = router.seats.get(case.pinned_to) if case.pinned_to is not None else None
    if pinned is not None and not held.passed_by(pinned.operator.operator_id):
        if not pinned.is_free() or _load(pinned, case, asked) > pinned.room:
            return Wait(case.case_id, "pinned", operator_id=case.pinned_to)
        could = [pinned]
    else:
        could = [s for s in router.seats.values() if s.is_free() and 0 < _load(s, case, asked) <= s.room]
    could = [s for s in could if s.operator.operator_id not in held.declined]
    first = [s for s in could if s.operator.operator_id not in held.missed] or could
    if not first:
        return _no_one(router, held, asked)
    best = min(first, key=lambda s: (s.operator.operator_id != case.prefers, *_rank(s)))
    rest = [s for s in first if s is not best]
    beside = Others(
        len(rest), False, max(rest, key=lambda s: (s.crew.breadth, -s.operator.operator_id), default=None),
        max((s.capacity - s.room for s in rest), default=0),
    )  # fmt: skip
    return Pair(case.case_id, best.operator.operator_id, _load(best, case, asked), why(held, best, asked, beside))


def _rank(seat: Seat) -> tuple[float, int, float, int]:
    return seat.crew.breadth, seat.capacity - seat.room, seat.idle_since, seat.operator.operator_id
