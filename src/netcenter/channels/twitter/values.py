"""Values as X writes them, of version 1.1 (webhooks) and of version 2 (whatever is asked for)."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from netcenter.channels.contract import Attachment
from netcenter.lib.text import clean

LONGEST_ID = 64
LONGEST_ADDRESS = 2000
WRONG = (KeyError, TypeError, ValueError, OverflowError, AttributeError, IndexError)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BEGIN = timedelta(milliseconds=1288834974657)  # where the clock inside ids starts
_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {month: n for n, month in enumerate(_NAMES, 1)}
_KINDS = {"photo": ("photo.jpg", "image/jpeg"), "video": ("video.mp4", "video/mp4"),
          "animated_gif": ("animation.mp4", "video/mp4")}  # fmt: skip


def name(value: Any) -> str:
    """An id. Raises ValueError when there is none."""
    if isinstance(value, bool) or not isinstance(value, str | int) or not (found := clean(str(value)).strip()):
        raise ValueError("an id is missing")
    if len(found) > LONGEST_ID:
        raise ValueError("an id is too long")
    return found


def perhaps(value: Any) -> str:
    """An id, or ""."""
    return name(value) if value not in (None, "") else ""


def words(value: Any) -> str:
    return clean(value) if isinstance(value, str) else ""


def within(value: Any, *path: str) -> Any:
    """What lies there, or None."""
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53 else None


def moment(value: Any) -> datetime:
    """Milliseconds since 1970, "Thu Jun 22 21:38:00 +0000 2017", or ISO 8601. Raises ValueError."""
    if isinstance(value, int) or (isinstance(value, str) and value.isdigit()):
        return _EPOCH + timedelta(milliseconds=int(value))
    if not isinstance(value, str):
        raise ValueError("a time is missing")
    parts = value.split()
    if len(parts) == 6 and parts[1] in _MONTHS:
        hour, minute, second = map(int, parts[3].split(":"))
        return datetime(int(parts[5]), _MONTHS[parts[1]], int(parts[2]), hour, minute, second, tzinfo=UTC)
    found = datetime.fromisoformat(value)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def born(id: str, otherwise: datetime) -> datetime:
    """When an id was given out: it carries its own time. https://docs.x.com/fundamentals/x-ids"""
    if not id.isdigit() or not 2**40 < int(id) < 2**63:
        return otherwise
    return _EPOCH + _BEGIN + timedelta(milliseconds=int(id) >> 22)


def said(text: Any, links: Iterable[Any], files: Iterable[Any] = ()) -> str:
    """The words as their author sees them: whole links for t.co's, none for the files, no HTML entities."""
    found = words(text)
    for link in links:
        short, whole = words(within(link, "url")), words(within(link, "expanded_url"))
        if short and whole and len(whole) <= LONGEST_ADDRESS:
            found = found.replace(short, "" if within(link, "media_key") else whole)
    for file in files:
        if short := words(within(file, "url")):
            found = found.replace(short, "")
    return clean(html.unescape(found)).strip()


def file_of(media: Mapping[str, Any]) -> Attachment:
    """A picture or film, of either version; of a film the best copy."""
    label, mime = _KINDS.get(words(media.get("type")), ("file", "application/octet-stream"))
    films = listed(media.get("variants")) or listed(within(media, "video_info", "variants"))
    films = [one for one in films if within(one, "content_type") == "video/mp4"]
    best = max(films, key=lambda one: count(one.get("bit_rate", one.get("bitrate"))) or 0, default=None)
    is_old = "media_url_https" in media  # then `url` is the link in the text
    found = words(best.get("url") if best else media["media_url_https"] if is_old else media.get("url"))
    found = found or words(media.get("preview_image_url"))
    alt = words(media.get("alt_text") or media.get("ext_alt_text"))[:1000]
    if not found.startswith(("https://", "http://")) or len(found) > LONGEST_ADDRESS:
        return Attachment(label, mime, missing="the network does not say where it is", alt=alt)
    return Attachment(label, mime, reference=found, alt=alt)
