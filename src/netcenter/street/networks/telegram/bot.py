"""What the bot calls: https://core.telegram.org/bots/api#available-methods, and how Telegram says no."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from typing import Any, ClassVar

from netcenter.street.networks.base import (
    Asked,
    File,
    Hook,
    Misfit,
    Rate,
    Refused,
    Said,
    any_of,
    anything,
    fit,
    number,
    one_of,
    pattern,
    route,
    text,
)
from netcenter.street.networks.telegram.people import Told, Town
from netcenter.street.networks.telegram.updates import USUAL

MB = 2**20
ALL = (*USUAL, "message_reaction", "message_reaction_count", "inline_query", "chat_member", "poll", "poll_answer")
EMOJI = (
    "👍👎❤🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🕊🤡🥱🥴😍🐳💯🤣⚡🍌🏆💔🤨😐🍓"
    "🍾💋🖕😈😴😭🤓👻👀🎃🙈😇😨🤝✍🤗🫡🎅🎄☃💅🤪🗿🆒💘🙉🦄😘💊🙊😎👾😡"
)
TWO_DAYS = 2 * 86400.0
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)


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
MEDIA = {"type": one_of("photo", "video", "document", "audio"), "media": pattern(r"attach://\w+"), "caption?": CAPTION}
THAT = {"chat_id": CHAT, "message_id": int, "business_connection_id?": str}
KIND_MIMES = {
    "photo": ("image/jpeg", "image/png", "image/webp"), "video": ("video/mp4",), "audio": ("audio/mpeg", "audio/mp4"),
    "voice": ("audio/ogg",), "animation": ("image/gif", "video/mp4"), "document": (),
}  # fmt: skip


def bad(words: str, status: int = 400, **parameters: Any) -> Refused:
    """No, in Telegram's words."""
    prefix = {400: "Bad Request: ", 403: "Forbidden: ", 409: "Conflict: "}.get(status, "")
    told: Told = {"ok": False, "error_code": status, "description": f"{prefix}{words}"}
    return Refused("other", words, said=Said(status, {**told, **({"parameters": parameters} if parameters else {})}))


