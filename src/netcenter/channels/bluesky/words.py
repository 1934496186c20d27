"""Words and what is marked in them, by bytes: https://docs.bsky.app/docs/advanced-guides/post-richtext"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from netcenter.channels.contract import loose

_NAMED = re.compile(
    r"(?<![\w@.])@((?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?\.)+[a-zA-Z](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)"
)
_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]'»”]")
_TAG = re.compile(r"(?<![\w#&/])#([^\s#.,;:!?()\[\]\"'«»“”]*[^\W\d_][^\s#.,;:!?()\[\]\"'«»“”]*)")
LONGEST_TAG = 64


def facets_of(text: str, did_of: Callable[[str], str]) -> list[dict[str, Any]]:
    """Links, names and tags of a text of ours; `did_of` a handle, "" when nobody has it."""
    found = []
    for at, end, feature in _marked(text, did_of):
        begin = len(text[:at].encode())
        index = {"byteStart": begin, "byteEnd": begin + len(text[at:end].encode())}
        found.append({"index": index, "features": [feature]})
    return found


def _marked(text: str, did_of: Callable[[str], str]) -> Iterator[tuple[int, int, dict[str, str]]]:
    for hit in _LINK.finditer(text):
        yield hit.start(), hit.end(), {"$type": "app.bsky.richtext.facet#link", "uri": hit[0]}
    for hit in _NAMED.finditer(text):
        if did := did_of(hit[1].lower()):
            yield hit.start(), hit.end(), {"$type": "app.bsky.richtext.facet#mention", "did": did}
    for hit in _TAG.finditer(text):
        if len(hit[1]) <= LONGEST_TAG:
            yield hit.start(), hit.end(), {"$type": "app.bsky.richtext.facet#tag", "tag": hit[1]}


def text_of(told: Mapping[str, Any]) -> str:
    """The words of a post or a message, with whole addresses where its writer's client has shortened them."""
    octets = loose.text(told.get("text"), 20_000).encode()
    for at, end, uri in sorted(_links(told, len(octets)), reverse=True):
        shown = octets[at:end].decode("utf-8", "replace")
        short = shown.strip().rstrip("….").strip()
        whole = uri if short in uri else f"{shown} ({uri})"
        octets = octets[:at] + whole.encode() + octets[end:]
    return loose.text(octets.decode("utf-8", "replace"))


def _links(told: Mapping[str, Any], length: int) -> Iterator[tuple[int, int, str]]:
    """Those that do not overlap one another."""
    ended = 0
    marked = [(loose.within(facet, "index"), facet) for facet in loose.objects(told.get("facets"))[:200]]
    for index, facet in sorted(marked, key=lambda one: loose.count(one[0].get("byteStart")) or 0):
        at, end = loose.count(index.get("byteStart")), loose.count(index.get("byteEnd"))
        if at is None or end is None or not ended <= at < end <= length:
            continue
        for feature in loose.objects(facet.get("features")):
            uri = loose.text(feature.get("uri"), 2000)
            if feature.get("$type") == "app.bsky.richtext.facet#link" and uri.startswith(("https://", "http://")):
                yield at, end, uri
                ended = end
                break
