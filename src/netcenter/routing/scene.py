"""What the router would see, read from the database for a few cases and everybody who may answer. Writes nothing."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q

from netcenter.cases.models import Case, Identity, Message, Thread
from netcenter.channels.registry import channel as network
from netcenter.people.capacity import weights_of
from netcenter.people.models import Desk, Person
from netcenter.people.permissions import May, may
from netcenter.routing.cost import reach
from netcenter.routing.models import Acknowledgement, Need, Offer, OverflowStep, Queue
from netcenter.routing.queries import DECLINED_FOR, LANGUAGE, MISSED_FOR, waiting_cases
from netcenter.routing.rules import ANY_LEVEL, Demand, Operator, Step, Waiting, levels, takes

SUPERVISORS = "supervisors"  # a team that is no team: whoever may watch
AT_DESK = (Desk.State.AVAILABLE, Desk.State.BUSY, Desk.State.WRAP_UP)
AGAIN_WITHIN = timedelta(days=7)
NO_TROUBLE = ("praise", "thanks", "suggestion", "spam", "not_for_us")  # who writes after these does not insist
MOST_RIVALS = 400  # other waiting cases that are weighed against one


@dataclass(frozen=True, slots=True)
class Somebody:
    """One person who may answer, as they are now."""

    person: Person
    state: str
    reason: str
    until: datetime | None  # of a wrap-up
    no_more: bool
    rings: int | None  # the case that rings there
    operator: Operator

    @property
    def is_here(self) -> bool:
        """Whether a ring may ever reach them in this state."""
        return self.state in AT_DESK


@dataclass(frozen=True, slots=True)
class Asked:
    """What a brand's queue asks of whoever is rung, and how it widens."""

    queue: Queue | None
    teams: frozenset[int | str] | None = None
    skills: Mapping[str, int] = field(default_factory=dict)
    steps: tuple[OverflowStep, ...] = ()
    spoken: frozenset[str] = frozenset()  # language skills of all who may be rung, here or not

    @property
    def queue_id(self) -> int:
        return self.queue.pk if self.queue else 0

    @property
    def crisis(self) -> int:
        return self.queue.crisis if self.queue else 0

    @property
    def says(self) -> tuple:
        """All that a waiting case takes from here: the same, and it need not be looked at again."""
        language = self.queue is None or self.queue.needs_language
        steps = tuple((s.after_seconds, s.kind, s.team_id) for s in self.steps)
        return self.queue_id, language, self.teams, tuple(self.skills.items()), steps, self.spoken


def people(now: datetime) -> list[Somebody]:
    """Everybody who may answer, by name."""
    rings = dict(Offer.objects.filter(state=Offer.State.RINGING).values_list("operator_id", "case_id"))
    found = Person.objects.filter(is_active=True).select_related("desk")
    rows = found.prefetch_related("levels__skill", "teams", "brands", "capacities")
    return [_somebody(p, rings.get(p.pk), now) for p in rows if may(p, May.ANSWER)]


def _somebody(person: Person, rings: int | None, now: datetime) -> Somebody:
    desk = getattr(person, "desk", None) or Desk(person=person)
    skills = {known.skill.code: known.level for known in person.levels.all()}  # type: ignore[attr-defined]
    sees_all = may(person, May.SEE_ALL)
    teams: set[int | str] = {team.pk for team in person.teams.all()}  # type: ignore[attr-defined]
    operator = Operator(
        operator_id=person.pk, skills=skills, capacity=desk.capacity, room=desk.capacity - desk.load,
        brands=None if sees_all else frozenset(b.pk for b in person.brands.all()),  # type: ignore[attr-defined]
        idle_since=(desk.idle_since or now).timestamp(), languages_known=any(s.startswith(LANGUAGE) for s in skills),
        ready=desk.state == Desk.State.AVAILABLE and not desk.no_more and rings is None,
        teams=frozenset(teams | {SUPERVISORS} if sees_all else teams),
        weights=weights_of(desk.capacity, {c.channel: c.most for c in person.capacities.all()}),  # type: ignore[attr-defined]
    )  # fmt: skip
    return Somebody(person, desk.state, desk.reason, desk.wrap_up_until, desk.no_more, rings, operator)


