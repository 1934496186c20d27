"""What we say and do in public: records in our own repository, under names made from our keys.

https://docs.bsky.app/docs/advanced-guides/posts
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from netcenter.channels.bluesky import chat, keys, reading, words
from netcenter.channels.bluesky.receiving import POSTS
from netcenter.channels.bluesky.wire import Pds
from netcenter.channels.contract import Act, Attachment, ChannelError, Connection, Outbound, Receipt, loose

Told = Mapping[str, Any]

GATES = {  # of a post of ours: which answers are hidden, and from which quotes it is taken out
    "hiddenReplies": ("app.bsky.feed.threadgate", 300),
    "detachedEmbeddingUris": ("app.bsky.feed.postgate", 50),
}
BLOCK = "app.bsky.graph.block"
ALT = 10_000  # bytes
FILE_SECONDS = 60.0


def is_private(outbound: Outbound) -> bool:
    return outbound.way == "private_reply" or outbound.thread.place == "private"


def unfit(outbound: Outbound) -> str:
    files = outbound.attachments
    if files and is_private(outbound):
        return "private messages take no files"
    if len(files) > 1 and not all(file.mime.startswith("image/") for file in files):
        return "a film goes alone"
    if len(outbound.text.encode()) > 10 * (1000 if is_private(outbound) else 300):
        return "the text has too many bytes"
    return ""


def send(outbound: Outbound, connection: Connection, api: Pds) -> Receipt:
    """A post under the one name that this key has: a second one cannot be made."""
    if flaw := unfit(outbound):
        raise ChannelError(flaw, permanent=True, reason="unfit")
    if is_private(outbound):
        return chat.send(outbound, connection, api)
    at = datetime.now(UTC)
    record: dict[str, Any] = {
        "$type": POSTS, "text": outbound.text, "createdAt": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        reading.KEY: outbound.key,
    }  # fmt: skip
    if outbound.language:
        record["langs"] = [outbound.language]
    if target := _target(outbound):
        record["reply"] = _reply(target, api)
    if facets := words.facets_of(outbound.text, lambda handle: _did_of(handle, api)):
        record["facets"] = facets
    if outbound.attachments:
        record["embed"] = _embed(outbound.attachments, api)
    told = {"collection": POSTS, "rkey": _rkey(outbound), "record": record}
    try:
        made = api.write("createRecord", told)
    except ChannelError as error:
        # That there is one of this name already, servers say in words; Bluesky's own says 500 and nothing else.
        if error.reason == "twice" or str(error).startswith("HTTP 500"):
            with suppress(ChannelError):
                if found := find(outbound, connection, api):
                    return found
        raise
    return _receipt(loose.name(made.get("uri")), at)


def find(outbound: Outbound, connection: Connection, api: Pds) -> Receipt | None:
    """Is there a record of this name?"""
    if is_private(outbound):
        return chat.find(outbound, connection, api)
    found = _record(POSTS, _rkey(outbound), api)
    if found is None:
        return None
    at = loose.moment(loose.within(found, "value").get("createdAt")) or datetime.now(UTC)
    return _receipt(loose.name(found.get("uri")), at)


def act(act: Act, connection: Connection, api: Pds) -> Receipt:
    """Twice does no more than once."""
    place = keys.place_of(act.target)
    match act.verb, place:
        case (("block" | "unblock"), _):
            _block(act.to.external_id if act.to else "", api, blocked=act.verb == "block")
        case (("react" | "unreact"), None):
            chat.react(act.target, act.what, connection, api, added=act.verb == "react")
        case "react", _:
            _like(act.target, api)
        case "unreact", _:
            _unlike(act.target, api)
        case "delete_ours", (did, collection, rkey) if did == api.did:
            api.write("deleteRecord", {"collection": collection, "rkey": rkey})
        case (("hide" | "show"), (_did, _collection, _rkey)):
            _hide(act.target, api, hidden=act.verb == "hide")
        case _:
            raise ChannelError(f"nothing can be {act.verb} there", permanent=True, reason="unfit")
    return Receipt(act.target, "sent", datetime.now(UTC))


# --- A post ---------------------------------------------------------------------------------------------


def _target(outbound: Outbound) -> str:
    told = (outbound.target, *outbound.in_reply_to)
    return next((uri for uri in told if keys.place_of(uri)), "")


def _rkey(outbound: Outbound) -> str:
    place = keys.place_of(_target(outbound))
    return keys.rkey_of(outbound.key, place[2] if place else "")


def _reply(target: str, api: Pds) -> dict[str, Any]:
    """What is answered, and the first post of its conversation, by address and content."""
    view = _view(target, api)
    viewer = loose.within(view, "viewer")
    if viewer.get("blockedBy") or loose.within(view, "author", "viewer").get("blockedBy"):
        raise ChannelError("its writer has blocked us", permanent=True, reason="blocked")
    if viewer.get("replyDisabled"):
        raise ChannelError("its writer lets us not answer", permanent=True, reason="blocked")
    parent = {"uri": target, "cid": loose.text(view.get("cid"), 200)}
    root = loose.within(view, "record", "reply", "root")
    return {"parent": parent, "root": {"uri": root["uri"], "cid": root["cid"]} if root.get("cid") else parent}


def _view(uri: str, api: Pds) -> Told:
    """app.bsky.feed.defs#postView. Raises ChannelError(reason="gone")."""
    posts = loose.objects(api.query("app.bsky.feed.getPosts", {"uris": [uri]}).get("posts"))
    if not posts:
        raise ChannelError("what is answered is no longer there", permanent=True, reason="gone")
    return posts[0]


