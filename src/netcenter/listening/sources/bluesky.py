"""Every public post of Bluesky as it is written, by Jetstream: https://docs.bsky.app/blog/jetstream

A line is opened for a few seconds, read on from where it ended, and what speaks of nothing we listen for is dropped at
once. Only of what is kept its author is asked for.
"""

import time
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from netcenter.channels.contract.failures import ChannelError
from netcenter.channels.contract.lines import open_socket
from netcenter.lib.text import clean
from netcenter.listening.sources.heard import Asked, Harvest, Heard, SourceFailed, fetch, iso, text

REAL = "wss://jetstream2.us-east.bsky.network/subscribe"
WHO = "https://public.api.bsky.app"
POSTS = "app.bsky.feed.post"
SECONDS, MOST_FRAMES, MOST_KEPT = 12.0, 20_000, 100
QUIET = 2.0
BACK = timedelta(hours=12)  # older cursors are no longer served
STEP_BACK = 2_000_000  # microseconds that are read twice, so that none is skipped


def read(asked: Asked) -> Harvest:
    """What was said since the last time. Raises SourceFailed."""
    base = asked.address or REAL
    start = _start(asked)
    query = {"wantedCollections": POSTS, **({"cursor": start} if start else {})}
    found: list[Heard] = []
    last, now_us, began = start or 0, int(asked.now.timestamp() * 1e6), time.monotonic()
    try:
        with open_socket(f"{base}?{urlencode(query)}") as line:
            for n, frame in enumerate(line.frames(QUIET)):
                if frame is not None:
                    at, one = heard(frame, asked)
                    last = max(last, at)
                    if one is not None:
                        found.append(one)
                if frame is None or last > now_us or n >= MOST_FRAMES or len(found) >= MOST_KEPT:
                    break
                if time.monotonic() - began > SECONDS:
                    break
    except ChannelError as error:
        if not found and not last:
            raise SourceFailed(str(error)) from error
    behind = bool(last) and last < now_us - 5_000_000
    return Harvest(
        tuple(map(_with_author, found)), {"cursor": last} if last else dict(asked.state), "Bluesky", more=behind
    )


def _start(asked: Asked) -> int:
    told = asked.state.get("cursor")
    oldest = int((asked.now - BACK).timestamp() * 1e6)
    return max(oldest, told - STEP_BACK) if isinstance(told, int) and told > 0 else 0


def heard(frame: bytes, asked: Asked) -> tuple[int, Heard | None]:
    """(when the server saw it in microseconds, the post if it is one that is wanted)."""
    try:
        told = orjson.loads(frame)
        at, commit = int(told["time_us"]), told.get("commit") or {}
        record, did = commit.get("record") or {}, told["did"]
        words = record.get("text")
        if (
            commit.get("operation") != "create"
            or commit.get("collection") != POSTS
            or not isinstance(words, str)
            or not asked.wants(words)
        ):
            return at, None
        key = str(commit["rkey"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        return 0, None
    if (
        not isinstance(words, str)
        or not isinstance(did, str)
        or not did.startswith("did:")
        or len(did) > 200
        or len(key) > 200
    ):
        return at, None
    languages = record.get("langs")
    language = str(languages[0])[:10] if isinstance(languages, list) and languages else ""
    sent_at = min(iso(record.get("createdAt")) or asked.now, asked.now)
    url = f"https://bsky.app/profile/{quote(did, safe=':')}/post/{quote(key, safe='')}"
    author = {"id": did, "name": "", "url": f"https://bsky.app/profile/{quote(did, safe=':')}"}
    name = f"at://{did}/{POSTS}/{key}"
    return at, Heard(name, url, sent_at, "", clean(words)[:3000], author, "Bluesky", language=language)


def _with_author(one: Heard) -> Heard:
    """The same with the author's name and followers, where the network tells; it is no loss where it does not."""
    where = f"{WHO}/xrpc/app.bsky.actor.getProfile?{urlencode({'actor': one.author['id']})}"
    try:
        answered, _at = fetch(where, timeout=5.0, limit=200_000)
        told: Any = orjson.loads(answered.body) if answered.status == 200 else {}
    except (SourceFailed, orjson.JSONDecodeError):
        return one
    if not isinstance(told, dict):
        return one
    name, handle, followers = told.get("displayName"), told.get("handle"), told.get("followersCount")
    more = {
        "name": text(name, 200), "handle": f"@{text(handle, 200)}" if handle else "",
        "followers": followers if isinstance(followers, int) and 0 <= followers < 2**31 else None,
    }  # fmt: skip
    author = {**one.author, **{k: v for k, v in more.items() if v}}
    return Heard(one.name, one.url, one.sent_at, one.title, one.text, author, one.where, language=one.language)
