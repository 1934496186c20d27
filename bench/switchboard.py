"""A crisis at several switchboards, with processes killed and cut off at random; then everything is counted.

    python -m bench.switchboard [--minutes 15] [--operators 200] [--rate 5] [--seed 1]
    python -m bench.switchboard --telephone
    python -m bench.switchboard --rebuild 1000000

A private PostgreSQL, one `netcenter web`, four `netcenter loops`; operators at event streams pick up, work and answer
or dispose over HTTP. About every 20 s one of the switchboards gets SIGKILL or stands still for 3 to 6 s, now and then
the web server dies. Customers repeat what was not acknowledged. Ends with 1 unless nothing rang twice, nothing was
lost, 99 % of the rings came within a second and every take-over within three.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from bench import rebuild, telephone
from bench.crew import Browser, Founded, World, answer, dispose, found_company, look, receive_replies, say
from bench.house import House, Seat, free_port
from bench.lab import inside, installation, quantile, start, table

BOARDS = 4
SERVER = {"track_commit_timestamp": "on", "max_connections": "400"}
BUSY = 0.85  # share of the operators' time
BURST_EVERY, BURST, BURSTS = 60.0, 6.0, 3.0  # seconds, seconds, times the usual rate
MEAN = 1 + (BURSTS - 1) * BURST / BURST_EVERY
LONGEST = 4  # times the usual handling
FURTHER = 0.3  # lines in a case for each that opens one
DISPOSED = 0.3  # share of the cases that end without an answer
WARM_UP, DRAIN = 15.0, 180.0  # seconds
STRIKE_EVERY = (12.0, 28.0)
AWAY = (3.0, 6.0)
WEB_DIES = 0.15  # share of the strikes
RING_TARGET, TAKE_OVER_TARGET = 1.0, 3.0  # seconds


# --- Customers and operators --------------------------------------------------------------------


@dataclass
class Crisis(World):
    """Operators who pick up at once, and customers who repeat themselves until they are heard."""

    handling: float = 30.0
    kept: dict[str, float] = field(default_factory=dict)  # message -> when it was acknowledged
    picked: set[int] = field(default_factory=set)  # offers
    held: dict[int, str] = field(default_factory=dict)

    async def rung(self, seat: Seat, _case: int) -> None:
        """Pick up, work, answer or close."""
        found = await asyncio.to_thread(ringing, seat.person_id)
        if found is None or found[0] in self.picked:
            return
        offer, case = found
        self.picked.add(offer)
        if await self.press(seat, f"/desk/ring/{offer}/accept/") >= 400:
            return
        thread, customer, _seen = await asyncio.to_thread(look, case)
        self.held[case] = customer
        await asyncio.sleep(min(random.expovariate(1 / self.handling), LONGEST * self.handling))
        self.held.pop(case, None)
        if random.random() < DISPOSED:
            await dispose(self, seat, case)
        else:
            await answer(self, seat, case, thread)

    async def back(self, seat: Seat) -> None:
        """The stream is there again: sit down, and see what rings."""
        await self.press(seat, "/desk/state/", {"state": "available"})
        await self.rung(seat, 0)

    async def speak(self, customer: str) -> None:
        """Say one thing until it is acknowledged."""
        ident = uuid.uuid4().hex
        while not 200 <= await say(self, customer, ident) < 300:
            await asyncio.sleep(random.uniform(0.3, 0.8))
        self.kept[ident] = time.time()

    async def crowd(self, rate: float, seconds: float) -> None:
        """An open loop with bursts: new customers, and further lines of those who are being served."""
        began = time.monotonic()
        due = 0.0
        while due < seconds:
            if (left := began + due - time.monotonic()) > 0:
                await asyncio.sleep(left)
            self.begin(self.speak(uuid.uuid4().hex))
            if random.random() < FURTHER and self.held:
                self.begin(self.speak(random.choice(list(self.held.values()))))
            burst = BURSTS if due % BURST_EVERY > BURST_EVERY - BURST else 1.0
            due += random.expovariate(rate * burst)


def ringing(person_id: int) -> tuple[int, int] | None:
    """What the operator's screen shows: the offer that rings there, and its case."""
    from netcenter.routing.models import Offer

    return Offer.objects.filter(operator_id=person_id, state="ringing").values_list("pk", "case_id").first()


