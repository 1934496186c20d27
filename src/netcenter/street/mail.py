"""Mail: citizens write by SMTP to the house's port, and have a mail server of their own where answers arrive."""

import asyncio
import contextlib
import re
import smtplib
import socket
from datetime import UTC, datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.policy import default as DEFAULT_POLICY
from email.utils import format_datetime, make_msgid
from typing import Any

from aiosmtpd.smtp import SMTP

from netcenter.street.citizens import Citizen, Utterance
from netcenter.street.matters import MAIL
from netcenter.street.wires import Ear, Heard, House, Wire, pause
from netcenter.street.words import ended

_QUOTE = re.compile(r"^(>.*|(El|On|Em)\b.{0,200}(escribió|wrote|escreveu):)$", re.MULTILINE | re.DOTALL)


class Post:
    """The citizens' mail server, and their way of writing to the house."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.boxes: dict[str, Mailbox] = {}
        self.received = 0

    async def open(self, sock: socket.socket) -> asyncio.Server:
        """Take mail for anybody on this socket."""
        loop = asyncio.get_running_loop()
        return await loop.create_server(
            lambda: SMTP(self, hostname="street.example", ident="Street", enable_SMTPUTF8=True, loop=loop), sock=sock
        )

    def wire(self, citizen: Citizen, ear: Ear) -> Wire:
        box = Mailbox(self, citizen, ear)
        self.boxes[citizen.email] = box
        return box

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """aiosmtpd calls it. Mail for people who have moved away is taken and forgotten."""
        self.received += 1
        for address in envelope.rcpt_tos:
            if box := self.boxes.get(address.lower()):
                box.take(bytes(envelope.original_content))
        return "250 2.0.0 Here it is"


class Mailbox:
    """One citizen's correspondence with the company, as one thread."""

    def __init__(self, post: Post, citizen: Citizen, ear: Ear) -> None:
        self._post, self._citizen, self._ear = post, citizen, ear
        self._subject = ""
        self._thread: list[str] = []  # Message-IDs, oldest first
        self._last: tuple[str, str, datetime] | None = None  # who wrote what when
        self._seen: set[str] = set()

    async def say(self, said: Utterance) -> None:
        self._subject = self._subject or said.subject
        mail = letter(
            self._citizen, said, self._post.house.mail, datetime.now(UTC),
            subject=self._subject, thread=self._thread, quoted=self._last,
        )  # fmt: skip
        self._thread.append(str(mail["Message-ID"]))
        attempt = 0
        while not await asyncio.to_thread(self._hand_over, mail):
            await pause(attempt)
            attempt += 1

    async def leave(self) -> None:
        self._post.boxes.pop(self._citizen.email, None)

    def _hand_over(self, mail: EmailMessage) -> bool:
        """False when the house could not take it now. The same Message-ID twice is one mail."""
        house = self._post.house
        try:
            with smtplib.SMTP(house.mail_host, house.mail_port, local_hostname="street.example", timeout=20) as smtp:
                smtp.send_message(mail, self._citizen.email, [house.mail])
        except smtplib.SMTPRecipientsRefused as error:
            if all(code >= 500 for code, _words in error.recipients.values()):
                raise
            return False
        except (smtplib.SMTPException, OSError):
            return False
        return True

    def take(self, content: bytes) -> None:
        """A mail arrived; the same one twice is minded once."""
        mail = message_from_bytes(content, policy=DEFAULT_POLICY)
        message_id = str(mail["Message-ID"] or "")
        if message_id in self._seen:
            return
        self._seen.add(message_id)
        part = mail.get_body(("plain",))
        text = part.get_content() if part else ""
        automatic = str(mail["Auto-Submitted"] or "no").lower() != "no"
        sender = mail["From"].addresses[0] if mail["From"] else Address("")
        if not automatic:
            self._thread.append(message_id)
            self._last = (sender.display_name or sender.addr_spec, text, datetime.now(UTC))
            self._subject = f"Re: {self._subject.removeprefix('Re: ')}"
        self._ear.hear(Heard(MAIL, new_words(text), sender.display_name.partition(" ")[0], automatic))


def letter(
    citizen: Citizen, said: Utterance, to: str, at: datetime, *, subject: str, thread: list[str],
    quoted: tuple[str, str, datetime] | None = None,
) -> EmailMessage:  # fmt: skip
    """A mail as people write it: greeting, paragraphs, a name below, perhaps the telephone's own words, the quote."""
    voice, rng = citizen.voice, citizen.rng
    mail = EmailMessage(policy=SMTP_POLICY)
    mail["From"] = Address(voice.name, addr_spec=citizen.email)
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = make_msgid(domain=citizen.email.partition("@")[2])
    if thread:
        mail["In-Reply-To"] = thread[-1]
        mail["References"] = " ".join(thread)
    paragraphs = [ended(line) for line in said.lines]
    if not thread:
        paragraphs = [voice.talk("mail_hello"), " ".join(paragraphs)]
        if said.photos:
            paragraphs.append(ended(voice.talk("photos")))
        paragraphs.append(voice.talk("mail_bye"))
    text = "\n\n".join(paragraphs) + f"\n\n{voice.name if not thread else voice.first}\n"
    if not thread and rng.random() < 0.4:
        text += f"\n-- \n{voice.talk('sent_from')}\n"
    if quoted:
        who, words, when = quoted
        text += f"\n{voice.wrote(when.strftime('%d/%m/%Y %H:%M'), who)}\n" + _quoted(words)
    mail.set_content(text, charset="utf-8")
    for each in said.photos:
        mail.add_attachment(each.content, *each.mime.split("/"), filename=each.name)
    return mail


def new_words(text: str) -> str:
    """What a mail says, without signature and quote."""
    said = text.replace("\r\n", "\n").partition("\n-- \n")[0]
    found = _QUOTE.search(said)
    return (said[: found.start()] if found else said).strip()


def _quoted(words: str) -> str:
    with contextlib.suppress(ValueError):
        words = words[: words.index("\n-- \n")]
    return "".join(f"> {line}\n" for line in words.strip().splitlines())
