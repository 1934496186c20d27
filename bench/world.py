"""The world outside the house, as stubborn as it is: customers on three channels, and what reaches them.

Whoever sends goes on until told that it is kept; what arrives is written down by the key that travels with it.
"""

from __future__ import annotations

import email
import http.client
import json
import random
import re
import smtplib
import threading
import time
import urllib.parse
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from netcenter.lib import signature

TOKEN = re.compile(r"\[(m-[0-9a-f]{32})\]")  # in each message
ANSWER = re.compile(r"\[(r-[0-9a-f-]{36})\]")  # in each reply
CUSTOMERS = 12  # for whom each writer writes
AGAIN = (0.05, 0.3)  # seconds between two tries
TEXTS = (
    "Hola, mi pedido llegó roto y nadie me responde", "¿A qué hora abren el domingo?", "Quiero encomendar dos panes",
    "Riquísimas las medialunas, los felicito", "Me cobraron dos veces la misma compra",
)  # fmt: skip


def words() -> tuple[str, str]:
    """Something to say, and the token that tells it from everything else."""
    token = f"m-{uuid.uuid4().hex}"
    return f"{random.choice(TEXTS)} [{token}]", token


def one_of_many(name: str, token: str) -> str:
    """Whom a writer writes for: always the same for a message, however often it is tried."""
    return f"{name}-{int(token[2:], 16) % CUSTOMERS}"


@dataclass
class Ledger:
    """What the world knows: what it said and was told to be kept, and what it got."""

    sent: Counter[str] = field(default_factory=Counter)  # by channel
    kept: dict[str, str] = field(default_factory=dict)  # token -> channel; acknowledged
    tries: int = 0
    got: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # reply -> the ids under which seen
    raw: Counter[str] = field(default_factory=Counter)  # webhook posts for each reply
    lock: threading.Lock = field(default_factory=threading.Lock)

    def tried(self) -> None:
        with self.lock:
            self.tries += 1

    def acknowledged(self, token: str, channel: str) -> None:
        with self.lock:
            self.kept[token] = channel
            self.sent[channel] += 1


class Customers:
    """Threads that write at a pace, until `quiet()`; each message is repeated until it is acknowledged."""

    def __init__(self, ledger: Ledger, pace: float) -> None:
        self.ledger, self.pace = ledger, pace  # seconds between two messages of one writer
        self._quiet = threading.Event()
        self._threads: list[threading.Thread] = []

    def write(self, channel: str, say) -> None:  # type: ignore[no-untyped-def]
        """One more writer; `say(text, token)` is true when the message is kept, false or OSError when it is not."""
        self._threads.append(threading.Thread(target=self._run, args=(channel, say), daemon=True))
        self._threads[-1].start()

    def _run(self, channel: str, say) -> None:  # type: ignore[no-untyped-def]
        while not self._quiet.wait(random.expovariate(1 / self.pace)):
            text, token = words()
            while True:
                self.ledger.tried()
                with suppress(OSError, http.client.HTTPException, smtplib.SMTPException, WebSocketException, EOFError):
                    if say(text, token):
                        break
                time.sleep(random.uniform(*AGAIN))
            self.ledger.acknowledged(token, channel)

    def quiet(self, seconds: float) -> bool:
        """Say nothing new, and wait until all that was begun is acknowledged."""
        self._quiet.set()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)


# --- API ----------------------------------------------------------------------------------------


def api_writer(port: int, key: str, secret: str, name: str):  # type: ignore[no-untyped-def]
    """A system that posts signed JSON."""

    def say(text: str, token: str) -> bool:
        who = one_of_many(name, token)
        told = {
            "type": "message", "id": token, "thread": {"id": f"thread-{who}"}, "author": {"id": who, "name": who},
            "text": text, "sent_at": datetime.now(UTC).isoformat(),
        }  # fmt: skip
        body = json.dumps(told).encode()
        headers = {"Content-Type": "application/json", **signature.sign([secret], body, time.time())}
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as wire:
            wire.request("POST", f"/hooks/{key}", body, headers)
            return wire.getresponse().status == 200

    return say


class Receiver:
    """The webhook of that system: does each key once, as its contract says, and can be asked for it."""

    def __init__(self, ledger: Ledger) -> None:
        done: dict[str, str] = {}
        lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                key = self.headers["Idempotency-Key"]
                with lock:
                    ident = done.setdefault(key, f"reply-{len(done) + 1}")
                    for reply in ANSWER.findall(told.get("text", "")):
                        ledger.got[reply].add(ident)
                        ledger.raw[reply] += 1
                time.sleep(random.expovariate(20))  # a slow end: time to die between the deed and its receipt
                self._answer(200, {"id": ident})

            def do_GET(self) -> None:
                key = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query).get("key", [""])[0]
                with lock:
                    ident = done.get(key)
                self._answer(200 if ident else 404, {"id": ident})

            def _answer(self, status: int, told: dict) -> None:
                body = json.dumps(told).encode()
                with suppress(OSError):
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, *_args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


