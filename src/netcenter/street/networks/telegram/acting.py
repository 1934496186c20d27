"""What the bot does to words and people that are there already: edit, delete, react, shut out."""

from __future__ import annotations

from typing import Any

from netcenter.street.networks.base import Asked, one_of, route, text
from netcenter.street.networks.telegram.calls import CAPTION, CHAT, MARKUP, THAT, THERE, Calls, bad, units
from netcenter.street.networks.telegram.people import Told

EMOJI = (
    "👍👎❤🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🕊🤡🥱🥴😍🐳💯🤣⚡🍌🏆💔🤨😐🍓"
    "🍾💋🖕😈😴😭🤓👻👀🎃🙈😇😨🤝✍🤗🫡🎅🎄☃💅🤪🗿🆒💘🙉🦄😘💊🙊😎👾😡"
)
TWO_DAYS = 2 * 86400.0
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)


class Acting(Calls):
    """https://core.telegram.org/bots/api#updating-messages, reactions and members."""

    def __init__(self, *more: Any, **named: Any) -> None:
        super().__init__(*more, **named)
        self.acted: list[str] = []  # chat actions

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
