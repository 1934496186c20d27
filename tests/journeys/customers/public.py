"""Dana on X, Mastodon and Bluesky."""

from __future__ import annotations

from typing import Any

from netcenter.street.networks.base import File
from tests.journeys.customers.base import Customer


class OnX(Customer):
    """Mentions and replies."""

    kind = "twitter"
    ours = ("delete_ours",)

    def arrive(self) -> None:
        self.dana = self.network.person("Dana", "dana")
        self.last = self.town.roots[0]

    def says(self, words: str, file: File | None = None) -> Any:
        name = self.network.posts(self.dana, f"@panaderiasol {words}", self.last, media=(file,) if file else ())
        self.last = name
        return name

    def edits(self, said: Any, words: str) -> None:
        self.network.rewrites(said, f"@panaderiasol {words}")

    def deletes(self, said: Any) -> None:
        self.network.erases(said)
        self.last = self.town.roots[0]

    def likes(self, name: str) -> None:
        self.network.favours(self.dana, name)

    def hears(self, name: str) -> None:
        self.last = name

    def is_liked(self, said: Any) -> bool:
        return said in self.network.likes

    def files_of(self, one: Any) -> int:
        return len(one.facts.get("media", ()))


class OnMastodon(Customer):
    kind = "mastodon"
    ours = ("edit", "delete_ours")
    polls = True

    def arrive(self) -> None:
        self.network.account("dana")

    def says(self, words: str, file: File | None = None) -> Any:
        files = {"files": [self.network.has(file.content, file.mime)]} if file else {}
        above = {"reply_to": self.last} if self.last else {}
        self.last = self.network.say("dana", f"@brand {words}", **above, **files)["id"]
        return self.last

    def edits(self, said: Any, words: str) -> None:
        self.network.edit(said, f"@brand {words}")

    def deletes(self, said: Any) -> None:
        self.network.remove(said)
        self.last = self.root

    def hears(self, name: str) -> None:
        self.last = name

    @property
    def root(self) -> str:
        return next(id for id, one in self.network.truth.told.items() if one.deleted_at is None)

    def likes(self, name: str) -> None:
        self.network.like("dana", name)

    def is_liked(self, said: Any) -> bool:
        return bool(self.network.posted[said]["favourited"])

    def files_of(self, one: Any) -> int:
        return len(self.network.posted[one.id]["media_attachments"])


class OnBluesky(Customer):
    kind = "bluesky"
    can = frozenset({"file", "delete", "like"})
    ours = ("delete_ours",)
    polls = True

    def arrive(self) -> None:
        self.network.join("dana")

    def says(self, words: str, file: File | None = None) -> Any:
        embed = {"embed": self.network.has(file.content, file.mime)} if file else {}
        words = words if self.last else f"@brand.street.test {words}"
        self.last = self.network.say("dana", words, reply_to=self.last, **embed)
        return self.last

    def deletes(self, said: Any) -> None:
        self.network.remove(said)
        self.last = next(id for id, one in self.network.truth.told.items() if one.deleted_at is None)

    def hears(self, name: str) -> None:
        self.last = name

    def likes(self, name: str) -> None:
        self.network.like("dana", name)

    def is_liked(self, said: Any) -> bool:
        return "like" in self.network._view(said)["viewer"]

    def files_of(self, one: Any) -> int:
        record = self.network._found(one.id)["value"]
        return len(record.get("embed", {}).get("images", ()))
