"""What records and calls look like, and small things that everybody here uses."""

from __future__ import annotations

import base64
import json
import unicodedata
from typing import Any

from netcenter.street.networks.base import (
    Refused,
    Said,
    anything,
    number,
    pattern,
    text,
)

LETTERS = "234567abcdefghijklmnopqrstuvwxyz"
POST, LIKE, BLOCK = "app.bsky.feed.post", "app.bsky.feed.like", "app.bsky.graph.block"
CHAT = "did:web:api.bsky.chat#bsky_chat"
LOG = "chat.bsky.convo.defs#"
WRITE_POINTS = {"createRecord": 3, "putRecord": 2, "deleteRecord": 1}
PAGE = {"limit?": number(1, 100), "cursor?": text(500)}
REF = {"uri": str, "cid": str}
RECORDS: dict[str, Any] = {
    POST: {"$type": str, "text": str, "createdAt": str, "langs?": [str], "reply?": {"root": REF, "parent": REF},
           "facets?": [anything], "embed?": anything, "labels?": anything, "tags?": [str], "viaNetcenter?": str},
    LIKE: {"$type": str, "createdAt": str, "subject": REF, "via?": anything},
    BLOCK: {"$type": str, "createdAt": str, "subject": pattern(r"did:[a-z]+:.+")},
    "app.bsky.feed.threadgate": {"$type": str, "post": str, "createdAt": str, "allow?": anything,
                                 "hiddenReplies?": [str]},
    "app.bsky.feed.postgate": {"$type": str, "post": str, "createdAt": str, "embeddingRules?": anything,
                               "detachedEmbeddingUris?": [str]},
}  # fmt: skip


def no(name: str, words: str, status: int = 400) -> Refused:
    told = {"error": name, "message": words, "error_description": words}
    return Refused("other", said=Said(status, told))


def graphemes(words: str) -> int:
    return sum(1 for c in words if unicodedata.category(c) not in ("Mn", "Me") and c != "\u200d")


def packed(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def unpacked(part: str) -> dict[str, Any]:
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def token(claims: dict[str, Any]) -> str:
    head, body = (packed(json.dumps(part).encode()) for part in ({"typ": "at+jwt", "alg": "ES256K"}, claims))
    return f"{head}.{body}.c2lnbmVk"
