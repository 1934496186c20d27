"""Bluesky, and every server of the AT Protocol: mentions, answers, quotes and private messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext_noop as _

from netcenter.channels import contract
from netcenter.channels.bluesky import (
    connecting,
    identity,
    oauth,
    options,
    reading,
    receiving,
    sessions,
    watching,
    writing,
)
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
    counting,
    loose,
)

MOST_BYTES = 60 * 2**20  # of a file that comes in


class Bluesky(contract.Channel):
    kind = "bluesky"
    name = _("Bluesky")
    glyph = "brand-bluesky"
    capabilities = options.CAPABILITIES
    fields = options.FIELDS
    steps = options.STEPS
    rights = options.RIGHTS
    buckets = options.BUCKETS
    polls = True
    poll_seconds = 10.0

    def parse(self, raw: Raw, connection: Connection) -> list[Happening]:
        return reading.parse(raw, connection)

    def poll(self, connection: Connection, cursor: dict[str, Any]) -> Polled:
        return receiving.poll(connection, cursor)

    def reconcile(
        self, connection: Connection, since: datetime, until: datetime, cursor: dict[str, Any]
    ) -> Reconciled:  # fmt: skip
        return receiving.reconcile(connection, since, until, cursor)

    def stands(self, held: Sequence[Held], connection: Connection) -> set[str]:
        """Notifications may leave out what is there: its writer's repository is asked."""
        api = sessions.pds(connection)
        return {one.external_id for one in held if one.place == "private" or watching.is_there(one.external_id, api)}

    def fetch(self, file: Attachment, connection: Connection) -> Attachment:
        """From its writer's own server, as it was uploaded: https://docs.bsky.app/docs/api/com-atproto-sync-get-blob"""
        did, _space, cid = file.reference.partition(" ")
        try:
            home, _handle = identity.home_of(did, connection)
            where = f"{home}/xrpc/com.atproto.sync.getBlob?{urlencode({'did': did, 'cid': cid})}"
            content, mime = sessions.pds(connection).download(where, MOST_BYTES)
        except ChannelError as error:
            if not error.permanent:
                raise
            return replace(file, reference="", missing=str(error)[:200])
        return replace(file, reference="", content=content, mime=file.mime or mime)

    def post(self, external_id: str, connection: Connection) -> Post | None:
        api = sessions.pds(connection)
        posts = loose.objects(api.query("app.bsky.feed.getPosts", {"uris": [external_id]}).get("posts"))
        return reading.post_of(posts[0], api.did) if posts else None

    def author(self, author: Author, connection: Connection) -> Author:
        try:
            told = sessions.pds(connection).query("app.bsky.actor.getProfile", {"actor": author.external_id})
        except ChannelError as error:
            if error.reason == "gone":
                return author
            raise
        return reading.author_of(told)

    def length(self, text: str, place: Place = "private") -> int:
        return counting.graphemes(text)

    def unfit(self, outbound: Outbound) -> str:
        return super().unfit(outbound) or writing.unfit(outbound)

    def send(self, outbound: Outbound, connection: Connection) -> Receipt:
        return writing.send(outbound, connection, sessions.pds(connection))

    def find(self, outbound: Outbound, connection: Connection) -> Receipt | None:
        return writing.find(outbound, connection, sessions.pds(connection))

    def act(self, act: Act, connection: Connection) -> Receipt:
        return writing.act(act, connection, sessions.pds(connection))

    def authorize(self, connection: Connection, redirect_uri: str, state: str) -> Consent:
        return oauth.authorize(connection, redirect_uri, state)

    def exchange(
        self, connection: Connection, told: Mapping[str, str], redirect_uri: str, keep: Mapping[str, str]
    ) -> tuple[Grant, ...]:  # fmt: skip
        return oauth.exchange(connection, told, redirect_uri, keep)

    def refresh(self, connection: Connection) -> Grant:
        return connecting.refresh(connection)

    def granted(self, connection: Connection) -> Granted:
        return connecting.granted(connection)

    def health(self, connection: Connection) -> Iterator[Check]:
        return connecting.health(connection)


CHANNEL = Bluesky()
