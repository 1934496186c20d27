"""Finds again what webhooks lost: conversations, comments on our posts, and posts that tag us.

https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from netcenter.channels.contract import ChannelError, Raw, Reconciled
from netcenter.channels.instagram.public import as_mention
from netcenter.channels.meta.catching_up import TALK, newest, talk, to_read
from netcenter.channels.meta.graph import Graph, after
from netcenter.channels.meta.reading import again, listed, moment, within

STAGES = ("conversations", "media", "tags")
POSTS_BACK = timedelta(days=60)  # older posts are not asked for new comments
_REPLY = "id,text,timestamp,from,parent_id,hidden"
_COMMENT = f"{_REPLY},replies.limit(50){{{_REPLY}}}"
_MEDIA = f"id,timestamp,permalink,media_product_type,comments.limit(50){{{_COMMENT}}}"


def page_of(
    graph: Graph, page: str, own: str, since: datetime, until: datetime, cursor: Mapping[str, Any]
) -> Reconciled:
    """One page of one edge. The cursor says which edge, and how far it was read."""
    stage = int(cursor.get("stage", 0))
    edge, query = STAGES[stage], {"after": cursor.get("after"), "limit": 25}
    query |= {"conversations": {"fields": TALK, "platform": "instagram"}, "media": {"fields": _MEDIA}}.get(
        edge, {"fields": "id,caption,timestamp,username,permalink,media_url,media_type"}
    )
    whole = bool(cursor.get("whole", True))  # nothing was refused so far
    try:
        if edge == "conversations":
            told = graph.get(f"{page}/{edge}", query, bucket="conversations")
        else:
            told = graph.get(f"{own}/{edge}", query)
    except ChannelError as error:
        if error.reason != "right":
            raise
        told, whole = {}, False  # a right that is missing costs its own edge alone: the account's checks say so
    if edge == "conversations":
        listing, following, is_all = to_read(told, cursor, since)
        whole = whole and is_all
    else:
        begin, rows = since - (POSTS_BACK if edge == "media" else timedelta(0)), listed(within(told, "data"))
        listing = [one for one in rows if moment(one["timestamp"]) >= begin]  # newest first
        following = after(told) if len(listing) == len(rows) else None
    found = [each for one in listing for each in _told(graph, edge, own, one, since, until)]
    raws, present = tuple(raw for _id, raw in found if raw), tuple(id for id, _raw in found)
    more = bool(following) or stage + 1 < len(STAGES)
    state = {"stage": stage, **following} if following else {"stage": stage + 1}
    return Reconciled(
        raws, {**state, "whole": whole} if more else {}, more=more, present=present, lists_all=whole and not more,
        current=True,
    )  # fmt: skip


def _told(
    graph: Graph, edge: str, own: str, one: Mapping[str, Any], since: datetime, until: datetime
) -> Iterator[tuple[str, Raw | None]]:
    if edge == "conversations":
        yield from talk(graph, one, "instagram", own, since, until)
    elif edge == "tags":
        if moment(one["timestamp"]) <= until:
            yield str(one["id"]), again(as_mention(one, str(one["id"]), "", own))
    else:
        begin = since - POSTS_BACK  # a new reply may stand under an old comment
        for top in newest(graph, within(one, "comments"), f"{one['id']}/comments", _COMMENT, begin):
            replies = newest(graph, within(top, "replies"), f"{top['id']}/replies", _REPLY, begin)
            for comment in (top, *replies):
                if since <= moment(comment["timestamp"]) <= until:
                    yield str(comment["id"]), again(as_comment(comment, one, own))


def as_comment(comment: Mapping[str, Any], media: Mapping[str, Any], own: str) -> dict[str, Any]:
    """As a webhook would have told it."""
    value = {
        "id": comment["id"], "text": comment.get("text", ""), "from": comment.get("from"),
        "timestamp": comment["timestamp"], "hidden": comment.get("hidden") is True,
        "media": {key: media[key] for key in ("id", "permalink", "media_product_type") if key in media},
    }  # fmt: skip
    if comment.get("parent_id"):
        value["parent_id"] = comment["parent_id"]
    at = int(moment(comment["timestamp"]).timestamp())
    return {
        "object": "instagram",
        "entry": [{"id": own, "time": at, "changes": [{"field": "comments", "value": value}]}],
    }
