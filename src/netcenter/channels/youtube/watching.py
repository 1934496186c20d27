"""What is known of the newest threads, and what has changed since: in the cursor, bounded.

Of each thread: [when it was begun, when its first comment was changed, "likes/replies", {reply: when it was changed},
its state]. Everything that differs becomes a Raw.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson

from netcenter.channels.contract import Raw, loose
from netcenter.channels.youtube import reading

Told = Mapping[str, Any]

MOST = 250  # threads that are watched, the newest
MOST_REPLIES = 60  # of one thread
MOST_VIDEOS = 50  # whose views are looked at: what one call may name
SETTLED = timedelta(minutes=3)  # after which what we said ourselves is known by its receipt


class Seen:
    """A thread as it was when last looked at."""

    def __init__(self, kept: list[Any] | None = None) -> None:
        self.at, self.edited, self.carries, self.replies, self.state = kept or ["", "", "", {}, ""]

    def keep(self) -> list[Any]:
        newest = sorted(self.replies.items(), key=lambda reply: reply[1].rpartition("held:")[2])[-MOST_REPLIES:]
        return [self.at, self.edited, self.carries, dict(newest), self.state]

    @property
    def is_held(self) -> bool:
        return bool(self.state) and self.state != "published"


def of(state: dict[str, Any], thread: str) -> Seen | None:
    kept = state.setdefault("watch", {}).get(thread)
    return Seen(kept) if kept else None


def keep(state: dict[str, Any], thread: str, seen: Seen) -> None:
    """Of too many the oldest is watched no more."""
    watch = state.setdefault("watch", {})
    watch[thread] = seen.keep()
    while len(watch) > MOST:
        del watch[min(watch, key=lambda name: watch[name][0])]


def forget(state: dict[str, Any], thread: str) -> None:
    state.get("watch", {}).pop(thread, None)


def note_video(state: dict[str, Any], video: str, at: datetime | None) -> None:
    """Its views are looked at from now on: [how far it carries, when the last comment under it was begun]."""
    videos: dict[str, list[str]] = state.setdefault("videos", {})
    if video and at is not None:
        before = videos.get(video, ["", ""])
        videos[video] = [before[0], max(before[1], at.isoformat())]
    while len(videos) > MOST_VIDEOS:  # the oldest: a cursor that comes back from the database has no order
        del videos[min(videos, key=lambda name: videos[name][1])]


# --- Raws -------------------------------------------------------------------------------------------


def comment(one: Told, meta: Mapping[str, Any]) -> Raw:
    """A comment that was edited since, or held back, is told anew."""
    snippet = loose.within(one, "snippet")
    at, status = loose.text(snippet.get("updatedAt"), 40), loose.text(snippet.get("moderationStatus"), 40)
    held = f":{status}" if status and status != "published" else ""
    return Raw(orjson.dumps(dict(one)), f"c:{loose.name(one.get('id'))}:{at}{held}", dict(meta))


def looked(what: str, name: str, at: datetime) -> Raw:
    body = orjson.dumps({"look": what, "id": name})
    return Raw(body, f"l:{what}:{name}:{int(at.timestamp())}", {"received_at": at.isoformat()})


def carried(one: Told, carries: str, at: datetime) -> Raw:
    """A thread or a video, with how far it carries by now."""
    told = {key: value for key, value in one.items() if key != "replies"}
    name = f"r:{loose.name(one.get('id'))}:{carries}:{int(at.timestamp())}"
    return Raw(orjson.dumps(told), name, {"received_at": at.isoformat()})


# --- What a thread says of itself -------------------------------------------------------------------


def top_of(thread: Told) -> Told:
    return loose.within(thread, "snippet", "topLevelComment")


def video_of(thread: Told) -> str:
    return loose.text(loose.within(thread, "snippet").get("videoId"), 200)


def edited(one: Told) -> str:
    return loose.text(loose.within(one, "snippet").get("updatedAt"), 40)


def said_at(one: Told) -> datetime | None:
    return loose.moment(loose.within(one, "snippet").get("publishedAt"))


def total(thread: Told) -> int:
    return loose.count(loose.within(thread, "snippet").get("totalReplyCount")) or 0


def inline(thread: Told) -> list[Told]:
    """The replies that come with a thread: a few of them."""
    return loose.objects(loose.within(thread, "replies").get("comments"))


def carries(thread: Told) -> str:
    return f"{loose.count(loose.within(top_of(thread), 'snippet').get('likeCount')) or 0}/{total(thread)}"


def writers(comments: Iterable[Told]) -> list[str]:
    """The channels of whoever wrote these, each once."""
    named = (loose.within(one, "snippet", "authorChannelId").get("value") for one in comments)
    return list(dict.fromkeys(told for one in named if (told := loose.text(one, 200))))


def views(video: Told) -> str:
    reach = reading.reach_of(video)
    return "/".join(str(n or 0) for n in (reach.views, reach.likes, reach.replies))
