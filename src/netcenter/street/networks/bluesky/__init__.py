"""Bluesky on the street: a server of the AT Protocol with its app view and chat, strict, as its lexicons say.

https://docs.bsky.app/docs/category/http-reference – everybody lives on this server; the brand is `brand.street.test`.
"""

from __future__ import annotations

import hashlib
from typing import Any

from netcenter.street.networks.bluesky.chat import Chat
from netcenter.street.networks.bluesky.lexicons import POST


class Bluesky(Chat):
    """`say` and `write_privately` are what customers do; `truth` remembers it all."""

    def say(self, name: str, words: str, *, to_brand: bool = True, reply_to: str = "", **more: Any) -> str:
        """A customer posts; the brand is notified when it is named, answered or quoted."""
        with self.lock:
            record: dict[str, Any] = {"$type": POST, "text": words, "createdAt": self._time(), "langs": ["es"], **more}
            if reply_to:
                above = self._found(reply_to)
                root = above["value"].get("reply", {}).get("root") or self._ref(reply_to)
                record["reply"] = {"root": root, "parent": self._ref(reply_to)}
            uri = self._put(self.join(name), POST, self._tid(), record)
            if to_brand and not self._blocking(self.join(name)):
                quoted = record.get("embed", {}).get("record", {}).get("uri", "")
                reason = "reply" if reply_to else "quote" if self.did in quoted else "mention"
                self.truth.said(name, reply_to or uri, words, uri)
                self._notify(reason, name, uri, reply_to or quoted or None)
            return uri

    def has(self, content: bytes, mime: str = "image/png") -> dict[str, Any]:
        """A picture of somebody's, to be given to `say` as `embed`."""
        cid = f"bafkrei{hashlib.sha256(content).hexdigest()[:52]}"
        self.blobs[cid] = (content, mime)
        blob = {"$type": "blob", "ref": {"$link": cid}, "mimeType": mime, "size": len(content)}
        return {"$type": "app.bsky.embed.images", "images": [{"alt": "", "image": blob}]}

    def remove(self, uri: str) -> None:
        with self.lock:
            self.repos[uri.split("/")[2]].pop(uri)
            self.notifications = [one for one in self.notifications if one["uri"] != uri]
            if self.truth.get(uri):
                self.truth.delete(uri)

    def like(self, name: str, uri: str, what: str = "like") -> None:
        with self.lock:
            record = {"$type": f"app.bsky.feed.{what}", "createdAt": self._time(), "subject": self._ref(uri)}
            made = self._put(self.join(name), f"app.bsky.feed.{what}", self._tid(), record)
            self._notify(what, name, made, uri)

    def write_privately(self, name: str, words: str) -> str:
        with self.lock:
            convo = self._convo(self.join(name))
            message = self._message(convo, self.join(name), words)
            self.truth.said(name, convo, words, f"{convo}/{message['id']}", private=True)
            return f"{convo}/{message['id']}"

    def react(self, name: str, message: str, value: str) -> None:
        with self.lock:
            convo, _slash, of = message.partition("/")
            found = next(one for one in self.convos[convo]["messages"] if one["id"] == of)
            reaction = {"value": value, "sender": {"did": self.join(name)}, "createdAt": self._time()}
            self._tell("logAddReaction", convo, message=found, reaction=reaction)
