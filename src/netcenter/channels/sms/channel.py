"""Text messages (SMS and MMS) by Twilio."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import (
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
    Outbound,
    Place,
    Raw,
    Receipt,
    Reconciled,
    Request,
    Right,
    counting,
)  # fmt: skip
from netcenter.channels.sms import catching_up, connecting, incoming, outgoing
from netcenter.channels.sms.segments import segments
from netcenter.channels.twilio import door, options
from netcenter.channels.twilio.rest import REAL_MESSAGING, fetched

MB = 2**20
LONGEST = 1600  # https://www.twilio.com/docs/api/errors/21617
FILES = {"image/jpeg": 5 * MB, "image/png": 5 * MB, "image/gif": 5 * MB,
         **dict.fromkeys(("audio/*", "video/*", "application/pdf", "text/vcard"), 500 * 2**10)}  # fmt: skip


class Sms(Channel):
    kind = "sms"
    name = _("Text messages")
    glyph = "message-circle"
    pushes = True
    capabilities = Capabilities(
        max_length=LONGEST, attachments=True, max_attachment=5 * MB, max_attachments=10, sizes=FILES,
        fetches_files=True, echoes=True, weight=25,
    )  # fmt: skip
    buckets = (
        *options.BUCKETS,
        # An ordinary number carries one a second; the rest waits at Twilio.
        Bucket("messages", most=60, seconds=60, label=_("Messages sent")),
    )
    fields = (
        *options.ACCOUNT,
        Field("messaging_service", _("Messaging Service SID"),
              _("If you use one: it begins with MG, and chooses the number that writes."), required=False, rare=True),
        *options.RARE,
        Field("messaging_url", _("Address of Twilio's messaging API"), kind="url", default=REAL_MESSAGING, rare=True),
    )  # fmt: skip
    steps = options.STEPS
    rights = (
        Right("sms", _("Text messages"), _("Nothing comes in and nothing can be answered.")),
        Right("mms", _("Pictures"), _("Pictures can neither come in nor be sent; in many countries nobody can."),
              required=False),
    )  # fmt: skip

    # --- what comes in --------------------------------------------------------------------------

    def verify(self, request: Request, connection: Connection) -> Answer:
        return door.verify(request, connection)

    def parse(self, raw: Raw, connection: Connection) -> list[Happening]:
        return incoming.parse(raw, connection)

    def fetch(self, file: Attachment, connection: Connection) -> Attachment:
        return fetched(file, connection, 20 * MB)

    def reconcile(
        self, connection: Connection, since: datetime, until: datetime, cursor: dict[str, Any]
    ) -> Reconciled:  # fmt: skip
        return catching_up.reconcile(connection, since, until, cursor)

    # --- what goes out --------------------------------------------------------------------------

    def length(self, text: str, place: Place = "private") -> int:
        return counting.utf16_units(text)

    def pieces(self, text: str) -> tuple[int, str]:
        cut = segments(text)
        return cut.count, cut.strange

    def send(self, outbound: Outbound, connection: Connection) -> Receipt:
        return outgoing.send(outbound, connection)

    def find(self, outbound: Outbound, connection: Connection) -> Receipt | None:
        return outgoing.find(outbound, connection)

    # --- the account ----------------------------------------------------------------------------

    def granted(self, connection: Connection) -> Granted:
        return connecting.granted(connection)

    def subscribe(self, connection: Connection, hook: str) -> None:
        connecting.subscribe(connection, hook)

    def unsubscribe(self, connection: Connection, hook: str) -> None:
        connecting.unsubscribe(connection, hook)

    def health(self, connection: Connection) -> Iterator[Check]:
        return connecting.health(connection, self.rights)


CHANNEL = Sms()
