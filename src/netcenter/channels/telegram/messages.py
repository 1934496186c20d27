"""Who said what where: in private chats, in groups, below the posts of a channel, to a business account. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from netcenter.channels.contract import (
    Author,
    Connection,
    Echo,
    Edited,
    Form,
    Happening,
    Inbound,
    Post,
    ThreadRef,
    Unreadable,
    loose,
)
from netcenter.channels.telegram import wire
from netcenter.channels.telegram.content import Told, files_of, is_service, words_of
from netcenter.channels.telegram.places import chat_of, name_of, place_of

GROUPS = ("group", "supergroup")
_START = re.compile(r"/start(?:@\w+)?(?:\s+(\S{1,64}))?\s*")  # https://core.telegram.org/bots/features#deep-linking
_NAME = re.compile(r"@\w{1,64}")


def said(told: Told, connection: Connection) -> list[Happening]:
    """A message, of a customer or of one of us. Raises Unreadable."""
    if is_service(told):
        return []
    if told.get("is_automatic_forward") is True:
        return _copied(told)
    at, name, kind = moment(told.get("date")), name_of(place_of(told), told.get("message_id")), _kind(told)
    who = author_of(told)
    if _is_ours(told, connection):
        return _said_by_us(told, name, at)
    if kind in GROUPS and not _concerns_us(told, connection):
        return []
    before = loose.within(told, "reply_to_message")
    above = {} if before.get("is_automatic_forward") is True else before  # under the post itself it answers nobody
    answered = name_of(place_of(told), above.get("message_id")) if above else ""
    ours = bool(before) and (kind not in GROUPS or _is_ours(before, connection) or author_of(before) == who)
    words = words_of(told)
    start = _START.fullmatch(words) if kind == "private" and "business_connection_id" not in told else None
    return [Inbound(
        name, _introduced(who, told), thread_of(told, who), at, words, attachments=files_of(told),
        in_reply_to=(answered,) if answered and ours else (), parent="" if ours else answered,
        form=_form(told, connection), quoted=loose.text(loose.within(told, "quote").get("text"), 5000),
        automatic="auto_reply" if start or who.profile.get("bot") or told.get("is_from_offline") is True else "",
        extra=_beside(told, start), url=_url(told),
    )]  # fmt: skip


def edited(told: Told, connection: Connection) -> list[Happening]:
    """The words as they are now. Somebody who moves while sharing their place says nothing new."""
    if is_service(told) or "location" in told or told.get("is_automatic_forward") is True:
        return []
    at = moment(told.get("edit_date") or told.get("date"))
    if _kind(told) in GROUPS and not _is_ours(told, connection) and not _concerns_us(told, connection):
        return []
    return [Edited(name_of(place_of(told), told.get("message_id")), words_of(told), at, files_of(told))]


def posted(told: Told) -> list[Happening]:
    """A post of our channel, new or changed: what is known of it is told anew."""
    if is_service(told):
        return []
    name, chat = name_of(place_of(told), told.get("message_id")), loose.within(told, "chat")
    return [_of_a_post(Post(
        name, words_of(told), loose.text(chat.get("title"), 250), chat_author(chat),
        _url(told), moment(told.get("date")), True, files_of(told),
    ))]  # fmt: skip


def _copied(told: Told) -> list[Happening]:
    """A post of our channel, copied into its discussion group: below it people comment."""
    return [_of_a_post(_post_of(told))]


def _of_a_post(post: Post) -> Echo:
    at = post.sent_at or datetime(1970, 1, 1, tzinfo=UTC)
    return Echo(post.external_id, ThreadRef(post.external_id, "public", post=post), at, post.text, form="post")


def _post_of(copy: Told) -> Post:
    """The post of which this is the copy, under its number in the channel."""
    origin = loose.within(copy, "forward_origin")
    chat = loose.within(origin, "chat") or loose.within(copy, "sender_chat")
    number = origin.get("message_id") or copy.get("forward_from_message_id")
    name = name_of(str(chat_of(chat)), number) if number else name_of(place_of(copy), copy.get("message_id"))
    return Post(
        name, words_of(copy), loose.text(chat.get("title"), 250), chat_author(chat),
        _address(chat, number), moment(origin.get("date") or copy.get("date")), True, files_of(copy),
    )  # fmt: skip


# --- Where ------------------------------------------------------------------------------------------


def thread_of(told: Told, who: Author) -> ThreadRef:
    """The thread of this person there (see `places`)."""
    place, chat, topic = place_of(told), loose.within(told, "chat"), _topic(told)
    if chat.get("is_direct_messages") is True:
        direct = loose.within(told, "direct_messages_topic").get("topic_id")
        return ThreadRef(f"{place}~{_number(direct)}" if direct else place)
    at = f"{place}:{topic}" if topic else place
    if _kind(told) not in GROUPS:
        return ThreadRef(at)
    before, root = loose.within(told, "reply_to_message"), _number(told.get("message_thread_id"))
    if before.get("is_automatic_forward") is True:
        return ThreadRef(
            f"{place}/{root or _number(before.get('message_id'))}/{who.external_id}", "public", post=_post_of(before)
        )
    group = Post(at, title=loose.text(chat.get("title"), 250), url=_address(chat))
    if root and not topic:
        return ThreadRef(f"{place}/{root}/{who.external_id}", "public", post=group)
    return ThreadRef(f"{at}/{who.external_id}", "public", post=group)


def _topic(told: Told) -> int:
    return _number(told.get("message_thread_id")) if told.get("is_topic_message") is True else 0


def _form(told: Told, connection: Connection) -> Form:
    if _kind(told) not in GROUPS or loose.within(told, "chat").get("is_direct_messages") is True:
        return "message"
    if _names_us(told, connection):
        return "mention"
    return "comment" if told.get("reply_to_message") or told.get("message_thread_id") else "post"


# --- Who --------------------------------------------------------------------------------------------


def author_of(told: Told) -> Author:
    """Who speaks; a chat, where somebody speaks as one. Raises Unreadable."""
    chat = loose.within(told, "sender_chat")
    return chat_author(chat) if chat else user(loose.within(told, "from"))


def user(told: Told) -> Author:
    """https://core.telegram.org/bots/api#user. Raises Unreadable."""
    name = " ".join(filter(None, (loose.text(told.get(part), 100) for part in ("first_name", "last_name"))))
    handle = loose.text(told.get("username"), 64)
    profile = {kept: True for kept, field in (("bot", "is_bot"), ("premium", "is_premium")) if told.get(field) is True}
    return Author(
        str(chat_of(told)), name or handle, language=loose.text(told.get("language_code"), 20), profile=profile,
        handle=f"@{handle}" if handle else "", url=f"https://t.me/{handle}" if handle else "",
    )  # fmt: skip


