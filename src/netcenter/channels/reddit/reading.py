"""What Reddit tells, understood. Pure.

A thing is {"kind": "t1" | "t3" | "t4", "data": …}: a comment, a post, a private message. Beside it (`Raw.meta`) stands
where it was found ("inbox", "subreddit", "search", "own") and, of our own comments, whom they are for. What a second
look found has our own form: {"look": "changed", "thing": …, "before": …}.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from netcenter.channels.contract import (
    Attachment,
    Author,
    Connection,
    Deleted,
    Echo,
    Edited,
    Form,
    Happening,
    Hidden,
    Inbound,
    Post,
    Raw,
    Reach,
    Reached,
    ThreadRef,
    Unreadable,
    loose,
)

Told = Mapping[str, Any]

SITE = "https://www.reddit.com"
GONE, REMOVED = "[deleted]", "[removed]"  # instead of the words, or of the author
MACHINES = ("automoderator", "reddit", "welcomebot")
_POST_ID = re.compile(r"/comments/([0-9a-z]{1,13})/")
_NAME = re.compile(r"t[1-6]_[0-9a-z]{1,13}")


def parse(raw: Raw, connection: Connection) -> list[Happening]:
    """Raises Unreadable."""
    told = loose.an_object(raw.body)
    if "look" in told:
        return _looked(told, raw)
    kind, data = loose.text(told.get("kind"), 10), loose.within(told, "data")
    if kind not in ("t1", "t3", "t4"):
        raise Unreadable("neither a comment, nor a post, nor a message")
    name, sent_at = _name(data.get("name")), moment(data.get("created_utc"))
    if sent_at is None:
        raise Unreadable("a thing without its time")
    if _is_ours(data, connection):
        return _said_by_us(kind, name, data, sent_at, raw)
    if kind == "t4":
        return [_message(name, data, sent_at)]
    return [_said(kind, name, data, sent_at, raw), *_edited(name, kind, data)]


# --- Comments and posts: https://www.reddit.com/dev/api/oauth#GET_message_{where} -------------------


def _said(kind: str, name: str, data: Told, sent_at: datetime, raw: Raw) -> Inbound:
    who, post = author_of(data), post_of_thing(kind, data)
    found = loose.text(raw.meta.get("found"), 20)
    state = state_of(kind, data)
    parent = loose.text(data.get("parent_id"), 30)
    return Inbound(
        name, who, post.thread_of(who), sent_at, words_of(kind, data),
        attachments=files_of(data) if kind == "t3" else (), form=_form(kind, data, found),
        parent=parent if parent.startswith("t1_") else "", url=_url(data), reach=reach_of(kind, data),
        extra=_beside(kind, data), hidden=state == "hidden",
        automatic="auto_reply" if who.name.lower() in MACHINES else "",
    )  # fmt: skip


def _form(kind: str, data: Told, found: str) -> Form:
    if kind == "t3":
        return "mention" if found == "search" else "post"
    return "mention" if data.get("type") == "username_mention" else "comment"


def _beside(kind: str, data: Told) -> dict[str, Any]:
    subreddit, flair = loose.text(data.get("subreddit"), 100), loose.text(data.get("author_flair_text"), 200)
    awards, cross = loose.count(data.get("total_awards_received")), loose.text(data.get("crosspost_parent"), 30)
    beside = {"subreddit": f"r/{subreddit}" if subreddit else "", "flair": flair, "awards": awards or None,
              "crosspost_of": cross if kind == "t3" else ""}  # fmt: skip
    return {key: value for key, value in beside.items() if value}


def author_of(data: Told) -> Author:
    """Names there are for ever, and so are ids (t2_…); who has left has neither."""
    name, id = loose.text(data.get("author"), 50), loose.text(data.get("author_fullname"), 30)
    subreddit = loose.text(data.get("subreddit"), 50)
    if name in (GONE, REMOVED) or (not name and not subreddit):
        return Author(f"deleted/{_name(data.get('name'))}")
    if not name:  # a message of a subreddit: its moderators stay unnamed
        return Author(f"r/{subreddit.lower()}", f"r/{subreddit}", handle=f"r/{subreddit}", url=f"{SITE}/r/{subreddit}")
    is_id = bool(_NAME.fullmatch(id))
    profile = {"bot": True} if name.lower() in MACHINES else {}
    return Author(
        id if is_id else f"u/{name.lower()}", name, handle=f"u/{name}", url=f"{SITE}/user/{name}", profile=profile
    )


def post_of_thing(kind: str, data: Told) -> Post:
    """The post that a comment stands under, with as much as is told; of a post, itself."""
    if kind == "t3":
        return post_of(data, None)
    context = _POST_ID.search(loose.text(data.get("context"), 500) or loose.text(data.get("permalink"), 500))
    name = loose.text(data.get("link_id"), 30) or (f"t3_{context[1]}" if context else "")
    above = loose.text(data.get("parent_id"), 30)
    if not _NAME.fullmatch(name):
        name = above if above.startswith("t3_") else ""
    return Post(_name(name), title=loose.text(data.get("link_title"), 400))


def post_of(data: Told, own: bool | None) -> Post:
    return Post(
        _name(data.get("name")), loose.text(data.get("selftext")), loose.text(data.get("title"), 400), author_of(data),
        _url(data), moment(data.get("created_utc")), own, files_of(data), reach_of("t3", data),
    )  # fmt: skip


def words_of(kind: str, data: Told) -> str:
    """A post has a title above its words, and a link below them where it leads elsewhere."""
    if kind != "t3":
        return loose.text(data.get("body"))
    url = loose.text(data.get("url"), 2000) if data.get("is_self") is False and not files_of(data) else ""
    parts = (loose.text(data.get("title"), 400), loose.text(data.get("selftext")), url)
    return "\n\n".join(part for part in parts if part)


def files_of(data: Told) -> tuple[Attachment, ...]:
    """The picture of a post of pictures."""
    url, hint = loose.text(data.get("url"), 2000), loose.text(data.get("post_hint"), 20)
    try:
        is_picture = hint == "image" and urlsplit(url).hostname == "i.redd.it" and url.startswith("https://")
    except ValueError:
        is_picture = False
    return (Attachment("picture", "image/jpeg", reference=url),) if is_picture else ()


def reach_of(kind: str, data: Told) -> Reach:
    """Votes, and how often a post was answered and posted elsewhere. A score may be hidden at first, or below 0."""
    score = None if data.get("score_hidden") is True else loose.count(data.get("score"))
    if kind != "t3":
        return Reach(likes=score)
    replies, shares = loose.count(data.get("num_comments")), loose.count(data.get("num_crossposts"))
    return Reach(likes=score, replies=replies, shares=shares, views=loose.count(data.get("view_count")))


def state_of(kind: str, data: Told) -> str:
    """ "there", "gone" (its author deleted it) or "hidden" (moderators or Reddit removed it: others do not see it)."""
    words = loose.text(data.get("selftext" if kind == "t3" else "body"), 50)
    category = loose.text(data.get("removed_by_category"), 50)
    if (
        words == GONE
        or category in ("deleted", "author")
        or (kind == "t3" and data.get("author") == GONE and not category)
    ):
        return "gone"
    removed = data.get("removed") is True or data.get("spam") is True or bool(data.get("banned_by"))
    return "hidden" if words == REMOVED or category or removed else "there"


def edited_at(data: Told) -> datetime | None:
    """`edited` is false, or when."""
    return moment(data.get("edited")) if data.get("edited") is not True else None


def _edited(name: str, kind: str, data: Told) -> list[Happening]:
    at = edited_at(data)
    return [Edited(name, words_of(kind, data), at)] if at else []


def _url(data: Told) -> str:
    path = loose.text(data.get("permalink"), 500) or loose.text(data.get("context"), 500)
    return f"{SITE}{path}" if path.startswith("/") else ""


# --- Private messages -------------------------------------------------------------------------------


def _message(name: str, data: Told, sent_at: datetime) -> Inbound:
    who = author_of(data)
    automatic = "list" if who.name.lower() in MACHINES or data.get("distinguished") in ("admin", "gold-auto") else ""
    return Inbound(
        name, who, _talk(name, data), sent_at, loose.text(data.get("body")), in_reply_to=_above(data),
        form="message", url=f"{SITE}/message/messages/{name[3:]}", automatic=automatic,  # type: ignore[arg-type]
    )  # fmt: skip


def _talk(name: str, data: Told) -> ThreadRef:
    first = loose.text(data.get("first_message_name"), 30)
    subject = loose.text(data.get("subject"), 200).removeprefix("re: ")
    return ThreadRef(first if _NAME.fullmatch(first) else name, "private", subject)


def _above(data: Told) -> tuple[str, ...]:
    above = loose.text(data.get("parent_id"), 30)
    return (above,) if above.startswith("t4_") else ()


# --- What we said -----------------------------------------------------------------------------------


def _is_ours(data: Told, connection: Connection) -> bool:
    own, name = str(connection.config.get("own_id") or ""), str(connection.config.get("username") or "").lower()
    if own and data.get("author_fullname"):
        return data.get("author_fullname") == own
    return bool(name) and loose.text(data.get("author"), 50).lower() == name


def _said_by_us(kind: str, name: str, data: Told, sent_at: datetime, raw: Raw) -> list[Happening]:
    """An answer of ours to somebody; a post of ours answers nobody."""
    words = words_of(kind, data)
    if kind == "t4":
        return [Echo(name, _talk(name, data), sent_at, words, in_reply_to=_above(data), form="message")]
    to = loose.within(raw.meta, "to")
    if kind == "t3" or not to.get("id"):
        return []
    whom = Author(loose.name(to.get("id")), loose.text(to.get("name"), 50))
    above = _name(data.get("parent_id"))
    thread = post_of_thing(kind, data).thread_of(whom)
    echo = Echo(
        name, thread, sent_at, words, to=whom, in_reply_to=(above,), form="comment", url=_url(data)
    )  # fmt: skip
    return [echo, *_edited(name, kind, data)]


# --- What a second look found -----------------------------------------------------------------------


def _looked(told: Told, raw: Raw) -> list[Happening]:
    at = moment(raw.meta.get("seen_at"))
    if at is None:
        raise Unreadable("nobody wrote down when it was seen")
    if told.get("look") == "missing":
        return [Deleted(_name(told.get("name")), at)]
    if told.get("look") != "changed":
        return []
    thing, before = loose.within(told, "thing"), loose.text(told.get("before"), 20)
    kind, data = loose.text(thing.get("kind"), 10), loose.within(thing, "data")
    name, state = _name(data.get("name")), state_of(kind, data)
    if state == "gone":
        return [Deleted(name, at, by="author")] if before != "gone" else []
    found: list[Happening] = []
    if state == "hidden" and before != "hidden":
        found.append(Hidden(name, at, by="network" if data.get("body") == REMOVED else ""))
    if state == "there":
        found += [Hidden(name, at, shown=True)] if before == "hidden" else []
        found += _edited(name, kind, data)
    reach = reach_of(kind, data)
    found.append(Reached(name, reach, at))
    if kind == "t3":
        found.append(Reached(name, reach, at, of="post"))
    return found


# --- Parts ------------------------------------------------------------------------------------------


def _name(value: Any) -> str:
    told = loose.text(value, 40)
    if not _NAME.fullmatch(told):
        raise Unreadable("a name is missing")
    return told


def moment(value: Any) -> datetime | None:
    """Seconds since 1970, perhaps with a fraction; None for what is no time."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 10**11:
        return None
    return datetime.fromtimestamp(value, UTC)
