"""The record as the live screens read it: at once, also what cannot be ordered yet."""

from datetime import datetime, timedelta

from netcenter.cases.models import Case
from netcenter.events.models import Event
from netcenter.events.queries import Cursor
from netcenter.events.reading import BATCH, Fact, visible_since


def missed_since(cursor: Cursor) -> list[Fact]:
    """What was committed after the cursor, at most a batch."""
    return with_brands(visible_since(cursor))


def lately(seconds: float, now: datetime) -> list[Fact]:
    """What happened within the last seconds, newest first, at most a batch."""
    found = Event.objects.order_by("-id").values_list(
        "id", "transaction_id", "kind", "case_id", "operator_id", "brand_id", "at"
    )[:BATCH]
    limit = now - timedelta(seconds=seconds)
    return with_brands([Fact(*row[:6], settled=True) for row in found if row[6] >= limit])


def with_brands(facts: list[Fact]) -> list[Fact]:
    """The facts, with the brand of their case where the record does not tell it."""
    unknown = {f.case_id for f in facts if f.case_id and not f.brand_id}
    if not unknown:
        return facts
    brands = dict(Case.objects.filter(pk__in=unknown).values_list("pk", "brand_id"))
    return [
        f if f.brand_id or not f.case_id
        else Fact(f.id, f.transaction_id, f.kind, f.case_id, f.operator_id, brands.get(f.case_id), f.settled)
        for f in facts
    ]  # fmt: skip
