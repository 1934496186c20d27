"""Web chat: a network whose servers are ours, so that its wire is our own database."""

from collections.abc import Iterator
from datetime import UTC, datetime

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import (
    Capabilities,
    Channel,
    Check,
    Connection,
    Field,
    Happening,
    Outbound,
    Raw,
    Receipt,
)
from netcenter.channels.webchat import wire
from netcenter.channels.webchat.sites import Sites


class WebChat(Channel):
    """The widget on the company's site. What is committed as sent is what the visitor's socket shows."""

    kind = "webchat"
    name = _("Web chat")
    glyph = "messages-square"
    capabilities = Capabilities(
        live=True, attachments=True, max_length=8000, max_attachment=10 * 2**20, typing=True, read_receipts=True,
        quick_replies=True, weight=33,
    )  # fmt: skip
    fields = (
        Field("title", _("Title"), _("What visitors read above the conversation. Empty: the brand."), required=False),
        Field("greeting_es", _("Greeting in Spanish"), _("The first line visitors read."), required=False),
        Field("greeting_en", _("Greeting in English"), required=False),
        Field("greeting_pt", _("Greeting in Portuguese"), required=False),
        Field(
            "colour", _("Colour"), _("Like #0f766e. Empty: the brand's. Contrast is taken care of."), kind="colour",
            required=False,
        ),
        Field(
            "sites", _("Allowed sites"),
            _("Where the widget may stand: www.example.com or *.example.com, separated by spaces. Empty: anywhere."),
            required=False,
        ),
        Field(
            "ask_email", _("Ask for the e-mail address"), _("Gently, once, after the first message."), kind="checkbox",
            required=False, default=True,
        ),
    )  # fmt: skip

    def parse(self, raw: Raw, connection: Connection) -> list[Happening]:
        return wire.happenings(raw.body)

    def send(self, outbound: Outbound, connection: Connection) -> Receipt:
        """It was on its way when it was committed: the visitor's socket reads it from there."""
        return Receipt(outbound.key, "sent", datetime.now(UTC))

    def find(self, outbound: Outbound, connection: Connection) -> Receipt | None:
        return Receipt(outbound.key, "sent", datetime.now(UTC))

    def embed(self, connection: Connection, base_url: str) -> str:
        return f'<script src="{base_url}/chat/{connection.key}/widget.js" defer></script>'

    def health(self, connection: Connection) -> Iterator[Check]:
        sites = Sites.of(str(connection.config.get("sites", "")))
        yield Check(
            _("Allowed sites"), not sites.unreadable,
            ", ".join(sites.unreadable) if sites.unreadable else ", ".join(sites.patterns) or "*",
            _("Write them like www.example.com or *.example.com, separated by spaces."),
        )  # fmt: skip


CHANNEL = WebChat()
