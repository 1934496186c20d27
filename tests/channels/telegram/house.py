"""What tests of Telegram share: an account, its bot on the street, and what it was told by either way."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

from netcenter.channels.budgets import InProcess
from netcenter.channels.contract import Connection, Deleted, Edited, Happening, Inbound, Outbound, Raw, Request
from netcenter.channels.telegram.channel import CHANNEL
from netcenter.street.networks.base import File, Push

NOW = 1_767_225_600.0
MOMENT = datetime.fromtimestamp(NOW, UTC)
HOOK = "https://care.example/hooks/tg"
PNG = File("pan.png", "image/png", b"\x89PNG pan")


class House:
    """One bot of ours: its door, its polling, and all that it heard."""

    def __init__(self, network, clock, **config) -> None:
        self.network, self.clock = network, clock
        secrets = {"token": network.token, "webhook_secret": "made-up-webhook_secret"}
        budget = InProcess(CHANNEL.buckets, lambda: datetime.fromtimestamp(clock(), UTC))
        self.connection = Connection(
            "tg", f"@{network.username}", "Sol", {"base_url": network.url, **config}, secrets, budget=budget
        )
        self.happened: list[Happening] = []
        self.seen: set[str] = set()
        self.cursor: dict = {}
        self.shut = False

    def door(self, push: Push) -> tuple[int, bytes]:
        if self.shut:
            return 503, b""
        request = Request("POST", push.headers, "", push.body, at=self.clock())
        answer = CHANNEL.verify(request, self.connection)
        if answer.store:
            self.read(Raw(push.body, answer.dedupe, answer.meta))
        return answer.status, answer.body

    def read(self, raw: Raw) -> None:
        if raw.dedupe not in self.seen:
            self.seen.add(raw.dedupe)
            self.happened += CHANNEL.parse(raw, self.connection)

    def poll(self) -> None:
        more = True
        while more:
            polled = CHANNEL.poll(self.connection, self.cursor)
            for raw in polled.raws:
                self.read(raw)
            self.cursor, more = polled.cursor, polled.more
            CHANNEL.stored(self.connection, self.cursor)

    def heard(self, kind: type = Inbound) -> list:
        return [one for one in self.happened if isinstance(one, kind)]

    def ledger(self) -> dict[str, tuple[str, bool]]:
        """Each message as we hold it: its words, and whether it is gone."""
        held = {one.external_id: (one.text, False) for one in self.heard()}
        for one in sorted(self.happened, key=lambda one: one.at if isinstance(one, Edited) else MOMENT):
            if isinstance(one, Edited) and one.external_id in held:
                held[one.external_id] = (one.text, held[one.external_id][1])
            elif isinstance(one, Deleted) and one.external_id in held:
                held[one.external_id] = (held[one.external_id][0], True)
        return held

    def told(self, **other) -> Connection:
        return dataclasses.replace(self.connection, **other)


def answers(inbound: Inbound, text: str = "Sí, hasta las 8", key: str = "k1", **more) -> Outbound:
    more.setdefault("target", inbound.external_id)
    return Outbound(key, inbound.thread, inbound.author, text, (inbound.external_id,), **more)
