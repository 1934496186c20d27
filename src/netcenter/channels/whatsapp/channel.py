"""WhatsApp by the Cloud API: private messages, files, choices, templates, receipts."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import (
    Act,
    Answer,
    Attachment,
    Bucket,
    Capabilities,
    Channel,
    ChannelError,
    Check,
    Connection,
    Field,
    Granted,
    Happening,
    Outbound,
    Raw,
    Receipt,
    Request,
    Right,
    Step,
    Template,
)  # fmt: skip
from netcenter.channels.meta import connecting, door, options, reading
from netcenter.channels.meta.graph import Graph, fetched
from netcenter.channels.whatsapp import incoming, outgoing

MB = 2**20
FILES = "https://lookaside.fbsbx.com"  # where media lie; the token goes there too
FIELDS = ("messages", "smb_message_echoes", "calls", "account_update", "phone_number_quality_update",
          "message_template_status_update")  # fmt: skip
DOCUMENTS = (
    "application/pdf", "application/msword", "application/vnd.ms-*", "application/vnd.openxmlformats-*", "text/plain",
)  # fmt: skip


class WhatsApp(Channel):
    kind = "whatsapp"
    name = _("WhatsApp")
    glyph = "brand-whatsapp"
    pushes = True
    capabilities = Capabilities(
        templates=True, quick_replies=True, max_length=4096, hours={"private": 24}, attachments=True,
        max_attachment=100 * MB,
        sizes={"image/jpeg": 5 * MB, "image/png": 5 * MB, "image/webp": 500 * 2**10, "video/mp4": 16 * MB,
               "video/3gpp": 16 * MB, "audio/*": 16 * MB, **dict.fromkeys(DOCUMENTS, 100 * MB)},
        acts=frozenset({"react", "unreact", "seen", "typing", "block", "unblock"}), reactions=("*",),
        read_receipts=True, edits=True, deletes=True, echoes=True,
    )  # fmt: skip
    buckets = (  # https://developers.facebook.com/docs/whatsapp/cloud-api/overview#throughput
        Bucket("answers", most=75, seconds=1, label=_("Answers sent")),
        Bucket("media", most=20, seconds=1, label=_("Files sent")),
        Bucket("calls", most=190, seconds=3600, label=_("Requests of all kinds")),
    )
    fields = (
        options.APP[0],
        options.APP[1],
        Field("business_id", _("WhatsApp Business account ID"), _("API Setup shows it below the number.")),
        Field("number_id", _("Phone number ID"),
              _("API Setup shows it below the number; it is not the number itself.")),
        Field("token", _("Access token"), _("Of a system user, so that it does not run out."), kind="secret",
              secret=True, sent_to=("base_url", "files_url")),
        options.APP[2],
        *options.RARE[:2],
        Field("files_url", _("Address of the files"), kind="url", default=FILES, rare=True),
    )  # fmt: skip
    steps = (
        Step(
            _("Make an app"), _("In Meta's App Dashboard create an app of type Business, and add WhatsApp to it."),
            "https://developers.facebook.com/apps/", fields=("app_id", "app_secret"),
        ),
        Step(
            _("Choose the number"), _("Under WhatsApp → API Setup choose or add your number, and copy both IDs."),
            "https://developers.facebook.com/apps/", fields=("business_id", "number_id"),
        ),
        Step(
            _("Make a token that lasts"),
            _("In Business settings → System users add one, give it the app and the account, and generate a token."),
            "https://business.facebook.com/settings/system-users", fields=("token",),
        ),
        Step(
            _("Let it push"),
            _("Publish the app: until then Meta pushes nothing but tests. We tell it where to push; if it asks, paste "
              "this address and the verify token."),
            "https://developers.facebook.com/apps/", copy=("hook",), fields=("verify_token",),
        ),
    )  # fmt: skip
    rights = (
        Right("whatsapp_business_messaging", _("Messages"), _("Nothing can be answered.")),
        Right("whatsapp_business_management", _("Templates and being told"),
              _("Nothing is pushed to us, and templates cannot be chosen.")),
    )  # fmt: skip

    # --- what comes in --------------------------------------------------------------------------

    def verify(self, request: Request, connection: Connection) -> Answer:
        return door.verify(request, connection)

    def hears(self, connection: Connection) -> tuple[str, ...]:
        return tuple(filter(None, (_number(connection), _business(connection))))

    def parse(self, raw: Raw, connection: Connection) -> list[Happening]:
        heard = self.hears(connection)
        return reading.read(raw, ("whatsapp_business_account",), heard, incoming.split, incoming.told)

    def fetch(self, file: Attachment, connection: Connection) -> Attachment:
        """By its id we get an address for five minutes, and there the bytes, with the token."""
        graph = Graph(connection)
        try:
            url = str(graph.get(file.reference, {"phone_number_id": _number(connection)})["url"])
        except ChannelError as error:
            if error.permanent:
                return Attachment(file.name, file.mime, missing=str(error)[:200])
            raise
        files = connection.base(FILES, "files_url")
        own = files if urlsplit(url).netloc == urlsplit(files).netloc else graph.base
        found = fetched(Attachment(file.name, file.mime, reference=url), Graph(connection, base=own), 100 * MB)
        if found.mime == "application/octet-stream":
            return Attachment(file.name, file.mime, found.content, missing=found.missing)
        return found

    # --- what goes out --------------------------------------------------------------------------

    def unfit(self, outbound: Outbound) -> str:
        if flaw := super().unfit(outbound):
            return flaw
        if outbound.choices and len(outbound.text) > outgoing.MOST_IN_MENU:
            return f"above choices {outgoing.MOST_IN_MENU} characters are the most"
        return f"at most {outgoing.ROWS} choices fit" if len(outbound.choices) > outgoing.ROWS else ""

    def send(self, outbound: Outbound, connection: Connection) -> Receipt:
        return outgoing.send(outbound, Graph(connection), _number(connection))

    def find(self, outbound: Outbound, connection: Connection) -> Receipt | None:
        """WhatsApp lists no messages. Its status brings our key (`Echo.key`): until then nobody knows."""
        raise ChannelError("WhatsApp cannot be asked; its status will tell", unknown=True)

    def act(self, act: Act, connection: Connection) -> Receipt:
        return outgoing.act(act, Graph(connection), _number(connection))

    def templates(self, connection: Connection) -> tuple[Template, ...]:
        return outgoing.templates(Graph(connection), _business(connection))

    # --- the account ----------------------------------------------------------------------------

    def granted(self, connection: Connection) -> Granted:
        return connecting.granted(connection)

    def subscribe(self, connection: Connection, hook: str) -> None:
        connecting.subscribe(connection, hook, "whatsapp_business_account", FIELDS)
        told = {"override_callback_uri": hook, "verify_token": connection.secrets.get("verify_token", "")}
        Graph(connection).post(f"{_business(connection)}/subscribed_apps", told)

    def unsubscribe(self, connection: Connection, hook: str) -> None:
        Graph(connection).call("DELETE", f"{_business(connection)}/subscribed_apps")

    def health(self, connection: Connection) -> Iterator[Check]:
        yield from super().health(connection)
        fields = "display_phone_number,verified_name,quality_rating,status"
        told = Graph(connection).get(_number(connection), {"fields": fields})
        state, quality = reading.words(told.get("status")), reading.words(told.get("quality_rating"))
        yield Check(
            _("The number is connected"), state == "CONNECTED", f"{told.get('display_phone_number')} {state}",
            _("Register the number under WhatsApp → API Setup."),
        )  # fmt: skip
        yield Check(
            _("Its quality is good"), quality not in ("YELLOW", "RED"), quality,
            _("Customers block or report it. Send fewer templates, or Meta will limit the number."),
        )  # fmt: skip


def _number(connection: Connection) -> str:
    return reading.own_id(connection, "number_id")


def _business(connection: Connection) -> str:
    return reading.own_id(connection, "business_id")


CHANNEL = WhatsApp()
