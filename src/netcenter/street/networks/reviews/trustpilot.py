"""Trustpilot on the street: the service reviews of one business unit.

https://developers.trustpilot.com/business-units-api
https://developers.trustpilot.com/service-reviews-api
https://developers.trustpilot.com/get-started/authentication
"""

from __future__ import annotations

import itertools
import json
from base64 import b64decode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from netcenter.street.networks.base import Asked, Hook, Network, Rate, Refused, Said, number, one_of, route, text

LIVES = 359999  # seconds of a token
ERRORS = {
    "route": (404, "Not found"), "method": (405, "Method not allowed"), "type": (415, "Unsupported media type"),
    "body": (400, "Invalid body"), "unknown": (400, "Unknown parameter"), "missing": (400, "Missing parameter"),
    "bad": (400, "Bad request"), "no token": (401, "Unknown access token"), "bad token": (401, "Invalid access token"),
    "expired": (401, "Access token expired"), "right": (403, "Forbidden"), "rate": (429, "Too many requests"),
    "storm": (503, "Service unavailable"), "out": (503, "Service unavailable"), "other": (409, "Conflict"),
}  # fmt: skip
LIST = {
    "orderBy?": one_of("createdat.asc", "createdat.desc", "stars.asc", "stars.desc"), "perPage?": number(1, 100),
    "page?": number(1, 2**31 - 1), "stars?": number(1, 5), "language?": text(10), "responded?": one_of("true", "false"),
    "startDateTime?": text(30), "endDateTime?": text(30), "referenceId?": text(100), "tagGroup?": text(100),
    "tagValue?": text(100),
}  # fmt: skip


