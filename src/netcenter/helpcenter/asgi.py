"""The chat server: `/chat/<account>/ws`, bare ASGI. The frames are in channels/webchat/README.md."""

import asyncio
import logging
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from typing import Any

from netcenter.helpcenter import queries
from netcenter.helpcenter.queries import Place
from netcenter.helpcenter.rules import PER_ADDRESS, PER_VISITOR, Meter, network_of
from netcenter.helpcenter.visit import Over, Receive, Send, Visit
from netcenter.intake.commit import GroupCommit
from netcenter.lib import clock, wakeup
from netcenter.lib.threads import Pool

log = logging.getLogger(__name__)

MOST_SOCKETS = 10_000  # of this process
MOST_PER_ADDRESS = 200  # an office, a school or a telephone network may share one
MOST_PER_VISITOR = 20  # tabs
FRESH = 15.0  # seconds for which an account is believed without looking; a wake-up ends it earlier
MOST_PLACES = 5000
LOOK_EVERY = 5.0  # seconds between looks at who can answer
LOOK_BACK = 200  # events: one that was committed late has a lower id than its elders
_PATH = re.compile(r"/chat/([A-Za-z0-9_-]{1,40})/ws/?")

Scope = MutableMapping[str, Any]
Key = tuple[int, str]  # account, visitor


