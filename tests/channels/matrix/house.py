"""What tests of Matrix share: an account, signed in as a person does it, and all that it heard."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta

from netcenter.channels.budgets import InProcess
from netcenter.channels.contract import Connection, Deleted, Edited, Grant, Happening, Inbound, Outbound, Raw
from netcenter.channels.matrix.channel import CHANNEL

BACK = "https://house.test/back"


class House:
    """One account and its ledger."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.happened: list[Happening] = []
        self.seen: set[str] = set()
        self.cursor: dict = {}

    def read(self, raw: Raw) -> None:
        if raw.dedupe not in self.seen:
            self.seen.add(raw.dedupe)
            self.happened += CHANNEL.parse(raw, self.connection)

    def poll(self, times: int = 1) -> None:
        for _time in range(times):
            polled = CHANNEL.poll(self.connection, self.cursor)
            for raw in polled.raws:
                self.read(raw)
            self.cursor = polled.cursor
            CHANNEL.stored(self.connection, self.cursor)

    def reconcile(self, since: datetime, until: datetime) -> list[str]:
        """All pages; which events are there."""
        cursor, present, more = {}, [], True
        while more:
            found = CHANNEL.reconcile(self.connection, since, until, cursor)
            for raw in found.raws:
                self.read(raw)
            cursor, more = found.cursor, found.more
            present += found.present
        return present

    def heard(self, kind: type = Inbound) -> list:
        return [one for one in self.happened if isinstance(one, kind)]

    def ledger(self) -> dict[str, tuple[str, bool]]:
        """Each message as we hold it: its words, and whether it is gone."""
        held = {one.external_id: (one.text, False) for one in self.heard()}
        for one in self.happened:
            if isinstance(one, Edited) and one.external_id in held:
                held[one.external_id] = (one.text, held[one.external_id][1])
            elif isinstance(one, Deleted) and one.external_id in held:
                held[one.external_id] = (held[one.external_id][0], True)
        return held

    def renew(self, grant: Grant) -> None:
        """What the house keeps of a grant."""
        self.connection = dataclasses.replace(
            self.connection, address=grant.address, secrets={**self.connection.secrets, **grant.secrets},
            config={**self.connection.config, **grant.config},
        )  # fmt: skip


def signed_in(url: str, user: str, password: str, **config) -> House:
    begun = Connection("mx", "", "", {"base_url": url, "user": user, **config}, {"password": password})
    consent = CHANNEL.authorize(begun, BACK, "state")
    assert consent.url == f"{BACK}?state=state", "with a password nobody needs to be sent anywhere"
    (grant,) = CHANNEL.exchange(begun, {"state": "state"}, BACK, consent.keep)
    house = House(dataclasses.replace(begun, budget=InProcess(CHANNEL.buckets)))
    house.renew(grant)
    return house


def answers(inbound: Inbound, text: str = "Sí, hasta las 8", key: str = "k1", **more) -> Outbound:
    more.setdefault("target", inbound.external_id)
    return Outbound(key, inbound.thread, inbound.author, text, (inbound.external_id,), **more)


HOUR = timedelta(hours=1)
