"""What Graph's error codes mean: never again, later, perhaps done, or a matter for a person.

https://developers.facebook.com/docs/graph-api/guides/error-handling
https://developers.facebook.com/docs/messenger-platform/error-codes
https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from netcenter.channels.contract import Answered, ChannelError, Reason, failure_of, retry_at

Fate = Literal["never", "later", "perhaps"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """`later`: surely not done. `perhaps`: it may have been done. `minutes`: how long to leave it alone."""

    fate: Fate
    reason: Reason = ""
    minutes: float = 0


NEVER, LATER, PERHAPS = Meaning("never"), Meaning("later"), Meaning("perhaps")
TOKEN, RIGHT = Meaning("later", "token"), Meaning("never", "right")
WINDOW, GONE, BLOCKED = Meaning("never", "window"), Meaning("never", "gone"), Meaning("never", "blocked")
UNFIT, TWICE = Meaning("never", "unfit"), Meaning("perhaps", "twice")
RATE, LONG = Meaning("later", "rate", 5), Meaning("later", "rate", 60)

UNPROVEN = "Error validating client secret"  # under code 1, which else means that nobody knows

SUBCODES: dict[int, Meaning] = {
    33: GONE,  # the object does not exist, or may not be seen
    2018001: GONE,  # no such person
    2018065: WINDOW, 2018278: WINDOW, 2534022: WINDOW,  # outside the window
    2018108: BLOCKED, 1545041: BLOCKED,  # this person takes nothing now
    2018300: RIGHT,  # another app holds the thread
    2018109: UNFIT, 2018034: UNFIT, 2018047: UNFIT, 2018074: UNFIT, 2018008: LATER,  # files
    2018022: PERHAPS, 2018164: RIGHT,
    1357046: TWICE, 2018320: UNFIT,
    2446079: RATE, 1996: RATE,
}  # fmt: skip

CODES: dict[int, Meaning] = {
    0: TOKEN, 101: TOKEN, 102: TOKEN, 190: TOKEN, 467: TOKEN,  # 101: there is no such app
    1: PERHAPS, 2: PERHAPS, 1200: PERHAPS, 131000: PERHAPS, 131016: PERHAPS, 133004: PERHAPS, 135000: PERHAPS,
    3: RIGHT, 10: RIGHT, 131005: RIGHT, 131031: RIGHT, 131037: RIGHT, 131042: RIGHT, 131045: RIGHT, 133010: RIGHT,
    4: RATE, 17: RATE, 32: RATE, 613: RATE, 341: LONG, 80001: RATE, 80002: RATE, 80006: RATE, 80007: RATE,
    130429: RATE, 131048: LONG, 131056: Meaning("later", "rate", 1), 133016: LONG, 131057: LONG,
    368: LONG,  # blocked for a while, for what it takes for abuse
    506: TWICE, 10900: TWICE,  # the same words again; a comment is answered privately once
    10903: BLOCKED, 551: BLOCKED, 130472: BLOCKED, 130497: BLOCKED, 131026: BLOCKED, 131049: BLOCKED, 131050: BLOCKED,
    131047: WINDOW,
    132001: GONE, 132015: RIGHT, 132016: RIGHT, 132068: RIGHT, 132069: RATE,
    100: UNFIT, 131008: UNFIT, 131009: UNFIT, 131021: UNFIT, 131051: UNFIT, 131052: UNFIT, 131053: UNFIT, 132000: UNFIT,
    132005: UNFIT, 132007: UNFIT, 132012: UNFIT, 1609005: UNFIT,
    139100: UNFIT, 139101: UNFIT, 139102: LATER, 139103: LATER,  # blocking: done twice is done once
    803: GONE, 1705: LATER,
}  # fmt: skip


def meaning_of(code: int, subcode: int = 0) -> Meaning | None:
    """None for a code that nobody documents: then the HTTP status decides."""
    if subcode in SUBCODES:
        return SUBCODES[subcode]
    if 200 <= code <= 299:
        return RIGHT
    return CODES.get(code)


def error_of(method: str, answered: Answered, told: Mapping[str, Any], now: datetime) -> ChannelError:
    """The error that the body of an answer tells; a mere question never was "perhaps done"."""
    code, subcode = _number(told.get("code")), _number(told.get("error_subcode"))
    details = told.get("error_data")
    more = details.get("details", "") if isinstance(details, Mapping) else told.get("error_user_msg") or ""
    words = f"(#{code}{f'/{subcode}' if subcode > 0 else ''}) {told.get('message', '')} {more}".strip()[:500]
    meaning = TOKEN if UNPROVEN in words else meaning_of(code, subcode)
    if meaning is None:
        transient = told.get("is_transient") is True
        return ChannelError(words, unknown=method != "GET") if transient else failure_of(method, answered, words)
    again = retry_at(answered.headers, now) or (now + timedelta(minutes=meaning.minutes) if meaning.minutes else None)
    return ChannelError(
        words, permanent=meaning.fate == "never", unknown=meaning.fate == "perhaps" and method != "GET",
        retry_at=again, reason=meaning.reason,
    )  # fmt: skip


def failed_later(errors: Any) -> str:
    """Why a message failed after it was taken, as a webhook tells it, in one line."""
    told = errors if isinstance(errors, list) else []
    return "; ".join(f"(#{_number(e.get('code'))}) {e.get('title') or e.get('message') or ''}" for e in told
                     if isinstance(e, Mapping))[:500]  # fmt: skip


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return -1  # 0 is a code of its own
