"""Trustpilot: what customers write about a company, and the one reply below each review."""

from __future__ import annotations

import time
from base64 import b64decode
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import (
    Act,
    Answer,
    Capabilities,
    Channel,
    ChannelError,
    Check,
    Connection,
    Field,
    Happening,
    Held,
    Outbound,
    Polled,
    Post,
    Raw,
    Receipt,
    Reconciled,
    Request,
    Step,
    loose,
    signing,
)
from netcenter.channels.reviews import answering, told, watching
from netcenter.channels.trustpilot import client, reading
from netcenter.channels.trustpilot.client import Trustpilot

BUSINESS = "https://businessapp.b2b.trustpilot.com/"


class TrustpilotReviews(Channel):
    kind = "trustpilot"
    name = _("Trustpilot")
    glyph = "brand-trustpilot"
    pushes = True
    polls = True
    poll_seconds = 900.0  # a plan has so many calls a year
    capabilities = Capabilities(
        places=("public",), one_reply=True, acts=frozenset({"edit", "delete_ours"}), deletes=True, echoes=True,
    )  # fmt: skip
    buckets = client.BUCKETS
    fields = (
        Field("api_key", _("API key"), _("Trustpilot Business → Integrations → Developers → APIs.")),
        Field("api_secret", _("API secret"), kind="secret", secret=True, sent_to=("base_url",)),
        Field("business_unit", _("Business unit ID"), _("24 letters and digits; the same page shows it.")),
        Field("business_user", _("Business user ID"), _("Replies stand in this name; the person's profile shows it.")),
        Field("username", _("User name"), _("Only where the application alone may not sign in."), required=False,
              rare=True),
        Field("password", _("Password"), kind="secret", secret=True, required=False, rare=True, sent_to=("base_url",)),
        Field("hook_token", _("Secret of the hook"), _("Append it to the hook's address: ?token=…"), kind="secret",
              secret=True, generated=True, required=False),
        Field("days_back", _("Days to look back"), _("When connecting, reviews of these days come in too."),
              kind="number", required=False, default=30),
        Field("base_url", _("Address of Trustpilot's API"), kind="url", default=client.REAL, rare=True),
    )  # fmt: skip
    steps = (
        Step(
            _("Make an application"),
            _("In Trustpilot Business → Integrations → Developers → APIs, which is part of the API module, make an "
              "application and copy its key and secret."),
            BUSINESS, fields=("api_key", "api_secret", "business_unit", "business_user"),
        ),
        Step(
            _("Let it push, if you like"),
            _("Under Integrations → Developers → Webhooks add this address, with the secret behind it, for new, "
              "updated and deleted service reviews. Without it reviews arrive within a quarter of an hour."),
            BUSINESS, copy=("hook",), fields=("hook_token",),
        ),
    )  # fmt: skip

    # --- what comes in --------------------------------------------------------------------------

    def verify(self, request: Request, connection: Connection) -> Answer:
        """Trustpilot signs nothing: the secret is in the address, as `?token=…` or before its host."""
        given = parse_qs(request.query).get("token", [""])[0] or _password(request.headers.get("authorization", ""))
        if request.method != "POST" or not signing.same(connection.secrets.get("hook_token", ""), given):
            return Answer(401, b"the secret is missing or wrong", store=False)
        return Answer()

    def parse(self, raw: Raw, connection: Connection) -> list[Happening]:
        return reading.read(raw, str(connection.config.get("business_unit") or "").strip())

    def poll(self, connection: Connection, cursor: dict[str, Any]) -> Polled:
        days = loose.count(connection.config.get("days_back"))
        return watching.poll(client.Unit(connection), cursor, time.time(), 30 if days is None else days)

    def reconcile(
        self, connection: Connection, since: datetime, until: datetime, cursor: dict[str, Any]
    ) -> Reconciled:  # fmt: skip
        return watching.reconcile(client.Unit(connection), since, until, cursor, time.time(), client.MARGIN)

    def stands(self, held: Sequence[Held], connection: Connection) -> set[str]:
        return watching.stands(client.Unit(connection), held)

    def follow(self, reference: str, connection: Connection) -> tuple[Raw, ...]:
        try:
            body = Trustpilot(connection).review(reference)
        except ChannelError as error:
            if error.reason == "gone":
                return ()
            raise
        item = reading.item(body)
        return () if item is None else (watching.raw_of(item, time.time()),)

    def post(self, external_id: str, connection: Connection) -> Post | None:
        try:
            body = loose.within(Trustpilot(connection).get(f"v1/business-units/{client.checked(external_id)}"))
        except ChannelError as error:
            if error.reason == "gone":
                return None
            raise
        identifying = loose.text(loose.within(body, "name").get("identifying"), 200)
        return reading.place(external_id, loose.text(body.get("displayName"), 200), identifying)

    # --- what goes out --------------------------------------------------------------------------

    def send(self, outbound: Outbound, connection: Connection) -> Receipt:
        return answering.send(outbound, lambda review, text: _put(connection, review, text))

    def find(self, outbound: Outbound, connection: Connection) -> Receipt | None:
        return answering.find(outbound, lambda review: _look(connection, review))

    def act(self, act: Act, connection: Connection) -> Receipt:
        return answering.act(
            act, lambda review, text: _put(connection, review, text),
            lambda review: Trustpilot(connection).take_back(review),
        )  # fmt: skip

    # --- the account ----------------------------------------------------------------------------

    def health(self, connection: Connection) -> Iterator[Check]:
        label = _("Trustpilot accepts the key")
        try:
            api = Trustpilot(connection)
        except ChannelError as error:
            yield Check(label, False, str(error), _("Check key, secret and the business unit's ID."))
            return
        yield Check(label, True)
        label = _("It may read the company's reviews")
        try:
            api.get(f"v1/private/business-units/{api.unit}/reviews", {"perPage": 1, "page": 1})
        except ChannelError as error:
            yield Check(
                label, False, str(error), _("Check the business unit's ID, and that your plan has the API module.")
            )
            return
        yield Check(label, True)
        advice = _("Fill in in whose name replies stand, or none can be given.")
        yield Check(_("It is known in whose name replies stand"), bool(api.user), api.user, advice)


def _put(connection: Connection, review: str, text: str) -> told.Reply:
    """What became of it is asked for: the answer to the post does not tell."""
    api = Trustpilot(connection)
    api.reply(review, text)
    try:
        reply = reading.reply(loose.within(api.review(review), "companyReply"))
    except ChannelError as error:
        raise ChannelError(str(error), unknown=True, retry_at=error.retry_at) from error
    if reply is None or not answering.same(reply.text, text):
        raise ChannelError("Trustpilot does not show the reply yet", unknown=True)
    return reply


def _look(connection: Connection, review: str) -> told.Reply | None:
    return reading.reply(loose.within(Trustpilot(connection).review(review), "companyReply"))


def _password(header: str) -> str:
    """What stands before the host of an address travels as Basic."""
    kind, _space, value = header.partition(" ")
    try:
        told = b64decode(value, validate=True).decode() if kind.lower() == "basic" else ""
    except ValueError:
        return ""
    return told.partition(":")[2]


CHANNEL = TrustpilotReviews()
