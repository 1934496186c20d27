"""A fixed number of threads for calling Django from asyncio.

Each thread keeps its own database connection. Python's own executor is not used since nothing would close the
connections when it ends, and since its queue has no limit.
"""

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import close_old_connections, connections

Result = TypeVar("Result")
Job = tuple[Callable[..., Any], tuple[Any, ...], "asyncio.Future[Any]"]


class Full(Exception):
    """More calls are waiting than it makes sense to keep; tell the caller to come back."""


class Pool:
    """Runs functions in `size` threads that start at the first use. At most `limit` calls wait.

    `idle` False: a thread with nothing to do keeps no database connection.
    """

    def __init__(self, name: str, size: int, limit: int = 500, *, idle: bool = True) -> None:
        self.name = name
        self.size = size
        self.limit = limit
        self.idle = idle
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._closed = False

    async def run(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """The function's result. Raises Full, or what the function raises.

        When the waiting task is cancelled, a call that has begun goes on to its end; one that has not is left out.
        """
        if self._jobs.qsize() >= self.limit:
            raise Full(self.name)
        self._start()
        future = asyncio.get_running_loop().create_future()
        self._jobs.put((function, arguments, future))
        return await future

    def close(self, timeout: float = 10.0) -> bool:
        """Let every call that was taken end, then the threads; False when some did not in time."""
        with self._lock:
            self._closed = True
            for _ in self._threads:
                self._jobs.put(None)
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _start(self) -> None:
        if len(self._threads) == self.size and not self._closed:
            return
        with self._lock:
            if self._closed:
                raise Full(self.name)
            while len(self._threads) < self.size:
                thread = threading.Thread(target=self._work, name=f"{self.name}-{len(self._threads)}", daemon=True)
                self._threads.append(thread)
                thread.start()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            function, arguments, future = job
            if future.cancelled():
                continue
            try:
                close_old_connections()
                result, error = function(*arguments), None
            except BaseException as raised:
                result, error = None, raised
            if not self.idle:
                connections.close_all()
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                future.get_loop().call_soon_threadsafe(_settle, future, result, error)
            del job, function, arguments, future, result, error
        connections.close_all()


def _settle(future: "asyncio.Future[Any]", result: Any, error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
