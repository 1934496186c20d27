"""Who may call, what for, and how often."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Token:
    """A credential. `of`: whose (a page, an app, a person)."""

    value: str
    rights: set[str] = field(default_factory=set)
    of: str = ""
    expires_at: float | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    is_revoked: bool = False

    def is_good(self, now: float) -> bool:
        return not self.is_revoked and (self.expires_at is None or now < self.expires_at)


class Tokens:
    """All that were ever issued: one that has expired is still known, so the network can say so."""

    def __init__(self) -> None:
        self._known: dict[str, Token] = {}

    def issue(self, value: str, *rights: str, of: str = "", expires_at: float | None = None, **facts: Any) -> Token:
        token = self._known[value] = Token(value, set(rights), of, expires_at, facts)
        return token

    def get(self, value: str) -> Token | None:
        return self._known.get(value)

    def values(self) -> list[str]:
        return list(self._known)

    def expire(self, value: str, at: float = 0.0) -> None:
        self._known[value].expires_at = at

    def revoke(self, value: str) -> None:
        self._known[value].is_revoked = True


@dataclass(frozen=True)
class Rate:
    """At most so many in any stretch of so many seconds."""

    most: int
    seconds: float


@dataclass(frozen=True)
class Left:
    """What a window still holds. `resets_at`: when there is more; `is_over`: this one was too many."""

    bucket: str
    rate: Rate
    left: int
    resets_at: float
    is_over: bool = False


class Limits:
    """Sliding windows, one for each bucket and caller. What is refused is not counted."""

    def __init__(self, rates: Mapping[str, Rate], now: Callable[[], float]) -> None:
        self.rates = dict(rates)
        self.earned = 0  # calls that were too many: a well-behaved caller earns none
        self._now = now
        self._calls: dict[tuple[str, str], deque[float]] = {}
        self._lock = threading.Lock()

    def spend(self, bucket: str, caller: str, cost: int = 1) -> Left:
        with self._lock:
            rate, now = self.rates[bucket], self._now()
            calls = self._calls.setdefault((bucket, caller), deque())
            while calls and calls[0] <= now - rate.seconds:
                calls.popleft()
            is_over = len(calls) + cost > rate.most
            if is_over:
                self.earned += 1
            else:
                calls.extend([now] * cost)
            resets_at = (calls[0] if calls else now) + rate.seconds
            return Left(bucket, rate, max(0, rate.most - len(calls)), resets_at, is_over)
