"""X, once Twitter: mentions, replies, quotes and direct messages of one account."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

import orjson
from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import (
    Act,
    Answer,
    Attachment,
    Author,
    Bucket,
    Capabilities,
    Channel,
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
    Request,
    checks_of,
    signing,
)
from netcenter.channels.twitter import (
    acting,
    catching_up,
    connecting,
    limits,
    measure,
    options,
    posts,
    reading,
    writing,
)
from netcenter.channels.twitter.client import X, fetched, own_handle, own_id
from netcenter.channels.twitter.people import author_of
from netcenter.channels.twitter.values import count, within

# X has us sign whatever token it asks with, by the secret that it signs webhooks with: what is no plain token is not
# signed, or anybody could have a webhook of their own making signed by us.
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,256}")
_POST = {"expansions": "author_id,attachments.media_keys"}


class Twitter(Channel):
    kind = "twitter"
    name = _("X (Twitter)")
    glyph = "brand-x"
    pushes = True
    polls = True
    poll_seconds = 60.0
    capabilities = Capabilities(
        places=("private", "public"), private_reply=True, max_length=10_000, lengths={"public": 280},
        attachments=True, max_attachment=512 * 2**20, max_attachments=4,
        sizes={"image/jpeg": 5 * 2**20, "image/png": 5 * 2**20, "image/webp": 5 * 2**20, "image/gif": 15 * 2**20,
               "video/mp4": 512 * 2**20, "video/quicktime": 512 * 2**20},
        acts=frozenset({"hide", "show", "delete_ours", "react", "unreact", "block", "unblock"}), reactions=("like",),
        acts_in={"private": frozenset({"delete_ours", "block", "unblock"}),
                 "public": frozenset({"hide", "show", "delete_ours", "react", "unreact"})},
        read_receipts=True, edits=True, deletes=True, echoes=True,
    )  # fmt: skip
    buckets = limits.BUCKETS
    fields = options.FIELDS
    steps = options.STEPS
    rights = options.RIGHTS

    def allowed(self, config: Mapping[str, Any]) -> tuple[Bucket, ...]:
        return limits.allowed(str(config.get("plan") or ""))

    # --- what comes in --------------------------------------------------------------------------

    def verify(self, request: Request, connection: Connection) -> Answer:
        """https://docs.x.com/x-api/webhooks/quickstart"""
        secret = connection.secrets.get("consumer_secret", "")
        if request.method == "GET":
            token = next(iter(parse_qs(request.query).get("crc_token", ())), "")
            if not secret or not _TOKEN.fullmatch(token):
                return Answer(403, b"this is no challenge", store=False)
            told = {"response_token": f"sha256={signing.hmac_base64(secret, token.encode())}"}
            return Answer(200, orjson.dumps(told), "application/json", store=False)
        proof = f"sha256={signing.hmac_base64(secret, request.body)}"
        given = request.headers.get("x-twitter-webhooks-signature", "")
        if request.method != "POST" or not secret or not signing.same(proof, given):
            return Answer(401, b"the signature is not accepted", store=False)
        return Answer()

    def hears(self, connection: Connection) -> tuple[str, ...]:
        return tuple(filter(None, [own_id(connection)]))

    def parse(self, raw: Raw, connection: Connection) -> list[Happening]:
        return reading.read(raw, connection)

    def poll(self, connection: Connection, cursor: dict[str, Any]) -> Polled:
        """Where webhooks tell everything, nothing is asked for."""
        if connection.config.get("delivery") != "poll":
            return Polled((), cursor)
        return catching_up.poll(X(connection), own_id(connection), own_handle(connection), cursor)

    def reconcile(
        self, connection: Connection, since: datetime, until: datetime, cursor: dict[str, Any]
    ) -> Reconciled:  # fmt: skip
        return catching_up.page_of(X(connection), own_id(connection), own_handle(connection), since, until, cursor)

    def stands(self, held: Sequence[Held], connection: Connection) -> set[str]:
        """Not every answer far below names us: those are asked for."""
        x = X(connection)
        return {one.external_id for one in held if one.place == "private"
                or _there(x, f"2/tweets/{one.external_id}", {}, "posts") is not None}  # fmt: skip

    # --- what must be asked for -----------------------------------------------------------------

    def fetch(self, file: Attachment, connection: Connection) -> Attachment:
        return fetched(file, connection, 64 * 2**20)

    def post(self, external_id: str, connection: Connection) -> Post | None:
        x, own = X(connection), own_id(connection)
        told = _there(x, f"2/tweets/{external_id}", {**catching_up.POSTS, **_POST}, "posts")
        if told is None:
            return None
        found = posts.new(told["data"], told.get("includes") or {})
        paid = self._is_promoted(x, external_id) if found.author.external_id == own else None
        return posts.post_of(found, own, paid)

    def _is_promoted(self, x: X, external_id: str) -> bool | None:
        """X tells it of our own posts, for thirty days, to whoever advertises there; None: not told.

        https://docs.x.com/x-api/fundamentals/metrics#promoted-metrics
        """
        try:
            told = x.get(f"2/tweets/{external_id}", {"tweet.fields": "promoted_metrics"}, bucket="posts")
        except ChannelError as error:
            if error.permanent:
                return None
            raise
        return True if count(within(told, "data", "promoted_metrics", "impression_count")) else None

    def author(self, author: Author, connection: Connection) -> Author:
        fields = {"user.fields": catching_up.POSTS["user.fields"]}
        told = _there(X(connection), f"2/users/{author.external_id}", fields, "users")
        return author if told is None else author_of(told["data"])

    # --- what goes out --------------------------------------------------------------------------

    def length(self, text: str, place: Place = "private") -> int:
        return measure.weight(text) if place == "public" else len(text)

    def unfit(self, outbound: Outbound) -> str:
        if flaw := super().unfit(outbound):
            return flaw
        kinds = {"image" if file.mime in ("image/jpeg", "image/png", "image/webp") else "film"
                 for file in outbound.attachments}  # fmt: skip
        is_public = outbound.way == "reply" and outbound.thread.place == "public"
        if is_public and "film" in kinds and len(outbound.attachments) > 1:
            return "a post takes four pictures, or one film or animation"
        return ""

    def send(self, outbound: Outbound, connection: Connection) -> Receipt:
        x = X(connection)
        if _is_post(outbound):
            return writing.post(outbound, x, own_id(connection), own_handle(connection))
        return writing.message(outbound, x)

    def find(self, outbound: Outbound, connection: Connection) -> Receipt | None:
        x, own = X(connection), own_id(connection)
        if _is_post(outbound):
            return writing.find_post(outbound, x, own, own_handle(connection))
        return writing.find_message(outbound, x, own)

    def act(self, act: Act, connection: Connection) -> Receipt:
        return acting.act(act, X(connection), own_id(connection))

    # --- the account ----------------------------------------------------------------------------

    def authorize(self, connection: Connection, redirect_uri: str, state: str) -> Consent:
        return connecting.dialog(connection, redirect_uri, state, self.rights)

    def exchange(
        self, connection: Connection, told: Mapping[str, str], redirect_uri: str, keep: Mapping[str, str]
    ) -> tuple[Grant, ...]:  # fmt: skip
        return (connecting.exchanged(connection, told, redirect_uri, keep),)

    def refresh(self, connection: Connection) -> Grant:
        return connecting.refreshed(connection)

    def granted(self, connection: Connection) -> Granted:
        return connecting.granted(connection)

    def subscribe(self, connection: Connection, hook: str) -> None:
        if connection.config.get("delivery") != "poll":
            connecting.subscribe(connection, hook)

    def unsubscribe(self, connection: Connection, hook: str) -> None:
        if connection.config.get("delivery") != "poll":
            connecting.unsubscribe(connection, hook)

    def health(self, connection: Connection) -> Iterator[Check]:
        try:
            held = self.granted(connection).rights
        except ChannelError as error:
            yield Check(_("X accepts the keys"), False, str(error), _("Sign in again, or paste new keys."))
            return
        yield Check(_("X accepts the keys"), True)
        yield from checks_of(self.rights, held)
        if connection.config.get("delivery") != "poll":
            yield _hook(connection)


def _hook(connection: Connection) -> Check:
    label = _("X pushes to a valid hook")
    advice = _("Without webhooks in your plan, choose to ask X instead.")
    try:
        hooks = within(X(connection, "app").get("2/webhooks"), "data") or []
    except ChannelError as error:
        return Check(label, False, str(error), advice)
    return Check(label, any(within(one, "valid") is True for one in hooks), "", advice)


def _there(x: X, path: str, query: Mapping[str, Any], bucket: str) -> dict[str, Any] | None:
    """What X tells of one thing; None when it is gone, which it says with 404, or with 200 and no data."""
    try:
        told = x.get(path, query, bucket=bucket)
    except ChannelError as error:
        if error.reason == "gone":
            return None
        raise
    return told if isinstance(within(told, "data"), Mapping) else None


def _is_post(outbound: Outbound) -> bool:
    return outbound.way == "reply" and outbound.thread.place == "public"


CHANNEL = Twitter()
