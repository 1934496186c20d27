"""Recording what happened, in the transaction in which it happened, and sealing the record."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from netcenter.events.models import Event, Seal
from netcenter.events.queries import since
from netcenter.events.rules import GENESIS, digest
from netcenter.lib import wakeup
from netcenter.lib.bulk import insert_many
from netcenter.lib.rows import fresh

SYSTEM = "system"
SEAL_BATCH = 2000

Witness = Callable[[Event], Callable[[], None] | None]
_witnesses: list[Witness] = []


def event(
    kind: str, now: datetime, actor: str = SYSTEM, *, case_id: int | None = None, operator_id: int | None = None,
    brand_id: int | None = None, **data: Any,
) -> Event:  # fmt: skip
    """An event, not yet recorded: for recording many at once."""
    return fresh(
        Event, kind=kind, at=now, actor=actor, case_id=case_id, operator_id=operator_id, brand_id=brand_id, data=data
    )


def record(*happened: Event) -> None:
    """Write the events in the running transaction; screens and watchers hear of them after the commit."""
    record_all(happened)


def record_all(happened: Iterable[Event]) -> None:
    """`record` for many."""
    events = list(happened)
    if not events:
        return
    insert_many(events)
    for witness in tuple(_witnesses):
        for one in events:
            if (then := witness(one)) is not None:
                transaction.on_commit(then, robust=True)
    wakeup.wake("events")


def attest(witness: Witness) -> Callable[[], None]:
    """Show each event to `witness` as it is written, in the thread that writes it; returns the function that ends it.

    What it returns is called right after the commit, if there is one: the way of a ring to a screen of this process is
    no longer than that. Whoever must not miss anything reads the record as well.
    """
    _witnesses.append(witness)
    return lambda: _witnesses.remove(witness)


def seal_next(now: datetime) -> int:
    """Seal the settled events that no seal covers yet, at most a batch; returns how many."""
    last = Seal.objects.order_by("-id").first()
    cursor = (last.last_transaction_id, last.last_id) if last else (0, 0)
    events = since(cursor, SEAL_BATCH)
    if not events:
        return 0
    previous = last.digest if last else GENESIS
    with transaction.atomic():
        # `previous` is unique: two sealers at once cannot fork the chain.
        Seal.objects.create(
            first_id=events[0].id, last_transaction_id=events[-1].transaction_id, last_id=events[-1].id,
            count=len(events), digest=digest(previous, events), previous=previous, at=now,
        )  # fmt: skip
    return len(events)
