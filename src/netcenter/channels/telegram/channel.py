"""Telegram, by a bot: private chats, groups, comments under a channel's posts, business accounts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext_noop as _

from netcenter.channels import contract
from netcenter.channels.contract import (
    Act,
    Answer,
    Api,
    Attachment,
    ChannelError,
    Check,
    Connection,
    Granted,
    Happening,
    Outbound,
    Place,
    Polled,
    Raw,
    Receipt,
    Request,
    counting,
    loose,
)
from netcenter.channels.telegram import connecting, options, reading, receiving, writing
from netcenter.channels.telegram.wire import Bot


class Telegram(contract.Channel):
    kind = "telegram"
    name = _("Telegram")
    glyph = "brand-telegram"
    capabilities = options.CAPABILITIES
    fields = options.FIELDS
    steps = options.STEPS
    rights = options.RIGHTS
    buckets = options.BUCKETS
    pushes = True
    polls = True
    poll_seconds = receiving.POLL_SECONDS

    def verify(self, request: Request, connection: Connection) -> Answer:
        return receiving.verify(request, connection)

    def parse(self, raw: Raw, connection: Connection) -> list[Happening]:
        return reading.parse(raw, connection)

    def poll(self, connection: Connection, cursor: dict[str, Any]) -> Polled:
        return receiving.poll(connection, cursor)

    def stored(self, connection: Connection, cursor: dict[str, Any]) -> None:
        receiving.stored(connection, cursor)

    def stream(self, connection: Connection, cursor: dict[str, Any], stop: Callable[[], bool]) -> Iterator[Polled]:
        return receiving.stream(connection, cursor, stop)

    def fetch(self, file: Attachment, connection: Connection) -> Attachment:
        """By its id we get a path for an hour, and there the bytes: https://core.telegram.org/bots/api#getfile"""
        bot = Bot(connection)
        try:
            path = loose.text(loose.within(bot.do("getFile", {"file_id": file.reference})).get("file_path"), 1000)
            there = f"{bot.base}/file/bot{bot.token}/{quote(path)}"
            content, _mime = Api(bot.base).download(there, options.MOST_FETCHED)
        except ChannelError as error:
            if not error.permanent:
                raise
            return replace(file, reference="", missing=str(error)[:200])
        return replace(file, reference="", content=content)

    def length(self, text: str, place: Place = "private") -> int:
        return counting.utf16_units(text)

    def unfit(self, outbound: Outbound) -> str:
        return super().unfit(outbound) or writing.unfit(outbound)

    def send(self, outbound: Outbound, connection: Connection) -> Receipt:
        return writing.send(outbound, connection)

    def find(self, outbound: Outbound, connection: Connection) -> Receipt | None:
        return writing.find(outbound, connection)

    def act(self, act: Act, connection: Connection) -> Receipt:
        return writing.act(act, connection)

    def granted(self, connection: Connection) -> Granted:
        return connecting.granted(connection)

    def subscribe(self, connection: Connection, hook: str) -> None:
        connecting.subscribe(connection, hook)

    def unsubscribe(self, connection: Connection, hook: str) -> None:
        connecting.unsubscribe(connection)

    def health(self, connection: Connection) -> Iterator[Check]:
        return connecting.health(connection)


CHANNEL = Telegram()
