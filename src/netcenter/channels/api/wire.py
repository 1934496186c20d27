"""The JSON of the api channel, read: what must be there is demanded by path, what may be there is taken or left out.

Only what a message cannot be answered without makes it unreadable. Anything else that is wrong is left out with a
warning to the sender; the raw bytes are kept either way.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import orjson

from netcenter.channels.contract import (
    Attachment,
    Author,
    Deleted,
    Edited,
    Happening,
    Inbound,
    Place,
    Receipt,
    ThreadRef,
)
from netcenter.lib.text import clean

MOST_ITEMS = 500
MOST_TEXT = 200_000  # characters
MOST_ATTACHMENTS = 50
LARGEST_ATTACHMENT = 3 * 2**20  # bytes; in base64 it still fits through the door
MOST_EXTRA = 50

_PHONE = re.compile(r"\+[1-9]\d{6,14}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")
_MIME = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,60}")
_STATES = ("sent", "delivered", "read", "failed")


class Bad(Exception):
    """One item cannot be read."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(problem)
        self.path = path
        self.problem = problem


@dataclass
class Reading:
    """What a body means, what is wrong with it (`errors`) and what was left out of it (`warnings`)."""

    happenings: list[Happening] = field(default_factory=list)
    errors: list[dict[str, str]] = field(default_factory=list)
    warnings: list[dict[str, str]] = field(default_factory=list)

    @property
    def complaint(self) -> str:
        """The errors as lines for people."""
        return "\n".join(f"{error['path'] or '/'}: {error['problem']}" for error in self.errors)


def read(body: bytes, received_at: datetime | None, *, files: bool = True) -> Reading:
    """Every happening of the body. Without `files` the attachments' bytes are not decoded: enough to judge it."""
    reading = Reading()
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        reading.errors.append({"path": "", "problem": f"not JSON in UTF-8: {error}"})
        return reading
    items = told if isinstance(told, list) else [told]
    if not 1 <= len(items) <= MOST_ITEMS:
        reading.errors.append({"path": "", "problem": f"send 1 to {MOST_ITEMS} items at once, not {len(items)}"})
        return reading
    for index, item in enumerate(items):
        node = _Node(item, f"/{index}" if isinstance(told, list) else "", reading.warnings)
        try:
            reading.happenings.append(_happening(node, received_at, files))
        except Bad as bad:
            reading.errors.append({"path": bad.path, "problem": bad.problem})
    return reading


def _happening(node: _Node, received_at: datetime | None, files: bool) -> Happening:
    node.must_be_object()
    kind = node.value.get("type")
    if kind == "message":
        return _message(node, received_at, files)
    if kind == "edited":
        return Edited(node.id("id"), node.text("text"), node.time("at", received_at))
    if kind == "deleted":
        return Deleted(node.id("id"), node.time("at", received_at))
    if kind == "receipt":
        state = node.value.get("state")
        if state not in _STATES:
            raise Bad(f"{node.path}/state", f"must be one of {', '.join(_STATES)}")
        return Receipt(node.id("id"), state, node.time("at", received_at), node.maybe("detail", 300))
    raise Bad(f"{node.path}/type", "must be message, edited, deleted or receipt")


def _message(node: _Node, received_at: datetime | None, files: bool) -> Inbound:
    thread, author = node.child("thread"), node.child("author")
    place = thread.value.get("place", "private")
    if place not in ("private", "public"):
        raise Bad(f"{thread.path}/place", "must be private or public")
    attachments = _attachments(node, files)
    return Inbound(
        external_id=node.id("id"),
        author=Author(
            external_id=author.id("id"),
            name=author.maybe("name", 200),
            email=author.maybe("email", 254, lambda v: "@" in v.strip("@") and " " not in v, "is no e-mail address"),
            phone=author.maybe("phone", 16, _PHONE.fullmatch, "must look like +34600111222 (E.164)"),
            language=author.maybe("language", 35, _LANGUAGE.fullmatch, "must look like es or pt-BR (BCP 47)"),
            confirmed=author.value.get("confirmed") is not False,
        ),
        thread=ThreadRef(thread.id("id"), cast(Place, place), thread.maybe("subject", 255)),
        sent_at=node.time("sent_at", received_at),
        text=node.text("text", required=not attachments),
        html=node.maybe("html", MOST_TEXT),
        attachments=attachments,
        in_reply_to=_replied(node),
        choice=node.maybe("choice", 40),
        extra=_extra(node),
    )


def _attachments(node: _Node, files: bool) -> tuple[Attachment, ...]:
    """The files. A file that cannot be taken is said to be missing: the words beside it count more."""
    listed = node.value.get("attachments") or []
    if not isinstance(listed, list):
        node.warn("attachments", "must be a list; left out")
        return ()
    if len(listed) > MOST_ATTACHMENTS:
        node.warn("attachments", f"only the first {MOST_ATTACHMENTS} are kept")
    found = []
    for index, item in enumerate(listed[:MOST_ATTACHMENTS]):
        file = _Node(item, f"{node.path}/attachments/{index}", node.warnings)
        if not isinstance(item, Mapping):
            file.warn("", "must be an object; left out")
            continue
        content, missing = _content(file, files)
        found.append(Attachment(
            name=file.maybe("name", 200).replace("/", "_") or f"file-{index + 1}",
            mime=file.maybe("mime", 100, _MIME.fullmatch, "must look like image/png") or "application/octet-stream",
            content=content, content_id=file.maybe("content_id", 200), missing=missing,
        ))  # fmt: skip
    return tuple(found)


