"""YouTube: comments under the videos of one channel."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from django.utils.translation import gettext_noop as _

from netcenter.channels import contract
from netcenter.channels.contract import (
    Act,
    Answer,
    Api,
    Attachment,
    Author,
    Bucket,
    ChannelError,
    Check,
    Connection,
    Consent,
    Grant,
    Granted,
    Happening,
    Held,
    Outbound,
    Polled,
    Post,
    Raw,
    Reach,
    Receipt,
    Reconciled,
    Request,
    loose,
    signing,
)
from netcenter.channels.youtube import connecting, options, reading, receiving, wire, writing

MOST_BYTES = 20 * 2**20  # of a picture in a comment
_CHALLENGE = re.compile(r"[\w.~+/=-]{1,500}")
_HASHES: dict[str, signing.Hash] = {"sha1": "sha1", "sha256": "sha256", "sha512": "sha512"}


class YouTube(contract.Channel):
    kind = "youtube"
    name = _("YouTube")
    glyph = "brand-youtube"
    capabilities = options.CAPABILITIES
    fields = options.FIELDS
    steps = options.STEPS
    rights = options.RIGHTS
    buckets = options.BUCKETS
    pushes = True
    polls = True
    poll_seconds = receiving.POLL_SECONDS

    def allowed(self, config: Mapping[str, Any]) -> tuple[Bucket, ...]:
        return options.pots(wire.units_of(config))

    # --- what comes in --------------------------------------------------------------------------

    def verify(self, request: Request, connection: Connection) -> Answer:
        """https://www.w3.org/TR/websub/#hub-verifies-intent and #authenticated-content-distribution"""
        if request.method == "GET":
            return _challenged(request, connection)
        how, _equals, given = request.headers.get("x-hub-signature", "").partition("=")
        secret = connection.secrets.get("hub_secret", "")
        if request.method != "POST" or not secret or how not in _HASHES:
            return Answer(401, b"the signature is not accepted", store=False)
        if not signing.same(signing.hmac_hex(secret, request.body, _HASHES[how]), given.lower()):
            return Answer(401, b"the signature is not accepted", store=False)
        return Answer()

    def parse(self, raw: Raw, connection: Connection) -> list[Happening]:
        return reading.parse(raw, connection)

    def poll(self, connection: Connection, cursor: dict[str, Any]) -> Polled:
        return receiving.poll(connection, cursor)

    def reconcile(
        self, connection: Connection, since: datetime, until: datetime, cursor: dict[str, Any]
    ) -> Reconciled:  # fmt: skip
        return receiving.reconcile(connection, since, until, cursor)

    def stands(self, held: Sequence[Held], connection: Connection) -> set[str]:
        """Held back or under an old thread, it is there all the same."""
        found = wire.YouTube(connection).named("comments", [one.external_id for one in held], {"part": "id"})
        return {loose.text(one.get("id"), 255) for one in found}

    def follow(self, reference: str, connection: Connection) -> tuple[Raw, ...]:
        return receiving.follow(reference, connection)

    def fetch(self, file: Attachment, connection: Connection) -> Attachment:
        try:
            content, mime = Api("").download(file.reference, MOST_BYTES)
        except ChannelError as error:
            if not error.permanent:
                raise
            return replace(file, reference="", missing=str(error)[:200])
        return replace(file, reference="", content=content, mime=mime)

    def post(self, external_id: str, connection: Connection) -> Post | None:
        youtube = wire.YouTube(connection)
        found = youtube.named("videos", [external_id], {"part": "id,snippet,statistics"})
        return reading.post_of(found[0], youtube.own) if found else None

    def author(self, author: Author, connection: Connection) -> Author:
        found = wire.YouTube(connection).named("channels", [author.external_id], {"part": "id,snippet,statistics"})
        if not found:
            return author
        snippet = loose.within(found[0], "snippet")
        return replace(
            author, name=loose.text(snippet.get("title"), 200) or author.name,
            handle=loose.text(snippet.get("customUrl"), 100) or author.handle,
            reach=Reach(followers=reading.subscribers(found[0])),
        )  # fmt: skip

    # --- what goes out --------------------------------------------------------------------------

    def send(self, outbound: Outbound, connection: Connection) -> Receipt:
        return writing.send(outbound, connection)

    def find(self, outbound: Outbound, connection: Connection) -> Receipt | None:
        return writing.find(outbound, connection)

    def act(self, act: Act, connection: Connection) -> Receipt:
        return writing.act(act, connection)

    # --- the account ----------------------------------------------------------------------------

    def authorize(self, connection: Connection, redirect_uri: str, state: str) -> Consent:
        return connecting.authorize(connection, redirect_uri, state)

    def exchange(
        self, connection: Connection, told: Mapping[str, str], redirect_uri: str, keep: Mapping[str, str]
    ) -> tuple[Grant, ...]:  # fmt: skip
        return connecting.exchange(connection, told, redirect_uri, keep)

    def refresh(self, connection: Connection) -> Grant:
        return connecting.refresh(connection)

    def granted(self, connection: Connection) -> Granted:
        return connecting.granted(connection)

    def subscribe(self, connection: Connection, hook: str) -> None:
        connecting.subscribe(connection, hook)

    def unsubscribe(self, connection: Connection, hook: str) -> None:
        connecting.subscribe(connection, hook, "unsubscribe")

    def health(self, connection: Connection) -> Iterator[Check]:
        return connecting.health(connection)


def _challenged(request: Request, connection: Connection) -> Answer:
    """Was it we who asked for this topic? The challenge is the answer; anything else says no."""
    told = {name: values[0] for name, values in parse_qs(request.query).items()}
    if told.get("hub.mode") == "denied":
        return Answer(200, b"noted", store=False)
    challenge = told.get("hub.challenge", "")
    asked_by_us = signing.same(told.get("hub.verify_token", ""), connecting.mark(connection))
    ours = connection.secrets.get("hub_secret") and told.get("hub.topic") == connecting.topic(connection)
    if not (ours and asked_by_us and _CHALLENGE.fullmatch(challenge)):
        return Answer(404, b"nobody here asked for that", store=False)
    return Answer(200, challenge.encode(), store=False)


CHANNEL = YouTube()
