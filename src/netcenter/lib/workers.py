"""A few threads that work off what is due, several at once, so that one slow network does not hold up the others."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.db import close_old_connections

from netcenter.lib import clock, wakeup
from netcenter.lib.engines import engine

log = logging.getLogger(__name__)

LONGEST_PAUSE = 5.0  # seconds


def full(busy: Mapping[int, int] | None, most_each: int) -> list[int]:
    """Which of those that are `busy` with so many rows are given no more: for a `claim`."""
    return [one for one, rows in (busy or {}).items() if rows >= most_each]


class Work(Protocol):
    """A row that belongs to an account."""

    account_id: int


@dataclass
class Workers:
    """`claim(now, room, busy, most_each)` takes rows for this process; `work` does one, and writes down how it went.

    `take_over(now)`: no other process works on these rows, so what a dead one had is free at once.
    """

    name: str
    topic: str
    claim: Callable[[datetime, int, Mapping[int, int], int], Sequence[Any]]
    work: Callable[[Any], None]
    next_due: Callable[[], datetime | None]
    is_due: Callable[[datetime], bool] = lambda now: True
    take_over: Callable[[datetime], None] = lambda now: None
    threads: int = 8
    per_account: int = 2  # at once
    _pool: ThreadPoolExecutor | None = None
    _lock: Any = field(default_factory=threading.Lock)
    _busy: Counter[int] = field(default_factory=Counter)

    def step(self) -> float | None:
        """Claim as much as there are threads for; returns when to look again."""
        now = clock.now()
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix=self.name)
            if not engine().hears_others:
                self.take_over(now)
        with self._lock:
            room, busy = self.threads - self._busy.total(), dict(+self._busy)  # without those that are done
        if room <= 0:
            return None
        claimed = self.claim(now, room, busy, self.per_account) if self.is_due(now) else []
        for row in claimed:
            with self._lock:
                self._busy[row.account_id] += 1
            self._pool.submit(self._do, row)
        if claimed:
            return 0.0
        due = self.next_due()
        pause = None if due is None else (due - clock.now()).total_seconds()
        # What is due already waits for a thread or for a dead process's lease: the end of a piece of work wakes us.
        return min(LONGEST_PAUSE, pause) if pause and pause > 0 else None

    def _do(self, row: Work) -> None:
        close_old_connections()
        try:
            self.work(row)
        except Exception:
            # The row stays leased and is looked at again when the lease is over.
            log.exception("%s: what became of %s could not be written", self.name, row)
        finally:
            with self._lock:
                self._busy[row.account_id] -= 1
            wakeup.hear(self.topic)
