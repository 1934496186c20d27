"""How a Matrix server is called, and what its refusals mean: https://spec.matrix.org/latest/client-server-api/#api-standards"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import orjson

from netcenter.channels.contract import Answered, Api, ChannelError, Connection, Reason, failure_of, loose

V3 = "_matrix/client/v3"
LONGEST_PAUSE = timedelta(hours=1)
LARGEST = 64 * 2**20  # bytes of a sync: the first one holds every room

_REASONS: dict[str, Reason] = {  # https://spec.matrix.org/latest/client-server-api/#common-error-codes
    "M_UNKNOWN_TOKEN": "token", "M_MISSING_TOKEN": "token", "M_USER_DEACTIVATED": "token", "M_USER_LOCKED": "token",
    "M_USER_SUSPENDED": "token", "M_NOT_FOUND": "gone", "M_TOO_LARGE": "unfit", "M_DUPLICATE_ANNOTATION": "twice",
    "M_LIMIT_EXCEEDED": "rate",
}  # fmt: skip


class Server(Api):
    """One account on its server."""

    def failure(self, method: str, answered: Answered) -> ChannelError | None:
        """Bodies are {"errcode": …, "error": …}, with soft_logout or retry_after_ms beside it."""
        if answered.status < 300:
            return None
        try:
            told = loose.within(orjson.loads(answered.body))
        except orjson.JSONDecodeError:
            told = {}
        code = loose.text(told.get("errcode"), 100)
        said = f"{code} {loose.text(told.get('error'), 300)}".strip()
        if answered.status == 429 or code == "M_LIMIT_EXCEEDED":
            return ChannelError(said, reason="rate", retry_at=_again(told, answered))
        if code == "M_FORBIDDEN" and re.search(r"not in room|not invited|banned|not a member", said):
            return ChannelError(said, permanent=True, reason="blocked")
        if reason := _REASONS.get(code):
            return ChannelError(said, permanent=reason != "token", reason=reason)
        if answered.status in (400, 404, 405) and code:
            return ChannelError(said, permanent=True, reason="unfit")
        return failure_of(method, answered, said)


def _again(told: Mapping[str, Any], answered: Answered) -> datetime:
    """The header counts whole seconds, the body (now deprecated) thousandths."""
    seconds = loose.count(told.get("retry_after_ms"))
    header = answered.headers.get("retry-after", "")
    wait = timedelta(milliseconds=seconds) if seconds is not None else timedelta(
        seconds=int(header[:9]) if header.isascii() and header.isdigit() else 5)  # fmt: skip
    return now() + min(wait, LONGEST_PAUSE)


def server(connection: Connection, token: str | None = None) -> Server:
    """The server, signed in. Raises ChannelError when nobody has signed in, or no address is known."""
    base = str(connection.config.get("server") or "") or connection.base("")
    if not base:
        raise ChannelError("no server is configured", permanent=True)
    if token is None:
        token = connection.secrets.get("access") or connection.secrets.get("token", "")
        if not token:
            raise ChannelError("nobody has signed in", reason="token")
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return Server(base, headers, connection.budget)


def spend(connection: Connection) -> None:
    """Before each event that we send."""
    if not connection.config.get("unlimited"):
        connection.budget.spend("events")


def own_of(connection: Connection) -> str:
    """Who we are there, as signing in told."""
    return str(connection.config.get("user_id") or connection.address or connection.config.get("user") or "").strip()


def quoted(name: str) -> str:
    """A name as a part of an address."""
    return quote(name, safe="")


def room_path(room: str, *more: str) -> str:
    return "/".join((V3, "rooms", *(quoted(each) for each in (room, *more))))


def now() -> datetime:
    return datetime.now(UTC)
