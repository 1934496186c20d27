"""`/events`: one stream of server-sent events for each browser, and `/live/here`: its heartbeat. Bare ASGI.

An idle stream is one waiting task. Every ten seconds it gets a `beat`; the browser answers it with a POST to
`/live/here`. (A timer in the browser would not do: hidden tabs slow their timers down to one a minute.)
"""

import asyncio
import contextlib
import itertools
import logging
import time
from collections import Counter, deque
from collections.abc import Callable
from urllib.parse import parse_qs

from netcenter.events.queries import Cursor, latest
from netcenter.events.reading import BATCH, Fact
from netcenter.lib import clock
from netcenter.lib.asgi import TEXT, Receive, Scope, Send, answer, cut, header
from netcenter.lib.hub import Frame, hub
from netcenter.lib.threads import Full
from netcenter.live.hub import Tail
from netcenter.live.queries import lately, missed_since
from netcenter.live.rules import ALL, audience, concerned, payload
from netcenter.live.seats import Seat, Seats
from netcenter.people.actions import seen

log = logging.getLogger(__name__)

BEAT = 10.0  # seconds
SLICES = 20  # of a beat: not all browsers answer at the same moment
CHECK = 180.0  # seconds after which a session is looked at again
FLUSH = 5.0  # seconds: how exactly `seen_at` is known
MOST_WAITING = 200  # frames that a slow browser may owe us before its stream is cut
MOST_EACH = 20  # streams of one person
LONGEST_AGE = 60.0  # seconds that a page may say to be old
HELLO = b"retry: 2000\n\n"
_HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx must not hold it back
]


class Stream:
    """One browser that listens."""

    __slots__ = ("_frames", "_leave", "_pump", "_send", "checked_at", "cookie", "seat", "task")

    def __init__(self, seat: Seat, cookie: str, send: Send) -> None:
        self.seat = seat
        self.cookie = cookie
        self.checked_at = time.monotonic()
        self.task = asyncio.current_task()
        self._send = send
        self._frames: deque[bytes] = deque()
        self._pump: asyncio.Task[None] | None = None
        self._leave: Callable[[], None] = hub.join(seat.topics, self.hear)

    def hear(self, frame: Frame) -> None:
        """Pass it on; a browser that does not take what it is sent is cut off, and resumes when it can."""
        self.write(frame.sse)

    def write(self, words: bytes) -> None:
        self._frames.append(words)
        if len(self._frames) > MOST_WAITING:
            self._frames.clear()
            cut(self._send)
        elif self._pump is None:
            self._pump = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        """Only while there is something to write: two thousand idle streams need no second task."""
        try:
            while self._frames:
                words = b"".join(self._frames)
                self._frames.clear()
                await self._send({"type": "http.response.body", "body": words, "more_body": True})
        except Exception:
            log.debug("a stream could not be written", exc_info=True)
        finally:
            self._pump = None

    def move(self, seat: Seat) -> None:
        """Follow what the person may see now."""
        self._leave()
        self.seat = seat
        self._leave = hub.join(seat.topics, self.hear)

    def close(self) -> None:
        self._leave()
        if self._pump:
            self._pump.cancel()


