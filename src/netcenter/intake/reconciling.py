"""What did we miss? The network is asked for all that it holds of a span, and what we lack is taken in (law 1).

Every so often, and after everything that may have made us miss something: an outage of ours or theirs, a silent
channel, a token that came back. At the end stands a proof per account and day: network says N, we hold N.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import F, Q

from netcenter.accounts import actions as accounts
from netcenter.accounts.models import Account, Health
from netcenter.accounts.queries import connection_of
from netcenter.cases import actions as cases
from netcenter.cases.models import Message
from netcenter.cases.told import messages_of, posts_of
from netcenter.channels.contract import ChannelError, Held, Reconciled
from netcenter.channels.registry import channel, channels
from netcenter.events.actions import SYSTEM, event, record
from netcenter.intake.actions import STANDS_AT
from netcenter.intake.commit import store_now
from netcenter.intake.models import Delivery, Proof, Reconciling
from netcenter.lib.text import clean
from netcenter.lib.transactions import atomic
from netcenter.lib.workers import full

log = logging.getLogger(__name__)

EVERY = timedelta(hours=6)
PAUSE = timedelta(minutes=10)  # at least so long between two, whatever happened
FIRST = timedelta(days=1)  # how far back a new account is looked through
OVERLAP = timedelta(hours=1)  # networks list late
SETTLES = timedelta(minutes=10)  # what is younger may not be listed yet: it has not vanished
READ_WITHIN = timedelta(minutes=10)  # after which a delivery that is still unread is not waited for
LEASE = timedelta(minutes=3)
LOOK_AGAIN = timedelta(seconds=10)
MOST_PAGES = 20  # of one turn
MOST_MISSING = 50  # names that a proof keeps
MOST_ASKED = 100  # by their names, whether they are there all the same
BACK_OFF = (60, 300, 900, 3600)  # seconds


def enrol(now: datetime) -> None:
    """Every account that can be asked is, and those at once which may have missed something."""
    kinds = [kind for kind, network in channels().items() if network.can("reconcile")]
    fresh = Account.objects.filter(channel__in=kinds, enabled=True, reconciling=None)
    Reconciling.objects.bulk_create(
        [Reconciling(account=a, sure_until=now - FIRST, due_at=now) for a in fresh], ignore_conflicts=True
    )
    idle = Reconciling.objects.filter(since=None, due_at__gt=now, account__health__failures_in_row=0)
    gaps = idle.filter(Q(begun_at=None) | Q(account__health__gap_at__gt=F("begun_at"), begun_at__lte=now - PAUSE))
    gaps.update(due_at=now)


def after_outage(now: datetime) -> None:
    """We were not there: everything is looked through."""
    Health.objects.filter(account__enabled=True).update(gap_at=now)


def try_again(account_id: int, now: datetime) -> None:
    """A person mended the account: what failed is not to wait for its pause, and is no longer told."""
    Reconciling.objects.filter(account_id=account_id).exclude(error="").update(due_at=now, failures=0, error="")


def claim(
    now: datetime, limit: int, busy: Mapping[int, int] | None = None, most_each: int = 1
) -> list[Reconciling]:  # fmt: skip
    """Those that are due, for this process alone until the lease is over."""
    due = Reconciling.objects.filter(due_at__lte=now, account__enabled=True).exclude(
        account_id__in=full(busy, most_each)
    )
    mine = []
    for row in due.select_related("account__brand").order_by("due_at")[:limit]:
        again = Reconciling.objects.filter(pk=row.pk, due_at=row.due_at)
        if again.update(due_at=now + LEASE):
            mine.append(row)
    return mine


def next_due() -> datetime | None:
    """When the next account is to be looked through."""
    rows = Reconciling.objects.filter(account__enabled=True).order_by("due_at")
    return rows.values_list("due_at", flat=True).first()


def reconcile(row: Reconciling, now: datetime) -> None:
    """One turn: some pages, or the proof once all that they say is recorded. Raises ChannelError."""
    if row.since is None:
        _begin(row, now)
    if row.read_at is None:
        network, wire = channel(row.account.channel), connection_of(row.account)
        for _page in range(MOST_PAGES):
            found = network.reconcile(wire, row.since, row.until, dict(row.cursor))  # type: ignore[arg-type]
            _keep(row, found, now)
            if not found.more:
                break
        else:
            _later(row, now)
            return
    unread = Delivery.objects.filter(account_id=row.account_id, state=Delivery.State.NEW, received_at__lte=row.read_at)
    if unread.exists() and row.read_at is not None and now - row.read_at < READ_WITHIN:
        _later(row, now + LOOK_AGAIN)
        return
    prove(row, now, _vanished(row, now))


def _begin(row: Reconciling, now: datetime) -> None:
    """The next span: from the beginning of a day, so that the proof is of whole days, to its end or to now."""
    day = (row.sure_until - OVERLAP).astimezone(UTC).date()
    row.since = datetime.combine(day, time(), UTC)
    row.until = min(now, row.since + timedelta(days=1))
    row.cursor, row.present, row.counts, row.begun_at, row.read_at = {}, [], {}, now, None
    row.save(update_fields=["since", "until", "cursor", "present", "counts", "begun_at", "read_at"])


@atomic
def _keep(row: Reconciling, found: Reconciled, now: datetime) -> None:
    """A page, durable together with how far it goes. What is known already is known by its name."""
    seen = {STANDS_AT: now.isoformat()} if found.current else {}
    store_now(row.account_id, [replace(raw, meta={**raw.meta, **seen}) for raw in found.raws], now)
    row.cursor = dict(found.cursor)
    row.present = [*row.present, *(name[:255] for name in found.present)]
    row.counts = {**row.counts, **{count.day.isoformat(): count.messages for count in found.counts}}
    if found.lists_all:
        row.counts["lists_all"] = 1
    row.read_at = None if found.more else now
    row.save(update_fields=["cursor", "present", "counts", "read_at"])


def _later(row: Reconciling, at: datetime) -> None:
    Reconciling.objects.filter(pk=row.pk).update(due_at=at)


@atomic
def prove(row: Reconciling, now: datetime, vanished: Sequence[str] = ()) -> None:
    """All that the network told is recorded: compare, and write the proof down."""
    account, since, until = row.account, row.since, row.until
    assert since is not None and until is not None  # noqa: S101
    counts = dict(row.counts)
    lists_all = counts.pop("lists_all", 0)
    missing = _missing(account.pk, row.present)
    for name in vanished:
        cases.vanish(row.account_id, name, now, now)
    for day, theirs in counts.items():
        _prove(account, date.fromisoformat(day), theirs, _held(account, date.fromisoformat(day)), missing, now)
    if not counts and lists_all:
        here = len(set(row.present)) - len(missing)
        _prove(account, since.date(), len(set(row.present)), here, missing, now, told=False)
    ours = {p.day.isoformat(): [p.theirs, p.ours] for p in Proof.objects.filter(account=account, at=now)}
    record(event("account.reconciled", now, SYSTEM, brand_id=account.brand_id, account=account.pk,
                 since=since.isoformat(), until=until.isoformat(), missing=len(missing), days=ours))  # fmt: skip
    more = until < now - PAUSE
    sure = until + OVERLAP if more else until  # the day that ended there is looked through no more
    Reconciling.objects.filter(pk=row.pk).update(
        sure_until=max(row.sure_until, sure), since=None, until=None, cursor={}, present=[], counts={}, read_at=None,
        checked_at=now, due_at=now if more else now + EVERY, error="", failures=0,
    )  # fmt: skip


def _missing(account_id: int, present: list[str]) -> list[str]:
    """What the network lists and we do not hold."""
    missing = []
    for start in range(0, len(present), 500):
        names = [(account_id, name) for name in present[start : start + 500]]
        here = {**messages_of(names), **posts_of(names)}
        missing += [name for account, name in names if (account, name) not in here]
    return sorted(set(missing))


def _vanished(row: Reconciling, now: datetime) -> list[str]:
    """What we hold of the span and no page lists is gone there; it is kept here (law 6). Raises ChannelError.

    A network that may leave out what is there is asked for each by its name; outside of any transaction.
    """
    if not row.counts.get("lists_all"):
        return []
    network, wire = channel(row.account.channel), connection_of(row.account)
    held = [
        Held(m.external_id, m.extra.get("form") or "message", "public" if m.thread.place == "public" else "private")
        for m in _unlisted(row, now)
    ]
    if not network.can("stands"):
        return [one.external_id for one in held]
    asked = held[:MOST_ASKED]
    there = network.stands(asked, wire) if asked else ()
    return [one.external_id for one in asked if one.external_id not in there]


def _unlisted(row: Reconciling, now: datetime) -> list[Message]:
    """Customers' first: many a network lists none of our answers."""
    listed, until = set(row.present), min(row.until or now, now - SETTLES)
    held = Message.objects.filter(account_id=row.account_id, sent_at__gte=row.since, sent_at__lt=until, deleted_at=None)
    held = held.exclude(state__in=[Message.State.SENDING, Message.State.FAILED])
    rows = held.select_related("thread").prefetch_related("other_names").order_by("direction", "-id")
    return [m for m in rows if not listed & {m.external_id, *(o.external_id for o in m.other_names.all())}]


