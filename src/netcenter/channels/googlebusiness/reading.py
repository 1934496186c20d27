"""What Google tells of a review, and what it pushes.

https://developers.google.com/my-business/reference/rest/v4/accounts.locations.reviews
https://developers.google.com/my-business/content/notification-setup
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from netcenter.channels.contract import (
    Attachment,
    Author,
    Forward,
    Happening,
    Pointer,
    Post,
    Raw,
    Unreadable,
    loose,
)
from netcenter.channels.googlebusiness.client import parts_of
from netcenter.channels.reviews import told
from netcenter.channels.reviews.watching import Item

STARS = {"ONE": 1.0, "TWO": 2.0, "THREE": 3.0, "FOUR": 4.0, "FIVE": 5.0}
OF_REVIEWS = ("NEW_REVIEW", "UPDATED_REVIEW")
_TRANSLATED = re.compile(r"\A\s*\(Translated by Google\)\s*(.*?)\s*\(Original\)\s*(.*)\Z", re.DOTALL)
_TRANSLATED_AFTER = re.compile(r"\A(.+?)\s*\n\s*\(Translated by Google\)\s*(.*)\Z", re.DOTALL)
_FRACTION = re.compile(r"\.(\d{6})\d+")


def read(raw: Raw, account: str) -> list[Happening]:
    """What a delivery means: a push, a review that we asked for, or a note of ours. Raises Unreadable."""
    if raw.meta.get("gone"):
        return told.vanished(raw)
    body = loose.an_object(raw.body)
    if isinstance(body.get("message"), Mapping):
        return list(_pushed(raw, body, account))
    return list(told.happenings(review(body), told.seen_at(raw)))


# --- A review -------------------------------------------------------------------------------------


def review(body: Mapping[str, Any]) -> told.Told:
    """Raises Unreadable."""
    _account, location, name = parts_of(body.get("name"))
    at, written = moment(body.get("updateTime")), moment(body.get("createTime"))
    at = at or written
    if at is None:
        raise Unreadable("a review has no time")
    text, translation = original(loose.text(body.get("comment")))
    who = loose.within(body, "reviewer")
    anonymous = who.get("isAnonymous") is True
    author = Author(
        name, "" if anonymous else loose.text(who.get("displayName"), 200),
        avatar_url=loose.text(who.get("profilePhotoUrl"), 1000),
    )  # fmt: skip
    files = [_picture(n, one) for n, one in enumerate(loose.objects(body.get("reviewMediaItems"))[:30], 1)]
    return told.Told(
        f"{location}/{name}", told.mark_of(at, fine=True), Post(f"locations/{location}", ours=True), author, at, text,
        stars=STARS.get(loose.text(body.get("starRating"), 30)), translation=translation,
        attachments=tuple(one for one in files if one), reply=reply(loose.within(body, "reviewReply")),
        extra={"reworded": True} if written is not None and written < at else {},
    )  # fmt: skip


def reply(body: Mapping[str, Any]) -> told.Reply | None:
    at, text = moment(body.get("updateTime")), loose.text(body.get("comment"))
    if at is None or not text:
        return None
    state = loose.text(body.get("reviewReplyState"), 40)
    why = loose.text(loose.within(body, "policyViolation").get("policyName"), 200) or "Google does not show this reply"
    return told.Reply(told.mark_of(at), at, text, refused=why if state == "REJECTED" else "")


def item(body: Mapping[str, Any]) -> Item:
    """What the watch remembers of it. Raises Unreadable."""
    one = review(body)
    refused = "refused" if one.reply is not None and one.reply.refused else ""
    mark = one.reply.mark if one.reply is not None else ""
    return Item(one.id, one.mark, mark, one.at.timestamp(), one.at, orjson.dumps(dict(body)), refused)


def original(comment: str) -> tuple[str, str]:
    """The customer's own words, and Google's translation of them, which it puts into the same text."""
    if found := _TRANSLATED.match(comment):
        return found[2].strip(), found[1].strip()
    if found := _TRANSLATED_AFTER.match(comment):
        return found[1].strip(), found[2].strip()
    return comment.strip(), ""


def moment(value: Any) -> datetime | None:
    """A time of Google's, which may have nine digits of a second."""
    return loose.moment(_FRACTION.sub(r".\1", value) if isinstance(value, str) else None)


def _picture(number: int, body: Mapping[str, Any]) -> Attachment | None:
    url = loose.text(body.get("thumbnailUrl"), 2000) or loose.text(body.get("googleUrl"), 2000)
    return Attachment(f"photo-{number}.jpg", "image/jpeg", reference=url) if url.startswith("https://") else None


# --- A location -----------------------------------------------------------------------------------


def place(body: Mapping[str, Any]) -> Post:
    """A location as the context of its reviews. Raises Unreadable."""
    where = loose.within(body, "storefrontAddress")
    parts = [*loose.texts(where.get("addressLines"), 200), loose.text(where.get("locality"), 100)]
    title = ", ".join(part for part in (loose.text(body.get("title"), 200), *parts) if part)
    url = loose.text(loose.within(body, "metadata").get("mapsUri"), 1000)
    return Post(loose.name(body.get("name")), title=title, url=url if url.startswith("https://") else "", ours=True)


# --- A push ---------------------------------------------------------------------------------------


def _pushed(raw: Raw, body: Mapping[str, Any], account: str) -> Iterator[Happening]:
    message = loose.within(body, "message")
    try:
        data: Any = orjson.loads(b64decode(loose.text(message.get("data")) or "e30=", validate=True))
    except ValueError as error:
        raise Unreadable("the data is no JSON in base64") from error
    notice = {**loose.within(message, "attributes"), **loose.within(data)}
    kind = loose.text(notice.get("notificationType") or notice.get("type"), 60)
    named = notice.get("reviewName") or notice.get("review_name") or loose.within(notice, "review").get("name")
    if kind not in OF_REVIEWS and not (named and not kind):
        return  # of locations, media, questions: the README says which
    whose, location, name = parts_of(named)
    if account and whose != account:
        yield Forward(f"accounts/{whose}", Raw(raw.body, raw.dedupe))
        return
    at = moment(message.get("publishTime") or message.get("publish_time")) or datetime(1970, 1, 1, tzinfo=UTC)
    yield Pointer(f"{location}/{name}", at)
