"""The words of a status: Mastodon sends them as simple HTML (https://docs.joinmastodon.org/spec/activitypub/#sanitization)."""

from __future__ import annotations

import re
from html import unescape

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)([^<>]*)>|([^<]+)|(<)")
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]{0,2000})"|'([^']{0,2000})')""")
_CLASS = re.compile(r"""\bclass\s*=\s*["']([^"']{0,500})""")
_BLOCKS = frozenset(("p", "div", "blockquote", "pre", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6"))
_LINES = re.compile(r"[ \t]*\n[ \t]*")
_GAPS = re.compile(r"\n{3,}")
MOST = 500_000  # characters that are read


def text_of(html: str) -> str:
    """The words as they were typed: whole addresses of links, lines and paragraphs kept."""
    pieces: list[str] = []
    label: list[str] = []  # the words of the link that we are in, which servers shorten
    link = ""
    for match in _TAG.finditer(html[:MOST]):
        closing, tag, attributes, words, stray = match.groups()
        tag = (tag or "").lower()
        if words or stray:
            (label if link else pieces).append(unescape(words or stray))
        elif tag == "br":
            pieces.append("\n")
        elif tag in _BLOCKS:
            pieces.append("\n" if tag == "li" else "\n\n")
            if tag == "li" and not closing:
                pieces.append("- ")
        elif tag == "a":
            pieces.append(_whole(link, "".join(label)))
            link, label = "" if closing else _address(attributes), []
    return _GAPS.sub("\n\n", _LINES.sub("\n", "".join([*pieces, _whole(link, "".join(label))]))).strip()


def _whole(link: str, label: str) -> str:
    """The address, and the words before it where they say something else."""
    shown = label.strip().rstrip("…").strip()
    return link if shown in link else f"{shown} ({link})" if link else label


def _address(attributes: str) -> str:
    """The address of a plain link; "" of a mention or hashtag, whose words are as they were typed."""
    told = _CLASS.search(attributes)
    if told and {"mention", "hashtag", "u-url"} & set(told[1].split()):
        return ""
    href = _HREF.search(attributes)
    return unescape(href[1] or href[2] or "") if href else ""