def _held(account: Account, day: date) -> int:
    """How many customers' messages of a day we hold that are still there."""
    start = datetime.combine(day, time(), UTC)
    inbound = Message.objects.filter(account=account, direction=Message.Direction.IN, deleted_at=None)
    return inbound.filter(sent_at__gte=start, sent_at__lt=start + timedelta(days=1)).count()


def _prove(
    account: Account, day: date, theirs: int, ours: int, missing: list[str], now: datetime, *, told: bool = True
) -> None:  # fmt: skip
    names = missing[:MOST_MISSING] if theirs != ours else []
    Proof.objects.update_or_create(
        account=account, day=day, defaults={"theirs": theirs, "ours": ours, "told": told, "missing": names, "at": now}
    )


def went_wrong(row: Reconciling, error: Exception, now: datetime) -> None:
    """Go on later from the page that failed."""
    wire = error if isinstance(error, ChannelError) else None
    rate = bool(wire and wire.reason == "rate" and wire.retry_at)
    failures = row.failures if rate else row.failures + 1
    pause = timedelta(seconds=BACK_OFF[min(failures, len(BACK_OFF)) - 1]) if failures else timedelta(minutes=1)
    due = (wire.retry_at if wire and wire.retry_at else None) or now + pause
    said = clean(str(error) or repr(error))
    Reconciling.objects.filter(pk=row.pk).update(due_at=max(due, now), failures=failures, error=said[:500])
    if not rate:
        accounts.fared_ill(row.account_id, said, bool(wire and wire.reason == "token"), now)
