"""The telephone's own test: 20 operators, handling of 1 to 3 s, nine arrivals a second, beside an ideal queue.

    python -m bench.telephone [--engine both] [--operators 20] [--rate 9] [--minutes 3]

Messages arrive by a Poisson process at the signed door. Whoever is rung picks up at once, works for the case's handling
time and closes it as "answered elsewhere", the cheapest end, like hanging up. A wait runs from the moment before the
request at the door to the ring (`rang_at`), and to its first byte at the operator's browser. The ideal queue gets the
very same arrivals and handling times: first come, first served, no delays.
"""

from __future__ import annotations

import argparse
import asyncio
import heapq
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.crew import Browser, Founded, World, dispose, found_company, look, receive_replies, say
from bench.house import House, Seat, free_port
from bench.lab import ENGINES, inside, installation, quantile, start, table

HANDLING = (1.0, 3.0)  # seconds, uniform
WARM_UP = 15.0
ASTERISK = ["Asterisk 22, app_queue", "", "3–4 s", "", "7 s", ""]


@dataclass
class Telephone(World):
    """Callers with the time that each of them needs."""

    arrived: dict[str, float] = field(default_factory=dict)  # customer -> just before the door
    needs: dict[str, float] = field(default_factory=dict)  # customer -> seconds
    case_of: dict[int, str] = field(default_factory=dict)

    async def rung(self, seat: Seat, case: int) -> None:
        """Pick up, talk, hang up."""
        heard = time.monotonic()
        _, (_thread, customer, _seen) = await asyncio.gather(
            self.press(seat, f"/desk/case/{case}/take/"), asyncio.to_thread(look, case)
        )
        self.case_of[case] = customer
        await asyncio.sleep(max(0.0, heard + self.needs[customer] - time.monotonic()))
        await dispose(self, seat, case)

    async def calls(self, rate: float, seconds: float) -> None:
        began, due = time.monotonic(), 0.0
        while due < seconds:
            if (left := began + due - time.monotonic()) > 0:
                await asyncio.sleep(left)
            customer = f"caller-{len(self.needs)}"
            self.needs[customer] = random.uniform(*HANDLING)
            self.arrived[customer] = time.time()
            self.begin(say(self, customer))
            due += random.expovariate(rate)


def ideal(arrivals: Sequence[tuple[float, float]], operators: int) -> list[float]:
    """Waits when whoever is free takes the first in the queue without any delay. Arrivals: when, and how long."""
    free = [0.0] * operators
    waits = []
    for at, needs in arrivals:
        begins = max(at, heapq.heappop(free))
        heapq.heappush(free, begins + needs)
        waits.append(begins - at)
    return waits


async def drive(wish: argparse.Namespace) -> None:
    told, port, webhook_port = json.loads(wish.drive)
    company = Founded.heard(told)
    calls = Telephone(port, company.hook, company.secret)
    calls.wire()
    webhook = await receive_replies(webhook_port)
    for seat in company.seats:
        await Browser(calls, seat, calls.rung).connect()
    await asyncio.sleep(2)
    await calls.calls(wish.rate, WARM_UP + wish.minutes * 60)
    deadline = time.monotonic() + 60
    while len(calls.case_of) < len(calls.needs) and time.monotonic() < deadline:
        await asyncio.sleep(0.2)
    webhook.close()
    rang = await asyncio.to_thread(first_rings)
    heard: dict[int, float] = {}
    for _person, case, at in calls.rings:
        heard.setdefault(case, at)
    of = {customer: case for case, customer in calls.case_of.items()}
    since = min(calls.arrived.values()) + WARM_UP
    waits = ideal([(at, calls.needs[who]) for who, at in calls.arrived.items()], len(company.seats))
    measured = [(who, at, wait) for (who, at), wait in zip(calls.arrived.items(), waits, strict=True) if at >= since]
    print(json.dumps({
        "ideal": [wait for _who, _at, wait in measured],
        "rang": [rang[of[who]] - at for who, at, _wait in measured if who in of],
        "heard": [heard[of[who]] - at for who, at, _wait in measured if who in of],
        "never": sum(who not in of for who, _at, _wait in measured), "answers": calls.answers,
    }), flush=True)  # fmt: skip
    for task in list(calls.tasks):
        task.cancel()


def first_rings() -> dict[int, float]:
    """Case -> when it first rang."""
    from netcenter.routing.models import Offer

    return {case: at.timestamp() for case, at in Offer.objects.order_by("-rang_at").values_list("case_id", "rang_at")}


def measure(engine: str, wish: argparse.Namespace) -> list[list[object]]:
    """The ideal and the real waits of one run."""
    with installation(engine) as environment:
        web, webhook_port = House(environment), free_port()
        prepared = start(environment, "bench.telephone", "--prepare", wish.operators, webhook_port, web.port,
                         stdout=subprocess.PIPE, text=True)  # fmt: skip
        company = json.loads(prepared.communicate()[0].splitlines()[-1])
        web.start()
        try:
            web.await_ready()
            asked = ["--drive", json.dumps([company, web.port, webhook_port]), "--rate", wish.rate,
                     "--minutes", wish.minutes]  # fmt: skip
            client = start(environment, "bench.telephone", *asked, stdout=subprocess.PIPE, text=True)
            seen = json.loads(client.communicate()[0].splitlines()[-1])
        finally:
            web.stop()
    print(f"{engine}: never rang {seen['never']}, answers by status {seen['answers']}", file=sys.stderr)
    names = {"ideal": "the ideal queue", "rang": "Netcenter, until it rings", "heard": "Netcenter, until it is heard"}
    return [[f"{name} ({engine})", len(seen[key]), *(f"{quantile(seen[key], s):.2f} s" for s in (0.5, 0.9, 0.99)),
             f"{max(seen[key]):.2f} s"] for key, name in names.items()]  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=[*ENGINES, "both"], default="both")
    parser.add_argument("--operators", type=int, default=20)
    parser.add_argument("--rate", type=float, default=9.0)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--prepare", nargs=3, type=int, help=argparse.SUPPRESS)
    parser.add_argument("--drive", help=argparse.SUPPRESS)
    wish = parser.parse_args(arguments)
    if wish.prepare:
        inside()
        print(json.dumps(found_company(*wish.prepare, one_at_a_time=True).told()))
    elif wish.drive:
        inside()
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        import uvloop

        uvloop.run(drive(wish))
    else:
        rows = [
            row for engine in (ENGINES if wish.engine == "both" else [wish.engine]) for row in measure(engine, wish)
        ]
        print(table(["queue", "calls", "p50", "p90", "p99", "most"], [*rows, ASTERISK]))
        print(f"\nLoad of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.")


if __name__ == "__main__":
    main()
