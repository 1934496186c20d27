"""Private words on Messenger and Instagram: the events of the Messenger Platform, which both send in one shape.

https://developers.facebook.com/docs/messenger-platform/reference/webhook-events
https://developers.facebook.com/docs/instagram-platform/webhooks
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from netcenter.channels.contract import (
    Attachment,
    Author,
    Deleted,
    Echo,
    Edited,
    Happening,
    Inbound,
    Reaction,
    Receipt,
    ThreadRef,
    Trouble,
)  # fmt: skip
from netcenter.channels.meta.parts import marked
from netcenter.channels.meta.reading import file_at, listed, moment, name, within, words

FILES = ("image", "video", "audio", "file")
SHARED = {"share", "fallback", "ig_reel", "reel", "ig_post", "post", "ig_story", "template"}


def happened(told: Mapping[str, Any], own: str) -> Iterator[Happening]:
    """What one event of `messaging` (or of `standby`) means; nothing when it is of no concern."""
    at = moment(told.get("timestamp", 0))
    if "message" in told:
        yield from _message(told, told["message"], at, own)
    elif "postback" in told:
        yield _pressed(told, told["postback"], at)
    elif "message_edit" in told:
        edit = told["message_edit"]
        yield Edited(name(edit["mid"]), words(edit.get("text")), at)
    elif "reaction" in told:
        yield _reaction(told, told["reaction"], at)
    elif "read" in told and "mid" in told["read"]:  # Messenger tells a watermark, which names no message
        yield Receipt(name(told["read"]["mid"]), "read", at)
    elif "delivery" in told:
        for mid in listed(told["delivery"].get("mids")):
            yield Receipt(name(mid), "delivered", at)
    elif "policy_enforcement" in told:
        policy = told["policy_enforcement"]
        yield Trouble("limited", at, f"{words(policy.get('action'))}: {words(policy.get('reason'))}")


def _message(told: Mapping[str, Any], message: Mapping[str, Any], at: datetime, own: str) -> Iterator[Happening]:
    mid = name(message["mid"])
    if message.get("is_deleted"):
        yield Deleted(mid, at, by="author")
        return
    sender, recipient = name(told["sender"]["id"]), name(told["recipient"]["id"])
    text, files = _content(message)
    before = (name(reply),) if (reply := within(message, "reply_to", "mid")) else ()
    if message.get("is_echo") or sender == own:
        other, (key, part) = Author(recipient), marked(words(message.get("metadata")))
        yield Echo(
            mid, ThreadRef(recipient), at, text, other, files, before, key=key, part=part,
            sender_name=str(message.get("app_id") or ""),
        )  # fmt: skip
        return
    story = within(message, "reply_to", "story")
    mentioned = any(within(each, "type") == "story_mention" for each in listed(message.get("attachments")))
    advert = within(message, "referral", "ads_context_data") or within(message, "referral", "ad_id")
    extra = {"story": {"id": words(story.get("id")), "url": words(story.get("url"))}} if story else {}
    if referral := message.get("referral"):
        extra["referral"] = (
            {words(key): words(value) for key, value in referral.items()} if isinstance(referral, dict) else {}
        )
    yield Inbound(
        mid, Author(sender), ThreadRef(sender), at, text, attachments=files, in_reply_to=before,
        choice=words(within(message, "quick_reply", "payload")), extra=extra,
        form="mention" if mentioned else "story" if story or advert else "message",
    )  # fmt: skip


def _pressed(told: Mapping[str, Any], postback: Mapping[str, Any], at: datetime) -> Inbound:
    sender = name(told["sender"]["id"])
    mid = postback.get("mid") or f"postback:{sender}:{int(at.timestamp() * 1000)}"
    choice = words(postback.get("payload"))
    text = words(postback.get("title")) or choice
    return Inbound(name(mid), Author(sender), ThreadRef(sender), at, text, choice=choice)


def _reaction(told: Mapping[str, Any], reaction: Mapping[str, Any], at: datetime) -> Reaction:
    what = words(reaction.get("emoji")) or words(reaction.get("reaction")) or "like"
    added = reaction.get("action", "react") == "react"
    return Reaction(name(reaction["mid"]), Author(name(told["sender"]["id"])), what, at, added)


def _content(message: Mapping[str, Any]) -> tuple[str, tuple[Attachment, ...]]:
    """The words, with the address of what was shared below them, and the files."""
    lines = [words(message.get("text"))]
    files: list[Attachment] = []
    for each in listed(message.get("attachments")):
        kind, payload = words(within(each, "type")), within(each, "payload")
        url, title = words(within(payload, "url")), words(within(payload, "title"))
        if kind in FILES:
            files.append(file_at(url, kind))
        elif kind == "location" and (where := within(payload, "coordinates")):
            lines.append(f"geo:{float(where['lat'])},{float(where['long'])}")
        elif kind in ("story_mention", "ephemeral"):
            files.append(file_at(url, "image"))
        elif url or title or kind in SHARED:
            lines += [part for part in (title, url) if part and part not in lines[0]]
        elif kind:
            lines.append(f"[{kind}]")
    if message.get("is_unsupported"):
        lines.append("[unsupported]")
    return "\n".join(line for line in lines if line), tuple(files)
