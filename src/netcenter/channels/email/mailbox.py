"""A session with an IMAP server: what is new, wait for news, is it there. One per account, kept open between calls."""

from __future__ import annotations

import hashlib
import re
import select
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from imaplib import IMAP4
from typing import Any

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from netcenter.channels.contract import ChannelError, Connection
from netcenter.channels.email.options import Server, incoming

TIMEOUT = 30.0  # seconds without an answer
IDLE_SLICE = 0.5  # seconds between looks at `stop`
STALE_AFTER = 20.0  # seconds unused after which a session is tried before it is used
FORGET_AFTER = 1800.0  # seconds unused after which a session is closed
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_NEWS = re.compile(rb"^\* \d+ (EXISTS|RECENT)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Listed:
    """A mail before it is fetched."""

    uid: int
    size: int
    received_at: datetime | None


class Session:
    """A logged-in connection. Not for two threads at once: `borrowed` sees to that."""

    def __init__(self, server: Server) -> None:
        self.box = _connect(server)
        self.uidvalidity = 0
        self.uidnext = 0
        self.last_uid: int | None = None  # the newest that `poll` has handed on over this session
        self.used_at = time.monotonic()

    # -- folders

    def select(self, folder: str, *, writable: bool = False) -> None:
        """Open a folder afresh, read-only unless told otherwise, so that nothing can be marked by accident."""
        self.last_uid = None
        self.box.folder.set(folder, readonly=not writable)
        responses = self.box.client.untagged_responses  # a new dictionary since SELECT
        self.uidvalidity = _number(responses.get("UIDVALIDITY"))
        self.uidnext = _number(responses.get("UIDNEXT"))
        if not self.uidvalidity:
            raise IMAP4.error(f"the server gives no UIDVALIDITY for {folder}")

    def sent_folder(self, configured: str = "") -> str:
        """The folder of sent mail: the configured one, else the one the server marks (RFC 6154), else a usual name."""
        if configured:
            return configured
        folders = self.box.folder.list()
        for folder in folders:
            if any(flag.lower() == "\\sent" for flag in folder.flags):
                return folder.name
        names = {folder.name.lower(): folder.name for folder in folders}
        usual = (
            "sent",
            "inbox.sent",
            "sent items",
            "sent messages",
            "enviados",
            "elementos enviados",
            "itens enviados",
        )
        return next((names[name] for name in usual if name in names), "")

    def has_news(self) -> bool:
        """Whether something came since the last poll: told just now, or already in view."""
        responses = self.box.client.untagged_responses
        responses.clear()
        self.box.client.noop()
        return "EXISTS" in responses or bool(self.last_uid is not None and self.newer(self.last_uid))

    def can_idle(self) -> bool:
        return "IDLE" in {str(each).upper() for each in self.box.client.capabilities}

    # -- reading

    def search(self, criteria: str) -> list[int]:
        return sorted(int(uid) for uid in self.box.uids(criteria, charset=None))

    def newer(self, uid: int, reach: int | str = "*", only: str = "") -> list[int]:
        """Newer than `uid`. `n:*` always names the newest mail too, also when it is older than n."""
        return [each for each in self.search(f"UID {uid + 1}:{reach} {only}".strip()) if each > uid]

    def look_up(self, uids: list[int]) -> list[Listed]:
        """Size and time of these, ascending; those that are gone are left out."""
        if not uids:
            return []
        found = []
        for prefix, _content in self._fetch(uids, "(UID INTERNALDATE RFC822.SIZE)"):
            uid, size = _item(prefix, rb"UID (\d+)"), _item(prefix, rb"RFC822\.SIZE (\d+)")
            if uid is not None:
                found.append(Listed(uid, size or 0, _internal_date(prefix)))
        return sorted(found, key=lambda listed: listed.uid)

    def fetch(self, uids: list[int], limit: int | None = None) -> dict[int, bytes]:
        """Bytes of these mails (the first `limit` of each), without marking them as seen."""
        part = f"BODY.PEEK[]<0.{limit}>" if limit else "BODY.PEEK[]"
        bodies = {}
        for prefix, content in self._fetch(uids, f"(UID {part})"):
            uid = _item(prefix, rb"UID (\d+)")
            if uid is not None and content is not None:
                bodies[uid] = content
        return bodies

    def _fetch(self, uids: list[int], items: str) -> Iterator[tuple[bytes, bytes | None]]:
        """(everything said about a mail, its literal). Servers may say the UID before or after the literal."""
        status, answers = self.box.client.uid("FETCH", ",".join(map(str, uids)), items)
        if status != "OK":
            raise IMAP4.error(f"FETCH: {answers!r}")
        pending: tuple[bytes, bytes] | None = None
        for answer in answers or []:
            if isinstance(answer, tuple):
                if pending:
                    yield pending
                pending = (answer[0], answer[1])
            elif isinstance(answer, bytes):
                if pending:
                    yield pending[0] + b" " + answer, pending[1]
                    pending = None
                else:
                    yield answer, None
        if pending:
            yield pending

    def contains(self, message_id: str) -> bool:
        return bool(self.search(f'HEADER Message-ID "{message_id}"'))

    # -- writing

    def append(self, content: bytes, folder: str) -> None:
        self.box.append(content, folder, flag_set=["\\Seen"])

    def mark_seen(self, uids: list[int]) -> None:
        for start in range(0, len(uids), 500):
            self.box.client.uid("STORE", ",".join(map(str, uids[start : start + 500])), "+FLAGS.SILENT", "(\\Seen)")

    # -- waiting

    def idle(self, seconds: float, stop: Callable[[], bool]) -> bool:
        """True as soon as the server tells of a new mail (RFC 2177)."""
        deadline = time.monotonic() + seconds
        client = self.box.client
        tag = client._command("IDLE")  # type: ignore[attr-defined]
        while client._get_response() is not None:  # type: ignore[attr-defined]
            if client.tagged_commands[tag]:
                raise IMAP4.error("IDLE refused")
        news = "EXISTS" in client.untagged_responses
        while not news and not stop() and (left := deadline - time.monotonic()) > 0:
            if self._readable(min(left, IDLE_SLICE)):
                news = bool(_NEWS.match(client.readline()))
        client.send(b"DONE\r\n")
        self.box.consume_until_tagged_response(tag)
        return news

    def _readable(self, seconds: float) -> bool:
        """Whether a line can be read. The socket alone does not know: bytes may wait in TLS or in Python's buffer."""
        sock: Any = self.box.client.sock
        stream: Any = self.box.client.file
        sock.settimeout(0)
        try:
            for waited in (False, True):
                with suppress(ssl.SSLWantReadError, BlockingIOError):
                    if stream.peek(1):
                        return True
                    if waited:  # readable and yet nothing: the end
                        raise IMAP4.abort("connection closed")
                if not waited and not select.select([sock], [], [], seconds)[0]:
                    return False
            return False
        finally:
            sock.settimeout(TIMEOUT)

    def close(self) -> None:
        with suppress(Exception):
            self.box.client.shutdown()


# --- Sessions kept open -------------------------------------------------------------------------

_kept: dict[str, Session] = {}
_lock = threading.Lock()


@contextmanager
def borrowed(connection: Connection) -> Iterator[Session]:
    """The account's session, opened if need be; nobody else has it meanwhile. Every failure becomes a ChannelError."""
    server = incoming(connection)
    if server is None:
        raise ChannelError("no incoming server configured", permanent=True)
    key = hashlib.sha256(repr((connection.key, server)).encode()).hexdigest()
    with _lock:
        session = _kept.pop(key, None)
    try:
        with translated():
            if session and not _alive(session):
                session = None
            session = session or Session(server)
            yield session
    except BaseException:
        if session:
            session.close()
        raise
    _keep(key, session)


def _keep(key: str, session: Session) -> None:
    """For the next time; those that nobody has asked for in a while (an account changed or removed) are closed."""
    session.used_at = time.monotonic()
    with _lock:
        surplus = [_kept.pop(key)] if key in _kept else []
        forgotten = [each for each, kept in _kept.items() if session.used_at - kept.used_at > FORGET_AFTER]
        surplus += [_kept.pop(each) for each in forgotten]
        _kept[key] = session
    for each in surplus:
        each.close()


@contextmanager
def translated() -> Iterator[None]:
    """What the wire and the server say, as ChannelError. A refused login is permanent: only a person can mend it."""
    try:
        yield
    except (ImapToolsError, IMAP4.error, OSError) as error:
        refused = "AUTHENTICATIONFAILED" in str(error).upper() or type(error).__name__ == "MailboxLoginError"
        unavailable = "UNAVAILABLE" in str(error).upper() or isinstance(error, IMAP4.abort)
        raise ChannelError(f"IMAP: {error}", permanent=refused and not unavailable) from error


def _connect(server: Server) -> BaseMailBox:
    if server.security == "ssl":
        box: BaseMailBox = MailBox(server.host, server.port, timeout=TIMEOUT, ssl_context=ssl.create_default_context())
    elif server.security == "starttls":
        box = MailBoxStartTls(server.host, server.port, timeout=TIMEOUT, ssl_context=ssl.create_default_context())
    else:
        box = MailBoxUnencrypted(server.host, server.port, timeout=TIMEOUT)
    try:
        if (server.user + server.password).isascii():
            box.login(server.user, server.password, initial_folder=None)
        else:
            box.login_utf8(server.user, server.password, initial_folder=None)
        box.client._get_capabilities()  # type: ignore[attr-defined]  # IDLE is often offered only after login
    except BaseException:
        box.client.shutdown()
        raise
    return box


def _alive(session: Session) -> bool:
    if time.monotonic() - session.used_at < STALE_AFTER:
        return True
    try:
        session.box.client.noop()
    except (IMAP4.error, OSError):
        session.close()
        return False
    return True


def imap_date(day: date) -> str:
    """1-Feb-2026, whatever the locale."""
    return f"{day.day}-{MONTHS[day.month - 1]}-{day.year}"


def _internal_date(prefix: bytes) -> datetime | None:
    found = re.search(rb'INTERNALDATE " ?(\d+)-(\w+)-(\d+) ([\d:]+ [+-]\d+)"', prefix)
    try:
        return parsedate_to_datetime(" ".join(each.decode() for each in found.groups())) if found else None
    except ValueError:
        return None


def _item(prefix: bytes, pattern: bytes) -> int | None:
    found = re.search(pattern, prefix)
    return int(found.group(1)) if found else None


def _number(response: Any) -> int:
    return int(response[-1]) if response and response[-1] else 0
