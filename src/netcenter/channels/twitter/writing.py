"""Words out, public and private, and looking for them when we do not know whether they left.

https://docs.x.com/x-api/posts/create-post
https://docs.x.com/x-api/direct-messages/manage/introduction
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from netcenter.channels.contract import Attachment, ChannelError, Outbound, Receipt
from netcenter.channels.twitter.client import X
from netcenter.channels.twitter.media import uploaded
from netcenter.channels.twitter.people import SITE
from netcenter.channels.twitter.talks import GROUP
from netcenter.channels.twitter.values import listed, name, within, words

MOST_LOOKED_AT = 5  # pages of a hundred
_LINK = re.compile(r"https?://\S+|(?<![\w@./-])(?:[a-z0-9-]+\.)+[a-z]{2,24}\b(?:/\S*)?", re.IGNORECASE)
_NAMED = re.compile(r"^(?:@\w{1,50}\s+)+")


# --- Public -----------------------------------------------------------------------------------------


def post(outbound: Outbound, x: X, own: str, handle: str) -> Receipt:
    """One post below what is answered. What X has already, it refuses: then ours is looked for."""
    above = answered(outbound)
    said: dict[str, Any] = {"reply": {"in_reply_to_tweet_id": above}}
    if outbound.text:
        said["text"] = outbound.text
    if outbound.attachments:
        said["media"] = {"media_ids": [uploaded(x, file, private=False) for file in outbound.attachments]}
    try:
        told = x.post("2/tweets", said, bucket="post")
    except ChannelError as error:
        if error.reason != "twice":
            raise
        return _there_already(outbound, x, own, handle, error)
    return _receipt(name(within(told, "data", "id")), handle)


def _there_already(outbound: Outbound, x: X, own: str, handle: str, error: ChannelError) -> Receipt:
    """An earlier attempt of this one, or the same words said elsewhere: those must be said differently."""
    try:
        found = find_post(outbound, x, own, handle)
    except ChannelError as other:
        raise ChannelError(str(error), unknown=True, reason="twice", retry_at=other.retry_at) from other
    if found is None:
        raise ChannelError(str(error), permanent=True, reason="twice")
    return found


def find_post(outbound: Outbound, x: X, own: str, handle: str) -> Receipt | None:
    """Our own post below what is answered, with these words; posts of ours are newer than what they answer."""
    above, wanted = answered(outbound), bare(outbound.text)
    query = {
        "since_id": above, "max_results": 100, "exclude": "retweets",
        "tweet.fields": "created_at,referenced_tweets,note_tweet,edit_history_tweet_ids",
    }  # fmt: skip
    for page in x.turned(f"2/users/{own}/tweets", query, "timeline", MOST_LOOKED_AT):
        for one in listed(within(page, "data")):
            near = {within(each, "type"): str(within(each, "id")) for each in listed(one.get("referenced_tweets"))}
            text = within(one, "note_tweet", "text") or one.get("text")
            if near.get("replied_to") == above and bare(html.unescape(words(text))) == wanted:
                return _receipt(name(next(iter(listed(one.get("edit_history_tweet_ids"))), one["id"])), handle, "found")
    return None


def answered(outbound: Outbound) -> str:
    """What is answered: the message, else the newest that is known, else the post."""
    above = outbound.target or next(iter(outbound.in_reply_to), "")
    above = above or (outbound.thread.post.external_id if outbound.thread.post else "")
    if not above:
        raise ChannelError("nothing is named that this would answer", permanent=True, reason="unfit")
    return above


def bare(text: str) -> str:
    """The words without what X changes: links, the names that it puts in front, spaces."""
    return " ".join(_LINK.sub("", _NAMED.sub("", text.strip() + " ")).split())


def _receipt(id: str, handle: str, detail: str = "") -> Receipt:
    return Receipt(id, "sent", datetime.now(UTC), detail, url=f"{SITE}/{handle or 'i'}/status/{id}")


# --- Private ----------------------------------------------------------------------------------------


def pieces(outbound: Outbound) -> Iterator[tuple[str, Attachment | None]]:
    """A direct message carries one file: the words go with the first, the others follow."""
    files = outbound.attachments
    if outbound.text or files:
        yield outbound.text, files[0] if files else None
    for file in files[1:]:
        yield "", file


def message(outbound: Outbound, x: X) -> Receipt:
    """Piece after piece, going on after what already left. What breaks says what did leave."""
    sent = list(outbound.left)
    for text, file in list(pieces(outbound))[len(sent) :]:
        try:
            said: dict[str, Any] = {"text": text} if text else {}
            if file is not None:
                said["attachments"] = [{"media_id": uploaded(x, file, private=True)}]
            told = x.post(f"2/dm_conversations/{_to(outbound)}/messages", said, bucket="dm")
            sent.append(name(within(told, "data", "dm_event_id")))
        except ChannelError as error:
            error.left = tuple(sent)
            raise
    if not sent:
        raise ChannelError("there is nothing to say", permanent=True, reason="unfit")
    return Receipt(sent[0], "sent", datetime.now(UTC), also=tuple(sent[1:]))


def find_message(outbound: Outbound, x: X, own: str) -> Receipt | None:
    """Ours in the conversation since what is answered, piece by piece, oldest first."""
    ours = _since(outbound, x, own)
    there = list(outbound.left)
    wanted = list(pieces(outbound))
    for text, file in wanted[len(there) :]:
        fits = (one for one in ours if one["id"] not in there and _fits(one, text, file))
        if (found := next(fits, None)) is None:
            break
        there.append(str(found["id"]))
    if there and len(there) == len(wanted):
        return Receipt(there[0], "sent", datetime.now(UTC), "found", also=tuple(there[1:]))
    if len(there) > len(outbound.left):
        raise ChannelError("a part of it is there", left=there)
    return None


def _since(outbound: Outbound, x: X, own: str) -> list[Mapping[str, Any]]:
    query = {"event_types": "MessageCreate", "max_results": 100, "dm_event.fields": "id,text,sender_id,attachments"}
    seen = {outbound.target, *outbound.in_reply_to[:1]} - {""}
    ours: list[Mapping[str, Any]] = []
    for page in x.turned(f"2/dm_conversations/{_to(outbound)}/dm_events", query, "dm_events", MOST_LOOKED_AT):
        for one in listed(within(page, "data")):
            if one["id"] in seen:
                return ours[::-1]
            if str(one.get("sender_id")) == own:
                ours.append(one)
    return ours[::-1]


def _fits(one: Mapping[str, Any], text: str, file: Attachment | None) -> bool:
    has_file = bool(listed(within(one, "attachments", "media_keys")))
    return has_file == (file is not None) and bare(html.unescape(words(one.get("text")))) == bare(text)


def _to(outbound: Outbound) -> str:
    """The conversation: with the customer, or a group of several."""
    thread = outbound.thread.external_id
    if outbound.way == "reply" and thread.startswith(GROUP):
        return thread.removeprefix(GROUP)
    return f"with/{outbound.to.external_id}"
