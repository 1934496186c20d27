"""Overflow: who may be rung too once a case has waited."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.db import transaction
from django.utils.translation import gettext as _

from netcenter.cases.models import Case
from netcenter.events.actions import event, record
from netcenter.lib import wakeup
from netcenter.lib.refused import Refused
from netcenter.people.models import Team
from netcenter.routing.models import Acknowledgement, OverflowStep, Queue

Kind = OverflowStep.Kind
MOST_STEPS = 8
LONGEST = 7 * 24 * 3600  # seconds


@dataclass(frozen=True, slots=True)
class Widening:
    """From `at` seconds of waiting on: lower the levels to 1, ring these teams, everybody, the supervisors too."""

    at: float
    lowers: bool = False
    teams: frozenset[int] = frozenset()
    everybody: bool = False
    supervisors: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """One step of a chain as somebody sets it."""

    after_seconds: int
    kind: str
    team_id: int | None = None


def chains(queue_ids: Iterable[int] | None = None) -> dict[int, tuple[Widening, ...]]:
    """Queue to its chain, in the order of time; queues without one are left out. One query."""
    steps = OverflowStep.objects.order_by("queue_id", "after_seconds", "id")
    if queue_ids is not None:
        steps = steps.filter(queue__in=list(queue_ids))
    found: dict[int, tuple[Widening, ...]] = {}
    for step in steps:
        found[step.queue_id] = (*found.get(step.queue_id, ()), widening(step))
    return found


def widening(step: OverflowStep) -> Widening:
    """A step as the router wants it."""
    return Widening(
        at=float(step.after_seconds), lowers=step.kind == Kind.LEVEL, everybody=step.kind == Kind.EVERYBODY,
        supervisors=step.kind == Kind.SUPERVISORS,
        teams=frozenset({step.team_id}) if step.kind == Kind.TEAM and step.team_id is not None else frozenset(),
    )  # fmt: skip


def promised(case_ids: Iterable[int]) -> dict[int, datetime]:
    """Case to when the house told its customer that an answer comes at the latest: a deadline like the standard's.

    Only while the promise runs.
    """
    running = Acknowledgement.objects.filter(case__in=list(case_ids), promised_at__isnull=False, ended_at=None)
    return {case_id: at for case_id, at in running.values_list("case_id", "promised_at") if at is not None}


def deadline(case: Case, told: datetime | None) -> datetime | None:
    """The earlier of the standard's promise and of what the customer was told."""
    return min((at for at in (case.due_at, told) if at is not None), default=None)


@transaction.atomic
def set_chain(queue: Queue, steps: Sequence[Wanted], now: datetime, actor: str) -> list[OverflowStep]:
    """Replace the queue's whole chain. Raises Refused; `step` says which one is wrong (from 0)."""
    _refuse_unfit(queue, steps)
    before = [widening(s) for s in queue.overflow.all()]
    made = [
        OverflowStep(queue=queue, after_seconds=s.after_seconds, kind=s.kind,
                     team_id=s.team_id if s.kind == Kind.TEAM else None)
        for s in steps
    ]  # fmt: skip
    if [widening(s) for s in made] == before:
        return list(queue.overflow.all())
    queue.overflow.all().delete()
    OverflowStep.objects.bulk_create(made)
    record(event("queue.widened", now, actor, brand_id=queue.brand_id, queue=queue.pk, steps=[
        {"after": s.after_seconds, "kind": s.kind, "team": s.team_id} for s in made
    ]))  # fmt: skip
    wakeup.wake("routing", "people")
    return made


def _refuse_unfit(queue: Queue, steps: Sequence[Wanted]) -> None:
    if len(steps) > MOST_STEPS:
        raise Refused("too_many", _("At most %(most)d steps.") % {"most": MOST_STEPS}, step=MOST_STEPS)
    known = set(Team.objects.filter(pk__in=[s.team_id for s in steps if s.team_id]).values_list("pk", flat=True))
    seen: set[tuple[str, int | None]] = set()
    for i, step in enumerate(steps):
        team = step.team_id if step.kind == Kind.TEAM else None
        if step.kind not in Kind.values:
            raise Refused("unknown_step", _("Choose what the step does."), step=i)
        if not 1 <= step.after_seconds <= LONGEST:
            raise Refused("bad_time", _("Choose a time between a second and a week."), step=i)
        if step.kind == Kind.TEAM and team not in known:
            raise Refused("team_missing", _("Choose the team that is rung too."), step=i)
        if team is not None and team == queue.team_id:
            raise Refused("own_team", _("This team is rung from the beginning."), step=i)
        if (step.kind, team) in seen:
            raise Refused("twice", _("An earlier step does the same."), step=i)
        seen.add((step.kind, team))
    for i, (first, second) in enumerate(pairwise(steps), 1):
        if second.after_seconds < first.after_seconds:
            raise Refused("not_ascending", _("Each step comes after the one before it."), step=i)
