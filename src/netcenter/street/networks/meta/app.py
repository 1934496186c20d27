"""An app of Meta: who may call Graph with it, how often, and how it says no; and the webhooks that it signs."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from netcenter.street.networks.base import (
    Asked,
    Hook,
    Network,
    Rate,
    Refused,
    Route,
    Said,
    Token,
    Weather,
    call,
    one_of,
    pattern,
    route,
    text,
)  # fmt: skip
from netcenter.street.networks.base.access import Left
from netcenter.street.networks.meta import fields

VERSIONS = ("v22.0", "v23.0", "v24.0")
SIXTY_DAYS = 60 * 86400.0
TOLD: dict[str, tuple[int, int, int, str, str]] = {  # why -> status, code, subcode, type, words
    "route": (400, 100, 33, "GraphMethodException", "Unsupported request: it does not exist"),
    "method": (400, 100, 33, "GraphMethodException", "Unsupported method"),
    "type": (400, 100, 0, "OAuthException", "Invalid content type"),
    "body": (400, 100, 0, "OAuthException", "The body is malformed"),
    "unknown": (400, 100, 0, "OAuthException", "Unexpected key"),
    "missing": (400, 100, 0, "OAuthException", "The parameter is required"),
    "bad": (400, 100, 0, "OAuthException", "Invalid parameter"),
    "no token": (400, 104, 0, "OAuthException", "An access token is required to request this resource."),
    "bad token": (400, 190, 467, "OAuthException", "Invalid OAuth access token."),
    "expired": (400, 190, 463, "OAuthException", "Error validating access token: Session has expired"),
    "right": (403, 200, 0, "OAuthException", "Requires permission"),
    "rate": (400, 613, 0, "OAuthException", "Calls to this api have exceeded the rate limit."),
    "storm": (503, 2, 0, "OAuthException", "Service temporarily unavailable"),
    "out": (503, 2, 0, "OAuthException", "Service temporarily unavailable"),
    "other": (400, 100, 0, "OAuthException", "Invalid parameter"),
}


def graph_error(code: int, message: str, subcode: int = 0, status: int = 400, **more: Any) -> Refused:
    """A refusal in Graph's words."""
    told = {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code, **more, "fbtrace_id": "AStreet"}
    if subcode:
        told["error_subcode"] = subcode
    return Refused("other", message, said=Said(status, {"error": told}))


