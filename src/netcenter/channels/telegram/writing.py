"""What we say and do on Telegram: https://core.telegram.org/bots/api#available-methods

Telegram takes no key of ours. When the answer to a call is lost, `finding` asks by the numbers of messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from netcenter.channels.contract import Act, Attachment, ChannelError, Connection, Outbound, Part, Receipt, loose
from netcenter.channels.telegram import finding, options, wire
from netcenter.channels.telegram.places import Where, message_at, where
from netcenter.channels.telegram.wire import Bot

KINDS = {  # https://core.telegram.org/bots/api#sending-files: what Telegram shows as more than a file
    "image/jpeg": "photo", "image/png": "photo", "video/mp4": "video", "audio/mpeg": "audio", "audio/mp4": "audio",
    "audio/ogg": "voice", "image/gif": "animation",
}  # fmt: skip
ALBUMS = {"photo": "seen", "video": "seen", "document": "document", "audio": "audio"}  # what may stand together


@dataclass(frozen=True, slots=True)
class Step:
    """One call, and how many messages it makes."""

    messages: int
    say: Callable[[], list[str]]
    buttons: Mapping[str, Any]


def unfit(outbound: Outbound) -> str:
    """What the capabilities do not say."""
    if any(len(choice.id.encode()) > options.CHOICE_BYTES for choice in outbound.choices):
        return f"the id of a choice has at most {options.CHOICE_BYTES} bytes"
    if len(outbound.choices) > options.MOST_CHOICES:
        return f"at most {options.MOST_CHOICES} choices fit"
    if outbound.choices and not outbound.text:
        return "choices stand below words"
    return ""


def send(outbound: Outbound, connection: Connection) -> Receipt:
    """Words, then files; short words stand below the first file. What breaks says what did leave."""
    bot, sent = Bot(connection), list(outbound.left)
    done = len(sent)
    steps = list(_steps(outbound, bot, _place(outbound)))
    for step in steps:
        if done >= step.messages:
            done -= step.messages
            continue
        try:
            sent += step.say()
        except ChannelError as error:
            error.left = tuple(sent)
            raise
    if not sent:
        raise ChannelError("there is nothing to say", permanent=True, reason="unfit")
    return Receipt(sent[0], "sent", wire.now(), also=tuple(sent[1:]))


def find(outbound: Outbound, connection: Connection) -> Receipt | None:
    """See `finding`."""
    bot, place = Bot(connection), _place(outbound)
    steps = finding.Steps.of((step.messages, step.buttons) for step in _steps(outbound, bot, place))
    return finding.find(outbound, bot, place, steps)


def _place(outbound: Outbound) -> Where:
    """Where what we answer was said: a group that has moved is known by its newest messages."""
    there, answered = where(outbound.thread.external_id), message_at(outbound.target)
    if answered is None or answered[0].chat == there.chat:
        return there
    return replace(answered[0], root=0)


def _steps(outbound: Outbound, bot: Bot, place: Where) -> Iterator[Step]:
    beside = _beside(outbound, place)
    files, caption = outbound.attachments, outbound.text
    if not files or outbound.choices or len(_units(caption)) > 2 * options.LONGEST_CAPTION:
        if caption:
            buttons = _markup(outbound)
            told = {"text": caption, **beside, **buttons}
            yield Step(1, partial(_said, bot, "sendMessage", place, told, ()), buttons)
        caption = ""
    for kind, together in _albums(files):
        told = {**beside, **({"caption": caption} if caption and len(together) == 1 else {})}
        if len(together) == 1:
            part = _part(kind, together[0])
            yield Step(1, partial(_said, bot, f"send{kind.title()}", place, told, (part,)), {})
        else:
            media = [{"type": kind_of(file), "media": f"attach://file{n}"} for n, file in enumerate(together)]
            if caption:
                media[0]["caption"] = caption
            parts = tuple(_part(f"file{n}", file) for n, file in enumerate(together))
            told = {**told, "media": media}
            yield Step(len(parts), partial(_said, bot, "sendMediaGroup", place, told, parts), {})
        caption = ""


def _said(bot: Bot, method: str, place: Where, told: Mapping[str, Any], parts: tuple[Part, ...]) -> list[str]:
    """The names of the messages that it made."""
    made = bot.say(method, place, told, parts, messages=max(1, len(parts)))
    listed = loose.objects(made) or [loose.within(made)]
    named = [(loose.within(one, "chat").get("id"), one.get("message_id")) for one in listed]
    if not all(isinstance(chat, int) and isinstance(number, int) for chat, number in named):
        raise ChannelError("Telegram does not say which message it made", unknown=True)
    prefix = f"business:{place.business}/" if place.business else ""
    return [f"{prefix}{chat}/{number}" for chat, number in named]


def _beside(outbound: Outbound, place: Where) -> dict[str, Any]:
    """In a group always, in private only when it is not the last words: which message this answers."""
    answered = message_at(outbound.target)
    if answered is not None and answered[0].chat == place.chat:
        is_last = outbound.target == next(iter(outbound.in_reply_to), outbound.target)
        number = answered[1] if place.is_group or not is_last else 0
    else:
        number = place.root
    return {"reply_parameters": {"message_id": number, "allow_sending_without_reply": True}} if number else {}


def _markup(outbound: Outbound) -> dict[str, Any]:
    rows = [[{"text": one.label[: options.CHOICE_LABEL], "callback_data": one.id}] for one in outbound.choices]
    return {"reply_markup": {"inline_keyboard": rows}} if rows else {}


def kind_of(file: Attachment) -> str:
    """As which kind of file Telegram takes it."""
    kind = KINDS.get(file.mime.lower(), "document")
    return "document" if kind == "photo" and len(file.content) > options.MOST_PHOTO else kind


def _albums(files: tuple[Attachment, ...]) -> Iterator[tuple[str, list[Attachment]]]:
    """Neighbours that may stand together in one album, each with the kind of its first; others alone."""
    group: list[Attachment] = []
    for file in files:
        family = ALBUMS.get(kind_of(file))
        if group and (family is None or family != ALBUMS.get(kind_of(group[0]))):
            yield kind_of(group[0]), group
            group = []
        group.append(file)
    if group:
        yield kind_of(group[0]), group


def _part(field: str, file: Attachment) -> Part:
    return Part(field, file.name, file.mime, file.content)


def _units(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


# --- Acts -------------------------------------------------------------------------------------------


def act(act: Act, connection: Connection) -> Receipt:
    """Twice does no more than once."""
    bot = Bot(connection)
    if act.verb == "typing":
        bot.do("sendChatAction", {**where(act.thread.external_id).told(), "action": "typing"})
        return Receipt(act.target or act.thread.external_id, "sent", wire.now())
    found = message_at(act.target)
    if found is None:
        raise ChannelError("that is no message on Telegram", permanent=True, reason="unfit")
    place, number = found
    match act.verb:
        case "edit":
            _edit(bot, place, number, act.text)
        case "delete_ours" | "delete_theirs" if place.business:
            bot.do("deleteBusinessMessages", {"business_connection_id": place.business, "message_ids": [number]})
        case "delete_ours" | "delete_theirs":
            bot.do("deleteMessage", {"chat_id": place.chat, "message_id": number})
        case "block" | "unblock" if place.is_group and act.to and act.to.external_id.isdigit():
            _shut_out(bot, place, int(act.to.external_id), blocked=act.verb == "block")
        case "react" | "unreact" if not place.business:
            what = "👍" if act.what == "like" else act.what
            given = [{"type": "emoji", "emoji": what}] if act.verb == "react" else []
            bot.do("setMessageReaction", {"chat_id": place.chat, "message_id": number, "reaction": given})
        case _:
            raise ChannelError(f"nothing can be {act.verb} there", permanent=True, reason="unfit")
    return Receipt(act.target, "sent", wire.now())


def _shut_out(bot: Bot, place: Where, person: int, *, blocked: bool) -> None:
    """Out of the group, whose administrator the bot must be: https://core.telegram.org/bots/api#banchatmember"""
    who = {"chat_id": place.chat, "user_id": person}
    if blocked:
        bot.do("banChatMember", who)
    else:
        bot.do("unbanChatMember", {**who, "only_if_banned": True})


def _edit(bot: Bot, place: Where, number: int, text: str) -> None:
    """The words of a message, or those below a file: which it is, only Telegram knows."""
    there = {**place.told(), "message_id": number}
    for method, field in (("editMessageText", "text"), ("editMessageCaption", "caption")):
        try:
            bot.do(method, {**there, field: text})
        except ChannelError as error:
            if error.reason == "twice":  # it reads so already
                return
            if field == "caption" or "no text in the message" not in str(error):
                raise
        else:
            return
