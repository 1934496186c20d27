"""Feeds: RSS, Atom and JSON Feed, asked for only when they changed (RFC 9110, 13.1).

A feed is a stranger's file: nothing it declares is expanded, nothing it names is fetched.
"""

import calendar
import time
from datetime import UTC, datetime
from typing import Any

import orjson
from django.utils.translation import gettext_noop as _

from netcenter.listening.sources.heard import (
    MOST,
    Asked,
    Harvest,
    Heard,
    SourceFailed,
    fetch,
    host_of,
    iso,
    plain,
    retry_at,
    text,
    web_address,
)  # fmt: skip

ACCEPT = "application/feed+json, application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.5"
MOST_DEEP = 60  # elements within elements: no feed needs more


def read(asked: Asked) -> Harvest:
    """What the feed tells. Raises SourceFailed."""
    told = {"accept": ACCEPT}
    if etag := asked.state.get("etag"):
        told["if-none-match"] = str(etag)
    if modified := asked.state.get("modified"):
        told["if-modified-since"] = str(modified)
    answered, at = fetch(asked.address, told)
    if answered.status == 304:
        return Harvest(state=asked.state)
    if answered.status >= 300:
        raise SourceFailed(
            f"HTTP {answered.status}", retry_at=retry_at(answered.headers.get("retry-after", ""), asked.now)
        )
    if answered.cut:
        raise SourceFailed(_("the feed is too long"))
    harvest = parse(answered.body, at, asked.now)
    state = {
        "etag": answered.headers.get("etag", "")[:500],
        "modified": answered.headers.get("last-modified", "")[:100],
    }
    return Harvest(harvest.heard, {k: v for k, v in state.items() if v}, harvest.name, harvest.language)


def parse(body: bytes, at: str, now: datetime) -> Harvest:
    """What stands in a feed, whichever of the three it is. Raises SourceFailed."""
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _json(body, at, now)
    return _xml(body, at, now)


# --- JSON Feed: https://www.jsonfeed.org/version/1.1/ ---------------------------------------------


def _json(body: bytes, at: str, now: datetime) -> Harvest:
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise SourceFailed(f"no feed: {error}") from error
    if not isinstance(told, dict) or not isinstance(told.get("items"), list):
        raise SourceFailed(_("no feed: JSON without items"))
    name, language = text(told.get("title"), 120), text(told.get("language"), 10)
    authors = told["authors"] if isinstance(told.get("authors"), list) else [told.get("author")]
    found = []
    for item in told["items"][:MOST]:
        if not isinstance(item, dict):
            continue
        url = web_address(item.get("url")) or web_address(item.get("external_url"))
        key = text(item.get("id"), 2000) or url
        if not key or not url:
            continue
        words = text(item.get("content_text"), 20_000) or plain(item.get("content_html")) or plain(item.get("summary"))
        own = item.get("authors")
        named = [*(own if isinstance(own, list) else ()), item.get("author"), *authors]
        by = [one for one in named if isinstance(one, dict)]
        found.append(Heard(
            key, url, iso(item.get("date_published")) or iso(item.get("date_modified")) or now,
            text(item.get("title"), 300), words, _author(by[0] if by else {}, url, name), name or host_of(at),
            language=text(item.get("language"), 10) or language,
        ))  # fmt: skip
    return Harvest(tuple(found), {}, name, language)


def _author(by: dict[str, Any], url: str, paper: str) -> dict[str, Any]:
    name, home = text(by.get("name"), 200) or paper or host_of(url), web_address(by.get("url"))
    return {"id": (home or f"{host_of(url)}/{name}")[:255], "name": name, **({"url": home} if home else {})}


# --- RSS and Atom ---------------------------------------------------------------------------------


def _xml(body: bytes, at: str, now: datetime) -> Harvest:
    if b"<!ENTITY" in body.replace(b"\x00", b"").upper():  # in UTF-16 every other byte is nothing
        raise SourceFailed(_("no feed: it declares entities"))
    if _too_deep(body):
        raise SourceFailed(_("no feed: it is nested too deeply"))
    import feedparser  # takes long to import, and only who listens needs it

    try:
        told = feedparser.parse(
            body, response_headers={"content-location": at}, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # a parser of strangers' files, by strangers: whatever it stumbles over, the feed is bad
        raise SourceFailed(f"no feed: {type(error).__name__}") from error
    if not told.get("version") and not told.get("entries"):
        raise SourceFailed(_("no feed: neither RSS nor Atom"))
    name, language = plain(told.feed.get("title"), 120), text(told.feed.get("language"), 10)
    found = []
    for entry in told.entries[:MOST]:
        url = web_address(entry.get("link"))
        key = text(entry.get("id"), 2000) or url
        if not key or not url:
            continue
        content = next((c.get("value") for c in entry.get("content", ()) if c.get("value")), entry.get("summary"))
        by = plain(entry.get("author"), 200)
        found.append(Heard(
            key, url, _moment(entry, now), plain(entry.get("title"), 300), plain(content),
            _author({"name": by}, url, name), name or host_of(at),
            language=text(entry.get("language"), 10) or language,
        ))  # fmt: skip
    return Harvest(tuple(found), {}, name, language)


def _too_deep(body: bytes) -> bool:
    """Whether elements stand in one another deeper than any feed needs: parsers recurse."""
    if b"\x00" in body[:200]:
        return False  # not in a byte order that can be counted here; expat has limits of its own
    depth = deepest = 0
    for piece in body.split(b"<")[1:]:
        if piece.startswith(b"/"):
            depth = max(0, depth - 1)
        elif not piece.startswith((b"!", b"?")) and not piece.partition(b">")[0].endswith(b"/"):
            depth += 1
            deepest = max(deepest, depth)
    return deepest > MOST_DEEP and depth > MOST_DEEP


def _moment(entry: Any, now: datetime) -> datetime:
    """When it was published; never later than now, nor before the web."""
    told: time.struct_time | None = entry.get("published_parsed") or entry.get("updated_parsed")
    try:
        moment = datetime.fromtimestamp(calendar.timegm(told), UTC) if told else now
    except (ValueError, OverflowError, OSError):
        return now
    return min(moment, now) if moment.year >= 1990 else now