class Trustpilot(Network):
    """`truth.told` has a review by its id; its thread is the business unit."""

    rates: ClassVar[Mapping[str, Rate]] = {"calls": Rate(833, 300)}
    refuses_second = False  # whether a second reply is refused while one stands: the documentation does not say
    tells_words_of_deleted = True  # nor whether the push of a deletion tells the words

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.unit, self.user = "46d6a890ffa235a75b00021d", "507f191e810c19729de860ea"
        self.application = ("key-1", "secret-1")
        self.people = {"care@sol.example": "password-1"}
        self.only_people = False  # whether the application alone is given no token
        self.reviews: dict[str, dict[str, Any]] = {}
        self._numbers = itertools.count(1)

    # --- what people do -------------------------------------------------------------------------

    def write(
        self, name: str, words: str = "", stars: int = 5, title: str = "", at: float | None = None, **more: Any
    ) -> str:
        """A customer reviews the company; `more`: fields of the review."""
        with self.lock:
            n = len(self.truth.told) + 1
            key, when = f"{n:024x}", _date(self.now() if at is None else at)
            self.reviews[key] = {
                "id": key, "title": title or words[:20], "text": words, "stars": stars, "language": "es",
                "createdAt": when, "updatedAt": None, "isVerified": True, "numberOfLikes": 0, "status": "active",
                "companyReply": None, "referralEmail": None, "referenceId": None, "tags": [], "reportData": None,
                "consumer": {"id": f"c{n:023x}", "displayName": name, "numberOfReviews": 1},
                "businessUnit": {"id": self.unit, "identifyingName": "sol.example", "displayName": "Panadería Sol"},
                **more,
            }  # fmt: skip
            self.truth.said(name, self.unit, words, key, at, stars=stars)
            self._tell("service-review-created", key)
            return key

    def reword(self, key: str, words: str, stars: int | None = None) -> None:
        with self.lock:
            self.reviews[key] |= {"text": words, "title": words[:20], "updatedAt": _date(self.now())}
            if stars:
                self.reviews[key]["stars"] = stars
            self.truth.edit(key, words)
            self._tell("service-review-updated", key)

    def remove(self, key: str) -> None:
        with self.lock:
            self._tell("service-review-deleted", key)
            del self.reviews[key]
            self.truth.delete(key)

    def console(self, key: str, words: str) -> None:
        with self.lock:
            self._reply(key, words)

    def forget_tokens(self) -> None:
        for value in self.tokens.values():
            self.tokens.revoke(value)

    def subscribed(self, to: Any) -> None:
        """The address of the hook, as pasted under Integrations: nothing is signed."""
        self.pusher.hook = Hook(to, pack=lambda items: items[0])

    def _tell(self, kind: str, key: str) -> None:
        one = self.reviews[key]
        data: dict[str, Any] = {"id": key}
        if kind != "service-review-deleted" or self.tells_words_of_deleted:
            data |= {name: one[name] for name in ("language", "title", "text", "stars", "isVerified", "referenceId")}
            data |= {
                "createdAt": f"{one['createdAt']}.000Z", "tags": one["tags"],
                "link": f"https://api.trustpilot.com/v1/reviews/{key}",
                "consumer": {"id": one["consumer"]["id"], "name": one["consumer"]["displayName"]},
            }  # fmt: skip
        told = {"events": [{"eventName": kind, "version": "1", "eventData": data}]}
        self.pusher.push(json.dumps(told).encode())

    # --- in its own words ---------------------------------------------------------------------------

    def refusal(self, refused: Refused) -> Said:
        status, words = ERRORS[refused.why]
        return Said(status, {"message": f"{words}: {refused.detail}", "errorCode": status * 100, "details": None})

    # --- tokens -----------------------------------------------------------------------------------

    @route("POST", "/v1/oauth/oauth-business-users-for-applications/accesstoken", open=True, form={
        "grant_type": one_of("password", "client_credentials", "refresh_token"), "username?": str, "password?": str,
    })  # fmt: skip
    def token(self, asked: Asked) -> Any:
        kind, _space, value = asked.headers.get("authorization", "").partition(" ")
        try:
            pair = tuple(b64decode(value, validate=True).decode().split(":", 1)) if kind == "Basic" else ()
        except ValueError:
            pair = ()
        if pair != self.application:
            raise Refused("bad token", said=Said(401, {"error": "invalid_client"}))
        told = asked.fields
        if told["grant_type"] == "client_credentials" and self.only_people:
            raise Refused("bad", said=Said(400, {"error": "unauthorized_client"}))
        if told["grant_type"] == "password" and self.people.get(told.get("username", "")) != told.get("password"):
            raise Refused("bad", said=Said(400, {"error": "invalid_grant"}))
        made = f"token-{next(self._numbers)}"
        self.tokens.issue(made, "business", of="application", expires_at=self.now() + LIVES)
        return {"access_token": made, "expires_in": str(LIVES), "token_type": "BearerToken"}

    # --- the API ----------------------------------------------------------------------------------

    @route("GET", "/v1/business-units/{unit}", bucket="calls")
    def business_unit(self, asked: Asked) -> Any:
        self._own(asked)
        return {
            "id": self.unit, "displayName": "Panadería Sol", "websiteUrl": "https://sol.example", "country": "ES",
            "name": {"identifying": "sol.example", "referring": ["sol.example"]}, "status": "active",
        }  # fmt: skip

    @route("GET", "/v1/private/business-units/{unit}/reviews", rights=("business",), bucket="calls", query=LIST)
    def listed(self, asked: Asked) -> Any:
        self._own(asked)
        found = sorted(
            self.reviews.values(), key=lambda one: one["createdAt"],
            reverse=asked.query.get("orderBy", "createdat.desc") == "createdat.desc",
        )  # fmt: skip
        size, page = int(asked.query.get("perPage", 20)), int(asked.query.get("page", 1))
        return {"links": [], "reviews": found[(page - 1) * size : page * size]}

    @route("GET", "/v1/private/reviews/{review}", rights=("business",), bucket="calls")
    def one(self, asked: Asked) -> Any:
        return self.reviews[self._key(asked)]

    @route("POST", "/v1/private/reviews/{review}/reply", rights=("business",), bucket="calls",
           json={"authorBusinessUserId": text(60), "message": text(), "submittedAt?": text(30)})  # fmt: skip
    def reply(self, asked: Asked) -> Any:
        key = self._key(asked)
        if asked.fields["authorBusinessUserId"] != self.user:
            raise Refused("right", "this business user may not reply")
        if self.refuses_second and self.reviews[key]["companyReply"] is not None:
            raise Refused("other", "the review has a reply")
        self._reply(key, asked.fields["message"])
        return Said(201)

    @route("DELETE", "/v1/private/reviews/{review}/reply", rights=("business",), bucket="calls")
    def take_back(self, asked: Asked) -> Any:
        key = self._key(asked)
        if self.reviews[key]["companyReply"] is None:
            raise Refused("route", "the review has no reply")
        self.reviews[key]["companyReply"] = None
        self.truth.take_back(key)
        return Said(204)

    def _reply(self, key: str, words: str) -> None:
        before = self.reviews[key]["companyReply"]
        if before is None or before["text"] != words:
            self.truth.replied(key, words)
        when = _date(self.now())
        self.reviews[key]["companyReply"] = {
            "text": words, "createdAt": before["createdAt"] if before else when, "updatedAt": when if before else None,
            "authorBusinessUserId": self.user, "authorBusinessUserName": "Alice",
        }  # fmt: skip

    def _key(self, asked: Asked) -> str:
        if asked.path["review"] not in self.reviews:
            raise Refused("route", "the review does not exist")
        return asked.path["review"]

    def _own(self, asked: Asked) -> None:
        if asked.path["unit"] != self.unit:
            raise Refused("route", "the business unit does not exist")


def _date(at: float) -> str:
    """As Trustpilot writes it: UTC, to the second, without a zone."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").removesuffix("+00:00")
