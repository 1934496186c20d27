from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from netcenter.channels.budgets import InProcess
from netcenter.channels.contract import Connection, Inbound
from netcenter.channels.reddit import wire
from netcenter.channels.reddit.channel import CHANNEL
from netcenter.street.networks.base import Clock
from netcenter.street.networks.reddit import Reddit
from tests.channels.meta.house import moment

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp()
BACK = "https://house.test/back"


@pytest.fixture
def clock(monkeypatch):
    clock = Clock(NOW)
    monkeypatch.setattr(wire, "now", lambda: moment(clock()))
    monkeypatch.setattr("netcenter.channels.reddit.watching.now", lambda: moment(clock()))
    return clock


@pytest.fixture
def network(clock, settings):
    settings.ALLOW_PRIVATE_HTTP = True
    with Reddit(clock) as street:
        yield street


def connected(network, **config):
    """As a person does it: an app, then signing in. The token lasts, unless a test ends it."""
    begun = Connection("key", "", "", {
        "base_url": network.url, "site_url": network.url, "client_id": network.client, "username": "u/panaderiasol",
        "subreddits": "r/sol, pan", "search": '"panadería sol" OR panaderiasol', **config,
    }, {"client_secret": network.client_secret})  # fmt: skip
    consent = CHANNEL.authorize(begun, BACK, "state")
    (grant,) = CHANNEL.exchange(begun, network.allow(consent.url), BACK, consent.keep)
    network.tokens.get(grant.secrets["token"]).expires_at = None
    return replace(
        begun, address=grant.address, name=grant.name, config={**begun.config, **grant.config},
        secrets={**begun.secrets, **grant.secrets}, budget=InProcess(CHANNEL.buckets, wire.now),
    )  # fmt: skip


@dataclass
class House:
    """Polls, keeps the cursor, and takes each delivery once, as the house does."""

    network: Reddit
    account: Connection
    clock: Clock
    cursor: dict = field(default_factory=dict)
    happened: list = field(default_factory=list)
    seen: set = field(default_factory=set)

    def poll(self):
        told = CHANNEL.poll(self.account, self.cursor)
        self.cursor = told.cursor
        return self.read(told.raws)

    def later(self, seconds):
        self.clock.pass_by(seconds)
        return self.poll()

    def read(self, raws):
        fresh = [raw for raw in raws if raw.dedupe not in self.seen]
        self.seen |= {raw.dedupe for raw in fresh}
        found = [each for raw in fresh for each in CHANNEL.parse(raw, self.account)]
        self.happened += found
        return found

    def reconcile(self, hours=24):
        now, cursor, present = wire.now(), {}, set()
        while True:
            page = CHANNEL.reconcile(self.account, now - timedelta(hours=hours), now + timedelta(minutes=1), cursor)
            self.read(page.raws)
            present |= set(page.present)
            cursor = page.cursor
            if not page.more:
                return present

    def heard(self, kind=Inbound):
        return [one for one in self.happened if isinstance(one, kind)]


@pytest.fixture
def house(network, clock):
    one = House(network, connected(network), clock)
    one.poll()
    return one


@pytest.fixture
def dana(network):
    return network.person("dana")


@pytest.fixture
def ours(network):
    return network.posts(network.name, "sol", "Roscones desde hoy")
