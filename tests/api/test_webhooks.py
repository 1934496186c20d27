"""Telling other systems what happened: from the record to their door, and what becomes of what does not arrive."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from netcenter.api import actions
from netcenter.api.loops import deliver
from netcenter.api.models import WebhookDelivery, WebhookSubscription
from netcenter.api.rules import BACK_OFF
from netcenter.events.actions import event, record
from netcenter.lib import signature
from netcenter.lib.refused import Refused
from netcenter.people.models import Person
from tests.company import NOON

pytestmark = pytest.mark.django_db(transaction=True)
State = WebhookDelivery.State


@pytest.fixture(autouse=True)
def private(settings):
    settings.ALLOW_PRIVATE_HTTP = True


@pytest.fixture
def admin() -> Person:
    return Person.objects.create_user("erin@example.com", name="Erin", role="administrator")


@contextmanager
def system(*statuses: int, headers=()) -> Iterator[tuple[str, list]]:
    """Another system that answers with these statuses in turn, the last for ever; and what it was told."""
    told: list = []
    turns = list(statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(turns.pop(0) if len(turns) > 1 else turns[0])
            for name, value in (*headers, ("Content-Length", "0")):
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/events", told
    finally:
        server.shutdown()
        server.server_close()


def happens(*kinds: str) -> None:
    with transaction.atomic():
        record(*(event(kind, NOON, case_id=7, brand_id=1, reason="because") for kind in kinds))


def run(now=NOON, rounds: int = 20) -> int:
    """Follow and deliver until nothing is due; returns how many attempts were made."""
    while actions.follow(now):
        pass
    attempts = 0
    for _ in range(rounds):
        claimed = actions.claim(now, 4)
        if not claimed:
            break
        for delivery in claimed:
            attempts += 1
            verdict, why = actions.deliver(delivery)
            actions.ended(delivery, verdict, why, now)
    return attempts


def states() -> list[str]:
    return list(WebhookDelivery.objects.order_by("event_id").values_list("state", flat=True))


def test_it_tells_what_was_asked_for_signed_and_nothing_before_it_was_asked(admin):
    happens("case.closed")
    with system(200) as (url, told):
        webhook, secret = actions.subscribe(admin, "Billing", url, ["case.*"], NOON)
        happens("case.closed", "message.sent", "case.passed", "webhook.gave_up")
        run()
        run()
    assert [json.loads(body)["type"] for _, body in told] == ["case.closed", "case.passed"]
    headers, body = told[0]
    event_told = json.loads(body)
    assert (event_told["case"], event_told["brand"], event_told["data"]) == (7, 1, {"reason": "because"})
    assert event_told["at"].startswith("2026-03-04T12:00:00")
    assert signature.flaw([secret], headers, body, time.time()) == ""
    assert headers["idempotency-key"] == f"event-{event_told['id']}"
    assert headers["x-netcenter-event"] == "case.closed"
    assert secret.encode() not in bytes(webhook.sealed)


def test_two_webhooks_follow_the_record_each_by_itself(admin):
    with system(200) as (url, told):
        actions.subscribe(admin, "A", url + "/a", ["case.*"], NOON)
        happens("case.closed")
        actions.subscribe(admin, "B", url + "/b", ["*"], NOON)
        happens("case.passed", "desk.state")
        run()
    assert len(told) == 2 + 2


def test_a_crash_after_queueing_doubles_nothing(admin):
    with system(200) as (url, told):
        webhook, _ = actions.subscribe(admin, "A", url, ["*"], NOON)
        happens("case.closed")
        actions.follow(NOON)
        stale = WebhookSubscription.objects.get(pk=webhook.pk)
        WebhookSubscription.objects.filter(pk=webhook.pk).update(transaction_id=webhook.transaction_id,
                                                                 event_id=webhook.event_id)  # fmt: skip
        actions.follow(NOON)
        assert stale.event_id > webhook.event_id
        run()
    assert len(told) == 1


def test_a_failing_system_is_tried_later_and_left_alone_meanwhile(admin):
    with system(500, 200) as (url, _told):
        actions.subscribe(admin, "A", url, ["*"], NOON)
        happens("case.closed", "case.passed")
        assert run() == 1, "the second event waits while the system rests"
        assert states() == [State.QUEUED, State.QUEUED]
        assert "HTTP 500" in WebhookDelivery.objects.order_by("event_id")[0].error
        assert run(NOON + timedelta(seconds=BACK_OFF[0] - 1)) == 0
        assert run(NOON + timedelta(seconds=BACK_OFF[0])) == 2
    assert states() == [State.SENT, State.SENT]
    assert WebhookSubscription.objects.get().failures_in_row == 0


def test_a_slow_system_holds_up_nobody_else(admin):
    with system(500) as (bad, _), system(200) as (good, told):
        actions.subscribe(admin, "Bad", bad, ["*"], NOON)
        actions.subscribe(admin, "Good", good, ["*"], NOON)
        happens(*["case.closed"] * 5)
        run()
    assert len(told) == 5


def test_one_webhook_is_told_by_one_worker_at_a_time(admin):
    with system(200) as (url, _):
        actions.subscribe(admin, "A", url, ["*"], NOON)
        happens("case.closed", "case.passed")
        actions.follow(NOON)
        [first] = actions.claim(NOON, 4)
        assert actions.claim(NOON, 4, [first.subscription_id]) == []
        assert first.pk not in [d.pk for d in actions.claim(NOON, 4)], "what is leased is nobody else's"
        assert [d.pk for d in actions.claim(NOON + actions.LEASE, 1)] == [first.pk], (
            "what a dead process had comes back"
        )


def test_a_refusal_is_a_dead_letter_that_a_person_can_send_again(admin):
    with system(404, 200) as (url, told):
        actions.subscribe(admin, "A", url, ["case.*"], NOON)
        happens("case.closed")
        run()
        assert states() == [State.DEAD]
        charlie = Person.objects.create_user("charlie@example.com", name="Charlie", role="supervisor")
        bob = Person.objects.create_user("bob@example.com", name="Bob")
        with pytest.raises(PermissionDenied):
            actions.try_again(bob, NOON)
        assert actions.try_again(charlie, NOON, WebhookDelivery.objects.get().pk) == 1
        run()
    assert states() == [State.SENT]
    assert len(told) == 2


def test_it_gives_up_after_two_days_of_silence(admin):
    actions.subscribe(admin, "A", "http://127.0.0.1:9/", ["*"], NOON)
    happens("case.closed")
    now, attempts = NOON, 0
    for _ in range(20):
        attempts += run(now)
        now += timedelta(hours=13)
    assert states() == [State.DEAD]
    assert attempts == len(BACK_OFF) + 1


def test_a_webhook_into_our_own_network_is_never_called(admin, settings):
    with system(200) as (url, told):
        actions.subscribe(admin, "A", url.replace("http:", "https:"), ["*"], NOON)
        settings.ALLOW_PRIVATE_HTTP = False
        happens("case.closed")
        run()
    assert (states(), told) == ([State.DEAD], [])
    assert "private network" in WebhookDelivery.objects.get().error


def test_a_pause_is_silence_and_what_happened_in_it_is_not_told_later(admin):
    with system(200) as (url, told):
        webhook, _ = actions.subscribe(admin, "A", url, ["case.*"], NOON)
        actions.switch(webhook.pk, False, admin, NOON)
        happens("case.closed")
        run()
        actions.switch(webhook.pk, True, admin, NOON)
        happens("case.passed")
        run()
    assert [json.loads(body)["type"] for _, body in told] == ["case.passed"]


def test_a_new_secret_signs_beside_the_old_one_until_the_next(admin):
    with system(200) as (url, told):
        webhook, first = actions.subscribe(admin, "A", url, ["case.*"], NOON)
        second = actions.renew(webhook.pk, admin, NOON)
        happens("case.closed")
        run()
        third = actions.renew(webhook.pk, admin, NOON)
        happens("case.passed")
        run()
    good = [[s for s in (first, second, third) if not signature.flaw([s], h, b, time.time())] for h, b in told]
    assert good == [[first, second], [second, third]]


def test_only_who_sets_up_the_house_may_have_webhooks(admin):
    charlie = Person.objects.create_user("charlie@example.com", name="Charlie", role="supervisor")
    with pytest.raises(PermissionDenied):
        actions.subscribe(charlie, "A", "https://example.com/", ["*"], NOON)
    webhook, _ = actions.subscribe(admin, "A", "https://example.com/", ["*"], NOON)
    for forbidden in (
        lambda: actions.renew(webhook.pk, charlie, NOON),
        lambda: actions.switch(webhook.pk, False, charlie, NOON),
        lambda: actions.remove(webhook.pk, charlie, NOON),
    ):
        with pytest.raises(PermissionDenied):
            forbidden()
    with pytest.raises(Refused):
        actions.subscribe(admin, "A", "https://example.com/", [], NOON)


def test_what_arrived_is_forgotten_after_a_week_and_dead_letters_are_not(admin):
    with system(200, 404) as (url, _):
        actions.subscribe(admin, "A", url, ["*"], NOON)
        happens("case.closed", "case.passed")
        run()
    assert actions.forget_old(NOON + timedelta(days=6)) == 0
    assert actions.forget_old(NOON + timedelta(days=8)) == 1
    assert states() == [State.DEAD]


def test_the_loop_writes_down_what_became_of_it(admin):
    with system(200) as (url, told):
        actions.subscribe(admin, "A", url, ["*"], NOON)
        happens("case.closed")
        actions.follow(NOON)
        [claimed] = actions.claim(NOON, 1)
        deliver(claimed)
    assert (states(), len(told)) == ([State.SENT], 1)