def _did_of(handle: str, api: Pds) -> str:
    try:
        return loose.text(api.query("com.atproto.identity.resolveHandle", {"handle": handle}).get("did"), 250)
    except ChannelError as error:
        if error.permanent:
            return ""
        raise


def _embed(files: tuple[Attachment, ...], api: Pds) -> dict[str, Any]:
    if files[0].mime == "video/mp4":
        film = {"$type": "app.bsky.embed.video", "video": _upload(files[0], api)}
        return film | ({"alt": files[0].alt[:1000]} if files[0].alt else {})
    images = [{"image": _upload(file, api), "alt": file.alt[:ALT]} for file in files]
    return {"$type": "app.bsky.embed.images", "images": images}


def _upload(file: Attachment, api: Pds) -> Any:
    headers = {"content-type": file.mime}
    path = "xrpc/com.atproto.repo.uploadBlob"
    answered = api.call("POST", path, body=file.content, headers=headers, timeout=FILE_SECONDS)
    blob = loose.within(api.json(answered), "blob")
    if not blob:
        raise ChannelError("the server kept no file")
    return dict(blob)


def _receipt(uri: str, at: datetime) -> Receipt:
    return Receipt(uri, "sent", at, url=reading.page_of(uri))


# --- Likes, and what is hidden ----------------------------------------------------------------------------


def _like(target: str, api: Pds) -> None:
    view, place = _view(target, api), keys.place_of(target)
    if loose.within(view, "viewer").get("like"):
        return
    record = {
        "$type": "app.bsky.feed.like", "subject": {"uri": target, "cid": loose.text(view.get("cid"), 200)},
        "createdAt": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }  # fmt: skip
    rkey = keys.rkey_of(f"like:{target}", place[2] if place else "")
    if _record("app.bsky.feed.like", rkey, api) is None:
        api.write("createRecord", {"collection": "app.bsky.feed.like", "rkey": rkey, "record": record})


def _unlike(target: str, api: Pds) -> None:
    """Ours, and one that was given with another application."""
    place = keys.place_of(target)
    rkeys = {keys.rkey_of(f"like:{target}", place[2] if place else "")}
    posts = loose.objects(api.query("app.bsky.feed.getPosts", {"uris": [target]}).get("posts"))
    if posts and (other := keys.place_of(loose.within(posts[0], "viewer").get("like"))):
        rkeys.add(other[2])
    for rkey in sorted(rkeys):
        api.write("deleteRecord", {"collection": "app.bsky.feed.like", "rkey": rkey})


def _hide(target: str, api: Pds, *, hidden: bool) -> None:
    """Answers under our posts, and quotes of them, are folded away for everybody; others' words stay theirs.

    https://docs.bsky.app/docs/tutorials/thread-gates
    """
    record = loose.within(_view(target, api), "record")
    root, quoted = loose.within(record, "reply", "root").get("uri"), reading.quoted_in(record)
    field, ours = ("hiddenReplies", root) if keys.place_of(root) else ("detachedEmbeddingUris", quoted)
    place = keys.place_of(ours)
    if place is None or place[0] != api.did:
        raise ChannelError("only what stands under our own posts can be hidden", permanent=True, reason="right")
    collection, most = GATES[field]
    gate = _record(collection, place[2], api)
    value = dict(loose.within(gate, "value")) if gate else {"$type": collection, "post": ours}
    value.setdefault("createdAt", datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    before = list(loose.texts(value.get(field)))
    after = [uri for uri in before if uri != target] + ([target] if hidden else [])
    if set(after) == set(before):
        return
    if len(after) > most:
        raise ChannelError(f"no more than {most} can be hidden under one post", permanent=True, reason="unfit")
    told = {"collection": collection, "rkey": place[2], "record": value | {field: after}}
    api.write("putRecord", told | {"swapRecord": loose.text(gate.get("cid"), 200) if gate else None})


def _block(did: str, api: Pds, *, blocked: bool) -> None:
    """Everybody can see whom an account blocks. https://docs.bsky.app/docs/tutorials/blocking"""
    viewer = loose.within(api.query("app.bsky.actor.getProfile", {"actor": did}), "viewer")
    known = keys.place_of(viewer.get("blocking"))  # also one that was made with another application
    if known and not blocked:
        api.write("deleteRecord", {"collection": BLOCK, "rkey": known[2]})
    elif blocked and not known:
        at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        record = {"$type": BLOCK, "subject": did, "createdAt": at}
        api.write("createRecord", {"collection": BLOCK, "record": record})


def _record(collection: str, rkey: str, api: Pds) -> Told | None:
    """A record of ours; None when there is none."""
    query = {"repo": api.did, "collection": collection, "rkey": rkey}
    try:
        return api.query("com.atproto.repo.getRecord", query)
    except ChannelError as error:
        if error.reason == "gone":
            return None
        raise
