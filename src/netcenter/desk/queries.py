"""What the desk reads: lists, the story with what happened in between, who else is there. Bounded, by index."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from netcenter.accounts.models import Brand
from netcenter.cases import queries as cases
from netcenter.cases.drafts import kept_draft, who_writes
from netcenter.cases.models import Case, Disposition, Draft, Mention, Thread
from netcenter.channels.registry import channel
from netcenter.desk.handed import told
from netcenter.desk.models import Look
from netcenter.desk.rows import Row, rows
from netcenter.desk.rules import Line, Turn, tell
from netcenter.desk.words import happened, moved_words
from netcenter.events.queries import of_case
from netcenter.lib import clock
from netcenter.lib.prepared import prepared
from netcenter.lib.text import fold
from netcenter.look.formats import moment
from netcenter.outbox.actions import closed_words, ways_in
from netcenter.outbox.dispatching import place_of
from netcenter.outbox.rules import Ways
from netcenter.people.models import Desk, Person, Skill
from netcenter.people.permissions import May, brand_ids, may, who_may
from netcenter.protocols.learning import by_worth, records
from netcenter.protocols.queries import answers_for, fill, text_in
from netcenter.routing.asked import open_referral, still_asked
from netcenter.routing.models import Offer, Referral
from netcenter.routing.queries import live_offer
from netcenter.routing.words import Names, rang_at
from netcenter.standards.models import Promise
from netcenter.standards.queries import resolution_promise, running_promise

LOOKS = timedelta(seconds=75)  # a screen says so every 30 s
MOST_PEOPLE = 200
SHOWN = {"mine": 50, "waiting": 40, "team": 20}  # rows of each list: nobody works through more at once


@dataclass(frozen=True)
class List:
    """One group of the left column; `more` tells that it goes on beyond the page."""

    name: str
    cases: list[Row]
    more: bool = False


def lists(person: Person, ringing: Offer | None = None) -> list[List]:
    """Mine, waiting, and what colleagues hold; without what rings here, which stands above."""
    brands, rings = brand_ids(person), ringing.case_id if ringing else None
    one = brands[0] if brands is not None and len(brands) == 1 else None
    groups = {
        "mine": _mine(person.pk, brands), "waiting": _waiting(brands) if one is None else _waiting_in(one),
        "team": _team(person.pk, brands),
    }  # fmt: skip
    # The ids first, each list along its index; then all rows at once: with joins a planner may sort instead.
    ids = {name: [i for (i,) in found if name != "waiting" or i != rings] for name, found in groups.items()}
    shown = {name: page[: SHOWN[name]] for name, page in ids.items()}
    read = {row.pk: row for row in rows(person, [i for page in shown.values() for i in page])}
    return [
        List(name, [read[i] for i in page if i in read], len(ids[name]) > len(page)) for name, page in shown.items()
    ]


@prepared
def _mine(person_id: int, brands: list[int] | None) -> QuerySet[Case, tuple[int]]:
    return cases.held_by(person_id, brands).values_list("id")[: SHOWN["mine"] + 1]


@prepared
def _waiting(brands: list[int] | None) -> QuerySet[Case, tuple[int]]:
    return _unasked(cases.waiting(brands))


@prepared
def _waiting_in(brand_id: int) -> QuerySet[Case, tuple[int]]:
    return _unasked(cases.waiting_in(brand_id))


def _unasked(waiting: QuerySet[Case]) -> QuerySet[Case, tuple[int]]:
    return waiting.filter(~still_asked()).values_list("id")[: SHOWN["waiting"] + 2]  # one of which may ring here


@prepared
def _team(person_id: int, brands: list[int] | None) -> QuerySet[Case, tuple[int]]:
    return cases.team(person_id, brands).values_list("id")[: SHOWN["team"] + 1]


def mine(person: Person) -> list[int]:
    """The ids of the person's own cases, by promise."""
    return [i for (i,) in _mine(person.pk, brand_ids(person))]


def mentions(person: Person) -> list[Mention]:
    """Where colleagues named the person, on cases that they may see."""
    seen = cases.mentions_of(person)
    allowed = {row.pk for row in rows(person, [m.note.case_id for m in seen])}
    return [m for m in seen if m.note.case_id in allowed]


@dataclass(frozen=True)
class Standing:
    """How the case stands towards the person who looks at it."""

    offer: Offer | None  # where it rings or who holds it
    mine: bool
    colleague: Person | None  # who has it, when somebody else does
    may_take: bool
    writer: Person | None  # who else is writing
    watchers: list[Person]
    referral: Referral | None  # while somebody responsible is asked
    promise: Promise | None  # of a response
    resolution: Promise | None


