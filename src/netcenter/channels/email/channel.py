"""E-mail: IMAP in, SMTP out, and a port of our own for mail that is pushed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_noop as _

from netcenter.channels import contract
from netcenter.channels.contract import Capabilities, Check, Connection, Happening, Outbound, Polled, Raw, Receipt
from netcenter.channels.email import health, options, parsing, port, receiving, sending


class Email(contract.Channel):
    kind = "email"
    name = _("E-mail")
    glyph = "mail"
    capabilities = Capabilities(subject=True, attachments=True, max_attachment=18 * 2**20, weight=20)
    fields = options.FIELDS
    steps = options.STEPS
    polls = True
    poll_seconds = 60.0

    def parse(self, raw: Raw, connection: Connection) -> list[Happening]:
        return parsing.parse(raw, connection)

    def poll(self, connection: Connection, cursor: dict[str, Any]) -> Polled:
        if options.incoming(connection) is None:  # mail is pushed to our port
            return Polled((), cursor)
        return receiving.poll(connection, cursor)

    def stored(self, connection: Connection, cursor: dict[str, Any]) -> None:
        receiving.stored(connection, cursor)

    def wait(self, connection: Connection, seconds: float, stop: Callable[[], bool]) -> None:
        receiving.wait(connection, seconds, stop)

    def listen(
        self, accept: contract.Accept, knows: contract.Knows, settings: Mapping[str, str]
    ) -> contract.Listener | None:
        """NETCENTER_EMAIL_SMTP_PORT and NETCENTER_EMAIL_LMTP_PORT, on NETCENTER_EMAIL_HOST (this machine only)."""
        smtp_port, lmtp_port = settings.get("smtp_port"), settings.get("lmtp_port")
        if not smtp_port and not lmtp_port:
            return None
        return port.serve(
            accept,
            knows,
            settings.get("host") or port.HOST,
            int(smtp_port) if smtp_port else None,
            int(lmtp_port) if lmtp_port else None,
        )

    def send(self, outbound: Outbound, connection: Connection) -> Receipt:
        return sending.send(outbound, connection)

    def find(self, outbound: Outbound, connection: Connection) -> Receipt | None:
        return sending.find(outbound, connection)

    def health(self, connection: Connection) -> Iterator[Check]:
        return health.check(connection)


CHANNEL = Email()
