"""Reading the record in an order in which nothing can be skipped."""

from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from netcenter.events.models import Event, Seal
from netcenter.events.rules import GENESIS, digest
from netcenter.lib.engines import engine
from netcenter.lib.prepared import prepared

OF_CASE = 200  # of its last events are shown
Cursor = tuple[int, int]
"""(transaction id, event id): ids alone are not enough, since a later id may become visible first."""


def _settled() -> RawSQL:
    return RawSQL(engine().settled_condition("transaction_id"), (), output_field=BooleanField())  # noqa: S611


def behind(cursor: Cursor) -> RawSQL:
    """The condition of lying after the cursor, found by index: the record only grows."""
    return RawSQL(engine().behind_condition(), cursor, output_field=BooleanField())  # noqa: S611


def since(cursor: Cursor, limit: int = 500) -> list[Event]:
    """The events after the cursor, oldest first, none of which can still be overtaken."""
    return list(Event.objects.filter(_settled(), behind(cursor)).order_by("transaction_id", "id")[:limit])


def latest() -> Cursor:
    """The cursor behind the last settled event."""
    last = (
        Event.objects.filter(_settled()).order_by("-transaction_id", "-id").values_list("transaction_id", "id").first()
    )
    return last or (0, 0)


@prepared
def of_case(case_id: int) -> QuerySet[Event]:
    """What happened to a case, newest first."""
    return Event.objects.filter(case_id=case_id).order_by("-id")[:OF_CASE]


def broken_seal() -> Seal | None:
    """The first seal that its events no longer match; None while the record is whole."""
    previous, cursor = GENESIS, (0, 0)
    for seal in Seal.objects.order_by("id").iterator():
        events = since(cursor, seal.count)
        if seal.previous != previous or len(events) != seal.count or digest(previous, events) != seal.digest:
            return seal
        previous, cursor = seal.digest, (seal.last_transaction_id, seal.last_id)
    return None
