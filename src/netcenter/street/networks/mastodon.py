"""A Mastodon server on the street: its API, strict, as https://docs.joinmastodon.org describes version 4.5.

It has no stream: the tests of the channel open one of their own. Everybody lives on this server; the brand is `brand`.
"""

from __future__ import annotations

import html
import itertools
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from netcenter.street.networks.base import (
    Asked,
    Network,
    Rate,
    Refused,
    Route,
    Said,
    any_of,
    anything,
    one_of,
    route,
    text,
)
from netcenter.street.networks.base.access import Left

IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp")
FILMS = ("video/mp4", "video/webm", "audio/mpeg", "audio/ogg")
MOST, URL_COUNTS, KEY_SECONDS = 500, 23, 3600
NUMBER = any_of(int, text(20))
PAGE = {"limit?": NUMBER, "max_id?": text(30), "since_id?": text(30), "min_id?": text(30)}
STATUS = {
    "status?": text(100_000, 0), "in_reply_to_id?": text(30),
    "visibility?": one_of("public", "unlisted", "private", "direct"),
    "spoiler_text?": text(500, 0), "language?": text(20), "media_ids?": [text(30)], "sensitive?": bool,
}  # fmt: skip
_MENTION = re.compile(r"(?<![\w/])@(\w+)(?:@([\w.:-]+\w))?")
_URL = re.compile(r"https?://\S+")


