"""What a page asks of the processor: milliseconds, statements, and how many of them were compiled anew.

    python -m bench.drawing [--cases 20000] [--engine both] [--rounds 20] [--told PAGE] [--profile PAGE]

The pages of `bench.pages`, one after the other in one process and through Django's own handler, so that only our work
is counted: nobody waits, and on PostgreSQL what the database burns is not in it. Medians; "first" is the first time.
A message is recorded before each round, so that nothing is drawn from what a quiet house would remember for ever.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import subprocess
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from bench.lab import ENGINES, inside, installation, start, table
from bench.pages import SUPERVISED, WHOLE, pages, prepare

ONCE = 3  # rounds before it counts


class Meter:
    """Counts statements and compilations of this thread."""

    def __init__(self) -> None:
        from django.db.models.sql.compiler import SQLCompiler

        self.said: list[str] = []
        self.compiled = 0
        compile_ = SQLCompiler.as_sql

        def as_sql(compiler: Any, *args: Any, **more: Any) -> Any:
            self.compiled += 1
            return compile_(compiler, *args, **more)

        SQLCompiler.as_sql = as_sql  # type: ignore[method-assign]

    def note(self, execute: Callable, sql: str, params: Any, many: bool, context: dict) -> Any:
        self.said.append(" ".join(sql.split()))
        return execute(sql, params, many, context)

    @contextmanager
    def __call__(self) -> Iterator[Callable[[], tuple[float, int, int]]]:
        from django.db import connection

        self.said, self.compiled, began = [], 0, time.thread_time()
        with connection.execute_wrapper(self.note):
            yield lambda: (1000 * (time.thread_time() - began), len(self.said), self.compiled)


def measure(wish: argparse.Namespace) -> None:
    from django.test import Client

    from netcenter.accounts.models import Account
    from netcenter.channels.contract import Raw
    from netcenter.flow import take_in
    from netcenter.intake.actions import store
    from netcenter.lib import clock
    from netcenter.people.models import Person

    meter, found = Meter(), defaultdict(list)
    clients = []
    for person in Person.objects.filter(email__in=["op0@example.com", "op1@example.com", "op2@example.com"]):
        clients.append(Client(headers={"Host": "127.0.0.1"}))
        clients[-1].force_login(person)
    account = Account.objects.get(channel="api")

    def say(n: int) -> None:
        now = clock.now()
        told = {"type": "message", "id": uuid.uuid4().hex, "thread": {"id": f"bench-{n % 7}"}, "text": "¿Dónde está?",
                "author": {"id": f"bench-{n % 7}", "name": f"Bench {n % 7}"}, "sent_at": now.isoformat()}  # fmt: skip
        store(account, [Raw(json.dumps(told).encode(), uuid.uuid4().hex)], None, now)
        take_in(now)

    profile = cProfile.Profile(time.thread_time)
    for n in range(ONCE + wish.rounds):
        for name, (_often, path) in pages(wish.cases).items():
            client = clients[0] if name in SUPERVISED else clients[n % len(clients)]
            headers = {} if name in WHOLE else {"HX-Request": "true"}
            if not wish.quiet:
                say(n)
            profiled = wish.profile == name and n >= ONCE
            with meter() as spent:
                if profiled:
                    profile.enable()
                answer = client.get(path, headers=headers)
                profile.disable()
                found[name].append((*spent(), len(answer.content)))
            assert answer.status_code == 200, (name, answer.status_code, answer.content[:500])
            if wish.told == name and n == ONCE + wish.rounds - 1:
                print(f"\n== {name}", *meter.said, "", sep="\n- ")
    rows = []
    for name, times in found.items():
        settled = times[ONCE:]
        ms, *counts = ([each[i] for each in settled] for i in range(4))
        numbers = [f"{median(each):.0f}" for each in counts[:2]]
        rows.append([name, f"{times[0][0]:.1f}", f"{median(ms):.1f}", f"{max(ms):.1f}", *numbers,
                     f"{median(counts[2]) / 1000:.1f}"])  # fmt: skip
    print(table(["page", "first, ms", "ms", "most", "statements", "compiled", "KB"], rows), flush=True)
    weights = {name: often for name, (often, _path) in pages(wish.cases).items()}
    mean = sum(weights[n] * median(t[0] for t in found[n][ONCE:]) for n in weights) / sum(weights.values())
    print(f"\nmean of a page as bench.pages asks for them: {mean:.1f} ms")
    if wish.profile:
        pstats.Stats(profile).sort_stats(wish.sort).print_stats(70)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=[*ENGINES, "both"], default="both")
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--told", default="", metavar="PAGE", help="also print this page's statements")
    parser.add_argument("--profile", default="", metavar="PAGE", help="also print where this page's time goes")
    parser.add_argument("--sort", default="tottime", help="of the profile")
    parser.add_argument("--quiet", action="store_true", help="nobody writes meanwhile")
    parser.add_argument("--prepare", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    wish = parser.parse_args()
    if wish.prepare:
        inside()
        prepare(wish.prepare, 8000)
    elif wish.inside:
        inside()
        measure(wish)
    else:
        for engine in ENGINES if wish.engine == "both" else [wish.engine]:
            with installation(engine) as environment:
                start(environment, "bench.drawing", "--prepare", wish.cases).wait()
                print(f"\n{engine}\n", flush=True)
                told = [f"--{name}={getattr(wish, name)}" for name in ("cases", "rounds", "told", "profile", "sort")]
                quiet = ["--quiet"] if wish.quiet else []
                start(environment, "bench.drawing", "--inside", *told, *quiet, stderr=subprocess.DEVNULL).wait()


if __name__ == "__main__":
    main()
