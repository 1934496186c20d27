"""What Twilio's error codes mean: never again, later, or a matter for a person.

https://www.twilio.com/docs/api/errors
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from netcenter.channels.contract import Answered, ChannelError, Reason, failure_of, loose, retry_at


@dataclass(frozen=True, slots=True)
class Meaning:
    """`later`: trying again may help. `minutes`: how long to leave it alone."""

    later: bool
    reason: Reason = ""
    minutes: float = 0


TOKEN, RIGHT, RATE = Meaning(True, "token"), Meaning(False, "right"), Meaning(True, "rate", 1)
UNFIT, BLOCKED, GONE = Meaning(False, "unfit"), Meaning(False, "blocked"), Meaning(False, "gone")

CODES: dict[int, Meaning] = {  # of a call to the API
    20003: TOKEN, 20006: RIGHT, 20005: RIGHT, 20008: RIGHT, 20404: GONE, 20429: RATE, 20001: UNFIT,
    14107: RATE, 21611: RATE, 30001: RATE, 30022: RATE, 63038: Meaning(True, "rate", 24 * 60), 10004: RATE,
    21610: BLOCKED, 21612: UNFIT, 21614: BLOCKED, 21211: UNFIT, 21214: BLOCKED, 21217: UNFIT, 21401: UNFIT,
    21408: RIGHT, 21215: RIGHT, 21216: BLOCKED, 13227: RIGHT, 13225: BLOCKED, 21219: RIGHT, 21264: RIGHT, 10001: RIGHT,
    21210: RIGHT, 21212: RIGHT, 21603: RIGHT, 21606: RIGHT, 21607: RIGHT, 21608: RIGHT, 21659: RIGHT, 21660: RIGHT,
    21703: RIGHT, 21704: RIGHT, 21705: RIGHT, 30034: RIGHT,
    21602: UNFIT, 21604: UNFIT, 21605: UNFIT, 21609: UNFIT, 21617: UNFIT, 21619: UNFIT, 21620: UNFIT, 21623: UNFIT,
    21205: UNFIT, 21626: UNFIT, 21220: GONE, 21218: GONE,
}  # fmt: skip

# What became of a message after it was taken: what it means, and whether trying again may help.
# https://www.twilio.com/docs/messaging/guides/debugging-tools
DELIVERY: dict[int, tuple[str, bool]] = {
    21610: ("they asked for no more messages (STOP)", False),
    30001: ("too many messages were waiting", True),
    30002: ("the Twilio account is suspended", False),
    30003: ("the telephone is off or out of reach", True),
    30004: ("they block these messages", False),
    30005: ("there is no such number any more", False),
    30006: ("it is a landline, or cannot be reached", False),
    30007: ("the carrier took it for spam", False),
    30008: ("the carrier does not say why", True),
    30009: ("a part of it was lost", True),
    30010: ("it costs more than the most that is allowed", False),
    30011: ("pictures are not carried there", False),
    30017: ("the carrier's network is congested", True),
    30018: ("the destination's carrier asks for a registered sender", False),
    30019: ("the file is too large there", False),
    30022: ("the carrier's rate is used up", True),
    30023: ("the carrier's daily limit is reached", True),
    30024: ("the sender is not provisioned at the carrier", False),
    30027: ("the carrier's daily limit for the brand is reached", True),
    30032: ("the toll-free number is not verified", False),
    30034: ("the number is not registered (A2P 10DLC)", False),
    30400: ("the carrier does not answer", True),
    30410: ("the carrier did not answer in time", True),
    30500: ("Twilio failed", True),
}


def error_of(method: str, answered: Answered) -> ChannelError:
    """What a refusal means; a code that nobody documents is judged by the HTTP status."""
    try:
        told = loose.an_object(answered.body)
    except Exception:  # no JSON: a proxy, an outage
        told = {}
    code = loose.count(told.get("code")) or 0
    words = f"({code}) {loose.text(told.get('message'), 300)}".strip() if code else ""
    meaning = CODES.get(code)
    if meaning is None or answered.status >= 500:
        failed = failure_of(method, answered, words)
        if answered.status == 429 and failed.retry_at is None:
            return ChannelError(str(failed), reason="rate", retry_at=_after(1))
        return failed
    again = retry_at(answered.headers) or (_after(meaning.minutes) if meaning.minutes else None)
    return ChannelError(words, permanent=not meaning.later, reason=meaning.reason, retry_at=again)


def _after(minutes: float) -> datetime:
    return datetime.now(UTC) + timedelta(minutes=minutes)


def failed_later(told: Mapping[str, Any], code: str = "ErrorCode", words: str = "ErrorMessage") -> str:
    """Why a message did not arrive, in one line, and whether it may work later."""
    number = str(told.get(code) or "")
    if not number.isdigit():
        return loose.text(told.get(words), 200)
    meant, later = DELIVERY.get(int(number), (loose.text(told.get(words), 200), False))
    hint = "; it may work later" if later else ""
    return f"{meant or 'not delivered'}{hint} ({number})"