class Mastodon(Network):
    """`say` is what customers do; `truth` remembers it all."""

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

    # --- what people do -------------------------------------------------------------------------

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

    def say(self, name: str, words: str, **more: Any) -> dict[str, Any]:
        """A customer writes; whoever is named is notified."""
        with self.lock:
            status = self._post(self.account(name), words, **more)
            if self._names_brand(status) and status["account"]["id"] not in self.blocks:
                told = self.truth.said(name, status["in_reply_to_id"] or status["id"], words, status["id"])
                told.facts["visibility"] = status["visibility"]
                self._notify("mention", self.account(name), status)
            return status

    def has(self, content: bytes, mime: str = "image/png") -> dict[str, Any]:
        """A file of somebody's, to be given to `say` among `files`."""
        name = str(next(self._numbers))
        self.media[name] = {
            "id": name, "type": mime.partition("/")[0], "url": f"{self.url}/media/{name}", "preview_url": None,
            "remote_url": None, "meta": {}, "description": None, "blurhash": None,
            "_content": content.decode("latin-1"), "_mime": mime, "_looks": 2,
        }  # fmt: skip
        return _shown(self.media[name])

    def edit(self, status_id: str, words: str) -> None:
        with self.lock:
            self.posted[status_id] |= {"text": words, "content": self._html(words), "edited_at": self._time()}
            self.truth.edit(status_id, words)

    def remove(self, status_id: str) -> None:
        """Its notifications go with it."""
        with self.lock:
            self.posted.pop(status_id)
            self.notifications = [n for n in self.notifications if (n.get("status") or {}).get("id") != status_id]
            if self.truth.get(status_id):
                self.truth.delete(status_id)

    def like(self, name: str, status_id: str, what: str = "favourite") -> None:
        with self.lock:
            self.posted[status_id]["favourites_count" if what == "favourite" else "reblogs_count"] += 1
            self._notify(what, self.account(name), self.posted[status_id])

    def allow(self, address: str) -> dict[str, str]:
        """What a person does in the browser, sent there to sign in: the query with which they come back."""
        from urllib.parse import parse_qs, urlsplit

        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = query
        return {"code": code, "state": query["state"]}

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

    # --- signing in -----------------------------------------------------------------------------

    @route(
        "POST",
        "/api/v1/apps",
        open=True,
        form={"client_name": text(60), "redirect_uris": text(2000), "scopes?": text(1000), "website?": text(2000)},
    )
    def register(self, asked: Asked) -> Any:
        name = f"client-{len(self.applications)}"
        self.applications[name] = {**asked.fields, "secret": f"secret-of-{name}"}
        return {
            "id": name,
            "name": asked.fields["client_name"],
            "client_id": name,
            "client_secret": f"secret-of-{name}",
        }

    @route(
        "POST",
        "/oauth/token",
        open=True,
        form={
            "grant_type": one_of("authorization_code"),
            "code": str,
            "client_id": str,
            "client_secret": str,
            "redirect_uri": str,
            "scope?": str,
            "code_verifier?": str,
        },
    )
    def token(self, asked: Asked) -> Any:
        told, code = asked.fields, self.codes.pop(asked.fields["code"], None)
        application = self.applications.get(told["client_id"], {})
        if (
            code is None
            or application.get("secret") != told["client_secret"]
            or code["redirect_uri"] != told["redirect_uri"]
        ):
            raise Refused(
                "other",
                said=Said(
                    400, {"error": "invalid_grant", "error_description": "The provided authorization grant is invalid"}
                ),
            )
        self._prove(code.get("code_challenge", ""), told.get("code_verifier", ""))
        value = f"token-{told['client_id']}"
        self.tokens.issue(value, *code["scope"].split(), of="brand", application=application["client_name"])
        return {"access_token": value, "token_type": "Bearer", "scope": code["scope"], "created_at": int(self.now())}

    def _prove(self, challenge: str, verifier: str) -> None:
        import hashlib
        from base64 import urlsafe_b64encode

        if (
            challenge
            and urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode() != challenge
        ):
            raise Refused(
                "other", said=Said(400, {"error": "invalid_grant", "error_description": "The code verifier is wrong"})
            )

    @route("GET", "/api/v2/instance", open=True)
    def instance(self, asked: Asked) -> Any:
        urls = {"streaming": self.streaming_url} if self.streaming_url else {}
        limits = {"max_characters": MOST, "max_media_attachments": 4, "characters_reserved_per_url": URL_COUNTS}
        return {"domain": self.domain, "version": self.version, "configuration": {"urls": urls, "statuses": limits}}

    @route("GET", "/api/v1/accounts/verify_credentials", rights=("read:accounts",), bucket="calls")
    def verify_credentials(self, asked: Asked) -> Any:
        return self.brand

    @route("GET", "/api/v1/apps/verify_credentials", bucket="calls")
    def verify_application(self, asked: Asked) -> Any:
        return {"name": asked.who.facts.get("application", "Netcenter"), "scopes": sorted(asked.who.rights)}

    @route("GET", "/api/v1/accounts/lookup", query={"acct": text(300)}, open=True)
    def lookup(self, asked: Asked) -> Any:
        return self._account(asked.query["acct"])

    # --- reading ----------------------------------------------------------------------------------

    @route(
        "GET",
        "/api/v1/notifications",
        rights=("read:notifications",),
        bucket="calls",
        query={
            **PAGE,
            "types[]?": anything,
            "exclude_types[]?": anything,
            "include_filtered?": one_of("true", "false"),
        },
    )
    def listed(self, asked: Asked) -> Any:
        page = self._page(asked, self.notifications, 80)
        page.body = [n | ({"status": self.posted[n["status"]["id"]]} if n.get("status") else {}) for n in page.body]
        return page

    @route(
        "GET",
        "/api/v1/accounts/{account}/statuses",
        rights=("read:statuses",),
        bucket="calls",
        query={**PAGE, "exclude_reblogs?": one_of("true", "false"), "exclude_replies?": one_of("true", "false")},
    )
    def of_account(self, asked: Asked) -> Any:
        own = [status for status in self.posted.values() if status["account"]["id"] == asked.path["account"]]
        return self._page(asked, own, 40)

    @route("GET", "/api/v1/statuses", rights=("read:statuses",), bucket="calls", query={"id[]": anything})
    def several(self, asked: Asked) -> Any:
        from urllib.parse import parse_qs, urlsplit

        names = parse_qs(urlsplit(asked.url).query)["id[]"]
        if len(names) > 20:
            raise Refused("bad", "too many ids")
        return [self.posted[name] for name in names if name in self.posted]

    @route("GET", "/api/v1/statuses/{status}", rights=("read:statuses",), bucket="calls")
    def one(self, asked: Asked) -> Any:
        return self._status(asked.path["status"])

    @route("GET", "/api/v1/statuses/{status}/context", rights=("read:statuses",), bucket="calls")
    def context(self, asked: Asked) -> Any:
        above: list[dict[str, Any]] = []
        at = self._status(asked.path["status"])
        while at["in_reply_to_id"] in self.posted:
            at = self.posted[at["in_reply_to_id"]]
            above.insert(0, at)
        below = [s for s in self.posted.values() if s["in_reply_to_id"] == asked.path["status"]]
        return {"ancestors": above, "descendants": below}

    # --- writing ----------------------------------------------------------------------------------

    @route("POST", "/api/v1/statuses", rights=("write:statuses",), bucket="calls", json=STATUS)
    def create(self, asked: Asked) -> Any:
        key, told = asked.headers.get("idempotency-key", ""), asked.fields
        if key in self._keys and self._keys[key][0] > self.now() - KEY_SECONDS and self._keys[key][1] in self.posted:
            return self.posted[self._keys[key][1]]
        if told.get("in_reply_to_id") and told["in_reply_to_id"] not in self.posted:
            raise Refused("route")
        words, warning = told.get("status", ""), told.get("spoiler_text", "")
        if _measured(words) + len(warning) > MOST:
            raise Refused("bad", f"Text character limit of {MOST} exceeded")
        if not words and not told.get("media_ids"):
            raise Refused("bad", "Text can't be blank")
        status = self._post(
            self.brand, words, reply_to=told.get("in_reply_to_id"), visibility=told.get("visibility", "public"),
            warning=warning, files=self._files(told.get("media_ids", [])),
            application={"name": asked.who.facts.get("application", "Netcenter"), "website": None},
        )  # fmt: skip
        self.truth.replied(told.get("in_reply_to_id", ""), words, key, status["id"], visibility=status["visibility"])
        if key:
            self._keys[key] = (self.now(), status["id"])
        return status

    @route("PUT", "/api/v1/statuses/{status}", rights=("write:statuses",), bucket="calls", json=STATUS)
    def change(self, asked: Asked) -> Any:
        status, told = self._own(asked), asked.fields
        status |= {
            "text": told["status"], "content": self._html(told["status"]), "edited_at": self._time(),
            "spoiler_text": told.get("spoiler_text", ""), "media_attachments": self._files(told.get("media_ids", [])),
        }  # fmt: skip
        self.truth.edit(status["id"], told["status"])
        return status

    @route("DELETE", "/api/v1/statuses/{status}", rights=("write:statuses",), bucket="deletes")
    def delete(self, asked: Asked) -> Any:
        status = self._own(asked)
        self.remove(status["id"])
        return status

    @route("POST", "/api/v1/statuses/{status}/favourite", rights=("write:favourites",), bucket="calls")
    def favourite(self, asked: Asked) -> Any:
        self._status(asked.path["status"])["favourited"] = True
        return self._status(asked.path["status"])

    @route("POST", "/api/v1/statuses/{status}/unfavourite", rights=("write:favourites",), bucket="calls")
    def unfavourite(self, asked: Asked) -> Any:
        self._status(asked.path["status"])["favourited"] = False
        return self._status(asked.path["status"])

    @route("POST", "/api/v1/accounts/{account}/block", rights=("write:blocks",), bucket="calls")
    def block(self, asked: Asked) -> Any:
        return self._blocked(asked.path["account"], True)

    @route("POST", "/api/v1/accounts/{account}/unblock", rights=("write:blocks",), bucket="calls")
    def unblock(self, asked: Asked) -> Any:
        return self._blocked(asked.path["account"], False)

    def _blocked(self, id: str, blocking: bool) -> Any:
        """https://docs.joinmastodon.org/entities/Relationship/"""
        if not any(one["id"] == id for one in self.accounts.values()):
            raise Refused("other", said=Said(404, {"error": "Record not found"}))
        (self.blocks.add if blocking else self.blocks.discard)(id)
        return {"id": id, "following": False, "followed_by": False, "blocking": blocking, "blocked_by": False,
                "muting": False, "requested": False, "domain_blocking": False, "note": ""}  # fmt: skip

    @route(
        "POST",
        "/api/v2/media",
        rights=("write:media",),
        bucket="media",
        form={"description?": text(1500)},
        files={"file": (*IMAGES, *FILMS)},
    )
    def upload(self, asked: Asked) -> Any:
        file = asked.files["file"]
        if len(file.content) > (16 if file.mime in IMAGES else 99) * 2**20:
            raise Refused("bad", "File size must be less than 16 MB")
        name, kind = str(next(self._numbers)), file.mime.partition("/")[0]
        self.media[name] = {
            "id": name, "type": kind, "url": f"{self.url}/media/{name}", "preview_url": None, "remote_url": None,
            "meta": {}, "description": asked.fields.get("description"), "blurhash": None,
            "_content": file.content.decode("latin-1"), "_mime": file.mime, "_looks": 0,
        }  # fmt: skip
        is_ready = kind == "image"
        return Said(200 if is_ready else 202, _shown(self.media[name]) | ({} if is_ready else {"url": None}))

    @route("GET", "/api/v1/media/{media}", rights=("write:media",), bucket="calls")
    def look(self, asked: Asked) -> Any:
        """A film is ready at the second look."""
        if (file := self.media.get(asked.path["media"])) is None:
            raise Refused("route")
        file["_looks"] += 1
        return Said(200 if file["_looks"] > 1 else 206, _shown(file))

    @route("GET", "/media/{media}", open=True)
    def file(self, asked: Asked) -> Any:
        if (file := self.media.get(asked.path["media"])) is None:
            raise Refused("route")
        return Said(200, file["_content"].encode("latin-1"), mime=file["_mime"])

    # --- inside -----------------------------------------------------------------------------------

    def _post(
        self, who: dict[str, Any], words: str, *, reply_to: str | None = None, visibility: str = "public",
        warning: str = "", files: list[Any] | None = None, application: Any = None, **more: Any,
    ) -> dict[str, Any]:  # fmt: skip
        name, above = str(next(self._numbers)), self.posted.get(reply_to or "")
        named = [self.accounts[n] for n, _host in dict.fromkeys(_MENTION.findall(words)) if n in self.accounts]
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
        return [_shown(self.media[name]) for name in names]

    def _html(self, words: str) -> str:
        def named(hit: re.Match[str]) -> str:
            if hit[1] not in self.accounts:
                return hit[0]
            url = self.accounts[hit[1]]["url"]
            link = f'<a href="{url}" class="u-url mention">@<span>{hit[1]}</span></a>'
            return f'<span class="h-card" translate="no">{link}</span>'

        words = html.escape(words, quote=False)
        links = _URL.sub(lambda hit: f'<a href="{hit[0]}" rel="nofollow">{hit[0].partition("://")[2][:30]}</a>', words)
        return "<p>" + _MENTION.sub(named, links).replace("\n\n", "</p><p>").replace("\n", "<br />") + "</p>"

    def _time(self) -> str:
        return datetime.fromtimestamp(self.now(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _shown(file: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in file.items() if not name.startswith("_")}


def _measured(words: str) -> int:
    return len(_MENTION.sub(lambda hit: f"@{hit[1]}", _URL.sub("x" * URL_COUNTS, words)))
