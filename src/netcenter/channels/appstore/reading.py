"""What App Store Connect tells of a review.

https://developer.apple.com/documentation/appstoreconnectapi/customerreview
https://developer.apple.com/documentation/appstoreconnectapi/customerreviewresponsev1
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from netcenter.channels.contract import Author, Happening, Post, Raw, Unreadable, loose
from netcenter.channels.reviews import told
from netcenter.channels.reviews.watching import Item


def read(raw: Raw, app: str) -> list[Happening]:
    """A review that we asked for, or a note of ours. Raises Unreadable."""
    if raw.meta.get("gone"):
        return told.vanished(raw)
    return list(told.happenings(review(loose.an_object(raw.body), app), told.seen_at(raw)))


def review(body: Mapping[str, Any], app: str) -> told.Told:
    """A review as the API tells a single one: `data`, and its response in `included`. Raises Unreadable.

    Apple tells no time of a rewording, so the words themselves tell one wording from another.
    """
    data = loose.within(body, "data")
    name, said = told.named(data.get("id")), loose.within(data, "attributes")
    at = loose.moment(said.get("createdDate"))
    if loose.text(data.get("type")) != "customerReviews" or at is None:
        raise Unreadable("this is no review, or it has no time")
    title, text, stars = (loose.text(said.get("title")).strip(), loose.text(said.get("body")).strip(), _stars(said))
    mark = told.mark_of_words(stars, title, text)
    territory = loose.text(said.get("territory"), 10)
    return told.Told(
        name, mark, place(app), Author(name, loose.text(said.get("reviewerNickname"), 200)), at, text, title, stars,
        extra={"territory": territory} if territory else {}, url=place(app).url, reply=_reply(body),
    )  # fmt: skip


def item(body: Mapping[str, Any]) -> Item | None:
    """What the watch remembers of it; None when it cannot be read: it must not hide the others."""
    try:
        one = review(body, "0")
    except Unreadable:
        return None
    mark = one.reply.mark if one.reply else ""
    return Item(one.id, one.mark, mark, one.at.timestamp(), one.at, orjson.dumps(dict(body)))


def reviews_in(page: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each review of a list as if it had been asked for alone."""
    responses = {
        loose.text(one.get("id"), 200): dict(one)
        for one in loose.objects(page.get("included"))
        if one.get("type") == "customerReviewResponses"
    }
    return [
        {"data": dict(one), "included": [responses[name]] if (name := _response_of(one)) in responses else []}
        for one in loose.objects(page.get("data"))
    ]


def _response_of(review: Mapping[str, Any]) -> str:
    return loose.text(loose.within(review, "relationships", "response", "data").get("id"), 200)


def _reply(body: Mapping[str, Any]) -> told.Reply | None:
    for one in loose.objects(body.get("included")):
        if (found := reply(one)) is not None:
            return found
    return None


def reply(body: Mapping[str, Any]) -> told.Reply | None:
    """A response; one that waits to be published (Apple takes up to a day) is one already."""
    said = loose.within(body, "attributes")
    at, text = loose.moment(said.get("lastModifiedDate")), loose.text(said.get("responseBody"))
    if body.get("type") != "customerReviewResponses" or at is None or not text:
        return None
    return told.Reply(told.mark_of(at), at, text)


def _stars(said: Mapping[str, Any]) -> float | None:
    stars = said.get("rating")
    return float(stars) if isinstance(stars, int) and not isinstance(stars, bool) and 1 <= stars <= 5 else None


def cursor_in(page: Mapping[str, Any]) -> str:
    """Where the next page begins: Apple tells its whole address."""
    following = loose.text(loose.within(page, "links").get("next"), 2000)
    try:
        return parse_qs(urlsplit(following).query).get("cursor", [""])[0]
    except ValueError:
        return ""


def place(app: str, name: str = "") -> Post:
    return Post(app, title=name, url=f"https://apps.apple.com/app/id{app}", ours=True)
