"""Reddit: replies, mentions and private messages of one account, the brand's subreddits, and posts that name it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext_noop as _

from netcenter.channels import contract
from netcenter.channels.contract import (
    Act,
    Api,
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
    Polled,
    Post,
    Raw,
    Reach,
    Receipt,
    Reconciled,
    loose,
)
from netcenter.channels.reddit import connecting, options, reading, receiving, wire, writing

MOST_BYTES = 20 * 2**20  # of a picture


class Reddit(contract.Channel):
    kind = "reddit"
    name = _("Reddit")
    glyph = "brand-reddit"
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

    def reconcile(
        self, connection: Connection, since: datetime, until: datetime, cursor: dict[str, Any]
    ) -> Reconciled:  # fmt: skip
        return receiving.reconcile(connection, since, until, cursor)

    def stands(self, held: Sequence[Held], connection: Connection) -> set[str]:
        """A listing holds a thousand things: what is not among them is asked for."""
        public = [one.external_id for one in held if one.place == "public"]
        found = wire.Reddit(connection).named(public) if public else {}
        there = {name for name, thing in found.items()
                 if reading.state_of(str(thing.get("kind")), loose.within(thing, "data")) != "gone"}  # fmt: skip
        return there | {one.external_id for one in held if one.place == "private"}

    def fetch(self, file: Attachment, connection: Connection) -> Attachment:
        try:
            content, mime = Api("").download(file.reference, MOST_BYTES)
        except ChannelError as error:
            if not error.permanent:
                raise
            return replace(file, reference="", missing=str(error)[:200])
        return replace(file, reference="", content=content, mime=mime)

    def post(self, external_id: str, connection: Connection) -> Post | None:
        reddit = wire.Reddit(connection)
        thing = reddit.named([external_id]).get(external_id)
        if thing is None or thing.get("kind") != "t3":
            return None
        data = loose.within(thing, "data")
        return reading.post_of(data, reading.author_of(data).external_id == reddit.own)

    def author(self, author: Author, connection: Connection) -> Author:
        """How many follow a profile; of ids alone Reddit tells no name."""
        if not author.name:
            return author
        try:
            told = wire.Reddit(connection).get(f"user/{quote(author.name, safe='')}/about", {"raw_json": 1})
        except ChannelError as error:
            if error.reason in ("gone", "right"):
                return author
            raise
        data = loose.within(told, "data")
        followers = loose.count(loose.within(data, "subreddit").get("subscribers"))
        return replace(
            author, avatar_url=loose.text(data.get("icon_img"), 2000) or author.avatar_url,
            reach=Reach(followers=followers), profile={**author.profile, "karma": loose.count(data.get("total_karma"))},
        )  # fmt: skip

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
        return connecting.exchange(connection, told, redirect_uri)

    def refresh(self, connection: Connection) -> Grant:
        return connecting.refresh(connection)

    def granted(self, connection: Connection) -> Granted:
        return connecting.granted(connection)

    def health(self, connection: Connection) -> Iterator[Check]:
        return connecting.health(connection)


CHANNEL = Reddit()
