"""What a bad day at a network does to the ledger: lost, doubled and shuffled webhooks, an outage, storms, a dead token.

    python -m bench.chaos [--network facebook …] [--messages 10000] [--seed 1] [--engine sqlite]
                          [--dropped 0.01] [--changes 0.02] [--tick 30]

Each network of the street has a day of ten hours: customers speak, edit and take back; 1 % of what it pushes is
dropped, 2 % comes again, 2 % late; 1 % of the calls that it obeys get no answer. At hour 2 it is away for 30 minutes,
at hour 4 half of all calls get 429 for ten minutes, at hour 5 half get 503. At hour 6 our credentials end; where they
cannot be renewed by themselves the owner signs in again 20 minutes later. The house is the real one: door, journey,
listeners, questions, upkeep, outbox, reconciling, step by step under one clock that both sides share; an operator
answers every case. Quiet hours later the network's own record is laid beside our ledger. Ends with 1 unless they are
equal: nothing lost, nothing twice, nothing answered twice, no 429 earned but in the storm.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.lab import inside, installation, start, table
from bench.towns import TOWNS, Town

BEGIN = datetime(2026, 3, 2, 7, tzinfo=UTC)
HOUR = 3600.0
DAY = 10 * HOUR
AFTER = 13 * HOUR  # two more rounds of reconciling
KEEP = 60.0  # seconds between two looks at what is to be reconciled and kept up
PATIENCE = 180.0  # seconds until the operator answers
SIGNS_IN = 1200.0  # seconds until the owner does
MANY = 8  # rows that a worker claims at once
ROUNDS = 1000  # of one kind of work in one tick: more is a loop without end


@dataclass
class House:
    """The real house, one step after the other."""

    town: Town
    travel: Any  # moves the clock
    account: Any = None
    operator: Any = None
    share: float = 1.0  # of what is said that is answered
    tick: float = 30.0  # seconds
    answered: int = 0
    disposed: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    poll_at: float = 0.0
    keep_at: float = 0.0
    failed: int = 0  # polls, in a row
    later: dict[str, float] = field(default_factory=dict)

    def found(self) -> None:
        """A company of one operator, connected to the town."""
        from tests.company import found

        from netcenter.accounts.actions import connect
        from netcenter.channels.registry import channel
        from netcenter.lib import clock

        company = found()
        grant = self.town.grant()
        self.operator = company.alice
        self.account = connect(
            company.brand, self.town.kind, "Sol", self.town.address, self.town.values, clock.now(), "system", grant
        )
        self.channel = channel(self.town.kind)
        self.town.door(self.take)

    def take(self, push: Any, url: str = "") -> int:
        """As the door does: judged, stored, answered."""
        from netcenter.accounts.queries import connection_by_key
        from netcenter.channels.contract import Raw, Request
        from netcenter.intake.commit import store_now
        from netcenter.lib import clock

        account, connection = connection_by_key(self.account.key)
        headers = {name.lower(): value for name, value in push.headers.items()}
        now = clock.now()
        said = self.channel.verify(
            Request("POST", headers, url.partition("?")[2], push.body, url, now.timestamp()), connection
        )
        if said.store:
            name = said.dedupe or hashlib.sha256(push.body).hexdigest()
            store_now(account.pk, [Raw(push.body, name, dict(said.meta))], now)
        return said.status

    def step(self) -> None:
        """Everything that is due."""
        self.town.network.pusher.deliver()
        self._poll()
        self._work("asking")
        self._take_in()
        self._answer()
        self._work("outbox")
        if time.time() >= self.keep_at:
            self.keep_at = time.time() + KEEP
            self._reconcile()
            self._keep_up()

    def idle(self) -> float:
        """Seconds until something is due, or five minutes."""
        from netcenter.intake import asking, reconciling
        from netcenter.outbox.dispatching import next_due

        moments = [one.timestamp() for due in (next_due, asking.next_due, reconciling.next_due) if (one := due())]
        soonest = min([*moments, *([self.poll_at] if self.channel.polls else [])], default=float("inf"))
        return min(300.0, max(self.tick, soonest - time.time()))

    def _fresh(self) -> Any:
        from netcenter.accounts.models import Account

        return Account.objects.select_related("brand").get(pk=self.account.pk)

    def _poll(self) -> None:
        """As a listener does, with its pauses."""
        from netcenter.accounts import actions as accounts
        from netcenter.channels.contract import ChannelError
        from netcenter.intake.loops import LONGEST_PAUSE, SHORTEST_PAUSE, poll_once
        from netcenter.lib import clock

        if not self.channel.polls or self.poll_at > time.time():
            return
        try:
            for _round in range(ROUNDS):
                if not poll_once(self._fresh()):
                    break
            self.failed, self.poll_at = 0, time.time() + self.channel.poll_seconds
        except Exception as error:
            self._note("poll", error)
            wire = error if isinstance(error, ChannelError) else None
            if wire and wire.reason == "rate" and wire.retry_at:
                self.poll_at = wire.retry_at.timestamp()
                return
            self.failed += 1
            permanent = bool(wire and (wire.permanent or wire.reason == "token"))
            accounts.fared_ill(self.account.pk, str(error) or repr(error), permanent, clock.now())
            pause = LONGEST_PAUSE if permanent else SHORTEST_PAUSE * 2 ** min(self.failed - 1, 10)
            self.poll_at = time.time() + min(LONGEST_PAUSE, pause)

    def _work(self, what: str) -> None:
        """What is claimed by workers: each row as a worker does it."""
        from netcenter.intake import asking
        from netcenter.intake.loops import _ask
        from netcenter.lib import clock
        from netcenter.outbox import dispatching
        from netcenter.outbox.loops import deliver

        claim, do = (asking.claim, _ask) if what == "asking" else (dispatching.claim, deliver)
        for _round in range(ROUNDS):
            rows = claim(clock.now(), MANY, {}, MANY)
            if not rows:
                return
            for row in rows:
                do(row)  # type: ignore[arg-type]

    def _take_in(self) -> None:
        from netcenter.flow import take_in
        from netcenter.lib import clock

        for _round in range(ROUNDS):
            if not take_in(clock.now()):
                return

    def _answer(self) -> None:
        """One operator, never tired, who answers whatever has waited for a while."""
        from netcenter import flow
        from netcenter.cases.models import Case, Message
        from netcenter.lib import clock
        from netcenter.lib.refused import Refused
        from netcenter.outbox.actions import Reply

        now = clock.now()
        waiting = Case.objects.filter(waiting_since__lte=now - timedelta(seconds=PATIENCE)).order_by("waiting_since")
        for case in waiting[:200]:
            said = Message.objects.filter(case=case, state="waiting").order_by("-pk").first()
            if said is None or self.later.get(str(case.pk), 0) > time.time():
                continue
            is_gone = said.deleted_at is not None or Message.objects.filter(thread=said.thread, state="failed").exists()
            if is_gone or self.answered > self.share * (self.answered + self.disposed):
                why = ("other", "Ya no está") if is_gone else ("thanks", "")
                self.disposed += flow.dispose(case, *why, said.pk, self.operator, now)
                continue
            self.answered += 1
            words, key = f"Ya lo miramos, un saludo ({self.answered})", f"chaos-{self.answered}"
            reply = Reply(thread_id=said.thread_id, text=words, key=key, seen_id=said.pk)
            try:
                flow.answer(case, reply, self.operator, now, close=True, overrule="Es un ensayo")
            except Refused as refused:
                self.failures[f"answer: {refused.code}"] += 1
                self.later[str(case.pk)] = time.time() + 600

    def _reconcile(self) -> None:
        from netcenter.intake import reconciling
        from netcenter.intake.loops import _reconcile
        from netcenter.lib import clock

        reconciling.enrol(clock.now())
        for row in reconciling.claim(clock.now(), 5):
            _reconcile(row)

    def _keep_up(self) -> None:
        from netcenter.intake.upkeep import keep_up
        from netcenter.lib import clock

        keep_up(clock.now())

    def sign_in_again(self) -> None:
        """What the owner does when told that the account's credentials have ended."""
        from netcenter.accounts.actions import change
        from netcenter.lib import clock

        if values := self.town.mend():
            account = self._fresh()
            kept = {**account.config, **values}
            change(account, account.name, account.address, kept, clock.now(), "system")

    def _note(self, where: str, error: Exception) -> None:
        self.failures[f"{where}: {str(error)[:60] or type(error).__name__}"] += 1


