"""The network's own record: what customers said and when, what became of it, and what the company answered."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Told:
    """What a customer said."""

    id: str
    author: str
    thread: str
    text: str
    at: float
    facts: dict[str, Any] = field(default_factory=dict)
    edits: list[tuple[float, str]] = field(default_factory=list)  # when, and the words before
    deleted_at: float | None = None
    hidden_at: float | None = None


@dataclass
class Replied:
    """What the company said. `key`: its own mark, where the network takes one."""

    id: str
    thread: str
    text: str
    at: float
    key: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    edits: list[tuple[float, str]] = field(default_factory=list)
    deleted_at: float | None = None
    hidden_at: float | None = None


class Truth:
    """Everything that was said on this network, in order."""

    def __init__(self, now: Callable[[], float], prefix: str = "") -> None:
        self.told: dict[str, Told] = {}
        self.answers: dict[str, Replied] = {}
        self._by_key: dict[str, Replied] = {}
        self._now, self._prefix, self._numbers = now, prefix, itertools.count(1)

    def name(self) -> str:
        """A new id."""
        return f"{self._prefix}{next(self._numbers)}"

    def said(self, author: str, thread: str, text: str, id: str = "", at: float | None = None, **facts: Any) -> Told:
        """A customer says something."""
        one = Told(id or self.name(), author, thread, text, self._now() if at is None else at, facts)
        self.told[one.id] = one
        return one

    def replied(self, thread: str, text: str, key: str = "", id: str = "", **facts: Any) -> Replied:
        """The company says something. The same key again is the same reply."""
        if key in self._by_key:
            return self._by_key[key]
        one = Replied(id or self.name(), thread, text, self._now(), key, facts)
        self.answers[one.id] = one
        if key:
            self._by_key[key] = one
        return one

    def get(self, id: str) -> Told | Replied | None:
        """Whoever said it; also what is deleted."""
        return self.told.get(id) or self.answers.get(id)

    def edit(self, id: str, text: str) -> None:
        one = self._known(id)
        one.edits.append((self._now(), one.text))
        one.text = text

    def delete(self, id: str) -> None:
        one = self._known(id)
        one.deleted_at = one.deleted_at or self._now()

    def take_back(self, thread: str) -> None:
        """The company's last reply there is gone."""
        self.delete(list(self.replies(thread))[-1].id)

    def hide(self, id: str, hidden: bool = True) -> None:
        self._known(id).hidden_at = self._now() if hidden else None

    def replies(self, thread: str = "") -> Iterator[Replied]:
        return (one for one in self.answers.values() if not thread or one.thread == thread)

    def doubles(self) -> list[tuple[str, str]]:
        """Thread and key (or words) of what the company said more than once: law 4 wants none."""
        times = Counter((one.thread, one.key or one.text) for one in self.replies())
        return [what for what, n in times.items() if n > 1]

    def _known(self, id: str) -> Told | Replied:
        if (one := self.get(id)) is None:
            raise KeyError(id)
        return one
