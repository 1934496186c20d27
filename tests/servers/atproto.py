"""A private Bluesky: the AT Protocol's own development network, for the length of a test run. It has no chat.

`bluesky_network()` gives an object with `url` (the PDS), `plc`, `join(name)`, `query(name, …)` and `say(name, …)`. It
needs Node, PostgreSQL, Redis and what `scripts/servers` installs; raises Missing without.
"""

from __future__ import annotations

import itertools
import json
import os
import select
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2

from tests.servers import postgres

HERE = Path(__file__).resolve().parents[2] / "build" / "servers" / "atproto"
INSTALL = "the AT Protocol's development network is not installed here, so its tests are skipped: make servers"
START_SECONDS = 600.0  # on a busy machine; 5 s on an idle one
PASSWORD = "hunter22"


class Missing(Exception):
    """Something that it needs is not installed."""


class Bluesky:
    """The running network."""

    def __init__(self, pds: str, plc: str) -> None:
        self.url, self.plc = pds.rstrip("/"), plc.rstrip("/")
        self._sessions: dict[str, dict[str, str]] = {}
        self._numbers = itertools.count(1)

    def join(self, name: str) -> dict[str, str]:
        """An account, made when first used: did, handle, accessJwt."""
        if name not in self._sessions:
            told = {"email": f"{name}@lab.test", "handle": f"{name}.test", "password": PASSWORD}
            self._sessions[name] = self._call("POST", "com.atproto.server.createAccount", json=told)
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline:  # the app view hears of a new account a little later
                try:
                    self.query(name, "app.bsky.actor.getProfile", actor=self._sessions[name]["did"])
                    break
                except httpx2.HTTPStatusError:
                    time.sleep(0.1)
        return self._sessions[name]

    def app_password(self, name: str, *, chat: bool = False) -> str:
        """A new one with each call."""
        named = f"netcenter-{next(self._numbers)}"
        return self.act(name, "com.atproto.server.createAppPassword", name=named, privileged=chat)["password"]

    def query(self, name: str, method: str, /, **query: Any) -> Any:
        return self._call("GET", method, name, params=query)

    def act(self, name: str, method: str, /, **told: Any) -> Any:
        return self._call("POST", method, name, json=told)

    def upload(self, name: str, content: bytes, mime: str) -> Any:
        return self._call("POST", "com.atproto.repo.uploadBlob", name, content=content, headers={"content-type": mime})[
            "blob"
        ]

    def write(self, name: str, collection: str, **record: Any) -> dict[str, str]:
        record = {"$type": collection, "createdAt": datetime.now(UTC).isoformat().replace("+00:00", "Z"), **record}
        did = self.join(name)["did"]
        return self.act(name, "com.atproto.repo.createRecord", repo=did, collection=collection, record=record)

    def say(self, name: str, text: str, to: str = "", **more: Any) -> dict[str, str]:
        """A post; `to` is named at its beginning."""
        if to:
            handle, did = f"@{to}.test", self.join(to)["did"]
            text = f"{handle} {text}"
            feature = {"$type": "app.bsky.richtext.facet#mention", "did": did}
            more["facets"] = [{"index": {"byteStart": 0, "byteEnd": len(handle)}, "features": [feature]}]
        return self.write(name, "app.bsky.feed.post", text=text, **more)

    def delete(self, name: str, uri: str) -> None:
        _scheme, _empty, did, collection, rkey = uri.split("/")
        self.act(name, "com.atproto.repo.deleteRecord", repo=did, collection=collection, rkey=rkey)

    def _call(self, verb: str, method: str, name: str = "", **told: Any) -> Any:
        headers = told.pop("headers", {})
        if name:
            headers["authorization"] = f"Bearer {self.join(name)['accessJwt']}"
        answered = httpx2.request(
            verb, f"{self.url}/xrpc/{method}", headers=headers, timeout=30, trust_env=False, **told
        )
        answered.raise_for_status()
        return answered.json() if answered.content else None


@contextmanager
def bluesky_network() -> Iterator[Bluesky]:
    """Raises Missing."""
    if not (HERE / ".ready").exists() or not shutil.which("node"):
        raise Missing(INSTALL)
    redis = shutil.which("redis-server")
    if not redis:
        raise Missing("Redis is not installed here, so the tests against Bluesky are skipped: make servers")
    try:
        with postgres.postgres() as database, _redis(redis) as port:
            yield from _run(database, port)
    except postgres.Missing as missing:
        raise Missing(str(missing)) from missing


def _run(database: str, redis_port: int) -> Iterator[Bluesky]:
    environment = {
        **os.environ, "NODE_ENV": "development", "LOG_ENABLED": "false", "DB_POSTGRES_URL": database,
        "DB_POSTGRES_SCHEMA": "dev", "REDIS_HOST": f"127.0.0.1:{redis_port}",
    }  # fmt: skip
    lab = Path(tempfile.mkdtemp(prefix="netcenter-atproto-"))
    with (lab / "log").open("w") as log:
        process = subprocess.Popen(
            ["node", "up.mjs"], cwd=HERE, env={**environment, "TMPDIR": str(lab)}, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
        try:
            told = _ready(process, lab / "log")
            yield Bluesky(told["pds"], told["plc"])
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            shutil.rmtree(lab, ignore_errors=True)


def _ready(process: subprocess.Popen, log: Path) -> dict[str, str]:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if select.select([process.stdout], [], [], 1)[0]:
            line = process.stdout.readline()
            if line.startswith("READY "):
                return json.loads(line.removeprefix("READY "))
    raise RuntimeError(f"the network did not start: {log.read_text()[-1500:]}")


@contextmanager
def _redis(program: str) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
    try:
        yield port
    finally:
        process.terminate()
        process.wait(10)
