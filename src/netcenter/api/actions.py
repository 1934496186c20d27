"""Telling other systems what happened: following the record, delivering once each has time, giving up with a trace."""

import secrets
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

import orjson
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from netcenter.api.models import WebhookDelivery, WebhookSubscription
from netcenter.api.rules import REST, Verdict, judge, wants
from netcenter.events import queries as events
from netcenter.events.actions import event, record
from netcenter.events.models import Event
from netcenter.lib import http, signature, wakeup
from netcenter.lib.refused import Refused
from netcenter.lib.secrets import seal, unseal
from netcenter.people.models import Person
from netcenter.people.permissions import May, require

State = WebhookDelivery.State
LEASE = timedelta(minutes=1)  # longer than one attempt can last
BATCH = 500
KEPT = timedelta(days=7)  # how long what arrived is remembered
TOPIC = "webhooks"


# --- What an administrator does -------------------------------------------------------------------


@transaction.atomic
def subscribe(
    person: Person, name: str, url: str, kinds: Sequence[str], now: datetime
) -> tuple[WebhookSubscription, str]:
    """Tell this address of such events, from now on; returns the signing secret too, which is never shown again."""
    require(person, May.SET_UP)
    if not kinds:
        raise Refused("kinds_missing", _("Choose at least one kind of event."))
    cursor, secret = events.latest(), secrets.token_urlsafe(32)
    made = WebhookSubscription.objects.create(
        name=name, url=url, sealed=seal({"secret": secret}), kinds=list(kinds), created_by=person, created_at=now,
        transaction_id=cursor[0], event_id=cursor[1],
    )  # fmt: skip
    record(event("webhook.added", now, person.actor, webhook=made.pk, url=url, kinds=list(kinds)))
    return made, secret


@transaction.atomic
def renew(webhook_id: int, person: Person, now: datetime) -> str:
    """A new signing secret. The one before goes on signing beside it, until the next."""
    require(person, May.SET_UP)
    webhook = WebhookSubscription.objects.select_for_update().get(pk=webhook_id)
    fresh = secrets.token_urlsafe(32)
    before = unseal(webhook.sealed)["secret"].split()[0]
    WebhookSubscription.objects.filter(pk=webhook_id).update(sealed=seal({"secret": f"{fresh} {before}"}))
    record(event("webhook.renewed", now, person.actor, webhook=webhook_id))
    return fresh


@transaction.atomic
def switch(webhook_id: int, enabled: bool, person: Person, now: datetime) -> None:
    """Pause or resume; what happens during a pause is not told."""
    require(person, May.SET_UP)
    changes: dict[str, object] = {"enabled": enabled}
    if enabled:
        cursor = events.latest()
        changes |= {"transaction_id": cursor[0], "event_id": cursor[1], "rests_until": None, "failures_in_row": 0}
    if WebhookSubscription.objects.filter(pk=webhook_id).exclude(enabled=enabled).update(**changes):
        record(event("webhook.resumed" if enabled else "webhook.paused", now, person.actor, webhook=webhook_id))
        wakeup.wake(TOPIC)


@transaction.atomic
def remove(webhook_id: int, person: Person, now: datetime) -> None:
    """Forget the address and what it was still to be told."""
    require(person, May.SET_UP)
    if WebhookSubscription.objects.filter(pk=webhook_id).delete()[0]:
        record(event("webhook.removed", now, person.actor, webhook=webhook_id))


@transaction.atomic
def try_again(person: Person, now: datetime, delivery_id: int | None = None) -> int:
    """Queue a dead letter once more, or all of them; returns how many."""
    require(person, May.RE_READ)
    dead = WebhookDelivery.objects.filter(state=State.DEAD, subscription__enabled=True)
    if delivery_id is not None:
        dead = dead.filter(pk=delivery_id)
    again = WebhookDelivery.objects.filter(pk__in=list(dead.values_list("pk", flat=True)[:BATCH]), state=State.DEAD)
    count = again.update(state=State.QUEUED, attempts=0, due_at=now, leased_until=None, ended_at=None)
    if count:
        record(event("webhook.retried", now, person.actor, count=count))
        wakeup.wake(TOPIC)
    return count


# --- Following the record -------------------------------------------------------------------------


def follow(now: datetime) -> bool:
    """Queue what happened since each webhook was last told; True when there is more at once."""
    more = False
    for webhook in WebhookSubscription.objects.filter(enabled=True):
        happened = events.since((webhook.transaction_id, webhook.event_id), BATCH)
        if happened:
            _queue(webhook, happened, now)
            more = more or len(happened) == BATCH
    return more


