"""What YouTube tells, understood. Pure.

Comments come one by one, as the API's resource, with beside them (`Raw.meta`) what only the thread tells: the video,
whom an answer of ours is for, how many subscribers the author has. The hub pushes Atom. What a second look found has
our own form: {"look": "gone", "id": …}.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from netcenter.channels.contract import (
    Attachment,
    Author,
    Connection,
    Deleted,
    Echo,
    Edited,
    Happening,
    Hidden,
    Inbound,
    Pointer,
    Post,
    Raw,
    Reach,
    Reached,
    Unreadable,
    loose,
)

Told = Mapping[str, Any]

SITE = "https://www.youtube.com"
HELD = ("heldForReview", "likelySpam", "rejected")  # nobody else sees it
ATOM, YT = "{http://www.w3.org/2005/Atom}", "{http://www.youtube.com/xml/schemas/2015}"
TOMBSTONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
MOST_ENTRIES = 100


def parse(raw: Raw, connection: Connection) -> list[Happening]:
    """Raises Unreadable."""
    if raw.body.lstrip()[:1] == b"<":
        return _pushed(raw.body, str(connection.config.get("own_id") or ""))
    told = loose.an_object(raw.body)
    match loose.text(told.get("kind"), 50):
        case "youtube#comment":
            return _said(told, raw, connection)
        case "youtube#commentThread":
            return _carried(told, raw)
        case "youtube#video":
            return _watched(told, raw)
    if "look" in told:
        return _looked(told, raw)
    raise Unreadable("neither a comment, nor a thread, nor a video, nor a push")


# --- Comments: https://developers.google.com/youtube/v3/docs/comments -----------------------------


def _said(told: Told, raw: Raw, connection: Connection) -> list[Happening]:
    name, snippet = loose.name(told.get("id")), loose.within(told, "snippet")
    sent_at, edited_at = loose.moment(snippet.get("publishedAt")), loose.moment(snippet.get("updatedAt"))
    if sent_at is None:
        raise Unreadable("a comment without its time")
    who, post = author_of(told, loose.count(raw.meta.get("subscribers"))), _video(told, raw)
    url = f"{SITE}/watch?v={quote(post.external_id, safe='')}&lc={quote(name, safe='')}"
    words, parent = words_of(snippet), loose.text(snippet.get("parentId"), 200)
    edited = [Edited(name, words, edited_at)] if edited_at and edited_at > sent_at else []
    if who.external_id == connection.config.get("own_id"):
        to = loose.within(raw.meta, "to")
        if not to.get("id") or not parent:
            return []  # a comment of our own that answers nobody
        whom = Author(loose.name(to.get("id")), loose.text(to.get("name"), 200))
        echo = Echo(name, post.thread_of(whom), sent_at, words, to=whom, in_reply_to=(parent,), form="comment", url=url)
        return [echo, *edited]
    status = loose.text(snippet.get("moderationStatus"), 50)
    said = Inbound(
        name, who, post.thread_of(who), sent_at, words, attachments=_pictures(snippet), form="comment", parent=parent,
        url=url, reach=Reach(likes=loose.count(snippet.get("likeCount")), replies=loose.count(raw.meta.get("replies"))),
        hidden=status in HELD, extra={"moderation": status} if status in HELD else {},
    )  # fmt: skip
    return [said, *edited]


def author_of(told: Told, subscribers: int | None = None) -> Author:
    """Who wrote a comment. Whoever left YouTube since has no channel any more."""
    snippet = loose.within(told, "snippet")
    channel = loose.text(loose.within(snippet, "authorChannelId").get("value"), 200)
    name = loose.text(snippet.get("authorDisplayName"), 200)
    return Author(
        channel or f"nobody/{loose.name(told.get('id'))}"[:255], name, handle=name if name.startswith("@") else "",
        avatar_url=loose.text(snippet.get("authorProfileImageUrl"), 2000),
        url=loose.text(snippet.get("authorChannelUrl"), 2000),
        reach=None if subscribers is None else Reach(followers=subscribers),
    )  # fmt: skip


def words_of(snippet: Told) -> str:
    """The original is told to its author alone; we ask for plain text, so what is displayed is the words."""
    return loose.text(snippet.get("textOriginal")) or loose.text(snippet.get("textDisplay"))


def _video(told: Told, raw: Raw) -> Post:
    snippet = loose.within(told, "snippet")
    video = loose.text(raw.meta.get("video"), 200) or loose.text(snippet.get("videoId"), 200)
    return Post(video or loose.name(snippet.get("channelId")), url=f"{SITE}/watch?v={quote(video, safe='')}")


def _pictures(snippet: Told) -> tuple[Attachment, ...]:
    url = loose.text(snippet.get("imageUrl"), 2000)
    return (Attachment("picture", "image/jpeg", reference=url),) if url.startswith("https://") else ()


# --- How far things carry -------------------------------------------------------------------------


def _carried(told: Told, raw: Raw) -> list[Happening]:
    """https://developers.google.com/youtube/v3/docs/commentThreads"""
    top = loose.within(told, "snippet", "topLevelComment")
    likes = loose.count(loose.within(top, "snippet").get("likeCount"))
    replies = loose.count(loose.within(told, "snippet").get("totalReplyCount"))
    at = loose.moment(raw.meta.get("received_at"))
    if at is None:
        raise Unreadable("nobody wrote down when it was seen")
    return [Reached(loose.name(top.get("id")), Reach(likes=likes, replies=replies), at)]


