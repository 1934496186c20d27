"""Public words out, and what is done to others' words.

https://developers.facebook.com/docs/graph-api/reference/object/comments
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

from netcenter.channels.contract import Act, Attachment, ChannelError, Outbound, Part, Receipt
from netcenter.channels.meta.graph import Graph
from netcenter.channels.meta.sending import found, in_turn

MOST_LOOKED_AT = 8  # pages of fifty replies


def send(outbound: Outbound, graph: Graph, page: str) -> Receipt:
    """One comment under what is answered; a picture goes with it."""
    return in_turn(outbound, [partial(_comment, outbound, graph, page)])


def _comment(outbound: Outbound, graph: Graph, page: str) -> str:
    form: dict[str, Any] = {"message": outbound.text} if outbound.text else {}
    for picture in outbound.attachments:
        form["attachment_id"] = _uploaded(graph, page, picture)
    return str(graph.json(graph.call("POST", f"{_under(outbound)}/comments", form=form))["id"])


def _uploaded(graph: Graph, page: str, picture: Attachment) -> str:
    """A photo that nobody sees until the comment shows it."""
    parts = (Part("source", picture.name, picture.mime, picture.content),)
    told = graph.json(graph.call("POST", f"{page}/photos", form={"published": "false"}, parts=parts, bucket="media"))
    return str(told["id"])


def find(outbound: Outbound, graph: Graph, page: str) -> Receipt | None:
    """Our own comment with these words below what is answered; a reply to a reply stands under the topmost one."""
    query = {"fields": "id,from,message,created_time,attachment", "filter": "stream", "order": "reverse_chronological"}
    above = _under(outbound)
    told = graph.get(above, {"fields": "id,parent{id},created_time"})
    since = str(told.get("created_time", ""))
    for place in dict.fromkeys([above, str((told.get("parent") or {}).get("id", "")) or above]):
        for one in graph.all(f"{place}/comments", query, MOST_LOOKED_AT):
            ours = (one.get("from") or {}).get("id") == page and str(one.get("created_time", "")) >= since
            if ours and one.get("message", "").strip() == outbound.text.strip():
                return found(outbound, [str(one["id"])])
    return None


def _under(outbound: Outbound) -> str:
    """What is answered: the comment, else the post."""
    above = outbound.target or next(iter(outbound.in_reply_to), "")
    above = above or (outbound.thread.post.external_id if outbound.thread.post else "")
    if not above:
        raise ChannelError("nothing is named that this would answer", permanent=True, reason="unfit")
    return above


def act(act: Act, graph: Graph) -> Receipt:
    """What is gone already is deleted already."""
    match act.verb:
        case "hide" | "show":
            graph.call("POST", act.target, form={"is_hidden": "true" if act.verb == "hide" else "false"})
        case "delete_theirs" | "delete_ours":
            try:
                graph.call("DELETE", act.target)
            except ChannelError as error:
                if error.reason != "gone":
                    raise
        case "edit":
            graph.call("POST", act.target, form={"message": act.text})
        case "react":
            graph.call("POST", f"{act.target}/likes")
        case "unreact":
            graph.call("DELETE", f"{act.target}/likes")
        case _:
            raise ChannelError(f"comments know no {act.verb}", permanent=True, reason="unfit")
    return Receipt(act.target, "sent", datetime.now(UTC))
