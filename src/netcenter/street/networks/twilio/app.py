"""An account of Twilio: https://www.twilio.com/docs/usage/requests-to-twilio"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Any
from urllib.parse import urlencode, urlsplit

from netcenter.street.networks.base import (
    Asked,
    Hook,
    Network,
    Push,
    Rate,
    Refused,
    Route,
    Said,
    Weather,
    call,
    number,
    one_of,
    route,
    text,
)  # fmt: skip

VERSION = "2010-04-01"
ROOT = f"/{VERSION}/Accounts/{{account}}"
FORM = "application/x-www-form-urlencoded"
PAGES = {"PageSize?": number(1, 1000), "Page?": int, "PageToken?": str}
TOLD: dict[str, tuple[int, int, str]] = {  # why -> status, code, words
    "route": (404, 20404, "The requested resource was not found"),
    "method": (405, 20004, "Method not allowed"),
    "type": (400, 20001, "Unsupported content type"),
    "body": (400, 20001, "The body is malformed"),
    "unknown": (400, 20001, "Unknown parameter"),
    "missing": (400, 20001, "A required parameter is missing"),
    "bad": (400, 20001, "Invalid parameter"),
    "no token": (401, 20003, "Authenticate"),
    "bad token": (401, 20003, "Authenticate"),
    "expired": (401, 20003, "Authenticate"),
    "right": (403, 20006, "Access Denied"),
    "rate": (429, 20429, "Too Many Requests"),
    "storm": (503, 20503, "Service unavailable"),
    "out": (503, 20503, "Service unavailable"),
    "other": (400, 20001, "Bad request"),
}

Knock = Callable[[str, Mapping[str, str], bytes], tuple[int, bytes]]
"""`knock(url, headers, body)`: the company's door; status and body."""


def refused(code: int, message: str, status: int = 400) -> Refused:
    """A refusal in Twilio's words."""
    more = f"https://www.twilio.com/docs/errors/{code}"
    return Refused("other", message, said=Said(status, {
        "code": code, "message": message, "more_info": more, "status": status}))  # fmt: skip


