"""Dana, on each network: what she can do there, and what the network itself remembers of the conversation.

Each network is the street's own (`street.networks`), connected as `bench.towns` connects it, or a real server.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bench import towns

from netcenter.street.networks.base import File
from netcenter.street.pictures import photo

PICTURES = ("[image]",)  # how a network remembers words that were none, but a picture


@dataclass(frozen=True)
class Line:
    """One utterance as somebody remembers it."""

    who: str  # "dana" or "us"
    words: str
    files: int = 0
    edited: bool = False
    gone: bool = False


class Customer:
    """What all networks share. `can`: what Dana does there besides writing; `ours`: what we do to our own words."""

    kind = ""
    town_of: type[towns.Town] | None = None  # where it is not that of the chaos
    named = "Dana"  # as the desk shows her
    can = frozenset({"file", "edit", "delete", "like"})
    ours: tuple[str, ...] = ()
    polls = False  # the house has to ask
    patience = 30.0  # seconds in which what she says or does is there
    is_real = False  # a server with a clock of its own, which cannot be moved

    def __init__(self, now: Callable[[], float]) -> None:
        self.town = (self.town_of or towns.TOWNS[self.kind])(now, 1)
        self.network = self.town.network
        self.last = ""  # what she answers: her own words, or ours

    @contextmanager
    def lives(self) -> Iterator[None]:
        with self.network:
            self.arrive()
            yield

    def arrive(self) -> None:
        self.dana = self.network.person("Dana")

    def connected(self, brand: Any, now: datetime) -> Any:
        from netcenter.accounts.actions import connect

        grant = self.town.grant()
        return connect(brand, self.kind, "Sol", self.town.address, self.town.values, now, "system", grant)

    def opens(self, address: str) -> None:
        """From now on the network pushes there, if the house does not have to ask."""
        if not self.polls:
            self.town.door(address)
            self.network.pusher.start(pause=0.2)

    def says(self, words: str, file: File | None = None) -> Any:
        """She writes, in answer to what she heard last."""
        raise NotImplementedError

    def edits(self, said: Any, words: str) -> None:
        raise NotImplementedError

    def deletes(self, said: Any) -> None:
        raise NotImplementedError

    def likes(self, name: str) -> None:
        """What we said under that name."""
        raise NotImplementedError

    def hears(self, name: str) -> None:
        """What she answers from now on."""

    def is_liked(self, said: Any) -> bool:
        """Whether we like what she said, as the network knows it."""
        raise NotImplementedError

    def remembers(self) -> list[Line]:
        """The network's own record, in its own order."""
        truth = self.network.truth
        told = [(one.at, n, "dana", one) for n, one in enumerate(truth.told.values())]
        said = [(one.at, n, "us", one) for n, one in enumerate(truth.answers.values()) if one.thread]
        lines: list[Line] = []
        for _at, _n, who, one in sorted(told + said, key=lambda each: (each[0], each[1])):
            gone = one.deleted_at is not None
            lines.append(Line(who, bare(one.text), 0 if gone else self.files_of(one), bool(one.edits), gone))
        return lines

    def files_of(self, one: Any) -> int:
        return int(one.facts.get("files", 0))


class InPieces(Customer):
    """Where a file is a message of its own, without words: it belongs to the words beside it."""

    def is_file(self, words: str) -> bool:
        """Whether a message of ours that reads so is only a file."""
        return words in PICTURES

    def remembers(self) -> list[Line]:
        return self.joined(super().remembers())

    def joined(self, pieces: list[Line]) -> list[Line]:
        lines: list[Line] = []
        for line in pieces:
            if line.who == "us" and self.is_file(line.words):
                line = Line("us", "", int(not line.gone), gone=line.gone)
            before = lines[-1] if lines else None
            if before and before.who == line.who == "us" and not (line.words and before.words):
                line = Line(
                    "us", before.words or line.words, before.files + line.files, before.edited or line.edited,
                    before.gone and line.gone,
                )  # fmt: skip
                lines.pop()
            lines.append(line)
        return lines


def bare(words: str) -> str:
    """Without whom they address: networks put that before the words, each in its own way."""
    return " ".join(re.sub(r"^(@\S+\s+)+", "", words).split())


def picture(n: int) -> File:
    """No two alike, and real ones: networks know files by what is in them."""
    return File(f"pan-{n}.png", "image/png", photo(random.Random(n)))
