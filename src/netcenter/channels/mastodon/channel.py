"""Mastodon, and every server that speaks as it does: mentions, answers and private words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext_noop as _

from netcenter.channels import contract
from netcenter.channels.contract import (
    Act,
    Attachment,
    Author,
    ChannelError,
    Check,
    Connection,
    Consent,
    Grant,
    Granted,
    Happening,
    Held,
    Outbound,
    Place,
    Polled,
    Post,
    Raw,
    Receipt,
    Reconciled,
    loose,
)
from netcenter.channels.mastodon import connecting, options, reading, receiving, watching, wire, writing

MOST_BYTES = 40 * 2**20  # of a file that comes in


class Mastodon(contract.Channel):
    kind = "mastodon"
    name = _("Mastodon")
    glyph = "brand-mastodon"
    capabilities = options.CAPABILITIES
    fields = options.FIELDS
    steps = options.STEPS
    rights = options.RIGHTS
    buckets = options.BUCKETS
    polls = True
    poll_seconds = receiving.POLL_SECONDS

    def parse(self, raw: Raw, connection: Connection) -> list[Happening]:
        return reading.parse(raw, connection)

    def poll(self, connection: Connection, cursor: dict[str, Any]) -> Polled:
        return receiving.poll(connection, cursor)

    def stream(self, connection: Connection, cursor: dict[str, Any], stop: Callable[[], bool]) -> Iterator[Polled]:
        return receiving.stream(connection, cursor, stop)

    def reconcile(
        self, connection: Connection, since: datetime, until: datetime, cursor: dict[str, Any]
    ) -> Reconciled:  # fmt: skip
        return receiving.reconcile(connection, since, until, cursor)

    def stands(self, held: Sequence[Held], connection: Connection) -> set[str]:
        """Notifications go with their status, and some servers keep them for a while only."""
        return watching.standing(wire.server(connection), [one.external_id for one in held])

    def fetch(self, file: Attachment, connection: Connection) -> Attachment:
        try:
            content, mime = wire.server(connection).download(file.reference, MOST_BYTES)
        except ChannelError as error:
            if not error.permanent:
                raise
            return replace(file, reference="", missing=str(error)[:200])
        return replace(file, reference="", content=content, mime=mime)

    def post(self, external_id: str, connection: Connection) -> Post | None:
        try:
            status = loose.within(wire.server(connection).get(f"api/v1/statuses/{quote(external_id, safe='')}"))
        except ChannelError as error:
            if error.reason == "gone":
                return None
            raise
        return reading.post_of(status, connection, str(connection.config.get("own_id") or ""))

    def author(self, author: Author, connection: Connection) -> Author:
        try:
            told = wire.server(connection).get("api/v1/accounts/lookup", {"acct": author.external_id})
        except ChannelError as error:
            if error.reason == "gone":
                return author
            raise
        return reading.author_of(loose.within(told), connection)

    def length(self, text: str, place: Place = "private") -> int:
        return writing.length(text)

    def unfit(self, outbound: Outbound) -> str:
        return super().unfit(outbound) or writing.unfit(outbound.attachments)

    def send(self, outbound: Outbound, connection: Connection) -> Receipt:
        return writing.send(outbound, connection)

    def find(self, outbound: Outbound, connection: Connection) -> Receipt | None:
        return writing.find(outbound, connection)

    def act(self, act: Act, connection: Connection) -> Receipt:
        return writing.act(act, connection)

    def authorize(self, connection: Connection, redirect_uri: str, state: str) -> Consent:
        return connecting.authorize(connection, redirect_uri, state)

    def exchange(
        self, connection: Connection, told: Mapping[str, str], redirect_uri: str, keep: Mapping[str, str]
    ) -> tuple[Grant, ...]:  # fmt: skip
        return connecting.exchange(connection, told, redirect_uri, keep)

    def granted(self, connection: Connection) -> Granted:
        return connecting.granted(connection)

    def health(self, connection: Connection) -> Iterator[Check]:
        return connecting.health(connection)


CHANNEL = Mastodon()