def chat_author(chat: Told) -> Author:
    """A channel or group that speaks. Raises Unreadable."""
    handle = loose.text(chat.get("username"), 64)
    return Author(
        str(chat_of(chat)), loose.text(chat.get("title"), 200), handle=f"@{handle}" if handle else "",
        url=_address(chat), profile={"chat": True},
    )  # fmt: skip


def _introduced(who: Author, told: Told) -> Author:
    """With their telephone, when they share their own: Telegram names whose it is."""
    contact = loose.within(told, "contact")
    phone = "+" + "".join(c for c in loose.text(contact.get("phone_number"), 40) if c.isascii() and c.isdigit())
    if not 8 <= len(phone) <= 16 or str(contact.get("user_id")) != who.external_id:
        return who
    return Author(
        who.external_id, who.name, phone=phone, language=who.language, profile=who.profile, handle=who.handle,
        url=who.url,
    )  # fmt: skip


def _is_ours(told: Told, connection: Connection) -> bool:
    """The bot, the group or channel itself, the business account, or a colleague."""
    sender, chat = loose.within(told, "sender_chat"), loose.within(told, "chat")
    writes = loose.within(told, "from")
    if writes.get("id") == wire.own_id(connection) or told.get("is_automatic_forward") is True:
        return True
    if "business_connection_id" in told:
        return writes.get("id") != chat.get("id")
    if sender:
        above = loose.within(told, "reply_to_message")
        channel = loose.within(above, "sender_chat") if above.get("is_automatic_forward") is True else {}
        return sender.get("id") in (chat.get("id"), channel.get("id", object()))
    if _kind(told) not in GROUPS:
        return False
    team = {each.strip().lstrip("@").lower() for each in re.split(r"[\s,;]+", str(connection.config.get("team") or ""))}
    names = {str(writes.get("id")), loose.text(writes.get("username"), 64).lower()}
    return bool((team - {""}) & names)


