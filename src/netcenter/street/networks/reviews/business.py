"""Google Business on the street: locations and their reviews.

https://developers.google.com/my-business/reference/rest/v4/accounts.locations.reviews
https://developers.google.com/my-business/content/notification-setup
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, ClassVar

from netcenter.street.networks.base import Asked, Hook, Rate, Refused, Said, number, one_of, pattern, route, text
from netcenter.street.networks.reviews.google import GoogleApis, zulu

STARS = {1: "ONE", 2: "TWO", 3: "THREE", 4: "FOUR", 5: "FIVE"}
MOST_BYTES = 4096
KINDS = ("NEW_REVIEW", "UPDATED_REVIEW", "GOOGLE_UPDATE", "NEW_CUSTOMER_MEDIA", "NEW_QUESTION", "UPDATED_QUESTION")
SETTING = {"name": text(200), "pubsubTopic": text(300, 0), "notificationTypes": [one_of(*KINDS)]}
BATCH = {
    "locationNames": [pattern(r"accounts/\d+/locations/\d+")], "pageSize?": number(1, 50), "pageToken?": text(100),
    "orderBy?": one_of("rating", "rating desc", "updateTime desc"), "ignoreRatingOnlyReviews?": bool,
}  # fmt: skip
MANAGE = "https://www.googleapis.com/auth/business.manage"


class GoogleBusiness(GoogleApis):
    """`truth.told` has a review by `<location>/<review>`; its thread is the location."""

    scope = MANAGE
    rates: ClassVar[Mapping[str, Rate]] = {"reviews": Rate(300, 60), "others": Rate(300, 60)}

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.account = "101"
        self.locations: dict[str, dict[str, Any]] = {}
        self.reviews: dict[str, dict[str, Any]] = {}
        self.setting: dict[str, Any] = {"pubsubTopic": "", "notificationTypes": []}
        self.pictures: dict[str, bytes] = {}
        self.open("11", "Panadería Sol")

    # --- what people do -------------------------------------------------------------------------

    def open(self, location: str, title: str, verified: bool = True) -> None:
        self.locations[location] = {"title": title, "verified": verified}

    def write(
        self, name: str, words: str = "", stars: int = 5, location: str = "11", at: float | None = None, **more: Any
    ) -> str:
        """A customer reviews a location; `more`: fields of the review as the API tells it."""
        with self.lock:
            review = f"AbFvOq-{len(self.truth.told) + 1}"
            when = zulu(self.now() if at is None else at)
            body: dict[str, Any] = {
                "name": f"accounts/{self.account}/locations/{location}/reviews/{review}", "reviewId": review,
                "reviewer": {"displayName": name, "profilePhotoUrl": "https://lh3.googleusercontent.com/a/1"},
                "starRating": STARS[stars], "createTime": when, "updateTime": when, **more,
            }  # fmt: skip
            if words:
                body["comment"] = words
            key = f"{location}/{review}"
            self.reviews[key] = body
            self.truth.said(name, location, words, key, at, stars=stars)
            self._tell("NEW_REVIEW", body)
            return key

    def reword(self, key: str, words: str, stars: int | None = None) -> None:
        with self.lock:
            body = self.reviews[key]
            body |= {"comment": words, "updateTime": zulu(self.now())}
            if stars:
                body["starRating"] = STARS[stars]
            self.truth.edit(key, words)
            self._tell("UPDATED_REVIEW", body)

    def remove(self, key: str) -> None:
        with self.lock:
            del self.reviews[key]
            self.truth.delete(key)

    def console(self, key: str, words: str) -> None:
        """The owner answers on Google's own page."""
        with self.lock:
            self._reply(key, words)

    def refuse_reply(self, key: str, policy: str = "Offensive content") -> None:
        """Google looks at the reply and does not show it."""
        with self.lock:
            self.reviews[key]["reviewReply"] |= {
                "reviewReplyState": "REJECTED", "policyViolation": {"policyName": policy},
            }  # fmt: skip

    def subscribed(self, to: Any, audience: str, email: str) -> None:
        """A push subscription with authentication on our topic, as made in Google Cloud."""
        self.pusher.hook = Hook(to, sign=lambda body: self.proof(audience, email), pack=lambda items: items[0])

    def _tell(self, kind: str, body: Mapping[str, Any]) -> None:
        if kind not in self.setting["notificationTypes"] or not self.setting["pubsubTopic"]:
            return
        location = body["name"].partition("/reviews/")[0]
        data = json.dumps({"notificationType": kind, "reviewName": body["name"], "locationName": location})
        number = str(len(self.reviews) * 1000 + int(self.now()) % 1000)
        message = {
            "attributes": {}, "data": b64encode(data.encode()).decode(), "messageId": number, "message_id": number,
            "publishTime": zulu(self.now()), "publish_time": zulu(self.now()),
        }  # fmt: skip
        told = {"message": message, "subscription": "projects/street/subscriptions/reviews"}
        self.pusher.push(json.dumps(told).encode())

    # --- accounts and locations -------------------------------------------------------------------

    @route("GET", "/v1/accounts", rights=(MANAGE,), bucket="others",
           query={"pageSize?": number(1, 20), "pageToken?": text(100), "filter?": text(300)})  # fmt: skip
    def accounts(self, asked: Asked) -> Any:
        return {"accounts": [{
            "name": f"accounts/{self.account}", "accountName": "Panadería", "type": "PERSONAL", "role": "PRIMARY_OWNER",
            "verificationState": "VERIFIED", "vettedState": "NOT_VETTED",
        }]}  # fmt: skip

    @route("GET", "/v1/accounts/{account}/locations", rights=(MANAGE,), bucket="others",
           query={"readMask": text(300), "pageSize?": number(1, 100), "pageToken?": text(100)})  # fmt: skip
    def listed(self, asked: Asked) -> Any:
        self._own(asked)
        names = sorted(self.locations)
        size, start = int(asked.query.get("pageSize", 10)), int(asked.query.get("pageToken", 0))
        found = [self._location(name, asked.query["readMask"]) for name in names[start : start + size]]
        more = {"nextPageToken": str(start + size)} if start + size < len(names) else {}
        return {"locations": found, **more}

    @route("GET", "/v1/locations/{location}", rights=(MANAGE,), bucket="others", query={"readMask": text(300)})
    def location(self, asked: Asked) -> Any:
        if asked.path["location"] not in self.locations:
            raise Refused("route", "Requested entity was not found.")
        return self._location(asked.path["location"], asked.query["readMask"])

    def _location(self, name: str, mask: str) -> dict[str, Any]:
        told = {
            "name": f"locations/{name}", "title": self.locations[name]["title"],
            "storefrontAddress": {"regionCode": "ES", "addressLines": ["Calle Sol 1"], "locality": "Cádiz"},
            "metadata": {"placeId": f"ChIJ{name}", "mapsUri": f"https://maps.google.com/?cid={name}"},
        }  # fmt: skip
        return {field: told[field] for field in mask.split(",") if field in told}

    # --- reviews ----------------------------------------------------------------------------------

    @route("POST", "/v4/accounts/{account}/locations:batchGetReviews", rights=(MANAGE,), bucket="reviews", json=BATCH)
    def batch(self, asked: Asked) -> Any:
        self._own(asked)
        wanted = {name.rpartition("/")[2] for name in asked.fields["locationNames"]}
        if not wanted or len(wanted) > 50:
            raise Refused("bad", "between 1 and 50 location names")
        for name in wanted:
            self._verified(name)
        found = [(key, body) for key, body in self.reviews.items() if key.partition("/")[0] in wanted]
        found.sort(key=lambda one: one[1]["updateTime"], reverse=True)
        size, start = asked.fields.get("pageSize", 50), int(asked.fields.get("pageToken", 0))
        told = [
            {"name": body["name"].partition("/reviews/")[0], "review": body}
            for _key, body in found[start : start + size]
        ]
        more = {"nextPageToken": str(start + size)} if start + size < len(found) else {}
        return {"locationReviews": told, **more} if told else {}

    @route("GET", "/v4/accounts/{account}/locations/{location}/reviews/{review}", rights=(MANAGE,), bucket="reviews")
    def one(self, asked: Asked) -> Any:
        return self.reviews[self._key(asked)]

    @route("PUT", "/v4/accounts/{account}/locations/{location}/reviews/{review}/reply", rights=(MANAGE,),
           bucket="reviews", json={"comment": text(MOST_BYTES, 1, lambda words: len(words.encode()))})  # fmt: skip
    def reply(self, asked: Asked) -> Any:
        return self._reply(self._key(asked), asked.fields["comment"])

    @route("DELETE", "/v4/accounts/{account}/locations/{location}/reviews/{review}/reply", rights=(MANAGE,),
           bucket="reviews")  # fmt: skip
    def take_back(self, asked: Asked) -> Any:
        body = self.reviews[self._key(asked)]
        if "reviewReply" not in body:
            raise Refused("route", "Requested entity was not found.")
        del body["reviewReply"]
        self.truth.take_back(self._key(asked))
        return {}

    def _reply(self, key: str, words: str) -> dict[str, Any]:
        body = self.reviews[key]
        if body.get("reviewReply", {}).get("comment") != words:
            self.truth.replied(key, words)
        body["reviewReply"] = {"comment": words, "updateTime": zulu(self.now()), "reviewReplyState": "APPROVED"}
        return dict(body["reviewReply"])

    def _key(self, asked: Asked) -> str:
        self._own(asked)
        self._verified(asked.path["location"])
        key = f"{asked.path['location']}/{asked.path['review']}"
        if key not in self.reviews:
            raise Refused("route", "Requested entity was not found.")
        return key

    def _own(self, asked: Asked) -> None:
        if asked.path["account"] != self.account:
            raise Refused("right", "The caller does not have permission")

    def _verified(self, location: str) -> None:
        if location not in self.locations:
            raise Refused("route", "Requested entity was not found.")
        if not self.locations[location]["verified"]:
            raise Refused("other", "the location is not verified")

    # --- notices and pictures -----------------------------------------------------------------------

    @route("PATCH", "/v1/accounts/{account}/notificationSetting", rights=(MANAGE,), bucket="others", json=SETTING,
           query={"updateMask": text(200)})  # fmt: skip
    def notify(self, asked: Asked) -> Any:
        self._own(asked)
        topic = asked.fields["pubsubTopic"]
        if topic and not topic.startswith("projects/"):
            raise Refused("bad", "pubsubTopic")
        self.setting = asked.fields
        return asked.fields

    @route("GET", "/pictures/{name}", open=True)
    def picture(self, asked: Asked) -> Any:
        if asked.path["name"] not in self.pictures:
            raise Refused("route", asked.path["name"])
        return Said(200, self.pictures[asked.path["name"]], mime="image/jpeg")
