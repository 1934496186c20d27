"""What the expected wait is estimated from: who is here, what stands before a case, how fast people are. Reads only."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import islice
from zoneinfo import ZoneInfo

from django.db.models import Q

from netcenter.accounts.models import Brand
from netcenter.accounts.queries import organisation
from netcenter.cases.models import Case, Message
from netcenter.channels.registry import channel
from netcenter.people.models import Desk
from netcenter.routing import scene
from netcenter.routing.expected import Estimate, Line, Outcome, Pace, correction, estimate, pace
from netcenter.routing.models import Acknowledgement, Offer
from netcenter.routing.queries import waiting_cases
from netcenter.routing.rules import demand, takes
from netcenter.routing.scene import Somebody
from netcenter.standards import queries as standards
from netcenter.standards.models import Standard
from netcenter.standards.rules import Hours, add_open_time, most_specific

MOST_AHEAD = 5000  # waiting cases that are counted; further back it is days anyway
MOST_OFFERS = 1000  # the latest, from which paces are read
MOST_SAMPLES = 200  # of them, for one brand and channel
LATE = timedelta(hours=1)  # of the latest arrivals, from which overtaking is read
MOST_ARRIVALS = 500
HANDLING = {True: 900.0, False: 480.0}  # seconds, until something is known; live conversations last
ANSWERING = 180.0
OUTCOMES = 200  # that correct the next estimates
LOOK_BACK = timedelta(days=30)
GOOD_ENDS = ("answered", "closed", "quiet", "disposed", "")
FAR = 9e15  # a deadline that no case has


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected for one case, and why. `estimate` None: nobody is here who could answer it."""

    case: Case
    hours: Hours
    line: Line
    estimate: Estimate | None
    correction: float
    median_at: datetime | None
    latest_at: datetime | None

    @property
    def basis(self) -> dict[str, float | int | bool]:
        """How it was estimated, to be kept beside what was said."""
        line, told = self.line, {}
        if self.estimate is not None:
            told = {"raw": round(self.estimate.raw, 1), "median": round(self.estimate.median, 1),
                    "p80": round(self.estimate.p80, 1)}  # fmt: skip
        return {
            "ahead": round(line.ahead, 1), "people": line.people, "slots": round(line.slots, 1),
            "free": round(line.free, 1), "handling": round(line.handling.seconds), "handled": line.handling.seen,
            "answering": round(line.answering.seconds), "answered": line.answering.seen,
            "overtaking": round(line.overtaking * 3600, 1), "correction": round(self.correction, 3), **told,
        }  # fmt: skip