def under_way() -> int:
    """Cases that wait, ring or are held, and deliveries nobody has read."""
    from netcenter.cases.models import Case
    from netcenter.intake.models import Delivery

    return Case.objects.filter(waiting_since__isnull=False).count() + Delivery.objects.filter(state="new").count()


async def drive(wish: argparse.Namespace) -> None:
    """The clients' process. Says when it begins to measure, and in the end what it saw."""
    told, port, webhook_port = json.loads(wish.drive)
    company = Founded.heard(told)
    handling = BUSY * len(company.seats) / (wish.rate * MEAN)
    crisis = Crisis(port, company.hook, company.secret, handling=handling)
    crisis.wire()
    webhook = await receive_replies(webhook_port)
    for seat in company.seats:
        await Browser(crisis, seat, crisis.rung, crisis.back).connect()
    await crisis.crowd(wish.rate, WARM_UP)
    since = time.time()
    print("begun", flush=True)
    await crisis.crowd(wish.rate, wish.minutes * 60)
    until, deadline = time.time(), time.monotonic() + DRAIN
    while await asyncio.to_thread(under_way) and time.monotonic() < deadline:
        await asyncio.sleep(0.5)
    webhook.close()
    print(json.dumps({
        "since": since, "until": until, "drained": time.time() - until, "kept": list(crisis.kept),
        "rings": crisis.rings, "answers": crisis.answers, "handling": handling,
        "door": quantile(crisis.posted, 0.99) * 1000,
    }), flush=True)  # fmt: skip
    for task in list(crisis.tasks):
        task.cancel()


# --- Switchboards and who strikes them ----------------------------------------------------------


class Board:
    """`netcenter loops`, which can be killed and made to stand still."""

    def __init__(self, environment: Mapping[str, str], log) -> None:  # type: ignore[no-untyped-def]
        self.environment, self.log = environment, log
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "netcenter.site.command", "loops"]
        self.process = subprocess.Popen(command, env=self.environment, stdout=self.log, stderr=self.log)

    def tell(self, what: signal.Signals) -> None:
        if self.process:
            self.process.send_signal(what)

    def end(self, what: signal.Signals = signal.SIGKILL) -> None:
        self.tell(what)
        if self.process:
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.end()
        self.process = None

    @property
    def name(self) -> str:
        """As the lease has it."""
        from netcenter.lib.loops import PROCESS

        return f"{PROCESS.rpartition(':')[0]}:{self.process.pid}" if self.process else ""


class Watch:
    """Looks at the lease of the queue many times a second, and keeps who held it since when."""

    def __init__(self) -> None:
        self.held: list[tuple[float, str]] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        from django.db import connection

        from netcenter.lib.models import Lease

        while not self._over.wait(0.02):
            lease = Lease.objects.filter(name__startswith="ring:").values_list("holder", flat=True).first()
            if lease and (not self.held or self.held[-1][1] != lease):
                self.held.append((time.time(), lease))
        connection.close()

    @property
    def leader(self) -> str:
        return self.held[-1][1] if self.held else ""

    def taken_over(self, since: float, from_whom: str) -> float | None:
        """Seconds until another held it."""
        return next((at - since for at, who in self.held if at > since and who != from_whom), None)

    def stop(self) -> None:
        self._over.set()
        self._thread.join(5)


@dataclass
class Strikes:
    """What was done to them."""

    killed: int = 0
    cut_off: int = 0
    web: int = 0
    leaders: list[tuple[float, str, str]] = field(default_factory=list)  # when, who, how


