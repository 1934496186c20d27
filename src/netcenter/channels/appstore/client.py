"""App Store Connect as one app's account calls it.

https://developer.apple.com/documentation/appstoreconnectapi/customer-reviews
https://developer.apple.com/documentation/appstoreconnectapi/generating-tokens-for-api-requests
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from django.utils.translation import gettext_noop as _

from netcenter.channels.appstore import reading
from netcenter.channels.contract import (
    Answered,
    Api,
    Bucket,
    ChannelError,
    Connection,
    failure_of,
    loose,
    retry_at,
    signing,
)
from netcenter.channels.reviews.watching import Page

REAL = "https://api.appstoreconnect.apple.com"
LIVES = 900  # seconds of a token; Apple takes none that lives longer than twenty minutes
# 3,500 an hour of one key, as the header says; one key may serve several apps and other tools.
BUCKETS = (Bucket("calls", 3000, 3600),)
PAUSE = timedelta(minutes=10)  # after a 429: the hour rolls
AT_ONCE = 200
_HEADER = re.compile(r"user-hour-lim:(\d{1,9});\s*user-hour-rem:(\d{1,9})")
_ID = re.compile(r"[\w-]{1,120}")
_LIST = {"sort": "-createdDate", "include": "response", "limit": AT_ONCE}


class Store(Api):
    """Every call carries a token that was made for it."""

    def __init__(self, connection: Connection) -> None:
        self.app = app_of(connection)
        token = token_of(connection, time.time())
        super().__init__(
            connection.base(REAL), {"authorization": f"Bearer {token}"}, connection.budget, "calls"
        )  # fmt: skip

    def heard(self, answered: Answered, bucket: str) -> None:
        """https://developer.apple.com/documentation/appstoreconnectapi/identifying-rate-limits"""
        found = _HEADER.search(answered.headers.get("x-rate-limit", ""))
        if found and bucket:
            kept = int(found[1]) // 10  # for answers of others: the key is shared
            now = datetime.now(UTC)
            self.budget.told(bucket, max(0, int(found[2]) - kept), now + timedelta(minutes=1))

    def failure(self, method: str, answered: Answered) -> ChannelError | None:
        return None if answered.status < 300 else refused(method, answered)

    def review(self, name: str) -> Mapping[str, Any]:
        """With its response. Raises ChannelError, `gone` when it is no more."""
        return loose.within(self.get(f"v1/customerReviews/{checked(name)}", {"include": "response"}))

    def respond(self, name: str, text: str) -> Mapping[str, Any]:
        """Create the response, or put this one in its place."""
        review = {"data": {"type": "customerReviews", "id": checked(name)}}
        kind, said = "customerReviewResponses", {"responseBody": text}
        data = {"type": kind, "attributes": said, "relationships": {"review": review}}
        return loose.within(self.post("v1/customerReviewResponses", {"data": data}))

    def take_back(self, name: str) -> None:
        told = loose.within(self.get(f"v1/customerReviews/{checked(name)}/response"))
        if response := loose.text(loose.within(told, "data").get("id"), 200):
            self.call("DELETE", f"v1/customerReviewResponses/{checked(response)}")


class App:
    """A shelf for `watching`: the reviews of an app, the newest first."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def page(self, after: str) -> Page:
        store = Store(self.connection)
        territory = str(self.connection.config.get("territory") or "").strip().upper()
        query = {**_LIST, "filter[territory]": territory or None, "cursor": after or None}
        told = loose.within(store.get(f"v1/apps/{store.app}/customerReviews", query))
        found = [reading.item(one) for one in reading.reviews_in(told)]
        return Page(tuple(one for one in found if one is not None), reading.cursor_in(told))

    def wording(self, review: str) -> str | None:
        try:
            found = reading.item(loose.within(Store(self.connection).review(review)))
        except ChannelError as error:
            if error.reason == "gone":
                return None
            raise
        return "" if found is None else found.mark


def token_of(connection: Connection, now: float) -> str:
    """Signed with the key of the team, or of a person (which names no issuer). Raises ChannelError."""
    issuer = str(connection.config.get("issuer") or "").strip()
    claims: dict[str, Any] = {"iss": issuer} if issuer else {"sub": "user"}
    claims |= {"iat": int(now), "exp": int(now) + LIVES, "aud": "appstoreconnect-v1"}
    head = {"kid": str(connection.config.get("key_id") or "").strip()}
    try:
        return signing.make_jwt(claims, connection.secrets.get("key", "").strip() + "\n", head)
    except (ValueError, TypeError) as error:
        raise ChannelError(_("this is no private key of App Store Connect"), reason="token") from error


def refused(method: str, answered: Answered) -> ChannelError:
    """What an error of Apple's means: https://developer.apple.com/documentation/appstoreconnectapi/errorresponse"""
    try:
        errors = loose.objects(loose.within(orjson.loads(answered.body)).get("errors"))
    except orjson.JSONDecodeError:
        errors = []
    said = "; ".join(f"{loose.text(e.get('code'), 100)}: {loose.text(e.get('detail'), 200)}" for e in errors[:3])
    failed = failure_of(method, answered, said)
    if answered.status == 429:
        now = datetime.now(UTC)
        return ChannelError(str(failed), reason="rate", retry_at=retry_at(answered.headers, now) or now + PAUSE)
    if answered.status in (400, 409, 422):
        return ChannelError(str(failed), permanent=True, reason="unfit")
    return failed


def app_of(connection: Connection) -> str:
    """Raises ChannelError."""
    told = str(connection.config.get("app") or "").strip()
    if not told.isdigit() or len(told) > 20:
        raise ChannelError(f"{told[:60] or 'nothing'} is no Apple ID of an app", permanent=True, reason="unfit")
    return told


def checked(name: str) -> str:
    if not _ID.fullmatch(name):
        raise ChannelError(f"{name[:80]} is no review", permanent=True, reason="unfit")
    return name