def _watched(told: Told, raw: Raw) -> list[Happening]:
    """https://developers.google.com/youtube/v3/docs/videos#statistics"""
    at = loose.moment(raw.meta.get("received_at"))
    if at is None:
        raise Unreadable("nobody wrote down when it was seen")
    return [Reached(loose.name(told.get("id")), reach_of(told), at, of="post")]


def reach_of(video: Told) -> Reach:
    numbers = loose.within(video, "statistics")
    likes, replies, views = (number(numbers.get(f"{what}Count")) for what in ("like", "comment", "view"))
    return Reach(likes=likes, replies=replies, views=views)


def number(value: Any) -> int | None:
    """The API writes large numbers as text."""
    told = loose.text(value, 19)
    return int(told) if told.isascii() and told.isdigit() else loose.count(value)


def subscribers(channel: Told) -> int | None:
    """https://developers.google.com/youtube/v3/docs/channels#statistics.subscriberCount – who hides it has none."""
    numbers = loose.within(channel, "statistics")
    return None if numbers.get("hiddenSubscriberCount") is True else number(numbers.get("subscriberCount"))


def post_of(video: Told, own: str) -> Post:
    snippet, name = loose.within(video, "snippet"), loose.name(video.get("id"))
    channel = loose.text(snippet.get("channelId"), 200)
    return Post(
        name, loose.text(snippet.get("description")), loose.text(snippet.get("title"), 500),
        Author(channel, loose.text(snippet.get("channelTitle"), 200)) if channel else None,
        f"{SITE}/watch?v={quote(name, safe='')}", loose.moment(snippet.get("publishedAt")),
        channel == own if channel and own else None, reach=reach_of(video),
    )  # fmt: skip


# --- What a second look found ---------------------------------------------------------------------


def _looked(told: Told, raw: Raw) -> list[Happening]:
    name, at = loose.name(told.get("id")), loose.moment(raw.meta.get("received_at"))
    if at is None:
        raise Unreadable("nobody wrote down when it was seen")
    match told.get("look"):
        case "gone":
            return [Deleted(name, at)]
        case "held" | "shown":
            return [Hidden(name, at, shown=told["look"] == "shown")]
    return []


# --- The hub: https://developers.google.com/youtube/v3/guides/push_notifications --------------------


def _pushed(body: bytes, own: str) -> list[Happening]:
    """A new or changed video is looked at; one that is gone takes its comments along."""
    try:
        text = body.decode()
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise Unreadable("a feed has no document type")
        feed = ElementTree.fromstring(text)  # noqa: S314 - without a document type it has no entities to blow up
    except (ElementTree.ParseError, ValueError) as error:
        raise Unreadable(f"no XML: {error}"[:300]) from error
    found: list[Happening] = []
    for entry in list(feed)[:MOST_ENTRIES]:
        if entry.tag == f"{ATOM}entry":
            video, at = loose.name(entry.findtext(f"{YT}videoId")), loose.moment(entry.findtext(f"{ATOM}updated"))
            is_ours = not own or entry.findtext(f"{YT}channelId") == own
            at = at or loose.moment(entry.findtext(f"{ATOM}published"))
            if at is None:
                raise Unreadable("an entry without its time", found)
            found += [Pointer(f"video:{video}", at)] if is_ours else []
        elif entry.tag == TOMBSTONE:
            name, at = loose.text(entry.get("ref"), 200).removeprefix("yt:video:"), loose.moment(entry.get("when"))
            if not name or at is None:
                raise Unreadable("a deleted entry without its name or time", found)
            found.append(Deleted(name, at))
    return found
