"""What the network holds, and how it says no."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from netcenter.street.networks.base import (
    Asked,
    Network,
    Rate,
    Refused,
    Route,
    Said,
)
from netcenter.street.networks.base.access import Left
from netcenter.street.networks.bluesky.lexicons import (
    BLOCK,
    CHAT,
    LETTERS,
    LIKE,
    no,
    packed,
    unpacked,
)


class Ground(Network):
    """What the network holds, and how it says no."""

    rates: ClassVar[Mapping[str, Rate]] = {
        "calls": Rate(3000, 300), "points_hour": Rate(5000, 3600), "points_day": Rate(35_000, 86_400),
        "sessions": Rate(30, 300),
    }  # fmt: skip

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.password, self.may_chat = "abcd-efgh-ijkl-mnop", True
        self.repos: dict[str, dict[str, dict[str, Any]]] = {}  # did -> uri -> {uri, cid, value}
        self.handles: dict[str, str] = {}
        self.notifications: list[dict[str, Any]] = []
        self.convos: dict[str, dict[str, Any]] = {}
        self.log: list[dict[str, Any]] = []
        self.blobs: dict[str, tuple[bytes, str]] = {}
        self.closed: dict[str, str] = {}  # did -> why it takes no private messages
        self.blocks: set[str] = set()  # dids that have blocked the brand
        self.blocking: dict[str, str] = {}  # whom the brand has blocked: did -> uri, gone again or not
        self.codes: dict[str, dict[str, str]] = {}
        self._numbers, self._sessions = itertools.count(), itertools.count(1)
        self.did = self.join("brand")

    def join(self, name: str) -> str:
        did = f"did:plc:{hashlib.sha256(name.encode()).hexdigest()[:24]}"
        self.handles[did] = f"{name}.street.test"
        self.repos.setdefault(did, {})
        return did

    # --- in the network's own words -----------------------------------------------------------------

    def credential(self, asked: Asked) -> str:
        kind, _space, value = asked.headers.get("authorization", "").partition(" ")
        return value if kind.lower() in ("bearer", "dpop") else ""

    def refusal(self, refused: Refused) -> Said:
        told = {
            "route": (501, "MethodNotImplemented", "Method Not Implemented"),
            "no token": (401, "AuthMissing", "Authentication Required"),
            "bad token": (400, "InvalidToken", "Token could not be verified"),
            "expired": (400, "ExpiredToken", "Token has expired"),
            "right": (400, "InvalidToken", "Bad token scope"),
            "rate": (429, "RateLimitExceeded", "Rate Limit Exceeded"),
        }  # fmt: skip
        status, name, words = told.get(refused.why, (400, "InvalidRequest", refused.detail))
        return Said(status, {"error": name, "message": words})

    def limit_headers(self, left: list[Left]) -> dict[str, str]:
        if not left:
            return {}
        least = min(left, key=lambda one: one.left)
        return {
            "ratelimit-limit": str(least.rate.most), "ratelimit-remaining": str(least.left),
            "ratelimit-reset": str(int(least.resets_at) + 1),
            "ratelimit-policy": f"{least.rate.most};w={int(least.rate.seconds)}",
        }  # fmt: skip

    def judge(self, asked: Asked, route: Route) -> None:
        """Chat is passed on only where the call says so; a session with a key proves that it holds it."""
        if route.path.startswith("/xrpc/chat.") and asked.headers.get("atproto-proxy") != CHAT:
            raise Refused("route")
        if asked.token and asked.token.facts.get("dpop"):
            self._judge_proof(asked, asked.token.value)

    def _judge_proof(self, asked: Asked, token: str = "") -> str:
        """The thumbprint of the key. RFC 9449; signatures are left to the real network."""
        try:
            head, claims = (unpacked(part) for part in asked.headers.get("dpop", "").split(".")[:2])
        except ValueError:
            raise no("invalid_dpop_proof", "DPoP proof required", 401) from None
        if claims.get("nonce") != "nonce-1":
            said = Said(
                401 if token else 400,
                {"error": "use_dpop_nonce", "error_description": "Authorization server requires nonce in DPoP proof"},
            )
            said.headers["dpop-nonce"] = "nonce-1"
            raise Refused("other", said=said)
        expected = {"htm": asked.method, "htu": f"{self.url}{asked.url.partition('?')[0]}"}
        if token:
            expected["ath"] = packed(hashlib.sha256(token.encode()).digest())
        if head.get("typ") != "dpop+jwt" or any(claims.get(name) != value for name, value in expected.items()):
            raise no("invalid_dpop_proof", "DPoP proof mismatch", 401)
        return json.dumps(head["jwk"], sort_keys=True)

    # --- inside -----------------------------------------------------------------------------------

    def _notify(self, reason: str, name: str, uri: str, subject: str | None) -> None:
        made = self._found(uri)
        told = {
            "uri": uri,
            "cid": made["cid"],
            "author": self._profile(self.join(name)),
            "reason": reason,
            "record": made["value"],
            "isRead": False,
            "indexedAt": self._time(),
            "labels": [],
            "_at": f"{self._time()}::{next(self._numbers):012d}",
        }
        self.notifications.append(told | ({"reasonSubject": subject} if subject else {}))

    def _profile(self, did: str) -> dict[str, Any]:
        handle = self.handles[did]
        return {
            "did": did,
            "handle": handle,
            "displayName": handle.partition(".")[0].title(),
            "viewer": {"muted": False, "blockedBy": did in self.blocks, **self._blocking(did)},
            "labels": [],
        }

    def _blocking(self, did: str) -> dict[str, str]:
        """The brand's own record that blocks them."""
        uri = self.blocking.get(did, "")
        return {"blocking": uri} if uri and uri in self.repos[self.did] else {}

    def _counts(self) -> Counter[tuple[str, str]]:
        """How many records of a type are about a post; "": that answer it."""
        found: Counter[tuple[str, str]] = Counter()
        for value in (one["value"] for repo in self.repos.values() for one in repo.values()):
            if isinstance(value.get("subject"), dict):  # who is blocked is no post
                found[value["$type"], value["subject"]["uri"]] += 1
            elif "reply" in value:
                found["", value["reply"]["parent"]["uri"]] += 1
        return found

    def _view(self, uri: str, counts: Counter[tuple[str, str]] | None = None) -> dict[str, Any]:
        made, did = self._found(uri), uri.split("/")[2]
        counts = self._counts() if counts is None else counts
        counted = {
            "likeCount": counts[LIKE, uri], "quoteCount": 0, "repostCount": counts["app.bsky.feed.repost", uri],
            "replyCount": counts["", uri],
        }  # fmt: skip
        likes = [
            one["uri"]
            for one in self.repos[self.did].values()
            if one["value"]["$type"] == LIKE and one["value"]["subject"]["uri"] == uri
        ]
        viewer = {"threadMuted": False, **({"like": likes[0]} if likes else {})}
        return {
            "uri": uri,
            "cid": made["cid"],
            "author": self._profile(did),
            "record": made["value"],
            "indexedAt": made["value"]["createdAt"],
            "viewer": viewer,
            "labels": [],
            **counted,
        }

    def _page(self, asked: Asked, told: list[dict[str, Any]], name: str, key: Any) -> Any:
        limit, cursor = int(asked.query.get("limit", 50)), asked.query.get("cursor")
        below = [one for one in told if not cursor or key(one) < cursor]
        page = below[:limit]
        shown = [{field: value for field, value in one.items() if field != "_at"} for one in page]
        return {name: shown, **({"cursor": key(page[-1])} if len(below) > limit else {})}

    def _found(self, uri: str) -> dict[str, Any]:
        if uri not in self.repos.get(uri.split("/")[2], {}):
            raise no("RecordNotFound", f"Could not locate record: {uri}")
        return self.repos[uri.split("/")[2]][uri]

    def _put(self, did: str, collection: str, rkey: str, record: dict[str, Any]) -> str:
        uri = f"at://{did}/{collection}/{rkey}"
        self.repos[did][uri] = {"uri": uri, "cid": self._cid(record), "value": record}
        if collection == BLOCK and did == self.did:
            self.blocking[record["subject"]] = uri
        return uri

    def _ref(self, uri: str) -> dict[str, str]:
        return {"uri": uri, "cid": self._found(uri)["cid"]}

    def _cid(self, record: dict[str, Any]) -> str:
        return f"bafyrei{hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:52]}"

    def _tid(self) -> str:
        at, letters = (int(self.now() * 1e6) + next(self._numbers)) << 10, []
        for _place in range(13):
            at, rest = divmod(at, 32)
            letters.append(LETTERS[rest])
        return "".join(reversed(letters))

    def _time(self) -> str:
        return datetime.fromtimestamp(self.now(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
