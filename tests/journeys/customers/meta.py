"""Dana on Facebook, Instagram and WhatsApp."""

from __future__ import annotations

from typing import Any

from netcenter.street.networks.base import File
from tests.journeys.customers.base import Customer, InPieces


class OnFacebook(Customer):
    """Comments under a post of the page."""

    kind = "facebook"
    ours = ("edit", "delete_ours")

    def arrive(self) -> None:
        super().arrive()
        self.last = self.town.posts[0]

    def says(self, words: str, file: File | None = None) -> Any:
        self.last = self.network.comments(self.dana, self.last, words, file)
        return self.last

    def edits(self, said: Any, words: str) -> None:
        self.network.rewrites(said, words)

    def deletes(self, said: Any) -> None:
        self.network.takes_back(said)
        self.last = self.town.posts[0]

    def likes(self, name: str) -> None:
        self.network.likes(self.dana, self.network.words[name])

    def hears(self, name: str) -> None:
        self.last = self.network.words[name]

    def is_liked(self, said: Any) -> bool:
        return bool(said.likes)

    def files_of(self, one: Any) -> int:
        return int(bool(self.network.words[one.id].picture))


class OnInstagram(InPieces):
    """Private messages; a file is a message of its own there."""

    kind = "instagram"

    def says(self, words: str, file: File | None = None) -> Any:
        return self.network.writes(self.dana, self.town.own, words, (file,) if file else ()).id

    def edits(self, said: Any, words: str) -> None:
        self.network.changes(self.dana, self.town.own, said, words)

    def deletes(self, said: Any) -> None:
        self.network.unsends(self.dana, self.town.own, said)

    def likes(self, name: str) -> None:
        self.network.reacts_to(self.dana, self.town.own, name)

    def is_liked(self, said: Any) -> bool:
        return said in self.network.reactions

    def files_of(self, one: Any) -> int:
        return int(one.facts.get("files", 0))


class OnWhatsApp(InPieces):
    kind = "whatsapp"

    def arrive(self) -> None:
        self.dana = self.network.human("Dana")

    def says(self, words: str, file: File | None = None) -> Any:
        return self.network.writes(self.dana, words, file)

    def edits(self, said: Any, words: str) -> None:
        self.network.rewrites(self.dana, said, words)

    def deletes(self, said: Any) -> None:
        self.network.takes_back(self.dana, said)

    def likes(self, name: str) -> None:
        self.network.reacts_to(self.dana, name)

    def is_liked(self, said: Any) -> bool:
        return bool(self.network.reactions.get(said))

    def files_of(self, one: Any) -> int:
        return int(one.facts.get("files", one.facts.get("kind", "text") in ("image", "document")))
