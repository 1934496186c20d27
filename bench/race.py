"""Processes racing to ring the same cases: every case exactly one accepted offer, lost races counted, errors zero.

python -m bench.race [--engine postgres] [--processes 8] [--cases 2000] [--operators 50]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from datetime import timedelta

from bench.lab import inside, installation, start, table


def prepare(cases: int, operators: int) -> None:
    """A company with that many available operators and waiting cases."""
    from tests.company import found

    from netcenter.lib import clock
    from netcenter.people.models import Desk, Person

    company, now = found(), clock.now()
    Person.objects.bulk_create(Person(email=f"op{i}@example.com", name=f"Op {i}") for i in range(operators))
    crew = list(Person.objects.filter(email__startswith="op"))
    company.brand.people.add(*crew)
    Desk.objects.bulk_create(Desk(person=p, state="available", since=now, idle_since=now, seen_at=now) for p in crew)
    company.deliver(*(company.said(f"mensaje {i}", by=f"customer-{i}", at=now) for i in range(cases)))


def racer(patience: float) -> dict[str, int]:
    """Ring, pick up whatever rings, put it aside, until nothing waits: what one switchboard and its desks would do."""
    from netcenter.cases.models import Case
    from netcenter.lib import clock
    from netcenter.lib.refused import Refused
    from netcenter.routing.actions import accept, let_go
    from netcenter.routing.models import Offer
    from netcenter.routing.switchboard import ring

    counts = {"rang": 0, "lost": 0, "late": 0, "errors": 0}
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        try:
            rung = ring(clock.now())
            counts["rang"] += rung.rang
            counts["lost"] += rung.lost_races
            for offer in Offer.objects.filter(state="ringing").select_related("operator")[:20]:
                try:
                    accept(offer.pk, offer.operator, clock.now())
                except Refused:
                    counts["late"] += 1
                    continue
                # Far in the future, so that the case never rings again in this race.
                Case.objects.filter(pk=offer.case_id).update(snoozed_until=clock.now() + timedelta(days=1))
                let_go(offer.case_id, "put aside", clock.now())
            if not Case.objects.filter(waiting_since__isnull=False, snoozed_until=None).exists():
                break
        except Exception as error:
            counts["errors"] += 1
            print(repr(error), file=sys.stderr)
            raise
    return counts


def verdict() -> dict[str, int]:
    """What the database says afterwards."""
    from django.db.models import Count, Q

    from netcenter.cases.models import Case
    from netcenter.people.models import Desk

    taken = Case.objects.annotate(n=Count("offers", filter=Q(offers__accepted_at__isnull=False)))
    return {
        "cases": taken.count(), "exactly one": taken.filter(n=1).count(), "none": taken.filter(n=0).count(),
        "several": taken.filter(n__gt=1).count(), "load left": sum(Desk.objects.values_list("load", flat=True)),
    }  # fmt: skip


def race(environment: dict[str, str], processes: int, cases: int, operators: int) -> dict[str, object]:
    """The whole race in an installation; what was counted."""
    start(environment, "bench.race", "--prepare", "--cases", cases, "--operators", operators).wait()
    began = time.monotonic()
    running = [start(environment, "bench.race", "--racer", stdout=subprocess.PIPE, text=True) for _ in range(processes)]
    told = [json.loads(p.communicate()[0].splitlines()[-1]) if p.wait() == 0 else {"errors": 1} for p in running]
    seconds = time.monotonic() - began
    judge = start(environment, "bench.race", "--verdict", stdout=subprocess.PIPE, text=True)
    sums = {key: sum(t.get(key, 0) for t in told) for key in ("rang", "lost", "late", "errors")}
    return {**json.loads(judge.communicate()[0]), **sums, "seconds": round(seconds, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", default="postgres")
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--operators", type=int, default=50)
    for flag in ("--prepare", "--racer", "--verdict"):
        parser.add_argument(flag, action="store_true", help=argparse.SUPPRESS)
    wish = parser.parse_args()
    if wish.prepare or wish.racer or wish.verdict:
        inside()
    if wish.prepare:
        prepare(wish.cases, wish.operators)
    elif wish.racer:
        print(json.dumps(racer(300)))
    elif wish.verdict:
        print(json.dumps(verdict()))
    else:
        with installation(wish.engine) as environment:
            counted = race(environment, wish.processes, wish.cases, wish.operators)
        print(table(["processes", *counted], [[wish.processes, *counted.values()]]))


if __name__ == "__main__":
    main()
