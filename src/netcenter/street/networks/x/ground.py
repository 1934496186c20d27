"""What everything on X stands on: who calls, how calls and pushes are signed, and how X says no."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import time
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from netcenter.street.networks.base import Asked, Hook, Network, Push, Rate, Refused, Route, Said, Weather, pattern
from netcenter.street.networks.base.access import Left

BEGIN = 1288834974657
ID = pattern(r"[0-9]{1,19}")
SCOPES = (
    "tweet.read", "tweet.write", "tweet.moderate.write", "users.read", "dm.read", "dm.write", "like.read",
    "like.write", "media.write",
)  # fmt: skip
WORDS = {
    "no token": (401, "Unauthorized", "Unauthorized"), "bad token": (401, "Unauthorized", "Unauthorized"),
    "expired": (401, "Unauthorized", "Unauthorized"), "rate": (429, "Too Many Requests", "Too Many Requests"),
    "right": (403, "Forbidden", "You are not permitted to perform this action."),
    "route": (404, "Not Found", "Not Found"), "method": (405, "Method Not Allowed", "Method Not Allowed"),
    "storm": (503, "Service Unavailable", "Service Unavailable"),
}  # fmt: skip


def problem(status: int, detail: str, kind: str = "about:blank") -> Refused:
    told = {"title": "Forbidden" if status == 403 else "Error", "status": status, "detail": detail, "type": kind}
    return Refused("other", detail, said=Said(status, told, mime="application/problem+json"))


def gone(id: str) -> Refused:
    return problem(
        404, f"Could not find tweet with id: [{id}].", "https://api.twitter.com/2/problems/resource-not-found"
    )


class Ground(Network):
    """One app, the account that it serves, and how calls and pushes are signed."""

    rates = {name: Rate(most, 900) for name, most in {
        "posts": 900, "timeline": 900, "mentions": 300, "search": 300, "users": 900, "me": 75, "dm_events": 15,
        "post": 100, "remove": 50, "hide": 50, "like": 50, "dm": 15, "dm_block": 50, "upload": 500, "status": 1000,
    }.items()}  # fmt: skip

    def __init__(self, now: Callable[[], float] = time.time, weather: Weather | None = None, own: str = "4337869213",
                 handle: str = "panaderiasol") -> None:  # fmt: skip
        super().__init__(now, weather)
        self.own, self.handle = own, handle
        self.key, self.secret, self.token_secret = "made-up-key", "made-up-secret", "made-up-token-secret"
        self.client, self.client_secret = "made-up-client", "made-up-client-secret"
        self.people: dict[str, dict[str, Any]] = {own: {"id": own, "name": "Panadería Sol", "username": handle}}
        self.closed: set[str] = set()  # who takes no direct messages
        self.codes: dict[str, str] = {}  # code -> challenge
        self.fresh: set[str] = {"refresh-0"}
        self.files: dict[str, dict[str, Any]] = {}
        self.likes: set[str] = set()
        self.silenced: set[str] = set()  # whom we take no direct messages of
        self.wordings: dict[str, list[str]] = {}  # of posts that were edited, the first one's id before
        self.hooks: dict[str, dict[str, Any]] = {}
        self.subscribed: set[str] = set()
        self.nonces: set[str] = set()
        self._numbers = itertools.count(1)
        self.tokens.issue("bearer", *SCOPES, of=own)
        self.tokens.issue("app", "app", of="app")
        self.tokens.issue(f"{own}-keys", *SCOPES, of=own, secret=self.token_secret)

    def mints(self) -> str:
        return str(((int(self.now() * 1000) - BEGIN) << 22) + next(self._numbers))

    # --- the front --------------------------------------------------------------------------------

    def credential(self, asked: Asked) -> str:
        told = asked.headers.get("authorization", "")
        if not told.startswith("OAuth "):
            return super().credential(asked)
        return dict(_oauth(told)).get("oauth_token", "")

    def judge(self, asked: Asked, route: Route) -> None:
        """Signed calls: each nonce once, the time within five minutes, the signature over all that is told."""
        told = asked.headers.get("authorization", "")
        if not told.startswith("OAuth "):
            if asked.token and asked.token.facts.get("secret"):
                raise Refused("bad token")
            return
        proof = dict(_oauth(told))
        given, nonce = proof.pop("oauth_signature", ""), proof.get("oauth_nonce", "")
        is_late = abs(int(proof.get("oauth_timestamp") or 0) - time.time()) > 300
        if proof.get("oauth_consumer_key") != self.key or nonce in self.nonces or is_late:
            raise Refused("bad token")
        self.nonces.add(nonce)
        path, _mark, query = asked.url.partition("?")
        pairs = [*proof.items(), *parse_qsl(query, keep_blank_values=True)]
        if asked.headers.get("content-type") == "application/x-www-form-urlencoded":
            pairs += parse_qsl(asked.body.decode(), keep_blank_values=True)
        every = "&".join(f"{n}={v}" for n, v in sorted((quote(n, safe="~"), quote(v, safe="~")) for n, v in pairs))
        base = "&".join(quote(one, safe="~") for one in (asked.method, self.url + path, every))
        key = f"{self.secret}&{asked.who.facts['secret']}".encode()
        if b64encode(hmac.new(key, base.encode(), "sha1").digest()).decode() != given:
            raise Refused("bad token")

    def refusal(self, refused: Refused) -> Said:
        status, title, detail = WORDS.get(refused.why, (400, "Invalid Request", refused.detail))
        kind = "about:blank" if status != 400 else "https://api.twitter.com/2/problems/invalid-request"
        told = {"title": title, "status": status, "detail": detail, "type": kind}
        return Said(status, told, mime="application/problem+json")

    def limit_headers(self, left: list[Left]) -> dict[str, str]:
        found = {"x-access-level": "read-write-directmessages"}
        for one in left:
            found |= {"x-rate-limit-limit": str(one.rate.most), "x-rate-limit-remaining": str(one.left),
                      "x-rate-limit-reset": str(int(one.resets_at) + 1)}  # fmt: skip
        return found

    # --- what is pushed -----------------------------------------------------------------------------

    def _tell(self, told: dict[str, Any]) -> None:
        self.push({"for_user_id": self.own, **told})

    def hook(self, to: str | Callable[[Push], int]) -> None:
        def sign(body: bytes) -> dict[str, str]:
            return {"x-twitter-webhooks-signature": f"sha256={self._mac(body)}"}

        self.pusher.hook = Hook(to, sign=sign)

    def _mac(self, body: bytes) -> str:
        return b64encode(hmac.new(self.secret.encode(), body, hashlib.sha256).digest()).decode()


def _oauth(told: str) -> list[tuple[str, str]]:
    pairs = [one.partition("=") for one in told.removeprefix("OAuth ").split(", ")]
    return [(unquote(name), unquote(value.strip('"'))) for name, _equals, value in pairs]