def strike(boards: list[Board], web: House, watch: Watch, seconds: float, dice: random.Random) -> Strikes:
    """Until the time is over; then everybody is alive again."""
    done, deadline = Strikes(), time.monotonic() + seconds
    while (pause := dice.uniform(*STRIKE_EVERY)) < deadline - time.monotonic():
        time.sleep(pause)
        if dice.random() < WEB_DIES:
            done.web += 1
            web.kill()
            web.start()
            continue
        victim = dice.choice(boards)
        cut = dice.random() < 0.5
        at, name, leads = time.time(), victim.name, victim.name == watch.leader
        done.killed, done.cut_off = done.killed + (not cut), done.cut_off + cut
        if cut:
            victim.tell(signal.SIGSTOP)
        else:
            victim.end()
        if leads:
            done.leaders.append((at, name, "cut off" if cut else "killed"))
        time.sleep(dice.uniform(*AWAY))
        if cut:
            victim.tell(signal.SIGCONT)
        else:
            victim.start()
    return done


# --- The verdict --------------------------------------------------------------------------------


def verdict(seen: dict, done: Strikes, watch: Watch) -> tuple[list[tuple[str, object]], bool]:
    """What the tables and the record say."""
    from bench.possible import story
    from netcenter.cases.models import Case, Message
    from netcenter.people.models import Desk

    told, crew = story(), Desk.objects.filter(person__email__startswith="op")
    rings = [r for r in told.rings if seen["since"] <= r.at <= seen["until"]]
    took = [r.at - r.possible for r in rings if not r.again]
    recorded = list(Message.objects.filter(direction="in").values_list("external_id", flat=True))
    lost = len(set(seen["kept"]) - set(recorded)) + Case.objects.filter(waiting_since__isnull=False).count()
    overs = [(watch.taken_over(at, who), how) for at, who, how in done.leaders]
    gaps = [gap if gap is not None else float("inf") for gap, _how in overs]
    heard = heard_after(rings, seen["rings"])
    seconds = seen["until"] - seen["since"]
    rows: list[tuple[str, object]] = [
        ("switchboards killed / cut off / web server killed", f"{done.killed} / {done.cut_off} / {done.web}"),
        ("of them the one that led", f"{len(gaps)}"),
        ("messages acknowledged", len(seen["kept"])), ("cases", Case.objects.count()),
        ("rings, rings/s", f"{len(rings)}, {len(rings) / seconds:.1f}"),
        ("operators' handling, mean; busy", f"{seen['handling']:.0f} s, {busy(seen):.0%}"),
        ("operators away at the end", crew.exclude(state="available").count()),
        ("possible → ring, p50 / p90 / p99 / most", spread(took)),
        ("within a second", f"{sum(t <= 1 for t in took) / max(1, len(took)):.2%}"),
        ("ring → heard at the browser, p50 / p90 / p99 / most", spread(heard)),
        ("again at who had let it pass (not in the times)", len(rings) - len(took)),
        ("take-over, median / most", f"{quantile(gaps, 0.5):.2f} / {max(gaps):.2f} s" if gaps else "none"),
        *((f"take-over when {how}", " ".join(f"{g:.2f}" for g, h in overs if h == how and g is not None))
          for how in ("killed", "cut off")),
        ("door, p99", f"{seen['door']:.0f} ms"), ("answers by status", seen["answers"]),
        ("seconds to drain", f"{seen['drained']:.0f}"), ("load of the machine", f"{os.getloadavg()[1]:.1f}"),
        ("still under way: case, holder, its rings, its messages", left_over()),
        ("**rang twice**", told.twice), ("**rang though it could not**", told.impossible),
        ("**lost**", lost), ("**recorded twice**", len(recorded) - len(set(recorded))),
    ]  # fmt: skip
    zero = not (told.twice or told.impossible or lost or len(recorded) - len(set(recorded)))
    in_time = bool(took) and quantile(took, 0.99) <= RING_TARGET and max(gaps, default=0) < TAKE_OVER_TARGET
    return rows, zero and in_time


