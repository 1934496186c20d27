"""What X's refusals mean. It names a problem by an address, and the finer points in words only.

https://docs.x.com/x-api/fundamentals/response-codes-and-errors
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import orjson

from netcenter.channels.contract import Answered, ChannelError, Reason, failure_of

Fate = Literal["never", "later", "perhaps"]
Meaning = tuple[Fate, Reason]

# The last part of `type`
PROBLEMS: dict[str, Meaning] = {
    "resource-not-found": ("never", "gone"), "not-found": ("never", "gone"), "resource-unavailable": ("never", "gone"),
    "not-authorized-for-resource": ("never", "right"), "not-authorized-for-field": ("never", "right"),
    "client-forbidden": ("never", "right"), "client-not-enrolled": ("never", "right"),
    "oauth1-permissions": ("never", "right"), "unsupported-authentication": ("never", "right"),
    "disallowed-resource": ("never", "right"), "noncompliant-rules": ("never", "right"),
    "invalid-request": ("never", "unfit"), "invalid-parameter": ("never", "unfit"),
    "usage-capped": ("later", "rate"), "credits": ("later", "rate"), "rate-limits": ("later", "rate"),
    "conflict": ("perhaps", "twice"), "duplicate-rules": ("perhaps", "twice"),
}  # fmt: skip

# What `detail` says, in small letters; these come first, for most have the type about:blank
WORDS: tuple[tuple[str, Meaning], ...] = (
    ("duplicate content", ("perhaps", "twice")),
    ("deleted or not visible", ("never", "gone")),
    ("could not find", ("never", "gone")),
    ("not been mentioned or otherwise engaged", ("never", "blocked")),
    ("who can reply", ("never", "blocked")),
    ("blocked", ("never", "blocked")),
    ("permission to dm", ("never", "blocked")),
    ("cannot send messages to", ("never", "blocked")),
    ("does not have permission to hide", ("never", "right")),
    ("suspended", ("never", "blocked")),
    ("too long", ("never", "unfit")),
    ("media ids", ("never", "unfit")),
    ("daily limit", ("later", "rate")),
    ("temporarily locked", ("later", "token")),
    ("not permitted to perform this action", ("never", "right")),
)

STATUSES: dict[int, Meaning] = {
    400: ("never", "unfit"), 401: ("later", "token"), 402: ("later", "rate"), 403: ("never", "right"),
    404: ("never", "gone"), 409: ("perhaps", "twice"), 410: ("never", "gone"), 413: ("never", "unfit"),
    422: ("never", "unfit"), 429: ("later", "rate"),
}  # fmt: skip
_LONG = timedelta(hours=1)  # when all that was paid for is used, waiting minutes changes nothing
_LONGEST = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def meaning_of(status: int, problem: str, detail: str) -> Meaning:
    """Of any refusal below 500: a token that is no longer good is never the post's fault."""
    if status == 401:
        return STATUSES[401]
    low = detail.lower()
    if status != 429:
        for words, meaning in WORDS:
            if words in low:
                return meaning
    return PROBLEMS.get(problem) or STATUSES.get(status, ("never", ""))


def error_of(method: str, answered: Answered, now: datetime) -> ChannelError:
    """The error that an answer tells. After a 5xx a post may well be there."""
    problem, detail = _told(answered.body)
    words = f"HTTP {answered.status}: {detail or problem or 'no reason is told'}"[:500]
    if answered.status >= 500 or answered.status in (408, 425):
        error = failure_of(method, answered, detail)
        return ChannelError(str(error), unknown=method != "GET", retry_at=error.retry_at)
    fate, reason = meaning_of(answered.status, problem, detail)
    at = resets_at(answered.headers, now)
    if problem in ("usage-capped", "credits") or answered.status == 402:
        at = now + _LONG
    return ChannelError(
        words, permanent=fate == "never", unknown=fate == "perhaps" and method != "GET",
        retry_at=at if reason == "rate" else None, reason=reason,
    )  # fmt: skip


def resets_at(headers: Mapping[str, str], now: datetime, name: str = "x-rate-limit") -> datetime | None:
    """When there is more, as the headers tell it; within a day."""
    told = headers.get(f"{name}-reset", "")
    if not told.isdigit() or len(told) > 11:
        return None
    return min(max(_EPOCH + timedelta(seconds=int(told)), now), now + _LONGEST)


def _told(body: bytes) -> tuple[str, str]:
    """The problem's name, and all that is said of it: as v2 does, as v1.1 does, or as OAuth 2.0 does."""
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "", body[:200].decode("utf-8", "replace").strip()
    if not isinstance(told, Mapping):
        return "", ""
    listed = told.get("errors")
    each = [one for one in (listed if isinstance(listed, list) else []) if isinstance(one, Mapping)]
    said: list[Any] = [told.get("detail"), told.get("error_description"), told.get("title"), told.get("error")]
    said += [one.get("detail") or one.get("message") for one in each]
    kind = str(told.get("type") or next((one["type"] for one in each if one.get("type")), ""))
    detail = "; ".join(dict.fromkeys(one for one in said if isinstance(one, str) and one))
    return kind.rstrip("/").rpartition("/")[2], detail
