"""Waking loops and screens when something was committed, in this process and, on PostgreSQL, in every other.

A wake-up carries a topic and nothing else: whoever wakes reads the database. Lost or doubled wake-ups are
harmless, since every loop also looks by itself now and then.
"""

import atexit
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import connection, transaction

from netcenter.lib.engines import engine

log = logging.getLogger(__name__)

BREATH = 0.02  # seconds between two words to other processes: what is said meanwhile goes out together

_lock = threading.Lock()
_listeners: dict[str, set[Callable[[str], None]]] = defaultdict(set)
_ear: threading.Thread | None = None


def wake(*topics: str) -> None:
    """After the running transaction commits (at once if there is none), wake those who listen to the topics."""
    for _savepoints, hook, _robust in connection.run_on_commit:  # type: ignore[misc]
        if isinstance(hook, _Wake):  # a verb of many events wakes once; should its savepoint fail, once too often
            hook.topics.update(dict.fromkeys(topics))
            return
    transaction.on_commit(_Wake(dict.fromkeys(topics)))


@dataclass(slots=True)
class _Wake:
    """What a transaction does once it is committed: ours first, who need not wait for a word to other processes."""

    topics: dict[str, None]

    def __call__(self) -> None:
        for topic in self.topics:
            hear(topic)
        if engine().hears_others:
            tell(*self.topics)


def hear(topic: str) -> None:
    """Wake this process's listeners of the topic ("events:123" wakes those of "events")."""
    with _lock:
        listeners = list(_listeners.get(topic.partition(":")[0], ()))
    for listener in listeners:
        try:
            listener(topic)
        except Exception:
            log.exception("a listener of %s failed", topic)


def listen(topic: str, listener: Callable[[str], None]) -> Callable[[], None]:
    """Call `listener(topic)` on each wake-up, from any thread; returns the function that ends it."""
    _start_ear()
    with _lock:
        _listeners[topic].add(listener)

    def stop() -> None:
        with _lock:
            _listeners[topic].discard(listener)

    return stop


def _start_ear() -> None:
    """On an engine with processes beside ours, one thread a process hears what they tell."""
    global _ear  # noqa: PLW0603
    with _lock:
        if _ear is None and engine().hears_others:
            _ear = threading.Thread(target=engine().listen, args=(hear,), name="ear", daemon=True)
            _ear.start()


# --- To other processes -----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Mouth:
    """Carries words to the other processes, many at once: those who tell at the same time commit one by one."""

    words: dict[str, None] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    bell: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None
    is_telling: bool = False

    def say(self, words: tuple[str, ...]) -> None:
        with self.lock:
            self.words.update(dict.fromkeys(words))
            if self.thread is None:
                self.thread = threading.Thread(target=self.run, name="mouth", daemon=True)
                self.thread.start()
                atexit.register(self.finish)
        self.bell.set()

    def run(self) -> None:
        while self.bell.wait():
            self.bell.clear()
            with self.lock:
                words, self.words, self.is_telling = list(self.words), {}, True
            try:
                if words:
                    engine().notify(words)
            except Exception:
                log.warning("other processes could not be woken", exc_info=True)
                connection.close()
            self.is_telling = False
            time.sleep(BREATH)

    def finish(self) -> None:
        """The process ends: the last words still go out, if they can within a second."""
        deadline = time.monotonic() + 1.0
        while (self.words or self.is_telling) and time.monotonic() < deadline:
            time.sleep(0.005)


_mouth = _Mouth()


def tell(*words: str) -> None:
    """Tell the other processes, soon, without waiting for the database. The same word twice may be told once."""
    _mouth.say(words)
