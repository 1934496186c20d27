"""Names of records: https://atproto.com/specs/tid, https://atproto.com/specs/at-uri-scheme"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta

LETTERS = "234567abcdefghijklmnopqrstuvwxyz"
_TID = re.compile(rf"[{LETTERS[:16]}][{LETTERS}]{{12}}")
_URI = re.compile(r"at://(did:[a-z]+:[A-Za-z0-9._:%-]{1,200})/([A-Za-z0-9.]{1,100})/([A-Za-z0-9._:~-]{1,512})")
_NEAR = 2**30  # microseconds: a name of ours is up to 18 minutes after that of what it answers
_BEGIN = int(datetime(2023, 1, 1, tzinfo=UTC).timestamp() * 1e6)
_END = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp() * 1e6)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Place = tuple[str, str, str]  # did, collection, rkey


def rkey_of(key: str, beside: str = "") -> str:
    """The same name for the same key at every attempt, so a record is never made twice. It looks like any other."""
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    at = _read(beside) >> 10 if _TID.fullmatch(beside) else 0
    at = at if _BEGIN <= at <= _END else _BEGIN
    return _write((at + number % _NEAR) << 10 | (number >> 40) % 1024)


def moment_of(tid: object) -> datetime | None:
    """When such a name was made, as it says itself."""
    if not isinstance(tid, str) or not _TID.fullmatch(tid):
        return None
    at = _read(tid) >> 10
    return _EPOCH + timedelta(microseconds=at) if at <= _END else None


def place_of(uri: object) -> Place | None:
    """The parts of an at:// address."""
    found = _URI.fullmatch(uri) if isinstance(uri, str) else None
    return (found[1], found[2], found[3]) if found else None


def _read(tid: str) -> int:
    number = 0
    for letter in tid:
        number = number * 32 + LETTERS.index(letter)
    return number


def _write(number: int) -> str:
    letters = []
    for _place in range(13):
        number, rest = divmod(number, 32)
        letters.append(LETTERS[rest])
    return "".join(reversed(letters))
