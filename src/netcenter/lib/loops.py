"""What runs by itself: steps repeated when woken or when something is due, loud about errors, never jammed by one."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import close_old_connections, connection

from netcenter.lib import clock, wakeup
from netcenter.lib.engines import engine
from netcenter.lib.models import drop_lease, take_lease

log = logging.getLogger(__name__)

PROCESS = f"{socket.gethostname()}:{os.getpid()}"
ERROR_PAUSE = 1.0  # seconds, doubled with each failure in a row
LONGEST_PAUSE = 30.0
LEASE = timedelta(seconds=10)


@dataclass(frozen=True)
class Loop:
    """`step()` does what can be done now; it returns seconds until it should look again (0: at once, None: `every`).

    With `alone`, one process at a time runs it: the holder of a lease that is prolonged at each step.
    `stop` is called once after the last step, by loops that keep something open between steps.
    """

    name: str
    step: Callable[[], float | None]
    topics: tuple[str, ...] = ()
    every: float = 5.0
    alone: bool = False
    stop: Callable[[], None] | None = None


@dataclass
class State:
    """How a loop fares, for the doctor and the health page."""

    steps: int = 0
    failures: int = 0
    failed_in_row: int = 0
    last_error: str = ""
    last_step: float = field(default_factory=time.monotonic)


class Runner:
    """Runs loops, each in a thread of its own, until stopped."""

    def __init__(self, loops: Iterable[Loop]) -> None:
        self.stopping = threading.Event()
        self.states: dict[str, State] = {}
        self._threads: list[threading.Thread] = []
        self._bells: list[threading.Event] = []
        self._led_at: dict[str, float] = {}
        for loop in loops:
            self.states[loop.name] = State()
            bell = threading.Event()
            self._bells.append(bell)
            self._threads.append(threading.Thread(target=self._run, args=(loop, bell), name=loop.name, daemon=True))

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Ask every loop to end after its step, and wait for them together."""
        self.stopping.set()
        for bell in self._bells:
            bell.set()
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _run(self, loop: Loop, bell: threading.Event) -> None:
        ends = [wakeup.listen(topic, lambda _topic: bell.set()) for topic in loop.topics]
        state = self.states[loop.name]
        try:
            while not self.stopping.is_set():
                bell.clear()
                pause = self._step(loop, state)
                if pause > 0:
                    bell.wait(pause)
        finally:
            for end in ends:
                end()
            if loop.stop is not None:
                loop.stop()
            if loop.alone and engine().hears_others:
                drop_lease(loop.name, PROCESS)
            connection.close()

    def _leads(self, loop: Loop) -> bool:
        """True while this process holds the loop's lease; it is prolonged long before it ends."""
        if not engine().hears_others:
            return True
        if time.monotonic() - self._led_at.get(loop.name, -1e9) < LEASE.total_seconds() / 3:
            return True
        if take_lease(loop.name, PROCESS, clock.now(), LEASE):
            self._led_at[loop.name] = time.monotonic()
            return True
        return False

    def _step(self, loop: Loop, state: State) -> float:
        """One step; returns how long to pause."""
        try:
            close_old_connections()
            if loop.alone and not self._leads(loop):
                return min(loop.every, LEASE.total_seconds() / 3)
            pause = loop.step()
            state.steps += 1
            state.failed_in_row = 0
            state.last_step = time.monotonic()
        except Exception as error:
            state.failures += 1
            state.failed_in_row += 1
            state.last_error = repr(error)
            log.exception("loop %s failed", loop.name)
            return min(LONGEST_PAUSE, ERROR_PAUSE * 2 ** (state.failed_in_row - 1))
        return loop.every if pause is None else max(0.0, pause)
