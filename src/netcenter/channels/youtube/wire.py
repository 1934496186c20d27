"""How the YouTube Data API is called, what it costs, and what its refusals mean.

https://developers.google.com/youtube/v3/docs/errors
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from netcenter.channels.contract import Answered, Api, ChannelError, Connection, Reason, failure_of, loose, retry_at
from netcenter.channels.youtube import options

REAL = "https://www.googleapis.com/youtube/v3"
IDS = 50  # that one call may name

_RATES = ("rateLimitExceeded", "userRateLimitExceeded")
_DAYS = ("quotaExceeded", "dailyLimitExceeded")
_REASONS: dict[str, Reason] = {
    "authError": "token", "required": "token", "expired": "token", "invalidCredentials": "token",
    "youtubeSignupRequired": "right", "insufficientPermissions": "right", "forbidden": "right",
    "accessNotConfigured": "right", "ineligibleAccount": "right", "ACCESS_TOKEN_SCOPE_INSUFFICIENT": "right",
    "commentsDisabled": "gone", "parentCommentIsPrivate": "gone", "commentNotFound": "gone", "videoNotFound": "gone",
    "channelNotFound": "gone", "parentCommentNotFound": "gone", "commentThreadNotFound": "gone", "notFound": "gone",
    "commentTextRequired": "unfit", "commentTextTooLong": "unfit", "invalidCustomEmoji": "unfit",
    "invalidCommentMetadata": "unfit", "parentIdMissing": "unfit", "operationNotSupported": "unfit",
    "banWithoutReject": "unfit",
}  # fmt: skip


class YouTube(Api):
    """The API as one account calls it. Every call is paid from the pot it belongs to, also one that is refused."""

    def __init__(self, connection: Connection) -> None:
        headers = {"authorization": f"Bearer {connection.secrets.get('token', '')}"}
        super().__init__(connection.base(REAL), headers, connection.budget)
        self.own = str(connection.config.get("own_id") or "")

    def asked(self, what: str, query: Mapping[str, Any]) -> Mapping[str, Any]:
        """A page of a list."""
        answered = self.call("GET", what, query=query, bucket=options.LISTENING, cost=options.READ)
        return loose.within(self.json(answered))

    def written(self, method: str, what: str, query: Mapping[str, Any], data: Any = None) -> Mapping[str, Any]:
        """A change."""
        answered = self.call(method, what, query=query, data=data, bucket=options.WRITING, cost=options.WRITE)
        return loose.within(self.json(answered))

    def turned(self, what: str, query: Mapping[str, Any], most: int) -> Iterator[Mapping[str, Any]]:
        """The items of page after page."""
        token: str | None = None
        for _page in range(most):
            page = self.asked(what, {**query, "pageToken": token})
            yield from loose.objects(page.get("items"))
            if not (token := loose.text(page.get("nextPageToken"), 2000)):
                return

    def named(self, what: str, ids: list[str], query: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """Those of these ids that are there."""
        found: list[Mapping[str, Any]] = []
        for n in range(0, len(ids), IDS):
            found += loose.objects(self.asked(what, {**query, "id": ",".join(ids[n : n + IDS])}).get("items"))
        return found

    def failure(self, method: str, answered: Answered) -> ChannelError | None:
        """{"error": {"code", "message", "errors": [{"reason", "domain", "message"}]}}"""
        if answered.status < 300:
            return None
        failed = error_of(method, answered, now())
        if failed.reason == "rate" and failed.retry_at is not None and _reason(answered)[0] in _DAYS:
            for pot in (options.LISTENING, options.WRITING):  # the day is over for both
                self.budget.told(pot, 0, failed.retry_at)
        return failed


def error_of(method: str, answered: Answered, at: datetime) -> ChannelError:
    """What a refusal means."""
    why, said = _reason(answered)
    failed = failure_of(method, answered, f"{why}: {said}".strip(": "))
    if why in _DAYS:
        return ChannelError(str(failed), reason="rate", retry_at=next_day(at))
    if why in _RATES:
        return ChannelError(str(failed), reason="rate", retry_at=retry_at(answered.headers, at) or at + _MINUTE)
    if why == "processingFailure":  # "while this can be a transient error": it may even have happened
        return ChannelError(str(failed), unknown=method != "GET")
    if (reason := _REASONS.get(why)) is not None:
        return ChannelError(str(failed), permanent=reason != "token", reason=reason)
    return failed


def _reason(answered: Answered) -> tuple[str, str]:
    try:
        told = loose.within(orjson.loads(answered.body), "error")
    except orjson.JSONDecodeError:
        return "", ""
    first = next(iter(loose.objects(told.get("errors"))), {})
    return loose.text(first.get("reason"), 100), loose.text(told.get("message"), 300)


def next_day(at: datetime) -> datetime:
    """When the quota is whole again: midnight in California."""
    local = at.astimezone(ZoneInfo(options.PACIFIC)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (local + timedelta(days=1)).astimezone(UTC)


def units_of(config: Mapping[str, Any]) -> int:
    """The units of a day that an account may spend."""
    told = config.get("units")
    try:
        return max(100, int(told or options.DAY))
    except (TypeError, ValueError):
        return options.DAY


def now() -> datetime:
    return datetime.now(UTC)


_MINUTE = timedelta(minutes=1)
