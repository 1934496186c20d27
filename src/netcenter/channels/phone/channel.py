"""The telephone, by Twilio: who calls is greeted, waits for an operator, asks to be called, or leaves a message."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import (
    Act,
    Answer,
    Attachment,
    Bucket,
    Capabilities,
    Channel,
    Check,
    Connection,
    Field,
    Granted,
    Happening,
    Raw,
    Receipt,
    Reconciled,
    Request,
    Right,
)  # fmt: skip
from netcenter.channels.phone import calling, catching_up, connecting, incoming, script
from netcenter.channels.twilio import door, options
from netcenter.channels.twilio.reading import SID
from netcenter.channels.twilio.rest import VERSION, fetched

MOST_RECORDED = 20 * 2**20  # bytes


class Phone(Channel):
    kind = "phone"
    name = _("Telephone")
    glyph = "phone"
    pushes = True
    capabilities = Capabilities(live=True, weight=100, reply=False, acts=frozenset({"call"}))
    # A new account may begin one call a second.
    buckets = (*options.BUCKETS, Bucket("starts", most=1, seconds=1, label=_("Calls begun")))
    fields = (
        *options.ACCOUNT,
        Field("language", _("Language of the announcements"), kind="choice", default="es",
              choices=(("es", _("Spanish")), ("en", _("English")), ("pt", _("Portuguese")))),
        Field("wait_seconds", _("Seconds on the line"),
              _("How long callers wait for somebody before they may choose; 0: they choose at once."), kind="number",
              default=40),
        Field("callback_minutes", _("Minutes until we call back"),
              _("What is said to whoever asks to be called. It becomes the promise of the case."), kind="number",
              default=60),
        Field("greeting", _("Greeting"), _("Empty: “Thank you for calling” with the name of the brand."),
              required=False, rare=True),
        Field("music_url", _("Music while waiting"), _("The address (https) of an MP3."), kind="url", required=False,
              rare=True),
        Field("transcribe", _("Write messages down"), _("Twilio writes down what is said in English, for a fee."),
              kind="checkbox", default=False, required=False, rare=True),
        *options.RARE,
    )  # fmt: skip
    steps = (
        *options.STEPS[:2],
        replace(options.STEPS[2], fields=("language", "wait_seconds", "callback_minutes")),
    )
    rights = (Right("voice", _("Calls"), _("Nobody can call, and nobody can be called back.")),)

    # --- what comes in --------------------------------------------------------------------------

    def verify(self, request: Request, connection: Connection) -> Answer:
        answer = door.verify(request, connection)
        if not answer.store:
            return answer
        fields, query = door.fields_of(request.body), door.query_of(request.query)
        return replace(answer, body=script.answer(fields, query, connection))

    def parse(self, raw: Raw, connection: Connection) -> list[Happening]:
        return incoming.parse(raw, connection)

    def fetch(self, file: Attachment, connection: Connection) -> Attachment:
        """A recording, by its SID."""
        if not SID.fullmatch(file.reference):
            return replace(file, reference="", missing="it is no recording")
        account = connection.config.get("account_sid")
        path = f"/{VERSION}/Accounts/{account}/Recordings/{file.reference}.mp3"
        return fetched(replace(file, reference=path), connection, MOST_RECORDED, ("audio/mpeg", "audio/mp3"))

    def reconcile(
        self, connection: Connection, since: datetime, until: datetime, cursor: dict[str, Any]
    ) -> Reconciled:  # fmt: skip
        return catching_up.reconcile(connection, since, until, cursor)

    # --- what goes out --------------------------------------------------------------------------

    def act(self, act: Act, connection: Connection) -> Receipt:
        return calling.act(act, connection)

    def find_act(self, act: Act, connection: Connection) -> Receipt | None:
        return calling.find(act, connection, datetime.now(UTC))

    # --- the account ----------------------------------------------------------------------------

    def granted(self, connection: Connection) -> Granted:
        return connecting.granted(connection)

    def subscribe(self, connection: Connection, hook: str) -> None:
        connecting.subscribe(connection, hook)

    def unsubscribe(self, connection: Connection, hook: str) -> None:
        connecting.unsubscribe(connection, hook)

    def health(self, connection: Connection) -> Iterator[Check]:
        return connecting.health(connection, self.rights)


CHANNEL = Phone()
