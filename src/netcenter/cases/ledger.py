"""The account of every inbound message (law 2): entries are only added here, and folded."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import CharField, Count, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast, Substr

from netcenter.cases.models import Message, Tally
from netcenter.lib.bulk import insert_many

OLDEST = datetime(1970, 1, 1, tzinfo=UTC)
MOST_FOLDED = 5000  # entries of one account and day at a time


@dataclass(frozen=True)
class Equation:
    """received = answered + disposed + waiting."""

    received: int
    answered: int
    disposed: int
    waiting: int

    @property
    def balances(self) -> bool:
        return self.received == self.answered + self.disposed + self.waiting


def tally(messages: Iterable[Message], *, received: int = 0, answered: int = 0, disposed: int = 0) -> None:
    """Add to the ledger that each of these messages was received, answered or disposed (-1 takes back)."""
    days = Counter((m.account_id, m.received_at.date()) for m in messages)
    insert_many(
        [
            Tally(account_id=account, day=day, received=received * n, answered=answered * n, disposed=disposed * n)
            for (account, day), n in days.items()
        ]
    )


def equation(account_ids: list[int] | None = None, since: date | None = None, until: date | None = None) -> Equation:
    """The ledger of these accounts (all when None) from a day to a day; waiting is counted, not remembered.

    One statement, so that a message that arrives meanwhile is in both or in neither of its sides.
    """
    zero, together = Value(0), Value(1)
    waiting = waiting_in(account_ids, since, until)
    counted = waiting.annotate(g=together).values("g").annotate(r=zero, a=zero, d=zero, w=Count("id"))
    tallied = Tally.objects.filter(_tallied(account_ids, since, until)).annotate(g=together).values("g")
    summed = tallied.annotate(r=Sum("received"), a=Sum("answered"), d=Sum("disposed"), w=zero)
    sides = summed.values_list("r", "a", "d", "w").union(counted.values_list("r", "a", "d", "w"), all=True)
    # The sums of no entries at all are NULL.
    return Equation(*(sum(n or 0 for n in column) for column in zip((0, 0, 0, 0), *sides, strict=True)))


def _tallied(account_ids: list[int] | None, since: date | None, until: date | None) -> Q:
    where = Q() if account_ids is None else Q(account_id__in=account_ids)
    where &= Q() if since is None else Q(day__gte=since)
    return where & (Q() if until is None else Q(day__lte=until))


def by_day(account_ids: list[int] | None, since: date, until: date | None = None) -> list[dict[str, Any]]:
    """received, answered, disposed per account and day, the newest day first."""
    sums = (
        Tally.objects.filter(_tallied(account_ids, since, until))
        .values("account_id", "day")
        .annotate(received=Sum("received"), answered=Sum("answered"), disposed=Sum("disposed"))
        .order_by("-day", "account_id")
    )
    return [dict(row) for row in sums]


def waiting_by_day(
    account_ids: list[int] | None, since: date, until: date | None = None
) -> dict[tuple[int, date], int]:  # fmt: skip
    """How many messages of each account and day wait."""
    # The day as text, in UTC on each engine: SQLite would call Python for each row to shift it into a zone.
    day = Substr(Cast("received_at", CharField()), 1, 10)
    counted = waiting_in(account_ids, since, until).annotate(day=day).values_list("account_id", "day")
    return {(account, date.fromisoformat(day)): n for account, day, n in counted.annotate(n=Count("id")).order_by()}


def waiting_in(
    account_ids: list[int] | None, since: date | None = None, until: date | None = None
) -> QuerySet[Message]:  # fmt: skip
    """The waiting messages of a slice of the ledger: few beside the others, so their own index serves any slice."""
    # The oldest moment says nothing but leads every engine to the index by age.
    waiting = Message.objects.filter(state=Message.State.WAITING, sent_at__gte=OLDEST)
    if account_ids is not None:
        # As an expression, lest an engine take the account's index, in which everything answered lies too.
        waiting = waiting.annotate(of_account=F("account_id") + 0).filter(of_account__in=account_ids)
    if since is not None:
        waiting = waiting.filter(received_at__gte=datetime.combine(since, time(), UTC))
    if until is not None:
        waiting = waiting.filter(received_at__lt=datetime.combine(until + timedelta(days=1), time(), UTC))
    return waiting


def audit(now: datetime) -> Equation:
    """The equation counted afresh from the messages themselves: what the entries must agree with."""
    states = dict(
        Message.objects.filter(direction=Message.Direction.IN, received_at__lte=now + timedelta(days=1))
        .values_list("state")
        .annotate(n=Count("id"))
    )
    answered, disposed, waiting = (states.get(s, 0) for s in ("answered", "disposed", "waiting"))
    return Equation(answered + disposed + waiting, answered, disposed, waiting)


def fold(limit: int = 200) -> int:
    """Fold entries of the same account and day into one, so many days at a time; returns how many rows went."""
    entries = Tally.objects.values_list("account_id", "day").annotate(n=Count("id")).order_by("-n")
    return sum(_fold(account_id, day) for account_id, day, _n in entries.filter(n__gt=1)[:limit])


@transaction.atomic
def _fold(account_id: int, day: date) -> int:
    own = Tally.objects.filter(account_id=account_id, day=day)
    rows = list(own.select_for_update(skip_locked=True).order_by("id")[:MOST_FOLDED])
    sums: Counter[str] = Counter()
    for row in rows:
        sums.update(received=row.received, answered=row.answered, disposed=row.disposed)
    Tally.objects.filter(pk__in=[row.pk for row in rows]).delete()
    if rows:
        Tally.objects.create(account_id=account_id, day=day, **sums)
    return max(0, len(rows) - 1)