def standing(case: Case, person: Person, now: datetime) -> Standing:
    """Who has the case, who writes, who looks."""
    offer = live_offer(case.pk)
    mine_ = offer is not None and offer.operator_id == person.pk
    other = offer.operator if offer is not None and not mine_ else None
    writer, asked = who_writes(case.pk, now), open_referral(case.pk)
    return Standing(
        offer=offer, mine=mine_ and offer.state == Offer.State.ACCEPTED, colleague=other,  # type: ignore[union-attr]
        may_take=asked is None and (other is None or may(person, May.REASSIGN)), referral=asked,
        writer=None if writer == person else writer,
        watchers=[look.person for look in _looks(case.pk, now - LOOKS, person.pk)], promise=running_promise(case.pk),
        resolution=resolution_promise(case.pk),
    )  # fmt: skip


@prepared
def _looks(case_id: int, since: datetime, besides: int) -> QuerySet[Look]:
    looking = Look.objects.filter(case=case_id, at__gt=since).exclude(person=besides)
    return looking.select_related("person")[:10]


def story(case: Case, before_id: int | None = None) -> tuple[cases.Story, list[Turn]]:
    """The case as it is shown: its story and the same with what happened in between, oldest first."""
    found = cases.story(case, before_id)
    start = found.messages[0].sent_at if found.older and found.messages else None
    end = found.messages[-1].sent_at if before_id and found.messages else None
    notes = [n for n in found.notes if (start is None or n.at >= start) and (end is None or n.at <= end)]
    lines = [x for x in _lines(case) if (start is None or x.at >= start) and (end is None or x.at <= end)]
    return found, tell(found.messages, notes, lines)


def _lines(case: Case) -> list[Line]:
    events = list(reversed(of_case(case.pk)))
    ids = {e.operator_id for e in events} | {_person_id(e.actor) for e in events}
    ids |= {e.data.get(who) for e in events for who in ("to", "before", "owner")}
    names: dict[int | None, str] = dict(_names([i for i in ids if isinstance(i, int)]))  # "before" may be words, too
    disposed = any(e.kind == "case.disposed" for e in events)
    reasons = {r.value: str(r.label) for r in Disposition.Reason} if disposed else {}
    known_names = names_in(*(e.data.get("why") or {} for e in events if e.kind == "offer.rang"))
    found = []
    for e in events:
        subject = e.data.get("to") if e.kind == "case.passed" else e.operator_id
        text = happened(e.kind, e.data, names.get(_person_id(e.actor), ""), names.get(subject, ""), reasons)
        if e.kind == "offer.rang" and text:
            text = rang_at(e.data.get("why") or {}, known_names, names.get(subject, ""), e.at)
        text = text or told(e.kind, e.data, names.get(_person_id(e.actor), ""), names.get(subject, ""), names)
        if text:
            found.append(Line(e.at, text))
    return found


@prepared
def _names(ids: list[int]) -> QuerySet[Person, tuple[int, str]]:
    return Person.objects.filter(pk__in=ids).order_by().values_list("id", "name")


def _person_id(actor: str) -> int | None:
    kind, _colon, number = actor.partition(":")
    return int(number) if kind == "person" and number.isdigit() else None


@dataclass(frozen=True)
class Option:
    """One line of "where the answer goes": a thread and a way, as the form sends it back."""

    value: str
    label: str
    place: str
    most: int | None
    then: str = ""  # what is said in public besides


@dataclass(frozen=True)
class Place:
    """Where an answer can go: a thread, and what its network allows there."""

    thread: Thread
    glyph: str
    network: str
    most: int | None  # characters
    attachments: bool
    most_bytes: int
    typing: bool  # the customer can be told that somebody writes
    to: str
    ways: Ways
    closed: str  # why nothing can be written freely there, in words; "" when it can
    options: tuple[Option, ...]


def _options(thread: Thread, ways: Ways, most: Mapping[str, int | None], language: str) -> tuple[Option, ...]:
    """In which ways one can write there now; the usual one first."""
    found = []
    if ways.replies:
        found.append(Option(str(thread.pk), "", thread.place, most[thread.place]))
    if ways.private_reply:
        found.append(Option(f"{thread.pk}:private_reply", _("in private, to this comment"), "private", most["private"]))
        if ways.replies:
            label = _("in private, and say so publicly")
            found.append(Option(f"{thread.pk}:both", label, "private", most["private"], moved_words(language)))
    for tag, until in ways.tags.items():
        label = _("as a person, until %(until)s") % {"until": moment(until)}
        found.append(Option(f"{thread.pk}:tag:{tag}", label, thread.place, most[thread.place]))
    return tuple(found)


