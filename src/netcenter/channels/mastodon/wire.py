"""How a Mastodon server is called, and what its refusals mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from netcenter.channels.contract import Answered, Api, ChannelError, Connection, Reason, failure_of, loose, retry_at
from netcenter.lib import http

_CHANGING = re.compile(r"\d{10}[0-9a-f]{32}")
_NEXT = re.compile(r'<([^<>]+)>;\s*rel="next"')


SCARCE = 30  # files, deletions: https://docs.joinmastodon.org/api/rate-limits/


class Server(Api):
    """One account on its server."""

    def listed(self, path: str, query: Mapping[str, Any] | None = None) -> tuple[list[Mapping[str, Any]], str]:
        """The things of a page, newest first, and the address of the next (older) page or "".

        https://docs.joinmastodon.org/api/guidelines/#pagination
        """
        answered = self.call("GET", path, query=query)
        older = _NEXT.search(answered.headers.get("link", ""))
        return loose.objects(self.json(answered)), older[1] if older else ""

    def heard(self, answered: Answered, bucket: str) -> None:
        """https://docs.joinmastodon.org/api/rate-limits/#headers"""
        left, most = (answered.headers.get(f"x-ratelimit-{name}", "") for name in ("remaining", "limit"))
        if bucket == "calls" and most.isdigit() and int(most) <= SCARCE:
            return  # a server tells of the limit that is nearest its end, which may be that of files or deletions
        resets_at = loose.moment(answered.headers.get("x-ratelimit-reset"))
        if bucket and left.isdigit() and resets_at:
            self.budget.told(bucket, int(left), resets_at)

    def failure(self, method: str, answered: Answered) -> ChannelError | None:
        """Bodies are {"error": …}, of OAuth with an error_description beside it."""
        if answered.status < 300:
            return None
        try:
            told = loose.within(orjson.loads(answered.body))
        except orjson.JSONDecodeError:
            told = {}
        said = loose.text(told.get("error_description"), 300) or loose.text(told.get("error"), 300)
        failed = failure_of(method, answered, said)
        if answered.status == 429:
            until = loose.moment(answered.headers.get("x-ratelimit-reset"))
            return ChannelError(str(failed), retry_at=retry_at(answered.headers) or until, reason="rate")
        if (reason := _reason(answered.status, said)) is not None:
            return ChannelError(str(failed), permanent=reason != "token", reason=reason)
        return failed


def _reason(status: int, said: str) -> Reason | None:
    """What the status alone does not tell."""
    if status == 422:
        return "unfit"  # "Validation failed: Text character limit of 500 exceeded"
    if status == 403 and re.search(r"disabled|suspended|pending|moved|confirm", said):
        return "token"  # "Your login is currently disabled": the account itself is in trouble
    return None


def server(connection: Connection, token: str | None = None) -> Server:
    """The server of this account. Raises ChannelError when no address is configured."""
    base = connection.base("")
    if not base:
        raise ChannelError("no server is configured", permanent=True)
    token = connection.secrets.get("token", "") if token is None else token
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return Server(base, headers, connection.budget, "calls")


def instance(api: Server) -> dict[str, Any]:
    """What a server says of itself, as it is kept: its domain, its limits, where its stream is.

    https://docs.joinmastodon.org/entities/Instance/ – version 1 where version 2 is not known.
    """
    try:
        told = loose.within(api.get("api/v2/instance"))
    except ChannelError as error:
        if not error.permanent:
            raise
        told = loose.within(api.get("api/v1/instance"))
    limits = loose.within(told, "configuration", "statuses")
    urls = loose.within(told, "configuration", "urls") or loose.within(told, "urls")
    streaming = loose.text(urls.get("streaming") or urls.get("streaming_api"), 500)
    return {
        "domain": loose.text(told.get("domain") or told.get("uri"), 250).rpartition("://")[2].strip("/").lower(),
        "max_characters": loose.count(limits.get("max_characters")) or loose.count(told.get("max_toot_chars")) or 500,
        "url_counts": loose.count(limits.get("characters_reserved_per_url")) or 23,
        "streaming_url": streaming.rstrip("/") if streaming.startswith(("wss://", "ws://")) else "",
        "version": loose.text(told.get("version"), 100),
    }


def name_of(value: Any) -> str:
    """The id of a status. Those of snac begin with a time that changes, which it does not look at itself."""
    told = loose.name(value)
    return f"{'0' * 10}{told[10:]}" if _CHANGING.fullmatch(told) else told


def age(name: str) -> tuple[int, str]:
    """By which statuses are put in order: their ids grow. A cursor kept as JSON may have lost its own order."""
    return len(name), name


def domain_of(connection: Connection) -> str:
    """What follows the @ in names of this server."""
    told = str(connection.config.get("domain") or "")
    return told or connection.base("").partition("://")[2].partition("/")[0].lower()


def now() -> datetime:
    return datetime.now(UTC)


TIMEOUT_OF_FILES = 4 * http.TIMEOUT
