"""A review and the reply below it, as every network tells them, and what they mean."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from netcenter.channels.contract import (
    Attachment,
    Author,
    Deleted,
    Echo,
    Happening,
    Inbound,
    Post,
    Raw,
    Reach,
    Reached,
    Receipt,
    Review,
    ThreadRef,
    Unreadable,
    loose,
)

MOST_GONE = 20  # names in one note


@dataclass(frozen=True, slots=True)
class Reply:
    """What the company said below a review. `mark`: of this wording."""

    mark: str
    at: datetime
    text: str
    sender_name: str = ""
    refused: str = ""  # why the network does not show it


@dataclass(frozen=True, slots=True)
class Told:
    """A review as it stands now. `mark` tells this wording from the ones before."""

    id: str
    mark: str
    place: Post
    author: Author
    at: datetime  # of this wording
    text: str = ""
    title: str = ""
    stars: float | None = None
    language: str = ""
    url: str = ""
    translation: str = ""
    attachments: tuple[Attachment, ...] = ()
    likes: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    reply: Reply | None = None
    thread: str = ""  # where one author may have several: each review is a conversation


def happenings(told: Told, seen_at: datetime | None = None) -> Iterator[Happening]:
    """The words, how many agree with them, and our reply. `seen_at`: when the network was asked."""
    said, thread = wording(told.id, told.mark), told.place.thread_of(told.author)
    if told.thread:
        thread = ThreadRef(told.thread, "public", told.place.title, told.place)
    reach = None if told.likes is None else Reach(likes=told.likes)
    yield Inbound(
        said, told.author, thread, told.at, words(told.text, told.title, told.stars), quoted=told.translation,
        attachments=told.attachments, form="review", url=told.url, language=told.language, extra=told.extra,
        review=Review(told.stars, title=told.title if told.text else ""), reach=reach, replaces=f"{told.id}@",
    )  # fmt: skip
    if reach is not None and seen_at is not None:
        yield Reached(said, reach, seen_at)
    if told.reply is not None and told.reply.text:
        before = (said,) if told.reply.at >= told.at else ()  # an older reply answers an older wording
        yield Echo(
            answer(told.id, told.reply.mark), thread, told.reply.at, told.reply.text, in_reply_to=before,
            sender_name=told.reply.sender_name, form="review", url=told.url,
        )  # fmt: skip
        if told.reply.refused:
            yield Receipt(answer(told.id, told.reply.mark), "failed", seen_at or told.reply.at, told.reply.refused)


def words(text: str, title: str, stars: float | None) -> str:
    """What the message says: stars alone are words too."""
    return text or title or star_line(stars)


def star_line(stars: float | None) -> str:
    full = 0 if stars is None else min(5, max(1, round(stars)))
    return "★" * full + "☆" * (5 - full) if full else ""


# --- Names ----------------------------------------------------------------------------------------


def wording(review: str, mark: str) -> str:
    """The message that this wording of the review is."""
    return f"{review}@{mark}" if mark else review


def answer(review: str, mark: str) -> str:
    """The message that this wording of our reply is."""
    return f"{review}#{mark}"


def is_wording(external_id: str) -> bool:
    """Whether a customer's message is named so, and no reply of ours."""
    return "#" not in external_id


def review_of(external_id: str) -> str:
    """The review that a message of either side belongs to."""
    return external_id.rpartition("#")[0] or external_id.rpartition("@")[0] or external_id


def mark_of(at: datetime, *, fine: bool = False) -> str:
    """A moment as a mark: by the second, as networks write one moment now with more digits and now with fewer; or
    `fine`, where the moment comes from one place only and two wordings may follow at once.
    """
    second = format(int(at.timestamp()), "x")
    return f"{second}.{at.microsecond:x}" if fine and at.microsecond else second


def named(value: Any, most: int = 180) -> str:
    """An id that leaves room for marks. Raises Unreadable."""
    told = loose.name(value)
    if len(told) > most:
        raise Unreadable("an id is too long")
    return told


# --- What is no more ------------------------------------------------------------------------------


def gone(names: tuple[str, ...], at: datetime, by: str) -> Raw:
    """A note that these messages are no longer on the network, as far as we looked."""
    body = orjson.dumps({"gone": list(names), "at": at.isoformat(), "by": by})
    return Raw(body, f"gone:{','.join(names)}"[:255], {"gone": True})


def vanished(raw: Raw) -> list[Happening]:
    """What such a note says. Raises Unreadable."""
    told = loose.an_object(raw.body)
    at, by = loose.moment(told.get("at")), told.get("by")
    if at is None:
        raise Unreadable("no time is told")
    names = [loose.name(name) for name in loose.texts(told.get("gone"))[:MOST_GONE]]
    return [Deleted(name, at, "us" if by == "us" else "author" if by == "author" else "") for name in names]


def seen_at(raw: Raw) -> datetime | None:
    """When the network was asked for it."""
    return loose.moment(raw.meta.get("seen_at"))


def mark_of_words(stars: float | None, title: str, text: str) -> str:
    """The words as their own mark, where the network tells no time of a rewording that could be trusted."""
    return hashlib.sha256(f"{stars}\n{title}\n{text}".encode()).hexdigest()[:12]


def epoch(seconds: Any) -> datetime | None:
    """A moment told in seconds since 1970, as a number or a text; None when it is none."""
    told = str(seconds) if isinstance(seconds, int | str) and not isinstance(seconds, bool) else ""
    try:
        return datetime.fromtimestamp(int(told), UTC) if told.isdigit() and len(told) < 12 else None
    except (ValueError, OverflowError, OSError):
        return None
