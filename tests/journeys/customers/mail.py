"""Dana by mail."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Any

from netcenter.street.networks.base import File
from tests.journeys.customers.base import Customer, Line, bare


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
