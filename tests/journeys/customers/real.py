"""Dana on real servers: Mastodon's API (snac), the AT Protocol's development network, Matrix (Synapse).

What she says is said with other clients than ours. A server has no record of its own that would tell what was deleted,
or read otherwise before: that she remembers herself, and all else is asked for.
"""

from __future__ import annotations

import html
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from netcenter.street.networks.base import File
from tests.journeys.customers.base import Customer, InPieces, Line, bare
from tests.servers import atproto, snac, synapse

BACK = "https://sol.example/back"
SECONDS = 120.0  # some of them hear of everything a little later; on a busy machine much later


def wait_for(look: Callable[[], Any]) -> Any:
    ends = time.monotonic() + SECONDS
    while not (seen := look()):
        assert time.monotonic() < ends, "it never came"
        time.sleep(0.3)
    return seen


class OnRealServer(Customer):
    """What the three share. `told`: who said it, and in which words first, by name and in order."""

    polls = True
    patience = 300.0
    is_real = True
    settles = 0.0  # seconds in which what is on its way within the server arrives
    ours = ("delete_ours",)
    starts: Callable[[], AbstractContextManager[Any]]

    def __init__(self, now: Callable[[], float]) -> None:
        self.told: dict[str, tuple[str, str]] = {}
        self.root = self.last = ""

    @contextmanager
    def lives(self) -> Iterator[None]:
        try:
            with type(self).starts() as self.server:
                self.arrive()
                yield
        except (atproto.Missing, snac.Missing, synapse.Missing) as missing:
            pytest.skip(str(missing))

    def signed_in(self, values: dict[str, Any], allow: Callable[[str], dict[str, str]]) -> Any:
        """What signing in brings, as the wizard does it."""
        from netcenter.channels.contract import Connection
        from netcenter.channels.registry import channel

        begun, network = Connection("key", "", "", values, values), channel(self.kind)
        consent = network.authorize(begun, BACK, "state")
        told = {"state": "state"} if consent.url.startswith(BACK) else allow(consent.url)
        (grant,) = network.exchange(begun, told, BACK, consent.keep)
        return grant

    def remembers(self) -> list[Line]:
        """What the server has once nothing changes there any more: some deliver for a while."""
        before = None
        while before != (found := self.found()):
            before = found
            time.sleep(self.settles)
        names = list(self.told)
        lines = []
        for name in [*names, *(name for name in found if name not in names)]:
            who, first = self.told.get(name, ("nobody", ""))
            now = found.get(name)
            words, files = now or (first, 0)
            lines.append(Line(who, bare(words), files, bool(now) and bare(words) != bare(first), not now))
        return lines

    def found(self) -> dict[str, tuple[str, int]]:
        """Words and number of files of everything that the server has, by name."""
        raise NotImplementedError


