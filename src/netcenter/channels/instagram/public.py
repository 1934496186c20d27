"""Public words on Instagram: comments and mentions in, answers out, hiding and deleting.

https://developers.facebook.com/docs/instagram-platform/webhooks
https://developers.facebook.com/docs/instagram-platform/comment-moderation
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from netcenter.channels.contract import (
    Act,
    Author,
    ChannelError,
    Echo,
    Happening,
    Inbound,
    Outbound,
    Pointer,
    Post,
    Raw,
    Reach,
    Receipt,
)  # fmt: skip
from netcenter.channels.meta import messaging
from netcenter.channels.meta.graph import Graph
from netcenter.channels.meta.reading import again, file_at, listed, moment, name, within, words
from netcenter.channels.meta.sending import found, in_turn

MOST_LOOKED_AT = 8  # pages of replies
_COMMENT = "id,text,timestamp,username,media{id,permalink}"
_MEDIA = "id,caption,timestamp,username,permalink,media_url,media_type"


def told(heard: Mapping[str, Any]) -> Iterator[Happening]:
    """What an entry of an account means; nothing when it is of no concern."""
    own, at = name(heard["id"]), moment(heard.get("time", 0))
    for event in [*listed(heard.get("messaging")), *listed(heard.get("standby"))]:
        yield from messaging.happened(event, own)
    for change in listed(heard.get("changes")):
        field, value = change["field"], change["value"]
        if field in ("comments", "live_comments"):
            yield comment(value, at, own)
        elif field == "mentions" and "username" in value:  # as `follow` has written it down
            yield _mention(value, at)
        elif field == "mentions":
            yield Pointer(f"{name(value['media_id'])}/{words(value.get('comment_id'))}", at)


def comment(value: Mapping[str, Any], at: datetime, own: str) -> Inbound | Echo:
    """A comment; said by us, it answers the one above."""
    id, said_at = name(value["id"]), moment(value["timestamp"]) if value.get("timestamp") else at
    media, parent = value["media"], words(value.get("parent_id"))
    promoted = True if media.get("media_product_type") == "AD" or media.get("ad_id") else None
    post = Post(
        name(media["id"]), title=words(media.get("ad_title")), url=words(media.get("permalink")),
        reach=Reach(promoted=promoted) if promoted else None,
    )  # fmt: skip
    author = _author(value)
    if author.external_id == own or within(value, "from", "self_ig_scoped_id") == author.external_id:
        before = (parent,) if parent else ()
        return Echo(id, post.thread_of(author), said_at, words(value.get("text")), in_reply_to=before, form="comment")
    return Inbound(
        id, author, post.thread_of(author), said_at, words(value.get("text")), form="comment", parent=parent,
        hidden=value.get("hidden") is True,
    )  # fmt: skip


def _author(value: Mapping[str, Any]) -> Author:
    handle = words(within(value, "from", "username") or value.get("username"))
    return Author(
        name(within(value, "from", "id") or f"@{handle}"), handle, handle=f"@{handle}" if handle else "",
        url=f"https://www.instagram.com/{handle}/" if handle else "",
    )  # fmt: skip


def _mention(value: Mapping[str, Any], at: datetime) -> Inbound:
    author = _author(value)
    post = Post(name(value["media_id"]), ours=False, url=words(value.get("permalink")))
    said_at = moment(value["timestamp"]) if value.get("timestamp") else at
    picture = value.get("media_url")
    kind = "video" if value.get("media_type") == "VIDEO" else "image"
    return Inbound(
        name(value.get("comment_id") or value["media_id"]), author, post.thread_of(author), said_at,
        words(value.get("text")), form="mention", url=post.url,
        attachments=(file_at(picture, kind),) if picture else (),
    )  # fmt: skip


# --- What must be asked for -----------------------------------------------------------------------


def follow(reference: str, graph: Graph, own: str) -> tuple[Raw, ...]:
    """The words that mention us, which the webhook does not tell.

    https://developers.facebook.com/docs/instagram-platform/instagram-api-with-facebook-login/mentions
    """
    media, _slash, said = reference.partition("/")
    edge = (
        f"mentioned_comment.comment_id({said}){{{_COMMENT}}}"
        if said
        else f"mentioned_media.media_id({media}){{{_MEDIA}}}"
    )
    try:
        answer = graph.get(own, {"fields": edge})
    except ChannelError as error:
        if error.reason in ("gone", "unfit"):
            return ()
        raise
    one = within(answer, "mentioned_comment" if said else "mentioned_media")
    return (again(as_mention(one, media, said, own)),) if one else ()


def as_mention(one: Mapping[str, Any], media: str, said: str, own: str) -> dict[str, Any]:
    """A webhook that says all that was asked for."""
    value = {
        "media_id": media, "comment_id": said, "username": one.get("username", ""),
        "text": one.get("text") or one.get("caption") or "", "timestamp": one.get("timestamp"),
        "permalink": one.get("permalink") or within(one, "media", "permalink") or "",
        "media_url": "" if said else one.get("media_url", ""), "media_type": one.get("media_type", ""),
    }  # fmt: skip
    at = int(moment(one["timestamp"]).timestamp())
    return {
        "object": "instagram",
        "entry": [{"id": own, "time": at, "changes": [{"field": "mentions", "value": value}]}],
    }


# --- Out ------------------------------------------------------------------------------------------


def send(outbound: Outbound, graph: Graph, own: str) -> Receipt:
    """A reply under the comment, or under what mentions us."""
    return in_turn(outbound, [partial(_reply, outbound, graph, own)])


def _reply(outbound: Outbound, graph: Graph, own: str) -> str:
    post = outbound.thread.post.external_id if outbound.thread.post else ""
    if outbound.thread.post is not None and outbound.thread.post.ours is False:
        form = {"media_id": post, "message": outbound.text}
        if outbound.target and outbound.target != post:
            form["comment_id"] = outbound.target
        return str(graph.json(graph.call("POST", f"{own}/mentions", form=form))["id"])
    if not (outbound.target or post):
        raise ChannelError("nothing is named that this would answer", permanent=True, reason="unfit")
    edge = f"{outbound.target}/replies" if outbound.target else f"{post}/comments"
    return str(graph.json(graph.call("POST", edge, form={"message": outbound.text}))["id"])


def find(outbound: Outbound, graph: Graph, own: str) -> Receipt | None:
    """Our own reply with these words below what is answered; a reply to a reply stands under the topmost comment."""
    query = {"fields": "id,text,timestamp,from"}
    post = outbound.thread.post.external_id if outbound.thread.post else ""
    if outbound.target and outbound.target != post:
        top = graph.get(outbound.target, {"fields": "id,parent_id"}).get("parent_id") or outbound.target
        edge = f"{top}/replies"
    else:
        edge = f"{post}/comments"
    for one in graph.all(edge, query, MOST_LOOKED_AT):
        if within(one, "from", "id") == own and words(one.get("text")).strip() == outbound.text.strip():
            return found(outbound, [str(one["id"])])
    return None


def act(act: Act, graph: Graph) -> Receipt:
    """What is gone already is deleted already."""
    match act.verb:
        case "hide" | "show":
            graph.call("POST", act.target, form={"hide": "true" if act.verb == "hide" else "false"})
        case "delete_theirs" | "delete_ours":
            try:
                graph.call("DELETE", act.target)
            except ChannelError as error:
                if error.reason != "gone":
                    raise
        case _:
            raise ChannelError(f"comments know no {act.verb}", permanent=True, reason="unfit")
    return Receipt(act.target, "sent", datetime.now(UTC))
