"""What we say and do on YouTube: https://developers.google.com/youtube/v3/docs/comments"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from netcenter.channels.contract import Act, ChannelError, Connection, Outbound, Receipt, loose
from netcenter.channels.youtube import options, reading, wire

Told = Mapping[str, Any]

PAGES = 10  # of replies, when looking for our own
REPLIES = {"part": "id,snippet", "maxResults": 100, "textFormat": "plainText"}
_SPACES = re.compile(r"\s+")


def send(outbound: Outbound, connection: Connection) -> Receipt:
    """A reply to the comment; every reply stands under the first comment of its thread, whoever it answers."""
    words, target = addressed(outbound), _target(outbound)
    data = {"snippet": {"parentId": top_of(target), "textOriginal": words}}
    youtube = wire.YouTube(connection)
    return _receipt(youtube.written("POST", "comments", {"part": "id,snippet"}, data), outbound)


def find(outbound: Outbound, connection: Connection) -> Receipt | None:
    """Our reply with these words, later than what it answers. None: it is not there."""
    youtube, target = wire.YouTube(connection), _target(outbound)
    wanted, found, asked_at = _print(addressed(outbound)), [], None
    for one in youtube.turned("comments", {**REPLIES, "parentId": top_of(target)}, PAGES):
        snippet, at = loose.within(one, "snippet"), loose.moment(loose.within(one, "snippet").get("publishedAt"))
        if one.get("id") == target:
            asked_at = at
        is_ours = loose.within(snippet, "authorChannelId").get("value") == youtube.own
        if is_ours and at and _print(reading.words_of(snippet)) == wanted:
            found.append((at, one))
    later = [one for at, one in found if asked_at is None or at >= asked_at]
    return _receipt(later[0], outbound) if later else None


def act(act: Act, connection: Connection) -> Receipt:
    """Twice does no more than once."""
    youtube = wire.YouTube(connection)
    match act.verb:
        case "hide":
            _moderate(act, youtube, "heldForReview")
        case "show":
            _moderate(act, youtube, "published")
        case "delete_theirs":
            _moderate(act, youtube, "rejected")
        case "delete_ours":
            _gone_is_done(youtube, "DELETE", "comments", {"id": act.target})
        case "edit":
            data = {"id": act.target, "snippet": {"textOriginal": act.text}}
            youtube.written("PUT", "comments", {"part": "id,snippet"}, data)
        case _:
            raise ChannelError(f"nothing can be {act.verb} there", permanent=True)
    return Receipt(act.target, "sent", wire.now())


def _moderate(act: Act, youtube: wire.YouTube, status: str) -> None:
    """https://developers.google.com/youtube/v3/docs/comments/setModerationStatus – "ban" shuts the author out."""
    query = {"id": act.target, "moderationStatus": status}
    if status != "rejected":
        youtube.written("POST", "comments/setModerationStatus", query)
        return
    more = {"banAuthor": "true"} if act.what == "ban" else {}
    _gone_is_done(youtube, "POST", "comments/setModerationStatus", {**query, **more})


def _gone_is_done(youtube: wire.YouTube, method: str, path: str, query: Mapping[str, Any]) -> None:
    try:
        youtube.written(method, path, query)
    except ChannelError as error:
        if error.reason != "gone":
            raise


def top_of(target: str) -> str:
    """The first comment of the thread: replies are named <first>.<own>."""
    return target.partition(".")[0]


def addressed(outbound: Outbound) -> str:
    """Who wrote a reply is told of ours by name alone; who wrote the first comment, anyhow."""
    name, target = outbound.to.name or outbound.to.handle, _target(outbound)
    if "." not in target or not name.startswith("@") or name.casefold() in outbound.text.casefold():
        return outbound.text
    words = f"{name} {outbound.text}"
    return words if len(words) <= options.LONGEST else outbound.text


def _target(outbound: Outbound) -> str:
    target = outbound.target or (outbound.in_reply_to[0] if outbound.in_reply_to else "")
    if not target:
        raise ChannelError("there is no comment to answer", permanent=True, reason="unfit")
    return target


def _print(text: str) -> str:
    """What is left of words whatever YouTube does to spaces."""
    return _SPACES.sub(" ", text).strip().casefold()


def _receipt(told: Told, outbound: Outbound) -> Receipt:
    name = loose.name(told.get("id"))
    at = loose.moment(loose.within(told, "snippet").get("publishedAt")) or wire.now()
    post = outbound.thread.post.external_id if outbound.thread.post else outbound.thread.external_id.partition("/")[0]
    return Receipt(name, "sent", at, url=f"{reading.SITE}/watch?v={post}&lc={name}")
