"""What Twilio tells of text messages: those that come in, and what became of ours.

https://www.twilio.com/docs/messaging/guides/webhook-request
https://www.twilio.com/docs/messaging/guides/track-outbound-message-status
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from netcenter.channels.contract import (
    Attachment,
    Author,
    Connection,
    Echo,
    Happening,
    Inbound,
    Raw,
    Receipt,
    ThreadRef,
    Unreadable,
    loose,
)  # fmt: skip
from netcenter.channels.sms.keywords import meaning_of
from netcenter.channels.twilio import door
from netcenter.channels.twilio.failures import failed_later
from netcenter.channels.twilio.reading import at, author_of, moment, named, whole

KEY = "key"  # under which our own name of a message comes back, in the address of its status
MOST_FILES = 10
STATES = {"sent": "sent", "delivered": "delivered", "read": "read", "failed": "failed", "undelivered": "failed"}
ON_THE_WAY = ("accepted", "scheduled", "queued", "sending")
RECEIVED = ("received", "receiving")


def parse(raw: Raw, connection: Connection) -> list[Happening]:
    """A webhook's form, or a row of the list. Raises Unreadable."""
    if raw.body[:1] == b"{":
        return _row(loose.an_object(raw.body), connection)
    told = door.fields_of(raw.body)
    sid = named(told, "MessageSid", "SmsSid")
    if "MessageStatus" in told:
        return _status(sid, told, raw)
    if told.get("SmsStatus", "received") not in RECEIVED:
        return []
    files = tuple(
        _file(told.get(f"MediaUrl{n}"), told.get(f"MediaContentType{n}"), n)
        for n in range(min(whole(told.get("NumMedia")) or 0, MOST_FILES))
    )
    return [_inbound(sid, author_of(told, sid), at(raw), told.get("Body"), files, loose.text(told.get("OptOutType")))]


def _inbound(
    sid: str, author: Author, sent_at: datetime, body: Any, files: tuple[Attachment, ...], opted: str = ""
) -> Inbound:  # fmt: skip
    """STOP is obeyed and answered by nobody: who forbids messages does not want another one."""
    text = loose.text(body)
    meant = meaning_of(text, opted)
    if meant in ("stop", "start"):
        author = Author(author.external_id, author.name, phone=author.phone, confirmed=author.confirmed,
                        profile={**author.profile, "stopped": meant == "stop"})  # fmt: skip
    return Inbound(
        sid, author, ThreadRef(author.external_id), sent_at, text, attachments=files, form="sms",
        automatic="list" if meant in ("stop", "start", "help") else "", extra={"keyword": meant} if meant else {},
    )  # fmt: skip


def _file(url: Any, mime: Any, n: int) -> Attachment:
    kind = loose.text(mime, 100).partition(";")[0].strip().lower() or "application/octet-stream"
    name = f"{kind.partition('/')[0]}-{n + 1}".replace("/", "")
    address = loose.text(url, 2000).strip()
    if not address:
        return Attachment(name, kind, missing="Twilio does not say where it is")
    return Attachment(name, kind, reference=address)


def _status(sid: str, told: Mapping[str, str], raw: Raw) -> list[Happening]:
    """What became of ours; our key comes back, so that an answer lost on the wire is known to have left."""
    status, when = loose.text(told.get("MessageStatus"), 30).lower(), at(raw)
    key, happened = door.query_of(raw.meta.get("query")).get(KEY, ""), list[Happening]()
    if key and (status in ON_THE_WAY or STATES.get(status) in ("sent", "delivered", "read")):
        to = author_of(told, sid, "To")
        happened.append(Echo(sid, ThreadRef(to.external_id), when, "", to, key=loose.text(key, 60), form="sms"))
    if state := STATES.get(status):
        happened.append(Receipt(sid, state, when, failed_later(told) if state == "failed" else ""))  # type: ignore[arg-type]
    return happened


def _row(told: Mapping[str, Any], connection: Connection) -> list[Happening]:
    """A message as the list has it: theirs, or ours, perhaps said with another tool."""
    sid, status = named(told, "sid"), loose.text(told.get("status"), 30)
    when = moment(told.get("date_sent")) or moment(told.get("date_created"))
    if when is None:
        raise Unreadable("nothing tells when it was sent")
    files = tuple(
        _file(f"/2010-04-01/Accounts/{connection.config.get('account_sid')}/Messages/{sid}/Media/{named(one, 'sid')}",
              one.get("content_type"), n)
        for n, one in enumerate(loose.objects(told.get("media"))[:MOST_FILES])
    )  # fmt: skip
    if told.get("direction") == "inbound":
        author = author_of({"From": told.get("from")}, sid)
        return [_inbound(sid, author, when, told.get("body"), files)]
    to = author_of({"To": told.get("to")}, sid, "To")
    state = STATES.get(status)
    if state == "failed":
        return [Receipt(sid, "failed", when, failed_later(told, "error_code", "error_message"))]
    echo = Echo(sid, ThreadRef(to.external_id), when, loose.text(told.get("body")), to, files, form="sms")
    return [echo, Receipt(sid, state, when)] if state else [echo]  # type: ignore[arg-type]
