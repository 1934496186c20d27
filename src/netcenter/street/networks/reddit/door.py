"""What stands before Reddit: who asks, how often, signing in, and how no is said.

https://github.com/reddit-archive/reddit/wiki/OAuth2
https://support.reddithelp.com/hc/en-us/articles/16160319875092-Reddit-Data-API-Wiki
"""

from __future__ import annotations

import itertools
import re
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from netcenter.street.networks.base import Asked, Network, Rate, Refused, Route, Said, Weather, one_of, route
from netcenter.street.networks.base.access import Left

SCOPES = ("identity", "read", "privatemessages", "submit", "history", "edit", "modposts")
AGENT = re.compile(r"[\w.-]+:[\w.-]+:v?[\w.]+ \(by /?u/[\w-]+\)")
ONE = one_of("1")
TOLD = {
    "route": 404, "method": 404, "type": 415, "body": 400, "unknown": 400, "missing": 400, "bad": 400, "no token": 401,
    "bad token": 401, "expired": 401, "right": 403, "rate": 429, "storm": 503,
}  # fmt: skip


class Door(Network):
    """One app, and the account that it serves."""

    rates: ClassVar[Mapping[str, Rate]] = {"calls": Rate(1000, 600)}

    def __init__(
        self, now: Callable[[], float] = time.time, weather: Weather | None = None, name: str = "PanaderiaSol"
    ) -> None:  # fmt: skip
        super().__init__(now, weather)
        self.client, self.client_secret, self.password = "madeupclient", "made-up-secret", "made-up-password"
        self.people: dict[str, str] = {}  # name -> t2_…
        self.codes: dict[str, dict[str, str]] = {}
        self.lasting: set[str] = set()
        self._numbers = itertools.count(46656)
        self.name = self.person(name)
        self.own = self.people[name]

    def person(self, name: str) -> str:
        self.people.setdefault(name, f"t2_{self.number()}")
        return name

    def number(self) -> str:
        """The next, in letters and digits."""
        n, told = next(self._numbers), ""
        while n:
            n, digit = divmod(n, 36)
            told = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + told
        return told

    # --- no ---------------------------------------------------------------------------------------

    def caller(self, asked: Asked) -> str:
        return self.client

    def answer(self, asked: Asked) -> Said | None:
        """Whoever does not say who asks is throttled to nothing."""
        if not AGENT.fullmatch(asked.headers.get("user-agent", "")):
            return Said(429, {"message": "Too Many Requests", "error": 429})
        return super().answer(asked)

    def refusal(self, refused: Refused) -> Said:
        status = TOLD.get(refused.why, 400)
        words = {401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 429: "Too Many Requests"}
        return Said(
            status, {"message": words.get(status, "Bad Request"), "error": status, "explanation": refused.detail}
        )

    def judge(self, asked: Asked, route: Route) -> None:
        if not route.open:
            left = self.limits.spend("calls", self.client)
            asked.left.append(left)
            if left.is_over:
                raise Refused("rate", "calls", left=left)

    def limit_headers(self, left: list[Left]) -> dict[str, str]:
        if not left:
            return {}
        used = left[0].rate.most - left[0].left
        return {"x-ratelimit-used": str(used), "x-ratelimit-remaining": f"{left[0].left}.0",
                "x-ratelimit-reset": str(max(1, int(left[0].resets_at - self.now())))}  # fmt: skip

    # --- signing in -------------------------------------------------------------------------------

    def allow(self, address: str) -> dict[str, str]:
        """What a person does in the browser, sent there to sign in: the query with which they come back."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.codes[f"code-{len(self.codes)}"] = query
        return {"code": f"code-{len(self.codes) - 1}", "state": query["state"]}

    @route("POST", "/api/v1/access_token", open=True, form={
        "grant_type": one_of("authorization_code", "refresh_token", "password"), "code?": str, "redirect_uri?": str,
        "refresh_token?": str, "username?": str, "password?": str, "scope?": str,
    })  # fmt: skip
    def token(self, asked: Asked) -> Any:
        proof = b64encode(f"{self.client}:{self.client_secret}".encode()).decode()
        if asked.headers.get("authorization") != f"Basic {proof}":
            return Said(401, {"message": "Unauthorized", "error": 401})
        told, lasting = asked.fields, {}
        if told["grant_type"] == "authorization_code":
            code = self.codes.pop(told.get("code", ""), None)
            if code is None or code["redirect_uri"] != told.get("redirect_uri"):
                return {"error": "invalid_grant"}  # with 200, as Reddit does
            scope = code["scope"]
            if code.get("duration") == "permanent":
                lasting = {"refresh_token": f"refresh-{self.number()}"}
                self.lasting.add(lasting["refresh_token"])
        elif told["grant_type"] == "refresh_token":
            if told.get("refresh_token") not in self.lasting:
                return Said(400, {"message": "Bad Request", "error": 400})
            scope = " ".join(SCOPES)
        else:
            if (told.get("username"), told.get("password")) != (self.name, self.password):
                return {"error": "invalid_grant"}
            scope = told.get("scope", "*")
        value = f"bearer-{self.number()}"
        self.tokens.issue(value, *scope.split(), of=self.name, expires_at=self.now() + 86400)
        return {"access_token": value, "token_type": "bearer", "expires_in": 86400, "scope": scope, **lasting}

    @route("GET", "/api/v1/me", query={"raw_json?": ONE}, rights=("identity",))
    def me(self, asked: Asked) -> Any:
        return {"name": self.name, "id": self.own[3:], "is_suspended": False, "total_karma": 7}
