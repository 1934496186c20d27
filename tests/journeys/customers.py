"""Dana, on each network: what she can do there, and what the network itself remembers of the conversation.

Each network is the street's own (`street.networks`), connected as `bench.towns` connects it, or a real mail server.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Any

from bench import towns

from netcenter.street.networks.base import File
from tests.channels.meta.house import PNG

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
    can = frozenset({"file", "edit", "delete", "like"})
    ours: tuple[str, ...] = ()
    polls = False  # the house has to ask

    def __init__(self, now: Callable[[], float]) -> None:
        self.town = towns.TOWNS[self.kind](now, 1)
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
        """From now on the network pushes there."""
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

    def remembers(self) -> list[Line]:
        lines: list[Line] = []
        for line in super().remembers():
            if line.who == "us" and line.words in PICTURES:
                line = Line("us", "", 1)
            if line.who == "us" and lines and lines[-1].who == "us" and not (line.words and lines[-1].words):
                before = lines.pop()
                line = Line("us", before.words or line.words, before.files + line.files)
            lines.append(line)
        return lines


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

    def opens(self, address: str) -> None:
        """Nothing is pushed: the house asks."""

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

    def opens(self, address: str) -> None:
        """Nothing is pushed: the house asks."""

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


class ByMail(Customer):
    """A real mailbox on a real server; whoever sent a mail cannot take it back."""

    kind = "email"
    can = frozenset({"file"})
    numbers = itertools.count(1)

    def __init__(self, server: Any) -> None:
        self.server, n = server, next(self.numbers)
        self.address, self.own = server.address(f"sol-{n}"), server.customer(f"dana-{n}")
        self.sent: list[str] = []

    @contextmanager
    def lives(self) -> Iterator[None]:
        yield

    def connected(self, brand: Any, now: datetime) -> Any:
        from netcenter.accounts.actions import connect

        values = {**self.server.config(), "address": self.address, "password": self.server.password}
        return connect(brand, "email", "Sol", self.address, values, now, "system")

    def opens(self, address: str) -> None:
        """Its server tells the house (IDLE)."""

    def says(self, words: str, file: File | None = None) -> Any:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Message-ID"] = f"Dana <{self.own}>", self.address, make_msgid(domain="x.test")
        mail["Subject"], mail["Date"] = ("Re: Pan" if self.sent else "Pan"), format_datetime(datetime.now(UTC))
        if self.sent:
            mail["In-Reply-To"], mail["References"] = self.sent[-1], " ".join(self.sent)
        mail.set_content(words)
        if file:
            mail.add_attachment(file.content, *file.mime.split("/"), filename=file.name)
        self.server.deliver(self.address, sender=self.own, raw=mail.as_bytes())
        self.sent.append(str(mail["Message-ID"]))
        return self.sent[-1]

    def hears(self, name: str) -> None:
        self.sent.append(name)

    def remembers(self) -> list[Line]:
        """What lies in both mailboxes, in the order in which each answers the one before."""
        mails = [("dana", one) for one in self.server.messages(self.address, at_least=1) if one.from_ == self.own]
        mails += [("us", one) for one in self.server.messages(self.own, at_least=len(mails))]
        place = {name: n for n, name in enumerate(self.sent)}
        mails.sort(key=lambda each: place[each[1].headers["message-id"][0].strip()])
        return [Line(who, new_words(one.text), len(one.attachments)) for who, one in mails]


def new_words(text: str) -> str:
    from netcenter.street.mail import new_words

    return bare(new_words(text)).removesuffix("Alice").strip()


def bare(words: str) -> str:
    """Without whom they address: networks put that before the words, each in its own way."""
    return " ".join(re.sub(r"^(@\S+\s+)+", "", words).split())


def picture(n: int) -> File:
    """No two alike: networks know files by what is in them."""
    return File(f"pan-{n}.png", "image/png", PNG + bytes([n]))


STREET: tuple[type[Customer], ...] = (OnFacebook, OnInstagram, OnWhatsApp, OnX, OnMastodon, OnBluesky)
