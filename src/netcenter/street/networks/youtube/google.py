"""What stands before YouTube's comments: Google's sign-in, the day's quota, how no is said, and the hub of the videos.

https://developers.google.com/youtube/v3/guides/auth/server-side-web-apps
https://developers.google.com/youtube/v3/determine_quota_cost
https://developers.google.com/youtube/v3/guides/push_notifications
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import time
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from zoneinfo import ZoneInfo

from netcenter.street.networks.base import (
    Asked,
    Hook,
    Network,
    Refused,
    Route,
    Said,
    Weather,
    call,
    number,
    one_of,
    pattern,
    route,
    text,
)

SCOPE = "https://www.googleapis.com/auth/youtube.force-ssl"
TOPIC = "https://www.youtube.com/feeds/videos.xml?channel_id="
API = "/youtube/v3/"
TOLD = {  # why -> status, reason
    "route": (404, "notFound"), "method": (404, "notFound"), "type": (400, "parseError"), "body": (400, "parseError"),
    "unknown": (400, "badRequest"), "missing": (400, "missingRequiredParameter"), "bad": (400, "invalidParameter"),
    "no token": (401, "required"), "bad token": (401, "authError"), "expired": (401, "authError"),
    "right": (403, "insufficientPermissions"), "rate": (403, "rateLimitExceeded"), "storm": (503, "backendError"),
}  # fmt: skip


def refused(status: int, reason: str, message: str = "") -> Refused:
    """No, in the API's words: https://developers.google.com/youtube/v3/docs/core_errors"""
    domain = "youtube.quota" if reason == "quotaExceeded" else "youtube.comment"
    told = {"code": status, "message": message or reason, "errors": [
        {"message": message or reason, "domain": domain, "reason": reason}]}  # fmt: skip
    return Refused("other", reason, said=Said(status, {"error": told}))