def queues(everybody: Sequence[Somebody], brand_ids: Iterable[int] | None = None) -> dict[int, Asked]:
    """Brand to what its queue asks."""
    rows = Queue.objects.select_related("brand", "paused_by").prefetch_related("requirements__skill", "overflow__team")
    if brand_ids is not None:
        rows = rows.filter(brand__in=list(brand_ids))
    found = {}
    for queue in rows:
        skills = {r.skill.code: r.level for r in queue.requirements.all()}
        teams = None if queue.team_id is None else frozenset({queue.team_id})
        found[queue.brand_id] = Asked(queue, teams, skills, tuple(queue.overflow.all()),
                                      spoken(everybody, queue.pk, queue.brand_id, skills, teams))  # fmt: skip
    return found


def spoken(
    everybody: Sequence[Somebody], queue: int, brand: int, skills: Mapping[str, int], teams: frozenset[int | str] | None
) -> frozenset[str]:
    """The language skills of all who may be rung for such a queue, here or not."""
    anyone = Demand(queue, brand, "", 1, levels(skills), teams)
    able = [s.operator for s in everybody if takes(s.operator, anyone) > 0]
    return frozenset(skill for o in able for skill in o.skills if skill.startswith(LANGUAGE))


def language_need(asked: Asked, language: str) -> dict[str, int]:
    """The language as a need; a language that nobody of the brand speaks is asked of nobody: it would never ring."""
    wanted = asked.queue is None or asked.queue.needs_language
    code = f"{LANGUAGE}{language}"
    return {code: ANY_LEVEL} if wanted and code in asked.spoken else {}


def steps_of(asked: Asked, needs: Mapping[str, int], since: float) -> tuple[Step, ...]:
    """How the case widens, and when."""
    found = []
    for step in asked.steps:
        at = since + step.after_seconds
        if step.kind == OverflowStep.Kind.LEVEL:
            found.append(Step(at, needs=dict.fromkeys(needs, ANY_LEVEL)))
        elif step.kind == OverflowStep.Kind.EVERYBODY:
            found.append(Step(at, anybody=True))
        else:
            team = step.team_id if step.kind == OverflowStep.Kind.TEAM else SUPERVISORS
            found.append(Step(at, teams=frozenset({team} if team is not None else ())))
    return tuple(found)


def waiting(cases: Sequence[Case], asked: Mapping[int, Asked], now: datetime) -> list[Waiting]:
    """These cases as the router sees them, with `account` at hand. A few queries, however many cases."""
    ids = [case.pk for case in cases]
    needs: dict[int, dict[str, int]] = defaultdict(dict)
    for case_id, code, level in Need.objects.filter(case__in=ids).values_list("case_id", "skill__code", "level"):
        needs[case_id][code] = level
    public = set(Thread.objects.filter(case__in=ids, place="public").values_list("case_id", flat=True))
    named = Acknowledgement.objects.filter(case__in=ids, ended_at=None, promised_at__isnull=False)
    promised = dict(named.values_list("case_id", "promised_at"))
    arousal, on_line = _unanswered(ids)
    again = set(Case.objects.filter(wrote_again(now), pk__in=ids).values_list("pk", flat=True))
    reach = reach_of({case.customer_id for case in cases})
    declined, missed = let_pass(ids, now)
    return [
        _waiting(case, asked.get(case.brand_id, Asked(None)), needs[case.pk], now, promised.get(case.pk),
                 declined=declined[case.pk], missed=missed[case.pk], public=case.pk in public, again=case.pk in again,
                 arousal=arousal[case.pk], reach=reach.get(case.customer_id, 0.0),
                 on_line=case.pk in on_line)
        for case in cases
    ]  # fmt: skip


def _unanswered(ids: Sequence[int]) -> tuple[dict[int, float], set[int]]:
    """What waits in each of these cases: how upset it is at most; and those whose customer waits at the telephone."""
    arousal, on_line = defaultdict[int, float](float), set[int]()
    rows = Message.objects.filter(case__in=ids, state=Message.State.WAITING)
    for case_id, upset, is_live in rows.values_list("case_id", "reading__arousal", "extra__call__live"):
        arousal[case_id] = max(arousal[case_id], upset or 0.0)
        if is_live:
            on_line.add(case_id)
    return arousal, on_line


