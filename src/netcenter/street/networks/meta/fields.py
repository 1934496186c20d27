"""`fields=id,from,comments.limit(5){id,message}`: what of an object is shown, and what there is none of.

https://developers.facebook.com/docs/graph-api/guides/field-expansion
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_PIECE = re.compile(r"[A-Za-z_]+|\.[a-z_]+\([^)]*\)|[{},]")
MOST = 100


class NoField(Exception):
    """The object has no such field."""


@dataclass
class Asked:
    """One field, how much of it, and which fields of what lies there."""

    limit: int = 25
    options: dict[str, str] = field(default_factory=dict)
    below: dict[str, Asked] = field(default_factory=dict)


@dataclass
class Edge:
    """A list of things behind a field; each is made an object when it is its turn."""

    of: Sequence[Any]
    show: Callable[[Any], Mapping[str, Any]] = dict
    newest_first: bool = True  # False: oldest first, unless asked for otherwise


def parse(text: str) -> dict[str, Asked]:
    """Raises NoField for what is no list of fields."""
    pieces = _PIECE.findall(text)
    if "".join(pieces) != text.replace(" ", ""):
        raise NoField(text)
    return _parse(iter(pieces))


def _parse(pieces: Iterator[str]) -> dict[str, Asked]:
    found: dict[str, Asked] = {}
    name = ""
    for piece in pieces:
        if piece == "{":
            found[name].below = _parse(pieces)
        elif piece == "}":
            break
        elif piece.startswith("."):
            option, _paren, value = piece[1:-1].partition("(")
            found[name].options[option] = value
            if option == "limit":
                found[name].limit = min(MOST, int(value))
        elif piece != ",":
            name = piece
            found[name] = Asked()
    return found


def shown(thing: Mapping[str, Any], asked: Mapping[str, Asked], default: Sequence[str] = ("id",)) -> dict[str, Any]:
    """The object with the fields that were asked for; what it has none of at the moment is left out."""
    result: dict[str, Any] = {"id": thing["id"]} if "id" in thing else {}
    for name, one in (asked or {name: Asked() for name in default}).items():
        if name not in thing:
            raise NoField(name)
        value = thing[name]
        if isinstance(value, Edge):
            result[name] = listed(ordered(value, one.options.get("order", "")), one.limit, "", one.below)
        elif isinstance(value, Mapping) and one.below:
            result[name] = shown(value, one.below)
        elif value not in (None, "", []):
            result[name] = value
    return result


def ordered(edge: Edge, order: str) -> Edge:
    """The edge in the order that was asked for."""
    if edge.newest_first or order != "reverse_chronological":
        return edge
    return Edge(edge.of[::-1], edge.show)


def listed(edge: Edge, limit: int, after: str, asked: Mapping[str, Asked]) -> dict[str, Any]:
    """A page of an edge, with the cursor of the next."""
    begin = int(after or 0)
    page = [shown(edge.show(one), asked) for one in edge.of[begin : begin + limit]]
    if not page:
        return {"data": []}
    paging: dict[str, Any] = {"cursors": {"before": str(begin), "after": str(begin + len(page))}}
    if begin + len(page) < len(edge.of):
        paging["next"] = "https://graph.facebook.com/next?access_token=never-follow-this"
    return {"data": page, "paging": paging}
