"""Updates: they wait for a day until somebody took them. https://core.telegram.org/bots/api#getting-updates"""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from netcenter.street.networks.base import Hook, Push, Pusher, Weather, call

DAY = 86400.0
USUAL = (  # what is told to who asks for nothing in particular: no reactions
    "message", "edited_message", "channel_post", "edited_channel_post", "business_connection", "business_message",
    "edited_business_message", "deleted_business_messages", "callback_query", "my_chat_member",
)  # fmt: skip


class Updates(Pusher):
    """A webhook that fails is called again: nothing is lost unless it stays unreachable for a day.

    In this weather "dropped" is a call that never arrives, "shuffled" one that comes after the next.
    """

    def __init__(self, now: Callable[[], float], weather: Weather, obey: Callable[[dict[str, Any]], None]) -> None:
        super().__init__(now, weather)
        self.pending: list[tuple[float, dict[str, Any]]] = []
        self.allowed: tuple[str, ...] = USUAL
        self.next_id = 865_000_001
        self.trouble: tuple[int, str] = (0, "")
        self._obey = obey  # what a webhook answers may be a call

    def push(self, item: dict[str, Any]) -> None:
        if not set(item) & set(self.allowed):
            return
        with self._lock:
            self.pending.append((self._now(), {"update_id": self.next_id, **deepcopy(item)}))
            self.next_id += 1
        self._more.set()

    def waiting(self) -> int:
        return len(self._alive())

    def asked(self, offset: int, limit: int) -> list[dict[str, Any]]:
        """As getUpdates: what comes before the offset is confirmed and forgotten."""
        self._alive()
        with self._lock:
            if offset > 0:
                self.pending = [(at, one) for at, one in self.pending if one["update_id"] >= offset]
            elif offset < 0:
                self.pending = self.pending[offset:]
            return [one for _at, one in self.pending[:limit]]

    def deliver(self) -> int:
        """Push what waits, each until it is taken; how many were."""
        with self._delivering:
            hook = self.hook
            if hook is None or self._weather.is_out(self._now()):
                return 0
            taken, waiting = 0, self._alive()
            while waiting:
                late = len(waiting) > 1 and self._weather.strikes(self._weather.shuffled)
                taken += self._tell(hook, waiting.pop(1 if late else 0))
            self.delivered += taken
            return taken

    def _tell(self, hook: Hook, update: dict[str, Any]) -> bool:
        if self._weather.strikes(self._weather.dropped):
            self.dropped += 1
            return False
        body = json.dumps(update, ensure_ascii=False, separators=(",", ":")).encode()
        push = Push(body, {**hook.headers, **hook.sign(body)}, 1)
        for _time in range(2 if self._weather.strikes(self._weather.repeated) else 1):
            status, answer = self._answered(push, hook)
        if not 200 <= status < 300:
            self.trouble = (int(self._now()), f"Wrong response from the webhook: {status}")
            return False
        with self._lock:
            self.pending = [(at, one) for at, one in self.pending if one["update_id"] != update["update_id"]]
        if answer.startswith(b"{"):
            self._obey(json.loads(answer))
        return True

    def _answered(self, push: Push, hook: Hook) -> tuple[int, bytes]:
        if callable(hook.to):
            told: Any = hook.to(push)
            return told if isinstance(told, tuple) else (told, b"")
        try:
            return call("POST", hook.to, push.headers, push.body)
        except OSError:
            return 0, b""

    def _alive(self) -> list[dict[str, Any]]:
        with self._lock:
            kept = [(at, one) for at, one in self.pending if self._now() - at < DAY]
            self.given_up += len(self.pending) - len(kept)
            self.pending = kept
            return [one for _at, one in kept]