class BotApi(Town):
    """The bot's side."""

    rates: ClassVar[Mapping[str, Rate]] = {"all": Rate(30, 1), "chat": Rate(1, 1), "group": Rate(20, 60)}

    def __init__(self, *more: Any, **named: Any) -> None:
        super().__init__(*more, **named)
        self.webhook, self.secret = "", ""
        self.door: Any = None  # where a webhook is really delivered: nobody has TLS here
        self.other_asks = False  # another program asks with the same token
        self.acted: list[str] = []  # chat actions

    # --- no ---------------------------------------------------------------------------------------

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

    def obey(self, call: Mapping[str, Any]) -> None:
        """What a webhook answered is a call too."""
        if call.get("method") == "answerCallbackQuery":
            self.pressed[str(call["callback_query_id"])] = True

    # --- hearing ----------------------------------------------------------------------------------

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

    # --- speaking ---------------------------------------------------------------------------------

    @route("POST", "/bot{token}/sendMessage", json={**BESIDE, "text": text(4096, 1, units), "reply_markup?": MARKUP})
    def send_message(self, asked: Asked) -> Any:
        return self._ok(self._say(asked.fields, {"text": asked.fields["text"]}))

    def _send_file(self, asked: Asked, kind: str) -> Any:
        file = asked.files[kind]
        self._take(kind, file)
        caption = asked.fields.get("caption", "")
        return self._ok(self._say(asked.fields, {**self._with_file(file, caption), "kind": kind}, file=file))

    @route("POST", "/bot{token}/sendPhoto", files={"photo": ()}, form={**BESIDE, "caption?": CAPTION})
    def send_photo(self, asked: Asked) -> Any:
        return self._send_file(asked, "photo")

    @route("POST", "/bot{token}/sendDocument", files={"document": ()}, form={**BESIDE, "caption?": CAPTION})
    def send_document(self, asked: Asked) -> Any:
        return self._send_file(asked, "document")

    @route("POST", "/bot{token}/sendVideo", files={"video": ()}, form={**BESIDE, "caption?": CAPTION})
    def send_video(self, asked: Asked) -> Any:
        return self._send_file(asked, "video")

    @route("POST", "/bot{token}/sendAudio", files={"audio": ()}, form={**BESIDE, "caption?": CAPTION})
    def send_audio(self, asked: Asked) -> Any:
        return self._send_file(asked, "audio")

    @route("POST", "/bot{token}/sendVoice", files={"voice": ()}, form={**BESIDE, "caption?": CAPTION})
    def send_voice(self, asked: Asked) -> Any:
        return self._send_file(asked, "voice")

    @route("POST", "/bot{token}/sendAnimation", files={"animation": ()}, form={**BESIDE, "caption?": CAPTION})
    def send_animation(self, asked: Asked) -> Any:
        return self._send_file(asked, "animation")

    @route("POST", "/bot{token}/sendMediaGroup", files={f"file{n}?": () for n in range(10)},
           form={**BESIDE, "media": anything})  # fmt: skip
    def send_media_group(self, asked: Asked) -> Any:
        try:
            media = fit(asked.fields["media"], [MEDIA], "media", loose=True)
        except Misfit as misfit:
            raise bad(f"can't parse InputMedia: {misfit}") from misfit
        kinds = {one["type"] for one in media}
        if not 2 <= len(media) <= 10 or (kinds & {"document", "audio"} and len(kinds) > 1):
            raise bad("wrong type or number of media in the album")
        files = [asked.files.get(one["media"].removeprefix("attach://")) for one in media]
        if None in files:
            raise bad("file must be non-empty: no such attachment")
        for one, file in zip(media, files, strict=True):
            self._take(one["type"], file)
        self._pay(self._chat(asked.fields["chat_id"]), len(media))
        album = str(len(self.messages))
        return self._ok([
            self._say(asked.fields, {**self._with_file(file, one.get("caption", "")), "media_group_id": album,
                       "kind": one["type"]},
                      file=file, paid=True)
            for one, file in zip(media, files, strict=True) if file is not None
        ])  # fmt: skip

    def _take(self, kind: str, file: File | None) -> None:
        if file is None or not file.content:
            raise bad("file must be non-empty")
        if KIND_MIMES[kind] and file.mime not in KIND_MIMES[kind]:
            raise bad("IMAGE_PROCESS_FAILED" if kind == "photo" else "wrong file type")
        if len(file.content) > (10 if kind == "photo" else 50) * MB:
            raise Refused(
                "other", said=Said(413, {"ok": False, "error_code": 413, "description": "Request Entity Too Large"})
            )

    def _say(self, told: Told, content: Told, file: File | None = None, *, paid: bool = False) -> Told:
        chat = self._chat(told["chat_id"])
        connection = told.get("business_connection_id")
        if connection and not self.businesses.get(connection, {}).get("is_enabled"):
            raise bad("business connection not found")
        if not connection:
            self._may_write(chat)
        answered = told.get("reply_parameters")
        before = self.messages.get((chat["id"], answered["message_id"])) if answered else None
        if answered and before is None and not answered.get("allow_sending_without_reply"):
            raise bad("message to be replied not found")
        if not paid:
            self._pay(chat, 1)
        more: Told = (
            {"reply_to_message": {k: v for k, v in before.items() if k != "reply_to_message"}} if before else {}
        )
        if thread := told.get("message_thread_id"):
            more |= {"message_thread_id": thread, "is_topic_message": True}
        if connection:
            more["business_connection_id"] = connection
        if markup := told.get("reply_markup"):
            more["reply_markup"] = markup
        words = content.get("text") or content.get("caption") or ""
        kind = content.pop("kind", "text")
        made = self._make(chat, {"from": self.me, **content, **more})
        prefix = f"business:{connection}/" if connection else ""
        self.truth.replied(
            f"{prefix}{chat['id']}", words, id=f"{prefix}{chat['id']}/{made['message_id']}", kind=kind,
            answered=before["message_id"] if before else 0, file=file, topic=told.get("message_thread_id", 0),
        )  # fmt: skip
        return made

    def _chat(self, id: Any) -> Told:
        id = int(id) if isinstance(id, int) or id.lstrip("-").isdigit() else 0
        if id in self.moved:
            raise bad("group chat was upgraded to a supergroup chat", migrate_to_chat_id=self.moved[id])
        if id not in self.chats:
            raise bad("chat not found")
        return self.chats[id]

    def _may_write(self, chat: Told) -> None:
        if chat["id"] in self.blocked:
            raise bad("bot was blocked by the user", 403)
        rights = self.rights.get(chat["id"], {"write"})
        if not rights:
            raise bad(f"bot was kicked from the {chat['type']} chat", 403)
        if "write" not in rights:
            raise bad("not enough rights to send text messages to the chat")
        if chat["type"] == "private" and not any(key[0] == chat["id"] for key in self.messages):
            raise bad("bot can't initiate conversation with a user", 403)

    def _pay(self, chat: Told, messages: int) -> None:
        buckets = ["all", "group" if chat["id"] < 0 else "chat"]
        for bucket in buckets:
            caller = "bot" if bucket == "all" else str(chat["id"])
            self._spend(bucket, caller, 1 if bucket == "chat" else messages)

    def _spend(self, bucket: str, caller: str, cost: int) -> None:
        left = self.limits.spend(bucket, caller, cost)
        if left.is_over:
            wait = max(1, math.ceil(left.resets_at - self.now()))
            told: Told = {"ok": False, "error_code": 429, "description": f"Too Many Requests: retry after {wait}"}
            raise Refused("rate", said=Said(429, {**told, "parameters": {"retry_after": wait}}))

    # --- acting -----------------------------------------------------------------------------------

    def _ours(self, told: Told, verb: str) -> Told:
        chat = self._chat(told["chat_id"])
        one = self.messages.get((chat["id"], told["message_id"]))
        if one is None:
            raise bad(f"message to {verb} not found")
        return one

    @route("POST", "/bot{token}/editMessageText", json={**THAT, "text": text(4096, 1, units), "reply_markup?": MARKUP})
    def edit_message_text(self, asked: Asked) -> Any:
        return self._edited(asked, "text")

    @route("POST", "/bot{token}/editMessageCaption", json={**THAT, "caption": CAPTION})
    def edit_message_caption(self, asked: Asked) -> Any:
        return self._edited(asked, "caption")

    def _edited(self, asked: Asked, field: str) -> Any:
        one, words = self._ours(asked.fields, "edit"), asked.fields[field]
        if one.get("from") != self.me:
            raise bad("message can't be edited")
        if field == "text" and "text" not in one:
            raise bad("there is no text in the message to edit")
        if one.get(field, "") == words:
            raise bad(NOT_MODIFIED)
        one |= {field: words, "edit_date": int(self.now())}
        self.truth.edit(self._name(one), words)
        return self._ok(one)

    @route("POST", "/bot{token}/editMessageReplyMarkup", json={**THAT, "reply_markup?": MARKUP})
    def edit_message_reply_markup(self, asked: Asked) -> Any:
        """Others' are refused before it is looked what would change; none is as good as no buttons at all."""
        self._spend("all", "bot", 1)
        one, none = self._ours(asked.fields, "edit"), {"inline_keyboard": list[Any]()}
        if one.get("from") != self.me:
            raise bad("message can't be edited")
        after = asked.fields.get("reply_markup") or none
        if one.get("reply_markup", none) == after:
            raise bad(NOT_MODIFIED)
        one |= {"reply_markup": after, "edit_date": int(self.now())}
        if after == none:
            del one["reply_markup"]
        return self._ok(one)

    @route("POST", "/bot{token}/deleteMessage", json={"chat_id": CHAT, "message_id": int})
    def delete_message(self, asked: Asked) -> Any:
        one = self._ours(asked.fields, "delete")
        chat, theirs = one["chat"], one.get("from") != self.me
        may = "delete" in self.rights.get(chat["id"], {"delete"})
        if (theirs and not may) or (self.now() - one["date"] > TWO_DAYS and (chat["type"] == "private" or not may)):
            raise bad("message can't be deleted")
        return self._gone(one)

    @route("POST", "/bot{token}/deleteBusinessMessages", json={"business_connection_id": str, "message_ids": [int]})
    def delete_business_messages(self, asked: Asked) -> Any:
        told = asked.fields
        found = [one for one in self.messages.values() if one["message_id"] in told["message_ids"]
                 and one.get("business_connection_id") == told["business_connection_id"]]  # fmt: skip
        if not found:
            raise bad("message to delete not found")
        return self._gone(found[0])

    def _gone(self, one: Told) -> Any:
        del self.messages[one["chat"]["id"], one["message_id"]]
        if self.truth.get(self._name(one)):
            self.truth.delete(self._name(one))
        return self._ok(True)

    @route("POST", "/bot{token}/banChatMember", json={
        "chat_id": CHAT, "user_id": int, "until_date?": int, "revoke_messages?": bool,
    })  # fmt: skip
    def ban_chat_member(self, asked: Asked) -> Any:
        self._member_to_judge(asked.fields).add(asked.fields["user_id"])
        return self._ok(True)

    @route("POST", "/bot{token}/unbanChatMember", json={"chat_id": CHAT, "user_id": int, "only_if_banned?": bool})
    def unban_chat_member(self, asked: Asked) -> Any:
        self._member_to_judge(asked.fields).discard(asked.fields["user_id"])
        return self._ok(True)

    def _member_to_judge(self, told: Told) -> set[int]:
        """Whom that group has shut out, for a bot that may decide so about somebody it knows."""
        chat = self._chat(told["chat_id"])
        if chat["type"] == "private":
            raise bad("can't ban members in private chats")
        if "restrict" not in self.rights.get(chat["id"], set()):
            raise bad("not enough rights to restrict/unrestrict chat member")
        if told["user_id"] not in self.chats:
            raise bad("PARTICIPANT_ID_INVALID")
        return self.banned.setdefault(chat["id"], set())

    @route("POST", "/bot{token}/setMessageReaction", json={
        "chat_id": CHAT, "message_id": int, "is_big?": bool,
        "reaction": [{"type": one_of("emoji"), "emoji": one_of(*EMOJI)}],
    })  # fmt: skip
    def set_message_reaction(self, asked: Asked) -> Any:
        one = self._ours(asked.fields, "react")
        if len(asked.fields["reaction"]) > 1:
            raise bad("REACTIONS_TOO_MANY")
        one["own_reaction"] = asked.fields["reaction"]
        return self._ok(True)

    @route("POST", "/bot{token}/sendChatAction", json={**THERE, "action": one_of("typing", "upload_photo")})
    def send_chat_action(self, asked: Asked) -> Any:
        self._chat(asked.fields["chat_id"])
        self.acted.append(asked.fields["action"])
        return self._ok(True)

    # --- files ------------------------------------------------------------------------------------

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
