"""What networks send, read without trusting it: whatever stands there, a value of the kind asked for comes out.

`parse` may meet anything; with these it reads what is there and leaves out what is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from netcenter.channels.contract.failures import Unreadable
from netcenter.lib.text import clean

LONGEST_ID = 255
_EMPTY: Mapping[str, Any] = {}


def an_object(body: bytes) -> Mapping[str, Any]:
    """The JSON object that these bytes are. Raises Unreadable."""
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Unreadable(f"no JSON: {error}") from error
    if not isinstance(told, dict):
        raise Unreadable("no JSON object")
    return told


def within(value: Any, *path: str) -> Mapping[str, Any]:
    """The object at this path; an empty one when there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else _EMPTY


def objects(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list; what else is in it is left out."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def text(value: Any, most: int = 100_000) -> str:
    """Clean text; "" for what is none."""
    return clean(value[:most]) if isinstance(value, str) else ""


def texts(value: Any, most: int = 1000) -> tuple[str, ...]:
    """The texts of a list that are not empty."""
    return tuple(told for each in value if (told := text(each, most))) if isinstance(value, list) else ()


def name(value: Any) -> str:
    """An id, which may be a number. Raises Unreadable when it is missing or too long to be one."""
    told = str(value) if isinstance(value, int) and not isinstance(value, bool) else text(value, LONGEST_ID + 1).strip()
    if not told or len(told) > LONGEST_ID:
        raise Unreadable("an id is missing")
    return told


def count(value: Any) -> int | None:
    """A number of things; None when none is told."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else None


def moment(value: Any) -> datetime | None:
    """An ISO 8601 time with its zone (UTC where it has none); None when it is none."""
    try:
        told = datetime.fromisoformat(value) if isinstance(value, str) else None
        return None if told is None else (told if told.tzinfo else told.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
