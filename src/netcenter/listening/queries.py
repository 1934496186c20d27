"""Reading what was heard: the list, one with its copies, and how the sources fare."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from netcenter.cases.models import Message
from netcenter.listening.models import Search, Sighting, Source
from netcenter.listening.rules import Wanted
from netcenter.people.models import Person
from netcenter.people.permissions import visible_brands

PAGE = 40
MOST_COPIES = 100


def wanted(search: Search) -> Wanted:
    """The search as rules know it."""
    return Wanted(tuple(search.phrases), tuple(search.excluded), tuple(search.languages), tuple(search.places))


def searches() -> list[Search]:
    """Those that listen now, in the order in which they were made: the first that finds something has it."""
    return list(Search.objects.filter(enabled=True).select_related("brand").order_by("pk"))


def visible(person: Person) -> QuerySet[Sighting]:
    """What was heard of the person's brands, without the copies."""
    rows = Sighting.objects.filter(visible_brands(person), lead=None)
    return rows.select_related("brand", "search", "source", "account")


@dataclass(frozen=True)
class Listed:
    """A page of what was heard, the newest first; `next` is where the older ones begin."""

    sightings: list[Sighting]
    next: int | None
    counts: dict[str, int]


def listed(person: Person, state: str = "new", search: int | None = None, before: int | None = None) -> Listed:
    """By pages (keyset on when it was said)."""
    rows = visible(person)
    counts = dict(rows.order_by().values_list("state").annotate(n=Count("id")))
    rows = rows.filter(state=state)
    if search is not None:
        rows = rows.filter(search=search)
    if before is not None and (edge := rows.filter(pk=before).first()) is not None:
        rows = rows.filter(Q(sent_at__lt=edge.sent_at) | Q(sent_at=edge.sent_at, pk__lt=edge.pk))
    found = list(rows.order_by("-sent_at", "-id")[: PAGE + 1])
    return Listed(found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None, counts)


def copies(sighting: Sighting) -> list[Sighting]:
    """Who repeated it, the oldest first."""
    return list(Sighting.objects.filter(lead=sighting).order_by("sent_at", "id")[:MOST_COPIES])


def cases_of(sightings: Sequence[Sighting]) -> dict[int, int]:
    """Sighting -> its case, for those whose case is there by now."""
    mine = {(s.account_id, s.name): s.pk for s in sightings if s.state == Sighting.State.CASE and s.account_id}
    if not mine:
        return {}
    rows = Message.objects.filter(account_id__in={a for a, _n in mine}, external_id__in=[n for _a, n in mine])
    found = rows.values_list("account_id", "external_id", "case_id")
    return {mine[account, name]: case for account, name, case in found if (account, name) in mine}


def sources() -> list[Source]:
    """Where we listen."""
    return list(Source.objects.order_by("kind", "name", "pk"))


def recent_texts(limit: int = 2000) -> list[Sighting]:
    """What was heard lately, for trying a search that is still being written."""
    return list(Sighting.objects.select_related("brand").order_by("-id")[:limit])