class Waits:
    """One look at the house: what it reads, it reads once, for however many cases are asked about."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._corrections: dict[int, float] = {}
        self._hours: dict[int, Hours] = {}

    @cached_property
    def _everybody(self) -> list[Somebody]:
        return scene.people(self.now)

    @cached_property
    def _asked(self) -> dict[int, scene.Asked]:
        return scene.queues(self._everybody)

    @cached_property
    def _here(self) -> list[Somebody]:
        at_work = (Desk.State.AVAILABLE, Desk.State.WRAP_UP)
        return [s for s in self._everybody if s.state in at_work and not s.no_more]

    @cached_property
    def _rules(self) -> list[Standard]:
        return standards.standards()

    @cached_property
    def _always(self) -> Hours:
        """Where nothing is promised: around the clock, by the company's own."""
        house = organisation()
        return Hours(ZoneInfo(house.timezone if house else "UTC"), always=True)

    @cached_property
    def _ahead(self) -> list[tuple[float, int, int]]:
        """(deadline, case, brand) of what waits and does not ring, the first to break its promise first."""
        found = waiting_cases(self.now).exclude(offers__state__in=Offer.LIVE)
        rows = found.order_by("due_at", "id").values_list("due_at", "id", "brand_id")
        return sorted((at.timestamp() if at else FAR, pk, brand) for at, pk, brand in rows[:MOST_AHEAD])

    @cached_property
    def _arrivals(self) -> tuple[Counter[tuple[int, str, str]], float]:
        """How many cases of each brand, channel and kind began lately, and within how many seconds."""
        rows = Case.objects.order_by("-id").values_list("opened_at", "brand_id", "account__channel", "kind")
        late = [r for r in rows[:MOST_ARRIVALS] if self.now - LATE <= r[0] <= self.now]
        full = len(late) == MOST_ARRIVALS
        span = (self.now - min(r[0] for r in late)).total_seconds() if full else LATE.total_seconds()
        return Counter((brand, kind_of, kind) for _at, brand, kind_of, kind in late), max(span, 60.0)

    @cached_property
    def _samples(self) -> tuple[dict[tuple[int, str], list[float]], dict[tuple[int, str], list[float]]]:
        """How long cases were held, and how long until their first answer, by brand and channel, the latest first."""
        rows = list(
            Offer.objects.filter(state__in=[Offer.State.ENDED, Offer.State.ACCEPTED], accepted_at__isnull=False)
            .order_by("-id")
            .values_list("case_id", "operator_id", "case__brand_id", "case__account__channel", "accepted_at",
                         "ended_at", "state", "reason")[:MOST_OFFERS]
        )  # fmt: skip
        first = _first_answers(rows)
        held: dict[tuple[int, str], list[float]] = defaultdict(list)
        answered: dict[tuple[int, str], list[float]] = defaultdict(list)
        for case_id, operator_id, brand, kind, accepted_at, ended_at, state, reason in rows:
            if accepted_at is None:
                continue
            if state == Offer.State.ENDED and reason in GOOD_ENDS and ended_at is not None:
                held[brand, kind].append((ended_at - accepted_at).total_seconds())
            at = next((m for m in first.get((case_id, operator_id), ()) if m >= accepted_at), None)
            if at is not None and (ended_at is None or at <= ended_at):
                answered[brand, kind].append((at - accepted_at).total_seconds())
        return held, answered

    def hours(self, case: Case) -> Hours:
        """The hours in which this case is answered: those of the standard that it falls under."""
        rule = most_specific(self._rules, case.brand_id, case.account.channel, case.kind or "question", "first")
        if rule is None:
            return self._always
        if rule.calendar_id not in self._hours:
            self._hours[rule.calendar_id] = standards.hours_of(rule.calendar, self.now)
        return self._hours[rule.calendar_id]

    def all_hours(self, brand_id: int) -> list[Hours]:
        """Every hours under which a case of the brand may fall; always, when nothing is promised."""
        rules = [r for r in self._rules if r.brand_id in (None, brand_id)]
        calendars = {r.calendar_id: r.calendar for r in rules}.values()
        return [standards.hours_of(calendar, self.now) for calendar in calendars] or [self._always]

    def expect(self, case: Case) -> Expected:
        """What is expected for a case that waits, or for one that would begin to wait now (without a key)."""
        line, hours = self.line(case), self.hours(case)
        factor = self._correction(case.brand_id)
        found = estimate(line, factor)
        asked = self._asked.get(case.brand_id)
        if asked is not None and asked.queue is not None and asked.queue.paused_at is not None:
            found = None  # nothing of it rings until somebody says so
        median = add_open_time(self.now, found.median / 60, hours) if found else None
        latest = add_open_time(self.now, found.p80 / 60, hours) if found else None
        return Expected(case, hours, line, found, factor, median, latest)

    def line(self, case: Case) -> Line:
        """What stands before the case, and who could take it."""
        asked = demand(scene.waiting([case], self._asked, self.now)[0], self.now.timestamp())
        able = [(s, load) for s in self._here if (load := takes(s.operator, asked)) > 0]
        reach = self._reach([s for s, _load in able]) | {case.brand_id: 1.0}
        at = case.due_at.timestamp() if case.due_at else FAR
        before = islice(self._ahead, bisect_left(self._ahead, (at, case.pk or FAR, 0)))
        ahead = Counter(brand for _at, pk, brand in before if pk != case.pk)
        handling, answering = self._pace(case)
        # What is no longer full of others is free, but a place that is being wrapped up is not yet.
        free = sum(max(0, s.operator.room) // load for s, load in able if s.operator.ready)
        return Line(
            ahead=sum(n * reach[brand] for brand, n in ahead.items()), people=len(able),
            slots=sum(max(1, s.operator.capacity // load) for s, load in able), free=free,
            handling=handling, answering=answering, overtaking=self._overtaking(at, reach),
        )  # fmt: skip

    def _reach(self, able: Sequence[Somebody]) -> dict[int, float]:
        """Brand to the share of these people who answer for it too: what of its line stands in this one's way."""
        brands = {brand for _at, _pk, brand in self._ahead} | {brand for brand, *_rest in self._arrivals[0]}
        return {
            b: sum(s.operator.brands is None or b in s.operator.brands for s in able) / max(1, len(able))
            for b in brands
        }  # fmt: skip

    def _overtaking(self, due: float, reach: dict[int, float]) -> float:
        """Cases a second that begin later and break their promise earlier."""
        arrived, span = self._arrivals
        left = due - self.now.timestamp()
        total = 0.0
        for (brand, kind_of, kind), n in arrived.items():
            rule = most_specific(self._rules, brand, kind_of, kind or "question", "first")
            if rule is not None and rule.minutes * 60 < left:
                total += n * reach.get(brand, 0.0)
        return total / span

    def _pace(self, case: Case) -> tuple[Pace, Pace]:
        held, answered = self._samples
        where = (case.brand_id, case.account.channel)
        default = HANDLING[channel(case.account.channel).capabilities.live]
        return pace(held[where][:MOST_SAMPLES], default), pace(answered[where][:MOST_SAMPLES], ANSWERING)

    def _correction(self, brand_id: int) -> float:
        if brand_id not in self._corrections:
            self._corrections[brand_id] = correction(outcomes(brand_id, self.now))
        return self._corrections[brand_id]


def _first_answers(rows: Iterable[tuple]) -> dict[tuple[int, int], list[datetime]]:
    """(case, operator) to when they wrote, in order."""
    wrote: dict[tuple[int, int], list[datetime]] = defaultdict(list)
    said = Message.objects.filter(
        case__in={row[0] for row in rows}, direction=Message.Direction.OUT, operator__isnull=False, automatic=""
    )
    for case_id, operator_id, at in said.order_by("sent_at").values_list("case_id", "operator_id", "sent_at"):
        if operator_id is not None:
            wrote[case_id, operator_id].append(at)
    return wrote


def told_lately(now: datetime, brand_id: int | None = None, days: int = 30) -> list[Acknowledgement]:
    """The answers that were promised lately and whose time has come, the latest first; void ones left out."""
    found = Acknowledgement.objects.filter(
        told_at__gte=now - timedelta(days=days), promised_at__lte=now, kind=Acknowledgement.Kind.BUSY
    ).filter(Q(answered_at__isnull=False) | Q(case__waiting_since__isnull=False))
    if brand_id is not None:
        found = found.filter(case__brand=brand_id)
    return list(found.exclude(outcome="void").select_related("case__customer").order_by("-told_at")[:2000])


def outcomes(brand_id: int, now: datetime) -> list[Outcome]:
    """What was estimated and what came, for the brand. Nights in between would compare two clocks: left out."""
    found = []
    for told in told_lately(now, brand_id, LOOK_BACK.days)[:OUTCOMES]:
        raw = told.basis.get("raw")
        if raw and told.basis.get("straight", True):
            found.append(Outcome(float(raw), ((told.answered_at or now) - told.told_at).total_seconds()))
    return found


def imagined(brand: Brand, kind: str, now: datetime) -> Case | None:
    """A case that would begin to wait for the brand now, as its first account would bring it; None without accounts."""
    account = brand.accounts.filter(enabled=True).order_by("id").first()
    if account is None:
        return None
    due = standards.due_for(brand.pk, account.channel, kind, "first", now)
    return Case(
        brand=brand, account=account, kind=kind, language=brand.language, opened_at=now, last_at=now,
        waiting_since=now, due_at=due[1] if due else None,
    )  # fmt: skip
