"""The Graph API: one version, a proof on each call, what its headers tell of the rates, and its errors by table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import Answered, Api, Attachment, Bucket, ChannelError, Connection, loose, signing
from netcenter.channels.meta.failures import error_of

REAL = "https://graph.facebook.com"
VERSION = "v24.0"

# Until 60 % of what the app or the page may do is used nothing slows down. Reading stops at 80 %, so that answers
# always find room; they stop just below the end. https://developers.facebook.com/docs/graph-api/overview/rate-limiting
CEILINGS = {"calls": 80, "answers": 97}
SLOWS_AT = 20  # percent below the ceiling
BUCKETS = (
    Bucket("calls", most=600, seconds=60, label=_("Requests of all kinds")),
    Bucket("answers", most=200, seconds=1, label=_("Answers sent")),  # the Send API takes 300 in a second
    Bucket("media", most=9, seconds=1, label=_("Files sent")),  # and 10 with sound or film
    # 750 an hour for each page
    Bucket("private_replies", most=740, seconds=3600, label=_("Private answers to comments")),
    Bucket("conversations", most=2, seconds=1, label=_("Conversations read")),
)
_USAGE = ("call_count", "total_time", "total_cputime")


class Graph(Api):
    """Graph as one account calls it. The token travels in a header: addresses are written into logs."""

    def __init__(self, connection: Connection, token: str | None = None, base: str = "") -> None:
        self.secret = connection.secrets.get("app_secret", "")
        self.token = connection.secrets.get("token", "") if token is None else token
        version = str(connection.config.get("version") or VERSION).strip("/")
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        super().__init__(f"{base or connection.base(REAL)}/{version}", headers, connection.budget, "calls")

    def call(self, method: str, path: str, **more: Any) -> Answered:
        """Writing is paid from the answers' share. https://developers.facebook.com/docs/graph-api/guides/secure-requests"""
        if self.secret and self.token:
            proof = signing.hmac_hex(self.secret, self.token.encode())
            more["query"] = {**(more.get("query") or {}), "appsecret_proof": proof}
        if method != "GET":
            more.setdefault("bucket", "answers")
        return super().call(method, path, **more)

    def all(self, path: str, query: Mapping[str, Any], most: int = 50) -> Iterator[Any]:
        """Everything that an edge lists."""
        for page in self.pages(path, query, after, most):
            yield from page.get("data", [])

    def is_there(self, id: str) -> bool:
        """Whether this has not been deleted; what we may not see is there. Raises ChannelError."""
        try:
            self.get(id, {"fields": "id"})
        except ChannelError as error:
            if error.reason not in ("gone", "right"):
                raise
            return error.reason == "right"
        return True

    def heard(self, answered: Answered, bucket: str) -> None:
        percent, regained = usage(answered.headers)
        now = datetime.now(UTC)
        for name, ceiling in CEILINGS.items():
            if percent >= ceiling - SLOWS_AT:
                until = timedelta(minutes=regained or 1) if percent >= 100 else timedelta(minutes=1)
                self.budget.told(name, max(0, ceiling - percent), now + until)

    def failure(self, method: str, answered: Answered) -> ChannelError | None:
        if answered.status < 300:
            return None
        if told := _error(_object(_json(answered.body))):
            return error_of(method, answered, told, datetime.now(UTC))
        return super().failure(method, answered)


def after(page: Any) -> Mapping[str, Any] | None:
    """The query of the next page. Its address is not followed: it carries the token."""
    paging = _object(_object(page).get("paging"))
    cursor = _object(paging.get("cursors")).get("after")
    return {"after": cursor} if cursor and paging.get("next") else None


def usage(headers: Mapping[str, str]) -> tuple[int, int]:
    """The highest percentage that any header tells, and in how many minutes we are heard again."""
    found, minutes = 0, 0
    told = [_object(_json(headers.get(name, "").encode())) for name in ("x-app-usage", "x-page-usage")]
    for each in _object(_json(headers.get("x-business-use-case-usage", "").encode())).values():
        told += [_object(one) for one in each] if isinstance(each, list) else []
    for one in told:
        figures = [one.get(name) for name in _USAGE]
        found = max([found, *(int(f) for f in figures if isinstance(f, int | float) and 0 <= f < 1e6)])
        wait = one.get("estimated_time_to_regain_access")
        minutes = max(minutes, wait if isinstance(wait, int) and 0 <= wait <= 1440 else 0)
    return found, minutes


def fetched(file: Attachment, graph: Api, most: int) -> Attachment:
    """The file behind its address, or for good why there is none."""
    try:
        content, mime = graph.download(file.reference, most)
    except ChannelError as error:
        if error.permanent:
            return Attachment(file.name, file.mime, missing=str(error)[:200])
        raise
    return Attachment(file.name, mime, content)


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _error(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """What went wrong. We block one person a call: that "some failed" says less than why this one did."""
    for failed in loose.objects(_object(body.get("block_users")).get("failed_users")):
        for error in loose.objects(failed.get("errors")):
            return error
    return _object(body.get("error"))


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
