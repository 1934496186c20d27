"""Public words: mentions, replies and quotes, and our own.

Webhooks write posts as version 1.1 did, whatever is asked for as version 2 does.
https://docs.x.com/x-api/account-activity/introduction
https://docs.x.com/x-api/fundamentals/data-dictionary#post
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from netcenter.channels.contract import (
    Attachment,
    Author,
    Deleted,
    Echo,
    Edited,
    Form,
    Happening,
    Inbound,
    Post,
    Reach,
    Reached,
    Reaction,
)
from netcenter.channels.twitter.people import SITE, author_of
from netcenter.channels.twitter.values import (
    born,
    count,
    file_of,
    listed,
    moment,
    name,
    perhaps,
    said,
    within,
    words,
)


@dataclass(frozen=True, slots=True)
class Told:
    """A post, whichever version wrote it."""

    id: str  # of its first wording: an edit has an id of its own
    author: Author
    text: str
    at: datetime  # of this wording
    is_edited: bool = False
    conversation: str = ""
    reply_to: str = ""
    reply_to_user: str = ""
    quoted: str = ""
    quoted_user: str = ""
    is_repost: bool = False
    language: str = ""
    files: tuple[Attachment, ...] = ()
    reach: Reach | None = None
    is_blocked: bool = False  # we blocked who wrote it
    tool: str = ""  # with which it was written

    @property
    def url(self) -> str:
        return f"{SITE}/{self.author.handle.lstrip('@') or 'i'}/status/{self.id}"


# --- As version 1.1 ---------------------------------------------------------------------------------


def old(tweet: Mapping[str, Any], is_blocked: bool = False) -> Told:
    """https://docs.x.com/x-api/enterprise-gnip-2.0/fundamentals/account-activity#account-activity-data-object-structure"""
    id = name(tweet.get("id_str") or tweet["id"])
    whole = tweet.get("extended_tweet") if isinstance(tweet.get("extended_tweet"), Mapping) else tweet
    media = listed(within(whole, "extended_entities", "media")) or listed(within(whole, "entities", "media"))
    wordings = listed(within(tweet, "edit_history", "edit_tweet_ids"))
    first = within(tweet, "edit_history", "initial_tweet_id") or next(iter(wordings), id)
    quoted = tweet.get("quoted_status")
    stamp = tweet.get("timestamp_ms") or tweet["created_at"]
    tool = words(tweet.get("source"))
    return Told(
        name(first), author_of(tweet["user"]),
        said(within(whole, "full_text") or tweet.get("text"), listed(within(whole, "entities", "urls")), media),
        moment(stamp), name(first) != id,
        perhaps(tweet.get("conversation_id_str") or tweet.get("conversation_id")),
        perhaps(tweet.get("in_reply_to_status_id_str") or tweet.get("in_reply_to_status_id")),
        perhaps(tweet.get("in_reply_to_user_id_str") or tweet.get("in_reply_to_user_id")),
        perhaps(tweet.get("quoted_status_id_str") or tweet.get("quoted_status_id")),
        perhaps(within(quoted, "user", "id_str") or within(quoted, "user", "id")),
        isinstance(tweet.get("retweeted_status"), Mapping), _language(tweet.get("lang")),
        tuple(file_of(one) for one in media if isinstance(one, Mapping)),
        _reach(tweet.get("favorite_count"), tweet.get("reply_count"), tweet.get("retweet_count"),
               tweet.get("quote_count")),
        is_blocked, tool.rpartition("\">")[2].removesuffix("</a>")[:100],
    )  # fmt: skip


# --- As version 2 -----------------------------------------------------------------------------------


def new(tweet: Mapping[str, Any], includes: Mapping[str, Any]) -> Told:
    id = name(tweet["id"])
    long = tweet.get("note_tweet")
    whole = long if isinstance(long, Mapping) and long.get("text") else tweet
    keys = listed(within(tweet, "attachments", "media_keys"))
    media = [one for one in listed(includes.get("media")) if within(one, "media_key") in keys]
    near = {within(one, "type"): perhaps(within(one, "id")) for one in listed(tweet.get("referenced_tweets"))}
    wordings = listed(tweet.get("edit_history_tweet_ids"))
    first, figures = name(next(iter(wordings), id)), tweet.get("public_metrics")
    links = [*listed(within(whole, "entities", "urls")), *listed(within(tweet, "entities", "urls"))]
    return Told(
        first, _person(tweet["author_id"], includes), said(whole.get("text"), links), moment(tweet["created_at"]),
        first != id, perhaps(tweet.get("conversation_id")), near.get("replied_to", ""),
        perhaps(tweet.get("in_reply_to_user_id")) if "replied_to" in near else "", near.get("quoted", ""),
        _author_id(near.get("quoted", ""), includes), "retweeted" in near, _language(tweet.get("lang")),
        tuple(file_of(one) for one in media),
        _reach(*(within(figures, f"{one}_count") for one in ("like", "reply", "retweet", "quote", "impression"))),
        tool=words(tweet.get("source"))[:100],
    )  # fmt: skip


