"""What tests of Meta's channels share: an account on a simulated network, and what it was told."""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import UTC, datetime

from netcenter.channels import budgets
from netcenter.channels.contract import (
    Attachment,
    Author,
    Channel,
    Connection,
    Happening,
    Inbound,
    Outbound,
    Raw,
    Request,
    ThreadRef,
)
from netcenter.street.networks.base import Clock, Push

NOW = 1_767_225_600.0
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


class House:
    """One account, with its door: takes what the network pushes, judges the signature, and reads it."""

    def __init__(self, channel: Channel, connection: Connection, clock: Clock) -> None:
        self.channel, self.connection, self.clock = channel, connection, clock
        self.happened: list[Happening] = []
        self.seen: set[str] = set()
        self.limits = budgets.InProcess(channel.buckets, lambda: moment(clock()))

    def door(self, push: Push) -> int:
        answer = self.channel.verify(Request("POST", push.headers, "", push.body, at=self.clock()), self.connection)
        if answer.store:
            self.read(Raw(push.body, hashlib.sha256(push.body).hexdigest()))
        return answer.status

    def read(self, raw: Raw) -> None:
        if raw.dedupe not in self.seen:
            self.seen.add(raw.dedupe)
            self.happened += self.channel.parse(raw, self.connection)

    def heard(self, kind: type = Inbound) -> list:
        return [one for one in self.happened if isinstance(one, kind)]

    def reconcile(self, since: float, until: float) -> int:
        """All pages; how many there were."""
        cursor, pages, more = {}, 0, True
        while more:
            found = self.channel.reconcile(self.connection, moment(since), moment(until), cursor)
            for raw in found.raws:
                self.read(raw)
            cursor, more, pages = found.cursor, found.more, pages + 1
        return pages

    def told(self, **other) -> Connection:
        """The connection with other secrets or settings."""
        return dataclasses.replace(self.connection, **other)


def says(text: str = "Hola", to: str = "", key: str = "k1", **more) -> Outbound:
    author = Author(to)
    return Outbound(key, more.pop("thread", ThreadRef(to)), author, text, **more)


def picture(name: str = "roto.png", content: bytes = PNG, mime: str = "image/png") -> Attachment:
    return Attachment(name, mime, content)
