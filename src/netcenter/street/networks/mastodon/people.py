"""What people do on a Mastodon server."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from netcenter.street.networks.mastodon.ground import Ground, shown


class People(Ground):
    """Everybody but the brand; `truth` remembers what they say to it."""

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
        return shown(self.media[name])

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
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = query
        return {"code": code, "state": query["state"]}
