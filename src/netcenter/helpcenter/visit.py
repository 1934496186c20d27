"""One open tab of one visitor: what it says is stored before it is acknowledged, what is said to it is read back."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import orjson

from netcenter.channels.contract import Raw
from netcenter.channels.webchat import wire
from netcenter.helpcenter import frames, queries
from netcenter.helpcenter.actions import proven
from netcenter.helpcenter.frames import BadFrame
from netcenter.helpcenter.queries import Place, Talk
from netcenter.helpcenter.rules import FRAMES, Meter
from netcenter.lib import clock
from netcenter.lib.hub import Frame, hub
from netcenter.lib.refused import Refused

if TYPE_CHECKING:
    from netcenter.helpcenter.asgi import Chat

log = logging.getLogger(__name__)

HELLO_SECONDS = 15.0
IDLE_SECONDS = 100.0  # a widget pings every 25 s
RETRY_MS = 3000
MOST_BAD = 50  # frames that could not be taken, after which the socket is closed
TYPING_EVERY = 1.0

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


LEFT = 0  # they left; there is nobody to close


class Over(Exception):
    """This socket is to be closed with a code."""

    def __init__(self, code: int, error: str = "") -> None:
        super().__init__(error)
        self.code = code
        self.error = error


class Visit:
    """Reads frames in one task and follows the conversation in another; neither queues anything without bound.

    What happened elsewhere only sets flags (`stale`, `typing`, `status`); the follower looks up what is true now. So a
    slow or silent client costs the same memory as a fast one, and nothing is shown that is not in the database.
    """

    __slots__ = (
        "_bad", "_bell", "_chat", "_frames", "_known", "_leave", "_read_done", "_read_up_to", "_receive", "_send",
        "_typed_at", "address", "holder_id", "language", "operator", "place", "since", "stale", "status", "thread_id",
        "typing", "visitor",
    )  # fmt: skip

    def __init__(self, chat: "Chat", place: Place, address: str, receive: Receive, send: Send) -> None:
        self._chat, self.place, self.address, self._receive, self._send = chat, place, address, receive, send
        self._bell = asyncio.Event()
        self._frames = Meter(FRAMES, 1)
        self._known: dict[int, int] = {}  # message id -> hash of what was shown of it
        self._bad = self._read_up_to = self._read_done = self.thread_id = self.holder_id = self.since = 0
        self._typed_at = 0.0
        self._leave: Callable[[], None] | None = None
        self.visitor = self.language = ""
        self.operator: str | None = None
        self.stale = False
        self.status: dict[str, Any] | None = None
        self.typing: dict[str, Any] | None = None

    def ring(self) -> None:
        """A flag was set; call it in the event loop."""
        self._bell.set()

    async def greet(self) -> None:
        """Wait for the hello. Raises Over."""
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                while True:
                    frame = await self._next()
                    if isinstance(frame, frames.Hello):
                        break
                    if frame is not None:
                        await self._refuse("hello_first", detail="the first frame is 'hello'")
        except TimeoutError as error:
            raise Over(4408, "hello_first") from error
        self.visitor = wire.visitor_hash(self.place.key, frame.token)
        self.language, self.since = frame.language, frame.since

    async def attend(self) -> None:
        """Welcome the visitor, then serve them until they leave. Raises Over."""
        found = await self._chat.pool.run(queries.talk, self.place.account_id, self.place.key, self.visitor, self.since)
        self._take(found)
        status = await self._chat.status(self.place.brand_id)
        await self._tell(
            type="welcome", messages=found.messages, more=found.more, operator=found.operator, status=status
        )
        follower = asyncio.create_task(self._follow())
        try:
            while True:
                async with asyncio.timeout(IDLE_SECONDS):
                    frame = await self._next()
                if frame is not None:
                    await self._serve(frame)
        except TimeoutError as error:
            raise Over(4408, "silent") from error
        finally:
            follower.cancel()
            with suppress(asyncio.CancelledError):
                await follower

    # --- what the visitor does ------------------------------------------------------------------------------------

    async def _next(self) -> frames.Frame | None:
        """The next frame, or None when it was refused. Raises Over."""
        message = await self._receive()
        if message["type"] != "websocket.receive":
            raise Over(LEFT)
        try:
            frame = frames.read(message.get("text"), message.get("bytes"))
        except BadFrame as error:
            await self._refuse(error.code, error.cid, detail=str(error))
            return None
        if wait := self._frames.take("", self._chat.now()):
            await self._refuse("slow", getattr(frame, "cid", ""), retry_ms=_ms(wait))
            return None
        return frame

    async def _refuse(self, code: str, cid: str = "", **more: Any) -> None:
        self._bad += 1
        if self._bad > MOST_BAD:
            raise Over(4429, "too_many_errors")
        await self._tell(type="error", code=code, **({"cid": cid} if cid else {}), **more)

    async def _serve(self, frame: frames.Frame) -> None:
        try:
            match frame:
                case frames.Say() | frames.About():
                    await self._keep(frame)
                case frames.Typing():
                    self._pass_on_typing(frame)
                case frames.Read():
                    self._read_up_to = max(self._read_up_to, frame.up_to)
                    self.ring()
                case frames.More():
                    older = await self._chat.pool.run(
                        queries.talk, self.place.account_id, self.place.key, self.visitor, 0, frame.before
                    )
                    await self._tell(type="older", messages=older.messages, more=older.more)
                case frames.Ping():
                    await self._tell(type="pong")
                    self.stale = True  # whatever wake-up may have been lost, once in a while we look
                    self.ring()
                case frames.Hello():
                    await self._refuse("hello_twice", detail="this socket has been greeted")
        except Over:
            raise
        except Exception:
            log.exception("a frame of a chat could not be served")
            await self._tell(type="error", code="internal", cid=getattr(frame, "cid", ""), retry_ms=RETRY_MS)

    async def _keep(self, frame: frames.Say | frames.About) -> None:
        """Store what was said, then acknowledge it; the widget sends it again until then."""
        wait = self._chat.pace(self.visitor, self.address)
        if wait:
            await self._tell(type="error", code="slow", cid=frame.cid, retry_ms=_ms(wait))
            return
        try:
            raw = self._raw(frame)
        except Refused as refused:
            await self._refuse(refused.code, frame.cid, detail=refused.message)
            return
        try:
            await self._chat.commit.put(self.place.account_id, raw, clock.now())
        except Exception:
            log.exception("a chat message could not be stored; the widget is told to send it again")
            await self._tell(type="error", code="not_stored", cid=frame.cid, retry_ms=RETRY_MS)
            return
        await self._tell(type="ack", cid=frame.cid)

    def _raw(self, frame: frames.Say | frames.About) -> Raw:
        visitor = wire.Visitor(self.visitor, frame.name, frame.email, self.language)
        if isinstance(frame, frames.About):
            return wire.introduced(visitor, frame.cid, clock.now())
        files = proven(self.visitor, frame.files)
        return wire.said(visitor, frame.cid, frame.text, clock.now(), files=files, page=frame.page, choice=frame.choice)

    def _pass_on_typing(self, frame: frames.Typing) -> None:
        now = self._chat.now()
        if self.holder_id and (not frame.on or now - self._typed_at >= TYPING_EVERY):
            self._typed_at = now if frame.on else 0.0
            hub.tell([f"person:{self.holder_id}"], "typing", {"thread": self.thread_id, "on": frame.on})

    # --- what the visitor is told -----------------------------------------------------------------------------------

    async def _follow(self) -> None:
        """Tell what is new whenever the bell rings, for ever."""
        while True:
            await self._bell.wait()
            self._bell.clear()
            try:
                if self.stale:
                    self.stale = False
                    await self._refresh()
                if self._read_up_to > self._read_done:
                    await self._note_read()
                if self.typing is not None:
                    typing, self.typing = self.typing, None
                    await self._tell(**typing)
                if self.status is not None:
                    status, self.status = self.status, None
                    await self._tell(type="status", **status)
            except asyncio.CancelledError:
                raise
            except Exception:
                log.exception("a chat could not be followed; looking again in a second")
                self.stale = True
                await asyncio.sleep(1)
                self.ring()

    async def _refresh(self) -> None:
        latest = max(self._known, default=self.since)
        found = await self._chat.pool.run(queries.talk, self.place.account_id, self.place.key, self.visitor, latest)
        operator = self.operator
        if fresh := self._take(found):
            await self._tell(type="messages", messages=fresh, operator=found.operator)
        elif found.operator != operator:
            await self._tell(type="messages", messages=[], operator=found.operator)

    def _take(self, found: Talk) -> list[dict[str, Any]]:
        """Remember what is being shown; returns the messages that are new or have changed."""
        if found.thread_id != self.thread_id:
            self.leave()
            self._leave = hub.join([f"thread:{found.thread_id}"], self._hear)
        self.thread_id, self.holder_id, self.operator = found.thread_id, found.holder_id, found.operator
        shown = {m["id"]: hash((m["state"], m["text"])) for m in found.messages}
        fresh = [m for m in found.messages if self._known.get(m["id"]) != shown[m["id"]]]
        if found.messages:
            self._known = shown
        return fresh

    def _hear(self, heard: Frame) -> None:
        """Something fleeting that the desk tells this thread: somebody is typing."""
        if heard.event == "typing":
            name, on = str(heard.data.get("name", ""))[:80], heard.data.get("on", True) is True
            self.typing = {"type": "typing", "name": name, "on": on}
            self.ring()

    def leave(self) -> None:
        """Hear no more of the thread."""
        if self._leave is not None:
            self._leave()
            self._leave = None

    async def _note_read(self) -> None:
        """The visitor's eyes, as a delivery like any other."""
        up_to = self._read_up_to
        unread = await self._chat.pool.run(queries.unread_until, self.place.account_id, self.visitor, up_to)
        if unread:
            raw = wire.has_read(wire.Visitor(self.visitor), unread, clock.now())
            await self._chat.commit.put(self.place.account_id, raw, clock.now())
        self._read_done = up_to

    async def _tell(self, **frame: Any) -> None:
        try:
            await self._send({"type": "websocket.send", "text": orjson.dumps(frame).decode()})
        except OSError as error:  # as ASGI says it
            raise Over(LEFT) from error


def _ms(seconds: float) -> int:
    return max(200, int(seconds * 1000) + 50)
