"""How Google's APIs are called, and what their refusals mean: https://cloud.google.com/apis/design/errors"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from netcenter.channels.contract import Answered, Api, ChannelError, failure_of, loose, retry_at

PAUSE = timedelta(seconds=60)  # after a 429 that names none: quotas are by the minute
_TOKEN_IS_BAD = ("invalid_grant", "invalid_client", "unauthorized_client", "invalid_token")


class Google(Api):
    """One of Google's APIs."""

    def failure(self, method: str, answered: Answered) -> ChannelError | None:
        return None if answered.status < 300 else refused(method, answered)


def refused(method: str, answered: Answered) -> ChannelError:
    """What an error of Google's means."""
    status, said = told_in(answered.body)
    failed = failure_of(method, answered, said)
    now = datetime.now(UTC)
    if answered.status == 429 or status == "RESOURCE_EXHAUSTED":
        at = retry_at(answered.headers, now) or now + PAUSE
        return ChannelError(str(failed), reason="rate", retry_at=at)
    if status in _TOKEN_IS_BAD:  # of the place that gives out tokens
        return ChannelError(str(failed), reason="token")
    if status == "FAILED_PRECONDITION":  # a location that is not verified
        return ChannelError(str(failed), permanent=True, reason="right")
    if answered.status == 400:
        return ChannelError(str(failed), permanent=True, reason="unfit")
    return failed


def told_in(body: bytes) -> tuple[str, str]:
    """Google's name for the error, and its words."""
    try:
        told: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "", ""
    error = told.get("error") if isinstance(told, Mapping) else None
    if isinstance(error, Mapping):
        return loose.text(error.get("status"), 60), loose.text(error.get("message"), 300)
    return loose.text(error, 60), loose.text(loose.within(told).get("error_description"), 300)
