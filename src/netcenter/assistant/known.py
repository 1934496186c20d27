"""For which brands it is switched on, remembered: where nobody uses it, no page and no answer asks the database."""

import threading
import time
from dataclasses import dataclass

from netcenter.assistant.models import Assistant
from netcenter.lib import wakeup

REMEMBERED = 20.0  # seconds at the most; a change wakes the topic "assistant" and is seen at once


@dataclass(frozen=True, slots=True)
class Known:
    """`is_set_up` stays when it is switched off: drafts may still be on their way to being sent."""

    is_set_up: bool = False
    brands: frozenset[int] = frozenset()


class _Memory:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known = Known()
        self._read_at = -1e9
        self._listening = False

    def get(self) -> Known:
        with self._lock:
            if not self._listening:
                wakeup.listen("assistant", lambda _topic: self.forget())
                self._listening = True
            if time.monotonic() - self._read_at > REMEMBERED:
                self._read_at = time.monotonic()
                rows = list(Assistant.objects.exclude(base_url="").values_list("brands", flat=True))
                self._known = Known(bool(rows), frozenset(brand for brand in rows if brand is not None))
            return self._known

    def forget(self) -> None:
        self._read_at = -1e9


MEMORY = _Memory()
