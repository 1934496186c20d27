"""Posts, read and written: https://docs.joinmastodon.org/methods/statuses/"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from netcenter.street.networks.base import Asked, Refused, Said, any_of, anything, one_of, route, text
from netcenter.street.networks.mastodon.ground import MENTION, URL
from netcenter.street.networks.mastodon.people import People

MOST, URL_COUNTS, KEY_SECONDS = 500, 23, 3600
NUMBER = any_of(int, text(20))
PAGE = {"limit?": NUMBER, "max_id?": text(30), "since_id?": text(30), "min_id?": text(30)}
STATUS = {
    "status?": text(100_000, 0), "in_reply_to_id?": text(30),
    "visibility?": one_of("public", "unlisted", "private", "direct"),
    "spoiler_text?": text(500, 0), "language?": text(20), "media_ids?": [text(30)], "sensitive?": bool,
}  # fmt: skip


class Statuses(People):
    """What the brand reads and writes."""

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


def _measured(words: str) -> int:
    return len(MENTION.sub(lambda hit: f"@{hit[1]}", URL.sub("x" * URL_COUNTS, words)))
