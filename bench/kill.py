"""The server dies, again and again, under a stream of messages; afterwards everything is counted.

    python -m bench.kill [--kills 200] [--engine sqlite|postgres] [--seed 1]

Customers write by API, mail and chat, and repeat what was not acknowledged; operators pick up and answer through the
desk's own addresses. The server gets SIGKILL at random moments. Ends with 1 unless every count that must be zero is.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import random
import sys
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from bench.house import House, Seat, sign_in
from bench.lab import inside, installation, table
from bench.world import ANSWER, TOKEN, Customers, Ledger, Receiver, Visitor, api_writer, mail_writer, read_mailboxes

WRITERS, OPERATORS = 4, 8  # writers of each channel
PACE = 1.2  # seconds between two messages of a writer
HERE_EVERY = 5.0  # seconds
ALIVE = (0.0, 3.0)  # seconds that the server may live once it answers
STILLBORN = 0.1  # share of the kills that come while it starts
DRAIN_SECONDS = 420.0


# --- The people at work -------------------------------------------------------------------------


class Crew:
    """Operators who pick up what rings and answer it, and press the key again when nothing came back."""

    def __init__(self, seats: list[Seat]) -> None:
        self.asked: dict[str, int] = {}  # reply -> status of the answer that settled it
        self.presses = 0
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(seat,), daemon=True) for seat in seats]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(30)

    def _work(self, seat: Seat) -> None:
        from django.db import connection

        here = -1e9
        while not self._over.wait(random.uniform(0.05, 0.2)):
            if time.monotonic() - here > HERE_EVERY and self._is_here(seat):
                here = time.monotonic()
            if (offer := self._ringing(seat)) is not None:
                self._press(seat, f"/desk/ring/{offer}/accept/", {})
            for case in self._mine(seat):
                self._answer(seat, *case)
        connection.close()

    @staticmethod
    def _is_here(seat: Seat) -> bool:
        """Say so, and come back to the desk if its rings were missed while the server was dead."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            seat.request("POST", "/live/here")
            return seat.request("POST", "/desk/state/", {"state": "available"}).status < 500
        return False

    @staticmethod
    def _ringing(seat: Seat) -> int | None:
        from netcenter.routing.models import Offer

        return Offer.objects.filter(operator_id=seat.person_id, state="ringing").values_list("pk", flat=True).first()

    @staticmethod
    def _mine(seat: Seat) -> list[tuple[int, int, int]]:
        """What waits in the cases the person holds: case, thread, and the last message seen."""
        from netcenter.cases.models import Message

        waiting = Message.objects.filter(state="waiting", case__holder_id=seat.person_id).order_by("pk")
        last = {m[0]: m for m in waiting.values_list("case_id", "thread_id", "pk")}
        return list(last.values())

    def _answer(self, seat: Seat, case: int, thread: int, seen: int) -> None:
        key = str(uuid.uuid4())
        reply = f"r-{key}"
        form = {
            "key": key, "thread": str(thread), "seen": str(seen), "close": random.choice("01"),
            "text": f"Hola, gracias por escribirnos. Lo miramos enseguida y le avisamos. [{reply}]",
        }  # fmt: skip
        self.asked[reply] = self._press(seat, f"/desk/case/{case}/reply/", form)

    def _press(self, seat: Seat, path: str, form: dict[str, str]) -> int:
        """Post until something comes back; a person would press again, too."""
        while not self._over.is_set():
            self.presses += 1
            with contextlib.suppress(OSError, http.client.HTTPException):
                status = seat.request("POST", path, form).status
                if status < 500:
                    return status
            time.sleep(random.uniform(0.1, 0.4))
        return 0


# --- The murderer -------------------------------------------------------------------------------


@dataclass
class Deaths:
    ready: int = 0
    stillborn: int = 0
    start_seconds: float = 0.0


def murder(house: House, kills: int, dice: random.Random) -> Deaths:
    """Start it, let it live for a moment, kill it; `kills` times."""
    deaths, usual = Deaths(), 4.0
    for n in range(kills):
        house.start()
        if dice.random() < STILLBORN:
            time.sleep(dice.uniform(0.1, usual))
            deaths.stillborn += 1
        else:
            usual = house.await_ready()
            deaths.ready += 1
            deaths.start_seconds += usual
            time.sleep(dice.uniform(*ALIVE))
        house.kill()
        if (n + 1) % 10 == 0:
            print(f"{n + 1} of {kills} kills", file=sys.stderr, flush=True)
    return deaths


# --- The verdict --------------------------------------------------------------------------------


