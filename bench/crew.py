"""Hundreds of operators and their customers in one process: event streams, kept connections, and the company they need.

Every browser is an event stream with a session of its own; what its operator does when it rings is the bench's to say.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from bench.house import Seat, sign_in

WIRES = 48  # kept connections that all clients share
TRIES = 3  # of an answer that the customer's next line overtakes
COME_BACK = 0.5  # seconds after which a browser connects again
ANSWER = {"close": "1", "text": "Gracias, lo miramos."}


@dataclass
class World:
    """What the clients share."""

    port: int
    hook: str
    secret: str
    rings: list[tuple[int, int, float]] = field(default_factory=list)  # person, case, when it was heard
    answers: dict[int, int] = field(default_factory=lambda: defaultdict(int))  # status -> how many
    posted: list[float] = field(default_factory=list)  # seconds that the door took
    frames: int = 0
    wires: asyncio.Queue = field(default_factory=asyncio.Queue)
    tasks: set[asyncio.Task] = field(default_factory=set)

    def wire(self) -> None:
        """Lay the wires. In the event loop."""
        for _ in range(WIRES):
            self.wires.put_nowait(None)

    async def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> int:
        """One request over one of a few kept connections; its status, 0 when the wire broke."""
        wire = await self.wires.get()
        try:
            reader, writer = wire or await asyncio.open_connection("127.0.0.1", self.port)
            head = "".join(f"{k}: {v}\r\n" for k, v in {**headers, "Content-Length": str(len(body))}.items())
            writer.write(f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}\r\n".encode() + body)
            answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            if "content-length: " in answer:
                await reader.readexactly(int(answer.split("content-length: ")[1].split("\r\n")[0]))
            status = int(answer.split(" ")[1])
            wire = (reader, writer)
        except (OSError, EOFError, asyncio.IncompleteReadError):
            status, wire = 0, None
        self.wires.put_nowait(wire)
        return status

    async def press(self, seat: Seat, path: str, form: Mapping[str, str] | None = None) -> int:
        """Post as the seat's browser does, again and again until the house answers."""
        body = urlencode(form or {}).encode()
        while (status := await self.ask("POST", path, headers_of(seat), body)) == 0 or status >= 500:
            self.answers[status] += 1
            await asyncio.sleep(0.25)
        self.answers[status] += 1
        return status

    def begin(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.create_task(work)  # type: ignore[arg-type]
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


Rung = Callable[[Seat, int], Coroutine[Any, Any, object]]


class Browser(asyncio.Protocol):
    """One operator's stream of events; `rung` is what they do when it rings. With `back`, it comes back when cut."""

    def __init__(self, world: World, seat: Seat, rung: Rung, back: Callable[[Seat], Coroutine] | None = None) -> None:
        self.world, self.seat, self.rung, self.back = world, seat, rung, back
        self.left = b""

    async def connect(self) -> None:
        """Until it succeeds, if it may come back."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                await loop.create_connection(lambda: self, "127.0.0.1", self.world.port)
                return
            except OSError:
                if self.back is None:
                    raise
                await asyncio.sleep(COME_BACK)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        transport.write(f"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {self.seat.cookie}\r\n\r\n".encode())

    def connection_lost(self, _reason: Exception | None) -> None:
        self.left = b""
        if self.back is not None and not asyncio.get_running_loop().is_closed():
            self.world.begin(self._return())

    async def _return(self) -> None:
        await asyncio.sleep(COME_BACK)
        await self.connect()
        if self.back is not None:
            await self.back(self.seat)

    def data_received(self, data: bytes) -> None:
        at = time.time()
        *blocks, self.left = (self.left + data).split(b"\n\n")
        for block in blocks:
            self.world.frames += 1
            if b'"offer.rang"' in block:
                told = json.loads(block.split(b"data: ", 1)[1].split(b"\r\n")[0])
                self.world.rings.append((self.seat.person_id, told["case"], at))
                self.world.begin(self.rung(self.seat, told["case"]))
            elif b"event: beat" in block:
                self.world.begin(self.world.ask("POST", "/live/here", headers_of(self.seat)))


def headers_of(seat: Seat) -> dict[str, str]:
    form = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": "c" * 32, "HX-Request": "true"}
    return {**form, "Cookie": seat.cookie, "X-Netcenter": "here"}


async def answer(world: World, seat: Seat, case: int, thread: int) -> int:
    """Answer and close, reading again if the customer wrote meanwhile; the status of the last try."""
    form = {**ANSWER, "key": str(uuid.uuid4()), "thread": str(thread)}
    for _try in range(TRIES):
        form["seen"] = str((await asyncio.to_thread(look, case))[2])
        status = await world.press(seat, f"/desk/case/{case}/reply/", form)
        if status != 422:
            break
        await asyncio.sleep(0.2)
    return status


async def dispose(world: World, seat: Seat, case: int) -> int:
    """Close without an answer, "answered elsewhere", in the same way."""
    for _try in range(TRIES):
        seen = (await asyncio.to_thread(look, case))[2]
        status = await world.press(seat, f"/desk/case/{case}/dispose/", {"reason": "elsewhere", "seen": str(seen)})
        if status != 422 and not await asyncio.to_thread(waits, case):
            break  # nothing new came behind our back
        await asyncio.sleep(0.2)
    return status


def waits(case: int) -> bool:
    from netcenter.cases.models import Case

    return Case.objects.filter(pk=case, waiting_since__isnull=False).exists()


def look(case: int) -> tuple[int, str, int]:
    """What the composer of this case holds: thread, customer, and the last message shown."""
    from netcenter.cases.models import Message

    last = Message.objects.filter(case_id=case, direction="in").order_by("-id")
    return last.values_list("thread_id", "thread__external_id", "id")[0]


# --- The customers ------------------------------------------------------------------------------


async def say(world: World, customer: str, ident: str = "") -> int:
    """One message through the signed door; the status of the answer."""
    from netcenter.lib import signature

    ident = ident or uuid.uuid4().hex
    told = {
        "type": "message", "id": ident, "thread": {"id": customer}, "text": "¿Dónde está mi pedido?",
        "author": {"id": customer, "name": customer}, "sent_at": datetime.now(UTC).isoformat(),
    }  # fmt: skip
    body = json.dumps(told).encode()
    headers = {"Content-Type": "application/json", **signature.sign([world.secret], body, time.time())}
    began = time.perf_counter()
    status = await world.ask("POST", f"/hooks/{world.hook}", headers, body)
    world.posted.append(time.perf_counter() - began)
    return status


async def receive_replies(port: int) -> asyncio.Server:
    """The webhook of the customers' system: takes everything."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(EOFError, OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(int(head.split(b"content-length: ")[1].split(b"\r\n")[0]))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
            await writer.drain()
        writer.close()

    return await asyncio.start_server(serve, "127.0.0.1", port)


# --- The company --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Founded:
    """The company's signed-in operators, and its door's address and secret."""

    seats: list[Seat]
    hook: str
    secret: str

    def told(self) -> list:
        """As JSON can say it."""
        return [[[s.person_id, s.port, s.cookie] for s in self.seats], self.hook, self.secret]

    @classmethod
    def heard(cls, told: Sequence) -> Founded:
        seats, hook, secret = told
        return cls([Seat(*seat) for seat in seats], hook, secret)


def found_company(operators: int, webhook_port: int, port: int, one_at_a_time: bool = False) -> Founded:
    """Everybody sits at their desk; with `one_at_a_time`, one case fills it."""
    from tests.company import found

    from netcenter.accounts.actions import connect
    from netcenter.accounts.queries import connection_of
    from netcenter.lib import clock
    from netcenter.people.models import Capacity, Desk, Person

    company, now = found(), clock.now()
    values = {"webhook_url": f"http://127.0.0.1:{webhook_port}/in"}
    api = connect(company.brand, "api", "Shop", "bench-shop", values, now, "system")
    Person.objects.bulk_create(Person(email=f"op{i}@example.com", name=f"Op {i}") for i in range(operators))
    crew = list(Person.objects.filter(email__startswith="op"))
    company.brand.people.add(*crew)
    Desk.objects.bulk_create(Desk(person=p, state="available", since=now, idle_since=now, seen_at=now) for p in crew)
    if one_at_a_time:
        Capacity.objects.bulk_create(Capacity(person=p, channel="api", most=1) for p in crew)
    return Founded([sign_in(p, port) for p in crew], api.key, connection_of(api).secrets["secret"])
