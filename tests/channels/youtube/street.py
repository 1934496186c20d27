"""An account on the street's YouTube, as a person connects it, and what it is told."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from netcenter.channels.budgets import InProcess
from netcenter.channels.contract import Connection, Inbound, Outbound
from netcenter.channels.youtube import wire
from netcenter.channels.youtube.channel import CHANNEL
from netcenter.street.networks.base import Clock
from netcenter.street.networks.youtube import YouTube

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp()
BACK = "https://house.test/back"


def connected(network: YouTube, ends: bool = False, **config) -> Connection:
    """`ends`: the token ends within the hour, as tokens do."""
    addresses = {"base_url": f"{network.url}/youtube/v3", "dialog_url": f"{network.url}/o/oauth2/v2/auth",
                 "token_url": network.url, "hub_url": f"{network.url}/hub", "client_id": network.client}  # fmt: skip
    secrets = {"client_secret": network.client_secret, "hub_secret": "made-up-hub-secret"}
    begun = Connection("key", "", "", {**addresses, **config}, secrets)
    consent = CHANNEL.authorize(begun, BACK, "state")
    (grant,) = CHANNEL.exchange(begun, network.allow(consent.url), BACK, consent.keep)
    network.tokens.get(grant.secrets["token"]).expires_at = network.now() + 3599 if ends else None
    return replace(
        begun, address=grant.address, name=grant.name, config={**begun.config, **grant.config},
        secrets={**secrets, **grant.secrets}, budget=InProcess(CHANNEL.buckets, wire.now),
    )  # fmt: skip


@dataclass
class House:
    """Polls, keeps the cursor, and takes each delivery once, as the house does."""

    network: YouTube
    account: Connection
    clock: Clock
    cursor: dict = field(default_factory=dict)
    happened: list = field(default_factory=list)
    seen: set = field(default_factory=set)

    def poll(self) -> list:
        """What is new."""
        told = CHANNEL.poll(self.account, self.cursor)
        self.cursor = told.cursor
        return self.read(told.raws)

    def later(self, seconds: float) -> list:
        self.clock.pass_by(seconds)
        return self.poll()

    def read(self, raws) -> list:
        fresh = [raw for raw in raws if raw.dedupe not in self.seen]
        self.seen |= {raw.dedupe for raw in fresh}
        found = [each for raw in fresh for each in CHANNEL.parse(raw, self.account)]
        self.happened += found
        return found

    def reconcile(self, hours: float = 24) -> set[str]:
        now, cursor, present = wire.now(), {}, set()
        while True:
            page = CHANNEL.reconcile(self.account, now - timedelta(hours=hours), now + timedelta(minutes=1), cursor)
            self.read(page.raws)
            present |= set(page.present)
            cursor = page.cursor
            if not page.more:
                return present

    def heard(self, kind: type = Inbound) -> list:
        return [one for one in self.happened if isinstance(one, kind)]


def answer(inbound: Inbound, text: str = "Sí, lleva gluten.", key: str = "k1", **more) -> Outbound:
    return Outbound(
        key, inbound.thread, inbound.author, text, (inbound.external_id,), target=inbound.external_id, **more
    )
