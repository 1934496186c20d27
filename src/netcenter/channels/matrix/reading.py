"""What an event tells, understood: https://spec.matrix.org/latest/client-server-api/#events. Pure.

A sync holds many rooms at once; whoever asked has cut it into single events, with what is known beside each in
`Raw.meta`: the room (its name, whether anybody may come in), who we are, the sender's name, and of a change or a
deletion whose words it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from netcenter.channels.contract import (
    Author,
    Connection,
    Deleted,
    Echo,
    Edited,
    Form,
    Happening,
    Inbound,
    Post,
    Raw,
    Reaction,
    Receipt,
    ThreadRef,
    Trouble,
    Unreadable,
    loose,
)
from netcenter.channels.matrix import wire
from netcenter.channels.matrix.content import POLLS, SAID, files_of, words_of
from netcenter.channels.matrix.places import named, thread_name

Told = Mapping[str, Any]


def parse(raw: Raw, connection: Connection) -> list[Happening]:
    """Raises Unreadable."""
    event = loose.an_object(raw.body)
    kind = loose.text(event.get("type"), 255)
    if not kind:
        raise Unreadable("an event without its type")
    read = _READERS.get(kind)
    return read(event, raw, connection) if read else []  # of no concern, as the README says


def _said(event: Told, raw: Raw, connection: Connection) -> list[Happening]:
    kind, content = loose.text(event.get("type"), 255), loose.within(event, "content")
    relates = loose.within(content, "m.relates_to")
    if not content:  # deleted before we saw it
        return []
    if relates.get("rel_type") == "m.replace":
        return _edited(event, raw)
    id, at, sender = named(event.get("event_id"), "$"), moment(event), named(event.get("sender"), "@")
    room, own = named(raw.meta.get("room") or event.get("room_id"), "!"), own_of(raw, connection)
    answered = loose.text(loose.within(relates, "m.in_reply_to").get("event_id"), 255)
    root = named(relates.get("event_id"), "$") if relates.get("rel_type") == "m.thread" else ""
    answered = "" if relates.get("is_falling_back") is True else answered
    words, files = words_of(kind, content), files_of(kind, content)
    if sender == own or sender in _team(connection):
        return _said_by_us(event, raw, (room, root, answered), (words, files), is_own=sender == own)
    who = _author(sender, raw)
    if is_public(raw) and not _concerns_us(content, own, raw, connection):
        return []
    ours = raw.meta.get("answers") == own or not is_public(raw)
    return [Inbound(
        id, who, _thread(room, root, who, raw), at, words, attachments=files,
        in_reply_to=(answered,) if answered and ours else (), parent="" if ours else answered,
        form=_form(content, own, answered or root, raw), url=_url(room, id),
        extra={"encrypted": True} if kind == "m.room.encrypted" else {},
        automatic="auto_reply" if content.get("msgtype") == "m.notice" else "",
    )]  # fmt: skip


def _said_by_us(
    event: Told, raw: Raw, there: tuple[str, str, str], said: tuple[str, tuple[Any, ...]], *, is_own: bool
) -> list[Happening]:  # fmt: skip
    """From elsewhere, or by us: then Matrix hands back the key under which we sent it."""
    room, root, answered = there
    key = loose.text(loose.within(event, "unsigned").get("transaction_id"), 100) if is_own else ""
    if "." in key:  # a file that left with its words, which `Receipt.also` names
        return []
    to = loose.text(raw.meta.get("answers"), 255)
    if is_public(raw) and (not to.startswith("@") or to == own_name(raw)):
        return []  # it answers nobody
    who = Author(to) if to.startswith("@") else None
    return [Echo(
        named(event.get("event_id"), "$"), _thread(room, root, who, raw), moment(event), said[0], who, said[1],
        (answered,) if answered else (), key=key, sender_name=loose.text(raw.meta.get("name"), 200),
        automatic=loose.within(event, "content").get("msgtype") == "m.notice" and not key,
        form="comment" if is_public(raw) else "message",
    )]  # fmt: skip


def _edited(event: Told, raw: Raw) -> list[Happening]:
    """https://spec.matrix.org/latest/client-server-api/#event-replacements: only whoever wrote it may change it."""
    content = loose.within(event, "content")
    fresh, relates = loose.within(content, "m.new_content"), loose.within(content, "m.relates_to")
    if not fresh or raw.meta.get("about") != event.get("sender"):
        return []
    kind = loose.text(event.get("type"), 255)
    return [Edited(named(relates.get("event_id"), "$"), words_of(kind, fresh), moment(event), files_of(kind, fresh))]


def _redacted(event: Told, raw: Raw, connection: Connection) -> list[Happening]:
    """https://spec.matrix.org/latest/client-server-api/#redactions: words, or a reaction, are taken back."""
    target = named(event.get("redacts") or loose.within(event, "content").get("redacts"), "$")
    at, sender, of = moment(event), named(event.get("sender"), "@"), raw.meta.get("reaction")
    if isinstance(of, list) and len(of) == 3 and all(isinstance(each, str) for each in of):
        on, what, who = (loose.text(each, 255) for each in of)
        if who == own_of(raw, connection):
            return []
        return [Reaction(named(on, "$"), Author(named(who, "@")), what or "like", at, added=False)]
    by = "us" if sender == own_of(raw, connection) or sender in _team(connection) else (
        "author" if raw.meta.get("about") == sender else "")  # fmt: skip
    return [Deleted(target, at, by)]  # type: ignore[arg-type]


