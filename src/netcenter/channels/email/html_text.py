"""A readable text of an HTML mail: lines, lists, links, and quotes marked with > so that they can be told apart."""

from __future__ import annotations

import re
from html import unescape

MAX_HTML = 2_000_000  # characters that are read
MAX_QUOTE_DEPTH = 8

_TOKEN = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]*)([^<>]*)>|([^<]+)|(<)")
_ATTRIBUTE = re.compile(
    r"""\b(href|class|id|style|alt)\s*=\s*(?:"([^"]{0,2000})"|'([^']{0,2000})'|([^\s"'>]{1,2000}))"""
)
_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt", "fieldset", "figure", "footer",
    "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section",
    "table", "tbody", "tfoot", "thead", "tr", "ul",
))  # fmt: skip
_PARAGRAPHS = frozenset(("blockquote", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul"))
_SILENT = frozenset(("head", "noscript", "script", "style", "template", "title"))


def text_of(html: str) -> str:
    """The words of this HTML, in linear time whatever it contains."""
    writer = _Writer()
    for match in _TOKEN.finditer(_without_comments(html[:MAX_HTML])):
        closing, tag, attributes, words, _stray = match.groups()
        if words:
            writer.words(words)
        elif tag and closing:
            writer.close(tag.lower())
        elif tag:
            writer.open(tag.lower(), attributes)
        else:
            writer.words("<")
    return writer.text()


def _without_comments(html: str) -> str:
    pieces, at = [], 0
    while (start := html.find("<!--", at)) >= 0:
        pieces.append(html[at:start])
        end = html.find("-->", start + 4)
        if end < 0:
            return "".join(pieces)
        at = end + 3
    return "".join([*pieces, html[at:]])


class _Writer:
    """Collects lines. A quote's depth is remembered per line, so that wrapped elements need no tree."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.silent = ""
        self.preformatted = 0
        self.quotes: list[str] = []
        self.link: tuple[str, int] | None = None

    def words(self, words: str) -> None:
        if self.silent:
            return
        words = unescape(words).replace("\xa0", " ").replace("\u200b", "")
        if self.preformatted:
            first, *rest = words.split("\n")
            self.line.append(first)
            for line in rest:
                self.end_line()
                self.line.append(line)
            return
        collapsed = re.sub(r"\s+", " ", words)
        if collapsed == " " and not self.line:
            return
        self.line.append(collapsed)

    def open(self, tag: str, attributes: str) -> None:
        if self.silent:
            return
        if tag in _SILENT:
            self.silent = tag
            return
        if tag in _BLOCKS:
            self.end_line(blank=tag in _PARAGRAPHS)
        if tag == "br":
            self.end_line(keep=True)
        elif tag == "li":
            self.line.append("- ")
        elif tag == "hr":
            self.line.append("--------")
            self.end_line()
        elif tag in ("td", "th") and self.line:
            self.line.append(" ")
        elif tag == "pre":
            self.preformatted += 1
        elif tag == "blockquote":
            self.quotes.append(tag)
        elif tag == "a":
            self.link = (_attribute(attributes, "href"), len(self.line))
        elif tag == "img" and (alt := _attribute(attributes, "alt")) and len(alt) < 100:
            self.line.append(f"[{alt}]")

    def close(self, tag: str) -> None:
        if self.silent:
            self.silent = "" if tag == self.silent else self.silent
            return
        if tag == "a" and self.link:
            self.end_link(*self.link)
        if tag in _BLOCKS:
            self.end_line(blank=tag in _PARAGRAPHS)
        if tag == "pre":
            self.preformatted = max(0, self.preformatted - 1)
        elif tag == "blockquote" and self.quotes:
            self.quotes.pop()

    def end_link(self, href: str, start: int) -> None:
        """The address follows the words unless it is them."""
        self.link = None
        href = unescape(href).strip()
        label = "".join(self.line[start:]).strip()
        is_web = href.lower().startswith(("http://", "https://"))
        if is_web and label and _bare(href) != _bare(label):
            self.line.append(f" <{href}>")

    def end_line(self, *, blank: bool = False, keep: bool = False) -> None:
        line = "".join(self.line)
        line = line.rstrip() if self.preformatted else line.strip()
        self.line = []
        depth = min(len(self.quotes), MAX_QUOTE_DEPTH)
        mark = ">" * depth + " " if depth else ""
        if line or keep:
            self.lines.append((mark + line).rstrip())
        if blank and self.lines and self.lines[-1].strip("> "):
            self.lines.append(mark.rstrip())

    def text(self) -> str:
        self.end_line()
        text = "\n".join(self.lines)
        return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


def _attribute(attributes: str, name: str) -> str:
    for match in _ATTRIBUTE.finditer(attributes):
        if match.group(1).lower() == name:
            return match.group(2) or match.group(3) or match.group(4) or ""
    return ""


def _bare(address: str) -> str:
    return re.sub(r"^(https?://)?(www\.)?", "", address.lower()).rstrip("/")
