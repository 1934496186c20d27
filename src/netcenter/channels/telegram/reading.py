"""What an update tells, understood: https://core.telegram.org/bots/api#update. Pure.

Beside what Telegram pushes or is asked for, one form is our own: {"webhook_info": {…}}, its trouble with our address.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from netcenter.channels.contract import (
    Connection,
    Deleted,
    Happening,
    Inbound,
    Raw,
    Reach,
    Reached,
    Reaction,
    Trouble,
    Unreadable,
    loose,
)
from netcenter.channels.telegram import messages
from netcenter.channels.telegram.content import Told
from netcenter.channels.telegram.places import name_of, place_of

# https://core.telegram.org/bots/api#update: what we ask for; reactions are told only to who asks.
KINDS = (
    "message", "edited_message", "channel_post", "edited_channel_post", "business_connection", "business_message",
    "edited_business_message", "deleted_business_messages", "message_reaction", "message_reaction_count",
    "callback_query", "my_chat_member",
)  # fmt: skip
OUT = ("left", "kicked")  # https://core.telegram.org/bots/api#chatmember


def parse(raw: Raw, connection: Connection) -> list[Happening]:
    """Raises Unreadable."""
    update = loose.an_object(raw.body)
    for kind, read in _READERS.items():
        if kind in update:
            told = update[kind]
            if not isinstance(told, Mapping):
                raise Unreadable(f"{kind} is no object")
            return read(told, raw, connection)
    if not update.keys() - {"update_id"}:
        raise Unreadable("an update that tells nothing")
    return []  # of no concern, as the README says


def _pressed(told: Told, raw: Raw, connection: Connection) -> list[Happening]:
    """A button: https://core.telegram.org/bots/api#callbackquery. It has no time of its own."""
    message, choice = loose.within(told, "message"), loose.text(told.get("data"), 200)
    if not message or not choice:
        return []  # below an inline message, or a game
    who = messages.user(loose.within(told, "from"))
    place = place_of(message)
    name = name_of(place, message.get("message_id"))
    rows = loose.within(message, "reply_markup").get("inline_keyboard")
    buttons = (
        [one for row in rows if isinstance(row, list) for one in loose.objects(row)] if isinstance(rows, list) else []
    )
    label = next((loose.text(one.get("text"), 200) for one in buttons if one.get("callback_data") == choice), choice)
    return [Inbound(
        f"callback/{loose.name(told.get('id'))}"[: loose.LONGEST_ID], who, messages.thread_of(message, who),
        _received(raw), label or choice, in_reply_to=(name,), choice=choice,
    )]  # fmt: skip


def _reacted(told: Told, _raw: Raw, _connection: Connection) -> list[Happening]:
    """https://core.telegram.org/bots/api#messagereactionupdated: the lists before and after."""
    name, at = name_of(place_of(told), told.get("message_id")), messages.moment(told.get("date"))
    chat = loose.within(told, "actor_chat")
    who = messages.chat_author(chat) if chat else messages.user(loose.within(told, "user"))
    before, after = _reactions(told.get("old_reaction")), _reactions(told.get("new_reaction"))
    gone = [Reaction(name, who, what, at, added=False) for what in before if what not in after]
    return [*gone, *(Reaction(name, who, what, at) for what in after if what not in before)]


def _reactions(value: Any) -> list[str]:
    """https://core.telegram.org/bots/api#reactiontype"""
    found = [loose.text(one.get("emoji"), 20) or loose.text(one.get("type"), 50) for one in loose.objects(value)[:50]]
    return list(dict.fromkeys(each for each in found if each))


def _counted(told: Told, _raw: Raw, _connection: Connection) -> list[Happening]:
    """https://core.telegram.org/bots/api#messagereactioncountupdated"""
    name, at = name_of(place_of(told), told.get("message_id")), messages.moment(told.get("date"))
    total = sum(loose.count(one.get("total_count")) or 0 for one in loose.objects(told.get("reactions")))
    of = "post" if loose.within(told, "chat").get("type") == "channel" else "message"
    return [Reached(name, Reach(likes=min(total, 2**31 - 1)), at, of=of)]  # type: ignore[arg-type]


def _erased(told: Told, raw: Raw, _connection: Connection) -> list[Happening]:
    """https://core.telegram.org/bots/api#businessmessagesdeleted: not by whom, nor when."""
    numbers = told.get("message_ids")
    if not isinstance(numbers, list):
        raise Unreadable("no messages are named")
    place, at = place_of(told), _received(raw)
    return [Deleted(name_of(place, number), at) for number in numbers[:1000]]


def _member(told: Told, _raw: Raw, _connection: Connection) -> list[Happening]:
    """https://core.telegram.org/bots/api#chatmemberupdated, of the bot itself.

    Who blocks the bot in a private chat says nothing to us; an answer is refused as "blocked".
    """
    chat, at = loose.within(told, "chat"), messages.moment(told.get("date"))
    state = loose.text(loose.within(told, "new_chat_member").get("status"), 50)
    if chat.get("type") == "private" or state not in (*OUT, "restricted"):
        return []
    title = loose.text(chat.get("title"), 200) or str(chat.get("id"))
    return [Trouble("right", at, f"{title}: {state}")]


def _connected(told: Told, _raw: Raw, _connection: Connection) -> list[Happening]:
    """https://core.telegram.org/bots/api#businessconnection"""
    who, at = messages.user(loose.within(told, "user")), messages.moment(told.get("date"))
    may = loose.within(told, "rights").get("can_reply", told.get("can_reply"))
    if told.get("is_enabled") is False:
        return [Trouble("right", at, f"{who.name}: the business account is no longer connected")]
    return [] if may is True else [Trouble("right", at, f"{who.name}: the bot may not answer for the business account")]


def _hooked(told: Told, _raw: Raw, _connection: Connection) -> list[Happening]:
    """https://core.telegram.org/bots/api#webhookinfo, when it tells of trouble."""
    at = messages.moment(told.get("last_error_date"))
    return [Trouble("hook", at, loose.text(told.get("last_error_message"), 300))]


def _received(raw: Raw) -> datetime:
    at = loose.moment(raw.meta.get("received_at"))
    if at is None:
        raise Unreadable("nobody wrote down when it came")
    return at


_READERS: dict[str, Callable[[Told, Raw, Connection], list[Happening]]] = {
    "message": lambda told, _raw, connection: messages.said(told, connection),
    "edited_message": lambda told, _raw, connection: messages.edited(told, connection),
    "channel_post": lambda told, _raw, _connection: messages.posted(told),
    "edited_channel_post": lambda told, _raw, _connection: messages.posted(told),
    "business_message": lambda told, _raw, connection: messages.said(told, connection),
    "edited_business_message": lambda told, _raw, connection: messages.edited(told, connection),
    "deleted_business_messages": _erased,
    "business_connection": _connected,
    "callback_query": _pressed,
    "message_reaction": _reacted,
    "message_reaction_count": _counted,
    "my_chat_member": _member,
    "webhook_info": _hooked,
}