def left_over() -> str:
    """What still waits after everything was given its time, and what became of its rings."""
    from netcenter.cases.models import Case

    left = Case.objects.filter(waiting_since__isnull=False).prefetch_related("offers", "messages")[:5]
    return "; ".join(
        f"{c.pk}, {c.holder_id}, {[(o.operator_id, o.state, o.reason) for o in c.offers.all()]}, "
        f"{[(m.direction, m.state, f'{m.received_at:%M:%S.%f}') for m in c.messages.order_by('id')]}"
        for c in left
    )


def spread(seconds: list[float]) -> str:
    if not seconds:
        return "none"
    shares = " / ".join(f"{quantile(seconds, share):.3f}" for share in (0.5, 0.9, 0.99))
    return f"{shares} / {max(seconds):.3f} s"


def heard_after(rings: list, heard: list) -> list[float]:
    """Seconds from each ring to its first byte at a browser, where it came at all."""
    at: dict[tuple[int, int], list[float]] = {}
    for person, case, when in heard:
        at.setdefault((person, case), []).append(when)
    times = [[t - r.at for t in at.get((r.operator, r.case), []) if t > r.at - 1] for r in rings]
    return [min(t) for t in times if t]


def busy(seen: dict) -> float:
    """The share of the measured time in which the operators held something."""
    from datetime import UTC, datetime

    from netcenter.people.models import Desk
    from netcenter.routing.models import Offer

    first, last = (datetime.fromtimestamp(seen[k], UTC) for k in ("since", "until"))
    held = Offer.objects.filter(accepted_at__isnull=False, accepted_at__lt=last).values_list("accepted_at", "ended_at")
    spans = ((min(end or last, last) - max(begin, first)).total_seconds() for begin, end in held)
    operators = Desk.objects.filter(person__email__startswith="op").count()
    return sum(max(0.0, s) for s in spans) / operators / (last - first).total_seconds()


# --- The stage ----------------------------------------------------------------------------------


def crisis(environment: dict[str, str], wish: argparse.Namespace) -> bool:
    """The whole story in an installation; prints it, and tells whether all is well."""
    os.environ.update(environment)
    inside()
    webhook_port = free_port()
    web = House(environment, "web")
    boards = [Board(web.environment, web.log) for _ in range(BOARDS)]
    company = found_company(wish.operators, webhook_port, web.port, one_at_a_time=True)
    watch = None
    try:
        for one in (web, *boards):
            one.start()
        web.await_ready()
        watch = Watch()
        asked = ["--drive", json.dumps([company.told(), web.port, webhook_port]), "--rate", wish.rate,
                 "--minutes", wish.minutes]  # fmt: skip
        client = start(environment, "bench.switchboard", *asked, stdout=subprocess.PIPE, text=True)
        assert client.stdout
        client.stdout.readline()
        done = strike(boards, web, watch, wish.minutes * 60, random.Random(wish.seed))
        seen = json.loads(client.communicate()[0].splitlines()[-1])
        rows, well = verdict(seen, done, watch)
    finally:
        if watch:
            watch.stop()
        for board in boards:
            board.tell(signal.SIGCONT)
            board.end(signal.SIGTERM)
        web.stop()
        if wish.log:
            with open(wish.log, "w") as log:
                log.write(web.told())
    print(table(["what", "count"], rows))
    return well


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--operators", type=int, default=200)
    parser.add_argument("--rate", type=float, default=5.0, help="new cases a second between the bursts")
    parser.add_argument("--seed", type=int, default=1, help="of the strikes")
    parser.add_argument("--log", help="keep what the processes logged here")
    parser.add_argument("--telephone", action="store_true", help="the telephone's own test")
    parser.add_argument("--rebuild", type=int, nargs="?", const=1_000_000, help="how soon a new switchboard knows all")
    parser.add_argument("--drive", help=argparse.SUPPRESS)
    wish = parser.parse_args()
    if wish.drive:
        inside()
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        import uvloop

        uvloop.run(drive(wish))
    elif wish.telephone:
        telephone.main([])
    elif wish.rebuild:
        rebuild.main(["--cases", str(wish.rebuild)])
    else:
        with installation("postgres", **SERVER) as environment:
            well = crisis(environment, wish)
        sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()
