"""From "a ring is possible" to the event at the operator's browser, with 300 operators and 100 messages a second.

    python -m bench.ring [--engine both] [--operators 300] [--rate 100] [--cases 8] [--seconds 30] [--handling 30]

A ring is possible from the commit that made the case wait, or the one that made the rung operator free, whichever was
later. The server (a real one, loops and all) notes these commits in its own process; the browsers are event streams
with sessions of their own in another process, which notes when the first byte of each ring arrived. `--cases` messages
a second open a case; the others are further lines in cases that somebody has in hand. Each operator picks up at once
and answers after `--handling` seconds on average, through the desk's own addresses.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections import defaultdict, deque
from dataclasses import dataclass, field
from pathlib import Path

from bench.crew import Browser, Founded, World, answer, found_company, look, receive_replies, say
from bench.house import Seat, free_port
from bench.lab import ENGINES, inside, installation, quantile, start, table

TARGET = {0.5: 20.0, 0.99: 100.0}  # ms


# --- The server, with a note of each commit that matters ----------------------------------------


def serve(port: int, notes: Path) -> None:
    """`netcenter serve`; what became possible, and when it was committed, is written down at the end."""
    inside()
    from django.db import transaction

    from netcenter import flow
    from netcenter.people import actions as people
    from netcenter.site import server

    seen: list[tuple[str, int, float]] = []

    def note(kind: str, ids: list[int]) -> None:
        transaction.on_commit(lambda: seen.extend((kind, i, time.time()) for i in ids))

    def noted(function, kind: str, ids):  # type: ignore[no-untyped-def]
        def wrapped(*args, **kwargs):  # type: ignore[no-untyped-def]
            result = function(*args, **kwargs)
            note(kind, ids(result, args))
            return result

        return wrapped

    flow.record = noted(flow.record, "case", lambda messages, _: list({m.case_id for m in messages}))
    people.empty = noted(people.empty, "desk", lambda _, args: [args[0]])
    people.picked_up = noted(people.picked_up, "desk", lambda _, args: [args[0]])
    server.serve(server.listen("127.0.0.1", port), server.house_loops())
    notes.write_text(json.dumps(seen))


# --- The clients --------------------------------------------------------------------------------


@dataclass
class Shop(World):
    """Customers who go on writing in the cases that somebody has in hand."""

    handling: float = 30.0
    held: dict[int, str] = field(default_factory=dict)  # case -> its customer
    known: deque[str] = field(default_factory=lambda: deque(maxlen=50))  # customers who wrote lately

    async def handle(self, seat: Seat, case: int) -> None:
        """Pick up, work, answer."""
        await self.press(seat, f"/desk/case/{case}/take/")
        thread, customer, _seen = await asyncio.to_thread(look, case)
        self.held[case] = customer
        await asyncio.sleep(random.expovariate(1 / self.handling))
        self.held.pop(case, None)
        await answer(self, seat, case, thread)


async def speak(world: Shop, rate: float, share_new: float, seconds: float) -> None:
    """An open loop: the next message does not wait for the last."""
    began = time.perf_counter()
    for n in range(int(rate * seconds)):
        if (left := began + n / rate - time.perf_counter()) > 0:
            await asyncio.sleep(left)
        if random.random() < share_new or not world.known:
            world.known.append(uuid.uuid4().hex)
            customer = world.known[-1]
        else:
            customer = random.choice(list(world.held.values()) or world.known)
        world.begin(say(world, customer))


# --- One run ------------------------------------------------------------------------------------


async def drive(world: Shop, seats: list[Seat], wish: argparse.Namespace, webhook_port: int) -> float:
    """Connect the browsers, warm up, measure; returns the time of the clock at which measuring began."""
    world.wire()
    webhook = await receive_replies(webhook_port)
    for seat in seats:
        await Browser(world, seat, world.handle).connect()
    await asyncio.sleep(2)
    await speak(world, wish.rate / 2, wish.cases / wish.rate, wish.warm_up)
    measured_from = time.time()
    await speak(world, wish.rate, wish.cases / wish.rate, wish.seconds)
    await asyncio.sleep(3)
    webhook.close()
    for task in list(world.tasks):
        task.cancel()
    return measured_from


def waits(rings: list, notes: list, since: float) -> list[float]:
    """Milliseconds from possible to heard, for each ring heard after `since`."""
    possible: dict[tuple[str, int], list[float]] = defaultdict(list)
    for kind, ident, at in notes:
        possible[(kind, ident)].append(at)
    found = []
    for person, case, heard in rings:
        before = [t for key in (("case", case), ("desk", person)) for t in _last(possible.get(key, []), heard)]
        if heard >= since and before:
            found.append((heard - max(before)) * 1000)
    return found


def _last(times: list[float], limit: float) -> list[float]:
    """The last of the times before the limit. What follows in a case that already rings does not count."""
    return [t for t in times if t <= limit][-1:]


def measure(engine: str, wish: argparse.Namespace) -> list[object]:
    with installation(engine) as environment:
        port, webhook_port, notes = free_port(), free_port(), Path(environment["NETCENTER_DATA"]) / "notes"
        told = start({**environment, "NETCENTER_RING_SECONDS": "60"}, "bench.ring", "--prepare", wish.operators,
                     webhook_port, port, stdout=subprocess.PIPE, text=True)  # fmt: skip
        company = json.loads(told.communicate()[0].splitlines()[-1])
        server = start(environment, "bench.ring", "--serve", port, notes)
        try:
            asked = ["--drive", json.dumps([company, port, webhook_port]), *flags(wish)]
            client = start(environment, "bench.ring", *asked, stdout=subprocess.PIPE, text=True)
            result = json.loads(client.communicate()[0].splitlines()[-1])
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(40)
        took = waits([tuple(r) for r in result["rings"]], json.loads(notes.read_text()), result["since"])
    heard = len(took) / wish.seconds
    shares = (f"{quantile(took, share):.1f}" for share in (0.5, 0.9, 0.99))
    return [engine, wish.operators, f"{wish.rate:g}", f"{heard:.1f}", *shares,
            f"{max(took):.0f}", f"{result['door_p99']:.0f}", result["answers"]]  # fmt: skip


def flags(wish: argparse.Namespace) -> list[str]:
    names = ("rate", "cases", "seconds", "handling", "warm_up")
    return [word for name in names for word in (f"--{name.replace('_', '-')}", str(getattr(wish, name)))]


async def drive_and_tell(wish: argparse.Namespace) -> None:
    told, port, webhook_port = json.loads(wish.drive)
    company = Founded.heard(told)
    world = Shop(port, company.hook, company.secret, handling=wish.handling)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            (await asyncio.open_connection("127.0.0.1", port))[1].close()
            break
        await asyncio.sleep(0.1)
    since = await drive(world, company.seats, wish, webhook_port)
    door = quantile(world.posted, 0.99) * 1000
    print(json.dumps({"rings": world.rings, "since": since, "answers": world.answers, "door_p99": door}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=[*ENGINES, "both"], default="both")
    parser.add_argument("--operators", type=int, default=300)
    parser.add_argument("--rate", type=float, default=100.0, help="messages a second")
    parser.add_argument("--cases", type=float, default=8.0, help="of them, how many open a case")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--warm-up", type=float, default=8.0)
    parser.add_argument("--handling", type=float, default=30.0, help="seconds that an answer takes, on average")
    parser.add_argument("--serve", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--prepare", nargs=3, type=int, help=argparse.SUPPRESS)
    parser.add_argument("--drive", help=argparse.SUPPRESS)
    wish = parser.parse_args()
    if wish.serve:
        serve(int(wish.serve[0]), Path(wish.serve[1]))
    elif wish.prepare:
        inside()
        print(json.dumps(found_company(*wish.prepare).told()))
    elif wish.drive:
        inside()
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        import uvloop

        uvloop.run(drive_and_tell(wish))
    else:
        engines = ENGINES if wish.engine == "both" else [wish.engine]
        rows = [measure(engine, wish) for engine in engines]
        head = ["engine", "operators", "messages/s", "rings/s", "p50 ms", "p90 ms", "p99 ms", "most ms", "door p99 ms",
                "answers by status"]  # fmt: skip
        print(table(head, rows))
        if any(float(row[4]) > TARGET[0.5] or float(row[6]) > TARGET[0.99] for row in rows):
            print(f"The target is p50 below {TARGET[0.5]:g} ms and p99 below {TARGET[0.99]:g} ms.", file=sys.stderr)


if __name__ == "__main__":
    main()
