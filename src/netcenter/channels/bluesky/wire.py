"""How an AT Protocol server (PDS) is called, and what its refusals mean: https://atproto.com/specs/xrpc"""

from __future__ import annotations

import re
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from netcenter.channels.contract import (
    Answered,
    Api,
    Budget,
    ChannelError,
    Reason,
    failure_of,
    loose,
    retry_at,
    signing,
)

_NAMES: dict[Reason, str] = {
    "token": "ExpiredToken InvalidToken AuthenticationRequired AuthMissing AccountTakedown AccountDeactivated "
             "AccountSuspended AuthFactorTokenRequired invalid_grant invalid_token invalid_dpop_proof",
    "right": "InsufficientScope insufficient_scope Forbidden",
    "gone": "RecordNotFound NotFound RepoNotFound InvalidConvo BlobNotFound RecipientNotFound ReactionMessageDeleted",
    "blocked": "BlockedActor BlockedByActor MessagesDisabled NotFollowedBySender ConvoLocked",
    "unfit": "BlobTooLarge InvalidRecord InvalidMimeType PayloadTooLarge ReactionInvalidValue",
}  # fmt: skip
_REASONS = {name: reason for reason, names in _NAMES.items() for name in names.split()}
_TOLD: tuple[tuple[re.Pattern[str], Reason], ...] = (
    (re.compile(r"(?i)bad token (scope|method)|insufficient access|missing scope"), "right"),
    (re.compile(r"(?i)could not (locate|find) (record|convo)|(profile|record|post|convo|message)s? not found"), "gone"),
    (re.compile(r"(?i)already (exists|a value)"), "twice"),
    (re.compile(r"(?i)recipient .*(disabled|requires)|blocked"), "blocked"),
    (re.compile(r"(?i)token (has )?(expired|been revoked)|invalid identifier or password"), "token"),
)  # fmt: skip
_WINDOWS = {"300": "calls", "3600": "points_hour", "86400": "points_day"}
MOST_SESSIONS = 300  # in a day: https://docs.bsky.app/docs/advanced-guides/rate-limits
NONCE = "use_dpop_nonce"


class Pds(Api):
    """One account on its server. With `key` every call proves that we hold it (DPoP, RFC 9449)."""

    def __init__(self, base: str, token: str, budget: Budget, *, key: str = "", did: str = "", scope: str = "") -> None:
        kind = "DPoP" if key else "Bearer"
        super().__init__(base, {"authorization": f"{kind} {token}"} if token else {}, budget, "calls")
        self.token, self.key, self.did, self.scope, self.nonce = token, key, did, scope, ""

    def query(self, method: str, query: Mapping[str, Any] | None = None, **more: Any) -> Mapping[str, Any]:
        return loose.within(self.get(f"xrpc/{method}", query, **more))

    def procedure(self, method: str, data: Any = None, **more: Any) -> Mapping[str, Any]:
        return loose.within(self.post(f"xrpc/{method}", data, **more))

    def write(self, what: str, told: Mapping[str, Any]) -> Mapping[str, Any]:
        """Change our repository: https://docs.bsky.app/docs/advanced-guides/rate-limits#content-write-operations"""
        points = {"createRecord": 3, "putRecord": 2, "deleteRecord": 1}[what]
        self.budget.spend("points_hour", points)
        self.budget.spend("points_day", points)
        return self.procedure(f"com.atproto.repo.{what}", {"repo": self.did, **told})

    def call(self, method: str, path: str, **more: Any) -> Answered:
        if not self.key:
            return super().call(method, path, **more)
        told = dict(more.pop("headers", None) or {})
        for attempt in (1, 2):
            proof = proof_of(self.key, method, self._url(path), self.token, self.nonce)
            try:
                return super().call(method, path, headers={**told, "dpop": proof}, **more)
            except ChannelError as error:
                if attempt == 2 or NONCE not in str(error):
                    raise
        raise AssertionError("it has returned or raised")

    def heard(self, answered: Answered, bucket: str) -> None:
        """https://docs.bsky.app/docs/advanced-guides/rate-limits – the window tells which limit is meant."""
        self.nonce = answered.headers.get("dpop-nonce") or self.nonce
        left, resets = answered.headers.get("ratelimit-remaining", ""), answered.headers.get("ratelimit-reset", "")
        policy = re.search(r"(\d+);w=(\d+)", answered.headers.get("ratelimit-policy", ""))
        # Signing in has the windows of calls and points, and a tenth of their room at most: it is not theirs.
        name = _WINDOWS.get(policy[2]) if policy and int(policy[1]) > MOST_SESSIONS else None
        if name and left.isdigit() and resets.isdigit() and len(resets) < 12:
            self.budget.told(name, int(left), datetime.fromtimestamp(int(resets), UTC))

    def failure(self, method: str, answered: Answered) -> ChannelError | None:
        """Bodies are {"error": name, "message": words}; of OAuth {"error", "error_description"}."""
        if answered.status < 300:
            return None
        try:
            told = loose.within(orjson.loads(answered.body))
        except orjson.JSONDecodeError:
            told = {}
        name = loose.text(told.get("error"), 100)
        words = loose.text(told.get("message"), 300) or loose.text(told.get("error_description"), 300)
        failed = failure_of(method, answered, f"{name}: {words}".strip(": "))
        if answered.status == 429:
            resets = answered.headers.get("ratelimit-reset", "")
            until = datetime.fromtimestamp(int(resets), UTC) if resets.isdigit() and len(resets) < 12 else None
            return ChannelError(str(failed), retry_at=retry_at(answered.headers) or until, reason="rate")
        if answered.status >= 500:
            return failed
        if name == "InvalidSwap":
            return ChannelError(str(failed))  # somebody changed it meanwhile: once more
        reason = next((why for pattern, why in _TOLD if pattern.search(words)), None) or _REASONS.get(name)
        if reason is None:
            return failed
        return ChannelError(str(failed), permanent=reason != "token", reason=reason)


# --- Proofs of possession: https://atproto.com/specs/oauth#demonstrating-proof-of-possession-dpop ---


def new_key() -> str:
    """A private key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, plain).decode()


def proof_of(key: str, method: str, url: str, token: str = "", nonce: str = "") -> str:
    claims: dict[str, Any] = {
        "jti": secrets.token_urlsafe(16), "htm": method, "htu": url.partition("?")[0], "iat": int(time.time()),
    }  # fmt: skip
    if token:
        claims["ath"] = signing.s256(token)
    if nonce:
        claims["nonce"] = nonce
    return signing.make_jwt(claims, key, {"typ": "dpop+jwt", "jwk": _public(key)})


def _public(key: str) -> dict[str, str]:
    private = serialization.load_pem_private_key(key.encode(), None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)  # noqa: S101  `new_key` made it
    numbers = private.public_key().public_numbers()
    x, y = (urlsafe_b64encode(n.to_bytes(32, "big")).rstrip(b"=").decode() for n in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}
