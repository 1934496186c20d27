"""The shop's own app, another system as a channel: signed JSON to /hooks/<key>, and a webhook that gets the replies.

Wire format and signature: channels/api/README.md.
"""

import asyncio
import contextlib
import hashlib
import hmac
import json
import secrets
import socket
import time
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import httpx2

from netcenter.street.citizens import Citizen, Photo, Utterance
from netcenter.street.matters import APP
from netcenter.street.wires import Ear, Heard, House, Wire, pause
from netcenter.street.words import ended

TIMESTAMP, SIGNATURE = "X-Netcenter-Timestamp", "X-Netcenter-Signature"
CLOCKS_APART = 300  # seconds
LARGEST_BODY = 8 * 2**20
HEAD_SECONDS = 10.0


class Shop:
    """The app's server: posts what customers say, and is called with the answers."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.threads: dict[str, AppThread] = {}
        self.done: dict[str, str] = {}  # key of a reply to the id that we gave it: each is done once
        self.refused = 0

    async def open(self, sock: socket.socket) -> asyncio.Server:
        """Listen for replies on this socket."""
        return await asyncio.start_server(self._serve, sock=sock)

    def wire(self, citizen: Citizen, ear: Ear) -> Wire:
        thread = AppThread(self, citizen, ear)
        self.threads[thread.id] = thread
        return thread

    async def post(self, message: dict[str, Any]) -> None:
        """Post until the house says that it is durable. The same id twice is one message."""
        body = json.dumps(message, ensure_ascii=False).encode()
        attempt = 0
        async with httpx2.AsyncClient(timeout=20, trust_env=False) as client:
            while True:
                headers = {"Content-Type": "application/json", **sign(self.house.hook_secret, body, time.time())}
                with contextlib.suppress(httpx2.HTTPError):
                    address = f"{self.house.url}/hooks/{self.house.hook}"
                    answer = await client.post(address, content=body, headers=headers)
                    if answer.status_code == 200:
                        return
                    if answer.status_code < 429:
                        raise RuntimeError(f"the house took no message: {answer.status_code} {answer.text[:300]}")
                await pause(attempt)
                attempt += 1

    # --- The webhook --------------------------------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, one answer; enough HTTP for what a house sends."""
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                headers, body = await _request(reader)
            status, told = self.reply(headers, body)
        except (TimeoutError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            status, told = 400, {"title": "not understood"}
        said = json.dumps(told).encode()
        head = f"HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nContent-Length: {len(said)}\r\n"
        with contextlib.suppress(OSError):
            writer.write(head.encode() + b"Connection: close\r\n\r\n" + said)
            await writer.drain()
            writer.close()

    def reply(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        """What a call of the house means, and what it is answered."""
        if not is_signed(self.house.hook_secret, headers, body, time.time()):
            self.refused += 1
            return 401, {"title": "bad signature"}
        told = json.loads(body)
        if told.get("type") != "reply":
            return 200, {}
        key = told["key"]
        if key not in self.done:
            self.done[key] = f"reply-{secrets.token_hex(6)}"
            if thread := self.threads.get(told["thread"]["id"]):
                name = told.get("sender_name", "").partition(" ")[0]
                thread.ear.hear(Heard(APP, told["text"], name, bool(told.get("automatic"))))
        return 200, {"id": self.done[key]}


class AppThread:
    """One conversation in the app."""

    def __init__(self, shop: Shop, citizen: Citizen, ear: Ear) -> None:
        self._shop, self._citizen, self.ear = shop, citizen, ear
        self.id = f"order-{citizen.voice.slots['order']}-{secrets.token_hex(3)}"
        self._subject = ""

    async def say(self, said: Utterance) -> None:
        self._subject = self._subject or said.subject
        await self._shop.post(
            message(self._citizen, said, self.id, self._subject, datetime.now(UTC), f"m-{secrets.token_hex(8)}")
        )

    async def leave(self) -> None:
        self._shop.threads.pop(self.id, None)


def message(
    citizen: Citizen, said: Utterance, thread: str, subject: str, at: datetime, message_id: str
) -> dict[str, Any]:
    """What the app posts for its customer."""
    voice = citizen.voice
    return {
        "type": "message", "id": message_id, "thread": {"id": thread, "subject": subject},
        "author": {"id": citizen.handle, "name": voice.name, "email": citizen.email, "language": voice.language},
        "text": " ".join([*map(ended, said.lines[:-1]), *said.lines[-1:]]), "sent_at": at.isoformat(),
        "attachments": [_attachment(photo) for photo in said.photos],
        "extra": {"order": voice.slots["order"], "store": voice.slots["place"]},
    }  # fmt: skip


def _attachment(photo: Photo) -> dict[str, str]:
    return {"name": photo.name, "mime": photo.mime, "content": b64encode(photo.content).decode()}


def sign(secret: str, body: bytes, now: float) -> dict[str, str]:
    """The headers that prove who sent the body, and when."""
    timestamp = str(int(now))
    return {TIMESTAMP: timestamp, SIGNATURE: f"v1={_mac(secret, timestamp, body)}"}


def is_signed(secret: str, headers: dict[str, str], body: bytes, now: float) -> bool:
    """Whether the body is from whoever knows the secret, and fresh. Header names are lower case."""
    timestamp = headers.get(TIMESTAMP.lower(), "")
    if not (timestamp.isascii() and timestamp.isdigit()) or abs(now - int(timestamp)) > CLOCKS_APART:
        return False
    good = f"v1={_mac(secret, timestamp, body)}"
    given = headers.get(SIGNATURE.lower(), "").split(",")
    return any(hmac.compare_digest(good.encode(), one.strip().encode()) for one in given)


def _mac(secret: str, timestamp: str, body: bytes) -> str:
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


async def _request(reader: asyncio.StreamReader) -> tuple[dict[str, str], bytes]:
    """Headers in lower case and the body of one request. Raises ValueError."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    pairs = (line.partition(":") for line in head.split("\r\n")[1:] if line)
    headers = {name.strip().lower(): value.strip() for name, _colon, value in pairs}
    length = int(headers.get("content-length", "0"))
    if length > LARGEST_BODY:
        raise ValueError("too large")
    return headers, await reader.readexactly(length)