class OnSnac(OnRealServer):
    """snac takes back no words for an app."""

    kind, named = "mastodon", "dana"
    starts = snac.snac_server
    can = frozenset({"file", "edit", "like"})
    ours = ("edit",)
    settles = 20.0

    def arrive(self) -> None:
        self.server.token("dana")

    def connected(self, brand: Any, now: datetime) -> Any:
        from netcenter.accounts.actions import connect

        values = {"base_url": self.server.url}
        grant = self.signed_in(values, lambda url: self.server.sign_in("brand", url))
        return connect(brand, self.kind, "Sol", grant.address, values, now, "system", grant)

    def says(self, words: str, file: File | None = None) -> Any:
        more = {"in_reply_to_id": self.last} if self.last else {}
        if file:
            kept = {"file": (file.name, file.content, file.mime)}
            more["media_ids[]"] = self.server.call("dana", "POST", "api/v2/media", files=kept)["id"]
        self.last = self.server.say("dana", f"@brand {words}", **more)["id"]
        self.root = self.root or self.last
        self.told[_same(self.last)] = ("dana", words)
        return self.last

    def edits(self, said: Any, words: str) -> None:
        self.server.call("dana", "PUT", f"api/v1/statuses/{said}", status=f"@brand {words}")

    def hears(self, name: str) -> None:
        self.told[_same(name)] = ("us", self._words(wait_for(lambda: self._status(name))))
        self.last = name

    def likes(self, name: str) -> None:
        wait_for(lambda: self._asked("POST", f"api/v1/statuses/{name}/favourite"))  # once it was delivered to her

    def is_liked(self, said: Any) -> bool:
        return bool(wait_for(lambda: self._status(said)["favourites_count"]))

    def found(self) -> dict[str, tuple[str, int]]:
        """Level after level: the context of a status names what stands right below it."""
        there: dict[str, Any] = {}
        level = [self._status(self.root)]
        while level:
            there |= {_same(one["id"]): one for one in level}
            contexts = [self.server.call("dana", "GET", f"api/v1/statuses/{one['id']}/context") for one in level]
            level = [one for each in contexts for one in each["descendants"] if _same(one["id"]) not in there]
        return {name: (self._words(one), len(one["media_attachments"])) for name, one in there.items()}

    def _status(self, name: str) -> Any:
        return self._asked("GET", f"api/v1/statuses/{name}")

    def _asked(self, method: str, path: str) -> Any:
        try:
            return self.server.call("dana", method, path)
        except httpx2.HTTPStatusError:
            return None

    def _words(self, status: Any) -> str:
        return html.unescape(re.sub(r"<[^>]+>", "", status["content"]))


def _same(name: str) -> str:
    """Without the moment that snac puts before its names: an edit changes it."""
    return name[10:]


class OnBlueskyNetwork(OnRealServer):
    kind = "bluesky"
    named = "dana.test"
    starts = atproto.bluesky_network
    can = frozenset({"file", "delete", "like"})

    def arrive(self) -> None:
        for name in ("brand", "dana"):
            self.server.join(name)
        self.heard = ""

    def connected(self, brand: Any, now: datetime) -> Any:
        from netcenter.accounts.actions import connect

        values = {
            "base_url": self.server.url, "plc_url": self.server.plc, "handle": "brand.test",
            "did": self.server.join("brand")["did"], "password": self.server.app_password("brand"), "chat": False,
        }  # fmt: skip
        return connect(brand, self.kind, "Sol", "@brand.test", values, now, "system")

    def says(self, words: str, file: File | None = None) -> Any:
        more: dict[str, Any] = {}
        if file:
            image = self.server.upload("dana", file.content, file.mime)
            more["embed"] = {"$type": "app.bsky.embed.images", "images": [{"image": image, "alt": file.name}]}
        if self.last:
            more["reply"] = {"root": self._ref(next(iter(self.told))), "parent": self._ref(self.last)}
        named = "" if self.last and self.last == self.heard else "brand"  # who answers herself is told to nobody
        self.last = self.server.say("dana", words, to=named, **more)["uri"]
        self.told[self.last] = ("dana", words)
        return self.last

    def deletes(self, said: Any) -> None:
        self.server.delete("dana", said)
        self.last = self.heard

    def hears(self, name: str) -> None:
        self.told[name] = ("us", self._record(name)["value"]["text"])
        self.last = self.heard = name

    def likes(self, name: str) -> None:
        self.server.write("dana", "app.bsky.feed.like", subject=self._ref(name))

    def is_liked(self, said: Any) -> bool:
        return said in [one["value"]["subject"]["uri"] for one in self._listed("brand", "app.bsky.feed.like")]

    def found(self) -> dict[str, tuple[str, int]]:
        posts = [one for name in ("dana", "brand") for one in self._listed(name, "app.bsky.feed.post")]
        return {
            one["uri"]: (one["value"]["text"], len(one["value"].get("embed", {}).get("images", ()))) for one in posts
        }

    def _listed(self, name: str, collection: str) -> list[Any]:
        did = self.server.join(name)["did"]
        told = self.server.query(name, "com.atproto.repo.listRecords", repo=did, collection=collection, limit=100)
        return list(told["records"])

    def _record(self, uri: str) -> Any:
        _scheme, _empty, did, collection, rkey = uri.split("/")
        return self.server.query("dana", "com.atproto.repo.getRecord", repo=did, collection=collection, rkey=rkey)

    def _ref(self, uri: str) -> dict[str, str]:
        return {"uri": uri, "cid": self._record(uri)["cid"]}


