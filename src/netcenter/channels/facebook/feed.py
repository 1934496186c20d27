"""What a page is told: of its posts, of others' posts on it, of mentions and of recommendations.

https://developers.facebook.com/docs/graph-api/webhooks/reference/page
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
    Hidden,
    Inbound,
    Post,
    Reach,
    Reaction,
    Review,
)  # fmt: skip
from netcenter.channels.meta import messaging
from netcenter.channels.meta.reading import file_at, listed, moment, name, within, words

POSTS = {"post", "status", "photo", "video", "share", "link", "note", "album", "story"}
NOBODY = "somebody"  # people who let no app see who they are have no id: each of their words is somebody's


def told(entry: Mapping[str, Any]) -> Iterator[Happening]:
    """What an entry of a page means; nothing when it is of no concern."""
    own = name(entry["id"])
    for event in [*listed(entry.get("messaging")), *listed(entry.get("standby"))]:
        yield from messaging.happened(event, own)
    for change in listed(entry.get("changes")):
        yield from happened(change["field"], change["value"], moment(entry.get("time", 0)), own)


def happened(field: str, value: Mapping[str, Any], at: datetime, own: str) -> Iterator[Happening]:
    """What one change means."""
    if field == "feed":
        yield from _of_the_feed(value, at, own)
    elif field == "mention" and value.get("verb", "add") == "add":
        yield _mentioned(value, at)
    elif field == "ratings":
        yield from _rated(value, at, own)


def _of_the_feed(value: Mapping[str, Any], at: datetime, own: str) -> Iterator[Happening]:
    item, verb = words(value.get("item")), words(value.get("verb"))
    if item in ("reaction", "like"):
        target = value.get("comment_id") or value.get("post_id")
        what = words(value.get("reaction_type")) or "like"
        yield Reaction(name(target), _author(value), what, _said_at(value, at), added=verb != "remove")
        return
    if item != "comment" and item not in POSTS:
        return
    said = name(value["comment_id"] if item == "comment" else value["post_id"])
    if verb == "remove":
        yield Deleted(said, at)
    elif verb in ("hide", "unhide"):
        yield Hidden(said, at, shown=verb == "unhide")
    elif verb in ("edit", "edited"):
        yield Edited(said, words(value.get("message")), at)
    elif verb == "add" and item == "comment":
        yield _comment(said, value, at, own)
    elif verb == "add" and _author(value).external_id != own:
        post = _post(value)
        yield Inbound(
            said, _author(value), post.thread_of(_author(value)), _said_at(value, at), _text(value),
            attachments=_files(value), form="post", url=post.url,
        )  # fmt: skip


def _comment(said: str, value: Mapping[str, Any], at: datetime, own: str) -> Inbound | Echo:
    author, post = _author(value), _post(value)
    parent = words(value.get("parent_id"))
    parent = "" if parent == post.external_id else parent
    sent_at, text = _said_at(value, at), _text(value)
    if author.external_id == own:
        before = (parent,) if parent else ()
        return Echo(
            said, post.thread_of(author), sent_at, text, attachments=_files(value), in_reply_to=before, form="comment"
        )
    return Inbound(
        said, author, post.thread_of(author), sent_at, text, attachments=_files(value), form="comment", parent=parent,
        url=words(value.get("permalink_url")), hidden=value.get("is_hidden") is True,
    )  # fmt: skip


def _mentioned(value: Mapping[str, Any], at: datetime) -> Inbound:
    author = Author(
        str(value.get("sender_id") or within(value, "from", "id") or _nobody(value))[:200],
        words(value.get("sender_name") or within(value, "from", "name")),
    )
    post = Post(name(value["post_id"]), ours=False, url=_link(value["post_id"]))
    return Inbound(
        name(value.get("comment_id") or value["post_id"]), author, post.thread_of(author), _said_at(value, at),
        words(value.get("message")), form="mention",
    )  # fmt: skip


def _rated(value: Mapping[str, Any], at: datetime, own: str) -> Iterator[Happening]:
    """A recommendation is a story: comments stand under it as under a post."""
    item, verb = words(value.get("item")), words(value.get("verb"))
    story = name(value["open_graph_story_id"])
    author = Author(str(value.get("reviewer_id") or _nobody(value))[:200], words(value.get("reviewer_name")))
    if item == "comment":
        yield from _of_the_feed({**value, "post_id": story, "item": "comment"}, at, own)
    elif item in ("reaction", "like"):
        yield from _of_the_feed({**value, "post_id": value.get("comment_id") or story}, at, own)
    elif verb == "remove":
        yield Deleted(story, at)
    elif verb in ("edit", "edited"):
        yield Edited(story, words(value.get("review_text")), at)
    elif verb == "add":
        stars = value.get("rating")
        likes = {"positive": True, "negative": False}.get(words(value.get("recommendation_type")))
        review = Review(float(stars) if isinstance(stars, int) and 1 <= stars <= 5 else None, likes)
        yield Inbound(
            story, author, Post(story).thread_of(author), _said_at(value, at), words(value.get("review_text")),
            form="review", review=review,
        )  # fmt: skip


# --- Parts ----------------------------------------------------------------------------------------


def _author(value: Mapping[str, Any]) -> Author:
    told = value.get("from")
    return Author(
        str(within(told, "id") or value.get("sender_id") or _nobody(value))[:200],
        words(within(told, "name") or value.get("sender_name")),
    )


def _nobody(value: Mapping[str, Any]) -> str:
    return f"{NOBODY}:{value.get('comment_id') or value.get('post_id') or value.get('open_graph_story_id')}"


def _post(value: Mapping[str, Any]) -> Post:
    told = value.get("post")
    promotion = words(within(told, "promotion_status"))
    is_dark = within(told, "is_published") is False  # an advertisement that was never a post
    promoted = is_dark or promotion in ("active", "extendable", "finished", "paused") if promotion or is_dark else None
    url = words(within(told, "permalink_url")) or _link(value["post_id"])
    return Post(name(value["post_id"]), url=url, reach=Reach(promoted=promoted) if promoted is not None else None)


def _said_at(value: Mapping[str, Any], at: datetime) -> datetime:
    return moment(value["created_time"]) if value.get("created_time") else at


def _text(value: Mapping[str, Any]) -> str:
    """What was written; of something shared also where it leads."""
    text, link = words(value.get("message")), words(value.get("link"))
    is_file = value.get("photo") or value.get("video") or value.get("item") in ("photo", "video")
    return "\n".join(part for part in (text, "" if is_file or link in text else link) if part)


def _files(value: Mapping[str, Any]) -> tuple[Attachment, ...]:
    photos = [value.get("photo"), *listed(value.get("photos"))]
    if value.get("item") == "photo":
        photos.append(value.get("link"))
    films = [value.get("video"), value.get("link") if value.get("item") == "video" else None]
    seen = dict.fromkeys([(url, "image") for url in photos if url] + [(url, "video") for url in films if url])
    return tuple(file_at(url, kind) for url, kind in seen)


def _link(post: Any) -> str:
    return f"https://www.facebook.com/{post}" if isinstance(post, str) and len(post) < 200 else ""


def post_of(told: Mapping[str, Any], page: str) -> Post:
    """A post as Graph tells it."""
    who = told.get("from") or {}
    promoted = told.get("is_published") is False or told.get("promotion_status") in ("active", "extendable", "finished")
    picture = told.get("full_picture")
    return Post(
        name(told["id"]), words(told.get("message")),
        author=Author(str(who["id"]), words(who.get("name"))) if who.get("id") else None,
        url=words(told.get("permalink_url")), sent_at=moment(told["created_time"]),
        ours=str(who.get("id")) == page, attachments=(file_at(picture, "image"),) if picture else (),
        reach=Reach(shares=within(told, "shares", "count"), promoted=promoted),
    )  # fmt: skip
