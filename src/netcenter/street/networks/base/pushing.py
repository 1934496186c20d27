"""Webhooks: packed and signed as the network does it, delivered through the weather, tried again, at times lost."""

from __future__ import annotations

import http.client
import json
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from netcenter.street.networks.base.weather import Weather

Sign = Callable[[bytes], Mapping[str, str]]
Pack = Callable[[list[Any]], bytes]
TIMEOUT = 10.0


def _json(items: list[Any]) -> bytes:
    return json.dumps(items[0] if len(items) == 1 else items, separators=(",", ":")).encode()


@dataclass
class Hook:
    """Where webhooks go: an address, or a function that is handed the push and returns a status."""

    to: str | Callable[[Push], int]
    sign: Sign = lambda body: {}
    pack: Pack = _json
    batch: int = 1  # so many items in one body at most
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})


@dataclass
class Push:
    """One webhook on its way."""

    body: bytes
    headers: dict[str, str]
    tries: int = 0


class Pusher:
    """Delivers what the network tells, when `deliver` is called or, once started, by itself."""

    def __init__(self, now: Callable[[], float], weather: Weather, most_tries: int = 5) -> None:
        self.hook: Hook | None = None
        self.most_tries = most_tries
        self.dropped = self.repeated = self.shuffled = self.delivered = self.given_up = 0
        self._now, self._weather = now, weather
        self._waiting: deque[Any] = deque()  # items that are not packed yet
        self._packed: deque[Push] = deque()
        self._lock, self._more, self._delivering = threading.Lock(), threading.Event(), threading.Lock()
        self._thread: threading.Thread | None = None
        self._stops = False

    def push(self, item: Any) -> None:
        """Have it told; the weather may drop it, repeat it, or let others pass before it."""
        with self._lock:
            if self._weather.strikes(self._weather.dropped):
                self.dropped += 1
                return
            late = self._weather.strikes(self._weather.shuffled) and len(self._waiting) > 0
            place = self._weather.chance.randrange(len(self._waiting)) if late else len(self._waiting)
            self._waiting.insert(place, item)
            self.shuffled += late
            if self._weather.strikes(self._weather.repeated):
                self._waiting.append(item)
                self.repeated += 1
        self._more.set()

    def waiting(self) -> int:
        with self._lock:
            return len(self._waiting) + len(self._packed)

    def deliver(self) -> int:
        """Try once to deliver all that waits; how many were taken. Nothing moves in an outage."""
        with self._delivering:
            if self.hook is None or self._weather.is_out(self._now()):
                return 0
            self._pack(self.hook)
            taken, again = 0, deque[Push]()
            while self._packed:
                push = self._packed.popleft()
                push.tries += 1
                if 200 <= self._hand_over(push, self.hook) < 300:
                    taken += 1
                elif push.tries < self.most_tries:
                    again.append(push)
                else:
                    self.given_up += 1
            self._packed.extend(again)
            self.delivered += taken
            return taken

    def start(self, pause: float = 0.5) -> None:
        """Deliver from now on; what was not taken is tried again after the pause (seconds)."""
        self._stops = False
        self._thread = threading.Thread(target=self._run, args=(pause,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stops = True
        self._more.set()
        if self._thread:
            self._thread.join(TIMEOUT)
            self._thread = None

    def _run(self, pause: float) -> None:
        while not self._stops:
            self._more.wait(pause)
            self._more.clear()
            self.deliver()

    def _pack(self, hook: Hook) -> None:
        with self._lock:
            while self._waiting:
                items = [self._waiting.popleft() for _n in range(min(hook.batch, len(self._waiting)))]
                body = hook.pack(items)
                self._packed.append(Push(body, {**hook.headers, **hook.sign(body)}))

    def _hand_over(self, push: Push, hook: Hook) -> int:
        """The status it got; 0 when nobody answered."""
        if callable(hook.to):
            return hook.to(push)
        try:
            return call("POST", hook.to, push.headers, push.body)[0]
        except OSError:
            return 0


def call(method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> tuple[int, bytes]:
    """What a network asks of us: status and body. Raises OSError."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    line = kind(parts.hostname or "", parts.port, timeout=TIMEOUT)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        line.request(method, path, body or None, dict(headers or {}))
        answer = line.getresponse()
        return answer.status, answer.read()
    except http.client.HTTPException as error:
        raise OSError(str(error)) from error
    finally:
        line.close()
