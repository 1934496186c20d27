"""Whether a page links to ours, and what it says: https://www.w3.org/TR/webmention/#webmention-verification

The page is a stranger's and its address came from a stranger: it is fetched from outside or not at all, bounded, and
only looked at for a link, a title, an author and the words around.
"""

from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit, urlunsplit

from netcenter.lib.text import clean
from netcenter.listening.sources.heard import Heard, SourceFailed, fetch, host_of, iso, plain, web_address

LIMIT = 2**20
AROUND = 500  # characters of words on each side of the link
GONE = (404, 410)
_LINKS = {"a": "href", "area": "href", "link": "href", "img": "src", "video": "src", "audio": "src", "source": "src"}
_SILENT = {"script", "style", "noscript", "template", "svg", "head"}


class NoLink(Exception):
    """The page is there and does not link to ours, or it is there no more (`gone`)."""

    def __init__(self, message: str, *, gone: bool = False) -> None:
        super().__init__(message)
        self.gone = gone


def look(source: str, target: str, now: datetime) -> Heard:
    """What the page says that links to ours. Raises NoLink, and SourceFailed when that cannot be told now."""
    answered, at = fetch(source, {"accept": "text/html, */*;q=0.1"}, private=False, limit=LIMIT)
    if answered.status in GONE:
        raise NoLink("the page is gone", gone=True)
    if answered.status >= 300:
        raise SourceFailed(f"HTTP {answered.status}")
    if "html" not in answered.headers.get("content-type", "").lower():
        raise NoLink("it is no page of HTML")
    page = read(answered.body.decode(_charset(answered.headers.get("content-type", "")), "replace"), at)
    if not any(same(link, target) for link, _where in page.links):
        raise NoLink("it does not link to that page")
    where = next(place for link, place in page.links if same(link, target))
    words = "".join(page.words)
    around = words[max(0, where - AROUND) : where + AROUND]
    name = page.author or host_of(at)
    author = {"id": f"{host_of(source)}/{name}"[:255], "name": name[:200]}
    return Heard(
        source, source, min(iso(page.published) or now, now), plain(page.title, 300), plain(around), author,
        host_of(source), language=page.language,
    )  # fmt: skip


def same(one: str, other: str) -> bool:
    """Whether two addresses are one page: case of the host, an empty path and what follows # aside."""
    return _bare(one) == _bare(other) != ""


def _bare(url: str) -> str:
    try:
        parts = urlsplit(web_address(url))
        port = f":{parts.port}" if parts.port and parts.port not in (80, 443) else ""
    except ValueError:
        return ""
    return (
        urlunsplit((parts.scheme, (parts.hostname or "") + port, parts.path or "/", parts.query, ""))
        if parts.hostname
        else ""
    )


def _charset(told: str) -> str:
    name = told.partition("charset=")[2].strip("\"' ;").split(";")[0].lower()
    return name if name in ("utf-8", "iso-8859-1", "windows-1252", "us-ascii", "iso-8859-15") else "utf-8"


@dataclass
class Page:
    """What matters of a page."""

    links: list[tuple[str, int]] = field(default_factory=list)  # where each leads, and at which of the words it stands
    words: list[str] = field(default_factory=list)
    title: str = ""
    author: str = ""
    published: str = ""
    language: str = ""


def read(markup: str, at: str) -> Page:
    """The page's links, words, title and author."""
    reader = _Reader(at)
    reader.feed(markup)
    return reader.page


class _Reader(HTMLParser):
    """Links, title and words; h-entry's author and date where they are marked (https://microformats.org/wiki/h-entry)."""

    def __init__(self, at: str) -> None:
        super().__init__(convert_charrefs=True)
        self.page, self._at = Page(), at
        self._silent = 0
        self._taking = ""  # what the next words are: title or author
        self._length = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        classes = told.get("class", "").split()
        if tag == "html" and not self.page.language:
            self.page.language = clean(told.get("lang", ""))[:10]
        if tag == "title" and not self.page.title:
            self._taking = "title"
        elif "p-author" in classes and not self.page.author:
            self._taking = "author"
        if "dt-published" in classes and not self.page.published:
            self.page.published = told.get("datetime", "")
        if tag == "meta" and told.get("name", "").lower() == "author" and not self.page.author:
            self.page.author = clean(told.get("content", "")).strip()[:200]
        if tag in _SILENT:
            self._silent += tag != "head"
        if (leads := told.get(_LINKS.get(tag, ""), "")) and len(self.page.links) < 5000:
            try:
                self.page.links.append((urljoin(self._at, leads.strip()), self._length))
            except ValueError:
                return

    def handle_endtag(self, tag: str) -> None:
        self._taking = ""
        if tag in _SILENT and tag != "head":
            self._silent = max(0, self._silent - 1)

    def handle_data(self, data: str) -> None:
        if self._taking == "title":
            self.page.title += data[:300]
            return
        if self._taking == "author":
            self.page.author = (self.page.author + data).strip()[:200]
        if not self._silent:
            self.page.words.append(data)
            self._length += len(data)