@transaction.atomic
def _queue(webhook: WebhookSubscription, happened: Sequence[Event], now: datetime) -> None:
    here = WebhookSubscription.objects.filter(
        pk=webhook.pk, enabled=True, transaction_id=webhook.transaction_id, event_id=webhook.event_id
    )
    last = happened[-1]
    if not here.update(transaction_id=last.transaction_id, event_id=last.pk):
        return  # another process was here, or it was paused
    WebhookDelivery.objects.bulk_create(
        [
            WebhookDelivery(subscription=webhook, event_id=e.pk, kind=e.kind, due_at=now, created_at=now)
            for e in happened
            if wants(webhook.kinds, e.kind)
        ],
        ignore_conflicts=True,
    )
    wakeup.wake(TOPIC)


# --- Delivering -----------------------------------------------------------------------------------


@transaction.atomic
def claim(now: datetime, limit: int, busy: Sequence[int] = ()) -> list[WebhookDelivery]:
    """Take what is due, the oldest first, at most one of each webhook: a slow one holds up nobody else."""
    awake = Q(subscription__rests_until=None) | Q(subscription__rests_until__lte=now)
    due = (
        WebhookDelivery.objects.filter(awake, state=State.QUEUED, due_at__lte=now, subscription__enabled=True)
        .filter(Q(leased_until=None) | Q(leased_until__lte=now))
        .exclude(subscription_id__in=busy)
    )
    locked = due.select_for_update(of=("self",), skip_locked=True).select_related("subscription")
    taken: list[WebhookDelivery] = []
    for webhook_id in due.values_list("subscription_id", flat=True).distinct()[:limit]:
        taken += locked.filter(subscription_id=webhook_id).order_by("due_at", "event_id")[:1]
    WebhookDelivery.objects.filter(pk__in=[d.pk for d in taken]).update(
        leased_until=now + LEASE, attempts=F("attempts") + 1
    )
    for delivery in taken:
        delivery.attempts += 1
    return taken


def deliver(delivery: WebhookDelivery) -> tuple[Verdict, str]:
    """Post it, outside any transaction; returns what follows and why."""
    happened = Event.objects.filter(pk=delivery.event_id).first()
    if happened is None:
        return Verdict("dead"), "the event is no longer on the record"
    body = body_of(happened)
    secret = unseal(delivery.subscription.sealed)["secret"]
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": f"event-{happened.pk}",
        "X-Netcenter-Event": happened.kind,
        **signature.sign(secret.split(), body, time.time()),
    }
    try:
        answered = http.request("POST", delivery.subscription.url, body=body, headers=headers)
    except http.HttpFailed as error:
        return judge(None, delivery.attempts, permanent=error.permanent), str(error)
    later = answered.headers.get("retry-after", "")
    said = answered.body[:300].decode("utf-8", "replace").strip()
    return judge(answered.status, delivery.attempts, retry_after=later), f"HTTP {answered.status} {said}".strip()


def body_of(happened: Event) -> bytes:
    """An event as other systems see it."""
    return orjson.dumps(
        {
            "id": happened.pk, "type": happened.kind, "at": happened.at, "actor": happened.actor,
            "case": happened.case_id, "operator": happened.operator_id, "brand": happened.brand_id,
            "data": happened.data,
        }
    )  # fmt: skip


@transaction.atomic
def ended(delivery: WebhookDelivery, verdict: Verdict, why: str, now: datetime) -> None:
    """Write down what became of an attempt."""
    row = WebhookDelivery.objects.filter(pk=delivery.pk, state=State.QUEUED)
    webhook = WebhookSubscription.objects.filter(pk=delivery.subscription_id)
    if verdict.outcome == "sent":
        row.update(state=State.SENT, ended_at=now, leased_until=None, error="")
        webhook.update(rests_until=None, failures_in_row=0)
    elif verdict.outcome == "dead":
        if row.update(state=State.DEAD, ended_at=now, leased_until=None, error=why[:2000]):
            webhook.update(failures_in_row=F("failures_in_row") + 1)
            record(event("webhook.gave_up", now, webhook=delivery.subscription_id, event=delivery.event_id,
                         error=why[:300]))  # fmt: skip
    else:
        row.update(due_at=now + verdict.wait, leased_until=None, error=why[:2000])
        rest = min(verdict.wait, timedelta(seconds=REST))
        webhook.update(rests_until=now + rest, failures_in_row=F("failures_in_row") + 1)


def forget_old(now: datetime) -> int:
    """Drop what arrived long ago; returns how many."""
    old = WebhookDelivery.objects.filter(state=State.SENT, ended_at__lt=now - KEPT).values_list("pk", flat=True)
    return WebhookDelivery.objects.filter(pk__in=list(old[:BATCH])).delete()[0]
