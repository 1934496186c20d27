"""What WhatsApp tells: messages, what became of ours, calls, and trouble.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from netcenter.channels.contract import (
    Attachment,
    Author,
    Called,
    Deleted,
    Echo,
    Edited,
    Happening,
    Inbound,
    Reaction,
    Receipt,
    ThreadRef,
    Trouble,
)  # fmt: skip
from netcenter.channels.meta.failures import failed_later
from netcenter.channels.meta.parts import marked
from netcenter.channels.meta.reading import Entry, listed, moment, name, within, words

FILES = {"image": "image/jpeg", "video": "video/mp4", "audio": "audio/ogg", "document": "application/octet-stream",
         "sticker": "image/webp"}  # fmt: skip
LISTS = ("messages", "statuses", "message_echoes", "calls")
STATES = {"sent": "sent", "delivered": "delivered", "read": "read", "played": "read", "failed": "failed"}
ALARMS = ("PAUSED", "DISABLED", "FLAGGED", "DISABLED_UPDATE", "ACCOUNT_RESTRICTION", "ACCOUNT_VIOLATION", "DOWNGRADE")


def split(entry: Entry) -> Iterator[tuple[str, Entry]]:
    """A change speaks to a telephone number; of the account as a whole when it names none."""
    whole = name(entry["id"])
    for change in listed(entry.get("changes")):
        number = within(change, "value", "metadata", "phone_number_id")
        value = change["value"]
        told = [(key, one) for key in LISTS for one in listed(value.get(key))]
        beside = {key: value[key] for key in value if key not in LISTS}
        pieces = [{**beside, key: [one]} for key, one in told] or [beside]
        for piece in pieces:
            one = {"id": whole, "time": entry.get("time", 0), "changes": [{**change, "value": piece}]}
            yield (name(number) if number else whole), one


def told(entry: Entry) -> Iterator[Happening]:
    """What an entry means; nothing when it is of no concern."""
    for change in listed(entry.get("changes")):
        value, field = change["value"], change["field"]
        names = {name(one.get("wa_id") or one.get("user_id")): one for one in listed(value.get("contacts"))}
        for message in listed(value.get("messages")):
            yield from _message(message, names)
        for status in listed(value.get("statuses")):
            yield from _status(status)
        for echo in listed(value.get("message_echoes")):
            yield _echo(echo)
        for call in listed(value.get("calls")):
            yield from _call(call, names)
        if errors := value.get("errors"):
            yield Trouble("limited", moment(entry.get("time", 0)), failed_later(errors))
        if words(value.get("event")).upper() in ALARMS:
            kind = words(value.get("message_template_name")) or words(value.get("display_phone_number"))
            yield Trouble("limited", moment(entry.get("time", 0)), f"{field}: {value['event']} {kind}".strip())


def _message(message: Mapping[str, Any], names: Mapping[str, Mapping[str, Any]]) -> Iterator[Happening]:
    id, at, kind = name(message["id"]), moment(message["timestamp"]), words(message.get("type"))
    author = _author(message, names)
    if kind == "reaction":
        emoji = words(within(message, "reaction", "emoji"))
        yield Reaction(name(message["reaction"]["message_id"]), author, emoji or "like", at, added=bool(emoji))
    elif kind == "edit":
        changed = message["edit"]
        text, _files, _choice = content(changed["message"])
        yield Edited(name(changed["original_message_id"]), text, at)
    elif kind == "revoke":
        yield Deleted(name(message["revoke"]["original_message_id"]), at, by="author")
    elif kind not in ("system", "request_welcome"):
        yield _said(id, author, at, message)


def _said(id: str, author: Author, at: datetime, message: Mapping[str, Any]) -> Inbound:
    text, files, choice = content(message)
    before = within(message, "context", "id")
    extra: dict[str, Any] = {}
    if referral := message.get("referral"):  # a click on an advertisement that opens WhatsApp
        extra["referral"] = referral
    if within(message, "context", "forwarded") or within(message, "context", "frequently_forwarded"):
        extra["forwarded"] = True
    return Inbound(
        id, author, ThreadRef(author.external_id), at, text, attachments=files, choice=choice, extra=extra,
        in_reply_to=(name(before),) if before else (), form="story" if referral else "message",
    )  # fmt: skip


def _author(message: Mapping[str, Any], names: Mapping[str, Mapping[str, Any]]) -> Author:
    """By telephone number; who hides it behind a username has an id of this business instead."""
    id = name(message.get("from") or message.get("from_user_id"))
    contact = names.get(id, {})
    phone = f"+{id}" if id.isascii() and id.isdigit() else ""
    return Author(
        id, words(within(contact, "profile", "name")), phone=phone, handle=words(within(contact, "profile", "username"))
    )


def content(message: Mapping[str, Any]) -> tuple[str, tuple[Attachment, ...], str]:
    """Words, files, and what was pressed."""
    kind = words(message.get("type"))
    part: Any = message.get(kind) if kind in message else {}
    if kind == "text":
        return words(part["body"]), (), ""
    if kind in FILES:
        return words(part.get("caption")), (_file(kind, part),), ""
    if kind == "button":
        return words(part.get("text")), (), words(part.get("payload"))
    if kind == "interactive":
        pressed = part.get("button_reply") or part.get("list_reply") or {}
        form = part.get("nfm_reply") or {}
        return words(pressed.get("title") or form.get("body")), (), words(pressed.get("id") or form.get("name"))
    if kind == "location":
        where = f"geo:{float(part['latitude'])},{float(part['longitude'])}"
        return "\n".join(filter(None, [words(part.get("name")), words(part.get("address")), where])), (), ""
    if kind == "contacts":
        return "\n".join(_card(one) for one in listed(part)), (), ""
    if kind == "order":
        items = listed(part.get("product_items"))
        lines = [words(f"{one.get('quantity')} × {one.get('product_retailer_id')}") for one in items]
        return "\n".join([words(part.get("text")), *lines]).strip(), (), ""
    return f"[{kind or 'unknown'}] {failed_later(message.get('errors'))}".strip(), (), ""


def _file(kind: str, part: Mapping[str, Any]) -> Attachment:
    mime = words(part.get("mime_type")).partition(";")[0].strip().lower() or FILES[kind]
    label = words(part.get("filename")).replace("/", "_")[:200] or kind
    if len(id := words(part.get("id"))) not in range(1, 256):
        return Attachment(label, mime, missing="the network does not say where it is")
    return Attachment(label, mime, reference=id)


def _card(contact: Mapping[str, Any]) -> str:
    phones = ", ".join(words(one.get("phone")) for one in listed(contact.get("phones")))
    return f"{words(within(contact, 'name', 'formatted_name'))} {phones}".strip()


def _status(status: Mapping[str, Any]) -> Iterator[Happening]:
    """What became of ours; our key comes back, so that a lost answer is known to have left."""
    id, at = name(status["id"]), moment(status["timestamp"])
    state, (key, part) = STATES.get(words(status.get("status"))), marked(words(status.get("biz_opaque_callback_data")))
    if key and state in ("sent", "delivered", "read"):
        to = Author(name(status.get("recipient_id") or status.get("recipient_user_id")))
        yield Echo(id, ThreadRef(to.external_id), at, "", to, key=key, part=part)
    if state:
        yield Receipt(id, state, at, failed_later(status.get("errors")))  # type: ignore[arg-type]


def _echo(echo: Mapping[str, Any]) -> Echo:
    """Said with the WhatsApp Business app on the telephone that shares the number."""
    to = Author(name(echo["to"]))
    text, files, _choice = content(echo)
    return Echo(name(echo["id"]), ThreadRef(to.external_id), moment(echo["timestamp"]), text, to, files)


def _call(call: Mapping[str, Any], names: Mapping[str, Mapping[str, Any]]) -> Iterator[Happening]:
    """A customer rings the number in WhatsApp."""
    if call.get("direction", "USER_INITIATED") != "USER_INITIATED":
        return
    id, at = name(call["id"]), moment(call["timestamp"])
    if call.get("event") == "connect":
        author = _author(call, names)
        yield Inbound(id, author, ThreadRef(author.external_id), at, "", form="call")
        yield Called(id, "rang", at)
    elif call.get("event") == "terminate":
        seconds = int(call.get("duration") or 0)
        yield Called(id, "ended" if seconds else "missed", at, seconds=seconds or None)
