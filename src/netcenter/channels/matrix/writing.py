"""What we say and do on Matrix: https://spec.matrix.org/latest/client-server-api/#sending-events-to-a-room

Each event goes under a transaction id made of our key: sent twice by one device it is one event, and the server hands
the id back to us, by which what left is found again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from netcenter.channels.contract import Act, Attachment, ChannelError, Connection, Outbound, Receipt, loose
from netcenter.channels.matrix import wire
from netcenter.channels.matrix.places import Where, where
from netcenter.channels.matrix.wire import Server

KINDS = {"image": "m.image", "video": "m.video", "audio": "m.audio"}
PAGES, PAGE = 5, 100  # how far back we look for what we said
TYPING = 20_000  # thousandths of a second


def send(outbound: Outbound, connection: Connection) -> Receipt:
    """Words, then files. What breaks says what did leave."""
    api, place, sent = wire.server(connection), where(outbound.thread.external_id), list(outbound.left)
    for n, (key, file) in enumerate(_parts(outbound)):
        if n < len(outbound.left):
            continue
        try:
            wire.spend(connection)
            content = _words(outbound) if file is None else _file(file, api)
            if relates := _relates(outbound, place):
                content["m.relates_to"] = relates
            sent.append(_put(api, place.room, "m.room.message", key, content))
        except ChannelError as error:
            error.left = tuple(sent)
            raise
    if not sent:
        raise ChannelError("there is nothing to say", permanent=True, reason="unfit")
    return Receipt(sent[0], "sent", wire.now(), also=tuple(sent[1:]))


def find(outbound: Outbound, connection: Connection) -> Receipt | None:
    """By the transaction ids, which the server tells to the device that sent them."""
    api, own, room = wire.server(connection), wire.own_of(connection), where(outbound.thread.external_id).room
    keys = [key for key, _file in _parts(outbound)]
    found: dict[str, str] = {}
    for event in _newest(api, room):
        key = loose.within(event, "unsigned").get("transaction_id")
        if event.get("sender") == own and isinstance(key, str) and key in keys:
            found.setdefault(key, loose.text(event.get("event_id"), 255))
    there = list(outbound.left)
    for key in keys[len(there) :]:
        if key not in found:
            break
        there.append(found[key])
    if there and len(there) == len(keys):
        return Receipt(there[0], "sent", wire.now(), "found", also=tuple(there[1:]))
    if len(there) > len(outbound.left):
        raise ChannelError("a part of it is there", left=there)
    return None


def _parts(outbound: Outbound) -> Iterator[tuple[str, Attachment | None]]:
    """Each event with its transaction id: the first has our key itself."""
    files: list[Attachment | None] = [*([None] if outbound.text else []), *outbound.attachments]
    for n, file in enumerate(files):
        yield (f"{outbound.key}.{n}" if n else outbound.key), file


def _put(api: Server, room: str, kind: str, key: str, content: Mapping[str, Any]) -> str:
    path = wire.room_path(room, "send", kind, key)
    told = loose.within(api.json(api.call("PUT", path, data=dict(content))))
    if not (id := loose.text(told.get("event_id"), 255)):
        raise ChannelError("the server does not say which event it made", unknown=True)
    return id


def _words(outbound: Outbound) -> dict[str, Any]:
    """A machine's words are a notice, which no machine answers. In public the customer is named, so that it is told."""
    content: dict[str, Any] = {"msgtype": "m.notice" if outbound.automatic else "m.text", "body": outbound.text}
    if outbound.thread.place == "public" and outbound.to.external_id.startswith("@"):
        content["m.mentions"] = {"user_ids": [outbound.to.external_id]}
    return content


def _file(file: Attachment, api: Server) -> dict[str, Any]:
    """https://spec.matrix.org/latest/client-server-api/#content-repository"""
    answered = api.call(
        "POST", "_matrix/media/v3/upload", query={"filename": file.name}, body=file.content,
        headers={"content-type": file.mime}, timeout=60,
    )  # fmt: skip
    url = loose.text(loose.within(api.json(answered)).get("content_uri"), 500)
    if not url.startswith("mxc://"):
        raise ChannelError("the server does not say where the file is")
    kind = KINDS.get(file.mime.partition("/")[0], "m.file")
    info = {"mimetype": file.mime, "size": len(file.content)}
    return {"msgtype": kind, "body": file.alt or file.name, "filename": file.name, "url": url, "info": info}