def drained() -> dict[str, int]:
    """What is still under way."""
    from netcenter.cases.models import Message
    from netcenter.intake.models import Delivery
    from netcenter.outbox.models import Dispatch

    return {
        "deliveries": Delivery.objects.filter(state="new").count(),
        "waiting": Message.objects.filter(state="waiting").count(),
        "unsent": Dispatch.objects.exclude(state__in=["sent", "refused"]).count(),
    }


def two_desks() -> int:
    """Cases that, by the record, rang or were held somewhere while they still rang or were held."""
    from netcenter.events.models import Event

    at: dict[int, int] = {}
    wrong: set[int] = set()
    offers = Event.objects.filter(kind__startswith="offer.").order_by("transaction_id", "id")
    for kind, case, data in offers.values_list("kind", "case_id", "data").iterator():
        offer = data["offer"]
        if kind in ("offer.rang", "offer.accepted"):
            if at.setdefault(case, offer) != offer:
                wrong.add(case)
        elif at.get(case) == offer:
            del at[case]
        else:
            wrong.add(case)
    return len(wrong)


def desks_wrong() -> int:
    """Desks whose load is not the sum of what rings there and is held."""
    from django.db.models import Sum

    from netcenter.people.models import Desk
    from netcenter.routing.models import Offer

    live = dict(Offer.objects.filter(state__in=Offer.LIVE).values_list("operator_id").annotate(sum=Sum("weight")))
    return sum(load != live.get(pk, 0) for pk, load in Desk.objects.values_list("pk", "load"))


def verdict(ledger: Ledger, crew: Crew) -> tuple[list[tuple[str, object]], list[tuple[str, int]]]:
    """What was counted, and what must be zero."""
    from netcenter.cases import ledger as book
    from netcenter.cases.models import Case, Message
    from netcenter.events.actions import seal_next
    from netcenter.events.models import Event, Seal
    from netcenter.events.queries import broken_seal
    from netcenter.intake.models import Delivery
    from netcenter.lib import clock
    from netcenter.outbox.models import Dispatch

    recorded: Counter[str] = Counter()
    for text in Message.objects.filter(direction="in").values_list("text", flat=True).iterator():
        recorded.update(TOKEN.findall(text))
    written = Counter(
        r for text in Message.objects.filter(direction="out", automatic="").values_list("text", flat=True)
        for r in ANSWER.findall(text)
    )  # fmt: skip
    refused = set(Dispatch.objects.filter(state="refused").values_list("key", flat=True))
    due = {r for r in written if r[2:] not in refused}
    settled = [r for r, status in crew.asked.items() if 200 <= status < 300]
    equation, audit = book.equation(), book.audit(clock.now())
    while seal_next(clock.now()):
        pass
    split = Case.objects.exclude(waiting_since=None).exclude(messages__state="waiting").count()
    counted: list[tuple[str, object]] = [
        *((f"messages by {channel}", n) for channel, n in sorted(ledger.sent.items())),
        ("messages acknowledged", len(ledger.kept)), ("tries it took", ledger.tries),
        ("messages recorded", len(recorded)), ("cases", Case.objects.count()),
        ("replies requested", len(written)), ("presses it took", crew.presses),
        ("replies that reached the customer once", sum(len(ledger.got[r]) == 1 for r in due)),
        ("webhook posts beyond the first of their key", sum(n - 1 for n in ledger.raw.values())),
        ("received = answered + disposed + waiting",
         f"{equation.received} = {equation.answered} + {equation.disposed} + {equation.waiting}"),
        ("events sealed", f"{Event.objects.count()} under {Seal.objects.count()} seals"),
    ]  # fmt: skip
    zero = [
        ("messages lost", sum(token not in recorded for token in ledger.kept)),
        ("messages twice in a case", sum(n > 1 for n in recorded.values())),
        ("messages nobody said", sum(token not in ledger.kept for token in recorded)),
        ("deliveries unreadable", Delivery.objects.filter(state="unreadable").count()),
        ("cases at two desks", two_desks()),
        ("desks with a wrong load", desks_wrong()),
        ("replies accepted from an operator and lost", sum(r not in written for r in settled)),
        ("replies written twice", sum(n > 1 for n in written.values())),
        ("replies that reached the customer twice", sum(len(ids) > 1 for ids in ledger.got.values())),
        ("replies missing", sum(not ledger.got[r] for r in due)),
        ("replies refused", len(refused)),
        ("ledger out of balance", int(not equation.balances or equation != audit)),
        ("cases that wait for nothing", split),
        ("seals broken", int(broken_seal() is not None)),
        *((f"still under way: {name}", n) for name, n in drained().items()),
    ]
    return counted, zero


# --- The stage ----------------------------------------------------------------------------------


@dataclass
class Stage:
    house: House
    ledger: Ledger
    receiver: Receiver
    visitors: list[Visitor]
    customers: Customers
    crew: Crew
    post: object  # the customers' mail server, or None


