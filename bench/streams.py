"""Two thousand live streams on one process: memory of each, and how soon a ring and a change for all are heard.

`python -m bench.streams [--streams 2000]` prints a Markdown table. Everybody is signed in as one of 300 operators.
"""

import argparse
import asyncio
import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.servers.postgres import Missing, postgres

from bench.door import free_port, running

PEOPLE = 300
SETUP = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from netcenter.accounts.models import Brand
from netcenter.people.models import Person
from tests.serving import cookie_of
brand = Brand.objects.create(name="Bench")
people = [Person(email=f"{n}@bench.test", name=f"Operator {n}") for n in range(%d)]
Person.objects.bulk_create(people)
brand.people.add(*people)
print(*[f"{p.pk}:{cookie_of(p)}" for p in people])
"""
RING = """
import django; django.setup()
import sys, time
from netcenter.events.actions import event, record
from netcenter.lib import clock
for word in sys.stdin:
    who, _, case = word.strip().partition(" ")
    if who == "*":
        record(event("message.read", clock.now(), case_id=int(case), brand_id=1))
    else:
        record(event("offer.rang", clock.now(), case_id=int(case), operator_id=int(who), brand_id=1))
    print(time.time(), flush=True)
"""


class Ear(asyncio.Protocol):
    """One stream: notes when it is ready and when it hears of a case."""

    def __init__(self, cookie: str, person: int, heard: dict) -> None:
        self.cookie = cookie
        self.person = person
        self.heard = heard
        self.ready = False
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.write(f"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {self.cookie}\r\n\r\n".encode())  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.ready = self.ready or b"event: " in data
        if b"case:" in data:
            case = int(data.rpartition(b"case:")[2].split(b'"')[0])
            self.heard.setdefault(case, []).append((self.person, time.time()))

    def connection_lost(self, error: Exception | None) -> None:
        self.lost = True


def memory(pid: int) -> float:
    """KiB that are this process's alone or its share of what it shares."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return float(next(line.split()[1] for line in rollup.splitlines() if line.startswith("Pss:")))


async def listen(port: int, people: list[tuple[int, str]], count: int, pid: int, env: dict[str, str]) -> dict:
    loop, heard, before = asyncio.get_running_loop(), {}, memory(pid)
    ears = []
    for n in range(count):
        person, cookie = people[n % len(people)]
        made = await loop.create_connection(lambda c=cookie, p=person: Ear(c, p, heard), "127.0.0.1", port)
        ears.append(made[1])
        if n % 50 == 0:
            await asyncio.sleep(0.02)
    while not all(ear.ready for ear in ears):
        await asyncio.sleep(0.1)
    await asyncio.sleep(2)
    each = (memory(pid) - before) / count
    teller = await asyncio.create_subprocess_exec(
        sys.executable, "-c", RING, env=env, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )

    async def tell(who: object, case: int) -> float:
        teller.stdin.write(f"{who} {case}\n".encode())  # type: ignore[union-attr]
        return float(await teller.stdout.readline())  # type: ignore[union-attr]

    rings, all_heard = [], []
    for n in range(100):
        person = people[n][0]
        committed = await tell(person, n + 1)
        for _ in range(200):
            await asyncio.sleep(0.01)
            if any(who == person for who, _ in heard.get(n + 1, ())):
                break
        rings += [max(0.0, at - committed) for who, at in heard.get(n + 1, ()) if who == person]
    for n in range(5):
        committed = await tell("*", 1000 + n)
        for _ in range(500):  # with many screens, what is no ring is gathered for a moment
            await asyncio.sleep(0.01)
            if len(heard.get(1000 + n, ())) >= count:
                break
        all_heard += [at - committed for _, at in heard.get(1000 + n, ())]
    teller.stdin.close()  # type: ignore[union-attr]
    await teller.wait()
    rings.sort()
    all_heard.sort()
    return {"each": each, "lost": sum(e.lost for e in ears), "rings": rings, "all": all_heard}


def measure(engine: str, address: str, count: int) -> str:
    with tempfile.TemporaryDirectory(prefix="netcenter-bench-") as lab:
        env = {**os.environ, "NETCENTER_DATA": lab, "DJANGO_SETTINGS_MODULE": "netcenter.site.settings"}
        env |= {"NETCENTER_DATABASE": address, "NETCENTER_DEMO": "0"}
        made = subprocess.run(
            [sys.executable, "-c", SETUP % PEOPLE], env=env, capture_output=True, text=True, check=True
        )
        people = [(int(w.partition(":")[0]), w.partition(":")[2]) for w in made.stdout.split()]
        port = free_port()
        command = [sys.executable, "-m", "netcenter.site.command", "web", "--port", str(port)]
        with running(command, env, port, "/health") as server:
            got = asyncio.run(listen(port, people, count, server.pid, env))
    if got["lost"]:
        raise RuntimeError(json.dumps({"lost": got["lost"]}))
    p = lambda values, share: values[min(len(values) - 1, int(len(values) * share))] * 1000  # noqa: E731
    ring = f"{p(got['rings'], 0.5):.1f} / {p(got['rings'], 0.99):.1f}"
    everybody = f"{p(got['all'], 0.5):.0f} / {p(got['all'], 0.99):.0f}"
    return f"| {engine} | {count} | {got['each']:.0f} KiB | {ring} | {everybody} |"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--streams", type=int, default=2000)
    asked.add_argument("--engine", choices=["sqlite", "postgres", "both"], default="both")
    chosen = asked.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(65536, most), most))
    print("The ring is written by another process, which SQLite cannot hear: there it takes up to a second.")
    print("| engine | streams | each | ring p50 / p99, ms | to all p50 / p99, ms |\n|---|---|---|---|---|")
    if chosen.engine != "postgres":
        print(measure("SQLite", "", chosen.streams), flush=True)
    if chosen.engine != "sqlite":
        with contextlib.suppress(Missing), postgres() as address:
            print(measure("PostgreSQL", address, chosen.streams), flush=True)


if __name__ == "__main__":
    main()
