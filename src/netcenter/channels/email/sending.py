"""Mails out: composed the same way at every attempt, handed to the server once, looked for when in doubt."""

from __future__ import annotations

import html
import smtplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime

import dkim
from django.utils.translation import gettext as _
from django.utils.translation import override

from netcenter.channels.contract import ChannelError, Connection, Outbound, Receipt
from netcenter.channels.email import options
from netcenter.channels.email.identity import LOOP_HEADER, domain_of, message_ids, our_message_id
from netcenter.channels.email.mailbox import borrowed
from netcenter.channels.email.options import Server

TIMEOUT = 60.0  # seconds without an answer
MAX_REFERENCES = 12  # RFC 5322 wants all, servers cut long headers: the first and the newest matter
COPY_TAKES = 6.0  # seconds that our own copy may be on its way before we conclude that nothing left

# RFC 6376 §5.4.1, without those that relays rewrite.
SIGNED_HEADERS = (b"from", b"to", b"subject", b"date", b"message-id", b"in-reply-to", b"references", b"mime-version")


def send(outbound: Outbound, connection: Connection) -> Receipt:
    """One SMTP transaction. Before its DATA nothing has happened; after it only the server's answer is believed."""
    server = options.outgoing(connection)
    if server is None:
        raise ChannelError("no outgoing server configured", permanent=True)
    at = datetime.now(UTC)
    content = compose(outbound, connection, at)
    recipients = [_ascii(outbound.to.email or outbound.to.external_id)]
    if options.copies(connection) == "own":
        recipients.append(_ascii(connection.address))
    with session(server) as smtp:
        _transmit(smtp, _ascii(connection.address), recipients, content)
    if options.copies(connection) == "sent":
        with suppress(ChannelError):  # the mail has left: a missing copy must not send it again
            _save(content, connection)
    return Receipt(our_message_id(outbound.key, connection.address), "sent", at)


def find(outbound: Outbound, connection: Connection) -> Receipt | None:
    """Look for the mail among our own copies: in the inbox and in the folder of sent mail."""
    message_id = our_message_id(outbound.key, connection.address)
    deadline = time.monotonic() + (COPY_TAKES if options.copies(connection) == "own" else 0)
    with borrowed(connection) as box:
        folders = dict.fromkeys([options.folder(connection), box.sent_folder(connection.config.get("sent_folder", ""))])
        while True:
            for folder in filter(None, folders):
                box.select(folder)
                if box.contains(message_id):
                    return Receipt(message_id, "sent", datetime.now(UTC), f"found in {folder}")
            if time.monotonic() >= deadline:
                return None
            time.sleep(0.5)


# --- Composing ----------------------------------------------------------------------------------


def compose(outbound: Outbound, connection: Connection, at: datetime) -> bytes:
    """The mail as bytes, ASCII only, so that no relay re-encodes what is signed."""
    mail = EmailMessage(policy=SMTP_POLICY)
    brand = connection.brand or connection.name
    name = f"{outbound.sender_name} ({brand})" if outbound.sender_name and brand else outbound.sender_name or brand
    references = message_ids(outbound.in_reply_to)
    mail["From"] = _person(name, connection.address)
    mail["To"] = _person(outbound.to.name, outbound.to.email or outbound.to.external_id)
    mail["Subject"] = _subject(outbound, brand, is_reply=bool(references))
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = our_message_id(outbound.key, connection.address)
    if references:
        mail["In-Reply-To"] = references[0]
        mail["References"] = " ".join(_chain(references, message_ids([outbound.thread.external_id])))
    if outbound.automatic:
        mail["Auto-Submitted"] = "auto-replied"  # RFC 3834 §5
        mail["X-Auto-Response-Suppress"] = "All"  # Exchange's word for the same
    mail[LOOP_HEADER] = connection.key
    _fill(mail, outbound, connection)
    content = mail.as_bytes()
    return _signature(content, connection) + content


def _fill(mail: EmailMessage, outbound: Outbound, connection: Connection) -> None:
    text = outbound.text.rstrip() + "\n"
    if signature := str(connection.config.get("signature") or "").strip():
        text += f"\n-- \n{signature}\n"
    mail.set_content(text, charset="utf-8", cte="quoted-printable")
    if connection.config.get("html"):
        mail.add_alternative(_html(text), subtype="html", charset="utf-8", cte="quoted-printable")
    for each in outbound.attachments:
        maintype, _slash, subtype = each.mime.partition("/")
        if maintype in ("multipart", "message") or not subtype:
            maintype, subtype = "application", "octet-stream"
        mail.add_attachment(each.content, maintype=maintype, subtype=subtype, filename=_line(each.name), cte="base64")