def _content(file: _Node, decode: bool) -> tuple[bytes, str]:
    """The bytes of a file, or why there are none."""
    given = file.value.get("content")
    if not isinstance(given, str):
        problem = "no content"
    elif len(given) > LARGEST_ATTACHMENT * 4 // 3 + 4:
        problem = "too large"
    elif not decode:
        return b"", ""
    else:
        try:
            content = b64decode(given, validate=True)
        except (binascii.Error, ValueError):
            problem = "not base64"
        else:
            if content:
                return content, ""
            problem = "empty"
    file.warn("content", f"{problem}; the message is kept without the file")
    return b"", problem


def _replied(node: _Node) -> tuple[str, ...]:
    given = node.value.get("in_reply_to") or []
    if isinstance(given, str):
        given = [given]
    if not isinstance(given, list) or not all(isinstance(one, str) and 0 < len(one) <= 255 for one in given):
        node.warn("in_reply_to", "must be the id of a message, or a list of ids; left out")
        return ()
    return tuple(clean(one) for one in given[:50])


def _extra(node: _Node) -> dict[str, Any]:
    """What the sender wants to have beside the message: flat, small, shown as it is."""
    given = node.value.get("extra") or {}
    if not isinstance(given, Mapping):
        node.warn("extra", "must be an object; left out")
        return {}
    kept: dict[str, Any] = {}
    for name, value in given.items():
        fits = value is None or isinstance(value, bool | int | float) or (isinstance(value, str) and len(value) <= 2000)
        if not fits or len(name) > 100 or len(kept) == MOST_EXTRA:
            node.warn("extra", f"{name[:100]!r} is left out: {MOST_EXTRA} plain values of at most 2000 characters")
            continue
        kept[clean(name)] = clean(value) if isinstance(value, str) else value
    return kept


@dataclass(slots=True)
class _Node:
    """One object of the body and where it stands (a JSON pointer)."""

    value: Any
    path: str
    warnings: list[dict[str, str]]

    def must_be_object(self) -> None:
        if not isinstance(self.value, dict):
            raise Bad(self.path, "must be an object")

    def child(self, name: str) -> _Node:
        child = _Node(self.value.get(name), f"{self.path}/{name}", self.warnings)
        child.must_be_object()
        return child

    def warn(self, name: str, problem: str) -> None:
        self.warnings.append({"path": f"{self.path}/{name}".rstrip("/"), "problem": problem})

    def id(self, name: str) -> str:
        """A name by which the other system will always know this thing."""
        given = self.value.get(name)
        if isinstance(given, int) and not isinstance(given, bool):
            given = str(given)
        named = clean(given).strip() if isinstance(given, str) else ""
        if not named:
            raise Bad(f"{self.path}/{name}", "is required: a string that names it for ever in your system")
        if len(given) > 255:
            raise Bad(f"{self.path}/{name}", "must have at most 255 characters")
        return named

    def text(self, name: str, *, required: bool = True) -> str:
        given = self.value.get(name, "")
        if given is None:
            given = ""
        if not isinstance(given, str):
            raise Bad(f"{self.path}/{name}", "must be a string")
        if len(given) > MOST_TEXT:
            raise Bad(f"{self.path}/{name}", f"must have at most {MOST_TEXT} characters: send the rest as a file")
        words = clean(given)
        if required and not words.strip():
            raise Bad(f"{self.path}/{name}", "is required: the words as plain text")
        return words

    def maybe(
        self, name: str, longest: int, fits: Callable[[str], object] = bool, problem: str = "must be a string"
    ) -> str:
        """An optional string; one that does not fit is left out with a warning."""
        given = self.value.get(name)
        if not given and given in (None, ""):
            return ""
        if not isinstance(given, str):
            self.warn(name, "must be a string; left out")
            return ""
        given = clean(given).strip()
        if len(given) > longest:
            self.warn(name, f"must have at most {longest} characters; left out")
            return ""
        if given and not fits(given):
            self.warn(name, f"{problem}; left out")
            return ""
        return given

    def time(self, name: str, received_at: datetime | None) -> datetime:
        """When it happened; when it came, if nobody tells. A fast clock elsewhere must not make a customer wait."""
        given = self.value.get(name)
        if given is None and received_at:
            return received_at
        try:
            moment = datetime.fromisoformat(given)
            if moment.tzinfo is None or moment.year < 1970:
                raise ValueError
            moment = moment.astimezone(UTC)
        except (ValueError, TypeError, OverflowError):
            raise Bad(f"{self.path}/{name}", "must look like 2026-03-02T09:00:00Z (RFC 3339, with a zone)") from None
        if received_at and moment > received_at:
            self.warn(name, "lies in the future; the time of receipt is taken")
            return received_at
        return moment
