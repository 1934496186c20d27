"""The queues as they are now: what waits, who could take it, what is paused. By index, and never more than a bound."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, F, Min, Q, QuerySet

from netcenter.accounts.models import Account, Brand
from netcenter.boards.rules import short_age
from netcenter.cases.models import Case, Message
from netcenter.routing import scene
from netcenter.routing.models import Offer, OverflowStep, Queue
from netcenter.routing.queries import waiting_cases
from netcenter.routing.rules import Demand, levels, takes
from netcenter.routing.scene import Asked, Somebody

BOUNDS = (
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
)  # ages: up to each, and over
MOST_COUNTED = 20_000  # waiting cases of one queue that are looked at; beyond, "20 000+" says enough
PAGE = 50
KINDS = ("complaint", "claim", "question", "suggestion", "praise", "thanks", "spam", "not_for_us", "other")


@dataclass
class Line:
    """One queue, now."""

    brand: Brand
    queue: Queue | None
    waiting: int = 0
    more: bool = False  # than were counted
    ages: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    kinds: list[tuple[str, int]] = field(default_factory=list)
    ringing: int = 0
    held: int = 0
    able: int = 0  # people at their desks who could take the queue's usual case
    free: int = 0  # of them, those who could now
    oldest_at: datetime | None = None
    age: str = "–"
    next_step: OverflowStep | None = None
    next_at: datetime | None = None


def lines(now: datetime) -> list[Line]:
    """Every brand's queue: a bounded number of queries and rows, however many cases there are."""
    everybody = scene.people(now)
    asked = scene.queues(everybody)
    ringing = _by_brand(Offer.State.RINGING)
    held = _by_brand(Offer.State.ACCEPTED)
    found = []
    for brand in Brand.objects.all():
        own = asked.get(brand.pk, Asked(None))
        line = Line(brand, own.queue, ringing=ringing[brand.pk], held=held[brand.pk])
        line.able, line.free = _staff(own, brand, everybody)
        _count(line, own, now)
        found.append(line)
    return found


def _by_brand(state: str) -> Counter[int]:
    return Counter(Offer.objects.filter(state=state).values_list("case__brand_id", flat=True))


def _staff(asked: Asked, brand: Brand, everybody: Sequence[Somebody]) -> tuple[int, int]:
    usual = Demand(asked.queue_id, brand.pk, "", 1, levels(asked.skills), asked.teams)
    able = [s for s in everybody if s.is_here and takes(s.operator, usual) > 0]
    return len(able), sum(1 for s in able if s.operator.ready and s.operator.room > 0)


def waits(brand_id: int, now: datetime) -> QuerySet[Case]:
    """What waits for a desk in a brand's queue, the first promise to break first."""
    return waiting_cases(now).filter(brand=brand_id).order_by("due_at", "id")


def _count(line: Line, asked: Asked, now: datetime) -> None:
    """All figures of one queue in one query over at most so many cases."""
    some = waits(line.brand.pk, now)[: MOST_COUNTED + 1]
    since = F("waiting_since")
    ages = {f"age{i}": Count("pk", filter=_of_age(i, now)) for i in range(len(BOUNDS) + 1)}
    kinds = {f"kind_{kind}": Count("pk", filter=Q(kind__in=_kind(kind))) for kind in KINDS}
    steps = {
        f"step{i}": Min(since, filter=Q(waiting_since__gt=now - timedelta(seconds=step.after_seconds)))
        for i, step in enumerate(asked.steps)
    }
    found = some.aggregate(n=Count("pk"), oldest=Min(since), **ages, **kinds, **steps)
    line.more = found["n"] > MOST_COUNTED
    line.waiting = min(found["n"], MOST_COUNTED)
    line.ages = [found[name] for name in ages]
    line.kinds = [(k, n) for k, n in Counter({k: found[f"kind_{k}"] for k in KINDS}).most_common(4) if n]
    line.oldest_at = _oldest(line.brand) if line.more else found["oldest"]
    if line.oldest_at is not None:
        line.age = short_age(now - line.oldest_at)
    for i, step in enumerate(asked.steps):
        first = found[f"step{i}"]
        at = first + timedelta(seconds=step.after_seconds) if first else None
        if at is not None and (line.next_at is None or at < line.next_at):
            line.next_at, line.next_step = at, step


def _of_age(age: int, now: datetime) -> Q:
    """Cases that have waited longer than the bound before, and not longer than its own."""
    older = Q(waiting_since__lt=now - BOUNDS[age - 1]) if age > 0 else Q()
    return older & Q(waiting_since__gte=now - BOUNDS[age]) if age < len(BOUNDS) else older


def _kind(kind: str) -> list[str]:
    return [kind, ""] if kind == "other" else [kind]  # what nobody has read yet is of no kind


def _oldest(brand: Brand) -> datetime | None:
    """By the index of waiting messages: exact also where not all cases are counted."""
    accounts = list(Account.objects.filter(brand=brand).values_list("pk", flat=True))
    waiting = Message.objects.filter(state=Message.State.WAITING, account__in=accounts).order_by("sent_at", "id")
    return waiting.values_list("sent_at", flat=True).first()


def page(brand_id: int, age: int | None, kind: str, now: datetime) -> list[Case]:
    """The waiting cases of a queue, one more than a page when there is more."""
    found = waits(brand_id, now)
    if kind:
        found = found.filter(kind__in=_kind(kind))
    if age is not None:
        found = found.filter(_of_age(age, now))
    return list(found.select_related("customer", "account", "pinned_to").order_by(F("due_at"), "id")[: PAGE + 1])
