"""How the bot speaks: words, files and albums, and where it may not."""

from __future__ import annotations

from typing import Any

from netcenter.street.networks.base import (
    Asked,
    File,
    Misfit,
    Refused,
    Said,
    anything,
    fit,
    one_of,
    pattern,
    route,
    text,
)
from netcenter.street.networks.telegram.calls import BESIDE, CAPTION, MARKUP, MB, Calls, bad, units
from netcenter.street.networks.telegram.people import Told

MEDIA = {"type": one_of("photo", "video", "document", "audio"), "media": pattern(r"attach://\w+"), "caption?": CAPTION}
KIND_MIMES = {
    "photo": ("image/jpeg", "image/png", "image/webp"), "video": ("video/mp4",), "audio": ("audio/mpeg", "audio/mp4"),
    "voice": ("audio/ogg",), "animation": ("image/gif", "video/mp4"), "document": (),
}  # fmt: skip


class Speaking(Calls):
    """https://core.telegram.org/bots/api#sendmessage and its like."""

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
