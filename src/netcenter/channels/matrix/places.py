"""Where things are said, and what such places are called here: the room, below which event, and in public by whom.

    !room                      a room that one must be invited to: all that is said there is one conversation
    !room $root                a thread there (m.thread)
    !room @dana:sol.example    one person's words in a public room
    !room $root @dana:…        the same, in a thread

An event's own name is unique everywhere, so it is the name of a message.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from netcenter.channels.contract import ChannelError, Unreadable, loose


@dataclass(frozen=True, slots=True)
class Where:
    room: str
    root: str = ""


def thread_name(room: str, root: str = "", user: str = "") -> str:
    """The name of a thread: one that would be too long ends in a hash, as nobody reads its end."""
    name = " ".join(part for part in (room, root, user) if part)
    if len(name) > loose.LONGEST_ID:
        name = f"{' '.join(part for part in (room, root) if part)} {hashlib.sha256(user.encode()).hexdigest()[:32]}"
    if len(name) > loose.LONGEST_ID:
        raise Unreadable("the room's name is too long")
    return name


def where(thread: str) -> Where:
    """Raises ChannelError for what is no place on Matrix."""
    parts = thread.split(" ")
    if not parts[0].startswith("!"):
        raise ChannelError(f"{thread[:100]} is no room", permanent=True, reason="unfit")
    return Where(parts[0], parts[1] if len(parts) > 1 and parts[1].startswith("$") else "")


def named(value: object, sign: str) -> str:
    """A name that begins with its sign: ! a room, @ somebody, $ an event. Raises Unreadable."""
    told = loose.name(value)
    if not told.startswith(sign) or len(told) < 2 or any(c.isspace() for c in told):
        raise Unreadable(f"{told[:50]!r} is no name that begins with {sign}")
    return told
