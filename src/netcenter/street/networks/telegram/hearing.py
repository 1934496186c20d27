"""How the bot hears: it asks for updates or has them pushed, takes what buttons tell, and fetches files."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from netcenter.street.networks.base import Asked, Hook, Said, number, one_of, pattern, route, text
from netcenter.street.networks.telegram.calls import MB, Calls, bad
from netcenter.street.networks.telegram.people import Told
from netcenter.street.networks.telegram.updates import USUAL

ALL = (*USUAL, "message_reaction", "message_reaction_count", "inline_query", "chat_member", "poll", "poll_answer")


class Hearing(Calls):
    """https://core.telegram.org/bots/api#getting-updates"""

    def __init__(self, *more: Any, **named: Any) -> None:
        super().__init__(*more, **named)
        self.webhook, self.secret = "", ""
        self.door: Any = None  # where a webhook is really delivered: nobody has TLS here
        self.other_asks = False  # another program asks with the same token

    def obey(self, call: Mapping[str, Any]) -> None:
        """What a webhook answered is a call too."""
        if call.get("method") == "answerCallbackQuery":
            self.pressed[str(call["callback_query_id"])] = True

    @route("POST", "/bot{token}/getMe", json={})
    def get_me(self, asked: Asked) -> Any:
        return self._ok(self.me)

    @route("POST", "/bot{token}/getUpdates", json={
        "offset?": int, "limit?": number(1, 100), "timeout?": number(0, 50), "allowed_updates?": [one_of(*ALL)],
    })  # fmt: skip
    def get_updates(self, asked: Asked) -> Any:
        if self.webhook:
            raise bad("can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook "
                      "first", 409)  # fmt: skip
        if self.other_asks:
            raise bad("terminated by other getUpdates request; make sure that only one bot instance is running", 409)
        told = asked.fields
        self.pusher.allowed = tuple(told.get("allowed_updates") or self.pusher.allowed)
        return self._ok(self.pusher.asked(told.get("offset", 0), told.get("limit", 100)))

    def answer(self, asked: Asked) -> Said | None:
        """Hold the line while nothing is new, without holding up others."""
        if asked.url.endswith("/getUpdates") and asked.body:
            try:
                ends = time.monotonic() + float(json.loads(asked.body).get("timeout") or 0)
            except (ValueError, AttributeError):
                ends = 0.0
            while time.monotonic() < ends and not self.pusher.waiting():
                time.sleep(0.02)
        return super().answer(asked)

    @route("POST", "/bot{token}/setWebhook", json={
        "url": str, "secret_token?": pattern(r"[A-Za-z0-9_-]{1,256}"), "allowed_updates?": [one_of(*ALL)],
        "max_connections?": number(1, 100), "drop_pending_updates?": bool,
    })  # fmt: skip
    def set_webhook(self, asked: Asked) -> Any:
        told = asked.fields
        if not told["url"].startswith("https://"):
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        if ".localhost" in told["url"] or "//127." in told["url"]:
            raise bad("bad webhook: IP address 127.0.0.1 is reserved")
        self.webhook, self.secret = told["url"], told.get("secret_token", "")
        self.pusher.allowed = tuple(told.get("allowed_updates") or USUAL)
        self.hook(self.door or self.webhook)
        return self._ok(True)

    def hook(self, to: Any) -> None:
        """Push there, with the secret that was set."""

        def sign(body: bytes) -> dict[str, str]:
            return {"x-telegram-bot-api-secret-token": self.secret} if self.secret else {}

        self.pusher.hook = Hook(to, sign)

    @route("POST", "/bot{token}/deleteWebhook", json={"drop_pending_updates?": bool})
    def delete_webhook(self, asked: Asked) -> Any:
        self.webhook, self.pusher.hook = "", None
        return self._ok(True)

    @route("POST", "/bot{token}/getWebhookInfo", json={})
    def get_webhook_info(self, asked: Asked) -> Any:
        told: Told = {
            "url": self.webhook,
            "has_custom_certificate": False,
            "pending_update_count": self.pusher.waiting(),
        }
        at, why = self.pusher.trouble
        if at:
            told |= {"last_error_date": at, "last_error_message": why}
        return self._ok(told)

    @route("POST", "/bot{token}/answerCallbackQuery", json={"callback_query_id": str, "text?": text(200)})
    def answer_callback_query(self, asked: Asked) -> Any:
        if asked.fields["callback_query_id"] not in self.pressed:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        self.pressed[asked.fields["callback_query_id"]] = True
        return self._ok(True)

    @route("POST", "/bot{token}/getFile", json={"file_id": str})
    def get_file(self, asked: Asked) -> Any:
        id = asked.fields["file_id"]
        if (file := self.files.get(id)) is None:
            raise bad("wrong file_id or the file is temporarily unavailable")
        if len(file.content) > 20 * MB:
            raise bad("file is too big")
        told = {"file_id": id, "file_unique_id": id[-6:], "file_size": len(file.content)}
        return self._ok({**told, "file_path": f"photos/{id}"})

    @route("GET", "/file/bot{token}/photos/{id}")
    def download(self, asked: Asked) -> Any:
        file = self.files.get(asked.path["id"])
        return Said(200, file.content, mime=file.mime) if file else Said(404, {"ok": False, "error_code": 404})