def _subject(outbound: Outbound, brand: str, *, is_reply: bool) -> str:
    subject = _line(outbound.thread.subject)
    if not subject:
        with override(outbound.language):
            subject = _("Your message to %(brand)s") % {"brand": brand} if brand else _("Your message")
    return f"Re: {subject}" if is_reply else subject


def _chain(nearest_first: tuple[str, ...], root: tuple[str, ...]) -> list[str]:
    """References, oldest first."""
    chain = list(dict.fromkeys([*root, *reversed(nearest_first)]))
    chain.remove(nearest_first[0])
    chain.append(nearest_first[0])
    return chain if len(chain) <= MAX_REFERENCES else [chain[0], *chain[1 - MAX_REFERENCES :]]


def _html(text: str) -> str:
    paragraphs = html.escape(text.strip()).split("\n\n")
    body = "".join(f"<p>{each.replace(chr(10), '<br>')}</p>" for each in paragraphs)
    return f'<!doctype html><html><body style="font-family:sans-serif">{body}</body></html>\n'


def _signature(content: bytes, connection: Connection) -> bytes:
    """A DKIM header (RFC 6376) when this account has a key of its own."""
    selector, key = connection.config.get("dkim_selector"), connection.secrets.get("dkim_key")
    if not selector or not key:
        return b""
    try:
        domain = domain_of(connection.address)
        return dkim.sign(content, selector.encode(), domain.encode(), key.encode(), include_headers=[*SIGNED_HEADERS])
    except (dkim.DKIMException, ValueError) as error:
        raise ChannelError(f"DKIM: {error}") from error


def _person(name: str, address: str) -> Address:
    try:
        return Address(_line(name), addr_spec=_ascii(address))
    except (ValueError, IndexError, HeaderParseError) as error:
        raise ChannelError(f"this address cannot be written to: {address!r}", permanent=True) from error


def _line(text: str) -> str:
    """No line breaks: they would begin a header of the writer's choice."""
    return " ".join(text.split())


def _ascii(address: str) -> str:
    """An address for the wire; the domain may be written with accents (IDNA), the part before it may not."""
    local, _at, domain = _line(address).rpartition("@")
    try:
        if not local:
            raise UnicodeError
        local.encode("ascii")
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError as error:
        raise ChannelError(f"this address cannot be written to: {address!r}", permanent=True) from error


# --- Transmitting -------------------------------------------------------------------------------


@contextmanager
def session(server: Server) -> Iterator[smtplib.SMTP]:
    """A logged-in SMTP session. Nothing has been sent when opening it fails, so trying again is safe."""
    smtp: smtplib.SMTP | None = None
    try:
        if server.security == "ssl":
            context = ssl.create_default_context()
            smtp = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=context)
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
        if server.security == "starttls":
            smtp.starttls(context=ssl.create_default_context())
        smtp.ehlo_or_helo_if_needed()
        if server.password and smtp.has_extn("auth"):
            smtp.login(server.user, server.password)
    except (smtplib.SMTPException, OSError) as error:
        if smtp:
            smtp.close()
        # A wrong password is mended by a person, and then this very mail must leave: never permanent for the mail.
        raise ChannelError(f"SMTP: {error}") from error
    try:
        yield smtp
    finally:
        with suppress(smtplib.SMTPException, OSError):
            smtp.quit()
        smtp.close()


def _transmit(smtp: smtplib.SMTP, sender: str, recipients: list[str], content: bytes) -> None:
    """The first recipient is the customer, the others are copies that may fail."""
    try:
        size = [f"SIZE={len(content)}"] if smtp.has_extn("size") else []
        _expect(*smtp.mail(sender, size))
        _expect(*smtp.rcpt(recipients[0]))
        for copy in recipients[1:]:
            smtp.rcpt(copy)
    except (smtplib.SMTPException, OSError) as error:
        raise ChannelError(f"SMTP: {error}") from error
    try:
        code, answer = smtp.data(content)
    except smtplib.SMTPDataError as error:  # refused before a byte of it
        _expect(error.smtp_code, error.smtp_error)
    except (smtplib.SMTPException, OSError) as error:
        raise ChannelError(f"SMTP: connection lost while handing over: {error}", unknown=True) from error
    else:
        _expect(code, answer)


def _expect(code: int, answer: bytes | str) -> None:
    """2xx, or the reason as an error: 4xx may succeed later, 5xx never will (RFC 5321 §4.2.1)."""
    if 200 <= code < 300:
        return
    words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    raise ChannelError(f"SMTP {code}: {words}"[:500], permanent=500 <= code < 600)


def _save(content: bytes, connection: Connection) -> None:
    with borrowed(connection) as box:
        if folder := box.sent_folder(str(connection.config.get("sent_folder") or "")):
            box.append(content, folder)
