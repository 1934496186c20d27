"""Who is connected hears what concerns them: topics, and the sockets and streams that follow them.

`hub.join(topics, hear)` in the event loop; `hub.publish(topics, frame)` from any thread. What is published reaches
this process. `hub.tell(…)` is for fleeting words that no table keeps ("Dana is typing…"): it reaches every process,
perhaps twice, perhaps never. Whoever tells chooses the topics: "person:3" is every screen of a person, "brand:2"
everybody who may see that brand, "thread:7" the customer's open windows of a thread.
"""

import asyncio
import json
import logging
import threading
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from netcenter.lib import wakeup
from netcenter.lib.engines import engine

log = logging.getLogger(__name__)

LONGEST = 7000  # bytes of a fleeting word: PostgreSQL carries 8000
Hear = Callable[["Frame"], None]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One thing to hear: `event` says what it is. `sse` is the same as a server-sent event, written once for all."""

    event: str
    data: Mapping[str, Any]
    id: str = ""
    sse: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        named = f"id: {self.id}\n" if self.id else ""
        written = f"{named}event: {self.event}\ndata: ".encode() + orjson.dumps(self.data) + b"\n\n"
        object.__setattr__(self, "sse", written)


@dataclass(slots=True, eq=False)
class _Member:
    hear: Hear
    loop: asyncio.AbstractEventLoop


class Hub:
    """One for each process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_topic: dict[str, set[_Member]] = defaultdict(set)
        self._me = uuid.uuid4().hex
        self._hears_others = False

    def join(self, topics: Iterable[str], hear: Hear) -> Callable[[], None]:
        """Call `hear(frame)` in the running event loop for each frame on the topics; it must not block.

        Returns the function that ends it.
        """
        self._hear_others()
        member, followed = _Member(hear, asyncio.get_running_loop()), tuple(topics)
        with self._lock:
            for topic in followed:
                self._by_topic[topic].add(member)

        def leave() -> None:
            with self._lock:
                for topic in followed:
                    if members := self._by_topic.get(topic):
                        members.discard(member)
                        if not members:
                            del self._by_topic[topic]

        return leave

    def audience(self, topics: Iterable[str]) -> int:
        """How many would hear, in this process."""
        with self._lock:
            return sum(len(self._by_topic.get(topic, ())) for topic in topics)

    def publish(self, topics: Iterable[str], frame: Frame) -> None:
        """Everybody in this process who follows one of the topics hears the frame once. From any thread."""
        with self._lock:
            members = set().union(*(self._by_topic.get(topic, ()) for topic in topics))
        for loop in {id(m.loop): m.loop for m in members}.values():
            try:
                loop.call_soon_threadsafe(_deliver, [m for m in members if m.loop is loop], frame)
            except RuntimeError:
                log.debug("a loop with listeners is closed")

    def tell(self, topics: Iterable[str], event: str, data: Mapping[str, Any]) -> None:
        """Say something fleeting to everybody in every process who follows one of the topics. From any thread.

        It never waits for the database: see `wakeup.tell`.
        """
        chosen = list(topics)
        self.publish(chosen, Frame(event, data))
        if engine().hears_others:
            word = json.dumps({"from": self._me, "topics": chosen, "event": event, "data": data})
            if len(word) > LONGEST:
                raise ValueError(f"too long for a fleeting word: {len(word)}")
            self._hear_others()
            wakeup.tell(f"hub:{word}")

    def _hear_others(self) -> None:
        with self._lock:
            if self._hears_others or not engine().hears_others:
                return
            self._hears_others = True
        wakeup.listen("hub", self._heard)

    def _heard(self, word: str) -> None:
        told = json.loads(word.partition(":")[2])
        if told["from"] != self._me:
            self.publish(told["topics"], Frame(told["event"], told["data"]))


def _deliver(members: Iterable[_Member], frame: Frame) -> None:
    for member in members:
        try:
            member.hear(frame)
        except Exception:
            log.exception("a listener failed to hear %s", frame.event)


hub = Hub()