class Google(Network):
    """One project, one channel that signed in, and its subscription at the hub."""

    def __init__(self, now: Callable[[], float] = time.time, weather: Weather | None = None) -> None:
        super().__init__(now, weather)
        self.own, self.quota = "UCsol0000000000000000000", 10_000
        self.client, self.client_secret = "made-up.apps.example", "made-up-secret"
        self.spent: Counter[str] = Counter()  # units, by the day of California
        self.overspent = 0  # calls that were too many: a well-behaved caller earns none
        self.codes: dict[str, dict[str, str]] = {}
        self.lasting: set[str] = set()  # refresh tokens
        self.subscription: dict[str, Any] = {}
        self._numbers = itertools.count(1)

    # --- no ---------------------------------------------------------------------------------------

    def day(self) -> str:
        return datetime.fromtimestamp(self.now(), ZoneInfo("America/Los_Angeles")).date().isoformat()

    def judge(self, asked: Asked, route: Route) -> None:
        """Every call costs, also one that is refused."""
        if not route.path.startswith(API):
            return
        cost = 1 if route.method == "GET" else 50
        if self.spent[self.day()] + cost > self.quota:
            self.overspent += 1
            raise refused(403, "quotaExceeded", "The request cannot be completed because you have exceeded your quota.")
        self.spent[self.day()] += cost

    def refusal(self, refused: Refused) -> Said:
        status, reason = TOLD.get(refused.why, (400, "badRequest"))
        if refused.why == "unknown":
            refused.detail = f'Unknown name "{refused.detail}": Cannot bind query parameter.'
        error = {"message": refused.detail or reason, "domain": "global", "reason": reason}
        return Said(status, {"error": {"code": status, "message": refused.detail or reason, "errors": [error]}})

    # --- signing in -------------------------------------------------------------------------------

    def allow(self, address: str) -> dict[str, str]:
        """What a person does in the browser, sent there to sign in: the query with which they come back."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"4/code-{next(self._numbers)}"
        self.codes[code] = query
        return {"code": code, "state": query["state"], "scope": query["scope"]}

    @route("POST", "/token", open=True, form={
        "grant_type": one_of("authorization_code", "refresh_token"), "client_id": str, "client_secret": str,
        "code?": str, "redirect_uri?": str, "code_verifier?": str, "refresh_token?": str,
    })  # fmt: skip
    def token(self, asked: Asked) -> Any:
        told = asked.fields
        if (told["client_id"], told["client_secret"]) != (self.client, self.client_secret):
            raise _no(401, "invalid_client", "The OAuth client was not found.")
        lasting: dict[str, str] = {}
        if told["grant_type"] == "authorization_code":
            code = self.codes.pop(told.get("code", ""), None)
            if code is None or code["redirect_uri"] != told.get("redirect_uri") or not _proves(code, told):
                raise _no(400, "invalid_grant", "Bad Request")
            scope = code["scope"]
            if code.get("access_type") == "offline":
                lasting = {"refresh_token": f"1//refresh-{next(self._numbers)}"}
                self.lasting.add(lasting["refresh_token"])
        else:
            if told.get("refresh_token") not in self.lasting:
                raise _no(400, "invalid_grant", "Token has been expired or revoked.")
            scope = SCOPE
        value = f"ya29.token-{next(self._numbers)}"
        self.tokens.issue(value, *scope.split(), of=self.own, expires_at=self.now() + 3599)
        return {"access_token": value, "expires_in": 3599, "token_type": "Bearer", "scope": scope, **lasting}

    @route("GET", "/tokeninfo", open=True, query={"access_token": str})
    def tokeninfo(self, asked: Asked) -> Any:
        token = self.tokens.get(asked.query["access_token"])
        if token is None or not token.is_good(self.now()):
            raise _no(400, "invalid_token", "Invalid Value")
        lasts = int((token.expires_at or self.now() + 3599) - self.now())
        return {"azp": self.client, "aud": self.client, "scope": " ".join(sorted(token.rights)),
                "exp": str(int(self.now()) + lasts), "expires_in": str(lasts), "access_type": "offline"}  # fmt: skip

    # --- the hub ----------------------------------------------------------------------------------

    @route("POST", "/hub/subscribe", open=True, form={
        "hub.callback": pattern(r"https?://.+"), "hub.mode": one_of("subscribe", "unsubscribe"), "hub.topic": text(500),
        "hub.verify?": one_of("async", "sync"), "hub.verify_token?": text(200), "hub.secret?": text(199),
        "hub.lease_seconds?": number(1, 864_000),
    })  # fmt: skip
    def subscribe(self, asked: Asked) -> Any:
        """Asks the callback whether it was it; who does not bring the challenge back is not subscribed."""
        told = asked.fields
        if not told["hub.topic"].startswith(TOPIC):
            return Said(422, b"the topic is none of this hub's", mime="text/plain")
        query = {"hub.mode": told["hub.mode"], "hub.topic": told["hub.topic"], "hub.challenge": "1158201444",
                 "hub.lease_seconds": str(told.get("hub.lease_seconds", 432_000)),
                 "hub.verify_token": told.get("hub.verify_token", "")}  # fmt: skip
        try:
            status, body = call("GET", f"{told['hub.callback']}?{urlencode(query)}")
        except OSError:
            status, body = 0, b""
        if 200 <= status < 300 and body == b"1158201444":
            self._subscribed(told)
        return Said(202)

    def _subscribed(self, told: dict[str, Any]) -> None:
        if told["hub.mode"] == "unsubscribe":
            self.subscription, self.pusher.hook = {}, None
            return
        lasts = told.get("hub.lease_seconds", 432_000)
        self.subscription = {"topic": told["hub.topic"], "ends_at": self.now() + lasts}
        self.hook(told["hub.callback"], told.get("hub.secret", ""))

    def hook(self, to: Any, secret: str) -> None:
        """Push there, signed."""

        def sign(body: bytes) -> dict[str, str]:
            return {"x-hub-signature": "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()}

        self.subscription = {"ends_at": self.now() + 864_000, **self.subscription}
        self.pusher.hook = Hook(
            to, sign, lambda items: items[0].encode(), headers={"content-type": "application/atom+xml"}
        )

    def push(self, item: Any) -> None:
        """Only while the subscription lasts."""
        if self.subscription and self.subscription["ends_at"] > self.now():
            super().push(item)


def iso(at: float) -> str:
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _proves(code: dict[str, str], told: dict[str, Any]) -> bool:
    digest = hashlib.sha256(told.get("code_verifier", "").encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode() == code.get("code_challenge", "")


def _no(status: int, error: str, more: str) -> Refused:
    return Refused("other", error, said=Said(status, {"error": error, "error_description": more}))
