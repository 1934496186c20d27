"""What the chat server writes down of a visitor, and what that means.

One JSON object per delivery. `visitor` is the hash of the token that the visitor's browser keeps, so that whoever
reads our database cannot speak as a visitor.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from netcenter.channels.contract import Attachment, Author, Happening, Inbound, Raw, Receipt, ThreadRef, Unreadable

VERSION = 1
MOST_RECEIPTS = 500


@dataclass(frozen=True, slots=True)
class File:
    """Something uploaded before it was said; the bytes are in the house."""

    blob: str
    name: str
    mime: str
    size: int


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who writes, in their own words but for `hash`."""

    hash: str
    name: str = ""
    email: str = ""
    language: str = ""


def visitor_hash(account_key: str, token: str) -> str:
    """The visitor's stable name at this account: 64 hex digits, from which nobody gets the token back."""
    return hashlib.sha256(f"{account_key}:{token}".encode()).hexdigest()


# --- Writing ------------------------------------------------------------------------------------


def said(
    visitor: Visitor, cid: str, text: str, at: datetime, *, files: Sequence[File] = (), page: str = "", choice: str = ""
) -> Raw:
    """The visitor said something. The same `cid` of the same visitor is the same message, however often it comes."""
    listed = [{"blob": f.blob, "name": f.name, "mime": f.mime, "size": f.size} for f in files]
    chosen = {"choice": choice} if choice else {}
    return _raw("say", visitor, cid, at, {"text": text, "files": listed, "page": page, **chosen})


def introduced(visitor: Visitor, cid: str, at: datetime) -> Raw:
    """The visitor left a name or an e-mail address, which nobody has confirmed."""
    return _raw("about", visitor, cid, at, {})


def has_read(visitor: Visitor, external_ids: Sequence[str], at: datetime) -> Raw:
    """The visitor saw these messages of ours. The last one names the delivery."""
    return _raw("read", visitor, external_ids[-1], at, {"read": list(external_ids[-MOST_RECEIPTS:])})


def _raw(kind: str, visitor: Visitor, cid: str, at: datetime, more: Mapping[str, Any]) -> Raw:
    body = {
        "v": VERSION, "type": kind, "cid": cid, "at": at.isoformat(), "visitor": visitor.hash,
        "name": visitor.name, "email": visitor.email, "language": visitor.language, **more,
    }  # fmt: skip
    written = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Raw(written, f"{kind}:{visitor.hash}:{cid}"[:255])


# --- Reading ------------------------------------------------------------------------------------


def happenings(body: bytes) -> list[Happening]:
    """What a delivery means. Raises Unreadable."""
    told = _object(body)
    if told.get("v") != VERSION:
        raise Unreadable(f"a chat delivery of version {told.get('v')!r}")
    kind, at = told.get("type"), _moment(told)
    if kind == "read":
        ids = _list(told, "read")
        if not all(isinstance(i, str) and i for i in ids):
            raise Unreadable("'read' must hold message ids")
        return [Receipt(external_id, "read", at) for external_id in ids]
    if kind not in ("say", "about"):
        raise Unreadable(f"a chat delivery of type {kind!r}")
    visitor, cid = _word(told, "visitor"), _word(told, "cid")
    name, email = _text(told, "name"), _text(told, "email")
    author = Author(visitor, name=name, email=email, language=_text(told, "language"), confirmed=False)
    page = _text(told, "page")
    return [
        Inbound(
            external_id=f"{visitor}:{cid}", author=author, thread=ThreadRef(visitor), sent_at=at,
            text=_text(told, "text") if kind == "say" else " · ".join(filter(None, [name, email])),
            attachments=tuple(_attachment(f) for f in _list(told, "files")) if kind == "say" else (),
            choice=_text(told, "choice") if kind == "say" else "",
            extra={"cid": cid, **({"page": page} if page else {}), **({"about": True} if kind == "about" else {})},
        )
    ]  # fmt: skip


def _object(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not JSON: {error}") from error
    if not isinstance(told, dict):
        raise Unreadable("not a JSON object")
    return told


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name, "")
    if not isinstance(value, str):
        raise Unreadable(f"'{name}' must be text")
    return value


def _word(told: Mapping[str, Any], name: str) -> str:
    value = _text(told, name)
    if not value:
        raise Unreadable(f"'{name}' is missing")
    return value


def _list(told: Mapping[str, Any], name: str) -> list[Any]:
    value = told.get(name, [])
    if not isinstance(value, list):
        raise Unreadable(f"'{name}' must be a list")
    return value


def _moment(told: Mapping[str, Any]) -> datetime:
    try:
        at = datetime.fromisoformat(_word(told, "at"))
    except ValueError as error:
        raise Unreadable(f"'at' is not a time: {error}") from error
    if at.tzinfo is None:
        raise Unreadable("'at' has no time zone")
    return at


def _attachment(told: Any) -> Attachment:
    if not isinstance(told, dict):
        raise Unreadable("a file must be an object")
    blob = _text(told, "blob")
    return Attachment(_text(told, "name"), _text(told, "mime"), blob=blob, missing="" if blob else "not uploaded")