def _reacted(event: Told, raw: Raw, connection: Connection) -> list[Happening]:
    """https://spec.matrix.org/latest/client-server-api/#event-annotations-and-reactions"""
    relates, sender = loose.within(event, "content", "m.relates_to"), named(event.get("sender"), "@")
    what = loose.text(relates.get("key"), 100)
    if relates.get("rel_type") != "m.annotation" or not what or sender == own_of(raw, connection):
        return []
    return [Reaction(named(relates.get("event_id"), "$"), _author(sender, raw), what, moment(event))]


def _read(event: Told, _raw: Raw, _connection: Connection) -> list[Happening]:
    """One of https://spec.matrix.org/latest/client-server-api/#receipts: they tell many at once, and are cut up."""
    return [Receipt(named(event.get("event_id"), "$"), "read", _at(event.get("ts")))]


def _member(event: Told, raw: Raw, connection: Connection) -> list[Happening]:
    """https://spec.matrix.org/latest/client-server-api/#mroommember, of ourselves."""
    state = loose.within(event, "content").get("membership")
    if event.get("state_key") != own_of(raw, connection) or state not in ("leave", "ban"):
        return []
    if event.get("sender") == event.get("state_key"):
        return []  # we left by ourselves
    room = loose.text(raw.meta.get("title"), 200) or loose.text(raw.meta.get("room"), 255)
    return [Trouble("right", moment(event), f"{room}: {state}")]


def _sealed(event: Told, raw: Raw, _connection: Connection) -> list[Happening]:
    """https://spec.matrix.org/latest/client-server-api/#mroomencryption: from now on nobody can read this room here."""
    room = loose.text(raw.meta.get("title"), 200) or loose.text(raw.meta.get("room"), 255)
    why = "is encrypted: what is written there cannot be read. Ask for a room without encryption."
    return [Trouble("limited", moment(event), f"{room} {why}")]


# --- Parts ------------------------------------------------------------------------------------------


def _thread(room: str, root: str, who: Author | None, raw: Raw) -> ThreadRef:
    if not is_public(raw):
        return ThreadRef(thread_name(room, root))
    post = Post(room, title=loose.text(raw.meta.get("title"), 250), url=_url(room))
    return ThreadRef(thread_name(room, root, who.external_id if who else ""), "public", post=post)


def _form(content: Told, own: str, answers: str, raw: Raw) -> Form:
    if not is_public(raw):
        return "message"
    return "mention" if _names(content, own) else "comment" if answers else "post"


def _concerns_us(content: Told, own: str, raw: Raw, connection: Connection) -> bool:
    wanted = str(connection.config.get("rooms") or "all")
    return wanted == "all" or (wanted == "named" and (_names(content, own) or raw.meta.get("answers") == own))


def _names(content: Told, own: str) -> bool:
    """https://spec.matrix.org/latest/client-server-api/#user-and-room-mentions, or as older apps do in the words."""
    users = loose.within(content, "m.mentions").get("user_ids")
    return bool(own) and ((isinstance(users, list) and own in users) or own in loose.text(content.get("body")))


def _author(user: str, raw: Raw) -> Author:
    name = loose.text(raw.meta.get("name"), 200)
    return Author(user, name, handle=user, url=f"https://matrix.to/#/{wire.quoted(user)}")


def _url(room: str, event: str = "") -> str:
    return "https://matrix.to/#/" + "/".join(wire.quoted(part) for part in (room, event) if part)


def _team(connection: Connection) -> set[str]:
    return set(str(connection.config.get("team") or "").replace(",", " ").split())


def is_public(raw: Raw) -> bool:
    return raw.meta.get("public") is True


def own_name(raw: Raw) -> str:
    return loose.text(raw.meta.get("own"), 255)


def own_of(raw: Raw, connection: Connection) -> str:
    return own_name(raw) or wire.own_of(connection)


def moment(event: Told) -> datetime:
    """When its server says that it was sent. Raises Unreadable."""
    return _at(event.get("origin_server_ts"))


def _at(value: Any) -> datetime:
    thousandths = loose.count(value)
    if not thousandths or thousandths >= 2**43:
        raise Unreadable("no time is told")
    return datetime.fromtimestamp(thousandths / 1000, UTC)


_READERS: dict[str, Callable[[Told, Raw, Connection], list[Happening]]] = {
    **dict.fromkeys(SAID, _said), **dict.fromkeys(POLLS, _said), "m.room.redaction": _redacted, "m.reaction": _reacted,
    "m.read": _read, "m.room.member": _member, "m.room.encryption": _sealed,
}  # fmt: skip