def live(house: House, wish: argparse.Namespace) -> None:
    """The day, and the quiet hours after it."""
    from netcenter.street.networks.base import Storm, Weather

    town, begun = house.town, time.time()
    network = town.network
    weather = Weather(
        dropped=wish.dropped if town.reconciles else 0.0, repeated=0.02, shuffled=0.02, lost=0.01,
        outages=((begun + 2 * HOUR, begun + 2.5 * HOUR),),
        storms=(Storm(begun + 4 * HOUR, begun + 4 * HOUR + 600, 429, 0.5),
                Storm(begun + 5 * HOUR, begun + 5 * HOUR + 600, 503, 0.5)), seed=7,
    )  # fmt: skip
    network.weather = network.pusher._weather = weather
    plans: list[tuple[float, Callable[[], None]]] = [
        (6 * HOUR, town.expire),
        (6 * HOUR + SIGNS_IN, house.sign_in_again),
    ]
    while (since := time.time() - begun) < DAY:
        while town.said < wish.messages * min(1.0, (since + house.tick) / DAY):
            town.speak()
            if town.chance.random() < wish.changes:
                town.change()
        while plans and plans[0][0] <= since:
            plans.pop(0)[1]()
        house.step()
        house.travel.shift(house.tick)
        if since % HOUR < house.tick:
            print(
                f"{town.kind}: hour {since / HOUR:.0f}, {town.said} said, {time.process_time():.0f} s", file=sys.stderr
            )
    network.weather = network.pusher._weather = Weather()
    while time.time() - begun < DAY + AFTER:
        house.step()
        house.travel.shift(house.idle())


