"""What Google Play tells of a review.

https://developers.google.com/android-publisher/api-ref/rest/v3/reviews
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson

from netcenter.channels.contract import Author, Happening, Post, Raw, Unreadable, loose
from netcenter.channels.reviews import told
from netcenter.channels.reviews.watching import Item

_DEVICE = (
    "productName", "manufacturer", "deviceClass", "screenWidthPx", "screenHeightPx", "nativePlatform",
    "screenDensityDpi", "glEsVersion", "cpuModel", "cpuMake", "ramMb",
)  # fmt: skip


def read(raw: Raw, package: str) -> list[Happening]:
    """A review that we asked for, or a note of ours. Raises Unreadable."""
    if raw.meta.get("gone"):
        return told.vanished(raw)
    return list(told.happenings(review(loose.an_object(raw.body), package), told.seen_at(raw)))


def review(body: Mapping[str, Any], package: str) -> told.Told:
    """Raises Unreadable."""
    name, comments = told.named(body.get("reviewId")), loose.objects(body.get("comments"))
    said = next((loose.within(one, "userComment") for one in comments if "userComment" in one), None)
    at = moment(loose.within(said, "lastModified"))
    if said is None or at is None:
        raise Unreadable("a review has no words, or no time")
    title, text = _words(loose.text(said.get("originalText")) or loose.text(said.get("text")))
    likes = loose.count(said.get("thumbsUpCount"))
    return told.Told(
        name, told.mark_of(at, fine=True), app(package), Author(name, loose.text(body.get("authorName"), 200)), at,
        text, title, stars_of(said), _language(said), f"{app(package).url}&reviewId={name}",
        translation=loose.text(said.get("text")).strip() if said.get("originalText") else "", likes=likes,
        extra=_beside(said), reply=_reply(comments),
    )  # fmt: skip


def item(body: Mapping[str, Any]) -> Item | None:
    """What the watch remembers of it; None when it cannot be read: it must not hide the others."""
    try:
        one = review(body, "app")
    except Unreadable:
        return None
    mark = one.reply.mark if one.reply else ""
    agree = "" if one.likes is None else f"+{one.likes}"
    return Item(one.id, one.mark, mark, one.at.timestamp(), one.at, orjson.dumps(dict(body)), agree)


def _reply(comments: list[Mapping[str, Any]]) -> told.Reply | None:
    body = next((loose.within(one, "developerComment") for one in comments if "developerComment" in one), None)
    return None if body is None else reply(loose.text(body.get("text")), loose.within(body, "lastModified"))


def reply(text: str, at: Mapping[str, Any]) -> told.Reply | None:
    """Our reply, as a review or the answer to a reply tells it."""
    when = moment(at)
    return told.Reply(told.mark_of(when), when, text) if when is not None and text else None


def _words(text: str) -> tuple[str, str]:
    """Title and words; a tab parts them where people once gave titles."""
    title, tab, rest = text.partition("\t")
    return (title.strip(), rest.strip()) if tab else ("", text.strip())


def stars_of(said: Mapping[str, Any]) -> float | None:
    stars = said.get("starRating")
    return float(stars) if isinstance(stars, int) and not isinstance(stars, bool) and 1 <= stars <= 5 else None


def _language(said: Mapping[str, Any]) -> str:
    return loose.text(said.get("reviewerLanguage"), 20).replace("_", "-")


def _beside(said: Mapping[str, Any]) -> dict[str, Any]:
    """The device and the version, which say a lot to whoever answers."""
    named = {
        "device": loose.text(said.get("device"), 100), "android": loose.count(said.get("androidOsVersion")),
        "version": loose.text(said.get("appVersionName"), 60), "build": loose.count(said.get("appVersionCode")),
        "dislikes": loose.count(said.get("thumbsDownCount")),
    }  # fmt: skip
    meta = loose.within(said, "deviceMetadata")
    known = {key: meta[key] for key in _DEVICE if isinstance(meta.get(key), str | int) and len(str(meta[key])) < 100}
    hardware = {key: loose.text(value) if isinstance(value, str) else value for key, value in known.items()}
    return {key: value for key, value in {**named, "hardware": hardware}.items() if value not in ("", None, {})}


def moment(value: Mapping[str, Any]) -> datetime | None:
    """Seconds since 1970 as text, and nanoseconds as a number."""
    at, nanos = told.epoch(value.get("seconds")), value.get("nanos")
    fine = nanos if isinstance(nanos, int) and 0 <= nanos < 10**9 else 0
    return None if at is None else at + timedelta(microseconds=fine // 1000)


def app(package: str) -> Post:
    return Post(package, title=package, url=f"https://play.google.com/store/apps/details?id={package}", ours=True)
