"""Whose turn it is to write."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

_mine = threading.local()


@contextmanager
def urgent() -> Iterator[None]:
    """What this thread writes meanwhile goes before what others wait to write: a ring is felt in milliseconds."""
    before, _mine.urgent = getattr(_mine, "urgent", False), True
    try:
        yield
    finally:
        _mine.urgent = before


class Turns:
    """A lock that is handed on in turn, the urgent first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = False
        self._urgent: deque[threading.Lock] = deque()
        self._others: deque[threading.Lock] = deque()

    def acquire(self, timeout: float) -> bool:
        """Wait for the turn; False when it did not come in time."""
        with self._lock:
            if not self._taken:
                self._taken = True
                return True
            queue = self._urgent if getattr(_mine, "urgent", False) else self._others
            bell = threading.Lock()
            bell.acquire()
            queue.append(bell)
        if bell.acquire(timeout=timeout):
            return True
        with self._lock:
            if bell in queue:
                queue.remove(bell)
                return False
        return True  # it came in the last moment

    def release(self) -> None:
        """Hand the turn on."""
        with self._lock:
            if queue := self._urgent or self._others:
                queue.popleft().release()
            else:
                self._taken = False
