"""Following the record for each webhook, and delivering, a few at once."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import close_old_connections

from netcenter.api import actions
from netcenter.api.models import WebhookDelivery
from netcenter.lib import clock, wakeup
from netcenter.lib.loops import Loop

log = logging.getLogger(__name__)

THREADS = 4


def _follow() -> float | None:
    return 0.0 if actions.follow(clock.now()) else None


def _forget() -> float | None:
    return 0.0 if actions.forget_old(clock.now()) >= actions.BATCH else None


class Deliverer:
    """Claims what is due and hands it to a few threads, one for each webhook at a time."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()
        self._busy: set[int] = set()

    def step(self) -> float | None:
        """Claim as much as there are threads for."""
        with self._lock:
            busy = list(self._busy)
        if len(busy) >= THREADS:
            return None
        claimed = actions.claim(clock.now(), THREADS - len(busy), busy)
        if claimed and self._pool is None:
            self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="webhooks")
        for delivery in claimed:
            with self._lock:
                self._busy.add(delivery.subscription_id)
            assert self._pool is not None  # noqa: S101
            self._pool.submit(self._deliver, delivery)
        return None

    def _deliver(self, delivery: WebhookDelivery) -> None:
        close_old_connections()
        try:
            deliver(delivery)
        except Exception:
            # The row stays leased and is looked at again when the lease is over.
            log.exception("webhook delivery %s: its outcome could not be written", delivery.pk)
        finally:
            with self._lock:
                self._busy.discard(delivery.subscription_id)
            close_old_connections()
            wakeup.hear(actions.TOPIC)


def deliver(delivery: WebhookDelivery) -> None:
    """One claimed delivery, and what became of it."""
    verdict, why = actions.deliver(delivery)
    actions.ended(delivery, verdict, why, clock.now())


def loops() -> list[Loop]:
    return [
        # Not woken by each event: a webhook that hears of it within a second hears soon enough.
        Loop("api.follow", _follow, every=1.0, alone=True),
        Loop("api.deliver", Deliverer().step, topics=(actions.TOPIC,), every=5.0),
        Loop("api.forget", _forget, every=3600.0, alone=True),
    ]
