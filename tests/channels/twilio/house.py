"""What tests of Twilio's channels share: an account on the street's Twilio, and what it was told."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

from netcenter.channels import budgets
from netcenter.channels.contract import Answer, Channel, ChannelError, Connection, Happening, Inbound, Raw, Request
from netcenter.street.networks.base import Clock
from netcenter.street.networks.twilio.app import TwilioApp

NOW = 1_767_225_600.0


def moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


class House:
    """One account, with its door: judges the signature, keeps what it is told once, and answers."""

    def __init__(self, channel: Channel, network: TwilioApp, clock: Clock, **config) -> None:
        self.channel, self.network, self.clock = channel, network, clock
        self.hook = f"https://care.example/hooks/{channel.kind}"
        told = {"base_url": network.url, "messaging_url": network.url, "account_sid": network.account,
                "number": network.number, **config}  # fmt: skip
        self.connection = Connection(
            channel.kind, network.number, "Panadería Sol", told, {"auth_token": network.auth_token}, hook=self.hook
        )
        self.happened: list[Happening] = []
        self.seen: set[str] = set()
        self.limits = budgets.InProcess(channel.buckets, lambda: moment(clock()))
        self.is_down = False
        network.knock = self.door

    def door(self, url: str, headers, body: bytes) -> tuple[int, bytes]:
        if self.is_down:
            return 503, b""
        assert url.startswith(self.hook), url
        request = Request("POST", headers, url.partition("?")[2], body, url, self.clock())
        answer: Answer = self.channel.verify(request, self.connection)
        if answer.store:
            self.read(Raw(body, answer.dedupe, answer.meta))
        return answer.status, answer.body

    def read(self, raw: Raw) -> None:
        if raw.dedupe not in self.seen:
            self.seen.add(raw.dedupe)
            self.happened += self.channel.parse(raw, self.connection)

    def heard(self, kind: type = Inbound) -> list:
        return [one for one in self.happened if isinstance(one, kind)]

    def reconcile(self, since: float, until: float) -> list:
        """All pages: the counts that stood on them."""
        cursor, more, counts = {}, True, []
        while more:
            found = self.channel.reconcile(self.connection, moment(since), moment(until), cursor)
            for raw in found.raws:
                self.read(raw)
            cursor, more = found.cursor, found.more
            counts += found.counts
        return counts

    def told(self, **other) -> Connection:
        return dataclasses.replace(self.connection, **other)


def refusal_of(act) -> ChannelError:
    """The error that this raises."""
    try:
        act()
    except ChannelError as error:
        return error
    raise AssertionError("it was not refused")
