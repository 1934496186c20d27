"""The API of Trustpilot as one business unit's account calls it.

https://developers.trustpilot.com/business-units-api
https://developers.trustpilot.com/get-started/authentication
"""

from __future__ import annotations

import re
import time
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from netcenter.channels.contract import Answered, Api, Bucket, ChannelError, Connection, failure_of, loose, retry_at
from netcenter.channels.reviews import tokens
from netcenter.channels.reviews.watching import Page
from netcenter.channels.trustpilot import reading

REAL = "https://api.trustpilot.com"
TOKEN = "v1/oauth/oauth-business-users-for-applications/accesstoken"  # noqa: S105
# Trustpilot asks for at most 833 calls in five minutes and 10,000 an hour.
BUCKETS = (Bucket("calls", 700, 300),)
PAUSE = timedelta(minutes=5)
AT_ONCE = 100
MARGIN = 60 * 86400.0  # seconds: reworded reviews are listed by the day they were first written
_ID = re.compile(r"[0-9A-Za-z_-]{1,60}")


class Trustpilot(Api):
    """As a business user calls it."""

    def __init__(self, connection: Connection) -> None:
        self.unit = checked(str(connection.config.get("business_unit") or "").strip(), "business unit")
        self.user = str(connection.config.get("business_user") or "").strip()
        self.token = token_of(connection)
        headers = {"authorization": f"Bearer {self.token}", "apikey": _key(connection)}
        if self.user:
            headers["x-business-user-id"] = self.user
        super().__init__(connection.base(REAL), headers, connection.budget, "calls")

    def failure(self, method: str, answered: Answered) -> ChannelError | None:
        if answered.status < 300:
            return None
        failed = refused(method, answered)
        if failed.reason == "token":
            tokens.forget(self.token)
        return failed

    def review(self, name: str) -> Mapping[str, Any]:
        """Raises ChannelError, `gone` when it is no more."""
        return loose.within(self.get(f"v1/private/reviews/{checked(name)}"))

    def reply(self, name: str, text: str) -> None:
        """Post it; where one stands already and is not replaced, it is taken away first."""
        path, said = f"v1/private/reviews/{checked(name)}/reply", {"authorBusinessUserId": self.user, "message": text}
        try:
            self.call("POST", path, data=said)
        except ChannelError as error:
            if error.reason != "twice":
                raise
            self.call("DELETE", path)
            self.call("POST", path, data=said)

    def take_back(self, name: str) -> None:
        self.call("DELETE", f"v1/private/reviews/{checked(name)}/reply")


class Unit:
    """A shelf for `watching`: the reviews of a business unit, those last written first."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def page(self, after: str) -> Page:
        api, number = Trustpilot(self.connection), int(after or 1)
        query = {"orderBy": "createdat.desc", "perPage": AT_ONCE, "page": number}
        told = loose.within(api.get(f"v1/private/business-units/{api.unit}/reviews", query))
        listed = loose.objects(told.get("reviews"))
        found = [reading.item(one) for one in listed]
        following = str(number + 1) if len(listed) == AT_ONCE else ""
        return Page(tuple(one for one in found if one is not None), following)

    def wording(self, review: str) -> str | None:
        try:
            found = reading.item(loose.within(Trustpilot(self.connection).review(review)))
        except ChannelError as error:
            if error.reason == "gone":
                return None
            raise
        return "" if found is None else found.mark


def token_of(connection: Connection) -> str:
    """Of a person's name and password, where they are given; else of the application alone. Raises ChannelError."""
    now, secrets = time.time(), connection.secrets
    user, password = str(connection.config.get("username") or "").strip(), secrets.get("password", "")
    person = {"grant_type": "password", "username": user, "password": password}
    form = person if user else {"grant_type": "client_credentials"}
    proof = b64encode(f"{_key(connection)}:{secrets.get('api_secret', '')}".encode()).decode()

    def ask() -> tuple[str, float]:
        api = _Door(connection.base(REAL))
        told = loose.within(api.json(api.call("POST", TOKEN, form=form, headers={"authorization": f"Basic {proof}"})))
        if not (token := loose.text(told.get("access_token"), 4000)):
            raise ChannelError("Trustpilot gave no token", reason="token")
        lives = str(told.get("expires_in", ""))  # seconds, as text
        return token, now + (int(lives) if lives.isdigit() and len(lives) < 9 else 3600)

    return tokens.kept(orjson.dumps([connection.base(REAL), form, proof]).decode(), now, ask)


class _Door(Api):
    """Where tokens are given out."""

    def failure(self, method: str, answered: Answered) -> ChannelError | None:
        if answered.status < 300:
            return None
        failed = refused(method, answered)
        is_bad = answered.status in (400, 401, 403)
        return ChannelError(str(failed), reason="token") if is_bad else failed


def refused(method: str, answered: Answered) -> ChannelError:
    """What an error means: https://developers.trustpilot.com/common-error-messages"""
    try:
        told = loose.within(orjson.loads(answered.body))
    except orjson.JSONDecodeError:
        told = {}
    said = loose.text(told.get("message"), 300) or loose.text(told.get("details"), 300) or loose.text(
        told.get("error"), 300)  # fmt: skip
    failed = failure_of(method, answered, said)
    if answered.status == 429:
        now = datetime.now(UTC)
        return ChannelError(str(failed), reason="rate", retry_at=retry_at(answered.headers, now) or now + PAUSE)
    if answered.status == 409:
        return ChannelError(str(failed), permanent=True, reason="twice")
    if answered.status in (400, 422):
        return ChannelError(str(failed), permanent=True, reason="unfit")
    return failed


def checked(name: str, what: str = "review") -> str:
    """Raises ChannelError."""
    if not _ID.fullmatch(name):
        raise ChannelError(f"{name[:80] or 'nothing'} is no {what}", permanent=True, reason="unfit")
    return name


def _key(connection: Connection) -> str:
    return str(connection.config.get("api_key") or "").strip()