class Streams:
    """All streams of this process, and the people in front of them."""

    def __init__(self) -> None:
        self.seats = Seats()
        self.tail = Tail()
        self._streams: set[Stream] = set()
        self._each: Counter[int] = Counter()
        self._here: dict[int, float] = {}  # who said so since the last flush
        self._seen: dict[int, float] = {}  # when they last did
        self._arrived = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._closing = False

    def start(self) -> None:
        """Call it in the event loop."""
        loop = asyncio.get_running_loop()

        def rights_changed() -> None:
            loop.call_soon_threadsafe(self._rights_changed)

        self.tail.on_rights = rights_changed
        self.tail.start()
        self._tasks = [asyncio.create_task(work()) for work in (self._beat, self._check, self._flush)]

    def closing(self) -> None:
        """End every stream in good order; the browsers come back to whoever serves then."""
        self._closing = True
        for stream in list(self._streams):
            if stream.task:
                stream.task.cancel()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(self.tail.stop)
        with contextlib.suppress(Exception):
            await self._store_seen()
        await asyncio.to_thread(self.seats.pool.close)

    # --- /events ---------------------------------------------------------------------------------

    async def events(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream until the browser leaves. 401 for strangers, whom EventSource does not let try for ever."""
        if scope["method"] != "GET":
            return await answer(send, 405, b"method not allowed", TEXT, (b"allow", b"GET"))
        if self._closing:
            return await answer(send, 503, b"ending", TEXT, (b"retry-after", b"2"))
        cookie = header(scope, b"cookie")
        try:
            seat = await self.seats.of(cookie)
        except Full:
            return await answer(send, 503, b"busy", TEXT, (b"retry-after", b"5"))
        if seat is None:
            return await answer(send, 401, b"sign in first", TEXT)
        if self._each[seat.person_id] >= MOST_EACH:
            return await answer(send, 429, b"too many streams", TEXT, (b"retry-after", b"30"))
        stream = Stream(seat, cookie, send)
        self._streams.add(stream)
        self._each[seat.person_id] += 1
        try:
            await self._attend(scope, stream, receive, send)
        except asyncio.CancelledError:
            if not self._closing:
                raise
            stream.close()
            await send({"type": "http.response.body", "body": b""})
        finally:
            stream.close()
            self._streams.discard(stream)
            self._each[seat.person_id] -= 1
            if not self._each[seat.person_id]:
                del self._each[seat.person_id]

    async def _attend(self, scope: Scope, stream: Stream, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await send({"type": "http.response.body", "body": HELLO, "more_body": True})
        # The stream has joined the hub already: what happens while we look is heard, at worst twice.
        missed = await self.seats.pool.run(what_was_missed, stream.seat, _cursor(scope), _age(scope))
        stream.write(missed.sse)
        while (await receive())["type"] != "http.disconnect":
            pass

    # --- /live/here ------------------------------------------------------------------------------

    async def here(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A screen is alive. Only our own pages may say so: the header cannot be set across sites."""
        if scope["method"] != "POST" or header(scope, b"x-netcenter") != "here":
            return await answer(send, 400, b"say it with POST and X-Netcenter: here", TEXT)
        try:
            seat = await self.seats.of(header(scope, b"cookie"))
        except Full:
            return await answer(send, 503, b"busy", TEXT, (b"retry-after", b"5"))
        if seat is None:
            return await answer(send, 401, b"sign in first", TEXT)
        now = time.monotonic()
        if now - self._seen.get(seat.person_id, -1e9) > 2 * BEAT:
            self._arrived.set()  # somebody came: known at once, not with the next flush
        self._here[seat.person_id] = self._seen[seat.person_id] = now
        await answer(send, 204, b"")

    async def _flush(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FLUSH):
                    await self._arrived.wait()
            self._arrived.clear()
            try:
                await self._store_seen()
            except Exception:
                log.exception("could not note who is here; trying again in some seconds")

    async def _store_seen(self) -> None:
        if here := dict(self._here):
            await self.seats.pool.run(seen, list(here), clock.now())
            for person_id, at in here.items():
                if self._here.get(person_id) == at:
                    del self._here[person_id]
        if len(self._seen) > 10_000:
            self._seen.clear()

    # --- what runs beside ------------------------------------------------------------------------

    async def _beat(self) -> None:
        beat = Frame("beat", {}).sse
        for turn in itertools.count():
            await asyncio.sleep(BEAT / SLICES)
            for stream in list(self._streams):
                if id(stream) // 64 % SLICES == turn % SLICES:
                    stream.write(beat)

    async def _check(self) -> None:
        """Look again at sessions, now and then and when rights change, and end the streams of who has none."""
        while True:
            await asyncio.sleep(1)
            limit = time.monotonic() - CHECK
            for stream in [s for s in self._streams if s.checked_at < limit]:
                try:
                    seat = await self.seats.of(stream.cookie, fresh=True)
                except Exception:
                    log.exception("could not look at a session again")
                    break
                stream.checked_at = time.monotonic()
                if seat is None or seat.person_id != stream.seat.person_id:
                    cut(stream._send)
                elif seat.topics != stream.seat.topics:
                    stream.move(seat)
                    stream.write(Frame("refresh", payload([ALL])).sse)

    def _rights_changed(self) -> None:
        self.seats.forget()
        for stream in self._streams:
            stream.checked_at = 0.0


def what_was_missed(seat: Seat, cursor: Cursor | None, age: float) -> Frame:
    """One refresh of all that grew old since the browser was last up to date; a bare hello when nothing did."""
    now = latest()
    if cursor is not None:
        facts = missed_since(cursor)
        everything = len(facts) >= BATCH or cursor > now
    else:
        facts = lately(age, clock.now()) if age else []
        everything = len(facts) >= BATCH
    parts = {ALL} if everything else _parts(seat, facts)
    ident = f"{now[0]}.{now[1]}"
    return Frame("refresh", payload(parts), ident) if parts else Frame("hello", {}, ident)


def _parts(seat: Seat, facts: list[Fact]) -> set[str]:
    parts: set[str] = set()
    for fact in facts:
        for notice in audience(fact.kind, fact.case_id, fact.operator_id, fact.brand_id):
            if not set(concerned(notice.topic)).isdisjoint(seat.topics):
                parts |= notice.parts
    return parts


def _cursor(scope: Scope) -> Cursor | None:
    """Where the browser was: its own header when it comes back, the query when a page asks for it."""
    told = header(scope, b"last-event-id") or parse_qs(scope["query_string"].decode("latin-1")).get("since", [""])[0]
    transaction_id, _, event_id = told.partition(".")
    if told.isascii() and transaction_id.isdigit() and event_id.isdigit() and len(told) <= 40:
        return (int(transaction_id), int(event_id))
    return None


def _age(scope: Scope) -> float:
    """How many seconds old the page is that has just been opened: what happened meanwhile is not on it."""
    told = parse_qs(scope["query_string"].decode("latin-1")).get("age", [""])[0]
    try:
        return min(LONGEST_AGE, max(0.0, float(told)))
    except ValueError:
        return 0.0
