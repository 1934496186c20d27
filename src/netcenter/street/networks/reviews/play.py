"""Google Play on the street: the reviews of one app.

https://developers.google.com/android-publisher/reply-to-reviews
https://developers.google.com/android-publisher/api-ref/rest/v3/reviews
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from netcenter.street.networks.base import Asked, Rate, Refused, number, route, text
from netcenter.street.networks.reviews.google import GoogleApis

WEEK = 7 * 86400
PUBLISHER = "https://www.googleapis.com/auth/androidpublisher"
MOST = 350


class GooglePlay(GoogleApis):
    """`truth.told` has a review by its id; its thread is the package."""

    scope = PUBLISHER
    rates: ClassVar[Mapping[str, Rate]] = {"get": Rate(200, 3600), "post": Rate(2000, 86400)}

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.package = "com.example.pan"
        self.reviews: dict[str, dict[str, Any]] = {}
        self.may_reply: set[str] = {"desk"}  # service accounts that the Play Console lets do it

    # --- what people do -------------------------------------------------------------------------

    def write(self, name: str, words: str = "", stars: int = 5, at: float | None = None, **more: Any) -> str:
        """A customer reviews the app; `more`: fields of the comment. Stars alone are seen by nobody here."""
        with self.lock:
            key = f"gp:AOqpTOF{len(self.truth.told) + 1:04}"
            when = self.now() if at is None else at
            said = {
                "text": words, "lastModified": _stamp(when), "starRating": stars, "reviewerLanguage": "es",
                "device": "trltecan", "androidOsVersion": 33, "appVersionCode": 12345, "appVersionName": "1.2.3",
                "thumbsUpCount": 0, "thumbsDownCount": 0, **more,
            }  # fmt: skip
            self.reviews[key] = {"reviewId": key, "authorName": name, "comments": [{"userComment": said}], "_at": when}
            if words:
                self.truth.said(name, self.package, words, key, at, stars=stars)
            return key

    def reword(self, key: str, words: str, stars: int | None = None) -> None:
        with self.lock:
            said = self.reviews[key]["comments"][0]["userComment"]
            said |= {"text": words, "lastModified": _stamp(self.now())}
            self.reviews[key]["_at"] = self.now()
            if stars:
                said["starRating"] = stars
            self.truth.edit(key, words)

    def agree(self, key: str, times: int = 1) -> None:
        with self.lock:
            self.reviews[key]["comments"][0]["userComment"]["thumbsUpCount"] += times

    def remove(self, key: str) -> None:
        with self.lock:
            del self.reviews[key]
            self.truth.delete(key)

    def console(self, key: str, words: str) -> None:
        with self.lock:
            self._reply(key, words)

    # --- the API ----------------------------------------------------------------------------------

    @route("GET", "/androidpublisher/v3/applications/{package}/reviews", rights=(PUBLISHER,), bucket="get", query={
        "maxResults?": number(1, 100), "token?": text(100), "startIndex?": number(0, 10**6),
        "translationLanguage?": text(10),
    })  # fmt: skip
    def listed(self, asked: Asked) -> Any:
        self._allowed(asked)
        young = [
            body
            for body in self.reviews.values()
            if body["_at"] > self.now() - WEEK and body["comments"][0]["userComment"]["text"]
        ]
        young.sort(key=lambda body: body["_at"], reverse=True)
        size, start = int(asked.query.get("maxResults", 10)), int(asked.query.get("token", 0))
        told: dict[str, Any] = {"reviews": [_shown(body) for body in young[start : start + size]]} if young else {}
        if start + size < len(young):
            told["tokenPagination"] = {"nextPageToken": str(start + size)}
        return told

    @route("GET", "/androidpublisher/v3/applications/{package}/reviews/{review}", rights=(PUBLISHER,), bucket="get",
           query={"translationLanguage?": text(10)})  # fmt: skip
    def one(self, asked: Asked) -> Any:
        self._allowed(asked)
        return _shown(self.reviews[self._key(asked.path["review"])])

    @route("POST", "/androidpublisher/v3/applications/{package}/reviews/{review}:reply", rights=(PUBLISHER,),
           bucket="post", json={"replyText": text(MOST)})  # fmt: skip
    def reply(self, asked: Asked) -> Any:
        self._allowed(asked)
        made = self._reply(self._key(asked.path["review"]), asked.fields["replyText"])
        return {"result": {"replyText": made["text"], "lastEdited": made["lastModified"]}}

    def _reply(self, key: str, words: str) -> dict[str, Any]:
        words = re.sub(r"<[^>]*>", "", words)
        body = self.reviews[key]
        before = next((one["developerComment"] for one in body["comments"] if "developerComment" in one), None)
        if before is None or before["text"] != words:
            self.truth.replied(key, words)
        made = {"text": words, "lastModified": _stamp(self.now())}
        body["comments"] = [body["comments"][0], {"developerComment": made}]
        return made

    def _key(self, review: str) -> str:
        if review not in self.reviews:
            raise Refused("route", "The review was not found.")
        return review

    def _allowed(self, asked: Asked) -> None:
        if asked.path["package"] != self.package:
            raise Refused("route", f"Package not found: {asked.path['package']}.")
        if asked.who.facts["who"] not in self.may_reply:
            raise Refused("right", "The current user has insufficient permissions to perform the requested operation.")


def _stamp(at: float) -> dict[str, Any]:
    return {"seconds": str(int(at)), "nanos": round(at % 1 * 10**6) * 1000 % 10**9}


def _shown(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if not name.startswith("_")}
