"""Where things are said on Telegram, and what they are called here.

A message is `<chat>/<number>`, as its number is unique within its chat only; on behalf of a business account
`business:<connection>/<chat>/<number>`. A thread is

    <chat>                          a person who writes to the bot
    <chat>:<topic>                  the same, in one of the topics of that chat
    <chat>~<topic>                  a person who writes to a channel
    business:<connection>/<chat>    a person who writes to a business account
    <group>[:<topic>]/<author>      one person's words in a group
    <group>/<root>/<author>         one person's words below another message, as under a channel's post
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from netcenter.channels.contract import ChannelError, Unreadable, loose

_PLACE = re.compile(
    r"(?:business:(?P<business>[\w-]{1,100})/)?(?P<chat>-?\d{1,20})(?::(?P<topic>\d{1,20}))?(?:~(?P<direct>\d{1,20}))?"
    r"(?:/(?P<root>\d{1,20})(?=/))?(?:/.*)?"
)
_MESSAGE = re.compile(r"(?P<place>(?:business:[\w-]{1,100}/)?-?\d{1,20})/(?P<number>\d{1,20})")

FIRST_THAT_COUNTS_ALONE = -1_000_000_000_000


@dataclass(frozen=True, slots=True)
class Where:
    """A chat, and the part of it that is meant."""

    chat: int
    business: str = ""
    topic: int = 0
    direct: int = 0
    root: int = 0  # of the thread below a message of a group

    @property
    def is_group(self) -> bool:
        return self.chat < 0 and not self.direct

    @property
    def counts_alone(self) -> bool:
        """Whether messages are numbered there for themselves, as in supergroups and channels: those of private chats
        and basic groups share one count, the bot's own. https://core.telegram.org/api/bots/ids has the numbers.
        """
        return self.chat <= FIRST_THAT_COUNTS_ALONE

    def told(self) -> dict[str, Any]:
        """As the calls of the Bot API name it."""
        named = {
            "chat_id": self.chat, "business_connection_id": self.business, "message_thread_id": self.topic,
            "direct_messages_topic_id": self.direct,
        }  # fmt: skip
        return {name: value for name, value in named.items() if value}


def where(thread: str) -> Where:
    """The place of a thread. Raises ChannelError for what is none of ours."""
    found = _PLACE.fullmatch(thread)
    if found is None:
        raise ChannelError(f"{thread[:100]} is no place on Telegram", permanent=True, reason="unfit")
    numbers = {name: int(found[name] or 0) for name in ("chat", "topic", "direct", "root")}
    return Where(business=found["business"] or "", **numbers)


def message_at(name: str) -> tuple[Where, int] | None:
    """The chat and number of a message; None for what is no message's name."""
    found = _MESSAGE.fullmatch(name)
    return (where(found["place"]), int(found["number"])) if found else None


def name_of(place: str, number: Any) -> str:
    """Raises Unreadable."""
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 2**53:
        raise Unreadable("a message without its number")
    return f"{place}/{number}"


def place_of(told: Mapping[str, Any]) -> str:
    """The chat that a message, or an update that has a chat, is about. Raises Unreadable."""
    chat = chat_of(loose.within(told, "chat"))
    connection = told.get("business_connection_id")
    if connection is None:
        return str(chat)
    if not isinstance(connection, str) or not re.fullmatch(r"[\w-]{1,100}", connection, re.ASCII):
        raise Unreadable("a business connection without its name")
    return f"business:{connection}/{chat}"


def chat_of(chat: Mapping[str, Any]) -> int:
    """Raises Unreadable."""
    number = chat.get("id")
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < abs(number) < 2**53:
        raise Unreadable("a chat or somebody without a number")
    return number
