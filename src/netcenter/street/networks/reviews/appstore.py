"""App Store Connect on the street: the reviews of one app.

https://developer.apple.com/documentation/appstoreconnectapi/customer-reviews
https://developer.apple.com/documentation/appstoreconnectapi/generating-tokens-for-api-requests
https://developer.apple.com/documentation/appstoreconnectapi/identifying-rate-limits
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Any, ClassVar
from urllib.parse import quote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from netcenter.street.networks.base import (
    Asked,
    Network,
    Rate,
    Refused,
    Said,
    Token,
    number,
    one_of,
    pattern,
    route,
    text,
)
from netcenter.street.networks.base.access import Left
from netcenter.street.networks.reviews.google import unpacked

LONGEST_LIFE = 1200  # seconds of a token
MOST = 5970
PACIFIC = timezone(timedelta(hours=-7))
ERRORS = {
    "route": (404, "NOT_FOUND"), "method": (405, "METHOD_NOT_ALLOWED"), "type": (415, "UNSUPPORTED_MEDIA_TYPE"),
    "body": (400, "ENTITY_UNPROCESSABLE"), "unknown": (400, "PARAMETER_ERROR.ILLEGAL"),
    "missing": (409, "ENTITY_ERROR.ATTRIBUTE.REQUIRED"), "bad": (409, "ENTITY_ERROR.ATTRIBUTE.INVALID"),
    "no token": (401, "NOT_AUTHORIZED"), "bad token": (401, "NOT_AUTHORIZED"), "expired": (401, "NOT_AUTHORIZED"),
    "right": (403, "FORBIDDEN_ERROR"), "rate": (429, "RATE_LIMIT_EXCEEDED"), "storm": (503, "UNEXPECTED_ERROR"),
    "out": (503, "UNEXPECTED_ERROR"), "other": (409, "STATE_ERROR"),
}  # fmt: skip
LIST = {
    "sort?": one_of("createdDate", "-createdDate", "rating", "-rating"), "include?": one_of("response"),
    "limit?": number(1, 200), "cursor?": text(200), "filter[territory]?": pattern(r"[A-Z]{3}(,[A-Z]{3})*"),
    "filter[rating]?": text(20), "exists[publishedResponse]?": one_of("true", "false"),
    "fields[customerReviews]?": text(200), "fields[customerReviewResponses]?": text(200),
}  # fmt: skip
RESPONSE = {"data": {
    "type": one_of("customerReviewResponses"), "attributes": {"responseBody": text(MOST)},
    "relationships": {"review": {"data": {"type": one_of("customerReviews"), "id": text(100)}}},
}}  # fmt: skip


class AppStore(Network):
    """`truth.told` has a review by its id; its thread is the app."""

    rates: ClassVar[Mapping[str, Rate]] = {"calls": Rate(3500, 3600)}
    moves_when_reworded = True  # Apple does not say whether a rewording gets a new date

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.app, self.app_name, self.issuer = "1234567890", "Pan", "57246542-96fe-1a63-e053-0824d011072a"
        self.keys: dict[str, str] = {"2X9R4HXF34": "CUSTOMER_SUPPORT"}  # key id -> role
        self.reviews: dict[str, dict[str, Any]] = {}
        self.responses: dict[str, dict[str, Any]] = {}  # by review

    # --- what people do -------------------------------------------------------------------------

    def write(
        self, name: str, words: str = "", stars: int = 5, title: str = "", territory: str = "ESP",
        at: float | None = None,
    ) -> str:  # fmt: skip
        """A customer reviews the app."""
        with self.lock:
            key = f"00000045-1ae1-02bb-ad17-{len(self.truth.told) + 1:012x}"
            self.reviews[key] = {
                "rating": stars, "title": title, "body": words, "reviewerNickname": name, "territory": territory,
                "createdDate": _date(self.now() if at is None else at),
            }  # fmt: skip
            self.truth.said(name, self.app, words, key, at, stars=stars)
            return key

    def reword(self, key: str, words: str, stars: int | None = None) -> None:
        with self.lock:
            self.reviews[key]["body"] = words
            if stars:
                self.reviews[key]["rating"] = stars
            if self.moves_when_reworded:
                self.reviews[key]["createdDate"] = _date(self.now())
            self.truth.edit(key, words)

    def remove(self, key: str) -> None:
        with self.lock:
            del self.reviews[key]
            self.responses.pop(key, None)
            self.truth.delete(key)

    def console(self, key: str, words: str) -> None:
        with self.lock:
            self._respond(key, words)

    def publish(self) -> None:
        """Apple shows what it was given, some time later."""
        for one in self.responses.values():
            one["state"] = "PUBLISHED"

    def forget_tokens(self) -> None:
        """Tokens are made by the caller, and live for minutes: there is nothing to forget."""

    def key(self, name: str = "2X9R4HXF34") -> str:
        """The .p8 file of a key."""
        form, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        return _key(name).private_bytes(serialization.Encoding.PEM, form, none).decode()

    # --- in Apple's own words -----------------------------------------------------------------------

    def refusal(self, refused: Refused) -> Said:
        status, code = ERRORS[refused.why]
        error = {"id": "e1", "status": str(status), "code": code, "title": refused.why, "detail": refused.detail}
        return Said(status, {"errors": [error]})

    def limit_headers(self, left: list[Left]) -> dict[str, str]:
        if not left:
            return {}
        return {"x-rate-limit": f"user-hour-lim:{left[0].rate.most};user-hour-rem:{left[0].left};"}

    def _admit(self, asked: Asked) -> Token:
        """Every call proves itself: a token that nobody gave out."""
        if not (value := self.credential(asked)):
            raise Refused("no token")
        try:
            head_part, claims_part, signature_part = value.split(".")
            head, claims = json.loads(unpacked(head_part)), json.loads(unpacked(claims_part))
            signature = unpacked(signature_part)
            pair = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
            role = self.keys[head["kid"]]
            proved = f"{head_part}.{claims_part}".encode()
            _key(head["kid"]).public_key().verify(pair, proved, ec.ECDSA(hashes.SHA256()))
            named = claims.get("iss") == self.issuer if "iss" in claims else claims.get("sub") == "user"
            is_good = head["alg"] == "ES256" and claims["aud"] == "appstoreconnect-v1" and named
            lives = claims["exp"] - claims["iat"] <= LONGEST_LIFE and claims["iat"] <= self.now() + 60
        except (ValueError, KeyError, TypeError, InvalidSignature):
            raise Refused("bad token", "Provide a properly configured and signed bearer token") from None
        if not (is_good and lives):
            raise Refused("bad token", "Provide a properly configured and signed bearer token")
        if claims["exp"] <= self.now():
            raise Refused("expired", "the token has expired")
        return Token(value, {role}, of=head["kid"])

    # --- the API ----------------------------------------------------------------------------------

    @route("GET", "/v1/apps/{app}", bucket="calls", query={"fields[apps]?": text(200)})
    def one_app(self, asked: Asked) -> Any:
        self._own(asked)
        return {"data": {
            "type": "apps", "id": self.app, "attributes": {"name": self.app_name, "bundleId": "com.example.pan"},
        }}  # fmt: skip

    @route("GET", "/v1/apps/{app}/customerReviews", bucket="calls", query=LIST)
    def listed(self, asked: Asked) -> Any:
        self._own(asked)
        self._allowed(asked)
        wanted = asked.query.get("filter[territory]", "").split(",") if "filter[territory]" in asked.query else None
        found = [key for key, one in self.reviews.items() if wanted is None or one["territory"] in wanted]
        found.sort(key=lambda key: self.reviews[key]["createdDate"], reverse=asked.query.get("sort") != "createdDate")
        size, start = int(asked.query.get("limit", 50)), int(asked.query.get("cursor", 0))
        names = found[start : start + size]
        links = {"self": f"{self.url}{asked.url}"}
        if start + size < len(found):
            links["next"] = (
                f"{self.url}/v1/apps/{self.app}/customerReviews?cursor={quote(str(start + size))}&limit={size}"
            )
        included = [self._shown(name) for name in names if name in self.responses]
        more = {"included": included} if asked.query.get("include") else {}
        paging = {"paging": {"total": len(found), "limit": size}}
        return {"data": [self._review(name) for name in names], **more, "links": links, "meta": paging}

    @route("GET", "/v1/customerReviews/{review}", bucket="calls", query={"include?": one_of("response")})
    def one(self, asked: Asked) -> Any:
        self._allowed(asked)
        key = self._key(asked.path["review"])
        included = [self._shown(key)] if key in self.responses and asked.query.get("include") else []
        return {"data": self._review(key), **({"included": included} if included else {})}

    @route("GET", "/v1/customerReviews/{review}/response", bucket="calls")
    def response(self, asked: Asked) -> Any:
        self._allowed(asked)
        key = self._key(asked.path["review"])
        if key not in self.responses:
            raise Refused("route", "There is no resource of type 'customerReviewResponses'")
        return {"data": self._shown(key)}

    @route("POST", "/v1/customerReviewResponses", bucket="calls", json=RESPONSE)
    def respond(self, asked: Asked) -> Any:
        self._allowed(asked)
        told = asked.fields["data"]
        key = self._key(told["relationships"]["review"]["data"]["id"])
        self._respond(key, told["attributes"]["responseBody"])
        return Said(201, {"data": self._shown(key)})

    @route("DELETE", "/v1/customerReviewResponses/{response}", bucket="calls")
    def take_back(self, asked: Asked) -> Any:
        self._allowed(asked)
        found = next((key for key, one in self.responses.items() if one["id"] == asked.path["response"]), None)
        if found is None:
            raise Refused("route", "There is no such response")
        del self.responses[found]
        self.truth.take_back(found)
        return Said(204)

    def _respond(self, key: str, words: str) -> None:
        before = self.responses.get(key)
        if before is None or before["responseBody"] != words:
            self.truth.replied(key, words)
        self.responses[key] = {
            "id": before["id"] if before else f"r-{key}", "responseBody": words,
            "lastModifiedDate": _date(self.now()), "state": "PENDING_PUBLISH",
        }  # fmt: skip

    def _review(self, key: str) -> dict[str, Any]:
        linked = {"type": "customerReviewResponses", "id": self.responses[key]["id"]} if key in self.responses else None
        return {
            "type": "customerReviews", "id": key, "attributes": dict(self.reviews[key]),
            "relationships": {"response": {**({"data": linked} if linked else {}), "links": {
                "related": f"{self.url}/v1/customerReviews/{key}/response"}}},
            "links": {"self": f"{self.url}/v1/customerReviews/{key}"},
        }  # fmt: skip

    def _shown(self, key: str) -> dict[str, Any]:
        told = {name: value for name, value in self.responses[key].items() if name != "id"}
        return {"type": "customerReviewResponses", "id": self.responses[key]["id"], "attributes": told}

    def _key(self, review: str) -> str:
        if review not in self.reviews:
            raise Refused("route", f"There is no resource of type 'customerReviews' with id '{review}'")
        return review

    def _own(self, asked: Asked) -> None:
        if asked.path["app"] != self.app:
            raise Refused("route", "There is no resource of type 'apps' with this id")

    def _allowed(self, asked: Asked) -> None:
        if not asked.who.rights & {"CUSTOMER_SUPPORT", "ADMIN", "APP_MANAGER"}:
            raise Refused("right", "The API key in use does not allow this request")


@cache
def _key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _date(at: float) -> str:
    """As Apple writes it: to the second, in Pacific time."""
    return datetime.fromtimestamp(at, UTC).astimezone(PACIFIC).isoformat(timespec="seconds")
