"""What a delivery tells: each thing in it is read by itself, and one that cannot be read does not cost the others."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from netcenter.channels.contract import Connection, Forward, Happening, Raw, Trouble, Unreadable
from netcenter.channels.twitter import posts, talks
from netcenter.channels.twitter.client import own_id
from netcenter.channels.twitter.values import WRONG, listed, moment, name, within

# Of no concern, as the README says: follow_events, block_events, mute_events, direct_message_indicate_typing_events
KINDS = (
    "tweet_create_events", "tweet_delete_events", "favorite_events", "direct_message_events",
    "direct_message_mark_read_events", "posts", "dm_events",
)  # fmt: skip


def read(raw: Raw, connection: Connection) -> list[Happening]:
    """Everything in it. Raises Unreadable with what was readable. "posts" and "dm_events" are what we asked for."""
    try:
        told = orjson.loads(raw.body)
        own = own_id(connection)
        if revoked := told.get("user_event"):
            return list(_revoked(revoked))
        heard = name(told["for_user_id"])
    except (orjson.JSONDecodeError, *WRONG) as error:
        raise Unreadable(repr(error)[:300]) from error
    if own and heard != own:
        return [Forward(heard, Raw(raw.body, "sha256:" + hashlib.sha256(raw.body).hexdigest(), raw.meta))]
    found: list[Happening] = []
    flaws: list[str] = []
    for kind in KINDS:
        for one in _each(told.get(kind)):
            try:
                found += _happened(kind, one, told, heard)
            except WRONG as error:
                flaws.append(f"{kind}: {error!r}"[:200])
    if flaws:
        raise Unreadable("; ".join(flaws)[:1000], found)
    return found


def _each(told: Any) -> list[Any]:
    return listed(within(told, "data")) if isinstance(told, Mapping) else listed(told)


def _happened(kind: str, one: Any, told: Mapping[str, Any], own: str) -> list[Happening]:
    match kind:
        case "tweet_create_events":
            if isinstance(one.get("retweeted_status"), Mapping):
                return list(posts.reposted(one, own))
            return list(posts.happened(posts.old(one, told.get("user_has_blocked") is True), own))
        case "tweet_delete_events":
            return list(posts.deleted(one, own))
        case "favorite_events":
            return list(posts.liked(one, own))
        case "direct_message_events":
            return list(talks.old(one, told, own))
        case "direct_message_mark_read_events":
            return list(talks.read(one, own))
        case "posts":
            return list(posts.happened(posts.new(one, _includes(told[kind])), own))
    return list(talks.new(one, _includes(told[kind]), own))


def _includes(told: Mapping[str, Any]) -> Mapping[str, Any]:
    found = told.get("includes")
    return found if isinstance(found, Mapping) else {}


def _revoked(told: Any) -> Iterator[Happening]:
    """The person took the app's rights away. https://docs.x.com/x-api/account-activity/introduction"""
    if isinstance(within(told, "revoke"), Mapping):
        yield Trouble("token", moment(told["revoke"]["date_time"]), "the app's access was revoked on X")