def set_up(environment: dict[str, str], post) -> Stage:  # type: ignore[no-untyped-def]
    """Found the company, connect its three accounts, sign its people in, and let everybody begin."""
    from tests.company import found

    from netcenter.accounts.actions import connect
    from netcenter.accounts.queries import connection_of
    from netcenter.lib import clock
    from netcenter.people.models import Desk, Person

    ledger = Ledger()
    receiver, house = Receiver(ledger), House(environment, NETCENTER_GRACE_SECONDS="120")
    company, now = found(), clock.now()
    values = {"webhook_url": f"{receiver.url}/in", "lookup_url": f"{receiver.url}/known"}
    api = connect(company.brand, "api", "Shop", "bench-shop", values, now, "system")
    customers = Customers(ledger, PACE)
    visitors = [Visitor(house.port, company.chat.key, ledger) for _ in range(WRITERS)]
    for n, visitor in enumerate(visitors):
        secret = connection_of(api).secrets["secret"]
        customers.write("api", api_writer(house.port, api.key, secret, f"customer-{n}"))
        customers.write("chat", visitor.say)
    if post is not None:
        config = {**post.config(), "user": post.address("hola"), "password": post.password}
        connect(company.brand, "email", "Mail", post.address("hola"), config, now, "system")
        for n in range(WRITERS):
            port = house.mail_port if n % 2 else post.smtp_port
            channel = "mail to our port" if n % 2 else "mail to the mailbox"
            customers.write(channel, mail_writer(port, post.customer(f"customer{n}"), post.address("hola")))
    people = [Person(email=f"op{i}@example.com", name=f"Op {i}", role="operator") for i in range(OPERATORS)]
    Person.objects.bulk_create(people)
    company.brand.people.add(*people)
    Desk.objects.bulk_create(Desk(person=p, state="available", since=now, idle_since=now, seen_at=now) for p in people)
    crew = Crew([sign_in(person, house.port) for person in people])
    return Stage(house, ledger, receiver, visitors, customers, crew, post)


def drain(stage: Stage) -> float:
    """Let the last server finish in peace; how long that took."""
    began = time.monotonic()
    stage.house.start()
    stage.house.await_ready()
    silent = stage.customers.quiet(60)
    if not silent:
        print("somebody was never told that a message is kept", file=sys.stderr)
    while time.monotonic() - began < DRAIN_SECONDS:
        if silent and not any(drained().values()):
            time.sleep(2 if stage.post is not None else 0)  # what has just left reaches its mailbox
            if not any(drained().values()):
                break
        time.sleep(0.5)
    for visitor in stage.visitors:
        visitor.look_back()
    stage.crew.stop()
    if stage.post is not None:
        read_mailboxes(Path(stage.post.lab) / "store" / "customer.test", stage.ledger)  # type: ignore[attr-defined]
    return time.monotonic() - began


def run(environment: dict[str, str], post, kills: int, seed: int) -> bool:  # type: ignore[no-untyped-def]
    """The whole story in an installation; prints it, and tells whether all is well."""
    os.environ.update(environment)
    inside()
    stage = set_up(environment, post)
    began = time.monotonic()
    try:
        deaths = murder(stage.house, kills, random.Random(seed))
        seconds = drain(stage)
        counted, zero = verdict(stage.ledger, stage.crew)
    finally:
        stage.house.stop()
        stage.receiver.stop()
    start = deaths.start_seconds / max(1, deaths.ready)
    head = [
        ("kills", kills), ("of them while it started", deaths.stillborn), ("seconds to start, mean", f"{start:.1f}"),
        ("seconds to drain", f"{seconds:.0f}"), ("seconds in all", f"{time.monotonic() - began:.0f}"),
    ]  # fmt: skip
    print(table(["what", "count"], [*head, *counted, *((f"**{name}**", n) for name, n in zero)]))
    return not any(n for _name, n in zero)


@contextlib.contextmanager
def mail_server(wanted: bool):  # type: ignore[no-untyped-def]
    """A real one; None, and a sentence, where none can run."""
    from tests.servers.mail import running_mail_server

    with contextlib.ExitStack() as stack:
        server = None
        try:
            server = stack.enter_context(running_mail_server()) if wanted else None
        except RuntimeError as reason:
            print(f"without mail: {reason}", file=sys.stderr)
        yield server


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--engine", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-mail", action="store_true", help="only API and chat")
    parser.add_argument("--log", type=Path, help="keep what the server logged here")
    wish = parser.parse_args()
    with installation(wish.engine) as environment, mail_server(not wish.no_mail) as post:
        try:
            well = run(environment, post, wish.kills, wish.seed)
        finally:
            if wish.log:
                wish.log.write_bytes((Path(environment["NETCENTER_DATA"]) / "server.log").read_bytes())
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()