# --- E-mail -------------------------------------------------------------------------------------


def mail_writer(port: int, sender: str, to: str):  # type: ignore[no-untyped-def]
    """Somebody's mail server, which keeps a mail until ours says 250."""

    def say(text: str, token: str) -> bool:
        mail = EmailMessage()
        name, _, domain = sender.partition("@")
        mail["From"], mail["To"], mail["Subject"] = f"{one_of_many(name, token)}@{domain}", to, "Pan"
        mail["Message-ID"] = f"<{token}@{domain}>"
        mail.set_content(text)
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
            smtp.send_message(mail)
        return True

    return say


def read_mailboxes(folder: Path, ledger: Ledger) -> None:
    """What lies in the customers' mailboxes (Maildir): each file is one mail that somebody sees."""
    for path in folder.glob("*/*/*"):
        if path.parent.name in ("new", "cur"):
            mail = email.message_from_bytes(path.read_bytes())
            text = "".join(
                (part.get_payload(decode=True) or b"").decode("utf-8", "replace")
                for part in mail.walk() if part.get_content_type() == "text/plain"
            )  # fmt: skip
            for reply in set(ANSWER.findall(text)):
                ledger.got[reply].add(f"{mail['Message-ID']} {path.name}")


# --- Web chat -----------------------------------------------------------------------------------


class Visitor:
    """The widget's protocol: one message at a time, again after each reconnect, until the server shows it."""

    def __init__(self, port: int, key: str, ledger: Ledger) -> None:
        self.url = f"ws://127.0.0.1:{port}/chat/{key}/ws"
        self.ledger = ledger
        self.token = (uuid.uuid4().hex + uuid.uuid4().hex)[:43]
        self._shown: set[str] = set()
        self._wire = None
        self._lock = threading.Lock()

    def say(self, text: str, token: str) -> bool:
        with self._lock:
            try:
                wire = self._connected()
                wire.send(json.dumps({"type": "say", "cid": token, "text": text}))
                for frame in self._frames(10.0):
                    if frame["type"] == "error" and frame.get("cid") in (token, None):
                        time.sleep(frame.get("retry_ms", 500) / 1000)
                        return False
                    if token in self._shown or (frame["type"] == "ack" and frame.get("cid") == token):
                        return True
            except BaseException:
                self._hang_up()
                raise
            return False

    def listen(self, seconds: float) -> None:
        """Look at what is told, for a while."""
        with self._lock:
            try:
                self._connected()
                for _frame in self._frames(seconds):
                    pass
            except (OSError, WebSocketException, EOFError):
                self._hang_up()

    def look_back(self) -> None:
        """Everything that was ever said here, as somebody sees who opens the chat and scrolls up."""
        with self._lock:
            self._hang_up()
            wire = self._connected()
            first = self._first
            while first:
                wire.send(json.dumps({"type": "more", "before": first}))
                older = next((f for f in self._frames(10.0) if f["type"] == "older"), {"messages": [], "more": False})
                first = older["messages"][0]["id"] if older["more"] and older["messages"] else 0

    def _connected(self):  # type: ignore[no-untyped-def]
        if self._wire is None:
            self._wire = connect(self.url, open_timeout=10, compression=None, ping_interval=None)
            self._wire.send(json.dumps({"type": "hello", "token": self.token, "since": 0, "language": "es"}))
            welcome = next((f for f in self._frames(10.0) if f["type"] == "welcome"), None)
            if welcome is None:
                raise OSError("no welcome")
            self._first = welcome["messages"][0]["id"] if welcome["more"] else 0
        return self._wire

    def _frames(self, seconds: float) -> Iterator[dict]:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                frame = json.loads(self._wire.recv(timeout=left))
            except TimeoutError:
                return
            for message in frame.get("messages", ()):
                self._see(message)
            yield frame

    def _see(self, message: dict) -> None:
        if message["from"] == "visitor":
            self._shown.add(message.get("cid", ""))
        for reply in ANSWER.findall(message["text"]) if message["from"] == "operator" else ():
            self.ledger.got[reply].add(f"chat-{message['id']}")

    def _hang_up(self) -> None:
        if self._wire is not None:
            with suppress(Exception):
                self._wire.close_socket() if hasattr(self._wire, "close_socket") else self._wire.close()
            self._wire = None
