"""Visitors of the company's site: the frames of channels/webchat/README.md over a real WebSocket."""

import asyncio
import contextlib
import json
import secrets
import time
from dataclasses import dataclass
from typing import Any

import httpx2
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from netcenter.street.citizens import Citizen, Photo, Utterance
from netcenter.street.matters import CHAT
from netcenter.street.wires import Ear, Heard, House, Wire, pause

PING_SECONDS = 25.0
LETTERS_PER_SECOND = 14.0
LONGEST_TYPING = 6.0


@dataclass
class Chats:
    """Every visitor of one house."""

    house: House
    types: bool = True  # takes the time that typing takes

    def wire(self, citizen: Citizen, ear: Ear) -> Wire:
        keys = self.house.chats
        return Visitor(self.house, keys[-1] if citizen.matter.cafe else keys[0], citizen, ear, self.types)


class Visitor:
    """One open widget. Says each thing until it is acknowledged, over as many connections as that takes."""

    def __init__(self, house: House, key: str, citizen: Citizen, ear: Ear, types: bool = True) -> None:
        self._house, self._key, self._citizen, self._ear, self._types = house, key, citizen, ear, types
        self._token = secrets.token_urlsafe(32)
        self._socket: ClientConnection | None = None
        self._unacknowledged: dict[str, tuple[dict[str, Any], asyncio.Event]] = {}
        self._last_id = 0
        self._introduced = False
        self._pressing: asyncio.Task[None] | None = None
        self._living = asyncio.create_task(self._live())

    async def say(self, said: Utterance) -> None:
        files = [await self._upload(photo) for photo in said.photos]
        for line in said.lines:
            await self._type(line)
            await self._send_line(line)
        if files:
            await self._send_line("", files)

    async def leave(self) -> None:
        for task in filter(None, (self._living, self._pressing)):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    # --- Out ----------------------------------------------------------------------------------------------------------

    async def _type(self, line: str) -> None:
        if not self._types:
            return
        await self._tell({"type": "typing", "on": True})
        await asyncio.sleep(min(LONGEST_TYPING, 0.5 + len(line) / LETTERS_PER_SECOND))
        await self._tell({"type": "typing", "on": False})

    async def _press(self, choice: dict[str, Any]) -> None:
        """Press a button, after reading what stands on it."""
        if self._types:
            await asyncio.sleep(self._citizen.rng.uniform(2, 8))
        await self._send_line(choice["label"], choice=choice["id"])

    async def _send_line(self, text: str, files: list[dict[str, Any]] | None = None, choice: str = "") -> None:
        cid = secrets.token_urlsafe(12)
        frame: dict[str, Any] = {"type": "say", "cid": cid, "text": text, "files": files or [], "page": self._house.url}
        if choice:
            frame["choice"] = choice
        if not self._introduced:
            frame["name"] = self._citizen.voice.name
            frame["email"] = self._citizen.email if self._citizen.gives_email else ""
            self._introduced = True
        acknowledged = asyncio.Event()
        self._unacknowledged[cid] = (frame, acknowledged)
        await self._tell(frame)
        await acknowledged.wait()

    async def _tell(self, frame: dict[str, Any]) -> None:
        if self._socket is not None:
            with contextlib.suppress(ConnectionClosed):  # said again on the next connection if it matters
                await self._socket.send(json.dumps(frame))

    async def _upload(self, photo: Photo) -> dict[str, Any]:
        address = f"{self._house.url}/chat/{self._key}/files"
        headers = {"Authorization": f"Visitor {self._token}", "Origin": self._house.url}
        attempt = 0
        async with httpx2.AsyncClient(timeout=20, trust_env=False) as client:
            while True:
                with contextlib.suppress(httpx2.HTTPError):
                    name = {"name": photo.name}
                    answer = await client.post(address, params=name, content=photo.content, headers=headers)
                    if answer.status_code == 200:
                        return dict(answer.json())
                    if answer.status_code < 500 and answer.status_code != 429:
                        raise RuntimeError(f"the house took no photo: {answer.status_code} {answer.text[:200]}")
                await pause(attempt)
                attempt += 1

    # --- In -----------------------------------------------------------------------------------------------------------

    async def _live(self) -> None:
        """Stay connected until leaving."""
        address = f"{self._house.url.replace('http', 'ws', 1)}/chat/{self._key}/ws"
        attempt = 0
        while True:
            began = time.monotonic()
            with contextlib.suppress(WebSocketException, OSError, TimeoutError):
                async with connect(address, origin=self._house.url, ping_interval=None, proxy=None) as socket:  # type: ignore[arg-type]
                    await self._attend(socket)
            self._socket = None
            attempt = 0 if time.monotonic() - began > 30 else attempt + 1
            await pause(attempt)

    async def _attend(self, socket: ClientConnection) -> None:
        language = self._citizen.voice.language
        hello = {"type": "hello", "token": self._token, "since": self._last_id, "language": language}
        await socket.send(json.dumps(hello))
        self._socket = socket
        while True:
            try:
                async with asyncio.timeout(PING_SECONDS):
                    await self._take(json.loads(await socket.recv()))
            except TimeoutError:
                await socket.send('{"type": "ping"}')

    async def _take(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "welcome":
                for said, _ in list(self._unacknowledged.values()):
                    await self._tell(said)
                await self._listen(frame["messages"])
            case "messages":
                await self._listen(frame["messages"])
            case "ack":
                self._done(frame["cid"])
            case "error" if frame.get("retry_ms") and frame.get("cid") in self._unacknowledged:
                await asyncio.sleep(frame["retry_ms"] / 1000)
                await self._tell(self._unacknowledged[frame["cid"]][0])
            case "error" if frame.get("cid"):
                self._done(frame["cid"])  # it will never be taken

    def _done(self, cid: str) -> None:
        _frame, acknowledged = self._unacknowledged.pop(cid, (None, None))
        if acknowledged:
            acknowledged.set()

    async def _listen(self, messages: list[dict[str, Any]]) -> None:
        fresh = [m for m in messages if m["id"] > self._last_id]
        for message in fresh:
            self._last_id = message["id"]
            if message["from"] in ("operator", "automatic"):
                automatic = message["from"] == "automatic"
                self._ear.hear(Heard(CHAT, message["text"], message.get("name", ""), automatic))
                listed = message.get("choices", [])
                chosen = self._citizen.choose([one["label"] for one in listed])
                if chosen is not None:
                    self._pressing = asyncio.create_task(self._press(listed[chosen]))
        if fresh:
            await self._tell({"type": "read", "id": self._last_id})
