"""What tests of review networks share: an account that is polled, what it heard, and a small storm over it."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from netcenter.channels.budgets import InProcess
from netcenter.channels.contract import (
    Act,
    Author,
    Channel,
    ChannelError,
    Connection,
    Deleted,
    Echo,
    Inbound,
    Outbound,
    Pointer,
    Raw,
    Receipt,
    Request,
    ThreadRef,
)
from netcenter.channels.reviews import told, watching
from netcenter.street.networks.base import Network, Push, Storm

FOR_EVER = 9e12
BAD_WEATHER = [  # what breaks, the reason that is understood, and whether it is for good
    (lambda s: setattr(s.weather, "storms", (Storm(0, FOR_EVER, 429),)), "rate", False),
    (lambda s: setattr(s.weather, "storms", (Storm(0, FOR_EVER, 503),)), "", False),
    (lambda s: setattr(s.weather, "outages", ((0, FOR_EVER),)), "", False),
]  # fmt: skip


class Later:
    """The time of day, and what was let pass besides."""

    def __init__(self) -> None:
        self.more = 0.0

    def __call__(self) -> float:
        return time.time() + self.more

    def pass_by(self, seconds: float) -> None:
        self.more += seconds


def moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


class Desk:
    """Holds every message by its id, as the house would: each once, and what is gone marked as gone."""

    def __init__(self, channel: Channel, connection: Connection, now: Callable[[], float] = time.time) -> None:
        self.channel, self.now = channel, now
        self.connection = replace(connection, budget=InProcess(channel.buckets, lambda: moment(now())))
        self.cursor: dict[str, Any] = {}
        self.query = ""  # of our address, as the network was given it
        self.said: dict[str, Inbound] = {}
        self.echoes: dict[str, Echo] = {}
        self.failed: set[str] = set()
        self.gone: set[str] = set()
        self.happened: list[Any] = []
        self._taken: set[str] = set()

    # --- what comes in --------------------------------------------------------------------------

    def poll(self) -> list[Any]:
        """All that is new. Raises ChannelError."""
        before = len(self.happened)
        for _turn in range(50):
            found = self.channel.poll(self.connection, self.cursor)
            for raw in found.raws:
                self.take(raw)
            self.cursor = found.cursor
            if not found.more:
                break
        return self.happened[before:]

    def later(self, seconds: float = watching.EVERY) -> None:
        """As if so much time had passed since the last look further down."""
        backwards(self.cursor, seconds)

    def take(self, raw: Raw) -> None:
        if raw.dedupe in self._taken:
            return
        self._taken.add(raw.dedupe)
        for one in self.channel.parse(raw, self.connection):
            self.happened.append(one)
            match one:
                case Inbound():
                    self.said.setdefault(one.external_id, one)
                case Echo():
                    self.echoes.setdefault(one.external_id, one)
                case Deleted():
                    self.gone.add(one.external_id)
                case Receipt(state="failed"):
                    self.failed.add(one.external_id)
                case Pointer():
                    for each in self.channel.follow(one.reference, self.connection):
                        self.take(each)

    def door(self, push: Push, url: str = "") -> int:
        """What a network hears that pushes."""
        asked = Request("POST", push.headers, self.query, push.body, url, self.now())
        answer = self.channel.verify(asked, self.connection)
        if answer.store:
            with suppress(ChannelError):  # the house asks again
                self.take(Raw(push.body, hashlib.sha256(push.body).hexdigest()))
        return answer.status

    def reconcile(self, since: datetime | None = None, until: datetime | None = None) -> dict[str, int]:
        """All pages of a day (today); the network's own counts."""
        since = since or moment(self.now()).replace(hour=0, minute=0, second=0, microsecond=0)
        until, cursor, counts = until or since + timedelta(days=1), {}, {}
        while True:
            page = self.channel.reconcile(self.connection, since, until, cursor)
            for raw in page.raws:
                self.take(raw)
            counts |= {count.day.isoformat(): count.messages for count in page.counts}
            cursor = page.cursor
            if not page.more:
                return counts

    def renew(self) -> None:
        """What the house does when the network no longer takes the token."""
        if self.channel.can("refresh"):
            grant = self.channel.refresh(self.connection)
            self.connection = replace(self.connection, secrets={**self.connection.secrets, **grant.secrets})

    # --- what is here ----------------------------------------------------------------------------

    def here(self) -> dict[str, Inbound]:
        """The messages that are not gone, by review."""
        return {told.review_of(name): one for name, one in self.said.items() if name not in self.gone}

    def texts(self) -> list[str]:
        return [one.text for name, one in self.said.items() if name not in self.gone]

    # --- what goes out ---------------------------------------------------------------------------

    def answer(self, said: Inbound, text: str, key: str = "k", **more: Any) -> Receipt:
        """As the outbox does it: after doubt it looks first."""
        outbound = reply(said, text, key, **more)
        try:
            return self.channel.send(outbound, self.connection)
        except ChannelError as error:
            if not error.unknown:
                raise
        for _try in range(20):
            with suppress(ChannelError):
                return self.channel.find(outbound, self.connection) or self.channel.send(outbound, self.connection)
        raise ChannelError("it may have left, and nobody knows", unknown=True)

    def act(self, verb: str, target: str, **more: Any) -> Receipt:
        return self.channel.act(Act("a", verb, target, ThreadRef("t", "public"), **more), self.connection)