def places(case: Case) -> list[Place]:
    """The threads in which the case can be answered, the latest spoken in first."""
    found, now, language = [], clock.now(), case.language or case.brand.language
    for thread in cases.threads_of(case):
        network = channel(thread.account.channel)
        able = network.capabilities
        ways = ways_in(thread, now)
        if able.reply or ways.any:
            most = {place: able.longest(place) for place in ("private", "public")}  # type: ignore[arg-type]
            found.append(Place(
                thread, network.glyph, network.name, able.longest(place_of(thread)), able.attachments,
                able.max_attachment, able.typing,
                thread.identity.email or thread.identity.known_as or _("Somebody without a name"), ways,
                closed_words(ways) if ways.closed else "", _options(thread, ways, most, language),
            ))  # fmt: skip
    return found


def is_elsewhere(case: Case) -> bool:
    """Whether one can neither write nor call from here, as of what was heard on the open web."""
    able = [channel(thread.account.channel).capabilities for thread in cases.threads_of(case)]
    return not any(one.reply or one.private_reply or "call" in one.acts for one in able)


def filling(case: Case, person: Person) -> dict[str, str]:
    """What fills the variables of kept words."""
    name = case.customer.name
    return {
        "customer.name": name, "customer.first_name": name.split(" ")[0] if name else "",
        "operator.name": person.name, "operator.first_name": person.first_name, "brand.name": case.brand.name,
        "case.id": str(case.pk),
    }  # fmt: skip


def canned(case: Case, person: Person) -> list[dict[str, str]]:
    """The canned answers for this case, filled."""
    values, language = filling(case, person), case.language or case.brand.language
    return [
        {"shortcut": a.shortcut, "name": a.name, "text": fill(text_in(a, language), values), "ref": f"a{a.pk}"}
        for a in by_worth(answers_for(case.brand_id), records(clock.now(), case.kind, case.brand_id))
    ]


def colleagues(brand: Brand, person: Person) -> list[Person]:
    """Who else may answer for the brand, those at their desk first."""
    sees_all = Q(role__in=[Person.Role.SUPERVISOR, Person.Role.ADMINISTRATOR])
    found = (
        Person.objects.filter(Q(brands=brand) | sees_all, who_may(May.ANSWER)).exclude(pk=person.pk).distinct()
        .select_related("desk").order_by("name")[:MOST_PEOPLE]
    )  # fmt: skip
    rank = {"available": 0, "wrap_up": 1, "busy": 1, "break": 2}
    return sorted(found, key=lambda p: rank.get(p.desk.state, 3) if hasattr(p, "desk") else 4)


def named_in(text: str, people: list[Person]) -> list[Person]:
    """Whom a note names with @; a first name is enough when only one has it."""
    said = fold(text)
    first = [fold(p.first_name) for p in people]
    return [
        p for p in people
        if f"@{fold(p.name)}" in said
        or (first.count(fold(p.first_name)) == 1 and f"@{fold(p.first_name)}" in said.replace(",", " ").split())
    ]  # fmt: skip


@dataclass(frozen=True)
class Colleague:
    """Somebody of the team: where they are and what they hold."""

    person: Person
    desk: Desk | None
    held: list[Case]


def team() -> list[Colleague]:
    """Everybody who can be rung, those who are there first."""
    people = list(Person.objects.filter(is_active=True).select_related("desk").order_by("name")[:MOST_PEOPLE])
    held: dict[int, list[Case]] = {}
    held_rows = Case.objects.filter(holder__in=people).select_related("customer", "account")
    holding = held_rows.order_by("holder_id", "due_at")
    for case in holding[:MOST_PEOPLE]:
        held.setdefault(case.holder_id, []).append(case)  # type: ignore[arg-type]
    found = [Colleague(p, getattr(p, "desk", None), held.get(p.pk, [])) for p in people]
    order = [Desk.State.AVAILABLE, Desk.State.BUSY, Desk.State.WRAP_UP, Desk.State.BREAK, Desk.State.OFFLINE]
    return sorted(found, key=lambda c: order.index(Desk.State(c.desk.state)) if c.desk else len(order))


def skill_names() -> dict[str, str]:
    """Skill codes and their names."""
    return dict(_skill_names())


@prepared
def _skill_names() -> QuerySet[Skill, tuple[str, str]]:
    return Skill.objects.values_list("code", "name")


def names_in(*whys: Mapping[str, Any]) -> Names:
    """What the skills and people in these reasons are called."""
    kept = [(why.get("kept") or {}).get("operator") for why in whys]
    ids = {pk for pk in kept if pk is not None}
    needed = ids or any(why.get("needs") for why in whys)
    return Names(skill_names() if needed else {}, dict(_names(list(ids))))


def draft(case: Case, person: Person) -> Draft:
    """What the person was writing here, and for whom."""
    return kept_draft(case.pk, person)
