"""Private messages: chat.bsky.convo, a service that our server passes calls on to.

https://docs.bsky.app/docs/api/chat-bsky-convo-get-log
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from netcenter.channels.bluesky import keys, options, words
from netcenter.channels.bluesky.wire import Pds
from netcenter.channels.contract import (
    ChannelError,
    Connection,
    Outbound,
    Raw,
    Receipt,
    Reconciled,
    loose,
)

Told = Mapping[str, Any]

LOGS = 10  # pages of the log at once
PAGE = 100  # of conversations and messages
PAGES = 5  # of messages, when looking for one of ours
FAILURES = 3  # in a row, until it is told that the chat cannot be read
LIKE = "❤️"
CREATED = "chat.bsky.convo.defs#logCreateMessage"


def is_on(connection: Connection) -> bool:
    return bool(connection.config.get("chat", True))


def headers(connection: Connection) -> dict[str, str]:
    """Whom our server passes the call on to: https://atproto.com/specs/xrpc#service-proxying"""
    return {"atproto-proxy": str(connection.config.get("chat_service") or options.CHAT)}


# --- What comes in ------------------------------------------------------------------------------------


def poll(connection: Connection, api: Pds, state: dict[str, Any], now: float, *, looks: bool) -> list[Raw]:
    """What the log says. Without the right to read it this is told once, and tried again with every look.

    So it is when the service, which is another than our server, is out: what is said in public is heard all the same.
    """
    if not is_on(connection) or (state.get("chat_off") and not looks):
        return []
    try:
        raws = _log(connection, api, state) if "log" in state else _begin(connection, api, state)
    except ChannelError as error:
        if error.reason not in ("right", "gone") and not (error.permanent and "log" not in state):
            if error.permanent or error.reason:
                raise
            state["chat_failed"] = state.get("chat_failed", 0) + 1
            if state["chat_failed"] < FAILURES:
                return []
        if state.get("chat_off"):
            return []
        state["chat_off"] = True
        meta = {"received_at": datetime.fromtimestamp(now, UTC).isoformat()}
        return [Raw(orjson.dumps({"look": "chat", "detail": str(error)[:300]}), f"chat:{int(now)}", meta)]
    for name in ("chat_off", "chat_failed"):
        state.pop(name, None)
    return raws


def reconcile(
    connection: Connection, api: Pds, since: datetime, until: datetime, state: dict[str, Any]
) -> Reconciled:  # fmt: skip
    """One conversation at a time, those with the newest words first, down to those that were silent since."""
    to = headers(connection)
    if not is_on(connection):
        return Reconciled((), state, lists_all=True)
    if not state.get("convos"):
        told = api.query("chat.bsky.convo.listConvos", {"limit": PAGE, "cursor": state.get("page") or None}, headers=to)
        convos = [one for one in loose.objects(told.get("convos")) if _last_at(one) >= since]
        if not convos:
            return Reconciled((), state, lists_all=True)
        state |= {"convos": [loose.name(one.get("id")) for one in convos], "page": loose.text(told.get("cursor"), 1000)}
    convo = state["convos"][0]
    query = {"convoId": convo, "limit": PAGE, "cursor": state.get("below") or None}
    told = api.query("chat.bsky.convo.getMessages", query, headers=to)
    messages = loose.objects(told.get("messages"))
    inside = [one for one in messages if since <= _sent_at(one) <= until]
    below = loose.text(told.get("cursor"), 1000)
    if not below or not messages or _sent_at(messages[-1]) < since:
        state["convos"], below = state["convos"][1:], ""
    state["below"] = below
    raws = tuple(_told(convo, one, told, api.did) for one in reversed(inside))
    present = tuple(f"{convo}/{loose.name(one.get('id'))}" for one in inside)
    more = bool(state["convos"] or state["page"])
    return Reconciled(raws, state, more=more, present=present, lists_all=not more)


def _begin(connection: Connection, api: Pds, state: dict[str, Any]) -> list[Raw]:
    """Where the log stands, and what was said lately and is not answered."""
    told = api.query("chat.bsky.convo.listConvos", {"limit": PAGE}, headers=headers(connection))
    convos, raws = loose.objects(told.get("convos")), []
    begin = loose.moment(state.get("seen")) or datetime.now(UTC)
    for convo in convos:
        last = loose.within(convo, "lastMessage")
        if _sent_at(last) > begin and loose.within(last, "sender").get("did") != api.did:
            name = loose.name(convo.get("id"))
            query = {"convoId": name, "limit": 50}
            said = api.query("chat.bsky.convo.getMessages", query, headers=headers(connection))
            new = [one for one in loose.objects(said.get("messages")) if _sent_at(one) > begin]
            raws += [_told(name, one, said, api.did) for one in reversed(new)]
    state["log"] = max((loose.text(convo.get("rev"), 100) for convo in convos), default="")
    return raws


