"""What came in lately, looked at again: is it still there, and how far does it carry by now?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from netcenter.channels.bluesky import keys
from netcenter.channels.bluesky.wire import Pds
from netcenter.channels.contract import ChannelError, Raw, loose

Told = Mapping[str, Any]

MOST = 200  # posts that are watched, the newest
EVERY = 300.0  # seconds between two looks
BATCH = 25  # of app.bsky.feed.getPosts
COUNTS = ("likeCount", "repostCount", "quoteCount", "replyCount")


def is_due(state: dict[str, Any], now: float) -> bool:
    """Whether it is time to look; from the first call on it is every so often."""
    if now - float(state.setdefault("looked", now)) < EVERY:
        return False
    state["looked"] = now
    return True


def note(state: dict[str, Any], uri: str) -> None:
    """Watch this post from now on."""
    watch: dict[str, str] = state.setdefault("watch", {})
    watch.setdefault(uri, "")
    if len(watch) > MOST:
        del watch[min(watch, key=_age)]


def _age(uri: str) -> str:
    """Its own name, which begins with the time; a cursor that was kept as JSON may have lost its order."""
    return uri.rpartition("/")[2]


def look(api: Pds, state: dict[str, Any], now: float) -> list[Raw]:
    """What has changed since it was last seen."""
    watch: dict[str, str] = state["watch"]
    uris, raws = [uri for uri in watch if keys.place_of(uri)], []
    meta = {"received_at": datetime.fromtimestamp(now, UTC).isoformat(), "own": api.did}
    for n in range(0, len(uris), BATCH):
        asked = uris[n : n + BATCH]
        posts = loose.objects(api.query("app.bsky.feed.getPosts", {"uris": asked}).get("posts"))
        there = {str(post.get("uri")): post for post in posts}
        for uri in asked:
            if uri not in there:
                if not is_there(uri, api):
                    del watch[uri]
                    raws.append(Raw(orjson.dumps({"look": "gone", "uri": uri}), f"g:{uri}", meta))
            elif (carries := _carries(there[uri])) != watch[uri]:
                watch[uri] = carries
                body = orjson.dumps({"look": "reach", "post": dict(there[uri])})
                raws.append(Raw(body, f"r:{uri}:{carries}:{int(now)}", meta))
    return raws


def _carries(post: Told) -> str:
    return "/".join(str(loose.count(post.get(name)) or 0) for name in COUNTS)


def is_there(uri: str, api: Pds) -> bool:
    """Whether its writer's repository still has it: posts may be missing from a list for many reasons."""
    place = keys.place_of(uri)
    if place is None:
        return True
    try:
        api.query("com.atproto.repo.getRecord", {"repo": place[0], "collection": place[1], "rkey": place[2]})
    except ChannelError as error:
        if error.reason == "gone":
            return False
        if error.reason in ("rate", "token"):
            raise
    return True