def compare(house: House) -> dict[str, Any]:
    """The network's record beside ours."""
    from netcenter.accounts.models import Health
    from netcenter.cases.ledger import audit, equation
    from netcenter.cases.models import Message
    from netcenter.cases.posts import OtherName
    from netcenter.intake.models import Delivery, Proof
    from netcenter.lib import clock
    from netcenter.outbox.models import Dispatch

    town, network = house.town, house.town.network
    truth, pusher = network.truth, network.pusher
    heard = list(Message.objects.filter(account=house.account, direction="in").order_by("pk"))
    here = {town.said_in(m.external_id): m for m in sorted(heard, key=lambda m: m.deleted_at is None)}
    others = dict(OtherName.objects.values_list("external_id", "message_id"))
    still = {id: one for id, one in truth.told.items() if one.deleted_at is None}
    ours = list(Message.objects.filter(account=house.account, direction="out", state="sent").select_related("thread"))
    theirs = {m.pk: town.answer_in(m.external_id, m.text) for m in ours}
    wrong = [m for m in ours if theirs[m.pk] not in truth.answers]
    known = {*theirs.values(), *others}
    stale = _stale(town, heard, here, still)
    counted, books = audit(clock.now()), equation()
    failed = Message.objects.filter(state="failed").values_list("failure", flat=True)
    doubts = Dispatch.objects.exclude(error="").values_list("error", flat=True)
    return {
        "said": len(truth.told), "taken back": len(truth.told) - len(still), "dropped": pusher.dropped,
        "repeated": pusher.repeated, "late": pusher.shuffled, "429 in the storm": network.answered[429],
        "503": network.answered[503],
        "lost": len([id for id in still if id not in here]),
        "never said": len([id for id in here if id not in truth.told]),  # the same words twice, under another name
        "other words": len([id for id, one in still.items() if id in here and not _same(one.text, here[id].text)]),
        "gone there, not here": len(stale),
        "gone here, not there": len([id for id in still if id in here and here[id].deleted_at is not None]),
        "answers": len(ours), "disposed": house.disposed,
        "answers they do not have": len(wrong),
        "answers twice": len(truth.doubles()), "unsent": Message.objects.filter(state="sending").count(),
        "failed": len(failed),
        "answers we do not know": len([a for a in truth.answers.values() if a.at > BEGIN.timestamp() + 60 and
                                       a.id not in known and a.thread]),
        "429 earned": network.limits.earned,
        "unreadable": Delivery.objects.filter(state="unreadable").count(),
        "balanced": books == counted, "waiting": counted.waiting,
        "proofs": sum(p.theirs == p.ours for p in Proof.objects.filter(account=house.account)),
        "failures": dict(house.failures.most_common(8)),
        "said wrongly": [(m.external_id, m.thread.place, m.text) for m in wrong][:3],
        "stands wrongly": [(m.external_id, m.text, str(m.sent_at)) for m in stale][:3],
        "doubts": dict(Counter(doubts).most_common(3)),
        "processor s": round(time.process_time()), "health": Health.objects.get(account=house.account).error,
        "refused": dict(Counter(failed).most_common(3)),
    }  # fmt: skip