def iso(at: float) -> str:
    """A moment as lists are asked for it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Human:
    """Somebody with a telephone."""

    phone: str
    name: str = ""
    is_on: bool = True  # off: nothing arrives (30003)
    exists: bool = True  # else 30005
    landline: bool = False  # 30006
    filtered: bool = False  # the carrier takes what we write for spam: 30007
    stopped: bool = False  # they wrote STOP
    facts: dict[str, Any] = field(default_factory=dict)


class TwilioApp(Network):
    """The account, its number, and how it knocks."""

    rates = {"calls": Rate(100, 1)}

    def __init__(self, now: Callable[[], float] = time.time, weather: Weather | None = None) -> None:
        super().__init__(now, weather)
        self.account, self.auth_token = "AC" + "a1" * 16, "f" * 32
        self.number, self.number_sid = "+34600111222", "PN" + "b2" * 16
        self.service = "MG" + "c3" * 16
        self.capabilities = {"voice": True, "sms": True, "mms": True, "fax": False}
        self.hooks = {"sms_url": "", "voice_url": "", "status_callback": "", "service_url": ""}
        self.humans: dict[str, Human] = {}
        self.tokens.issue(f"{self.account}:{self.auth_token}", of=self.account)
        self.knock: Knock = lambda url, headers, body: call("POST", url, headers, body)
        self.pusher.most_tries = 1  # Twilio tries once, and a fallback address
        self.pusher.hook = Hook(self._deliver, pack=lambda items: json.dumps(items[0]).encode())

    def sid(self, kind: str) -> str:
        """A new name of a thing."""
        return kind + hashlib.md5(f"{kind}{self.truth.name()}".encode(), usedforsecurity=False).hexdigest()

    def human(self, name: str = "Dana", phone: str = "") -> Human:
        one = Human(phone or f"+346{len(self.humans):08d}", name)
        self.humans[one.phone] = one
        return one

    # --- knocking ---------------------------------------------------------------------------------

    def asks(self, url: str, form: Mapping[str, str]) -> tuple[int, bytes]:
        """Call the company's door, signed, and hear what it says. Raises OSError."""
        body = urlencode(form).encode()
        return self.knock(url, {"content-type": FORM, "x-twilio-signature": self.signature(url, form)}, body)

    def tells(self, url: str, form: Mapping[str, str]) -> None:
        """The same, when the pusher comes to it; nobody waits for the answer."""
        if url:
            self.push({"url": url, "form": dict(form)})

    def _deliver(self, push: Push) -> int:
        told = json.loads(push.body)
        try:
            return self.asks(told["url"], told["form"])[0]
        except OSError:
            return 0

    def signature(self, url: str, form: Mapping[str, str]) -> str:
        """https://www.twilio.com/docs/usage/webhooks/webhooks-security#validating-signatures-from-twilio"""
        signed = url + "".join(f"{name}{form[name]}" for name in sorted(form))
        return b64encode(hmac.new(self.auth_token.encode(), signed.encode(), "sha1").digest()).decode()

    # --- who may call, and how it says no -----------------------------------------------------------

    def credential(self, asked: Asked) -> str:
        kind, _space, value = asked.headers.get("authorization", "").partition(" ")
        try:
            return b64decode(value, validate=True).decode() if kind.lower() == "basic" else ""
        except ValueError:
            return ""

    def judge(self, asked: Asked, route: Route) -> None:
        if asked.path.get("account", self.account) != self.account:
            raise Refused("route")

    def refusal(self, refused: Refused) -> Said:
        status, code, words = TOLD[refused.why]
        more = f"https://www.twilio.com/docs/errors/{code}"
        told = {"code": code, "message": f"{words} {refused.detail}".strip(), "more_info": more, "status": status}
        return Said(status, told)

    # --- lists --------------------------------------------------------------------------------------

    def page(self, name: str, rows: Sequence[Any], asked: Asked, kind: str) -> dict[str, Any]:
        """A page of a list, which tells where the next one lies."""
        size, at = int(asked.query.get("PageSize", 50)), int(asked.query.get("Page", 0))
        shown = list(rows[at * size : (at + 1) * size])
        following = None
        if (at + 1) * size < len(rows):
            query = {k: str(v) for k, v in asked.query.items()} | {"Page": str(at + 1), "PageToken": "PA1"}
            following = f"{urlsplit(asked.url).path}?{urlencode(query)}"
        return {kind: shown, "page": at, "page_size": size, "next_page_uri": following, "previous_page_uri": None,
                "first_page_uri": asked.url, "uri": asked.url, "start": at * size,
                "end": at * size + len(shown)}  # fmt: skip

    def date(self, at: float | None) -> str | None:
        return None if at is None else formatdate(at, usegmt=True).replace("GMT", "+0000")

    # --- the number ---------------------------------------------------------------------------------

    @route("GET", ROOT + "/IncomingPhoneNumbers.json", bucket="calls", query={"PhoneNumber?": text(20), **PAGES})
    def numbers(self, asked: Asked) -> Any:
        rows = [self._number()] if asked.query.get("PhoneNumber", self.number) == self.number else []
        return self.page("IncomingPhoneNumbers", rows, asked, "incoming_phone_numbers")

    def _number(self) -> dict[str, Any]:
        return {"sid": self.number_sid, "account_sid": self.account, "phone_number": self.number,
                "friendly_name": "Panadería Sol", "capabilities": self.capabilities, "sms_url": self.hooks["sms_url"],
                "sms_method": "POST", "voice_url": self.hooks["voice_url"], "voice_method": "POST",
                "status_callback": self.hooks["status_callback"], "status_callback_method": "POST"}  # fmt: skip

    @route("POST", ROOT + "/IncomingPhoneNumbers/{number}.json", bucket="calls", form={
        "SmsUrl?": str, "SmsMethod?": one_of("POST", "GET"), "VoiceUrl?": str, "VoiceMethod?": one_of("POST", "GET"),
        "StatusCallback?": str, "StatusCallbackMethod?": one_of("POST", "GET"),
    })  # fmt: skip
    def change_number(self, asked: Asked) -> Any:
        if asked.path["number"] != self.number_sid:
            raise Refused("route")
        for name, key in (("SmsUrl", "sms_url"), ("VoiceUrl", "voice_url"), ("StatusCallback", "status_callback")):
            if name in asked.fields:
                self.hooks[key] = self.url_of(asked.fields[name], 21402 if name == "SmsUrl" else 21205)
        return self._number()

    def url_of(self, url: str, code: int) -> str:
        """An address that Twilio may call, or nothing. Raises Refused."""
        if url and urlsplit(url).scheme not in ("http", "https"):
            raise refused(code, f"Url is not a valid URL: {url}")
        return url

    @route("POST", "/v1/Services/{service}", bucket="calls", form={
        "InboundRequestUrl?": str, "InboundMethod?": one_of("POST", "GET"), "StatusCallback?": str,
        "UseInboundWebhookOnNumber?": bool,
    })  # fmt: skip
    def change_service(self, asked: Asked) -> Any:
        if asked.path["service"] != self.service:
            raise Refused("route")
        self.hooks["service_url"] = asked.fields.get("InboundRequestUrl", self.hooks["service_url"])
        return {"sid": self.service, "inbound_request_url": self.hooks["service_url"]}
