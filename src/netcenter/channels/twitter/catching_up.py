"""Asks X what there is: all the time where a plan has no webhooks, and after they may have lost something.

https://docs.x.com/x-api/posts/timelines/introduction
https://docs.x.com/x-api/posts/search/introduction
https://docs.x.com/x-api/direct-messages/lookup/introduction
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson

from netcenter.channels.contract import ChannelError, Polled, Raw, Reconciled
from netcenter.channels.twitter.client import X
from netcenter.channels.twitter.values import listed, moment, name, within

POSTS = {
    "tweet.fields": "id,text,author_id,created_at,conversation_id,in_reply_to_user_id,referenced_tweets,entities,"
    "attachments,public_metrics,lang,edit_history_tweet_ids,note_tweet,source",
    "expansions": "author_id,attachments.media_keys,referenced_tweets.id",
    "user.fields": "id,name,username,verified,verified_type,public_metrics,profile_image_url,description,location",
    "media.fields": "media_key,type,url,preview_image_url,variants,alt_text",
}
TALKS = {
    "event_types": "MessageCreate",
    "dm_event.fields": "id,text,event_type,created_at,dm_conversation_id,sender_id,attachments,entities",
    "expansions": "sender_id,attachments.media_keys,participant_ids",
    "user.fields": POSTS["user.fields"], "media.fields": POSTS["media.fields"],
}  # fmt: skip
SOURCES = ("mentions", "search", "dm_events", "timeline")  # our own timeline only when catching up
LASTS = timedelta(days=7) - timedelta(minutes=5)  # how far back the search looks
SETTLES = timedelta(seconds=30)  # the search does not take what is newer than ten seconds
PAGE = 100
_OURS = ("rate", "right")  # failures that cost their own source alone


def poll(x: X, own: str, handle: str, cursor: Mapping[str, Any]) -> Polled:
    """One page of each source. `cursor`: for each, the newest id that is read, and where reading it stopped."""
    raws: list[Raw] = []
    now: dict[str, Any] = {}
    failed: list[ChannelError] = []
    for source in SOURCES[:3]:
        kept = dict(cursor.get(source) or {})
        try:
            found, now[source] = _newer(x, source, own, handle, kept)
            raws += found
        except ChannelError as error:
            if error.reason not in _OURS:
                raise
            now[source] = kept
            failed.append(error)
    if len(failed) == 3:
        raise failed[0]
    return Polled(tuple(raws), now, more=any(one.get("token") for one in now.values()))


def _newer(x: X, source: str, own: str, handle: str, kept: dict[str, Any]) -> tuple[list[Raw], dict[str, Any]]:
    """A page, newest first; the next ones follow until what was read before. At first we only see where we stand."""
    since, token = str(kept.get("since") or ""), kept.get("token")
    query: dict[str, Any] = {"max_results": PAGE if since else 10}
    if since and source != "dm_events":
        query["since_id"] = since
    told = _asked(x, source, own, handle, {**query, **_page_of(source, token)})
    every = [one for one in listed(within(told, "data")) if not since or int(name(one["id"])) > int(since)]
    top = str(kept.get("top") or (every[0]["id"] if every else since))
    following = within(told, "meta", "next_token")
    if not since:
        return [], {"since": top or "1"}
    if following and len(every) == len(listed(within(told, "data"))) and every:
        return _raws(told, every, source, own), {"since": since, "top": top, "token": following}
    return _raws(told, every, source, own), {"since": top}


def page_of(
    x: X, own: str, handle: str, since: datetime, until: datetime, cursor: Mapping[str, Any]
) -> Reconciled:  # fmt: skip
    """One page of one source."""
    stage, token = int(cursor.get("stage", 0)), cursor.get("token")
    source = SOURCES[stage]
    query: dict[str, Any] = {"max_results": PAGE, **_span(source, since, until), **_page_of(source, token)}
    told: Any = {}
    whole = bool(cursor.get("whole", True))  # nothing was refused so far
    if query.get("start_time", "") <= query.get("end_time", ""):
        try:
            told = _asked(x, source, own, handle, query)
        except ChannelError as error:
            if error.reason != "right":
                raise
            whole = False  # a right that is missing costs its own source alone: the account's checks say so
    listed_here = listed(within(told, "data"))
    every = [one for one in listed_here if since <= moment(one["created_at"]) <= until]
    is_over = source == "dm_events" and any(moment(one["created_at"]) < since for one in listed_here)
    following = None if is_over else within(told, "meta", "next_token")
    more = bool(following) or stage + 1 < len(SOURCES)
    after = {"stage": stage, "token": following} if following else {"stage": stage + 1}
    raws = _raws(told, every, source, own)
    return Reconciled(
        tuple(raws), {**after, "whole": whole} if more else {}, more=more,
        present=tuple(_first(one) for one in every if _is_said_to_somebody(one, own)), lists_all=whole and not more,
    )  # fmt: skip


def _asked(x: X, source: str, own: str, handle: str, query: Mapping[str, Any]) -> Any:
    match source:
        case "search":
            if not handle:
                return {}
            return x.get("2/tweets/search/recent", {**POSTS, "query": about(handle), **query}, bucket="search")
        case "dm_events":
            return x.get("2/dm_events", {**TALKS, **query}, bucket="dm_events")
        case "timeline":
            more = {"exclude": "retweets", **query}
            return x.get(f"2/users/{own}/tweets", {**POSTS, **more}, bucket="timeline")
    return x.get(f"2/users/{own}/mentions", {**POSTS, **query}, bucket="mentions")


def about(handle: str) -> str:
    """What the mentions do not hold: whoever quotes us without a name. https://docs.x.com/x-api/posts/search/integrate/build-a-query"""
    return f'url:"/{handle}/status/" is:quote -from:{handle} -is:retweet'


