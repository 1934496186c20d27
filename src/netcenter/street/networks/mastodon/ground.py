"""What everything on a Mastodon server stands on: accounts, posts, pages of them, and how it says no."""

from __future__ import annotations

import html
import itertools
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from netcenter.street.networks.base import Asked, Network, Rate, Refused, Route, Said
from netcenter.street.networks.base.access import Left

MENTION = re.compile(r"(?<![\w/])@(\w+)(?:@([\w.:-]+\w))?")
URL = re.compile(r"https?://\S+")


class Ground(Network):
    """The server and all that stands on it."""

    domain = "street.example"
    version = "4.5.2"
    rates: ClassVar[Mapping[str, Rate]] = {
        "calls": Rate(300, 300), "media": Rate(30, 1800), "deletes": Rate(30, 1800), "apps": Rate(25, 300),
    }  # fmt: skip

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.accounts: dict[str, dict[str, Any]] = {}
        self.posted: dict[str, dict[str, Any]] = {}
        self.notifications: list[dict[str, Any]] = []  # of the brand, oldest first
        self.blocks: set[str] = set()  # whom the brand has blocked: it hears nothing of them
        self.media: dict[str, dict[str, Any]] = {}
        self.applications: dict[str, dict[str, Any]] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.streaming_url = ""
        self._keys: dict[str, tuple[float, str]] = {}
        self._numbers, self._notes = itertools.count(116153000000000001), itertools.count(34975861)
        self.brand = self.account("brand")

    def account(self, name: str) -> dict[str, Any]:
        if name not in self.accounts:
            self.accounts[name] = {
                "id": str(109000000 + len(self.accounts)), "username": name, "acct": name, "display_name": name.title(),
                "locked": False, "bot": False, "created_at": self._time(), "note": "", "url": f"https://{self.domain}/@{name}",
                "uri": f"https://{self.domain}/users/{name}", "avatar": "", "avatar_static": "", "header": "",
                "header_static": "", "followers_count": 10, "following_count": 5, "statuses_count": 1, "fields": [],
                "emojis": [],
            }  # fmt: skip
        return self.accounts[name]

    # --- in the network's own words -----------------------------------------------------------------

    def refusal(self, refused: Refused) -> Said:
        """https://docs.joinmastodon.org/entities/Error/"""
        told = {
            "route": (404, "Record not found"), "method": (404, "Record not found"),
            "no token": (401, "This method requires an authenticated user"),
            "bad token": (401, "The access token is invalid"), "expired": (401, "The access token expired"),
            "right": (403, "This action is outside the authorized scopes"), "rate": (429, "Too many requests"),
        }  # fmt: skip
        status, words = told.get(refused.why, (422, f"Validation failed: {refused.detail}"))
        return Said(status, {"error": words})

    def limit_headers(self, left: list[Left]) -> dict[str, str]:
        """https://docs.joinmastodon.org/api/rate-limits/#headers"""
        if not left:
            return {}
        least = min(left, key=lambda one: one.left)
        resets_at = datetime.fromtimestamp(least.resets_at, UTC).isoformat().replace("+00:00", "Z")
        return {
            "x-ratelimit-limit": str(least.rate.most), "x-ratelimit-remaining": str(least.left),
            "x-ratelimit-reset": resets_at,
        }  # fmt: skip

    def judge(self, asked: Asked, route: Route) -> None:
        """Everything counts as a call; files and deletions count besides."""
        if not route.open and route.bucket != "calls":
            left = self.limits.spend("calls", self.caller(asked))
            asked.left.append(left)
            if left.is_over:
                raise Refused("rate", "calls", left=left)

    # --- inside -----------------------------------------------------------------------------------

    def _post(
        self, who: dict[str, Any], words: str, *, reply_to: str | None = None, visibility: str = "public",
        warning: str = "", files: list[Any] | None = None, application: Any = None, **more: Any,
    ) -> dict[str, Any]:  # fmt: skip
        name, above = str(next(self._numbers)), self.posted.get(reply_to or "")
        named = [self.accounts[n] for n, _host in dict.fromkeys(MENTION.findall(words)) if n in self.accounts]
        status: dict[str, Any] = {
            "id": name, "created_at": self._time(), "in_reply_to_id": reply_to,
            "in_reply_to_account_id": above["account"]["id"] if above else None, "sensitive": bool(warning),
            "spoiler_text": warning, "visibility": visibility, "language": "es", "uri": f"{who['uri']}/statuses/{name}",
            "url": f"{who['url']}/{name}", "replies_count": 0, "reblogs_count": 0, "favourites_count": 0,
            "edited_at": None,
            "favourited": False, "content": self._html(words), "reblog": None, "account": who, "text": words,
            "application": application, "media_attachments": files or [], "mentions": [
                {"id": a["id"], "username": a["username"], "acct": a["acct"], "url": a["url"]} for a in named
            ], "tags": [], "emojis": [], "card": None, "poll": None, **more,
        }  # fmt: skip
        self.posted[name] = status
        if above:
            above["replies_count"] += 1
        return status

    def _notify(self, kind: str, who: dict[str, Any], status: dict[str, Any]) -> None:
        name = str(next(self._notes))
        self.notifications.append({
            "id": name, "type": kind, "created_at": self._time(), "group_key": f"ungrouped-{name}", "account": who,
            "status": status,
        })  # fmt: skip
        self.push({"event": "notification", "payload": json.dumps(self.notifications[-1])})

    def _page(self, asked: Asked, things: list[dict[str, Any]], most: int) -> Said:
        """https://docs.joinmastodon.org/api/guidelines/#pagination"""
        query, limit = asked.query, min(int(asked.query.get("limit", 20)), most)
        numbered = sorted(((int(one["id"]), one) for one in things), key=lambda one: one[0])
        if "max_id" in query:
            numbered = [one for one in numbered if one[0] < int(query["max_id"])]
        low = max(int(query.get("since_id", -1)), int(query.get("min_id", -1)))
        numbered = [one for one in numbered if one[0] > low]
        page = numbered[:limit] if "min_id" in query else numbered[-limit:]
        links = {}
        if page and page[0][0] != numbered[0][0]:
            links["link"] = f'<{self.url}{asked.url.partition("?")[0]}?max_id={page[0][0]}>; rel="next"'
        return Said(body=[one for _number, one in reversed(page)], headers=links)

    def _names_brand(self, status: dict[str, Any]) -> bool:
        return any(mention["id"] == self.brand["id"] for mention in status["mentions"])

    def _account(self, acct: str) -> dict[str, Any]:
        name = acct.removesuffix(f"@{self.domain}")
        if name not in self.accounts:
            raise Refused("route")
        return self.accounts[name]

    def _status(self, name: str) -> dict[str, Any]:
        if name not in self.posted:
            raise Refused("route")
        return self.posted[name]

    def _own(self, asked: Asked) -> dict[str, Any]:
        status = self._status(asked.path["status"])
        if status["account"]["id"] != self.brand["id"]:
            raise Refused("route")
        return status

    def _files(self, names: list[str]) -> list[Any]:
        if len(names) > 4 or any(name not in self.media for name in names):
            raise Refused("bad", "Cannot attach more than 4 files")
        kinds = {self.media[name]["type"] for name in names}
        if len(names) > 1 and kinds != {"image"}:
            raise Refused("bad", "Cannot attach a video to a post that already contains images")
        return [shown(self.media[name]) for name in names]

    def _html(self, words: str) -> str:
        def named(hit: re.Match[str]) -> str:
            if hit[1] not in self.accounts:
                return hit[0]
            url = self.accounts[hit[1]]["url"]
            link = f'<a href="{url}" class="u-url mention">@<span>{hit[1]}</span></a>'
            return f'<span class="h-card" translate="no">{link}</span>'

        words = html.escape(words, quote=False)
        links = URL.sub(lambda hit: f'<a href="{hit[0]}" rel="nofollow">{hit[0].partition("://")[2][:30]}</a>', words)
        return "<p>" + MENTION.sub(named, links).replace("\n\n", "</p><p>").replace("\n", "<br />") + "</p>"

    def _time(self) -> str:
        return datetime.fromtimestamp(self.now(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def shown(file: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in file.items() if not name.startswith("_")}
