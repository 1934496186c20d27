"""A door of our own for mail, by SMTP and LMTP: answered 250 means stored; what is not stored, the sender keeps."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from netcenter.channels.contract import Accept, Knows, Raw

log = logging.getLogger(__name__)

HOST = "127.0.0.1"  # anything wider is a decision of the installation
MAX_MAIL_BYTES = 30 * 2**20
MAX_LINE = 2**20  # RFC 5321 allows 1,000; broken senders write whole mails on one line
MAX_RECIPIENTS = 100
STORING_THREADS = 8
IDENT = "Netcenter"
GOODBYE_SECONDS = 0.5


class Port:
    """The open doors. `ports` tells where: {"smtp": 2525, "lmtp": 2424}."""

    def __init__(self) -> None:
        self.ports: dict[str, int] = {}
        self._loop = asyncio.new_event_loop()
        self._servers: list[asyncio.Server] = []
        self._pool = ThreadPoolExecutor(STORING_THREADS, thread_name_prefix="mail-port")
        self._thread = threading.Thread(target=self._loop.run_forever, name="mail-port", daemon=True)
        self._thread.start()

    def open(self, name: str, protocol: Callable[[], SMTP], host: str, port: int) -> None:
        opening = self._loop.create_server(protocol, host, port)
        server = asyncio.run_coroutine_threadsafe(opening, self._loop).result()
        self._servers.append(server)
        self.ports[name] = server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Finish what is being stored, then close. Idempotent."""
        if not self._thread.is_alive():
            return
        for server in self._servers:
            self._loop.call_soon_threadsafe(server.close)
        self._pool.shutdown(wait=True)
        asyncio.run_coroutine_threadsafe(_hang_up(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def serve(
    accept: Accept, knows: Knows, host: str = HOST, smtp_port: int | None = None, lmtp_port: int | None = None
) -> Port:
    """Open the ports that are given (0: any free one). Raises OSError when one is taken."""
    port = Port()
    door = _Door(accept, knows, port._pool)
    try:
        if smtp_port is not None:
            port.open("smtp", lambda: _Smtp(door, port._loop), host, smtp_port)
        if lmtp_port is not None:
            port.open("lmtp", lambda: _Lmtp(_LmtpDoor(door), port._loop), host, lmtp_port)
    except OSError:
        port.stop()
        raise
    return port


async def _hang_up() -> None:
    """Those who were just told "stored" may say goodbye; whoever waits in silence is cut off."""
    conversations = asyncio.all_tasks() - {asyncio.current_task()}
    if conversations:
        await asyncio.wait(conversations, timeout=GOODBYE_SECONDS)
    for each in conversations:
        each.cancel()
    await asyncio.gather(*conversations, return_exceptions=True)


class _Patient:
    """What both protocols share: long lines are read, names are not looked up."""

    line_length_limit = MAX_LINE

    def __init__(self, handler: object, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(  # type: ignore[call-arg]
            handler,
            data_size_limit=MAX_MAIL_BYTES,
            enable_SMTPUTF8=True,
            hostname=socket.gethostname(),
            ident=IDENT,
            loop=loop,
        )


class _Smtp(_Patient, SMTP):
    pass


class _Lmtp(_Patient, LMTP):
    pass


class _Door:
    """Decides about each recipient, stores, and only then says 250."""

    def __init__(self, accept: Accept, knows: Knows, pool: ThreadPoolExecutor) -> None:
        self.accept, self.knows, self.pool = accept, knows, pool

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        try:
            known = await asyncio.get_running_loop().run_in_executor(self.pool, self.knows, address.lower())
        except Exception:
            log.exception("cannot tell whether %s is ours", address)
            return "451 4.3.0 Try again later"
        if not known:
            return "550 5.1.1 Nobody here has this address"
        envelope.rcpt_tos.append(address.lower())
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """One answer for all. When one fails the sender repeats all; those that were stored are known again."""
        answers = [await self.store(session, envelope, address) for address in dict.fromkeys(envelope.rcpt_tos)]
        return next((answer for answer in answers if not answer.startswith("250")), answers[0])

    async def store(self, session: Session, envelope: Envelope, address: str) -> str:
        body = bytes(envelope.original_content or b"")
        raw = Raw(
            body,
            hashlib.sha256(body).hexdigest(),
            {
                "received_at": datetime.now(UTC).isoformat(),
                "mail_from": envelope.mail_from or "",
                "peer": str(session.peer[0]) if session.peer else "",
            },
        )
        try:
            await asyncio.get_running_loop().run_in_executor(self.pool, self.accept, address, [raw])
        except Exception:
            log.exception("mail for %s could not be stored; its sender keeps it", address)
            return "451 4.3.0 Not stored, try again later"
        return "250 2.0.0 Stored"


class _LmtpDoor:
    """RFC 2033 §4.2: after DATA one answer for each recipient that was accepted."""

    def __init__(self, door: _Door) -> None:
        self.door = door
        self.handle_RCPT = door.handle_RCPT

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answers = [await self.door.store(session, envelope, address) for address in envelope.rcpt_tos]
        return "\r\n".join(answers)