class Chat:
    """Everybody who is connected to this process, and what wakes them."""

    def __init__(self, commit: GroupCommit) -> None:
        self.commit = commit
        self.pool = Pool("chat", 4, limit=2000)
        self._visits: dict[Key, set[Visit]] = defaultdict(set)
        self._addresses: Counter[str] = Counter()
        self._places: dict[str, tuple[float, Place | None]] = {}
        self._statuses: dict[int, tuple[float, dict[str, Any]]] = {}
        self._per_visitor = Meter(PER_VISITOR)
        self._per_address = Meter(PER_ADDRESS)
        self._events: dict[int, None] = {}  # those heard lately, in order
        self._last_event = -1
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._deaf: list[Callable[[], None]] = []

    def start(self) -> None:
        """Begin to hear what is committed; the first socket does it if nobody did. Call it in the event loop."""
        if self._watcher is None:
            self._loop = asyncio.get_running_loop()
            self._deaf = [
                wakeup.listen("events", lambda _topic: self._soon(self._news.set)),
                wakeup.listen("accounts", lambda _topic: self._soon(self._places.clear)),
            ]
            self._watcher = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Hear no more. Sockets are closed by the server; what was acknowledged is stored. `commit` is its owner's."""
        for deaf in self._deaf:
            deaf()
        if self._watcher:
            self._watcher.cancel()
            with suppress(asyncio.CancelledError):
                await self._watcher
        self._watcher = None
        await asyncio.to_thread(self.pool.close)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket" or (await receive())["type"] != "websocket.connect":
            return
        self.start()
        await send({"type": "websocket.accept"})  # before judging: a refused handshake cannot say why
        address = network_of((scope.get("client") or ("?",))[0])
        self._addresses[address] += 1
        try:
            await self._serve(scope, address, receive, send)
        except Over as over:
            await _close(send, over)
        except Exception:
            log.exception("a chat socket failed")
            await _close(send, Over(1011, "internal"))
        finally:
            self._addresses[address] -= 1
            if not self._addresses[address]:
                del self._addresses[address]

    async def _serve(self, scope: Scope, address: str, receive: Receive, send: Send) -> None:
        if self._addresses.total() > MOST_SOCKETS or self._addresses[address] > MOST_PER_ADDRESS:
            raise Over(4503, "busy")
        match = _PATH.fullmatch(scope["path"])
        place = await self._place(match[1]) if match else None
        if place is None:
            raise Over(4404, "unknown_chat")
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        if not place.sites.allow(headers.get(b"origin", ""), own=headers.get(b"host", "")):
            raise Over(4403, "origin")
        visit = Visit(self, place, address, receive, send)
        await visit.greet()
        key = (place.account_id, visit.visitor)
        if len(self._visits.get(key, ())) >= MOST_PER_VISITOR:
            raise Over(4503, "busy")
        self._visits[key].add(visit)  # before the first look: what is committed after it rings the bell
        try:
            await visit.attend()
        finally:
            self._visits[key].discard(visit)
            if not self._visits[key]:
                del self._visits[key]
            visit.leave()

    async def _place(self, key: str) -> Place | None:
        until, place = self._places.get(key, (0.0, None))
        if until < self.now():
            place = await self.pool.run(queries.place, key)
            if len(self._places) >= MOST_PLACES:
                self._places.clear()
            self._places[key] = (self.now() + (FRESH if place else 2.0), place)
        return place

    # --- what visits ask --------------------------------------------------------------------------------------------

    @staticmethod
    def now() -> float:
        """Seconds for measuring pace; not the clock of the world."""
        return time.monotonic()

    def pace(self, visitor: str, address: str) -> float:
        """Seconds to wait before this visitor may say one more thing; 0: now."""
        return self._per_address.take(address, self.now()) or self._per_visitor.take(visitor, self.now())

    async def status(self, brand_id: int, anew: bool = False) -> dict[str, Any]:
        """Whether somebody can answer, at most some seconds old."""
        until, known = self._statuses.get(brand_id, (0.0, {}))
        if anew or until < self.now():
            found = await self.pool.run(queries.status_of, brand_id, clock.now())
            known = {"state": found.state, "opens_at": found.opens_at.isoformat() if found.opens_at else None}
            self._statuses[brand_id] = (self.now() + LOOK_EVERY, known)
        return known

    # --- what wakes them --------------------------------------------------------------------------------------------

    def _soon(self, call: Callable[..., Any], *arguments: Any) -> None:
        """From any thread, in the event loop."""
        if self._loop is not None and not self._loop.is_closed():
            with suppress(RuntimeError):  # it is closing
                self._loop.call_soon_threadsafe(call, *arguments)

    async def _watch(self) -> None:
        """Ring at those whose conversation moved, as soon as it is committed; and now and then look who can answer."""
        look_at = self.now() + LOOK_EVERY
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.05, look_at - self.now())):
                    await self._news.wait()
            self._news.clear()
            try:
                await self._hear()
                if self.now() >= look_at:
                    look_at = self.now() + LOOK_EVERY
                    await self._look()
            except asyncio.CancelledError:
                raise
            except Exception:
                log.exception("the chat could not look for news; looking again in a second")
                await asyncio.sleep(1)

    async def _hear(self) -> None:
        if self._last_event < 0:
            self._last_event = await self.pool.run(queries.last_event)
        if not self._visits:
            self._last_event = -1
            return
        accounts = {account for account, _ in self._visits}
        after = self._last_event - LOOK_BACK
        seen, moved = await self.pool.run(queries.news, after, accounts, set(self._events))
        self._last_event = max([self._last_event, *seen])
        self._events.update(dict.fromkeys(seen))
        for old in list(self._events)[: -4 * LOOK_BACK]:
            del self._events[old]
        for key in moved:
            for visit in self._visits.get(key, ()):
                visit.stale = True
                visit.ring()

    async def _look(self) -> None:
        for brand_id in {visit.place.brand_id for visits in self._visits.values() for visit in visits}:
            before = self._statuses.get(brand_id, (0.0, None))[1]
            now = await self.status(brand_id, anew=True)
            if now != before:
                for visits in self._visits.values():
                    for visit in visits:
                        if visit.place.brand_id == brand_id:
                            visit.status = now
                            visit.ring()


async def _close(send: Send, over: Over) -> None:
    if not over.code:
        return  # they left
    with suppress(Exception):  # or they left just now
        if over.error:
            frame = f'{{"type":"error","code":"{over.error}","final":{"true" if over.code < 4408 else "false"}}}'
            await send({"type": "websocket.send", "text": frame})
        await send({"type": "websocket.close", "code": over.code})