def _person(id: Any, includes: Mapping[str, Any]) -> Author:
    """With the id alone the house asks for the rest."""
    wanted = name(id)
    users = (one for one in listed(includes.get("users")) if str(within(one, "id")) == wanted)
    return next((author_of(one) for one in users), Author(wanted))


def _author_id(post: str, includes: Mapping[str, Any]) -> str:
    posts = (one for one in listed(includes.get("tweets")) if post and str(within(one, "id")) == post)
    return next((perhaps(one.get("author_id")) for one in posts), "")


def _reach(likes: Any, replies: Any, reposts: Any, quotes: Any, views: Any = None) -> Reach | None:
    shares = [one for one in (count(reposts), count(quotes)) if one is not None]
    found = Reach(
        likes=count(likes), replies=count(replies), shares=sum(shares) if shares else None, views=count(views)
    )
    return found if found != Reach() else None


def _language(told: Any) -> str:
    """ "und", "zxx", "qme" and their like say that there is none."""
    found = words(told)
    return found if 2 <= len(found) <= 10 and found not in ("und", "zxx") and not found.startswith("q") else ""


# --- What it means ----------------------------------------------------------------------------------


def happened(told: Told, own: str) -> Iterator[Happening]:
    if told.is_repost:
        return  # nobody says anything
    if told.author.external_id == own:
        yield from _ours(told)
        return
    post = _post(told, own)
    first_at = born(told.id, told.at) if told.is_edited else told.at
    yield Inbound(
        told.id, told.author, post.thread_of(told.author), min(first_at, told.at), told.text, attachments=told.files,
        form=_form(told, own), parent=told.reply_to or told.quoted, url=told.url, language=told.language,
        reach=told.reach, extra={"blocked": True} if told.is_blocked else {},
        in_reply_to=(told.reply_to,) if told.reply_to and told.reply_to_user in (own, told.author.external_id) else (),
    )  # fmt: skip
    if told.is_edited:
        yield Edited(told.id, told.text, told.at, told.files)


def _form(told: Told, own: str) -> Form:
    if told.reply_to and told.reply_to_user == own:
        return "comment"
    return "quote" if told.quoted and told.quoted_user in (own, "") else "mention"


def _post(told: Told, own: str) -> Post:
    """What it stands under: the beginning of its conversation, where that is told; what it answers or quotes, else.

    Webhooks name no conversation; the answer to a post of ours, the most common, is right all the same.
    """
    if told.reply_to:
        above = told.conversation or told.reply_to
        return Post(above, ours=True if above == told.reply_to and told.reply_to_user == own else None)
    if told.quoted and told.quoted_user in (own, ""):
        return Post(told.quoted, ours=True if told.quoted_user == own else None)
    return post_of(told, own)


def post_of(told: Told, own: str, promoted: bool | None = None) -> Post:
    """The post itself, for whoever reads what stands under it."""
    reach = told.reach or Reach()
    is_paid = promoted if promoted is not None else True if "advertiser" in told.tool.lower() else None
    reach = Reach(likes=reach.likes, replies=reach.replies, shares=reach.shares, views=reach.views, promoted=is_paid)
    return Post(
        told.id, told.text, author=told.author, url=told.url, sent_at=told.at, ours=told.author.external_id == own,
        attachments=told.files, reach=reach,
    )  # fmt: skip


def _ours(told: Told) -> Iterator[Happening]:
    """What we say by ourselves answers nobody. A new wording of an answer is told as such."""
    if not told.reply_to or told.reply_to_user in ("", told.author.external_id):
        return
    to = Author(told.reply_to_user)
    thread = Post(told.conversation or told.reply_to).thread_of(to)
    at = min(born(told.id, told.at), told.at) if told.is_edited else told.at
    yield Echo(
        told.id, thread, at, told.text, to, told.files, (told.reply_to,), sender_name=told.tool, form="comment",
        url=told.url,
    )  # fmt: skip
    if told.is_edited:
        yield Edited(told.id, told.text, told.at)


# --- What happens to posts --------------------------------------------------------------------------


def reposted(tweet: Mapping[str, Any], own: str) -> Iterator[Happening]:
    """Somebody carried ours on: that is how far it reaches by now."""
    told = old(tweet["retweeted_status"])
    if told.author.external_id == own and told.reach:
        yield Reached(told.id, told.reach, moment(tweet.get("timestamp_ms") or tweet["created_at"]), of="post")


def deleted(told: Mapping[str, Any], own: str) -> Iterator[Happening]:
    status = told["status"]
    by = "us" if perhaps(status.get("user_id")) == own else "author"
    yield Deleted(name(status["id"]), moment(told["timestamp_ms"]), by)  # type: ignore[arg-type]


def liked(told: Mapping[str, Any], own: str) -> Iterator[Happening]:
    who, what = author_of(told["user"]), told["favorited_status"]
    if who.external_id != own:
        at = moment(told.get("timestamp_ms") or told["created_at"])
        yield Reaction(name(what.get("id_str") or what["id"]), who, "like", at)
