"""The door for what networks push: `/hooks/<account>`, bare ASGI, durable before the 200 (laws 1 and 7)."""

import asyncio
import hashlib
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from django.conf import settings

from netcenter.accounts.queries import connection_by_key
from netcenter.channels.contract import Answer, Channel, Connection, Raw, Request
from netcenter.channels.registry import channels
from netcenter.intake.commit import GroupCommit
from netcenter.lib import clock, wakeup
from netcenter.lib.asgi import CLOSE, TEXT, Gone, Header, Message, Receive, Scope, Send, answer
from netcenter.lib.threads import Full, Pool

log = logging.getLogger(__name__)

LIMIT = 5 * 2**20  # bytes of one body
HELD = 256 * 2**20  # bytes of all bodies that are being received
SECONDS = 30.0  # for the whole body: whoever sends slower is let go
LOOK_SECONDS = 1.0  # how often that is looked at
METHODS = ("POST", "GET", "HEAD", "PUT")
FRESH = 30.0  # seconds for which an account is believed without looking; a wake-up ends it earlier
FRESH_UNKNOWN = 3.0
MOST = 10_000  # addresses remembered: a stranger who tries many must not fill the memory
MOST_HEADERS = 40  # kept with a delivery
_KEY = re.compile(r"/hooks/([A-Za-z0-9_-]{1,40})/?")
_SECRET = re.compile(r"sign|token|secret|auth|key|cookie|password")


class Refusal(Exception):
    """An answer that ends the request before a channel sees it."""

    def __init__(self, status: int, words: bytes, *headers: Header) -> None:
        super().__init__(words.decode())
        self.status = status
        self.words = words
        self.headers = headers


def busy() -> Refusal:
    """Nothing was stored; networks send again."""
    return Refusal(503, b"not stored, send it again", (b"retry-after", b"5"))


@dataclass(frozen=True, slots=True)
class Entrance:
    """An account as the door knows it. `channel` is None for an address that nobody has."""

    account_id: int
    channel: Channel | None
    connection: Connection | None
    enabled: bool
    until: float


class Patience:
    """Ends requests whose bodies take too long: one look at all of them now and then is cheaper than a timer each."""

    def __init__(self) -> None:
        self._since: dict[asyncio.Task[Any], float] = {}
        self._over: set[asyncio.Task[Any]] = set()
        self._looks = False

    @contextmanager
    def within(self) -> Iterator[None]:
        """Raises Refusal in here when `SECONDS` have passed, at most a second later."""
        loop, task = asyncio.get_running_loop(), cast("asyncio.Task[Any]", asyncio.current_task())
        self._since[task] = loop.time()
        if not self._looks:
            self._looks = True
            loop.call_later(LOOK_SECONDS, self._look, loop)
        try:
            yield
        except asyncio.CancelledError as cancelled:
            if task not in self._over:
                raise
            task.uncancel()
            raise Refusal(408, b"too slow") from cancelled
        finally:
            del self._since[task]
            self._over.discard(task)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        late = loop.time() - SECONDS
        for task in [t for t, since in self._since.items() if since <= late and t not in self._over]:
            self._over.add(task)
            task.cancel()
        self._looks = bool(self._since)
        if self._looks:
            loop.call_later(LOOK_SECONDS, self._look, loop)


