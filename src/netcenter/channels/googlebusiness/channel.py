"""Google Business: the reviews of a company's locations on Google Search and Maps."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import (
    Act,
    Answer,
    Attachment,
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
    counting,
    loose,
)
from netcenter.channels.google import pushing
from netcenter.channels.googlebusiness import client, connecting, options, reading, shelves
from netcenter.channels.reviews import answering, told, watching

MOST_FILE = 10 * 2**20  # bytes of a picture


class GoogleBusiness(Channel):
    kind = "googlebusiness"
    name = _("Google Business reviews")
    glyph = "brand-google"
    pushes = True
    polls = True
    poll_seconds = 180.0
    capabilities = Capabilities(
        places=("public",), one_reply=True, max_length=4096, acts=frozenset({"edit", "delete_ours"}), deletes=True,
        echoes=True,
    )  # fmt: skip
    buckets = client.BUCKETS
    fields = options.FIELDS
    steps = options.STEPS
    rights = options.RIGHTS

    # --- what comes in --------------------------------------------------------------------------

    def verify(self, request: Request, connection: Connection) -> Answer:
        account = str(connection.config.get("push_account") or "").strip()
        flaw = pushing.is_google(request, connection.secrets.get("push_keys", ""), account)
        if request.method != "POST" or flaw:
            return Answer(401, (flaw or "only POST").encode(), store=False)
        return Answer(204, b"")

    def hears(self, connection: Connection) -> tuple[str, ...]:
        return tuple(filter(None, [str(connection.config.get("account") or "").strip()]))

    def parse(self, raw: Raw, connection: Connection) -> list[Happening]:
        return reading.read(raw, str(connection.config.get("account") or "").strip().removeprefix("accounts/"))

    def poll(self, connection: Connection, cursor: dict[str, Any]) -> Polled:
        days = loose.count(connection.config.get("days_back"))
        return shelves.poll(connection, cursor, time.time(), 30 if days is None else days)

    def reconcile(
        self, connection: Connection, since: datetime, until: datetime, cursor: dict[str, Any]
    ) -> Reconciled:  # fmt: skip
        return shelves.reconcile(connection, since, until, cursor, time.time())

    def stands(self, held: Sequence[Held], connection: Connection) -> set[str]:
        return watching.stands(shelves.Locations(connection, ()), held)

    # --- what must be asked for -----------------------------------------------------------------

    def follow(self, reference: str, connection: Connection) -> tuple[Raw, ...]:
        if (body := self._review(reference, connection)) is None:
            return ()
        return (watching.raw_of(reading.item(body), time.time()),)

    def fetch(self, file: Attachment, connection: Connection) -> Attachment:
        return client.fetched(file, connection, MOST_FILE)

    def post(self, external_id: str, connection: Connection) -> Post | None:
        query = {"readMask": client.LOCATION_FIELDS}
        try:
            body = client.api(connection, client.LOCATIONS).get(f"v1/{external_id}", query)
        except ChannelError as error:
            if error.reason == "gone":
                return None
            raise
        return reading.place(loose.within(body))

    def _review(self, review: str, connection: Connection) -> Mapping[str, Any] | None:
        try:
            return loose.within(client.api(connection).get(client.review_path(connection, review)))
        except ChannelError as error:
            if error.reason == "gone":
                return None
            raise

    # --- what goes out --------------------------------------------------------------------------

    def length(self, text: str, place: Place = "private") -> int:
        """Google counts bytes: https://developers.google.com/my-business/reference/rest/v4/accounts.locations.reviews"""
        return counting.octets(text)

    def send(self, outbound: Outbound, connection: Connection) -> Receipt:
        return answering.send(outbound, lambda review, text: self._put(connection, review, text))

    def find(self, outbound: Outbound, connection: Connection) -> Receipt | None:
        return answering.find(outbound, lambda review: self._reply(connection, review))

    def act(self, act: Act, connection: Connection) -> Receipt:
        return answering.act(
            act, lambda review, text: self._put(connection, review, text),
            lambda review: self._take_back(connection, review),
        )  # fmt: skip

    def _put(self, connection: Connection, review: str, text: str) -> told.Reply:
        api = client.api(connection)
        answered = api.call("PUT", f"{client.review_path(connection, review)}/reply", data={"comment": text})
        reply = reading.reply(loose.within(api.json(answered)))
        if reply is None:
            raise ChannelError("Google does not say what became of the reply", unknown=True)
        return reply

    def _reply(self, connection: Connection, review: str) -> told.Reply | None:
        body = self._review(review, connection)
        return reading.reply(loose.within(body, "reviewReply")) if body is not None else None

    def _take_back(self, connection: Connection, review: str) -> None:
        client.api(connection).call("DELETE", f"{client.review_path(connection, review)}/reply")

    # --- the account ----------------------------------------------------------------------------

    def authorize(self, connection: Connection, redirect_uri: str, state: str) -> Consent:
        return connecting.dialog(connection, redirect_uri, state)

    def exchange(
        self, connection: Connection, told: Mapping[str, str], redirect_uri: str, keep: Mapping[str, str]
    ) -> tuple[Grant, ...]:  # fmt: skip
        return connecting.exchanged(connection, told, redirect_uri, keep)

    def refresh(self, connection: Connection) -> Grant:
        return connecting.refreshed(connection)

    def granted(self, connection: Connection) -> Granted:
        return connecting.granted(connection)

    def subscribe(self, connection: Connection, hook: str) -> None:
        if topic := str(connection.config.get("topic") or "").strip():
            connecting.subscribe(connection, topic)

    def unsubscribe(self, connection: Connection, hook: str) -> None:
        if connection.config.get("topic"):
            connecting.subscribe(connection, "")

    def health(self, connection: Connection) -> Iterator[Check]:
        label = _("Google accepts the sign-in")
        try:
            held = self.granted(connection).rights
        except ChannelError as error:
            yield Check(label, False, str(error), _("Sign in again."))
            return
        yield Check(label, True)
        yield from checks_of(self.rights, held)
        label = _("There are locations to look after")
        advice = _("Choose an account whose locations are verified, and ask Google for access to the API.")
        try:
            found = len(client.locations(connection))
        except ChannelError as error:
            yield Check(label, False, str(error), advice)
            return
        yield Check(label, found > 0, str(found), advice)


CHANNEL = GoogleBusiness()
