"""What every call of the bot stands on: shapes, the chats it reaches, how often it may call, how Telegram says no."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from netcenter.street.networks.base import Asked, Rate, Refused, Said, any_of, pattern, text
from netcenter.street.networks.telegram.people import Told, Town

MB = 2**20


def units(words: str) -> int:
    """UTF-16 units, as Telegram counts."""
    return len(words.encode("utf-16-le", "surrogatepass")) // 2


CHAT = any_of(int, pattern(r"-?\d+"), pattern(r"@\w+"))
REPLY = {"message_id": int, "allow_sending_without_reply?": bool, "quote?": str}
BUTTON = {"text": text(64), "callback_data?": text(64, size=lambda words: len(words.encode())), "url?": str}
MARKUP = {"inline_keyboard": [[BUTTON]]}
THERE = {"chat_id": CHAT, "message_thread_id?": int, "direct_messages_topic_id?": int, "business_connection_id?": str}
BESIDE = {**THERE, "reply_parameters?": REPLY, "disable_notification?": bool}
CAPTION = text(1024, 0, units)
THAT = {"chat_id": CHAT, "message_id": int, "business_connection_id?": str}


def bad(words: str, status: int = 400, **parameters: Any) -> Refused:
    """No, in Telegram's words."""
    prefix = {400: "Bad Request: ", 403: "Forbidden: ", 409: "Conflict: "}.get(status, "")
    told: Told = {"ok": False, "error_code": status, "description": f"{prefix}{words}"}
    return Refused("other", words, said=Said(status, {**told, **({"parameters": parameters} if parameters else {})}))


class Calls(Town):
    """The bot, known by its token."""

    rates: ClassVar[Mapping[str, Rate]] = {"all": Rate(30, 1), "chat": Rate(1, 1), "group": Rate(20, 60)}

    def credential(self, asked: Asked) -> str:
        return asked.path.get("token", "")

    def refusal(self, refused: Refused) -> Said:
        status, words = {
            "route": (404, "Not Found"), "method": (404, "Not Found"), "no token": (404, "Not Found"),
            "bad token": (401, "Unauthorized"), "expired": (401, "Unauthorized"),
            "storm": (int(refused.detail) if refused.detail.isdigit() else 503, "Bad Gateway"),
        }.get(refused.why, (400, f"Bad Request: {refused.detail}"))  # fmt: skip
        told: Told = {"ok": False, "error_code": status, "description": words}
        if status == 429:
            told |= {"description": "Too Many Requests: retry after 7", "parameters": {"retry_after": 7}}
        if "text" in refused.detail and "length" in refused.detail:
            told["description"] = "Bad Request: message is too long"
        return Said(status, told)

    def _ok(self, result: Any) -> Told:
        return {"ok": True, "result": result}

    def _chat(self, id: Any) -> Told:
        id = int(id) if isinstance(id, int) or id.lstrip("-").isdigit() else 0
        if id in self.moved:
            raise bad("group chat was upgraded to a supergroup chat", migrate_to_chat_id=self.moved[id])
        if id not in self.chats:
            raise bad("chat not found")
        return self.chats[id]

    def _spend(self, bucket: str, caller: str, cost: int) -> None:
        left = self.limits.spend(bucket, caller, cost)
        if left.is_over:
            wait = max(1, math.ceil(left.resets_at - self.now()))
            told: Told = {"ok": False, "error_code": 429, "description": f"Too Many Requests: retry after {wait}"}
            raise Refused("rate", said=Said(429, {**told, "parameters": {"retry_after": wait}}))