class Door:
    """Looks the account up in memory, lets its channel judge the request, stores, answers."""

    def __init__(self) -> None:
        self.commit = GroupCommit()
        self._entrances: dict[str, Entrance] = {}
        self._looking: dict[str, asyncio.Task[Entrance]] = {}
        self._pool = Pool("door", 1, limit=200)
        self._patience = Patience()
        self._held = 0
        self._changes = 0
        self._deaf: Callable[[], None] | None = None

    def start(self) -> None:
        """Begin to hear of changed accounts."""
        channels()  # imported now, not while the first delivery waits
        self.commit.start()
        self._deaf = wakeup.listen("accounts", self._forget)

    def stop(self) -> None:
        """Store what waits and end the threads; call it from a thread that may block."""
        if self._deaf:
            self._deaf()
        self.commit.stop()
        self._pool.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            said = await self._serve(scope, receive)
        except Gone:
            return
        except Refusal as refusal:
            last = (CLOSE,) if refusal.status in (408, 413) else ()
            await answer(send, refusal.status, refusal.words, TEXT, *refusal.headers, *last)
            return
        kind = (b"content-type", said.content_type.encode())
        await answer(send, said.status, said.body, kind, head=scope["method"] == "HEAD")

    async def _serve(self, scope: Scope, receive: Receive) -> Answer:
        match = _KEY.fullmatch(scope["path"])
        if not match:
            raise Refusal(404, b"no such account")
        if scope["method"] not in METHODS:
            raise Refusal(405, b"method not allowed", (b"allow", ", ".join(METHODS).encode()))
        entrance = await self._entrance(match[1])
        if entrance.channel is None or entrance.connection is None:
            raise Refusal(404, b"no such account")
        if not entrance.enabled:
            raise Refusal(410, b"this account is disconnected")
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        body = await self._body(headers, receive)
        query = scope["query_string"].decode("latin-1")
        url = f"{settings.PUBLIC_URL}{scope['path']}{query and f'?{query}'}"
        request = Request(scope["method"], headers, query, body, url, clock.now().timestamp())
        return await self._judge(entrance.channel, entrance.connection, entrance.account_id, request)

    async def _judge(self, channel: Channel, connection: Connection, account_id: int, request: Request) -> Answer:
        try:
            said = channel.verify(request, connection)
        except Exception as error:
            log.exception("channel %s failed to judge a request", channel.kind)
            raise busy() from error
        if said.store:
            dedupe = said.dedupe or hashlib.sha256(request.body).hexdigest()
            raw = Raw(request.body, dedupe, {**_meta(request.headers), **said.meta})
            try:
                await self.commit.put(account_id, raw, clock.now())
            except Exception as error:
                raise busy() from error  # the writer has told the log
        return said

    # --- the body --------------------------------------------------------------------------------

    async def _body(self, headers: dict[str, str], receive: Receive) -> bytes:
        """The whole body, bounded in size and time. Raises Gone, Refusal."""
        length = headers.get("content-length", "")
        if length == "0":
            return b""
        if length.isdigit() and int(length) > LIMIT:
            raise Refusal(413, b"too large")
        with self._patience.within():
            message = await _message(receive)
            if message.get("more_body"):
                return await self._gather(message.get("body", b""), receive)
        body: bytes = message.get("body", b"")
        if len(body) > LIMIT:
            raise Refusal(413, b"too large")
        return body

    async def _gather(self, first: bytes, receive: Receive) -> bytes:
        body = bytearray()
        chunk, more = first, True
        try:
            while True:
                body += chunk
                self._held += len(chunk)
                if len(body) > LIMIT:
                    raise Refusal(413, b"too large")
                if self._held > HELD:
                    raise busy()
                if not more:
                    return bytes(body)
                message = await _message(receive)
                chunk, more = message.get("body", b""), message.get("more_body", False)
        finally:
            self._held -= len(body)

    # --- accounts --------------------------------------------------------------------------------

    def _forget(self, _topic: str) -> None:
        self._changes += 1  # a look that is under way may have read what was before
        self._entrances.clear()

    async def _entrance(self, key: str) -> Entrance:
        known = self._entrances.get(key)
        if known and known.until > time.monotonic():
            return known
        looking = self._looking.get(key)
        if looking is None:
            looking = self._looking[key] = asyncio.ensure_future(self._look(key))
            looking.add_done_callback(lambda task: self._looked(key, task))
        if known and known.channel:
            return known  # a little old; the look that has begun will tell the next
        try:
            return await asyncio.shield(looking)
        except Exception as error:
            raise busy() from error

    async def _look(self, key: str) -> Entrance:
        changes = self._changes
        entrance = await self._pool.run(_load, key)
        if len(self._entrances) >= MOST:
            self._entrances.clear()
        if changes == self._changes:
            self._entrances[key] = entrance
        return entrance

    def _looked(self, key: str, look: "asyncio.Task[Entrance]") -> None:
        self._looking.pop(key, None)
        error = None if look.cancelled() else look.exception()
        if error and not isinstance(error, Full):
            log.error("could not look up the account %s", key, exc_info=error)


async def _message(receive: Receive) -> Message:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Gone
    return message


def _load(key: str) -> Entrance:
    found = connection_by_key(key)
    if found is None:
        return Entrance(0, None, None, False, time.monotonic() + FRESH_UNKNOWN)
    account, connection = found
    channel = channels().get(account.channel)
    if channel is None or not channel.pushes:
        return Entrance(0, None, None, False, time.monotonic() + FRESH_UNKNOWN)
    return Entrance(account.pk, channel, connection, account.enabled, time.monotonic() + FRESH)


def _meta(headers: Mapping[str, str]) -> dict[str, Any]:
    """What is needed to read the body again one day: its type and the network's own headers, without secrets."""
    kept: dict[str, Any] = {"content-type": headers.get("content-type", "")[:500]}
    for name, value in headers.items():
        if len(kept) < MOST_HEADERS and _is_kept(name):
            kept[name] = value[:500]
    return {"headers": kept}


@lru_cache(1000)
def _is_kept(name: str) -> bool:
    return name.startswith("x-") and not _SECRET.search(name)
