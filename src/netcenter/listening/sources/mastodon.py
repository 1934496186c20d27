"""The public timeline of a Mastodon server, or one of its hashtags: https://docs.joinmastodon.org/methods/timelines/

The address may name a hashtag: https://mastodon.social/tags/panaurora. Servers may
ask for signing in: then they say 401.
"""

from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import orjson
from django.utils.translation import gettext_noop as _

from netcenter.listening.sources.heard import (
    Asked,
    Harvest,
    Heard,
    SourceFailed,
    fetch,
    iso,
    plain,
    retry_at,
    text,
    web_address,
)  # fmt: skip

PAGE, MOST_PAGES = 40, 5


def read(asked: Asked) -> Harvest:
    """What was said since the last time, oldest first. Raises SourceFailed."""
    since, found, full = str(asked.state.get("since", "")), [], False
    for _page in range(MOST_PAGES):
        statuses = _page_of(asked, since)
        found += [one for told in statuses if (one := heard(told)) is not None]
        names = [str(told.get("id", "")) for told in statuses if str(told.get("id", "")).isdigit()]
        since = max(names, key=lambda n: (len(n), n), default=since)
        full = len(statuses) == PAGE
        if not full or not asked.state.get("since"):
            break  # the first time the newest page is enough
    host = urlsplit(asked.address).hostname or ""
    return Harvest(tuple(found), {"since": since} if since else {}, host, more=full and bool(asked.state.get("since")))


def _page_of(asked: Asked, since: str) -> list[dict[str, Any]]:
    parts = urlsplit(asked.address)
    tag = parts.path.removeprefix("/tags/").strip("/") if parts.path.startswith("/tags/") else ""
    path = f"/api/v1/timelines/tag/{quote(tag, safe='')}" if tag else "/api/v1/timelines/public"
    query = {"limit": PAGE, **({"min_id": since} if since else {})}
    answered, _at = fetch(f"{parts.scheme}://{parts.netloc}{path}?{urlencode(query)}", {"accept": "application/json"})
    if answered.status in (401, 403, 422):
        raise SourceFailed(_("this server shows its timeline only to those who are signed in"))
    if answered.status >= 300:
        raise SourceFailed(
            f"HTTP {answered.status}", retry_at=retry_at(answered.headers.get("retry-after", ""), asked.now)
        )
    try:
        told = orjson.loads(answered.body)
    except orjson.JSONDecodeError as error:
        raise SourceFailed(f"no Mastodon server: {error}") from error
    if not isinstance(told, list):
        raise SourceFailed(_("no Mastodon server"))
    return [status for status in told[:PAGE] if isinstance(status, dict)]


def heard(status: dict[str, Any]) -> Heard | None:
    """One status; a boost is what it boosts. None for what cannot be read or is not public."""
    boosted = status.get("reblog")
    if isinstance(boosted, dict):
        status = boosted
    uri, url = web_address(status.get("uri")), web_address(status.get("url"))
    sent_at, by = iso(status.get("created_at")), status.get("account")
    if (
        not (uri or url)
        or sent_at is None
        or not isinstance(by, dict)
        or status.get("visibility") not in ("public", "unlisted")
    ):
        return None
    home = web_address(by.get("url"))
    author = {
        "id": (home or str(by.get("acct", "")))[:255], "name": text(by.get("display_name") or by.get("username"), 200),
        "handle": "@" + text(by.get("acct"), 200), "url": home, "followers": _count(by.get("followers_count")),
    }  # fmt: skip
    spoken = " ".join(filter(None, (plain(status.get("spoiler_text"), 500), plain(status.get("content")))))
    return Heard(
        uri or url, url or uri, sent_at, "", spoken, {k: v for k, v in author.items() if v},
        urlsplit(url or uri).hostname or "",
        language=text(status.get("language"), 10), shares=_count(status.get("reblogs_count")),
    )  # fmt: skip


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else None
