"""The door in: taking deliveries to be read, and saying what became of each (law 1)."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache

from django.db.models import F, Q, QuerySet

from netcenter.accounts.models import Account
from netcenter.channels.contract import Raw
from netcenter.events.actions import event, record
from netcenter.intake.commit import store_now
from netcenter.intake.models import Delivery, PollCursor
from netcenter.lib import blobs, wakeup
from netcenter.lib.prepared import Update, prepared, prepared_update
from netcenter.lib.text import clean
from netcenter.lib.transactions import atomic

State = Delivery.State
MOST_ATTEMPTS = 5
PUSH_FORWARD = timedelta(seconds=5)
STANDS_AT = "stands_at"  # in the meta of what was found when its network was asked how things stand


def raw_of(stored: Delivery) -> Raw:
    """What the network handed us, again."""
    body = blobs.get(stored.blob) if stored.blob else bytes(stored.body)
    return Raw(body, stored.dedupe, {**stored.meta, "received_at": stored.received_at.isoformat()})


def stands_at(delivery: Delivery) -> datetime | None:
    """When its network was asked and said it so; None: it only told that it was said."""
    at = delivery.meta.get(STANDS_AT)
    return datetime.fromisoformat(at) if isinstance(at, str) else None


@atomic
def store(account: Account, raws: Sequence[Raw], cursor: dict | None, now: datetime) -> None:
    """Store what was fetched, and how far, in one transaction; what is known already is left out."""
    store_now(account.pk, raws, now)
    if cursor is not None:
        PollCursor.objects.update_or_create(account=account, defaults={"cursor": cursor})


def cursor_of(account: Account) -> dict:
    """How far the account was read; {} at first."""
    return PollCursor.objects.filter(account=account).values_list("cursor", flat=True).first() or {}


def next_new(now: datetime, limit: int) -> list[Delivery]:
    """The oldest deliveries that nobody has read yet."""
    new = _oldest(limit)(now)
    accounts = {a.pk: a for a in _accounts(list({d.account_id for d in new}))}
    for delivery in new:
        delivery.account = accounts[delivery.account_id]
    return new


@cache
def _oldest(limit: int) -> Callable[[datetime], list[Delivery]]:
    @prepared
    def oldest(now: datetime) -> QuerySet[Delivery]:
        new = Delivery.objects.filter(state=State.NEW).filter(Q(due_at=None) | Q(due_at__lte=now))
        return new.order_by("id")[:limit]

    return oldest


@prepared
def _accounts(ids: list[int]) -> QuerySet[Account]:
    return Account.objects.select_related("brand").filter(pk__in=ids)


def read(deliveries: Sequence[Delivery]) -> None:
    """Everything these say is recorded. In the transaction that recorded it."""
    _are_read([d.pk for d in deliveries])


@prepared_update
def _are_read(ids: list[int]) -> Update:
    return Delivery.objects.filter(pk__in=ids), {"state": State.READ, "error": ""}


@atomic
def unreadable(stored: Delivery, why: str, now: datetime) -> None:
    """It cannot be understood: kept, listed, announced; it can be read again after a fix."""
    if Delivery.objects.filter(pk=stored.pk, state=State.NEW).update(state=State.UNREADABLE, error=clean(why)[:5000]):
        record(event("delivery.unreadable", now, delivery=stored.pk, account=stored.account_id, why=clean(why)[:300]))


def push_forward(stored: Delivery, why: str, now: datetime) -> None:
    """We failed, or what it speaks of is not here yet: later, so that it never blocks the next one."""
    if stored.attempts + 1 >= MOST_ATTEMPTS:
        unreadable(stored, why, now)
        return
    Delivery.objects.filter(pk=stored.pk).update(
        due_at=now + PUSH_FORWARD * 2**stored.attempts, attempts=F("attempts") + 1, error=clean(why)[:5000]
    )


@atomic
def read_again(delivery_ids: Sequence[int], now: datetime, actor: str) -> int:
    """Somebody wants unreadable deliveries read once more."""
    again = Delivery.objects.filter(pk__in=delivery_ids, state=State.UNREADABLE)
    count = again.update(state=State.NEW, attempts=0, due_at=None)
    if count:
        record(event("delivery.read_again", now, actor, deliveries=list(delivery_ids)[:500]))
        wakeup.wake("intake")
    return count


def next_due() -> datetime | None:
    """When a delivery that was pushed forward is due."""
    waiting = Delivery.objects.filter(state=State.NEW, due_at__isnull=False).order_by("due_at")
    return waiting.values_list("due_at", flat=True).first()
