"""Reads what a hook is told: entries for one or several accounts, each thing of which is read by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import orjson

from netcenter.channels.contract import Attachment, Connection, Forward, Happening, Raw, Unreadable
from netcenter.lib.text import clean

LONGEST_ID = 255
LONGEST_ADDRESS = 2000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAMES = {"image": ("photo", "image/jpeg"), "video": ("video", "video/mp4"), "audio": ("audio", "audio/mp4")}

Entry = Mapping[str, Any]
WRONG = (KeyError, TypeError, ValueError, OverflowError, AttributeError, IndexError)


def read(
    raw: Raw, objects: tuple[str, ...], own: tuple[str, ...], split: Callable[[Entry], Iterator[tuple[str, Entry]]],
    happened: Callable[[Entry], Iterator[Happening]],
) -> list[Happening]:  # fmt: skip
    """Everything in a delivery; what speaks to another account goes there. Raises Unreadable with what was readable.

    `split` cuts an entry into pieces (entries again), each with the name of whom it speaks to; `happened` reads one.
    """
    try:
        told = orjson.loads(raw.body)
        entries = told["entry"] if told["object"] in objects else []
        if not isinstance(entries, list):
            raise TypeError("the entries are no list")
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise Unreadable(repr(error)) from error
    found: list[Happening] = []
    flaws: list[str] = []
    others: dict[str, list[Entry]] = {}
    for entry in entries:
        try:
            for to, piece in split(entry):
                if own and to not in own:
                    others.setdefault(to, []).append(piece)
                    continue
                try:
                    found += list(happened(piece))
                except WRONG as error:
                    flaws.append(repr(error)[:200])
        except WRONG as error:
            flaws.append(repr(error)[:200])
    found += [
        Forward(to, again({"object": told["object"], "entry": pieces}, raw.meta)) for to, pieces in others.items()
    ]
    if flaws:
        raise Unreadable("; ".join(flaws), found)
    return found


def by_account(entry: Entry) -> Iterator[tuple[str, Entry]]:
    """Each thing of an entry by itself, where the entry's id names the account."""
    to = name(entry["id"])
    for kind in ("messaging", "standby", "changes"):
        for told in listed(entry.get(kind)):
            yield to, {"id": to, "time": entry.get("time", 0), kind: [told]}


def again(told: Mapping[str, Any], meta: Mapping[str, Any] | None = None) -> Raw:
    """A delivery of our own making: part of another, or what we asked the network for."""
    body = orjson.dumps(told)
    return Raw(body, "sha256:" + hashlib.sha256(body).hexdigest(), dict(meta or {}))


# --- Values ---------------------------------------------------------------------------------------


def name(value: Any) -> str:
    """An id. Raises ValueError when there is none."""
    if isinstance(value, bool) or not isinstance(value, str | int) or not (found := clean(str(value)).strip()):
        raise ValueError("an id is missing")
    if len(found) > LONGEST_ID:
        raise ValueError("an id is too long")
    return found


def words(value: Any) -> str:
    """A text; "" when there is none."""
    return clean(value) if isinstance(value, str) else ""


def within(value: Any, *path: str) -> Any:
    """What lies there, or None."""
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def moment(value: Any) -> datetime:
    """Seconds or milliseconds since 1970, also as text, or ISO 8601. Raises ValueError."""
    if isinstance(value, str) and not value.isdigit():
        return datetime.fromisoformat(value.replace("+0000", "+00:00")).astimezone(UTC)
    seconds = int(value)
    return _EPOCH + (timedelta(milliseconds=seconds) if seconds > 10**11 else timedelta(seconds=seconds))


def file_at(address: Any, kind: str, label: str = "", mime: str = "") -> Attachment:
    """A file that the network keeps for us for a while."""
    default, guessed = _NAMES.get(kind, ("file", "application/octet-stream"))
    url = words(address)
    try:
        called = urlsplit(url).path.rpartition("/")[2] if kind == "file" else ""
    except ValueError:
        url, called = "", ""
    label = (clean(label or called) or default).replace("/", "_")[:200] or default
    if not url.startswith(("https://", "http://")) or len(url) > LONGEST_ADDRESS:
        return Attachment(label, mime or guessed, missing="the network does not say where it is")
    return Attachment(label, mime or guessed, reference=url)


def own_id(connection: Connection, field: str) -> str:
    return str(connection.config.get(field) or "").strip()
