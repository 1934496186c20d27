"""The tail of the record: turns each fact into the refresh of what it makes old, for the right people only."""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping

from django.db import close_old_connections, connection

from netcenter.events.actions import attest
from netcenter.events.models import Event
from netcenter.events.queries import Cursor, latest
from netcenter.events.reading import Reader
from netcenter.lib import wakeup
from netcenter.lib.hub import Frame, hub
from netcenter.live.queries import with_brands
from netcenter.live.rules import Notice, audience, concerned, payload

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0  # seconds, should a wake-up be lost
GATHER = 0.25  # seconds: lists of a brand are refreshed at most so often, what rings at once;
GATHER_EACH = 0.003  # and longer for each screen that hears it, so that telling all of them never fills the machine
RIGHTS = ("person.", "brand.", "team.")  # kinds after which somebody may see more or less
ERROR_PAUSE = 1.0
MOST_TOLD = 10_000
REST = 2.0  # times as long as a look at the record took, before the next: other processes' rings come that much later
MOST_REST = 0.02  # seconds

# event id, kind, case, operator: SQLite gives an id anew after a rollback
Told = tuple[int, str, int | None, int | None]


class Tail:
    """One thread for each web process."""

    def __init__(self) -> None:
        self._bell = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._safe: Cursor = (0, 0)  # everything up to here has been published: what clients resume from
        self._pending: dict[str, set[str]] = defaultdict(set)
        self._published: dict[str, float] = {}
        self._told: dict[Told, None] = {}  # what is published at its commit: the record need not say it again
        self._unseen: Callable[[], None] = lambda: None
        self.on_rights: Callable[[], None] = lambda: None  # called when somebody's rights may have changed

    def start(self) -> None:
        self._unseen = attest(self._witness)
        self._thread = threading.Thread(target=self._run, name="live-tail", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._unseen()
        self._unseen = lambda: None
        self._bell.set()
        if self._thread:
            self._thread.join(5)

    def _witness(self, happened: Event) -> Callable[[], None] | None:
        """What somebody must act on is published by whoever commits it; only other processes' is read first."""
        known = audience(happened.kind, happened.case_id, happened.operator_id, happened.brand_id)
        urgent = [notice for notice in known if notice.kind]
        if not urgent:
            return None
        if len(self._told) > MOST_TOLD:
            self._told.clear()
        self._told[happened.pk, happened.kind, happened.case_id, happened.operator_id] = None

        def say() -> None:
            for notice in urgent:
                self._sort(notice)

        return say

    def _run(self) -> None:
        deaf = wakeup.listen("events", lambda _topic: self._bell.set())
        reader: Reader | None = None
        try:
            while not self._stopping:
                self._bell.clear()
                try:
                    close_old_connections()
                    if reader is None:
                        self._safe = latest()
                        reader = Reader(self._safe)
                    began = time.monotonic()
                    left = self._step(reader, began)
                    time.sleep(min(MOST_REST, REST * (time.monotonic() - began)))
                    self._bell.wait(left)
                except Exception:
                    log.exception("the live tail failed; looking again in a second")
                    connection.close()
                    time.sleep(ERROR_PAUSE)
        finally:
            deaf()
            connection.close()

    def _step(self, reader: Reader, now: float) -> float:
        """Read, publish; returns how long nothing needs to be done."""
        facts = with_brands(reader.fresh())
        for fact in facts:
            told = (fact.id, fact.kind, fact.case_id, fact.operator_id) in self._told
            for notice in audience(fact.kind, fact.case_id, fact.operator_id, fact.brand_id):
                if not (told and notice.kind):
                    self._sort(notice)
        if any(fact.kind.startswith(RIGHTS) for fact in facts):
            self.on_rights()
        left = self._flush(now)
        if not self._pending and reader.is_settled:
            self._safe = reader.cursor
        return left

    def _sort(self, notice: Notice) -> None:
        """What somebody must act on goes at once; the rest is gathered."""
        if notice.kind:
            self._publish(notice.topic, payload(notice.parts, notice.case_id, notice.kind))
        else:
            self._pending[notice.topic] |= notice.parts

    def _flush(self, now: float) -> float:
        """Publish what was gathered for those who heard nothing lately; returns when the next is due."""
        left = LOOK_EVERY
        for topic in list(self._pending):
            rest = 0.0 if topic.startswith("person:") else GATHER + GATHER_EACH * hub.audience(concerned(topic))
            wait = self._published.get(topic, 0.0) + rest - now if rest else 0.0
            if wait > 0:
                left = min(left, wait)
                continue
            self._publish(topic, payload(self._pending.pop(topic)))
            self._published[topic] = now
        return left

    def _publish(self, topic: str, data: Mapping[str, object]) -> None:
        """With the place from which nothing is lost, which may be a little behind: doubled refreshes are harmless."""
        hub.publish(concerned(topic), Frame("refresh", data, f"{self._safe[0]}.{self._safe[1]}"))