def _stale(town: Town, heard: list[Any], here: dict[str, Any], still: dict[str, Any]) -> list[Any]:
    """The messages that stand here though they are gone there, or were replaced by other words."""
    there = [m for m in heard if m.deleted_at is None]
    return [m for m in there if (id := town.said_in(m.external_id)) not in still or here[id] is not m]


def _same(theirs: str, ours: str) -> bool:
    """Our channels read HTML and mentions their own way; the words are the same."""
    said, held = " ".join(theirs.split()), " ".join(ours.split())
    return bool(held) and (held in said or said in held)


NOUGHT = (
    "lost", "never said", "other words", "gone there, not here", "gone here, not there", "answers they do not have",
    "answers twice", "unsent", "answers we do not know", "429 earned", "unreadable",
)  # fmt: skip
TOLD = (
    "failures",
    "processor s",
    "doubts",
    "health",
    "said wrongly",
    "stands wrongly",
    "refused",
)  # on standard error only


def run(kind: str, wish: argparse.Namespace) -> dict[str, Any]:
    import time_machine

    logging.getLogger("netcenter").setLevel(logging.CRITICAL)
    with time_machine.travel(BEGIN, tick=False) as travel:
        town = TOWNS[kind](time.time, wish.seed)
        with town.network:
            house = House(town, travel, share=min(1.0, town.most_answers / wish.messages), tick=wish.tick)
            house.found()
            live(house, wish)
            return compare(house)


def measure(kind: str, wish: argparse.Namespace) -> dict[str, Any]:
    began = time.monotonic()
    with installation(wish.engine) as environment:
        asked = ["--inside", "--network", kind, "--messages", wish.messages, "--seed", wish.seed,
                 "--dropped", wish.dropped, "--changes", wish.changes, "--tick", wish.tick]  # fmt: skip
        told = start(environment, "bench.chaos", *asked, stdout=subprocess.PIPE, text=True)
        lines = told.communicate()[0].splitlines()
    if told.returncode or not lines:
        raise SystemExit(f"{kind}: the bench itself failed")
    found: dict[str, Any] = json.loads(lines[-1])
    print(
        f"{kind}: {time.monotonic() - began:.0f} s, {json.dumps(found, ensure_ascii=False)}",
        file=sys.stderr,
        flush=True,
    )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", nargs="+", choices=list(TOWNS), default=list(TOWNS))
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dropped", type=float, default=0.01, help="share of what the network pushes")
    parser.add_argument("--changes", type=float, default=0.02, help="share of what is said, edited or taken back")
    parser.add_argument("--tick", type=float, default=30.0, help="seconds from one step to the next")
    parser.add_argument("--engine", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    wish = parser.parse_args()
    if wish.inside:
        inside()
        print(json.dumps(run(wish.network[0], wish), ensure_ascii=False))
        return
    found = {kind: measure(kind, wish) for kind in wish.network}
    shown = [name for name in next(iter(found.values())) if name not in TOLD]
    print(table(["network", *shown], [[kind, *(one[name] for name in shown)] for kind, one in found.items()]))
    sys.exit(
        any(one[name] for one in found.values() for name in NOUGHT) or not all(o["balanced"] for o in found.values())
    )


if __name__ == "__main__":
    main()
