"""The Reply to Reviews API of one app.

https://developers.google.com/android-publisher/reply-to-reviews
"""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import Answered, Bucket, ChannelError, Connection, loose
from netcenter.channels.google.api import Google
from netcenter.channels.google.service_accounts import service_token
from netcenter.channels.googleplay import reading
from netcenter.channels.reviews import tokens
from netcenter.channels.reviews.watching import Page

REAL = "https://androidpublisher.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/androidpublisher"
# Of each app, 200 GET an hour and 2000 POST a day; a few are left for others who use the same app.
BUCKETS = (Bucket("get", 180, 3600, label=_("Reviews read")), Bucket("post", 1900, 86400, label=_("Answers sent")))
KEEPS = 6.5 * 86400  # seconds: a review is listed for a week after its last change
AT_ONCE = 100
_PACKAGE = re.compile(r"[A-Za-z][\w]*(\.[A-Za-z][\w]*)+")
_REVIEW = re.compile(r"[\w:.-]{1,180}")


class Play(Google):
    """As our service account calls it."""

    def __init__(self, connection: Connection) -> None:
        self.token = service_token(connection, connection.secrets.get("key_file", ""), SCOPE)
        self.app = f"androidpublisher/v3/applications/{package_of(connection)}/reviews"
        super().__init__(
            connection.base(REAL), {"authorization": f"Bearer {self.token}"}, connection.budget, "get"
        )  # fmt: skip

    def failure(self, method: str, answered: Answered) -> ChannelError | None:
        failed = super().failure(method, answered)
        if failed is not None and failed.reason == "token":
            tokens.forget(self.token)
        return failed

    def review(self, name: str) -> Any:
        """Raises ChannelError, `gone` when it is no more."""
        return self.get(f"{self.app}/{_checked(name)}")

    def reply(self, name: str, text: str) -> Any:
        return self.post(f"{self.app}/{_checked(name)}:reply", {"replyText": text}, bucket="post")


class App:
    """A shelf for `watching`: all that Google lists of an app, which is a week's worth, the newest first."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def page(self, after: str) -> Page:
        play = Play(self.connection)
        told = loose.within(play.get(play.app, {"maxResults": AT_ONCE, "token": after or None}))
        found = [reading.item(one) for one in loose.objects(told.get("reviews"))]
        following = loose.text(loose.within(told, "tokenPagination").get("nextPageToken"), 2000)
        return Page(tuple(one for one in found if one is not None), following)

    def wording(self, review: str) -> str | None:
        try:
            found = reading.item(loose.within(Play(self.connection).review(review)))
        except ChannelError as error:
            if error.reason == "gone":
                return None
            raise
        return "" if found is None else found.mark


def package_of(connection: Connection) -> str:
    """Raises ChannelError."""
    told = str(connection.config.get("package") or "").strip()
    if not _PACKAGE.fullmatch(told):
        raise ChannelError(f"{told[:80] or 'nothing'} is no package name", permanent=True, reason="unfit")
    return told


def _checked(review: str) -> str:
    if not _REVIEW.fullmatch(review) or review in (".", ".."):
        raise ChannelError(f"{review[:80]} is no review", permanent=True, reason="unfit")
    return review
