"""How Reddit is called, and what its refusals mean: https://www.reddit.com/dev/api/oauth"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from netcenter.channels.contract import Answered, Api, ChannelError, Connection, Reason, failure_of, loose, retry_at
from netcenter.channels.reddit import options

REAL, SITE = "https://oauth.reddit.com", "https://www.reddit.com"
APPLICATION = "netcenter"
PAGE = 100  # of a listing, and names that /api/info takes
WAIT = timedelta(minutes=10)  # where Reddit does not say how long

Told = Mapping[str, Any]

_NOT_A_NAME = re.compile(r"[^A-Za-z0-9_-]")
_TRY_AGAIN = re.compile(r"(\d+)\s*(millisecond|second|minute|hour)", re.IGNORECASE)
_SECONDS = {"millisecond": 0.001, "second": 1.0, "minute": 60.0, "hour": 3600.0}
_REASONS: dict[str, Reason] = {
    "THREAD_LOCKED": "window", "TOO_OLD": "window", "ARCHIVED": "window", "COMMENTER_BLOCKED_POSTER": "blocked",
    "DELETED_COMMENT": "gone", "DELETED_LINK": "gone", "DELETED_THING": "gone", "NO_THING_ID": "gone",
    "THING_NOT_FOUND": "gone", "NOT_FOUND": "gone", "USER_DOESNT_EXIST": "gone", "COMMENT_UNREPLIABLE": "gone",
    "USER_BLOCKED": "blocked", "USER_BLOCKED_MESSAGE": "blocked", "NOT_WHITELISTED_BY_USER_MESSAGE": "blocked",
    "INVALID_USER": "blocked", "USER_MUTED": "blocked", "BLOCKED_BY_USER": "blocked",
    "TOO_LONG": "unfit", "NO_TEXT": "unfit", "NO_SUBJECT": "unfit", "NO_USER": "unfit", "BAD_STRING": "unfit",
    "USER_REQUIRED": "token",
    "SUBREDDIT_NOTALLOWED": "right", "SUBREDDIT_NOEXIST": "right", "RESTRICTED_TO_PM": "right",
    "SUBREDDIT_OUTBOUND_LINKING_DISALLOWED": "unfit", "NOT_AUTHOR": "right", "MOD_REQUIRED": "right",
}  # fmt: skip


class Reddit(Api):
    """Reddit as one account calls it. Every call names who asks, or it is throttled to nothing."""

    def __init__(self, connection: Connection) -> None:
        token = {"authorization": f"bearer {connection.secrets.get('token', '')}"}
        super().__init__(
            connection.base(REAL), {**token, "user-agent": user_agent(connection)}, connection.budget, options.CALLS
        )
        self.own = str(connection.config.get("own_id") or "")  # t2_…
        self.name = name_of(connection)

    def listed(self, path: str, query: Mapping[str, Any] | None = None) -> tuple[list[Told], str]:
        """The things of a page, newest first, as {"kind", "data"}, and the name after which the next begins, or ""."""
        told = loose.within(self.get(path, {"limit": PAGE, "raw_json": 1, **(query or {})}), "data")
        return loose.objects(told.get("children")), loose.text(told.get("after"), 100)

    def named(self, names: Iterable[str]) -> dict[str, Told]:
        """Comments and posts by their names, those that are there."""
        asked, found = list(dict.fromkeys(names)), dict[str, Told]()
        for n in range(0, len(asked), PAGE):
            things, _after = self.listed("api/info", {"id": ",".join(asked[n : n + PAGE])})
            found |= {str(loose.within(thing, "data").get("name")): thing for thing in things}
        return found

    def posted(self, path: str, form: Mapping[str, Any], pot: str = "") -> Told:
        """What is told of a change, below "json". Raises ChannelError for its `errors` too."""
        if pot:
            self.budget.spend(pot)
        form = {"api_type": "json", "raw_json": "1", **form}
        told = loose.within(self.json(self.call("POST", path, form=form)))
        inner = loose.within(told, "json")
        if (error := refusal_of(inner, now())) is not None:
            if error.reason == "rate" and error.retry_at is not None:
                self.budget.told(options.POSTING, 0, error.retry_at)
            raise error
        return inner

    def heard(self, answered: Answered, bucket: str) -> None:
        """https://support.reddithelp.com/hc/en-us/articles/16160319875092 – fractions, and seconds until the next"""
        left, resets = (_number(answered.headers.get(f"x-ratelimit-{what}")) for what in ("remaining", "reset"))
        if bucket and left is not None and resets is not None:
            self.budget.told(bucket, int(left), now() + timedelta(seconds=min(resets, 3600)))

    def failure(self, method: str, answered: Answered) -> ChannelError | None:
        """{"message", "error", "reason"}; of a 429 the headers say for how long."""
        if answered.status < 300:
            return None
        try:
            told = loose.within(orjson.loads(answered.body))
        except orjson.JSONDecodeError:
            told = {}
        said = [loose.text(told.get(what), 300) for what in ("reason", "message", "explanation")]
        failed = failure_of(method, answered, ": ".join(part for part in said if part))
        if answered.status == 429:
            resets = _number(answered.headers.get("x-ratelimit-reset"))
            at = retry_at(answered.headers, now()) or now() + timedelta(seconds=min(resets or 60, 3600))
            return ChannelError(str(failed), reason="rate", retry_at=at)
        return failed


def refusal_of(told: Told, at: datetime) -> ChannelError | None:
    """{"errors": [["RATELIMIT", "… try again in 3 minutes", "ratelimit"]], "ratelimit": 180.0}"""
    errors = told.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    if first is None:
        return None
    parts = [loose.text(part, 300) for part in first] if isinstance(first, list) else [loose.text(first, 300)]
    why, said = parts[0], ": ".join(part for part in parts if part)
    if why == "RATELIMIT":
        return ChannelError(said, reason="rate", retry_at=at + _wait(told, said))
    reason = _REASONS.get(why, "")
    return ChannelError(said or "refused", permanent=reason != "token", reason=reason)


def _wait(told: Told, said: str) -> timedelta:
    seconds = _number(told.get("ratelimit"))
    if seconds is None and (match := _TRY_AGAIN.search(said)):
        seconds = int(match[1][:6]) * _SECONDS[match[2].lower()]
    return WAIT if seconds is None else timedelta(seconds=min(seconds, 86_400) + 1)


def _number(told: Any) -> float | None:
    try:
        found = float(told)
    except (TypeError, ValueError):
        return None
    return found if 0 <= found < 1e9 else None


def user_agent(connection: Connection) -> str:
    """<platform>:<app ID>:<version> (by /u/<name>): Reddit's rule. No digit here is looked at but by Reddit."""
    client = _NOT_A_NAME.sub("", str(connection.config.get("client_id") or "")) or "app"
    return f"web:{APPLICATION}.{client}:v1 (by /u/{name_of(connection) or 'unknown'})"


def name_of(connection: Connection) -> str:
    """The name of the account, whatever stands before it."""
    told = str(connection.config.get("username") or "").strip().strip("/")
    return _NOT_A_NAME.sub("", told.rpartition("/")[2])[:50]


def subreddits_of(connection: Connection) -> str:
    """Those that are listened to, as one: sol+pan."""
    told = str(connection.config.get("subreddits") or "").replace(",", " ").replace("+", " ").split()
    names = (_NOT_A_NAME.sub("", one.strip("/").rpartition("/")[2])[:50] for one in told)
    return "+".join(dict.fromkeys(name for name in names if name))


def now() -> datetime:
    return datetime.now(UTC)
