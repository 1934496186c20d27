"""The APIs of a Google Business account: reviews, locations, notices, each on a server of its own.

https://developers.google.com/my-business/reference/rest
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import Attachment, Bucket, ChannelError, Connection, Unreadable, loose
from netcenter.channels.google.api import Google

REVIEWS = "https://mybusiness.googleapis.com"
ACCOUNTS = "https://mybusinessaccountmanagement.googleapis.com"
LOCATIONS = "https://mybusinessbusinessinformation.googleapis.com"
NOTICES = "https://mybusinessnotifications.googleapis.com"

# 300 a minute of each API, for all accounts of a project: https://developers.google.com/my-business/content/limits
BUCKETS = (
    Bucket("reviews", 240, 60, label=_("Reviews and answers")),
    Bucket("others", 120, 60, label=_("Accounts and places")),
)
AT_ONCE = 50  # locations of one question
MOST_LOCATIONS = 5000
LOCATION_FIELDS = "name,title,storefrontAddress,metadata"
_ID = re.compile(r"[\w=-]{1,120}")
_NAME = re.compile(r"accounts/([\w-]{1,60})/locations/([\w-]{1,60})/reviews/([\w=-]{1,120})")

NEWEST = {"orderBy": "updateTime desc", "pageSize": 50}


def api(connection: Connection, base: str = REVIEWS, token: str | None = None) -> Google:
    """One of them, as our account calls it."""
    key = connection.secrets.get("token", "") if token is None else token
    bucket = "reviews" if base == REVIEWS else "others"
    return Google(connection.base(base), {"authorization": f"Bearer {key}"}, connection.budget, bucket)


def account_of(connection: Connection) -> str:
    """`accounts/123`. Raises ChannelError when none is chosen yet."""
    told = str(connection.config.get("account") or "").strip().removeprefix("accounts/")
    if not _ID.fullmatch(told):
        raise ChannelError(_("no Google Business account is chosen: sign in"), reason="token")
    return f"accounts/{told}"


def review_path(connection: Connection, review: str) -> str:
    """Where a review of ours lies. Raises ChannelError for what is none."""
    location, _slash, name = review.partition("/")
    if not (_ID.fullmatch(location) and _ID.fullmatch(name)):
        raise ChannelError(f"{review[:80]} is no review", permanent=True, reason="unfit")
    return f"v4/{account_of(connection)}/locations/{location}/reviews/{name}"


def parts_of(name: Any) -> tuple[str, str, str]:
    """Account, location and review of a review's full name. Raises Unreadable."""
    if not (found := _NAME.fullmatch(name if isinstance(name, str) else "")):
        raise Unreadable("this names no review")
    return found[1], found[2], found[3]


def locations(connection: Connection) -> list[str]:
    """Those of the account (`locations/1`…), or of them the ones that were asked for. Raises ChannelError."""
    wanted = {one.removeprefix("locations/") for one in re.split(r"[\s,;]+", str(connection.config.get("only") or ""))}
    if wanted := {one for one in wanted if _ID.fullmatch(one)}:
        return [f"locations/{one}" for one in sorted(wanted)]
    query = {"readMask": "name", "pageSize": 100}
    pages = api(connection, LOCATIONS).pages(f"v1/{account_of(connection)}/locations", query, _next, most=50)
    return [loose.name(one.get("name")) for page in pages for one in loose.objects(loose.within(page).get("locations"))]


def accounts(connection: Connection, token: str) -> Iterator[Mapping[str, Any]]:
    """Every account that this sign-in may use. Raises ChannelError."""
    for page in api(connection, ACCOUNTS, token).pages("v1/accounts", {"pageSize": 20}, _next, most=50):
        yield from loose.objects(loose.within(page).get("accounts"))


def _next(page: Any) -> Mapping[str, Any] | None:
    token = loose.text(loose.within(page).get("nextPageToken"), 2000)
    return {"pageToken": token} if token else None


def fetched(file: Attachment, connection: Connection, most: int) -> Attachment:
    """A customer's picture, or for good why there is none. Raises ChannelError."""
    try:
        content, mime = Google(connection.base(REVIEWS)).download(file.reference, most)
    except ChannelError as error:
        if error.permanent:
            return Attachment(file.name, file.mime, missing=str(error)[:200])
        raise
    return Attachment(file.name, mime, content)
