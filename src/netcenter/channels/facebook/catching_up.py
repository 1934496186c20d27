"""Finds again what webhooks lost: asks the page's edges, and writes down what they say as a webhook would have.

https://developers.facebook.com/docs/graph-api/reference/page/conversations
https://developers.facebook.com/docs/graph-api/reference/page/feed
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from netcenter.channels.contract import ChannelError, Raw, Reconciled
from netcenter.channels.meta.catching_up import TALK, newest, talk, to_read
from netcenter.channels.meta.graph import Graph, after
from netcenter.channels.meta.reading import again, listed, moment, within

STAGES = ("conversations", "feed", "ads_posts", "tagged", "ratings")
POSTS_BACK = timedelta(days=60)  # older posts are not asked for new comments
_COMMENT = "id,from,message,created_time,parent{id},attachment,is_hidden,permalink_url"
_POST = "id,from,message,created_time,permalink_url,promotion_status,is_published,full_picture"


def page_of(graph: Graph, page: str, since: datetime, until: datetime, cursor: Mapping[str, Any]) -> Reconciled:
    """One page of one edge. The cursor says which edge, and how far it was read."""
    stage = int(cursor.get("stage", 0))
    edge, query = STAGES[stage], {"after": cursor.get("after"), "limit": 25, **_query(STAGES[stage], since, until)}
    whole = bool(cursor.get("whole", True))  # nothing was refused so far
    bucket = "conversations" if edge == "conversations" else "calls"
    try:
        told = graph.get(f"{page}/{edge}", query, bucket=bucket)
    except ChannelError as error:
        if error.reason != "right":
            raise
        told, whole = {}, False  # a right that is missing costs its own edge alone: the account's checks say so
    if edge == "conversations":
        listing, following, is_all = to_read(told, cursor, since)
        whole = whole and is_all
    else:
        listing, following = listed(within(told, "data")), after(told)
    found = [each for one in listing for each in _told(graph, edge, page, one, since, until)]
    more = bool(following) or stage + 1 < len(STAGES)
    state = {"stage": stage, **following} if following else {"stage": stage + 1}
    return Reconciled(
        tuple(raw for _id, raw in found if raw), {**state, "whole": whole} if more else {}, more=more,
        present=tuple(id for id, _raw in found),
        lists_all=whole and not more, current=True,
    )  # fmt: skip


def _query(edge: str, since: datetime, until: datetime) -> dict[str, Any]:
    first, last = int(since.timestamp()), int(until.timestamp())
    if edge == "conversations":
        return {"fields": TALK, "platform": "messenger"}
    if edge == "ratings":
        return {"fields": "reviewer,rating,recommendation_type,review_text,created_time,open_graph_story{id}"}
    if edge == "tagged":
        return {"fields": "id,from,message,created_time,permalink_url", "since": first, "until": last}
    begin = int((since - POSTS_BACK).timestamp())
    comments = f"comments.filter(stream).order(reverse_chronological).limit(50){{{_COMMENT}}}"
    return {"fields": f"{_POST},{comments}", "since": begin, "until": last}


def _told(
    graph: Graph, edge: str, page: str, one: Mapping[str, Any], since: datetime, until: datetime
) -> Iterator[tuple[str, Raw | None]]:
    """What one thing on an edge says, of this span: id, and as a webhook."""
    if edge == "conversations":
        yield from talk(graph, one, "page", page, since, until)
        return
    if edge == "ratings":
        if since <= moment(one["created_time"]) <= until:
            yield str(within(one, "open_graph_story", "id")), again(as_rating(one, page))
        return
    if since <= moment(one["created_time"]) <= until and str(within(one, "from", "id")) != page:
        yield str(one["id"]), again(as_mention(one, page) if edge == "tagged" else as_post(one, page))
    order = {"filter": "stream", "order": "reverse_chronological"}
    for comment in newest(graph, within(one, "comments"), f"{one['id']}/comments", _COMMENT, since, **order):
        if moment(comment["created_time"]) <= until:
            yield str(comment["id"]), again(as_comment(comment, one, page))


# --- As a webhook would have told it ----------------------------------------------------------------


def as_comment(comment: Mapping[str, Any], post: Mapping[str, Any], page: str) -> dict[str, Any]:
    value = {
        "item": "comment", "verb": "add", "comment_id": comment["id"], "post_id": post["id"],
        "parent_id": within(comment, "parent", "id") or post["id"], "from": comment.get("from"),
        "message": comment.get("message", ""), "created_time": int(moment(comment["created_time"]).timestamp()),
        "is_hidden": comment.get("is_hidden") is True, "permalink_url": comment.get("permalink_url", ""),
        "post": {key: post[key] for key in ("permalink_url", "promotion_status", "is_published") if key in post},
    }  # fmt: skip
    if picture := within(comment, "attachment", "media", "image", "src"):
        value["photo"] = picture
    return _change("feed", value, page)


def as_post(post: Mapping[str, Any], page: str) -> dict[str, Any]:
    value = {
        "item": "status", "verb": "add", "post_id": post["id"], "from": post.get("from"),
        "message": post.get("message", ""), "created_time": int(moment(post["created_time"]).timestamp()),
        "post": {"permalink_url": post.get("permalink_url", "")},
    }  # fmt: skip
    if post.get("full_picture"):
        value["photo"] = post["full_picture"]
    return _change("feed", value, page)


def as_mention(post: Mapping[str, Any], page: str) -> dict[str, Any]:
    value = {
        "item": "post", "verb": "add", "post_id": post["id"], "sender_id": within(post, "from", "id"),
        "sender_name": within(post, "from", "name"), "message": post.get("message", ""),
        "created_time": int(moment(post["created_time"]).timestamp()),
    }  # fmt: skip
    return _change("mention", value, page)


def as_rating(rating: Mapping[str, Any], page: str) -> dict[str, Any]:
    value = {
        "item": "rating", "verb": "add", "open_graph_story_id": within(rating, "open_graph_story", "id"),
        "reviewer_id": within(rating, "reviewer", "id"), "reviewer_name": within(rating, "reviewer", "name"),
        "recommendation_type": rating.get("recommendation_type", ""), "review_text": rating.get("review_text", ""),
        "created_time": int(moment(rating["created_time"]).timestamp()),
    }  # fmt: skip
    if isinstance(rating.get("rating"), int):
        value["rating"] = rating["rating"]
    return _change("ratings", value, page)


def _change(field: str, value: Mapping[str, Any], page: str) -> dict[str, Any]:
    entry = {"id": page, "time": value["created_time"], "changes": [{"field": field, "value": value}]}
    return {"object": "page", "entry": [entry]}
