"""What a source told, and fetching from it: bounded in time, size and hops, never into our own network."""

import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.utils.translation import gettext_noop as _

from netcenter.lib import http
from netcenter.lib.text import clean

LIMIT = 4 * 2**20  # bytes of a feed or a page
TIMEOUT = 20.0  # seconds for one exchange: hosts that hang must not hold the others
HOPS = 4
MOST = 200  # things taken from one answer
LONGEST_WAIT = timedelta(days=1)  # what we believe of a Retry-After
LONGEST = 20_000  # characters of one text

_TAGS = re.compile(r"<[^>]{0,2000}>")
_SILENT = re.compile(r"<(script|style)\b.*?(</\1>|\Z)", re.IGNORECASE | re.DOTALL)
_BREAKS = re.compile(r"<(?:br|/p|/div|/li|/h\d)\b[^>]{0,200}>", re.IGNORECASE)
_LINES = re.compile(r"\n\s*\n\s*")


class SourceFailed(Exception):
    """The source did not answer, or not as it should: said in words for whoever set it up."""

    def __init__(self, message: str, *, retry_at: datetime | None = None) -> None:
        super().__init__(message)
        self.retry_at = retry_at


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing that was said somewhere. `name` is its own for ever: where a copy has another, it is a copy."""

    name: str
    url: str
    sent_at: datetime | None
    title: str = ""
    text: str = ""
    author: Mapping[str, Any] = field(default_factory=dict)  # {"id", "name", "handle", "url", "followers"}
    where: str = ""
    place: str = ""
    language: str = ""
    shares: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A source as its reader sees it. `wants` says of a text whether it is worth more than a look."""

    address: str
    state: Mapping[str, Any]
    now: datetime
    wants: Callable[[str], bool] = lambda _text: True
    phrases: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Harvest:
    """What came of asking once; `more`: there is more there now."""

    heard: Sequence[Heard] = ()
    state: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""  # as the source calls itself
    language: str = ""
    more: bool = False


def fetch(
    url: str, headers: Mapping[str, str] | None = None, *, private: bool = True, limit: int = LIMIT,
    timeout: float = TIMEOUT,
) -> tuple[http.Answered, str]:  # fmt: skip
    """The answer and the address it came from, redirects followed, each hop judged anew. Raises SourceFailed."""
    for _hop in range(HOPS + 1):
        try:
            answered = http.request("GET", url, headers=headers, timeout=timeout, limit=limit, private=private)
        except http.HttpFailed as error:
            raise SourceFailed(str(error)) from error
        target = answered.headers.get("location", "")
        if answered.status not in (301, 302, 303, 307, 308) or not target:
            return answered, url
        url = urljoin(url, target)
    raise SourceFailed(_("it is elsewhere, and elsewhere again"))


def host_of(url: str) -> str:
    """The host of an address as people read it; "" for what is none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def web_address(url: object) -> str:
    """The address, if it is one that people may follow; else ""."""
    told = clean(url).strip()[:2000] if isinstance(url, str) else ""
    try:
        parts = urlsplit(told)
    except ValueError:
        return ""
    return told if parts.scheme in ("http", "https") and parts.hostname else ""


def plain(markup: object, most: int = LONGEST) -> str:
    """The words of a piece of HTML, without a tag; what is cut short is still words."""
    told = markup[: most * 4] if isinstance(markup, str) else ""
    bare = _TAGS.sub(" ", _BREAKS.sub("\n", _SILENT.sub(" ", told)))
    words = clean(html.unescape(bare)).replace("\xa0", " ")
    squeezed = "\n".join(re.sub(r"[ \t]+", " ", line).strip() for line in words.split("\n"))
    return _LINES.sub("\n\n", squeezed).strip()[:most]


def iso(value: object) -> datetime | None:
    """The ISO 8601 time with its zone (UTC where it has none); None when it is none."""
    try:
        told = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if told is None:
        return None
    told = told if told.tzinfo else told.replace(tzinfo=UTC)
    return told if 1990 <= told.year <= 2200 else None


def text(value: object, most: int) -> str:
    """Clean text, cut; "" for what is none."""
    return clean(value).strip()[:most] if isinstance(value, str) else ""


def retry_at(told: str, now: datetime) -> datetime | None:
    """The moment that Retry-After names, within a day."""
    try:
        moment = now + timedelta(seconds=int(told)) if told.isdigit() else parsedate_to_datetime(told)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(max(moment, now), now + LONGEST_WAIT)
