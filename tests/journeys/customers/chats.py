"""Dana on Telegram, on Matrix and by text messages."""

from __future__ import annotations

from typing import Any

from bench import towns

from netcenter.street.networks.base import File
from netcenter.street.networks.matrix import MatrixServer
from netcenter.street.networks.telegram.people import WHERE_KEPT
from tests.journeys.customers.base import Customer, InPieces


class OnTelegram(Customer):
    """In private. Telegram tells no bot that somebody took a message back."""

    kind = "telegram"
    can = frozenset({"file", "edit", "like"})
    ours = ("edit", "delete_ours")
    polls = True

    def says(self, words: str, file: File | None = None) -> Any:
        return self.network.writes(self.dana, words, file=file)

    def edits(self, said: Any, words: str) -> None:
        self.network.edits(said, words)

    def likes(self, name: str) -> None:
        self.network.reacts(self.dana, name, "👍")

    def is_liked(self, said: Any) -> bool:
        return bool(self.network._known(said).get("own_reaction"))

    def files_of(self, one: Any) -> int:
        return int(any(kind in self.network._known(one.id) for kind in WHERE_KEPT))


class OneRoom(towns.Matrix):
    """Nobody lives there but Dana."""

    def build(self) -> None:
        self.network = MatrixServer(self.now)
        self.address = self.network.care


class OnMatrix(InPieces):
    """In a room of her own; a file of ours is an event of its own, hers may have words."""

    kind = "matrix"
    town_of = OneRoom
    ours = ("edit", "delete_ours")
    polls = True

    def arrive(self) -> None:
        self.dana = self.network.user("dana")
        self.room = self.network.room(self.dana, self.network.care)

    def says(self, words: str, file: File | None = None) -> Any:
        if file is None:
            return self.network.say(self.room, self.dana, words)
        there = {"filename": file.name, "url": self.network.keep(file), "info": {"mimetype": file.mime}}
        return self.network.say(self.room, self.dana, words, msgtype="m.image", **there)

    def edits(self, said: Any, words: str) -> None:
        self.network.edit(self.room, self.dana, said, words)

    def deletes(self, said: Any) -> None:
        self.network.redact(self.room, self.dana, said)

    def likes(self, name: str) -> None:
        self.network.react(self.room, self.dana, name, "👍️")

    def is_liked(self, said: Any) -> bool:
        relating = [event["content"].get("m.relates_to", {}) for event in self.network.rooms[self.room]]
        return any(one.get("rel_type") == "m.annotation" and one["event_id"] == said for one in relating)

    def is_file(self, words: str) -> bool:
        return words.endswith(".png")

    def files_of(self, one: Any) -> int:
        return int("url" in self.network._known(self.room, one.id)["content"])


class BySms(Customer):
    """Text messages, with pictures; nobody can unsay them."""

    kind = "sms"
    can = frozenset({"file"})

    def arrive(self) -> None:
        self.dana = self.network.human("Dana")
        self.named = self.dana.phone

    def opens(self, address: str) -> None:
        self.network.hooks["sms_url"] = address
        self.network.pusher.start(pause=0.2)

    def says(self, words: str, file: File | None = None) -> Any:
        return self.network.writes(self.dana, words, *((file,) if file else ()))

    def files_of(self, one: Any) -> int:
        return len(one.facts.get("files") or [sid for sid, _file in self.network.media.values() if sid == one.id])