def _span(source: str, since: datetime, until: datetime) -> dict[str, Any]:
    if source == "dm_events":
        return {}  # knows no times: newest first, until it is old enough
    if source == "search":
        since, until = max(since, until - LASTS), until - SETTLES
    return {"start_time": since.strftime("%Y-%m-%dT%H:%M:%SZ"), "end_time": until.strftime("%Y-%m-%dT%H:%M:%SZ")}


def _page_of(source: str, token: Any) -> dict[str, Any]:
    return {"next_token" if source == "search" else "pagination_token": token} if token else {}


def _raws(told: Any, every: list[Any], source: str, own: str) -> list[Raw]:
    """Each by itself, with those that it names: found again, it is the same delivery."""
    kind = "dm_events" if source == "dm_events" else "posts"
    includes = within(told, "includes") or {}
    return [_raw(kind, one, includes, own) for one in every]


def _raw(kind: str, one: Mapping[str, Any], includes: Mapping[str, Any], own: str) -> Raw:
    people = {one.get("author_id"), one.get("sender_id"), *str(one.get("dm_conversation_id", "")).split("-")}
    files = listed(within(one, "attachments", "media_keys"))
    near = [within(each, "id") for each in listed(one.get("referenced_tweets"))]
    kept = {
        "users": [each for each in listed(includes.get("users")) if each.get("id") in people],
        "media": [each for each in listed(includes.get("media")) if each.get("media_key") in files],
        "tweets": [
            {"id": each.get("id"), "author_id": each.get("author_id")}
            for each in listed(includes.get("tweets")) if each.get("id") in near
        ],
    }  # fmt: skip
    body = orjson.dumps({"for_user_id": own, kind: {"data": [one], "includes": kept}})
    return Raw(body, f"{kind}:{name(one['id'])}")


def _is_said_to_somebody(one: Mapping[str, Any], own: str) -> bool:
    """What we post by ourselves is listed in our timeline, answers nobody, and is kept by nobody here."""
    return one.get("author_id") != own or one.get("in_reply_to_user_id") not in (None, "", own)


def _first(one: Mapping[str, Any]) -> str:
    return name(next(iter(listed(one.get("edit_history_tweet_ids"))), one["id"]))
