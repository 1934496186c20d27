"""The protocols as they count now, for choosing among them; and what is done by them in a case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, QuerySet

from netcenter.lib.prepared import prepared
from netcenter.protocols.content import Content, read
from netcenter.protocols.models import ApprovalRule, Followed, Protocol, Tick, Version
from netcenter.protocols.rules import Condition, Facts, fitting


@dataclass(frozen=True, slots=True)
class Known:
    """A protocol in one version."""

    pk: int
    number: int
    version_id: int
    brand_id: int | None
    name: str
    content: Content

    @property
    def when(self) -> Condition:
        return self.content.when


@dataclass(frozen=True)
class Place:
    """How a case stands towards the protocols: the one that it follows or that fits best, and what else fits."""

    shown: Known | None
    others: Sequence[Known]
    ticks: dict[str, Tick]
    is_chosen: bool  # somebody took it; else it is only proposed

    @property
    def done(self) -> int:
        return sum(step.key in self.ticks for step in self.shown.content.steps) if self.shown else 0


# What a version says never changes: one that was read once need not be read again. Its moment is part of its name,
# since a number that was rolled back is given again.
_read: dict[tuple[int, datetime], Content] = {}
MOST_KEPT = 2000


@prepared
def _current() -> QuerySet[Version, tuple[int, datetime, int, int, int | None, str]]:
    rows = Version.objects.filter(protocol__is_on=True, number=F("protocol__number")).exclude(
        protocol__removed_at__isnull=False
    )
    return rows.order_by("protocol_id").values_list(
        "pk", "at", "protocol_id", "number", "protocol__brand_id", "protocol__name"
    )


def switched_on() -> list[Known]:
    """Every protocol that may be proposed."""
    rows = _current()
    unknown = [row[0] for row in rows if row[:2] not in _read]
    if unknown:
        if len(_read) > MOST_KEPT:
            _read.clear()
            unknown = [row[0] for row in rows]
        told = Version.objects.filter(pk__in=unknown).values_list("pk", "at", "content")
        _read.update(((pk, at), read(content)) for pk, at, content in told)
    return [Known(protocol, number, pk, brand, name, _read[pk, at]) for pk, at, protocol, number, brand, name in rows]


def of_version(version: Version) -> Known:
    """A version that was once followed, whatever counts now."""
    protocol = version.protocol
    content = read(version.content)
    return Known(protocol.pk, version.number, version.pk, protocol.brand_id, protocol.name, content)


@prepared
def _followed(case_id: int) -> QuerySet[Followed]:
    return Followed.objects.select_related("version__protocol").filter(case_id=case_id)


def place_of(case_id: int, facts: Facts) -> Place:
    """The protocol of a case."""
    on = switched_on()
    if not on:
        return Place(None, (), {}, False)
    found = fitting(on, facts)
    followed = next(iter(_followed(case_id)), None)
    shown = of_version(followed.version) if followed else next(iter(found), None)
    if shown is None:
        return Place(None, (), {}, False)
    ticks = {t.step: t for t in Tick.objects.filter(case=case_id, protocol=shown.pk).select_related("by")}
    return Place(shown, [p for p in found if p.pk != shown.pk], ticks, followed is not None)


def asks_of(case_id: int, facts: Facts) -> list[Known]:
    """The protocols that have a say in an answer: the one that was chosen, and the one that fits best."""
    on = switched_on()
    if not on:
        return []
    best = fitting(on, facts)[:1]
    followed = next(iter(_followed(case_id)), None)
    if followed is None:
        return best
    chosen = of_version(followed.version)
    return [chosen, *(p for p in best if p.pk != chosen.pk)]


def approval_rule() -> ApprovalRule:
    """Whose answers wait; what counts while nobody has said."""
    return ApprovalRule.objects.order_by("pk").first() or ApprovalRule()


def past(content: Content, brand_id: int | None, cases: Sequence[tuple[int, Facts]]) -> list[int]:
    """The ids of those past cases in which this would have been the protocol, as far as its conditions go."""
    tried = Known(0, 0, 0, brand_id, "", content)
    return [case_id for case_id, facts in cases if fitting([tried], facts)]


def history(protocol: Protocol) -> list[Version]:
    """Its versions, the newest first."""
    return list(protocol.versions.select_related("by").order_by("-number")[:50])  # type: ignore[attr-defined]


def ticked_since(protocol_ids: Sequence[int], since: datetime) -> dict[int, int]:
    """In how many cases each was followed lately."""
    rows = Followed.objects.filter(version__protocol__in=protocol_ids, at__gte=since)
    found: dict[int, int] = {}
    for protocol_id in rows.values_list("version__protocol_id", flat=True):
        found[protocol_id] = found.get(protocol_id, 0) + 1
    return found