class OnSynapse(OnRealServer, InPieces):
    """A file of ours is an event of its own."""

    kind = "matrix"
    named = "dana"
    starts = synapse.synapse_server
    can = frozenset({"file", "edit", "delete", "like"})
    ours = ("edit", "delete_ours")

    def arrive(self) -> None:
        self.care = self.server.join("care")
        self.room = self.server.room("dana", invite=[self.care], is_direct=True, preset="private_chat")

    def connected(self, brand: Any, now: datetime) -> Any:
        from netcenter.accounts.actions import connect

        values = {
            "base_url": self.server.url, "user": self.care, "password": synapse.PASSWORD, "unlimited": True,
        }  # fmt: skip
        grant = self.signed_in(values, lambda url: {})
        return connect(brand, self.kind, "Sol", self.care, values, now, "system", grant)

    def says(self, words: str, file: File | None = None) -> Any:
        more = {}
        if file:
            url = self.server.upload("dana", file.content, file.mime)
            more = {"msgtype": "m.image", "filename": file.name, "url": url, "info": {"mimetype": file.mime}}
        return self.server.say("dana", self.room, words, **more)

    def edits(self, said: Any, words: str) -> None:
        fresh = {"msgtype": "m.text", "body": words}
        relates = {"rel_type": "m.replace", "event_id": said}
        self.server.say("dana", self.room, f"* {words}", **{"m.new_content": fresh, "m.relates_to": relates})

    def deletes(self, said: Any) -> None:
        path = f"{synapse.V3}/rooms/{quote(self.room)}/redact/{quote(said)}/r{len(self._events())}"
        self.server.call("dana", "PUT", path, {})

    def likes(self, name: str) -> None:
        annotation = {"m.relates_to": {"rel_type": "m.annotation", "event_id": name, "key": "👍️"}}
        self.server.say("dana", self.room, "", kind="m.reaction", **annotation)

    def is_liked(self, said: Any) -> bool:
        relating = [one["content"].get("m.relates_to", {}) for one in self._events() if one["sender"] == self.care]
        return any(one.get("rel_type") == "m.annotation" and one["event_id"] == said for one in relating)

    def remembers(self) -> list[Line]:
        """The events in their order. Of what was redacted, who said it is still there; the words were heard."""
        events = [one for one in self._events() if one["type"] == "m.room.message"]
        relates = {one["event_id"]: one["content"].get("m.relates_to", {}) for one in events}
        fresh = {
            relates[one["event_id"]]["event_id"]: one["content"]["m.new_content"]["body"]
            for one in events if relates[one["event_id"]].get("rel_type") == "m.replace"
        }  # fmt: skip
        lines = []
        for one in events:
            if relates[one["event_id"]].get("rel_type") != "m.replace":
                lines.append(self._line(one, fresh.get(one["event_id"], "")))
        return self.joined(lines)

    def _line(self, event: Any, fresh: str) -> Line:
        name, who = event["event_id"], "us" if event["sender"] == self.care else "dana"
        if "body" not in event["content"]:
            return Line(who, self.told[name][1], gone=True)
        return Line(who, fresh or event["content"]["body"], int("url" in event["content"]), bool(fresh))

    def is_file(self, words: str) -> bool:
        return words.endswith(".png")

    def _events(self) -> list[Any]:
        path = f"{synapse.V3}/rooms/{quote(self.room)}/messages?dir=f&limit=1000"
        found = self.server.call("dana", "GET", path)["chunk"]
        self.told |= {one["event_id"]: (one["sender"], one["content"]["body"])
                      for one in found if "body" in one["content"]}  # fmt: skip
        return list(found)


REAL: tuple[type[OnRealServer], ...] = (OnSnac, OnBlueskyNetwork, OnSynapse)
