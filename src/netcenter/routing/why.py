"""Why a case rings where it rings or waits, who would get it now, and what if: the router's own answer. Writes nothing.

A router of its own is built in memory from what the database says now (`scene.py`), asked, and thrown away. Whatever is
changed for "what if" is changed there only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from netcenter.cases.models import Case
from netcenter.people.models import Person
from netcenter.routing import scene
from netcenter.routing.cost import CostOfDelay
from netcenter.routing.models import MenuAsked, Offer, OverflowStep, Pin, Queue, Referral
from netcenter.routing.reasons import explain as router_explain
from netcenter.routing.reasons import who as router_who
from netcenter.routing.router import Router
from netcenter.routing.rules import ANY_LEVEL, Demand, Operator, Pair, Wait, Waiting, demand, takes
from netcenter.routing.scene import Asked, Somebody

IMAGINED = 0  # the number of a case that there is not


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that keeps somebody from it: `code`, and what it is about."""

    code: str  # brand, team, skill, channel, state, no_more, rings, full, declined, missed, pinned
    skill: str = ""
    level: int = 0
    has: int = 0  # the level, or the percent of the desk that is empty
    state: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who answers for the brand: whether they could take it, now or at all, and what keeps them."""

    who: Somebody
    able: bool  # once free
    now: bool
    reasons: tuple[Reason, ...] = ()
    is_first: bool = False  # it would ring here


@dataclass(frozen=True, slots=True)
class Stop:
    """What keeps the case from ringing at all, before anybody is asked."""

    code: str  # held, ringing, answered, closed, snoozed, menu, owner
    person: Person | None = None
    at: datetime | None = None
    until: datetime | None = None
    note: str = ""
    why: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole answer for one case."""

    waiting: Waiting
    verdict: Pair | Wait
    candidates: tuple[Candidate, ...] = ()
    others: int = 0  # people who do not answer for this brand
    stop: Stop | None = None
    since: datetime | None = None
    ahead: int | None = None  # how many of the cases that wait come before it
    before: Pair | None = None  # the more urgent case that whoever would get this one gets first
    next_step: OverflowStep | None = None
    next_at: datetime | None = None
    queue: Queue | None = None
    pinned_until: datetime | None = None

    @property
    def rings_at(self) -> int | None:
        """Who would be rung now."""
        return self.verdict.operator_id if isinstance(self.verdict, Pair) and self.before is None else None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Changes that are only imagined."""

    available: frozenset[int] = frozenset()
    away: frozenset[int] = frozenset()
    skills: Mapping[str, int] = field(default_factory=dict)  # required besides
    lower: bool = False  # the levels required become the lowest
    paused: bool | None = None  # None: as it is


@dataclass(frozen=True, slots=True)
class Imagined:
    """A case that there is not, to ask about."""

    brand_id: int
    channel: str
    weight: int
    language: str = ""
    kind: str = "question"


def explain(case: Case, now: datetime, what_if: WhatIf | None = None) -> Explanation:
    """Why the case rings there or waits; with `what_if`, what would become of it then. `case.account` is at hand."""
    everybody = scene.people(now)
    asked = scene.queues(everybody)
    stop = None if what_if else _stop(case, now)
    (waiting,) = scene.waiting([case], asked, now)
    others = [] if stop else scene.rivals(case, asked, now)
    found = _ask(waiting, everybody, asked, others, what_if or WhatIf(), now)
    pin = Pin.objects.filter(pk=case.pk, person=case.pinned_to_id).first() if case.pinned_to_id else None
    return replace(found, stop=stop, since=case.waiting_since, pinned_until=pin.until if pin else None)


def imagine(case: Imagined, now: datetime, what_if: WhatIf | None = None) -> Explanation:
    """The same for a case that there is not, as if it had just been written."""
    everybody = scene.people(now)
    asked = scene.queues(everybody)
    own = asked.get(case.brand_id, Asked(None))
    needs = {**own.skills, **scene.language_need(own, case.language)}
    waiting = Waiting(
        IMAGINED, case.brand_id, case.weight, needs, waiting_since=now.timestamp(), queue=own.queue_id,
        channel=case.channel, teams=own.teams, steps=scene.steps_of(own, needs, now.timestamp()), kind=case.kind,
        crisis=own.crisis,
    )  # fmt: skip
    others = scene.rivals(Case(), asked, now)
    return replace(_ask(waiting, everybody, asked, others, what_if or WhatIf(), now), since=now)


def _stop(case: Case, now: datetime) -> Stop | None:
    offer = Offer.objects.select_related("operator").filter(case=case, state__in=Offer.LIVE).first()
    if offer is not None:
        held = offer.state == Offer.State.ACCEPTED
        at = (offer.accepted_at if held else None) or offer.rang_at
        return Stop(
            "held" if held else "ringing", offer.operator, at, offer.until, why={**offer.why, "at": offer.rang_at}
        )
    referral = Referral.objects.select_related("owner", "area").filter(case=case, ended_at=None).first()
    if referral is not None:
        return Stop("owner", referral.owner, referral.at, referral.due_at, referral.area.name)
    if case.waiting_since is None:
        return Stop("closed" if case.closed_at else "answered", at=case.closed_at)
    if case.snoozed_until is not None and case.snoozed_until > now:
        return Stop("snoozed", until=case.snoozed_until, note=case.snooze_reason)
    menu = MenuAsked.objects.filter(case=case, ended_at=None, until__gt=now).first()
    return Stop("menu", at=menu.asked_at, until=menu.until) if menu else None


def _ask(
    case: Waiting, everybody: Sequence[Somebody], asked: Mapping[int, Asked], others: Sequence[Waiting],
    what_if: WhatIf, now: datetime,
) -> Explanation:  # fmt: skip
    case = _changed_case(case, what_if)
    everybody = [_changed(s, what_if, now) for s in everybody]
    paused = {a.queue_id: a.queue.pause_reason for a in asked.values() if a.queue and a.queue.paused_at}
    if what_if.paused is not None:
        paused.pop(case.queue, None)
        paused |= {case.queue: ""} if what_if.paused else {}
    at = now.timestamp()
    router = _router(everybody, paused, at)
    verdict = router_who(router, case, at)
    if isinstance(verdict, Wait):
        router.arrive(case)
        alone = router_explain(router, case.case_id, at)
        verdict = alone if alone.reason != "next" else verdict
    before = _before(case, verdict, everybody, paused, others, at)
    candidates = _candidates(case, verdict, everybody, at)
    queue = asked[case.brand_id].queue if case.brand_id in asked else None
    step, step_at = _next_step(asked.get(case.brand_id), case, now)
    return Explanation(
        waiting=case, verdict=verdict, candidates=candidates, others=len(everybody) - len(candidates), queue=queue,
        ahead=_ahead(case, others, at), before=before, next_step=step, next_at=step_at,
    )  # fmt: skip


def _changed_case(case: Waiting, what_if: WhatIf) -> Waiting:
    needs = {**case.needs, **what_if.skills} if isinstance(case.needs, Mapping) else case.needs
    return replace(case, needs=dict.fromkeys(needs, ANY_LEVEL) if what_if.lower else needs)


def _changed(somebody: Somebody, what_if: WhatIf, now: datetime) -> Somebody:
    person = somebody.operator.operator_id
    if person in what_if.away:
        return replace(
            somebody, state="offline", reason="", rings=None, operator=replace(somebody.operator, ready=False)
        )
    return scene.freed(somebody, now) if person in what_if.available else somebody


def _router(everybody: Sequence[Somebody], paused: Mapping[int, str], at: float) -> Router:
    """A router in which those who are here sit, and nothing waits yet."""
    router = Router(now=at)
    for queue, note in paused.items():
        router.pause(queue, note)
    for somebody in everybody:
        if somebody.is_here:
            router.seat(somebody.operator)
    router.decide(at)  # with nothing to ring, those who are free take their places
    return router


def _before(
    case: Waiting, verdict: Pair | Wait, everybody: Sequence[Somebody], paused: Mapping[int, str],
    others: Sequence[Waiting], at: float,
) -> Pair | None:  # fmt: skip
    """With all that waits: the case that whoever would get this one gets first, if there is such a case."""
    if isinstance(verdict, Wait):
        return None
    router = _router(everybody, paused, at)
    for other in (*others, case):
        router.arrive(other)
    pairs = router.decide(at).pairs
    if any(pair.case_id == case.case_id for pair in pairs):
        return None
    return next((pair for pair in pairs if pair.operator_id == verdict.operator_id), None)


def _ahead(case: Waiting, others: Sequence[Waiting], at: float) -> int:
    policy = CostOfDelay()

    def place(one: Waiting) -> tuple[float, float, int]:
        urgency, moment, *_later = policy.place(one, at)
        return -urgency, moment, one.case_id

    mine = place(case)
    return sum(1 for other in others if other.queue == case.queue and place(other) < mine)


def _next_step(asked: Asked | None, case: Waiting, now: datetime) -> tuple[OverflowStep | None, datetime | None]:
    for row, step in zip(asked.steps if asked else (), case.steps, strict=False):
        if step.at > now.timestamp():
            return row, datetime.fromtimestamp(step.at, now.tzinfo)
    return None, None


# --- Who could, who could not, and because of what --------------------------------------------------------------------


def _candidates(case: Waiting, verdict: Pair | Wait, everybody: Sequence[Somebody], at: float) -> tuple[Candidate, ...]:
    """Everybody who answers for the brand: who would get it, who could, who could once free, who could not."""
    asked = demand(case, at)
    first = verdict.operator_id if isinstance(verdict, Pair) else None
    found = []
    for somebody in everybody:
        lacks = _lacks(somebody.operator, asked)
        if any(reason.code == "brand" for reason in lacks):
            continue
        pinned = case.pinned_to == somebody.operator.operator_id
        able = pinned or takes(somebody.operator, asked) > 0
        reasons = (*([] if pinned else lacks), *_hindrances(somebody, case, asked))
        found.append(Candidate(somebody, able, able and not reasons, reasons, somebody.operator.operator_id == first))
    found.sort(
        key=lambda c: (not c.is_first, not c.now, not c.able, not c.who.is_here, len(c.reasons), c.who.person.name)
    )
    return tuple(found)


def _lacks(operator: Operator, asked: Demand) -> tuple[Reason, ...]:
    """What of the demand they do not meet: the router's rule, asked for one requirement at a time."""
    nothing = asked._replace(needs=frozenset(), teams=None, channel="", weight=1)
    if not takes(operator, nothing):
        return (Reason("brand"),)
    found = []
    if not takes(operator, nothing._replace(teams=asked.teams)):
        found.append(Reason("team"))
    for skill, level in sorted(asked.needs):
        if not takes(operator, nothing._replace(needs=frozenset({(skill, level)}))):
            known = operator.skills.get(skill, 0) if isinstance(operator.skills, Mapping) else 0
            found.append(Reason("skill", skill=skill, level=level, has=known))
    if not takes(operator, nothing._replace(channel=asked.channel, weight=asked.weight)):
        found.append(Reason("channel"))
    return tuple(found)


def _hindrances(somebody: Somebody, case: Waiting, asked: Demand) -> list[Reason]:
    """What keeps somebody who can from being rung just now."""
    operator, found = somebody.operator, []
    person = operator.operator_id
    if case.pinned_to is not None and case.pinned_to != person:
        found.append(Reason("pinned"))
    if somebody.state != "available":
        return [*found, Reason("state", state=somebody.state, note=somebody.reason)]
    if somebody.no_more:
        found.append(Reason("no_more"))
    if somebody.rings is not None:
        found.append(Reason("rings"))
    fills = operator.weights.get(asked.channel, asked.weight)
    if fills > operator.room:
        found.append(Reason("full", level=fills, has=max(operator.room, 0)))
    if person in case.declined:
        found.append(Reason("declined"))
    elif person in case.missed:
        found.append(Reason("missed"))
    return found