def reply(said: Inbound, text: str, key: str = "k", **more: Any) -> Outbound:
    return Outbound(key, said.thread, said.author, text, target=said.external_id, **more)


def somebody() -> Author:
    return Author("somebody")


def backwards(value: dict[str, Any], seconds: float) -> None:
    """As if the last look lay so much longer back, wherever in the cursor it stands."""
    for name, each in value.items():
        if name == "looked":
            value[name] = each - seconds
        elif isinstance(each, dict) and name != "seen":
            backwards(each, seconds)


def storm_over(desk: Desk, street: Any, turns: int = 120, seed: int = 7) -> None:
    """People write, reword and remove, we and the console answer, while the network fails in every way it can.

    `street.now` is a `Later`: ten seconds pass in each turn.
    """
    chance, alive = random.Random(seed), list[str]()
    street.weather.lost = 0.1
    for turn in range(turns):
        street.now.pass_by(10)
        _people(street, chance, alive, turn)
        street.weather.storms = (Storm(0, FOR_EVER, chance.choice((429, 500, 503)), 0.15),)
        street.weather.outages = ((0, FOR_EVER),) if turn % 40 in (30, 31, 32) else ()
        if turn % 50 == 25:
            street.forget_tokens()
        try:
            street.pusher.deliver()
            desk.later() if turn % 10 == 0 else None
            desk.poll()
            if (here := list(desk.here().values())) and turn % 3 == 0:
                desk.answer(chance.choice(here), f"Gracias, respuesta {turn}", f"k{turn}")
        except ChannelError as error:
            if error.reason == "token":
                with suppress(ChannelError):
                    desk.renew()
    street.weather.lost, street.weather.storms, street.weather.outages = 0.0, (), ()
    for _turn in range(3):
        street.now.pass_by(3600)
        with suppress(ChannelError):
            desk.renew()
        street.pusher.deliver()
        desk.later()
        with suppress(ChannelError):
            desk.poll()
            desk.reconcile()


def _people(street: Any, chance: random.Random, alive: list[str], turn: int) -> None:
    what = chance.random()
    if what < 0.6 or not alive:
        alive.append(street.write(f"persona {turn}", f"Opinión {turn}", stars=chance.randint(1, 5)))
    elif what < 0.8:
        street.reword(chance.choice(alive), f"Pensándolo mejor {turn}")
    elif what < 0.9:
        street.console(chance.choice(alive), f"Desde la consola {turn}")
    else:
        street.remove(alive.pop(chance.randrange(len(alive))))


def is_as_the_street_says(desk: Desk, street: Network) -> None:
    """Zero lost, zero double, zero double replies, zero 429."""
    there = {name: one.text for name, one in street.truth.told.items() if one.deleted_at is None}
    here = [(told.review_of(name), one.text) for name, one in desk.said.items() if name not in desk.gone]
    lost, extra = set(there.items()) - set(here), set(here) - set(there.items())
    assert not lost and not extra and len(here) == len(there), f"lost {lost}, more than there is {extra}"
    assert street.truth.doubles() == []
    assert street.limits.earned == 0
