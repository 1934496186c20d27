"""Settings: what a queue's form would have meant for the last day's real traffic, before it is saved."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from netcenter.accounts.models import Brand
from netcenter.cases.models import Case
from netcenter.events.models import Event
from netcenter.lib import clock
from netcenter.people.access import PersonRequest, needs
from netcenter.people.models import Desk, Skill
from netcenter.people.permissions import May
from netcenter.routing import scene
from netcenter.routing.models import Offer, Queue
from netcenter.routing.scene import Asked, Somebody
from netcenter.setup.queues import QueueForm
from netcenter.setup.replay import Arrival, Day, Outcome, Replay, Turn
from netcenter.standards.models import WINDOW, Promise, Standard

SPAN = timedelta(hours=24)
MOST = 2000  # arrivals: of a busier day the last so many, in full, since thinned out they would not wait
MOST_TURNS = 20_000
SHORTEST, LONGEST, USUAL = 10.0, 4 * 3600.0, 300.0  # seconds of handling
SLACK = 2000  # events are not stored in the exact order of their times


@dataclass(frozen=True)
class Compared:
    """Before and after."""

    before: Outcome
    after: Outcome
    since: datetime
    cut: bool  # the day was busier than what was replayed
    seen: int  # handling times that are known


@needs(May.SET_STANDARDS)
@require_POST
def queue_replay(request: PersonRequest, pk: int) -> HttpResponse:
    """The last day again, with the queue as it is and as the form says."""
    brand = get_object_or_404(Brand, pk=pk)
    kept = get_object_or_404(Queue, brand=brand)
    form = QueueForm(request.POST)
    form.is_valid()
    compared = compare(kept, form, clock.now())
    return render(request, "setup/queue_replayed.html", {"compared": compared, "brand": brand})


def compare(kept: Queue, form: QueueForm, now: datetime) -> Compared | None:
    """Both outcomes; None when nothing came in. Bounded: at most so many arrivals."""
    everybody = scene.people(now)
    current = scene.queues(everybody, [kept.brand_id])[kept.brand_id]
    promises = _promises(kept.brand_id, now)
    if not promises:
        return None
    cut = len(promises) > MOST
    promises = promises[-MOST:]
    since = promises[0].started_at
    work, pick_up, missed, seen = _handling(promises, since)
    turns = _turns(everybody, since, now)
    operators = {s.operator.operator_id: replace(s.operator, room=s.operator.capacity, ready=True) for s in everybody}
    day = Day(operators, turns, since.timestamp(), now.timestamp(), pick_up, missed)
    details = form.details()
    asked = changed(kept, form, everybody)
    before = Replay(day, _arrivals(promises, work, current, now), kept.ring_seconds, kept.wrap_up_seconds).play()
    after = Replay(day, _arrivals(promises, work, asked, now), details.ring_seconds, details.wrap_up_seconds).play()
    return Compared(before, after, since, cut, seen)


def changed(kept: Queue, form: QueueForm, everybody: Sequence[Somebody]) -> Asked:
    """What the queue would ask with what stands in the form."""
    details = form.details()
    codes = dict(Skill.objects.filter(pk__in=details.levels).values_list("pk", "code"))
    skills = {codes[pk]: level for pk, level in details.levels.items()}
    drawn = Queue(pk=kept.pk, brand_id=kept.brand_id, team_id=details.team_id, needs_language=details.needs_language)
    teams = None if details.team_id is None else frozenset({details.team_id})
    steps = tuple(sorted(form.chain(), key=lambda step: step.after_seconds))
    spoken = scene.spoken(everybody, kept.pk, kept.brand_id, skills, teams)
    return Asked(drawn, teams, skills, steps, spoken)  # type: ignore[arg-type]


def _promises(brand_id: int, now: datetime) -> list[Promise]:
    """The waits of the last day, oldest first, at most one more than are replayed."""
    responses = Promise.objects.exclude(measure__in=[Standard.Measure.RESOLUTION, WINDOW]).filter(case__brand=brand_id)
    found = list(responses.select_related("case__account").order_by("-id")[: MOST + 1])
    return sorted((p for p in found if now - SPAN <= p.started_at < now), key=lambda p: (p.started_at, p.pk))


def _handling(promises: Sequence[Promise], since: datetime) -> tuple[list[float], float, float, int]:
    """How long each was in hand, how soon rings were picked up, the share missed, and how much of it is known."""
    rows = Offer.objects.filter(case__in={p.case_id for p in promises}, rang_at__gte=since).order_by("rang_at", "id")
    held: dict[int, list[tuple[datetime, float]]] = {}
    rings, lost, delays = 0, 0, []
    for case_id, state, rang_at, accepted_at, ended_at in rows.values_list(
        "case_id", "state", "rang_at", "accepted_at", "ended_at"
    ):
        rings += 1
        lost += state == Offer.State.MISSED
        if accepted_at is not None:
            delays.append((accepted_at - rang_at).total_seconds())
        if accepted_at is not None and ended_at is not None:  # what is in hand still would look too short
            seconds = min(max((ended_at - accepted_at).total_seconds(), SHORTEST), LONGEST)
            held.setdefault(case_id, []).append((accepted_at, seconds))
    known = [seconds for spans in held.values() for _at, seconds in spans]
    usual = statistics.median(known) if known else USUAL
    work = [next((seconds for at, seconds in held.get(p.case_id, ()) if at >= p.started_at), usual) for p in promises]
    return work, statistics.median(delays) if delays else 5.0, lost / rings if rings else 0.0, len(known)


def _turns(everybody: Sequence[Somebody], since: datetime, now: datetime) -> list[Turn]:
    """When each sat down and left: from the record, and for who never moved, from where they are."""
    moves = Event.objects.filter(pk__gt=_last_before(since - SPAN) - SLACK, kind="desk.state", at__gte=since - SPAN)
    rows = moves.order_by("at", "id").values_list("operator_id", "at", "data")[:MOST_TURNS]
    here = {s.operator.operator_id: s.state == Desk.State.AVAILABLE for s in everybody}  # who never moved
    told: set[int] = set()
    later: list[Turn] = []
    for operator_id, at, data in rows:
        if operator_id is None:
            continue
        is_here = data.get("state") == Desk.State.AVAILABLE
        if at < since:
            here[operator_id] = is_here
        elif operator_id not in told:
            here[operator_id] = not is_here  # nothing before is on record: they came, or they left
        if at >= since:
            later.append(Turn(at.timestamp(), operator_id, is_here))
        told.add(operator_id)
    begin = since.timestamp()
    return [*(Turn(begin, pk, True) for pk, is_here in here.items() if is_here), *later]


def _last_before(moment: datetime) -> int:
    """The id of the last event before the moment: ids rise with time, so that halving finds it."""
    low, high = 0, Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
    while low < high:
        middle = (low + high) // 2
        following = Event.objects.filter(pk__gt=middle).order_by("id").values_list("id", "at").first()
        if following is not None and following[1] < moment:
            low = following[0]
        else:
            high = middle
    return low


def _arrivals(promises: Sequence[Promise], work: Sequence[float], asked: Asked, now: datetime) -> list[Arrival]:
    """Each wait as the router would see it, numbered from 0; nothing of a case but what is asked is taken over."""
    cases = []
    for promise in promises:
        was = promise.case
        cases.append(Case(
            pk=was.pk, brand_id=was.brand_id, account=was.account, language=was.language, kind=was.kind,
            waiting_since=promise.started_at, due_at=promise.due_at,
        ))  # fmt: skip
    seen = scene.waiting(cases, {promises[0].case.brand_id: asked}, now)
    return [
        Arrival(replace(waiting, case_id=i, declined={}, missed={}), seconds)
        for i, (waiting, seconds) in enumerate(zip(seen, work, strict=True))
    ]
