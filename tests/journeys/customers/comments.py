"""Dana on Reddit and YouTube: below what she began herself."""

from __future__ import annotations

from typing import Any

from netcenter.street.networks.base import File
from tests.journeys.customers.base import Customer


class OnReddit(Customer):
    """Under a post of hers in our subreddit. Reddit has votes, which no app may cast."""

    kind = "reddit"
    named = "dana"
    can = frozenset({"edit", "delete"})
    ours = ("edit", "delete_ours")
    polls = True

    def arrive(self) -> None:
        self.dana = "dana"
        self.network.person(self.dana)

    def says(self, words: str, file: File | None = None) -> Any:
        if not self.last:
            self.root = self.last = self.network.posts(self.dana, "sol", "Pan", words)
        else:
            self.last = self.network.comments(self.dana, self.last, words)
        return self.last

    def edits(self, said: Any, words: str) -> None:
        self.network.edits(said, words)

    def deletes(self, said: Any) -> None:
        self.network.deletes(said)
        self.last = self.root

    def hears(self, name: str) -> None:
        self.last = name


class OnYouTube(Customer):
    """One comment below a video, and the replies below it. Its API gives no likes."""

    kind = "youtube"
    named = "@dana"
    can = frozenset({"edit", "delete"})
    ours = ("edit", "delete_ours")
    polls = True

    def arrive(self) -> None:
        self.dana = self.network.person("@dana")
        self.video = self.town.videos[0]

    def says(self, words: str, file: File | None = None) -> Any:
        if not self.last:
            self.last = self.network.comments(self.dana, self.video, words)
            return self.last
        return self.network.replies(self.dana, self.last, words)

    def edits(self, said: Any, words: str) -> None:
        self.network.edits(said, words)

    def deletes(self, said: Any) -> None:
        self.network.removes(said)