def _log(connection: Connection, api: Pds, state: dict[str, Any]) -> list[Raw]:
    raws: list[Raw] = []
    for _page in range(LOGS):
        told = api.query("chat.bsky.convo.getLog", {"cursor": state["log"] or None}, headers=headers(connection))
        logs, further = loose.objects(told.get("logs")), loose.text(told.get("cursor"), 1000)
        raws += [_event(one, api.did) for one in logs]
        if not logs or not further or further == state["log"]:
            break
        state["log"] = further
    return raws


def _event(one: Told, own: str) -> Raw:
    """An event; a new message under the same name as when it is found again by `reconcile`."""
    convo, kind = loose.text(one.get("convoId"), 200), loose.text(one.get("$type"), 100)
    name = f"l:{convo}:{loose.text(one.get('rev'), 100)}:{kind}"
    if kind == CREATED:
        name = f"m:{convo}/{loose.text(loose.within(one, 'message').get('id'), 100)}"
    return Raw(orjson.dumps(dict(one)), name, {"own": own})


def _told(convo: str, message: Told, page: Told, own: str) -> Raw:
    """A message as the log would have told it."""
    about = {"message": dict(message), "relatedProfiles": loose.objects(page.get("relatedProfiles"))}
    return _event({"$type": CREATED, "rev": message.get("rev"), "convoId": convo, **about}, own)


def _last_at(convo: Told) -> datetime:
    return _sent_at(loose.within(convo, "lastMessage"))


def _sent_at(message: Told) -> datetime:
    return loose.moment(message.get("sentAt")) or datetime.min.replace(tzinfo=UTC) + timedelta(days=1)


# --- What goes out ------------------------------------------------------------------------------------


def send(outbound: Outbound, connection: Connection, api: Pds) -> Receipt:
    """A message takes no key of ours: whether it left, `find` sees by its words."""
    convo = _convo(outbound, connection, api)
    message: dict[str, Any] = {"text": outbound.text}
    if facets := words.facets_of(outbound.text, lambda _handle: ""):
        message["facets"] = facets
    if outbound.way == "private_reply" and keys.place_of(outbound.target) and (shown := _strong(outbound.target, api)):
        message["embed"] = {"$type": "app.bsky.embed.record", "record": shown}
    told = {"convoId": convo, "message": message}
    return _receipt(convo, api.procedure("chat.bsky.convo.sendMessage", told, headers=headers(connection)))


def find(outbound: Outbound, connection: Connection, api: Pds) -> Receipt | None:
    """The same words of ours after those that they answer."""
    convo, query = _convo(outbound, connection, api), {"limit": PAGE}
    answered = {name.rpartition("/")[2] for name in (outbound.target, *outbound.in_reply_to) if name}
    began = keys.moment_of(outbound.target.rpartition("/")[2]) if outbound.way == "private_reply" else None
    for _page in range(PAGES):
        told = api.query("chat.bsky.convo.getMessages", {"convoId": convo, **query}, headers=headers(connection))
        for message in loose.objects(told.get("messages")):
            if message.get("id") in answered or (began and _sent_at(message) < began):
                return None
            is_ours = loose.within(message, "sender").get("did") == api.did
            if is_ours and loose.text(message.get("text")).split() == outbound.text.split():
                return _receipt(convo, message)
        if not (further := loose.text(told.get("cursor"), 1000)):
            return None
        query["cursor"] = further  # type: ignore[assignment]
    return None


def react(target: str, what: str, connection: Connection, api: Pds, *, added: bool) -> None:
    convo, _slash, message = target.partition("/")
    told = {"convoId": convo, "messageId": message, "value": LIKE if what in ("", "like") else what}
    api.procedure(f"chat.bsky.convo.{'add' if added else 'remove'}Reaction", told, headers=headers(connection))


def _convo(outbound: Outbound, connection: Connection, api: Pds) -> str:
    if outbound.way != "private_reply" and outbound.thread.external_id.startswith("chat/"):
        return outbound.thread.external_id.removeprefix("chat/")
    query = {"members": [outbound.to.external_id]}
    told = api.query("chat.bsky.convo.getConvoForMembers", query, headers=headers(connection))
    return loose.name(loose.within(told, "convo").get("id"))


def _strong(uri: str, api: Pds) -> dict[str, str] | None:
    posts = loose.objects(api.query("app.bsky.feed.getPosts", {"uris": [uri]}).get("posts"))
    return {"uri": uri, "cid": loose.text(posts[0].get("cid"), 200)} if posts else None


def _receipt(convo: str, message: Told) -> Receipt:
    return Receipt(f"{convo}/{loose.name(message.get('id'))}", "sent", max(_sent_at(message), _sent_at({})))
