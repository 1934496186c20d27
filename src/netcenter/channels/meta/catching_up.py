"""Finds again what webhooks lost of private words: asks for the conversations, and writes down what they say as a
webhook would have.

https://developers.facebook.com/docs/graph-api/reference/page/conversations
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from netcenter.channels.contract import Raw
from netcenter.channels.meta.graph import Graph, after
from netcenter.channels.meta.reading import again, listed, moment, within

MESSAGE = "id,from,to,message,created_time,attachments"
TALK = f"id,updated_time,messages.limit(25){{{MESSAGE}}}"
MOST_PASSES = 10  # over the conversations of one account


def to_read(
    told: Mapping[str, Any], cursor: Mapping[str, Any], since: datetime
) -> tuple[list[Mapping[str, Any]], Mapping[str, Any] | None, bool]:  # fmt: skip
    """The conversations of a page that had words since, the cursor of the next page, and whether none slipped past.

    They stand newest first, and who writes while we turn pages moves to the top behind our back. So we begin again at
    the top, down to where the last pass began, until a pass fits on one page.
    """
    rows = listed(within(told, "data"))
    ends = moment(cursor["down_to"]) if cursor.get("down_to") else since
    found = [one for one in rows if moment(one["updated_time"]) >= ends]
    top = cursor.get("top") or next((one["updated_time"] for one in rows), "")
    passes, following = int(cursor.get("passes", 1)), after(told) if len(found) == len(rows) else None
    if following:
        return found, {**following, "top": top, "down_to": cursor.get("down_to", ""), "passes": passes}, True
    if "after" not in cursor or passes == MOST_PASSES:
        return found, None, "after" not in cursor
    return found, {"down_to": top, "passes": passes + 1}, True


def talk(
    graph: Graph, one: Mapping[str, Any], what: str, own: str, since: datetime, until: datetime
) -> Iterator[tuple[str, Raw | None]]:
    """The messages of one conversation in that span: id, and as a webhook of `what`.

    Of all but the newest twenty Meta tells that they are there, not what they say: those are nothing to be read.
    https://developers.facebook.com/docs/messenger-platform/conversations
    """
    for message in newest(graph, within(one, "messages"), f"{one['id']}/messages", MESSAGE, since):
        if moment(message["created_time"]) <= until:
            yield str(message["id"]), again(as_message(message, what, own)) if within(message, "from") else None


def newest(
    graph: Graph, told: Any, edge: str, fields: str, since: datetime, **more: Any
) -> Iterator[Mapping[str, Any]]:
    """What an edge lists, newest first, back to `since`; its first page came with the object."""
    query: dict[str, Any] = {"fields": fields, "limit": 50, **more}
    while True:
        for one in listed(within(told, "data")):
            if moment(one.get("created_time") or one["timestamp"]) < since:
                return
            yield one
        if (following := after(told)) is None:
            return
        told = graph.get(edge, {**query, **following})


def as_message(message: Mapping[str, Any], what: str, own: str) -> dict[str, Any]:
    """An event of `messaging`. https://developers.facebook.com/docs/graph-api/reference/message"""
    sender = str(within(message, "from", "id"))
    others = [str(each["id"]) for each in listed(within(message, "to", "data"))]
    files = [_file(each) for each in listed(within(message, "attachments", "data"))]
    said: dict[str, Any] = {"mid": message["id"], "text": message.get("message", ""), "attachments": files}
    if sender == own:
        said["is_echo"] = True
    at = int(moment(message["created_time"]).timestamp() * 1000)
    told = {"sender": {"id": sender}, "recipient": {"id": next(iter(others), own)}, "timestamp": at, "message": said}
    return {"object": what, "entry": [{"id": own, "time": at, "messaging": [told]}]}


def _file(told: Mapping[str, Any]) -> dict[str, Any]:
    kind = str(told.get("mime_type", "")).partition("/")[0]
    kind = kind if kind in ("image", "video", "audio") else "file"
    url = within(told, "image_data", "url") or within(told, "video_data", "url") or told.get("file_url", "")
    return {"type": kind, "payload": {"url": url}}
