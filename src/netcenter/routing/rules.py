"""Who may be rung for what: the values that the router reads and the offers that it makes. Pure; times are seconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

LANGUAGE = "language:"
ANY_LEVEL = 1
EXPERT = 3

Needs = Mapping[str, int] | frozenset[str]  # skill to the least level; a bare set asks for any level
Team = int | str


@dataclass(frozen=True, slots=True)
class Step:
    """From `at` on, the case asks for less: these needs, these teams too, or anybody of the brand."""

    at: float
    needs: Needs | None = None  # None: as before
    teams: frozenset[Team] = frozenset()
    anybody: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case that waits to ring."""

    case_id: int
    brand_id: int
    weight: int = 100  # percent of a desk, for whom nothing else is set
    needs: Needs = frozenset()  # "language:pt" among them
    due_at: float | None = None  # None: `promise` (or the kind's) after it began to wait
    waiting_since: float | None = None
    prefers: int | None = None  # the operator who answered last
    pinned_to: int | None = None  # only there while they are at their desk, and until they let it pass
    declined: Mapping[int, float] | frozenset[int] = frozenset()  # who said "not now"; until when
    missed: Mapping[int, float] | frozenset[int] = frozenset()  # who let it pass; until when it goes to others first
    # Where it may go
    queue: int = 0  # what is paused together
    channel: str = ""  # the kind of channel: what an operator's own weights name
    teams: frozenset[Team] | None = None  # None: anybody of the brand
    steps: tuple[Step, ...] = ()  # in the order of time
    # What waiting costs (`cost.py`)
    kind: str = ""
    promise: float | None = None  # seconds
    arousal: float = 0.0  # 0 calm to 1 furious
    public: bool = False
    again: bool = False  # not the first time lately that this customer has to write to us about something
    elsewhere: bool = False  # its customer came back by another way since, and is heard there
    reach: float = 0.0  # how far its customer carries: 0 to 1
    on_line: bool = False  # its customer waits at the telephone
    crisis: int = 0  # 0 none, 1 yellow, 2 orange, 3 red


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody at their desk. Only who is `ready` and has room is rung."""

    operator_id: int
    brands: frozenset[int] | None = None  # None: all
    skills: Needs = frozenset()  # with levels; a bare set knows everything in it well
    room: int = 100  # percent of the desk still empty
    idle_since: float = 0.0
    languages_known: bool = True  # False: no language skill is recorded, so none is required of them
    ready: bool = True  # available, and nothing rings there
    capacity: int = 100
    teams: frozenset[Team] = frozenset()
    weights: Mapping[str, int] = field(default_factory=dict)  # kind of channel to percent of a desk; 0: may not


@dataclass(frozen=True, slots=True)
class Pair:
    """Ring this case there, and why (`router.py` says what `why` holds)."""

    case_id: int
    operator_id: int
    weight: int
    why: dict = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wait:
    """Why a case does not ring now.

    `reason` is one of: unknown, ringing, paused, pinned, nobody, full, let_pass, next. `could` are operators
    here who could take it if they were free; `missing` the skills that nobody here has.
    """

    case_id: int
    reason: str
    could: tuple[int, ...] = ()
    missing: tuple[str, ...] = ()
    operator_id: int | None = None  # where it rings or is pinned
    note: str = ""  # why the queue is paused


class Demand(NamedTuple):
    """What a case asks of whoever is rung. Cases that ask the same wait in one line."""

    queue: int
    brand_id: int
    channel: str
    weight: int
    needs: frozenset[tuple[str, int]]
    teams: frozenset[Team] | None


_bare: dict[frozenset[str], frozenset[tuple[str, int]]] = {}


def levels(needs: Needs, level: int = ANY_LEVEL) -> frozenset[tuple[str, int]]:
    """The same as pairs of skill and level."""
    if isinstance(needs, frozenset):
        if level != ANY_LEVEL:
            return frozenset((skill, level) for skill in needs)
        found = _bare.get(needs)
        if found is None:
            if len(_bare) > 10_000:
                _bare.clear()
            found = _bare[needs] = frozenset((skill, level) for skill in needs)
        return found
    return frozenset(needs.items())


def demand(case: Waiting, now: float | None = None) -> Demand:
    """What the case asks for, with the widening steps that are due at `now` (None: without any)."""
    needs, teams = case.needs, case.teams
    if case.steps and now is not None:
        for step in case.steps:
            if step.at > now:
                break
            needs = needs if step.needs is None else step.needs
            teams = None if step.anybody or teams is None else teams | step.teams
    return Demand(case.queue, case.brand_id, case.channel, case.weight, levels(needs), teams)


def takes(operator: Operator, asked: Demand) -> int:
    """How much of the operator's desk the case would fill, in percent; 0 when they may or can not answer it."""
    if operator.brands is not None and asked.brand_id not in operator.brands:
        return 0
    if asked.teams is not None and asked.teams.isdisjoint(operator.teams):
        return 0
    skills = operator.skills
    bare = isinstance(skills, frozenset)
    for skill, level in asked.needs:
        if not operator.languages_known and skill.startswith(LANGUAGE):
            continue
        if (skill not in skills) if bare else (skills.get(skill, 0) < level):  # type: ignore[union-attr]
            return 0
    return operator.weights.get(asked.channel, asked.weight)
