"""The time of every page with 100,000 and with 1,000,000 cases, at 40 pages a second beside 300 deliveries.

    python -m bench.pages [--cases 100000 1000000] [--engine both] [--seconds 30] [--apart]

Both loops are open: a page that is late does not hold back the next. Times are from when each request was due, so
waiting for a thread counts. Ends with 1 when a page's p95 is above 100 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

from bench.crew import World, say
from bench.house import House, Seat, sign_in
from bench.lab import ENGINES, inside, installation, quantile, start, table
from bench.past import fill

TARGET = 100.0  # ms
OPERATORS = 40
WARM_UP = 5.0  # seconds under the same load, not counted
SEARCHES = ("gluten", "refund", "Customer 77", "pedido roto", "#4711", "domingo centro", "verguenza")


def pages(cases: int) -> dict[str, tuple[int, str]]:
    """Name -> how often it is asked for, and its address now."""
    recent = random.randint(max(1, cases - 20_000), cases)
    return {
        "desk": (4, "/desk/"),
        "lists": (12, "/desk/lists/"),
        "case": (10, f"/desk/case/{recent}/"),
        "who else is there": (10, f"/desk/case/{recent}/company/"),
        "a case of long ago": (2, f"/desk/case/{random.randint(1, cases)}/"),
        "search": (4, f"/desk/lists/?q={random.choice(SEARCHES).replace(' ', '+').replace('#', '%23')}"),
        "what rings": (4, "/desk/ring/"),
        "ledger": (1, "/ledger/"),
        "ledger: what waits": (1, "/ledger/waiting/"),
        "team": (1, "/team/"),
        "wallboard": (1, "/wallboard/"),
    }


async def drive(world: World, seats: list[Seat], cases: int, wish: argparse.Namespace) -> dict[str, list[float]]:
    """Ask for pages and deliver at their rates; milliseconds by page."""
    took: dict[str, list[float]] = defaultdict(list)
    for _ in range(64):
        world.wires.put_nowait(None)

    async def look(name: str, path: str, due: float) -> None:
        who = seats[::4] if name in SUPERVISED else seats
        headers = {"Cookie": random.choice(who).cookie, "Accept-Encoding": "gzip"}
        status = await world.ask("GET", path, headers if name in WHOLE else {**headers, "HX-Request": "true"})
        took[name].append((time.perf_counter() - due) * 1000)
        world.answers[status] += 1

    async def every(rate: float, seconds: float, work) -> None:  # type: ignore[no-untyped-def]
        began = time.perf_counter()
        for n in range(int(rate * seconds)):
            due = began + n / rate
            if (left := due - time.perf_counter()) > 0:
                await asyncio.sleep(left)
            world.begin(work(due))

    def page(due: float):  # type: ignore[no-untyped-def]
        known = pages(cases)
        name = random.choices(list(known), [weight for weight, _ in known.values()])[0]
        return look(name, known[name][1], due)

    customers = [f"bench-{n}" for n in range(2000)]
    for name, (_weight, path) in pages(cases).items():  # everything is loaded and compiled once
        await look(name, path, time.perf_counter())
    for seconds in (WARM_UP, wish.seconds):
        took.clear()
        world.posted.clear()
        await asyncio.gather(
            every(wish.pages, seconds, page),
            every(wish.deliveries, seconds, lambda due: say(world, random.choice(customers))),
        )
    deadline = time.monotonic() + 30
    while world.tasks and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    return took


SUPERVISED = ("ledger", "ledger: what waits", "team", "wallboard")
WHOLE = ("desk", "ledger", "ledger: what waits", "team", "wallboard")


def prepare(cases: int, port: int) -> tuple[list[Seat], str, str]:
    """The company with its past; supervisors, who see the most, are those who look."""
    from tests.company import found

    from netcenter.accounts.actions import BrandDetails, save_brand
    from netcenter.accounts.queries import connection_of
    from netcenter.lib import clock
    from netcenter.people.models import Desk, Person

    company, now = found(), clock.now()
    Person.objects.bulk_create(
        Person(email=f"op{i}@example.com", name=f"Op {i}", role="operator" if i % 4 else "supervisor")
        for i in range(OPERATORS)
    )
    crew = list(Person.objects.filter(email__startswith="op").order_by("pk"))
    brands = [company.brand] + [
        save_brand(None, BrandDetails(name, people=[p.pk for p in crew]), now, "system") for name in ("Luna", "Sol")
    ]
    company.brand.people.add(*crew)
    Desk.objects.bulk_create(Desk(person=p, state="available", since=now, idle_since=now, seen_at=now) for p in crew)
    fill(cases, [b.pk for b in brands], [company.api.pk], [p.pk for p in crew])
    return [sign_in(p, port) for p in crew], company.api.key, connection_of(company.api).secrets["secret"]


def measure(engine: str, cases: int, wish: argparse.Namespace) -> dict[str, list[float]]:
    with installation(engine) as environment:
        word = "web" if wish.apart else "serve"
        house = House(environment, word, loops=wish.apart, NETCENTER_GRACE_SECONDS="3600")
        began = time.monotonic()
        told = start(environment, "bench.pages", "--prepare", cases, house.port, stdout=subprocess.PIPE, text=True)
        prepared = told.communicate()[0].splitlines()[-1]
        print(f"{engine}: {cases:,} cases made in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
        house.start()
        house.await_ready()
        try:
            numbers = [f"--{k}={getattr(wish, k)}" for k in ("seconds", "pages", "deliveries")]
            asked = ["--drive", prepared, "--cases", cases, "--port", house.port, *numbers]
            client = start(environment, "bench.pages", *asked, stdout=subprocess.PIPE, text=True)
            result = json.loads(client.communicate()[0].splitlines()[-1])
        finally:
            house.stop()
            if wish.log:
                wish.log.write_text(house.told())
    if set(result["answers"]) != {"200"}:
        print(f"{engine}, {cases:,} cases: answers by status {result['answers']}", file=sys.stderr)
    return {**result["took"], "a delivery at the door": result["door"]}


async def drive_and_tell(wish: argparse.Namespace) -> None:
    seats, hook, secret = json.loads(wish.drive)
    world = World(wish.port, hook, secret)
    took = await drive(world, [Seat(*seat) for seat in seats], wish.cases[0], wish)
    door = [seconds * 1000 for seconds in world.posted]
    print(json.dumps({"took": took, "door": door, "answers": world.answers}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=[*ENGINES, "both"], default="both")
    parser.add_argument("--cases", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--pages", type=float, default=40.0, help="a second")
    parser.add_argument("--deliveries", type=float, default=300.0, help="a second")
    parser.add_argument("--apart", action="store_true", help="pages and loops in a process each (PostgreSQL)")
    parser.add_argument("--log", type=Path, help="keep what the server logged here")
    parser.add_argument("--prepare", nargs=2, type=int, help=argparse.SUPPRESS)
    parser.add_argument("--drive", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    wish = parser.parse_args()
    if wish.apart and wish.engine != "postgres":
        parser.error("--apart needs --engine postgres")
    if wish.prepare:
        inside()
        seats, hook, secret = prepare(*wish.prepare)
        print(json.dumps([[[s.person_id, s.port, s.cookie] for s in seats], hook, secret]))
    elif wish.drive:
        inside()
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(drive_and_tell(wish))
    else:
        report(wish)


def report(wish: argparse.Namespace) -> None:
    slow = False
    for engine in ENGINES if wish.engine == "both" else [wish.engine]:
        found = {cases: measure(engine, cases, wish) for cases in wish.cases}
        rows = []
        for name in found[wish.cases[0]]:
            cells = [[quantile(found[c][name], share) for share in (0.5, 0.95, 0.99)] for c in wish.cases]
            slow |= any(p95 > TARGET for _p50, p95, _p99 in cells)
            rows.append([name, *(" / ".join(f"{ms:.0f}" for ms in cell) for cell in cells)])
        print(f"\n{engine}: p50 / p95 / p99 in ms\n")
        print(table(["page", *(f"{cases:,} cases" for cases in wish.cases)], rows), flush=True)
    sys.exit(int(slow))


if __name__ == "__main__":
    main()