class MetaApp(Network):
    """One app. Subclasses have the objects of one network."""

    rates = {"app": Rate(100_000, 3600), "send": Rate(300, 1), "media": Rate(10, 1), "conversations": Rate(2, 1),
             "private_replies": Rate(750, 3600)}  # fmt: skip
    what = "page"  # the object of its webhooks
    usage_header = "x-app-usage"

    def __init__(self, now: Callable[[], float] = time.time, weather: Weather | None = None) -> None:
        super().__init__(now, weather)
        self.app_id, self.app_secret = "218471", "made-up-app-secret"
        self.redirects: set[str] = {"https://care.example/oauth"}
        self.requires_proof = True
        self.codes: dict[str, str] = {}  # of a sign-in -> the person's token
        self.app_fields: set[str] = set()
        self._numbers = itertools.count(1)
        self.app_token = self.tokens.issue(f"{self.app_id}|{self.app_secret}", of="app").value

    def number(self) -> int:
        return next(self._numbers)

    # --- no ---------------------------------------------------------------------------------------

    def credential(self, asked: Asked) -> str:
        return super().credential(asked) or asked.query.get("access_token", "")

    def judge(self, asked: Asked, route: Route) -> None:
        """The version, the proof of the app's secret, and what all calls together may do."""
        if "{version}" not in route.path:
            return  # the CDN
        if asked.path["version"] not in VERSIONS:
            raise graph_error(2635, "You are calling a version of the Graph API that is not supported.")
        proof = asked.query.pop("appsecret_proof", "")
        asked.query.pop("access_token", None)
        if asked.token:
            wanted = hmac.new(self.app_secret.encode(), asked.token.value.encode(), hashlib.sha256).hexdigest()
            if (proof or self.requires_proof) and not hmac.compare_digest(proof, wanted):
                raise graph_error(100, "API calls from the server require an appsecret_proof argument")
        left = self.limits.spend("app", self.app_id)
        asked.left.append(left)
        if left.is_over:
            raise graph_error(4, "Application request limit reached", status=403)

    def refusal(self, refused: Refused) -> Said:
        status, code, subcode, kind, words = TOLD[refused.why]
        told = {"message": f"(#{code}) {words} {refused.detail}".strip(), "type": kind, "code": code}
        if subcode:
            told["error_subcode"] = subcode
        return Said(status, {"error": {**told, "fbtrace_id": "AStreet"}})

    def limit_headers(self, left: list[Left]) -> dict[str, str]:
        app = [one for one in left if one.bucket == "app"]
        if not app:
            return {}
        percent = int(100 * (1 - app[-1].left / app[-1].rate.most))
        usage = {"call_count": percent, "total_cputime": 0, "total_time": percent // 2}
        busy = [{"type": "pages", **usage, "estimated_time_to_regain_access": 1 if percent >= 100 else 0}]
        return {"x-app-usage": json.dumps(usage), "x-business-use-case-usage": json.dumps({"77": busy})}

    def shown(self, thing: Mapping[str, Any], asked: str, default: Sequence[str] = ("id",)) -> dict[str, Any]:
        try:
            return fields.shown(thing, fields.parse(asked), default)
        except fields.NoField as error:
            raise graph_error(100, f"Tried accessing nonexisting field ({error})") from error

    def listed(self, edge: fields.Edge, asked: Asked) -> dict[str, Any]:
        """An edge: `fields`, `limit` and `after` of the query."""
        try:
            wanted = fields.parse(asked.fields.get("fields", ""))
            most = min(fields.MOST, asked.fields.get("limit", 25))
            return fields.listed(edge, most, asked.fields.get("after", ""), wanted)
        except fields.NoField as error:
            raise graph_error(100, f"Tried accessing nonexisting field ({error})") from error

    # --- signing in -------------------------------------------------------------------------------

    def consents(self, redirect_uri: str, token: str, state: str = "s") -> str:
        """Where a person who agreed is sent back to."""
        code = f"code-{self.number()}"
        self.codes[code] = token
        return f"{redirect_uri}?{urlencode({'code': code, 'state': state})}"

    @route("GET", "/{version}/oauth/access_token", open=True, query={
        "client_id": str, "client_secret": str, "redirect_uri?": str, "code?": str,
        "grant_type?": one_of("fb_exchange_token"), "fb_exchange_token?": str,
    })  # fmt: skip
    def access_token(self, asked: Asked) -> Any:
        told = asked.query
        if told["client_id"] != self.app_id:
            raise graph_error(101, "Error validating application. Cannot get application info due to a system error.")
        if told["client_secret"] != self.app_secret:
            raise graph_error(1, "Error validating client secret.")
        if told.get("grant_type"):
            before = self.tokens.get(told.get("fb_exchange_token", ""))
            if before is None or not before.is_good(self.now()):
                raise graph_error(190, "The session has expired", 463)
            value = f"long-{self.number()}-{before.of}"
            self.tokens.issue(value, *before.rights, of=before.of, expires_at=self.now() + SIXTY_DAYS, **before.facts)
            return {"access_token": value, "token_type": "bearer", "expires_in": int(SIXTY_DAYS)}
        if told.get("redirect_uri") not in self.redirects:
            raise graph_error(191, "The redirect_uri URL must be registered.")
        if not (value := self.codes.pop(told.get("code", ""), "")):
            raise graph_error(100, "This authorization code has been used or is invalid.", 36009)
        return {"access_token": value, "token_type": "bearer", "expires_in": 5183944}

    @route("GET", "/{version}/debug_token", query={"input_token": str})
    def debug_token(self, asked: Asked) -> Any:
        if asked.who.of not in ("app", "person"):
            raise graph_error(100, "You must provide an app access token")
        token = self.tokens.get(asked.query["input_token"])
        if token is None or not token.is_good(self.now()):
            error = {"code": 190, "message": "The session has expired", "subcode": 463}
            return {"data": {"app_id": self.app_id, "is_valid": False, "scopes": [], "error": error}}
        return {"data": {
            "app_id": self.app_id, "type": "PAGE", "application": "Care", "is_valid": True, "user_id": "1",
            "scopes": sorted(token.rights), "expires_at": int(token.expires_at or 0),
            "data_access_expires_at": int(self.now() + 90 * 86400),
        }}  # fmt: skip

    # --- webhooks ---------------------------------------------------------------------------------

    @route("POST", "/{version}/{app}/subscriptions", form={
        "object": text(40), "callback_url": pattern(r"https?://.+"), "verify_token": str, "fields": str,
        "include_values?": bool,
    })  # fmt: skip
    def subscriptions(self, asked: Asked) -> Any:
        told = asked.fields
        if asked.who.of != "app" or asked.path["app"] != self.app_id:
            raise graph_error(15, "This method must be called with an app access_token.")
        if told["object"] != self.what:
            raise graph_error(100, f"object must be {self.what}")
        query = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": told["verify_token"]}
        try:
            status, body = call("GET", f"{told['callback_url']}?{urlencode(query)}")
        except OSError:
            status, body = 0, b""
        if status != 200 or body != b"1158201444":
            raise graph_error(2200, "callback verification failed with the following errors: HTTP Status Code = "
                              f"{status}; HTTP Message = Challenge mismatch")  # fmt: skip
        self.app_fields = set(told["fields"].split(","))
        self.hook(told["callback_url"])
        return {"success": True}

    def hook(self, to: Any, batch: int = 1) -> None:
        """Push signed deliveries there, so many entries in one at most."""
        self.pusher.hook = Hook(to, self.signature, self._packed, batch)

    def signature(self, body: bytes) -> dict[str, str]:
        return {"x-hub-signature-256": "sha256=" + hmac.new(self.app_secret.encode(), body, "sha256").hexdigest()}

    def _packed(self, entries: list[Any]) -> bytes:
        return json.dumps({"object": self.what, "entry": entries}, separators=(",", ":")).encode()


def iso(at: float) -> str:
    """2026-01-01T00:00:00+0000, as Graph writes times."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def person_token(app: MetaApp, *rights: str) -> Token:
    """What somebody who signed in holds."""
    return app.tokens.issue(f"person-{app.number()}", *rights, of="person", expires_at=app.now() + 7200)
