"""What the ledger's pages show: slices, ages, days, what could not be read and what could not leave."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from netcenter.accounts.models import Account
from netcenter.boards.rules import BOUNDS, RAW_BYTES, Shown, shown, span
from netcenter.boards.waits import Wait, read
from netcenter.cases import ledger
from netcenter.cases.ledger import Equation
from netcenter.cases.models import Message
from netcenter.intake.models import Delivery, Proof
from netcenter.lib import blobs
from netcenter.lib.prepared import prepared
from netcenter.outbox.models import Dispatch

PAGE = 50
DAYS = 14


@dataclass(frozen=True)
class Slice:
    """A part of the ledger: some accounts (None: all), one day of UTC (None: all)."""

    account_ids: list[int] | None = None
    day: date | None = None


def slice_of(brand: int | None, channel: str, account: int | None, day: date | None) -> Slice:
    """The accounts that fit the filters; all of them when nothing is asked."""
    if brand is None and not channel and account is None:
        return Slice(None, day)
    fitting = Account.objects.all()
    fitting = fitting.filter(brand_id=brand) if brand is not None else fitting
    fitting = fitting.filter(channel=channel) if channel else fitting
    fitting = fitting.filter(pk=account) if account is not None else fitting
    return Slice(list(fitting.values_list("pk", flat=True)), day)


def equation(part: Slice) -> Equation:
    return ledger.equation(part.account_ids, part.day, part.day)


def ages(part: Slice, now: datetime) -> list[int]:
    """How many messages wait in each age."""
    each = {f"age_{age}": Count("id", filter=_of_age(age, now)) for age in range(len(BOUNDS))}
    return list(waiting(part).aggregate(**each).values())


def _of_age(age: int, now: datetime) -> Q:
    after, until = span(age, now)
    return (Q() if after is None else Q(sent_at__gt=after)) & (Q() if until is None else Q(sent_at__lte=until))


def waiting(part: Slice) -> QuerySet[Message]:
    return ledger.waiting_in(part.account_ids, part.day, part.day)


def waiting_page(part: Slice, age: int | None, after: tuple[datetime, int] | None, now: datetime) -> list[Wait]:
    """Every message that waits, the oldest first; one more than a page when there is more."""
    found = waiting(part)
    if age is not None:
        found = found.filter(_of_age(age, now))
    if after is not None:
        # The first condition is implied by the second, but only it lets the index begin there.
        found = found.filter(sent_at__gte=after[0]).filter(Q(sent_at__gt=after[0]) | Q(pk__gt=after[1]))
    return read(found.order_by("sent_at", "id")[: PAGE + 1])


@dataclass(frozen=True)
class DayRow:
    """One account's day."""

    account: Account
    day: date
    equation: Equation


def days(part: Slice, until: date) -> list[DayRow]:
    """Per account and day, the last fortnight before `until`."""
    since, until = (part.day, part.day) if part.day else (until - timedelta(days=DAYS - 1), until)
    accounts = Account.objects.in_bulk()
    waits = ledger.waiting_by_day(part.account_ids, since, until)
    return [
        DayRow(accounts[row["account_id"]], row["day"], Equation(
            row["received"], row["answered"], row["disposed"], waits.get((row["account_id"], row["day"]), 0)))
        for row in ledger.by_day(part.account_ids, since, until)
    ]  # fmt: skip


def audited(now: datetime) -> tuple[bool, Equation, Equation]:
    """Whether counting every message afresh gives what the entries say; (agrees, entries, counted).

    Messages come in while they are counted: each count must lie between the entries before and those after.
    """
    before, counted, after = ledger.equation(), ledger.audit(now), ledger.equation()
    agrees = after.balances and all(
        min(getattr(before, side), getattr(after, side)) <= getattr(counted, side)
        <= max(getattr(before, side), getattr(after, side))
        for side in ("received", "answered", "disposed", "waiting")
    )  # fmt: skip
    return agrees, after, counted


# --- What could not be read, what could not leave ---------------------------------------------------------------------


def counts() -> dict[str, int]:
    """How many of each kind lie there: what the ledger's tabs show."""
    unreadable, dead = (sum(count for (count,) in found) for found in (_unreadable_count(), _dead_count()))
    return {"unreadable": unreadable, "dead": dead}


@prepared
def _unreadable_count() -> QuerySet[Delivery, tuple[int]]:
    unreadable = Delivery.objects.filter(state=Delivery.State.UNREADABLE).order_by()
    return unreadable.values("state").annotate(count=Count("pk")).values_list("count")


@prepared
def _dead_count() -> QuerySet[Dispatch, tuple[int]]:
    dead = Dispatch.objects.filter(state=Dispatch.State.REFUSED).order_by()
    return dead.values("state").annotate(count=Count("pk")).values_list("count")


def unreadable(before: int | None) -> list[Delivery]:
    """The newest first; one more than a page when there is more."""
    found = Delivery.objects.filter(state=Delivery.State.UNREADABLE).defer("body", "meta")
    found = found.filter(pk__lt=before) if before else found
    return list(found.select_related("account__brand").order_by("-id")[: PAGE + 1])


def unreadable_ids(limit: int) -> list[int]:
    found = Delivery.objects.filter(state=Delivery.State.UNREADABLE).order_by("id")
    return list(found.values_list("pk", flat=True)[:limit])


def raw_of(delivery: Delivery) -> tuple[Shown, int]:
    """The beginning of what the network handed us, as it can be shown, and its whole size."""
    if not delivery.blob:
        body = bytes(delivery.body)
        return shown(body, len(body)), len(body)
    path = blobs.path(delivery.blob)
    with path.open("rb") as file:
        head, size = file.read(RAW_BYTES), path.stat().st_size
    return shown(head, size), size


def dead_letters(before: int | None) -> list[Dispatch]:
    """What a network refused, the newest first; one more than a page when there is more."""
    found = Dispatch.objects.filter(state=Dispatch.State.REFUSED)
    found = found.filter(pk__lt=before) if before else found
    wanted = ("account", "message__case__customer", "message__operator")
    return list(found.select_related(*wanted).order_by("-id")[: PAGE + 1])


def by_day(rows: Sequence[DayRow]) -> list[tuple[date, list[DayRow]]]:
    """The rows under their day."""
    found: dict[date, list[DayRow]] = defaultdict(list)
    for row in rows:
        found[row.day].append(row)
    return list(found.items())


def choices() -> dict[str, Any]:
    """What one may filter by."""
    from netcenter.accounts.models import Brand

    return {"brands": list(Brand.objects.all()), "accounts": list(Account.objects.all())}


def proofs(rows: Sequence[Any]) -> dict[tuple[int, date], Proof]:
    """What the networks said of these accounts' days, where they were asked."""
    if not rows:
        return {}
    found = Proof.objects.filter(account__in={r.account.pk for r in rows}, day__in={r.day for r in rows})
    return {(p.account_id, p.day): p for p in found}
