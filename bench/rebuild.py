"""How soon a new switchboard knows everything: so many cases wait, ten thousand sit at their desks.

    python -m bench.rebuild [--engine both] [--cases 1000000] [--operators 10000]

Nothing rings first (all desks are full), so that the time is that of reading; then one desk becomes free and rings.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time
from collections.abc import Sequence
from datetime import timedelta

from bench.lab import ENGINES, inside, installation, start, table
from bench.past import Filler
from bench.router import resident


def prepare(cases: int, operators: int) -> None:
    """A company in which everything waits and everybody is at work."""
    from tests.company import found

    from netcenter.cases.models import Case, Customer
    from netcenter.lib import clock
    from netcenter.people.models import Desk, Person

    company, now = found(), clock.now()
    Person.objects.bulk_create(
        (Person(email=f"op{i}@example.com", name=f"Op {i}") for i in range(operators)), batch_size=1000
    )
    crew = list(Person.objects.filter(email__startswith="op"))
    company.brand.people.add(*crew)
    Desk.objects.bulk_create(
        (Desk(person=p, state="available", since=now, idle_since=now, seen_at=now, load=100) for p in crew),
        batch_size=1000,
    )
    filler = Filler(cases)
    ago = filler.engine.ago
    opened = ago("i % 10800")
    filler.rows(Customer, {"id": "i", "name": "'Customer ' || i", "created_at": opened})
    filler.rows(Case, {
        "id": "i", "brand_id": str(company.brand.pk), "customer_id": "i", "account_id": str(company.api.pk),
        "language": "'es'", "kind": "CASE WHEN i % 4 = 0 THEN 'complaint' ELSE 'question' END", "opened_at": opened,
        "last_at": opened, "waiting_since": opened, "due_at": ago("i % 10800 - 14400"),
    })  # fmt: skip
    filler.run("ANALYZE")


def rebuild() -> dict[str, float]:
    """The first step of a switchboard, and the first ring after it."""
    from netcenter.lib import clock
    from netcenter.people import actions as people
    from netcenter.people.models import Desk
    from netcenter.routing.switchboard import Switchboard

    Desk.objects.first()  # connect
    before, board = resident(), Switchboard()
    cpu, began = time.process_time(), time.monotonic()
    board.step(clock.now())
    read, spent, grown = time.monotonic() - began, time.process_time() - cpu, resident() - before
    free = Desk.objects.filter(load=100).order_by("pk")[0].pk
    people.empty(free, 100, clock.now())
    board._looked_at = clock.now().timestamp() - timedelta(days=1).total_seconds()  # it looks at all desks now
    began = time.monotonic()
    rang = board.step(clock.now()).rang
    assert rang == 1, rang
    board.stop()
    return {"cases": len(board.router.cases), "seconds": read, "cpu": spent, "grown": grown,
            "next": (time.monotonic() - began) * 1000}  # fmt: skip


def measure(engine: str, wish: argparse.Namespace) -> list[object]:
    asked = ["--cases", wish.cases, "--operators", wish.operators]
    with installation(engine) as environment:
        if start(environment, "bench.rebuild", "--prepare", *asked).wait():
            raise RuntimeError("the installation could not be filled")
        told = start(environment, "bench.rebuild", "--read", stdout=subprocess.PIPE, text=True).communicate()[0]
    seen = json.loads(told.splitlines()[-1])
    return [engine, f"{seen['cases']:,}", f"{wish.operators:,}", f"{seen['seconds']:.1f} s", f"{seen['cpu']:.1f} s",
            f"{seen['grown']:,.0f} MiB", f"{seen['next']:.0f} ms"]  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=[*ENGINES, "both"], default="both")
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--operators", type=int, default=10_000)
    for flag in ("--prepare", "--read"):
        parser.add_argument(flag, action="store_true", help=argparse.SUPPRESS)
    wish = parser.parse_args(arguments)
    if wish.prepare or wish.read:
        inside()
    if wish.prepare:
        prepare(wish.cases, wish.operators)
    elif wish.read:
        print(json.dumps(rebuild()))
    else:
        rows = [measure(engine, wish) for engine in (ENGINES if wish.engine == "both" else [wish.engine])]
        head = ["engine", "cases waiting", "desks", "first step", "of it our processor", "memory", "all desks again"]
        print(table(head, rows))


if __name__ == "__main__":
    main()