def _waiting(
    case: Case, asked: Asked, more: Mapping[str, int], now: datetime, promised_at: datetime | None, **known: Any
) -> Waiting:  # fmt: skip
    dues = [at.timestamp() for at in (case.due_at, promised_at) if at is not None]
    return waiting_of(
        asked, more, case_id=case.pk, brand_id=case.brand_id, channel=case.account.channel, language=case.language,
        kind=case.kind, since=(case.waiting_since or now).timestamp(),
        due_at=min(dues, default=None), pinned_to=case.pinned_to_id,
        prefers=case.last_operator_id, **known,
    )  # fmt: skip


def waiting_of(
    asked: Asked, more: Mapping[str, int], *, case_id: int, brand_id: int, channel: str, language: str, since: float,
    **known: Any,
) -> Waiting:  # fmt: skip
    """A case as the router sees it: what its queue, its language and it alone ask for, and how it widens."""
    needs = {**asked.skills, **language_need(asked, language)}
    for code, level in more.items():
        needs[code] = max(level, needs.get(code, 0))
    return Waiting(
        case_id=case_id, brand_id=brand_id, channel=channel, weight=network(channel).capabilities.weight, needs=needs,
        waiting_since=since, queue=asked.queue_id, teams=asked.teams, steps=steps_of(asked, needs, since),
        crisis=asked.crisis, **known,
    )  # fmt: skip


def wrote_again(now: datetime) -> Q:
    """Cases whose customer had to write to the brand about something before, lately; or writes elsewhere by now."""
    own = Case.objects.filter(customer=OuterRef("customer"), brand=OuterRef("brand"), pk__lt=OuterRef("pk"))
    before = own.filter(last_at__gte=now - AGAIN_WITHIN).exclude(kind__in=NO_TROUBLE)
    elsewhere = Message.objects.filter(case=OuterRef("pk"), state=Message.State.WAITING).exclude(
        account=OuterRef("account")
    )
    return Q(Exists(before) | Exists(elsewhere))


def reach_of(customer_ids: Collection[int]) -> dict[int, float]:
    """How far each of these customers carries, as the networks tell it; the farthest of their identities counts."""
    found: dict[int, float] = {}
    told = Identity.objects.filter(customer__in=customer_ids, profile__has_key="reach")
    for customer_id, profile in told.values_list("customer_id", "profile"):
        said = profile["reach"]
        far = reach(said.get("followers") or 0, bool(said.get("verified")))
        if far > 0.0:
            found[customer_id] = max(far, found.get(customer_id, 0.0))
    return found


def let_pass(ids: Sequence[int], now: datetime) -> tuple[dict[int, dict[int, float]], dict[int, dict[int, float]]]:
    """Who said "not now" to each case and who let it pass, until when that counts."""
    declined = _passed(ids, Offer.State.DECLINED, DECLINED_FOR, now)
    return declined, _passed(ids, Offer.State.MISSED, MISSED_FOR, now)


def _passed(ids: Sequence[int], state: str, span: timedelta, now: datetime) -> dict[int, dict[int, float]]:
    found: dict[int, dict[int, float]] = defaultdict(dict)
    over = Offer.objects.filter(case__in=ids, state=state, ended_at__gt=now - span).order_by("ended_at")
    for case_id, operator_id, ended_at in over.values_list("case_id", "operator_id", "ended_at"):
        if ended_at is not None:
            found[case_id][operator_id] = (ended_at + span).timestamp()
    return found


def rivals(case: Case, asked: Mapping[int, Asked], now: datetime) -> list[Waiting]:
    """What else waits, the first to break its promise first, at most so many."""
    found = waiting_cases(now).exclude(pk=case.pk).exclude(offers__state__in=Offer.LIVE).select_related("account")
    return waiting(list(found.order_by("due_at", "id")[:MOST_RIVALS]), asked, now)


def freed(somebody: Somebody, now: datetime) -> Somebody:
    """The same person as if they had just become available, with what they hold."""
    room = max(somebody.operator.room, 0)
    operator = replace(somebody.operator, ready=True, room=room, idle_since=now.timestamp())
    return replace(somebody, state=Desk.State.AVAILABLE, reason="", no_more=False, rings=None, operator=operator)
