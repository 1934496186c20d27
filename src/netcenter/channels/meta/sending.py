"""Private words out: the Send API of the Messenger Platform, for pages and for Instagram.

https://developers.facebook.com/docs/messenger-platform/reference/send-api
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import orjson

from netcenter.channels.contract import Act, Attachment, ChannelError, Outbound, Part, Receipt
from netcenter.channels.meta.graph import Graph
from netcenter.channels.meta.parts import mark

LABEL = 20  # characters of a quick reply
Step = Callable[[], str]  # sends one part, returns its id


def in_turn(outbound: Outbound, steps: Sequence[Step]) -> Receipt:
    """Send part after part, going on after what already left. What breaks says what did leave."""
    sent = list(outbound.left)
    for step in steps[len(sent) :]:
        try:
            sent.append(step())
        except ChannelError as error:
            error.left = tuple(sent)
            raise
    if not sent:
        raise ChannelError("there is nothing to say", permanent=True, reason="unfit")
    return Receipt(sent[0], "sent", datetime.now(UTC), also=tuple(sent[1:]))


def found(outbound: Outbound, ids: Sequence[str | None]) -> Receipt | None:
    """From what was looked for, part by part: all is there, nothing is, or (raised) the first few are."""
    there: list[str] = list(outbound.left)
    for one in ids[len(there) :]:
        if one is None:
            break
        there.append(one)
    if len(there) == len(ids) and there:
        return Receipt(there[0], "sent", datetime.now(UTC), "found", also=tuple(there[1:]))
    if len(there) > len(outbound.left):
        raise ChannelError("a part of it is there", left=there)
    return None


def messages(outbound: Outbound) -> Iterator[tuple[dict[str, Any], Attachment | None]]:
    """One message for the words, one for each file."""
    if outbound.text:
        message: dict[str, Any] = {"text": outbound.text}
        if outbound.choices:
            message["quick_replies"] = [
                {"content_type": "text", "title": c.label[:LABEL], "payload": c.id} for c in outbound.choices
            ]
        yield message, None
    for file in outbound.attachments:
        yield {}, file


def send(outbound: Outbound, graph: Graph, sender: str, platform: str = "") -> Receipt:
    """To the person, or privately to whoever wrote the comment (`target`): that takes the words alone, once."""
    pieces = list(messages(outbound))
    marks = [mark(outbound.key, n, len(pieces)) for n in range(1, len(pieces) + 1)]
    steps = [
        partial(_one, outbound, graph, sender, platform, message if platform else {**message, "metadata": key}, file)
        for key, (message, file) in zip(marks, pieces, strict=True)
    ]  # Messenger alone hands the mark back with the echo
    return in_turn(outbound, steps)


def _one(
    outbound: Outbound, graph: Graph, sender: str, platform: str, message: dict[str, Any], file: Attachment | None
) -> str:
    if file is not None:
        message = {**message, "attachment": uploaded(graph, sender, file, platform)}
    bucket = "media" if file else "answers"
    if outbound.way == "private_reply":
        told: dict[str, Any] = {"recipient": {"comment_id": outbound.target}, "message": message}
        bucket = "private_replies"
    else:
        told = {"recipient": {"id": outbound.to.external_id}, "message": message, "messaging_type": "RESPONSE"}
        if outbound.tag:
            told |= {"messaging_type": "MESSAGE_TAG", "tag": outbound.tag}
    return str(graph.post(f"{sender}/messages", told, bucket=bucket)["message_id"])


def uploaded(graph: Graph, sender: str, file: Attachment, platform: str) -> dict[str, Any]:
    """The file as the network keeps it: uploaded, so that none of ours needs to be public."""
    kind = kind_of(file)
    form = {"message": orjson.dumps({"attachment": {"type": kind, "payload": {"is_reusable": False}}}).decode()}
    if platform:
        form["platform"] = platform
    parts = (Part("filedata", file.name, file.mime, file.content),)
    told = graph.json(graph.call("POST", f"{sender}/message_attachments", form=form, parts=parts, bucket="media"))
    return {"type": kind, "payload": {"attachment_id": str(told["attachment_id"])}}


def kind_of(file: Attachment) -> str:
    kind = file.mime.partition("/")[0]
    return kind if kind in ("image", "video", "audio") else "file"


def act(act: Act, graph: Graph, sender: str) -> Receipt:
    """What is done to a person's messages: "seen", "typing", a reaction."""
    told: dict[str, Any] = {"recipient": {"id": act.to.external_id if act.to else act.thread.external_id}}
    match act.verb:
        case "seen":
            told["sender_action"] = "mark_seen"
        case "typing":
            told["sender_action"] = "typing_on"
        case "react":  # the only one that is documented
            told |= {"sender_action": "react", "payload": {"message_id": act.target, "reaction": "love"}}
        case "unreact":
            told |= {"sender_action": "unreact", "payload": {"message_id": act.target}}
        case _:
            raise ChannelError(f"private messages know no {act.verb}", permanent=True, reason="unfit")
    graph.post(f"{sender}/messages", told)
    return Receipt(act.target or act.thread.external_id, "sent", datetime.now(UTC))


def looked_up(outbound: Outbound, graph: Graph, page: str, platform: str, own: str) -> Receipt | None:
    """Look in the conversation for what we said after the message that we answer: newest first, until that one."""
    query = {
        "user_id": outbound.to.external_id, "platform": platform,
        "fields": "messages.limit(50){id,message,from,created_time,attachments}",
    }  # fmt: skip
    talks = graph.get(f"{page}/conversations", query, bucket="conversations").get("data", [])
    ours: list[dict[str, Any]] = []
    answered = {outbound.target, *outbound.in_reply_to[:1]} - {""}
    for one in talks[0].get("messages", {}).get("data", []) if talks else ():
        if one["id"] in answered:
            break
        if one.get("from", {}).get("id") == own and one["id"] not in outbound.left:
            ours.append(one)
    ours.reverse()
    return found(outbound, [*outbound.left, *_matched(outbound, ours)])


def _matched(outbound: Outbound, ours: list[dict[str, Any]]) -> list[str | None]:
    """For each part that has not left for sure, our oldest message that looks like it."""
    result: list[str | None] = []
    for message, file in list(messages(outbound))[len(outbound.left) :]:
        fits = [
            one for one in ours
            if (one.get("message", "") == message.get("text", "") if file is None else one.get("attachments"))
        ]  # fmt: skip
        result.append(str(fits[0]["id"]) if fits else None)
        if fits:
            ours.remove(fits[0])
    return result
