"""A mail becomes what it says. Pure, and never surprised: what cannot be read is Unreadable, nothing else is raised."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import Compat32
from email.utils import parsedate_to_datetime
from typing import Any

from netcenter.channels.contract import (
    Attachment,
    Author,
    Connection,
    Happening,
    Inbound,
    Raw,
    Receipt,
    ThreadRef,
    Unreadable,
)
from netcenter.channels.email import automatic
from netcenter.channels.email.charsets import header
from netcenter.channels.email.identity import (
    base_subject,
    external_id,
    ids,
    is_ours,
    people,
    reference_ids,
)
from netcenter.channels.email.parts import MAX_ATTACHMENT_BYTES, TOO_LARGE, Parts, parts_of
from netcenter.channels.email.quoting import split

MAX_RAW_HEADER = 50_000  # bytes of one header; beyond, the standard library's parameter parsing crawls
MAX_SUBJECT = 500
MAX_CLOCK_AHEAD = timedelta(minutes=10)
MAX_TRAVEL = timedelta(days=7)  # the longest that servers keep trying; an older date is a wrong clock
UNKNOWN_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # only for bytes that came without any date at all


def parse(raw: Raw, connection: Connection) -> list[Happening]:
    """[Inbound], or [Receipt] for a bounce, a read receipt or our own copy.

    The thread's id is the first reference, so that every mail of a conversation finds it; a mail that answers none is
    the first of its own. Clients that drop the references leave "Re:" behind: `Inbound.continues` then says so, and the
    house may take the author's newest thread with the same `thread.subject` (kept without Re:, RV:…).
    """
    mail, whole = _read(raw.body)
    if not mail.items():
        raise Unreadable(str(raw.meta.get("error") or "no headers: not a mail"))
    at = _sent_at(mail, raw.meta)
    address = connection.address.lower()
    message_id = next(iter(ids(mail.get("Message-ID"))), "")
    if is_ours(message_id, address) and address in [who for _name, who in people(mail, "From")]:
        return [Receipt(message_id, "sent", at)]
    if reports := automatic.receipts(mail, address, at):
        return list(reports)
    return [_inbound(mail, _parts(mail, raw, whole), connection, at, message_id)]


def _inbound(mail: Message, parts: Parts, connection: Connection, at: datetime, message_id: str) -> Inbound:
    author = _author(mail, connection.address.lower())
    full_subject = header(mail.get("Subject"))[:MAX_SUBJECT]
    subject, is_reply = base_subject(full_subject)
    text, quoted = split(parts.text)
    fingerprint = _fingerprint(author, full_subject, parts)
    message_id = message_id or f"missing-{_hash(fingerprint, at.isoformat())[:32]}"
    nearest, root = reference_ids(mail)
    extra: dict[str, Any] = {"to": [who for _name, who in people(mail, "To")][:20]}
    if cc := [who for _name, who in people(mail, "Cc")][:20]:
        extra["cc"] = cc
    if parts.encrypted:
        extra["encrypted"] = parts.encrypted
    return Inbound(
        external_id=external_id(message_id, fingerprint),
        author=author,
        thread=ThreadRef(root or message_id, "private", subject),
        sent_at=at,
        text=text,
        html=parts.html,
        quoted=quoted,
        attachments=tuple(parts.attachments),
        in_reply_to=nearest,
        continues=is_reply and not root,
        automatic=automatic.kind_of_sender(mail, connection.address, connection.key, author.external_id),
        extra=extra,
    )


class _Bounded(Compat32):
    """Headers are cut, and handed out as they came: the standard library hides 8-bit bytes behind question marks."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        return value

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:MAX_RAW_HEADER]


_POLICY = _Bounded()


def _read(body: bytes) -> tuple[Message, bool]:
    """(the mail, whether its parts could be taken apart)."""
    try:
        return message_from_bytes(body, policy=_POLICY), True
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError):
        pass
    try:
        return BytesHeaderParser(policy=_POLICY).parsebytes(body), False
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise Unreadable(f"not a mail: {error}") from error


def _parts(mail: Message, raw: Raw, whole: bool) -> Parts:
    if whole:
        try:
            return parts_of(mail, truncated=bool(raw.meta.get("truncated")))
        except RecursionError:
            pass
    # A bomb of nested parts, or worse: a person may still open it as a file.
    fits = len(raw.body) <= MAX_ATTACHMENT_BYTES
    kept = Attachment("mail.eml", "message/rfc822", raw.body if fits else b"", missing="" if fits else TOO_LARGE)
    return Parts(attachments=[kept])


# --- Who ----------------------------------------------------------------------------------------


def _author(mail: Message, address: str) -> Author:
    """Whom an answer reaches. Reply-To stands before From: contact forms write From themselves, for their visitors."""
    senders = people(mail, "From") or people(mail, "Sender") or people(mail, "Return-Path")
    if automatic.is_own_list(mail, address):
        senders = people(mail, "X-Original-From") or people(mail, "X-Original-Sender") or senders
    replies = [(name, who) for name, who in people(mail, "Reply-To") if who != address]
    if not senders and not replies:
        raise Unreadable("no sender: nobody to answer")
    sender_name, sender = senders[0] if senders else replies[0]
    name, who = replies[0] if replies else (sender_name, sender)
    profile = {"from": sender} if who != sender else {}
    return Author(
        external_id=who, name=name or (sender_name if who == sender or replies else ""), email=who, profile=profile
    )


# --- When ---------------------------------------------------------------------------------------


def _sent_at(mail: Message, meta: Mapping[str, Any]) -> datetime:
    """The Date that the mail claims if it can be true, else when it was received."""
    received = _iso(meta.get("received_at")) or _received(mail)
    claimed = _date(header(mail.get("Date")))
    if claimed is None or received is None:
        return claimed or received or UNKNOWN_TIME
    return claimed if received - MAX_TRAVEL <= claimed <= received + MAX_CLOCK_AHEAD else received


def _received(mail: Message) -> datetime | None:
    """The newest Received: written by the customer's last server, so trusted more than their clock."""
    for value in mail.get_all("Received", [])[:3]:
        if found := _date(header(value).rpartition(";")[2]):
            return found
    return None


def _date(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value[:100])
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return None
    return found if 1990 <= found.year <= 2200 else None


def _iso(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(value or ""))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


# --- Which --------------------------------------------------------------------------------------


def _fingerprint(author: Author, subject: str, parts: Parts) -> str:
    """What was said, whichever way it came: transport headers and encodings do not count."""
    files = [f"{each.name}:{hashlib.sha256(each.content).hexdigest()}" for each in parts.attachments]
    return _hash(author.external_id, subject, parts.text.strip(), *files)


def _hash(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode("utf-8", "replace")).hexdigest()