def _relates(outbound: Outbound, place: Where) -> dict[str, Any]:
    """In a thread where it was asked in one; in public, or when older words are answered, which these are."""
    target = outbound.target if outbound.target.startswith("$") else ""
    if place.root:
        return {"rel_type": "m.thread", "event_id": place.root, "is_falling_back": not target,
                "m.in_reply_to": {"event_id": target or place.root}}  # fmt: skip
    is_last = target == next(iter(outbound.in_reply_to), target)
    if not target or (outbound.thread.place == "private" and is_last):
        return {}
    return {"m.in_reply_to": {"event_id": target}}


def _newest(api: Server, room: str) -> Iterator[Mapping[str, Any]]:
    start: str | None = None
    for _n in range(PAGES):
        told = loose.within(api.get(wire.room_path(room, "messages"), {"dir": "b", "limit": PAGE, "from": start},
                                    limit=wire.LARGEST))  # fmt: skip
        yield from loose.objects(told.get("chunk"))
        if not (start := loose.text(told.get("end"), 1000)):
            return


# --- Acts -------------------------------------------------------------------------------------------


def act(act: Act, connection: Connection) -> Receipt:
    """Twice does no more than once: each has its own transaction id."""
    api, room, own = wire.server(connection), where(act.thread.external_id).room, wire.own_of(connection)
    if act.verb == "typing":
        told = {"typing": True, "timeout": TYPING}
        api.call("PUT", wire.room_path(room, "typing", own), data=told)
        return Receipt(act.target or room, "sent", wire.now())
    if act.verb in ("block", "unblock"):  # https://spec.matrix.org/latest/client-server-api/#banning-users-in-a-room
        path = wire.room_path(room, "ban" if act.verb == "block" else "unban")
        api.post(path, {"user_id": act.to.external_id if act.to else ""})
        return Receipt(act.target, "sent", wire.now())
    if not act.target.startswith("$"):
        raise ChannelError("that is no event on Matrix", permanent=True, reason="unfit")
    if act.verb == "seen":
        api.post(wire.room_path(room, "receipt", "m.read", act.target), {})
    elif act.verb in ("delete_ours", "delete_theirs"):
        _redact(api, room, act.target, act.key, connection)
    elif act.verb == "edit":
        wire.spend(connection)
        fresh = {"msgtype": "m.text", "body": act.text}
        relates = {"rel_type": "m.replace", "event_id": act.target}
        _put(api, room, "m.room.message", act.key, {
            **fresh, "body": f"* {act.text}", "m.new_content": fresh, "m.relates_to": relates,
        })  # fmt: skip
    elif act.verb == "react":
        wire.spend(connection)
        relates = {"rel_type": "m.annotation", "event_id": act.target, "key": _emoji(act)}
        _put(api, room, "m.reaction", act.key, {"m.relates_to": relates})  # there already: "twice", which is done
    elif act.verb == "unreact":
        if mine := _reaction(api, room, act, own):
            _redact(api, room, mine, act.key, connection)
    else:
        raise ChannelError(f"nothing can be {act.verb} there", permanent=True, reason="unfit")
    return Receipt(act.target, "sent", wire.now())


def _emoji(act: Act) -> str:
    return "👍️" if act.what in ("", "like") else act.what


def _redact(api: Server, room: str, event: str, key: str, connection: Connection) -> None:
    wire.spend(connection)
    api.call("PUT", wire.room_path(room, "redact", event, key), data={})


def _reaction(api: Server, room: str, act: Act, own: str) -> str:
    """Our reaction of this kind; "" when there is none."""
    path = f"_matrix/client/v1/rooms/{wire.quoted(room)}/relations/{wire.quoted(act.target)}/m.annotation/m.reaction"
    told = loose.within(api.get(path, {"limit": PAGE}))
    for event in loose.objects(told.get("chunk")):
        key = loose.within(event, "content", "m.relates_to").get("key")
        if event.get("sender") == own and key == _emoji(act):
            return loose.text(event.get("event_id"), 255)
    return ""
