"""Asking the sources that are due, and looking up what pages told us. The network is never within a transaction."""

import hashlib
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Q

from netcenter.events.actions import event, record
from netcenter.lib import clock, wakeup
from netcenter.lib.refused import Refused
from netcenter.lib.text import clean
from netcenter.lib.transactions import atomic
from netcenter.lib.workers import full
from netcenter.listening import actions, queries
from netcenter.listening.actions import TOPIC, Hit
from netcenter.listening.models import Notification, Site, Source
from netcenter.listening.rules import backoff
from netcenter.listening.sources import READERS, webmention
from netcenter.listening.sources.heard import Asked, Harvest, SourceFailed, web_address

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=3)  # longer than a source may take
SOON = timedelta(seconds=5)  # after a source that has more
TOLD_AFTER = 5  # failures in a row, after which an administrator is told
MOST_WAITING = 2000  # notifications that wait to be looked up: more are refused
LOOK_AGAIN = (60, 600, 3600, 6 * 3600)  # seconds after each page that did not answer


# --- Sources --------------------------------------------------------------------------------------


def claim(now: datetime, limit: int, busy: Mapping[int, int] | None = None, most_each: int = 1) -> list[Source]:
    """Sources that are due, for this process alone until the lease is over."""
    mine = []
    due = Source.objects.filter(enabled=True, due_at__lte=now).exclude(pk__in=full(busy, most_each))
    for source in due.order_by("due_at", "pk")[: max(0, limit)]:
        if Source.objects.filter(pk=source.pk, due_at=source.due_at, enabled=True).update(due_at=now + LEASE):
            mine.append(source)
    return mine


def hear(source: Source, now: datetime | None = None) -> None:
    """Ask one source and keep what is searched for; when it fails, that is written down and it is asked later."""
    now = now or clock.now()
    searches = queries.searches()
    wishes = [queries.wanted(search) for search in searches]
    asked = Asked(
        source.address, source.state, now, wants=lambda text: bool(text) and any(w.found_in(text) for w in wishes),
        phrases=[phrase for wish in wishes for phrase in wish.phrases],
    )  # fmt: skip
    try:
        harvest = READERS[source.kind](asked)
    except SourceFailed as failed:
        _failed(source, str(failed), failed.retry_at, now)
        return
    except Exception as error:
        _failed(source, repr(error), None, now)  # first put off, so that one bad source never jams the others
        raise
    kept = actions.keep(actions.sift(harvest.heard, searches, source, now), now)
    _heard(source, harvest, now)
    actions.obey(kept, now)


def _heard(source: Source, harvest: Harvest, now: datetime) -> None:
    due = now + (SOON if harvest.more else timedelta(seconds=source.every_seconds))
    changes: dict[str, Any] = {"state": dict(harvest.state), "due_at": due, "heard_at": now, "failures": 0, "error": ""}
    if not source.name and harvest.name:
        changes["name"] = clean(harvest.name)[:120]
    if not source.language and harvest.language:
        changes["language"] = clean(harvest.language)[:2].lower()
    # Who changed the address meanwhile has begun anew: what the old one said of itself is not theirs.
    Source.objects.filter(pk=source.pk, kind=source.kind, address=source.address).update(**changes)


@atomic
def _failed(source: Source, why: str, retry_at: datetime | None, now: datetime) -> None:
    failures = source.failures + 1
    due = max(now + timedelta(seconds=backoff(failures - 1, source.every_seconds)), retry_at or now)
    told = {"failures": failures, "error": clean(why)[:300], "due_at": due}
    Source.objects.filter(pk=source.pk, address=source.address).update(**told)
    log.warning("source %s failed: %s", source.address, why)
    if failures == TOLD_AFTER:
        record(event("source.failing", now, source=source.pk, address=source.address[:300], error=clean(why)[:300]))


def next_due() -> datetime | None:
    """When the next source, or the next page that told us something, is due."""
    due = [
        Source.objects.filter(enabled=True).order_by("due_at").values_list("due_at", flat=True).first(),
        Notification.objects.filter(due_at__isnull=False).order_by("due_at").values_list("due_at", flat=True).first(),
    ]
    return min((at for at in due if at is not None), default=None)


# --- Web mentions ---------------------------------------------------------------------------------


@atomic
def told(source: str, target: str, now: datetime) -> Notification:
    """Somebody says that `source` links to `target`: to be looked up later. Raises Refused with a code, not words."""
    source, target = web_address(source), web_address(target)
    if not source or not target or webmention.same(source, target):
        raise Refused("no_address")
    site = Site.objects.filter(host=(urlsplit(target).hostname or "").lower()).first()
    if site is None:
        raise Refused("not_ours")
    name = hashlib.sha256(f"{source}\n{target}".encode()).hexdigest()
    waiting = Notification.objects.filter(due_at__isnull=False)
    if waiting.count() >= MOST_WAITING and not waiting.filter(name=name).exists():
        raise Refused("too_many")
    row, fresh = Notification.objects.get_or_create(
        name=name, defaults={"site": site, "source": source, "target": target, "received_at": now, "due_at": now}
    )
    if not fresh:  # told again, the page has changed, or is gone
        Notification.objects.filter(pk=row.pk).update(due_at=now, attempts=0, received_at=now)
    wakeup.wake(TOPIC)
    return row


def look_up(now: datetime, most: int = 5) -> int:
    """Look up pages that told us something; returns how many."""
    looked = 0
    rows = Notification.objects.filter(due_at__lte=now).select_related("site__brand").order_by("due_at", "pk")
    for row in rows[:most]:
        mine = Notification.objects.filter(pk=row.pk, due_at=row.due_at)
        if mine.update(due_at=now + LEASE, attempts=row.attempts + 1):
            _look_up(row, now)
            looked += 1
    return looked


def _look_up(row: Notification, now: datetime) -> None:
    own = Notification.objects.filter(pk=row.pk)
    try:
        heard = webmention.look(row.source, row.target, now)
    except webmention.NoLink as no:
        own.update(state=Notification.State.FALSE, why=str(no)[:300], due_at=None)
        actions.gone(row.site.brand, row.source, now)
    except SourceFailed as failed:
        again = row.attempts < len(LOOK_AGAIN)
        due = now + timedelta(seconds=LOOK_AGAIN[row.attempts]) if again else None
        own.update(why=str(failed)[:300], due_at=due)
    else:
        own.update(state=Notification.State.TRUE, why="", due_at=None)
        actions.keep([Hit(heard, row.site.brand, None, "", None)], now)


def forget(now: datetime, after: timedelta = timedelta(days=90)) -> int:
    """What was told and was not true is not kept for ever."""
    old = Notification.objects.filter(Q(state=Notification.State.FALSE), received_at__lt=now - after, due_at=None)
    return old.delete()[0]
