"""What Trustpilot tells of a review, and what its webhooks say.

https://developers.trustpilot.com/business-units-api
https://support.trustpilot.com/hc/en-us/articles/115015822068
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from netcenter.channels.contract import Author, Deleted, Happening, Pointer, Post, Raw, Unreadable, loose
from netcenter.channels.reviews import told
from netcenter.channels.reviews.watching import Item

CHANGED = ("service-review-created", "service-review-updated")
DELETED = "service-review-deleted"


def read(raw: Raw, unit: str) -> list[Happening]:
    """A webhook, a review that we asked for, or a note of ours. Raises Unreadable."""
    if raw.meta.get("gone"):
        return told.vanished(raw)
    body = loose.an_object(raw.body)
    if isinstance(body.get("events"), list):
        return _events(raw, body)
    return list(told.happenings(review(body, unit), told.seen_at(raw)))


# --- A review -------------------------------------------------------------------------------------


def review(body: Mapping[str, Any], unit: str) -> told.Told:
    """Raises Unreadable.

    `updatedAt` may move for other reasons than words, so the words themselves tell one wording from another.
    """
    name, written = told.named(body.get("id")), loose.moment(body.get("createdAt"))
    if written is None:
        raise Unreadable("a review has no time")
    at = max(written, loose.moment(body.get("updatedAt")) or written)
    text, title, stars = _words(body)
    unit = loose.text(loose.within(body, "businessUnit").get("id"), 60) or unit
    likes = loose.count(body.get("numberOfLikes"))
    return told.Told(
        name, told.mark_of_words(stars, title, text), place(unit), _author(body, name), at, text, title, stars,
        loose.text(body.get("language"), 20), f"https://www.trustpilot.com/reviews/{name}", likes=likes,
        extra=_beside(body), reply=reply(loose.within(body, "companyReply")), thread=f"{unit}/{name}",
    )  # fmt: skip


def _words(body: Mapping[str, Any]) -> tuple[str, str, float | None]:
    stars = body.get("stars")
    good = isinstance(stars, int) and not isinstance(stars, bool) and 1 <= stars <= 5
    text, title = loose.text(body.get("text")).strip(), loose.text(body.get("title"), 500).strip()
    return text, "" if text.startswith(title.rstrip("….")) else title, float(stars) if good else None  # type: ignore[arg-type]


def _author(body: Mapping[str, Any], review: str) -> Author:
    """The address is the one that was invited: whoever holds the invitation may have written."""
    who = loose.within(body, "consumer")
    name = loose.text(who.get("displayName"), 200) or loose.text(who.get("name"), 200)
    email = loose.text(body.get("referralEmail"), 254)
    return Author(
        loose.text(who.get("id"), 100) or review, name, email=email if "@" in email else "", confirmed=False
    )  # fmt: skip


def _beside(body: Mapping[str, Any]) -> dict[str, Any]:
    """What helps whoever answers: the order, whether it is verified, the shop, the tags."""
    tags = [
        f"{loose.text(t.get('group'), 60)}: {loose.text(t.get('value'), 60)}" for t in loose.objects(body.get("tags"))
    ]
    named: dict[str, Any] = {
        "reference": loose.text(body.get("referenceId"), 100), "verified": body.get("isVerified") is True,
        "location": loose.text(loose.within(body, "location").get("name"), 100), "tags": tags[:20],
        "experienced": loose.text(body.get("experiencedAt"), 40),
        "reported": loose.text(loose.within(body, "reportData").get("reviewVisibility"), 40),
    }  # fmt: skip
    return {name: value for name, value in named.items() if value}


def reply(body: Mapping[str, Any]) -> told.Reply | None:
    at = loose.moment(body.get("updatedAt")) or loose.moment(body.get("createdAt"))
    text = loose.text(body.get("text"))
    if at is None or not text:
        return None
    return told.Reply(told.mark_of(at), at, text, loose.text(body.get("authorBusinessUserName"), 200))


def item(body: Mapping[str, Any]) -> Item | None:
    """What the watch remembers of it; None when it cannot be read: it must not hide the others."""
    try:
        one = review(body, "unit")
    except Unreadable:
        return None
    written = loose.moment(body.get("createdAt")) or one.at
    mark = one.reply.mark if one.reply else ""
    agree = "" if one.likes is None else f"+{one.likes}"
    return Item(one.id, one.mark, mark, written.timestamp(), one.at, orjson.dumps(dict(body)), agree)


def place(unit: str, name: str = "", identifying: str = "") -> Post:
    url = f"https://www.trustpilot.com/review/{identifying}" if identifying else ""
    return Post(unit or "unit", title=name, url=url, ours=True)


# --- Webhooks -------------------------------------------------------------------------------------


def _events(raw: Raw, body: Mapping[str, Any]) -> list[Happening]:
    """Nothing signs them, so their words are not believed: what they name is asked for."""
    at = loose.moment(raw.meta.get("received_at")) or datetime(1970, 1, 1, tzinfo=UTC)
    found: list[Happening] = []
    flaw = ""
    for event in loose.objects(body.get("events")):
        try:
            found += _event(event, at)
        except Unreadable as error:
            flaw = str(error)
    if flaw:
        raise Unreadable(flaw, found)
    return found


def _event(event: Mapping[str, Any], at: datetime) -> Iterator[Happening]:
    data, name = loose.within(event, "eventData"), loose.text(event.get("eventName"), 100)
    if name in CHANGED:
        yield Pointer(told.named(data.get("id")), loose.moment(data.get("createdAt")) or at)
    elif name == DELETED:
        text, title, stars = _words(data)
        review = told.named(data.get("id"))
        if text or title:  # else the watch finds out which wording it was, within the hour
            yield Deleted(told.wording(review, told.mark_of_words(stars, title, text)), at, "author")
