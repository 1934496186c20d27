"""How much the hot verbs do: statements and processor time, all and within the transaction, where others wait.

    python -m bench.verbs [--engine both] [--rounds 30]

The verbs run one after the other in one process, through the pages' own addresses where they have one. Statements and
milliseconds of our own processor are medians over the rounds; what the database's processes burn is not in them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from bench.lab import ENGINES, inside, installation, start, table

TEXT = "¿Dónde está mi pedido?"
BATCH = 20  # deliveries that are taken in at once
CLOSE, REPLY, ALONE = "reply and close", "reply", "reply in a case that nobody holds"
DISPOSE, DECLINE = "dispose", "decline"


@dataclass
class Cost:
    """What one verb did."""

    statements: int = 0
    within: int = 0  # of them, while a transaction ran
    seconds: float = 0.0
    locked: float = 0.0  # of them, while a transaction ran
    said: list[str] = field(default_factory=list)


class Meter:
    """Counts on the connection of this thread."""

    def __init__(self) -> None:
        self.costs: dict[str, list[Cost]] = defaultdict(list)
        self._cost = Cost()
        self._since: float | None = None

    def watch(self, connection: Any) -> None:
        """Note when transactions begin and end."""
        turn, end, back = connection.set_autocommit, connection.commit, connection.rollback

        def set_autocommit(on: bool, *args: Any, **more: Any) -> None:
            turn(on, *args, **more)
            if not on:
                self._since = time.thread_time()

        def ended(how: Callable[[], None]) -> Callable[[], None]:
            def end() -> None:
                how()
                if self._since is not None:
                    self._cost.locked += time.thread_time() - self._since
                    self._since = None

            return end

        connection.set_autocommit, connection.commit, connection.rollback = set_autocommit, ended(end), ended(back)

    def _count(self, execute: Callable, sql: str, params: Any, many: bool, context: dict) -> Any:
        self._cost.statements += 1
        self._cost.within += self._since is not None
        self._cost.said.append(("  " if self._since is not None else "- ") + " ".join(sql.split()))
        return execute(sql, params, many, context)

    @contextmanager
    def __call__(self, verb: str) -> Iterator[None]:
        from django.db import connection

        self._cost = Cost()
        began = time.thread_time()
        with connection.execute_wrapper(self._count):
            yield
        self._cost.seconds = time.thread_time() - began
        self.costs[verb].append(self._cost)

    def rows(self) -> list[list[object]]:
        found = []
        for verb, costs in self.costs.items():
            counts = [f"{median(getattr(c, name) for c in costs):g}" for name in ("statements", "within")]
            spent = [f"{1000 * median(getattr(c, name) for c in costs):.1f}" for name in ("seconds", "locked")]
            found.append([verb, *counts, *spent])
        return found


class Scene:
    """Alice sits at her desk, and customers write."""

    def __init__(self) -> None:
        from django.db import connection
        from django.test import Client
        from tests.company import found

        from netcenter.channels import contract
        from netcenter.outbox import dispatching
        from netcenter.routing.switchboard import Switchboard

        self.company, self.meter, self.board = found(), Meter(), Switchboard()
        self.client = Client(headers={"HX-Request": "true", "Host": "127.0.0.1"})
        self.client.force_login(self.company.alice)
        self.company.available(self.company.alice)
        self.store(["before"])
        self.take_in()
        self.clear()
        self.meter.watch(connection)
        dispatching.send = lambda dispatch, now: contract.Receipt(dispatch.key, "sent", now)  # type: ignore[assignment]

    def clear(self) -> None:
        """Nothing waits or rings any more, and Alice has nothing on her desk."""
        from netcenter.cases.models import Case
        from netcenter.lib import clock
        from netcenter.people.models import Desk
        from netcenter.routing.models import Offer
        from netcenter.routing.switchboard import Switchboard

        Offer.objects.filter(state__in=Offer.LIVE).update(state="ended", ended_at=clock.now())
        Case.objects.update(holder=None, waiting_since=None)
        Desk.objects.filter(person=self.company.alice).update(load=0, missed_in_row=0)
        self.board.stop()
        self.board = Switchboard()
        self.board.step(clock.now())

    def store(self, names: Sequence[str]) -> None:
        """Each of them has written."""
        from netcenter.channels.contract import Raw
        from netcenter.intake.actions import store
        from netcenter.lib import clock

        now = clock.now()
        said = [self.company.said(TEXT, by=name, at=now, id=uuid.uuid4().hex) for name in names]
        store(self.company.api, [Raw(json.dumps(one).encode(), uuid.uuid4().hex) for one in said], None, now)

    def take_in(self) -> None:
        from netcenter.flow import take_in
        from netcenter.lib import clock

        take_in(clock.now())

    def ask(self, verb: str, path: str, **form: str) -> None:
        with self.meter(verb):
            answer = self.client.post(path, form) if form or "ring/" in path else self.client.get(path)
        assert answer.status_code in (200, 204), (path, answer.status_code, answer.content[:500])

    def play(self, verb: str, name: str) -> None:
        """One case, from its message to what the verb makes of it."""
        from netcenter.cases.models import Case
        from netcenter.lib import clock
        from netcenter.routing.models import Offer

        self.clear()
        self.store([name])
        with self.meter("take in one message"):
            self.take_in()
        case = Case.objects.get(customer__name=name.title())
        path, message = f"/desk/case/{case.pk}/", case.messages.get()
        if verb != ALONE:
            with self.meter("ring"):
                self.board.step(clock.now())
            offer = Offer.objects.get(case=case, state="ringing")
            if verb == DECLINE:
                return self.ask(verb, f"/desk/ring/{offer.pk}/decline/", reason="busy")
            self.ask("accept, with the page of the case", f"/desk/ring/{offer.pk}/accept/", on="")
        if verb == DISPOSE:
            self.ask(verb, f"{path}dispose/", reason="elsewhere", seen=str(message.pk))
        else:
            self.ask(verb, f"{path}reply/", text="Gracias, lo miramos.", key=str(uuid.uuid4()), seen=str(message.pk),
                     thread=str(message.thread_id), close="1" if verb == CLOSE else "")  # fmt: skip
            self.send()
        for piece in ("lists/", "presence/"):
            self.ask(f"piece: {piece}", f"/desk/{piece}")
        for piece in ("head/", "story/", "side/"):
            self.ask(f"piece: {piece}", f"{path}{piece}")

    def send(self) -> None:
        from netcenter.lib import clock
        from netcenter.outbox import dispatching
        from netcenter.outbox.loops import deliver

        with self.meter("claim a dispatch"):
            (dispatch,) = dispatching.claim(clock.now(), 8)
        with self.meter("note that it was sent"):
            deliver(dispatch)


def measure(rounds: int) -> Meter:
    """Let the verbs run, in the order in which a case meets them."""
    scene = Scene()
    for n in range(rounds):
        for verb in (CLOSE, REPLY, ALONE, DISPOSE, DECLINE):
            scene.play(verb, f"{verb.replace(' ', '')}{n}")
        scene.store([f"batch{n}-{i}" for i in range(BATCH)])
        with scene.meter(f"take in {BATCH} messages"):
            scene.take_in()
    return scene.meter


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=[*ENGINES, "both"], default="both")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--told", action="store_true", help="also print the statements of the last round")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    wish = parser.parse_args()
    if wish.inside:
        inside()
        meter = measure(wish.rounds)
        print(table(["verb", "statements", "within the transaction", "CPU ms", "within the transaction"], meter.rows()))
        for verb, costs in meter.costs.items() if wish.told else ():
            print(f"\n== {verb}", *costs[-1].said, sep="\n")
        return
    for engine in ENGINES if wish.engine == "both" else [wish.engine]:
        with installation(engine) as environment:
            print(engine, flush=True)
            told = ["--told"] if wish.told else []
            start(environment, "bench.verbs", "--inside", "--rounds", wish.rounds, *told, stdout=None,
                  stderr=subprocess.DEVNULL).wait()  # fmt: skip


if __name__ == "__main__":
    main()
