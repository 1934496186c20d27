"""Google Play: the reviews of an app, and the one reply below each."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop as _

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
from netcenter.channels.googleplay import client, reading
from netcenter.channels.googleplay.client import Play
from netcenter.channels.reviews import answering, told, watching

MOST_CHARACTERS = 350


class GooglePlay(Channel):
    kind = "googleplay"
    name = _("Google Play reviews")
    glyph = "brand-googleplay"
    polls = True
    poll_seconds = 300.0
    capabilities = Capabilities(
        places=("public",), one_reply=True, max_length=MOST_CHARACTERS, acts=frozenset({"edit"}), deletes=True,
        echoes=True,
    )  # fmt: skip
    buckets = client.BUCKETS
    fields = (
        Field("package", _("Package name"), _("Like com.example.app, as in the app's address on Google Play.")),
        Field("key_file", _("Key file of the service account"), _("The whole JSON file that Google Cloud downloads."),
              kind="secret", secret=True, lines=True, sent_to=("base_url",)),
        Field("base_url", _("Address of Google's APIs"), _("Empty: Google's own."), kind="url", required=False,
              rare=True),
    )  # fmt: skip
    steps = (
        Step(
            _("Make a service account"),
            _("In Google Cloud enable the Google Play Android Developer API, make a service account, and add a key of "
              "type JSON to it: a file is downloaded."),
            "https://console.cloud.google.com/iam-admin/serviceaccounts", fields=("key_file",),
        ),
        Step(
            _("Let it answer"),
            _("In the Play Console → Users and permissions, invite the service account's e-mail and give it 'Reply to "
              "reviews' for the app. It may take a day until Google knows."),
            "https://play.google.com/console/", fields=("package",),
        ),
    )  # fmt: skip

    # --- what comes in --------------------------------------------------------------------------

    def parse(self, raw: Raw, connection: Connection) -> list[Happening]:
        return reading.read(raw, str(connection.config.get("package") or "").strip() or "app")

    def poll(self, connection: Connection, cursor: dict[str, Any]) -> Polled:
        return watching.poll(client.App(connection), cursor, time.time(), 7, client.KEEPS)

    def reconcile(
        self, connection: Connection, since: datetime, until: datetime, cursor: dict[str, Any]
    ) -> Reconciled:  # fmt: skip
        now = time.time()
        found = watching.reconcile(client.App(connection), since, until, cursor, now)
        # What is older than a week is no longer listed: there its count would say nothing.
        whole = tuple(one for one in found.counts if since.timestamp() > now - client.KEEPS)
        return Reconciled(
            found.raws, found.cursor, found.more, found.present, counts=whole,
            lists_all=found.lists_all and since.timestamp() > now - client.KEEPS,
        )  # fmt: skip

    def stands(self, held: Sequence[Held], connection: Connection) -> set[str]:
        return watching.stands(client.App(connection), held)

    def post(self, external_id: str, connection: Connection) -> Post | None:
        return reading.app(external_id)

    # --- what goes out --------------------------------------------------------------------------

    def send(self, outbound: Outbound, connection: Connection) -> Receipt:
        return answering.send(outbound, lambda review, text: _put(connection, review, text))

    def find(self, outbound: Outbound, connection: Connection) -> Receipt | None:
        return answering.find(outbound, lambda review: _look(connection, review))

    def act(self, act: Act, connection: Connection) -> Receipt:
        if act.verb == "delete_ours":
            raise ChannelError("Google Play lets nobody take a reply back", permanent=True, reason="unfit")
        return answering.act(act, lambda review, text: _put(connection, review, text), lambda review: None)

    # --- the account ----------------------------------------------------------------------------

    def health(self, connection: Connection) -> Iterator[Check]:
        label = _("Google accepts the service account")
        try:
            play = Play(connection)
        except ChannelError as error:
            yield Check(label, False, str(error), _("Paste the whole key file of a service account that still exists."))
            return
        yield Check(label, True)
        label = _("It may read and answer the app's reviews")
        advice = _("Check the package name, and give the account 'Reply to reviews' in the Play Console.")
        try:
            play.get(play.app, {"maxResults": 1})
        except ChannelError as error:
            yield Check(label, False, str(error), advice)
        else:
            yield Check(label, True)


def _put(connection: Connection, review: str, text: str) -> told.Reply:
    body = loose.within(Play(connection).reply(review, text), "result")
    reply = reading.reply(loose.text(body.get("replyText")) or text, loose.within(body, "lastEdited"))
    if reply is None:
        raise ChannelError("Google does not say what became of the reply", unknown=True)
    return reply


def _look(connection: Connection, review: str) -> told.Reply | None:
    body = Play(connection).review(review)
    return reading.review(loose.within(body), "app").reply


CHANNEL = GooglePlay()
