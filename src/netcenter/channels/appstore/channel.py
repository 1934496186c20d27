"""The App Store: the reviews of an app, and the one response to each."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop as _

from netcenter.channels.appstore import client, reading
from netcenter.channels.appstore.client import Store
from netcenter.channels.contract import (
    Act,
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
    Step,
    loose,
)
from netcenter.channels.reviews import answering, told, watching

MOST_CHARACTERS = 5970
KEYS = "https://appstoreconnect.apple.com/access/integrations/api"


class AppStore(Channel):
    kind = "appstore"
    name = _("App Store reviews")
    glyph = "brand-appstore"
    polls = True
    poll_seconds = 300.0
    capabilities = Capabilities(
        places=("public",), one_reply=True, max_length=MOST_CHARACTERS, acts=frozenset({"edit", "delete_ours"}),
        deletes=True, echoes=True,
    )  # fmt: skip
    buckets = client.BUCKETS
    fields = (
        Field("issuer", _("Issuer ID"), _("Above the list of keys; empty for a person's own key."), required=False),
        Field("key_id", _("Key ID"), _("In the list of keys.")),
        Field("key", _("Private key"), _("The whole .p8 file; Apple lets it be downloaded once."), kind="secret",
              secret=True, lines=True, sent_to=("base_url",)),
        Field("app", _("Apple ID of the app"), _("A number: App Store Connect → the app → App Information.")),
        Field("territory", _("Only this territory"), _("Three letters, like ESP; empty: all."), required=False),
        Field("days_back", _("Days to look back"), _("When connecting, reviews of these days come in too."),
              kind="number", required=False, default=30),
        Field("base_url", _("Address of App Store Connect"), _("Empty: Apple's own."), kind="url", required=False,
              rare=True),
    )  # fmt: skip
    steps = (
        Step(
            _("Make a key"),
            _("In App Store Connect → Users and Access → Integrations make a key with the role Customer Support, and "
              "download it."),
            KEYS, fields=("issuer", "key_id", "key"),
        ),
        Step(
            _("Which app"),
            _("Its Apple ID is a number, shown under App Information."),
            "https://appstoreconnect.apple.com/apps", fields=("app", "territory"),
        ),
    )  # fmt: skip

    # --- what comes in --------------------------------------------------------------------------

    def parse(self, raw: Raw, connection: Connection) -> list[Happening]:
        return reading.read(raw, str(connection.config.get("app") or "").strip() or "0")

    def poll(self, connection: Connection, cursor: dict[str, Any]) -> Polled:
        days = loose.count(connection.config.get("days_back"))
        return watching.poll(client.App(connection), cursor, time.time(), 30 if days is None else days)

    def reconcile(
        self, connection: Connection, since: datetime, until: datetime, cursor: dict[str, Any]
    ) -> Reconciled:  # fmt: skip
        return watching.reconcile(client.App(connection), since, until, cursor, time.time())

    def stands(self, held: Sequence[Held], connection: Connection) -> set[str]:
        return watching.stands(client.App(connection), held)

    def post(self, external_id: str, connection: Connection) -> Post | None:
        store = Store(connection)
        try:
            body = loose.within(store.get(f"v1/apps/{store.app}", {"fields[apps]": "name,bundleId"}))
        except ChannelError as error:
            if error.reason == "gone":
                return None
            raise
        return reading.place(external_id, loose.text(loose.within(body, "data", "attributes").get("name"), 200))

    # --- what goes out --------------------------------------------------------------------------

    def send(self, outbound: Outbound, connection: Connection) -> Receipt:
        return answering.send(outbound, lambda review, text: _put(connection, review, text))

    def find(self, outbound: Outbound, connection: Connection) -> Receipt | None:
        return answering.find(outbound, lambda review: _look(connection, review))

    def act(self, act: Act, connection: Connection) -> Receipt:
        return answering.act(
            act, lambda review, text: _put(connection, review, text), lambda review: Store(connection).take_back(review)
        )

    # --- the account ----------------------------------------------------------------------------

    def health(self, connection: Connection) -> Iterator[Check]:
        label = _("Apple accepts the key")
        try:
            store = Store(connection)
            store.get(f"v1/apps/{store.app}", {"fields[apps]": "name"})
        except ChannelError as error:
            yield Check(label, False, str(error), _("Check the key, its ID, the issuer and the app's number."))
            return
        yield Check(label, True)
        label = _("It may read the app's reviews")
        try:
            store.get(f"v1/apps/{store.app}/customerReviews", {"limit": 1})
        except ChannelError as error:
            yield Check(label, False, str(error), _("Give the key the role Customer Support, App Manager or Admin."))
        else:
            yield Check(label, True)


def _put(connection: Connection, review: str, text: str) -> told.Reply:
    reply = reading.reply(loose.within(Store(connection).respond(review, text), "data"))
    if reply is None:
        raise ChannelError("Apple does not say what became of the response", unknown=True)
    return reply


def _look(connection: Connection, review: str) -> told.Reply | None:
    return reading.review(Store(connection).review(review), "0").reply


CHANNEL = AppStore()
