"""Who writes, in either version.

https://docs.x.com/x-api/fundamentals/data-dictionary#user
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netcenter.channels.contract import Author, Reach
from netcenter.channels.twitter.values import count, name, within, words

SITE = "https://x.com"


def author_of(user: Mapping[str, Any]) -> Author:
    """Version 2 says `username` and `public_metrics`, version 1.1 `screen_name` and `followers_count`."""
    id = name(user.get("id_str") or user["id"])
    handle = words(user.get("username") or user.get("screen_name"))[:50]
    followers = count(user.get("followers_count"))
    if followers is None:
        followers = count(within(user, "public_metrics", "followers_count"))
    verified = user.get("verified")
    told = {key: words(user.get(key))[:300] for key in ("description", "location", "verified_type")}
    return Author(
        id, words(user.get("name"))[:200], handle=f"@{handle}" if handle else "",
        url=f"{SITE}/{handle}" if handle else "",
        avatar_url=words(user.get("profile_image_url_https") or user.get("profile_image_url"))[:2000],
        reach=Reach(followers=followers, verified=verified if isinstance(verified, bool) else None),
        profile={key: value for key, value in told.items() if value},
    )  # fmt: skip
