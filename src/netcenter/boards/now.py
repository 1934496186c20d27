"""The day as it is now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import CharField, Count, F, Q, QuerySet
from django.db.models.functions import Cast, Substr
from django.utils import timezone

from netcenter.boards.rules import Chart, chart, short_age
from netcenter.cases.ledger import waiting_in
from netcenter.cases.models import Case, Message
from netcenter.lib.prepared import prepared
from netcenter.people.models import Desk
from netcenter.standards.models import WINDOW, Promise, Standard

SLACK = 1000  # rows are not stored in the exact order of their times


@dataclass(frozen=True)
class Wall:
    """What can be read from five metres."""

    waiting: int
    oldest_at: datetime | None
    age: str  # of the oldest
    kept: int
    ended: int
    free: int
    here: int
    next_due: list[tuple[Case, datetime]]  # with the start of the promise
    chart: Chart
    arrived: int
    answered: int


def wall(now: datetime) -> Wall:
    """The day until now, in the reader's time zone."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    waits = Case.objects.filter(waiting_since__isnull=False)
    ended = Promise.objects.filter(ended_at__gte=midnight, outcome__in=["kept", "late"]).exclude(measure=WINDOW)
    promises = ended.aggregate(kept=Count("id", filter=Q(outcome="kept")), ended=Count("id"))
    here = Desk.objects.exclude(state=Desk.State.OFFLINE).filter(person__is_active=True)
    arrivals, answers = hourly(midnight, now)
    oldest = waiting_in(None).order_by("sent_at", "id").values_list("sent_at", flat=True).first()
    return Wall(
        waiting=waits.count(), oldest_at=oldest, age=short_age(now - oldest) if oldest else "–",
        kept=promises["kept"], ended=promises["ended"],
        free=here.filter(state=Desk.State.AVAILABLE, load__lt=F("capacity")).count(), here=here.count(),
        next_due=_next_due(waits), chart=chart(arrivals, answers, (now - midnight).total_seconds() / 3600),
        arrived=sum(arrivals), answered=sum(answers),
    )  # fmt: skip


def _next_due(waits) -> list[tuple[Case, datetime]]:  # type: ignore[no-untyped-def]
    """The next five promises to break."""
    soonest = waits.filter(due_at__isnull=False).order_by("due_at", "id")
    cases = list(soonest.select_related("customer", "account", "holder")[:5])
    running = Promise.objects.filter(case__in=cases, ended_at=None).exclude(measure=Standard.Measure.RESOLUTION)
    started: dict[int, datetime] = {}
    for case_id, at in running.order_by("due_at").values_list("case_id", "started_at"):
        started.setdefault(case_id, at)
    return [(case, started.get(case.pk, case.opened_at)) for case in cases]


def hourly(midnight: datetime, now: datetime) -> tuple[list[int], list[int]]:
    """Arrivals and people's answers of a day by its hours, reading only that day's rows."""
    today = Message.objects.filter(pk__gt=_last_before(midnight) - SLACK, received_at__gte=midnight, automatic="")
    # Ten minutes as text, in UTC on each engine: grouped without calling Python for every row.
    ten = Substr(Cast("received_at", CharField()), 1, 15)
    arrivals, answers = [0] * 24, [0] * 24
    counted = today.annotate(ten=ten).values_list("ten", "direction").annotate(n=Count("id")).order_by()
    for label, direction, n in counted:
        at = datetime.fromisoformat(f"{label.replace('T', ' ')}0:00+00:00")
        hour = timezone.localtime(at, midnight.tzinfo).hour
        if at < now + timedelta(minutes=10):
            (arrivals if direction == Message.Direction.IN else answers)[hour] += n
    return arrivals, answers


def _last_before(moment: datetime) -> int:
    """The id of the last message received before the moment: ids rise with time, so that halving finds it."""
    low, high = 0, next((last for (last,) in _last()), 0)
    while low < high:
        middle = (low + high) // 2
        following = next(iter(_following(middle)), None)
        if following is not None and following[1] < moment:
            low = following[0]
        else:
            high = middle
    return low


@prepared
def _last() -> QuerySet[Message, tuple[int]]:
    return Message.objects.order_by("-id").values_list("id")[:1]


@prepared
def _following(number: int) -> QuerySet[Message, tuple[int, datetime]]:
    return Message.objects.filter(pk__gt=number).order_by("id").values_list("id", "received_at")[:1]
