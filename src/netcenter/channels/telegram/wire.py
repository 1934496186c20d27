"""How the Bot API is called, and what its refusals mean: https://core.telegram.org/bots/api#making-requests"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from netcenter.channels.contract import Answered, Api, ChannelError, Connection, Part, Reason, failure_of, loose
from netcenter.channels.telegram import options
from netcenter.channels.telegram.places import Where
from netcenter.lib import http

_TOKEN = re.compile(r"\d{1,20}:[A-Za-z0-9_-]{1,100}")
SLOTS = 512  # chats share these for their pauses: a bounded number of buckets, and at worst a second lost
LONGEST_PAUSE = timedelta(hours=1)

_MEANINGS: tuple[tuple[str, Reason], ...] = (
    (r"not enough rights|no rights|need administrator|CHAT_ADMIN_REQUIRED|CHAT_WRITE_FORBIDDEN|business.connection"
     r"|not an admin|can't be deleted for everyone", "right"),
    (r"can't be (edited|deleted)", "window"),
    (r"not found|MESSAGE_ID_INVALID|PEER_ID_INVALID|TOPIC_(DELETED|CLOSED)|group chat was deleted", "gone"),
    (r"not modified", "twice"),
)  # fmt: skip


class Conflict(ChannelError):
    """Somebody else hears for this bot: a webhook (`hooked`), or another program that asks."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retry_at=now() + timedelta(minutes=1))
        self.hooked = "webhook" in message


class Moved(ChannelError):
    """The group has become a supergroup, under another number. Nothing was done."""

    def __init__(self, message: str, chat: int) -> None:
        super().__init__(message, permanent=True, reason="gone")
        self.chat = chat


class Bot(Api):
    """One bot. Its token stands in the address, so addresses are never told."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection.base(options.REAL), budget=connection.budget)
        self.token = connection.secrets.get("token", "").strip()
        if not _TOKEN.fullmatch(self.token):
            raise ChannelError("this is not the token of a bot", reason="token")

    def do(
        self, method: str, told: Mapping[str, Any] | None = None, parts: tuple[Part, ...] = (),
        timeout: float = http.TIMEOUT,
    ) -> Any:  # fmt: skip
        """The result of a method. Raises ChannelError."""
        path, given = f"bot{self.token}/{method}", dict(told or {})
        if parts:
            form = {
                name: value if isinstance(value, str) else orjson.dumps(value).decode() for name, value in given.items()
            }
            answered = self.call("POST", path, form=form, parts=parts, timeout=4 * timeout)
        else:
            answered = self.call("POST", path, data=given, timeout=timeout, limit=16 * 2**20)
        return loose.within(self.json(answered)).get("result")

    def say(
        self, method: str, where: Where, told: Mapping[str, Any], parts: tuple[Part, ...] = (), messages: int = 1
    ) -> Any:  # fmt: skip
        """The same for what makes messages: never faster than Telegram allows, and to wherever a group has moved."""
        bucket = f"{'group' if where.is_group else 'chat'}:{abs(where.chat) % SLOTS}"
        pause = options.GROUP_PAUSE if where.is_group else options.PAUSE
        self.budget.spend(bucket)
        self.budget.spend("messages", messages)
        self.budget.told(bucket, 0, now() + timedelta(seconds=pause * messages))
        try:
            return self.do(method, {**where.told(), **told}, parts)
        except Moved as moved:  # where what is answered has another number, and topics are others
            beside = {name: value for name, value in told.items() if name != "reply_parameters"}
            return self.do(method, {"chat_id": moved.chat, **beside}, parts)
        except ChannelError as error:
            if error.reason == "rate" and error.retry_at is not None:
                self.budget.told(bucket, 0, error.retry_at)
            raise

    def failure(self, method: str, answered: Answered) -> ChannelError | None:
        """Bodies are {"ok": false, "error_code": …, "description": …, "parameters": {…}}."""
        if answered.status < 300:
            return None
        try:
            body = loose.within(orjson.loads(answered.body))
        except orjson.JSONDecodeError:
            body = {}
        said, beside = loose.text(body.get("description"), 300), loose.within(body.get("parameters"))
        return refusal(answered, said, beside) or failure_of(method, answered, said)


def refusal(answered: Answered, said: str, beside: Mapping[str, Any]) -> ChannelError | None:
    """What a refusal means; None where the status says it all."""
    match answered.status:
        case 429:
            seconds = loose.count(beside.get("retry_after")) or 5
            return ChannelError(said, reason="rate", retry_at=now() + min(timedelta(seconds=seconds), LONGEST_PAUSE))
        case 401 | 404:  # a token that is well made but nobody's; one that is not
            return ChannelError(said or f"HTTP {answered.status}", reason="token")
        case 409:
            return Conflict(said)
        case 403:
            reason: Reason = "right" if re.search(_MEANINGS[0][0], said, re.IGNORECASE) else "blocked"
            return ChannelError(said, permanent=True, reason=reason)
        case 400:
            chat = beside.get("migrate_to_chat_id")
            if isinstance(chat, int) and not isinstance(chat, bool):
                return Moved(said, chat)
            found = next((why for words, why in _MEANINGS if re.search(words, said, re.IGNORECASE)), None)
            return ChannelError(said or "HTTP 400", permanent=True, reason=found or "unfit")
    return None


def own_id(connection: Connection) -> int:
    """The number of the bot, with which its token begins; 0 without a token."""
    number = connection.secrets.get("token", "").strip().partition(":")[0]
    return int(number) if number.isascii() and number.isdigit() and len(number) < 20 else 0


def now() -> datetime:
    return datetime.now(UTC)
