"""The situation that a case is in, as several rooms know it together, and the protocol that fits it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from netcenter.cases.models import Case, Message
from netcenter.guard.draft import Never
from netcenter.lib.prepared import prepared
from netcenter.protocols.content import Content
from netcenter.protocols.known import Known, Place, asks_of, past, place_of
from netcenter.protocols.rules import Facts, Said, gather
from netcenter.routing.models import Queue

MOST_SAID = 5  # of the latest messages
MOST_PAST = 400  # cases that a preview looks at


@prepared
def _said(case_id: int) -> QuerySet[Message, tuple]:
    rows = Message.objects.filter(case_id=case_id, direction=Message.Direction.IN).order_by("-sent_at", "-id")
    return rows.values_list(
        "text", "thread__place", "reading__mood", "reading__arousal", "reading__probabilities", "state"
    )[:MOST_SAID]


@prepared
def _crisis(brand_id: int) -> QuerySet[Queue, tuple[int]]:
    return Queue.objects.filter(brand_id=brand_id).values_list("crisis")


def crisis_of(brand_id: int) -> int:
    """How bad it is for the brand now: 0 to 3."""
    return next((level for (level,) in _crisis(brand_id)), 0)


def facts_of(case: Case) -> Facts:
    """What is known of the case: what waits in it counts; when nothing does, the customer's last words."""
    rows = list(_said(case.pk))
    waiting = [row for row in rows if row[5] == Message.State.WAITING] or rows[:1]
    said = [Said(text, place or "", mood or "", arousal or 0.0, read or {})
            for text, place, mood, arousal, read, _state in reversed(waiting)]  # fmt: skip
    return gather(said, case.brand_id, case.kind, case.account.channel, crisis_of(case.brand_id))


@dataclass(frozen=True)
class Situation:
    """What is known of a case now, and the protocols that have a say in what is answered."""

    facts: Facts
    protocols: Sequence[Known]


def of(case: Case) -> Situation:
    """The situation of a case: asked once for a request, since it costs several queries."""
    facts = facts_of(case)
    return Situation(facts, asks_of(case.pk, facts))


def protocol_of(case: Case, facts: Facts | None = None) -> Place:
    """The protocol by which the case is answered, or the one that fits best."""
    return place_of(case.pk, facts or facts_of(case))


def never_said(protocols: Sequence[Known]) -> tuple[Never, ...]:
    """What must not be said, for the guard."""
    return tuple(Never(phrase, p.content.never_grade, p.name) for p in protocols for phrase in p.content.never)


def tried(content: Content, brand_id: int | None, now: datetime) -> tuple[list[Case], int]:
    """The latest cases that this content would have been the protocol of, and how many were looked at.

    What crisis there was is not asked: the level of a past day is not kept with its cases.
    """
    rows = Case.objects.filter(last_at__lte=now).order_by("-last_at").select_related("account", "customer", "brand")
    cases = list((rows.filter(brand=brand_id) if brand_id else rows)[:MOST_PAST])
    said: dict[int, list[Said]] = {}
    inbound = Message.objects.filter(case__in=[c.pk for c in cases], direction=Message.Direction.IN)
    told = inbound.order_by("sent_at", "id")
    for case_id, text, place, mood, arousal, read in told.values_list(
        "case_id", "text", "thread__place", "reading__mood", "reading__arousal", "reading__probabilities"
    )[: MOST_PAST * 10]:
        said.setdefault(case_id, []).append(Said(text, place or "", mood or "", arousal or 0.0, read or {}))
    level = content.when.crisis
    known = [
        (c.pk, gather(said.get(c.pk, [])[-MOST_SAID:], c.brand_id, c.kind, c.account.channel, level)) for c in cases
    ]
    fit = set(past(content, brand_id, known))
    return [c for c in cases if c.pk in fit], len(cases)