def _said_by_us(told: Told, name: str, at: datetime) -> list[Happening]:
    """An answer in Telegram itself. In a group, what answers nobody is of no concern."""
    words, files = words_of(told), files_of(told)
    signed = loose.text(told.get("author_signature"), 200) or loose.text(
        loose.within(told, "from").get("first_name"), 200
    )
    before = loose.within(told, "reply_to_message")
    if _kind(told) not in GROUPS:
        to = user(loose.within(told, "chat"))
        answered = (name_of(place_of(told), before.get("message_id")),) if before else ()
        return [Echo(
            name, thread_of(told, to), at, words, to, files, answered, sender_name=signed,
            automatic=told.get("is_from_offline") is True or bool(told.get("sender_business_bot")),
        )]  # fmt: skip
    if not before or before.get("is_automatic_forward") is True:
        return []
    to = author_of(before)
    return [Echo(
        name, thread_of(told, to), at, words, to, files, (name_of(place_of(told), before.get("message_id")),),
        sender_name=signed, form="comment", url=_url(told),
    )]  # fmt: skip


# --- Whether it concerns us -------------------------------------------------------------------------


def _concerns_us(told: Told, connection: Connection) -> bool:
    """Whether what is written in this group is to come in."""
    if loose.within(told, "chat").get("is_direct_messages") is True:
        return True
    wanted = str(connection.config.get("groups") or "all")
    before = loose.within(told, "reply_to_message")
    answers = bool(before) and _is_ours(before, connection)
    return wanted == "all" or (wanted == "named" and (answers or _names_us(told, connection)))


def _names_us(told: Told, connection: Connection) -> bool:
    own = connection.address.strip().rpartition("/")[2].lstrip("@").lower()
    written = loose.text(told.get("text")) or loose.text(told.get("caption"))
    return bool(own) and f"@{own}" in {found.lower() for found in _NAME.findall(written)}


# --- Parts ------------------------------------------------------------------------------------------


def moment(seconds: Any) -> datetime:
    """Unix time. Raises Unreadable."""
    if isinstance(seconds, int) and not isinstance(seconds, bool) and 0 < seconds < 2**34:
        return datetime.fromtimestamp(seconds, UTC)
    raise Unreadable("no time is told")


def _beside(told: Told, start: re.Match[str] | None) -> dict[str, Any]:
    """What is worth keeping beside the words."""
    origin = loose.within(told, "forward_origin")
    named = loose.within(origin, "sender_user") or loose.within(origin, "sender_chat") or loose.within(origin, "chat")
    forwarded = loose.text(named.get("title") or named.get("first_name") or origin.get("sender_user_name"), 200)
    kept = {
        "forwarded": (forwarded or True) if origin else None, "album": loose.text(told.get("media_group_id"), 100),
        "start": start[1] if start else None,
    }  # fmt: skip
    return {name: value for name, value in kept.items() if value}


def _kind(told: Told) -> str:
    return loose.text(loose.within(told, "chat").get("type"), 20)


def _number(value: Any) -> int:
    return loose.count(value) or 0


def _url(told: Told) -> str:
    chat = loose.within(told, "chat")
    return _address(chat, told.get("message_id")) if chat.get("username") and _kind(told) != "private" else ""


def _address(chat: Mapping[str, Any], number: Any = None) -> str:
    """Where a public chat, or a message there, can be seen."""
    handle = loose.text(chat.get("username"), 64)
    return f"https://t.me/{handle}" + (f"/{_number(number)}" if number else "") if handle else ""
