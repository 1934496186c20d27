"""Records, posts and notifications."""

from __future__ import annotations

import hashlib
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from netcenter.street.networks.base import (
    Asked,
    Refused,
    Said,
    anything,
    one_of,
    route,
    text,
)
from netcenter.street.networks.bluesky.lexicons import (
    LETTERS,
    PAGE,
    POST,
    RECORDS,
    WRITE_POINTS,
    graphemes,
    no,
)
from netcenter.street.networks.bluesky.signing_in import SignIn


class Repos(SignIn):
    """com.atproto.repo and app.bsky"""

    @route("GET", "/xrpc/com.atproto.identity.resolveHandle", open=True, query={"handle": text(253)})
    def resolve(self, asked: Asked) -> Any:
        for did, handle in self.handles.items():
            if handle == asked.query["handle"]:
                return {"did": did}
        raise no("HandleNotFound", "Unable to resolve handle")

    @route("GET", "/xrpc/app.bsky.actor.getProfile", rights=("atproto",), bucket="calls", query={"actor": text(300)})
    def profile(self, asked: Asked) -> Any:
        if asked.query["actor"] not in self.handles:
            raise no("InvalidRequest", "Profile not found")
        return self._profile(asked.query["actor"]) | {"followersCount": 42, "followsCount": 3, "postsCount": 7}

    @route(
        "GET",
        "/xrpc/app.bsky.notification.listNotifications",
        rights=("atproto",),
        bucket="calls",
        query={**PAGE, "reasons?": anything, "priority?": bool, "seenAt?": str},
    )
    def listed(self, asked: Asked) -> Any:
        reasons = parse_qs(urlsplit(asked.url).query).get("reasons")
        told = [one for one in reversed(self.notifications) if not reasons or one["reason"] in reasons]
        return self._page(asked, told, "notifications", lambda one: one["_at"])

    @route("GET", "/xrpc/app.bsky.feed.getPosts", rights=("atproto",), bucket="calls", query={"uris": anything})
    def posts(self, asked: Asked) -> Any:
        uris = parse_qs(urlsplit(asked.url).query)["uris"]
        if len(uris) > 25:
            raise Refused("bad", "uris must not have more than 25 elements")
        counts = self._counts()
        return {"posts": [self._view(uri, counts) for uri in uris if uri in self.repos.get(uri.split("/")[2], {})]}

    @route(
        "GET",
        "/xrpc/com.atproto.repo.getRecord",
        open=True,
        query={"repo": str, "collection": str, "rkey": str, "cid?": str},
    )
    def record(self, asked: Asked) -> Any:
        return self._found(f"at://{asked.query['repo']}/{asked.query['collection']}/{asked.query['rkey']}")

    @route(
        "GET",
        "/xrpc/com.atproto.repo.listRecords",
        open=True,
        query={"repo": str, "collection": str, "reverse?": bool, **PAGE},
    )
    def records(self, asked: Asked) -> Any:
        own = [
            one
            for uri, one in self.repos.get(asked.query["repo"], {}).items()
            if f"/{asked.query['collection']}/" in uri
        ]
        return self._page(
            asked,
            sorted(own, key=lambda one: one["uri"], reverse=True),
            "records",
            lambda one: one["uri"].rpartition("/")[2],
        )

    @route("GET", "/xrpc/com.atproto.sync.getBlob", open=True, query={"did": str, "cid": str})
    def blob(self, asked: Asked) -> Any:
        if asked.query["cid"] not in self.blobs:
            raise no("BlobNotFound", "Blob not found")
        content, mime = self.blobs[asked.query["cid"]]
        return Said(200, content, mime=mime)

    # --- writing ----------------------------------------------------------------------------------

    @route(
        "POST",
        "/xrpc/com.atproto.repo.createRecord",
        rights=("atproto",),
        bucket="calls",
        json={
            "repo": str,
            "collection": one_of(*RECORDS),
            "rkey?": text(512),
            "validate?": bool,
            "record": anything,
            "swapCommit?": anything,
        },
    )
    def create(self, asked: Asked) -> Any:
        self._spend(asked, "createRecord")
        told = asked.fields
        uri = f"at://{self.did}/{told['collection']}/{told.get('rkey') or self._tid()}"
        if uri in self.repos[self.did]:
            # Bluesky's own server says no more than that.
            raise Refused("other", said=Said(500, {"error": "InternalServerError", "message": "Internal Server Error"}))
        return self._written(asked, uri)

    @route(
        "POST",
        "/xrpc/com.atproto.repo.putRecord",
        rights=("atproto",),
        bucket="calls",
        json={
            "repo": str,
            "collection": one_of(*RECORDS),
            "rkey": text(512),
            "validate?": bool,
            "record": anything,
            "swapRecord?": anything,
            "swapCommit?": anything,
        },
    )
    def put(self, asked: Asked) -> Any:
        self._spend(asked, "putRecord")
        uri = f"at://{self.did}/{asked.fields['collection']}/{asked.fields['rkey']}"
        before = self.repos[self.did].get(uri)
        if "swapRecord" in asked.fields and asked.fields["swapRecord"] != (before["cid"] if before else None):
            raise no("InvalidSwap", "Record was at another cid")
        return self._written(asked, uri)

    @route(
        "POST",
        "/xrpc/com.atproto.repo.deleteRecord",
        rights=("atproto",),
        bucket="calls",
        json={"repo": str, "collection": str, "rkey": str, "swapRecord?": anything, "swapCommit?": anything},
    )
    def delete(self, asked: Asked) -> Any:
        self._spend(asked, "deleteRecord")
        uri = f"at://{self.did}/{asked.fields['collection']}/{asked.fields['rkey']}"
        self.repos[self.did].pop(uri, None)
        if self.truth.get(uri):
            self.truth.delete(uri)
        return {}

    def _written(self, asked: Asked, uri: str) -> Any:
        from netcenter.street.networks.base import fit

        collection, record = (
            asked.fields["collection"],
            fit(asked.fields["record"], RECORDS[asked.fields["collection"]], "record"),
        )
        rkey = uri.rpartition("/")[2]
        if (
            asked.fields["repo"] != self.did
            or record["$type"] != collection
            or not re.fullmatch(f"[{LETTERS[:16]}][{LETTERS}]{{12}}", rkey)
        ):
            raise Refused("bad", "Invalid record key or type")
        if collection == POST:
            self._judge_post(record)
            known = self.truth.get(uri)
            if known is None:
                above = record.get("reply", {}).get("parent", {}).get("uri", "")
                self.truth.replied(above, record["text"], record.get("viaNetcenter", ""), uri)
        return {
            "uri": self._put(self.did, collection, rkey, record),
            "cid": self._cid(record),
            "validationStatus": "valid",
        }

    def _judge_post(self, record: dict[str, Any]) -> None:
        octets = len(record["text"].encode())
        if graphemes(record["text"]) > 300 or octets > 3000:
            raise Refused("bad", "Record/text must not be longer than 300 graphemes")
        for facet in record.get("facets", []):
            index = facet["index"]
            if not 0 <= index["byteStart"] < index["byteEnd"] <= octets:
                raise Refused("bad", "Record/facets out of the text")
        embed = record.get("embed", {})
        if embed.get("$type") not in (None, "app.bsky.embed.images", "app.bsky.embed.video", "app.bsky.embed.record"):
            raise Refused("bad", "Record/embed")
        for image in embed.get("images", []):
            if (
                "alt" not in image
                or image["image"]["size"] > 1_000_000
                or image["image"]["ref"]["$link"] not in self.blobs
            ):
                raise Refused("bad", "Record/embed/images")
        for above in record.get("reply", {}).values():
            if above["uri"] in self.repos.get(above["uri"].split("/")[2], {}) and self._ref(above["uri"]) != above:
                raise Refused("bad", "Record/reply has another cid")

    @route("POST", "/xrpc/com.atproto.repo.uploadBlob", rights=("atproto",), bucket="calls")
    def upload(self, asked: Asked) -> Any:
        raise AssertionError("`answer` takes it: its body is the file itself")

    def answer(self, asked: Asked) -> Said | None:
        """A file comes as it is, under any type."""
        if asked.url == "/xrpc/com.atproto.repo.uploadBlob" and asked.method == "POST":
            token, mime = self.tokens.get(self.credential(asked)), asked.headers.get("content-type", "")
            if token is None or not token.is_good(asked.at) or self.weather.is_out(asked.at):
                return self.refusal(Refused("bad token"))
            if len(asked.body) > 50_000_000 or "/" not in mime:
                return Said(413, {"error": "BlobTooLarge", "message": "This file is too large"})
            cid = f"bafkrei{hashlib.sha256(asked.body).hexdigest()[:52]}"
            self.blobs[cid] = (asked.body, mime)
            return Said(
                200, {"blob": {"$type": "blob", "ref": {"$link": cid}, "mimeType": mime, "size": len(asked.body)}}
            )
        return super().answer(asked)

    def _spend(self, asked: Asked, what: str) -> None:
        for bucket in ("points_hour", "points_day"):
            left = self.limits.spend(bucket, self.did, WRITE_POINTS[what])
            asked.left.append(left)
            if left.is_over:
                raise Refused("rate", bucket, left=left)
