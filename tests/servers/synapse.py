"""A private Matrix server: Synapse, for the length of a test run.

`synapse_server()` gives an object with `url`, `join(name)` (an account, made when first used: its id), and
`call(name, …)` as another app of that account would. Raises Missing without what `scripts/servers` installs.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2

PYTHON = Path(__file__).resolve().parents[2] / "build" / "servers" / "synapse" / "bin" / "python"
INSTALL = "Synapse is not installed here, so its tests are skipped: make servers"
START_SECONDS = 600.0  # on a busy machine; 2 s on an idle one
PASSWORD, SHARED = "made-up-password", "made-up-shared-secret"
V3 = "/_matrix/client/v3"
MORE = """
enable_registration: false
registration_shared_secret: "{shared}"
trusted_key_servers: []
suppress_key_server_warning: true
refreshable_access_token_lifetime: 5m
rc_message: {{per_second: 1000, burst_count: 1000}}
rc_login:
  address: {{per_second: 1000, burst_count: 1000}}
  account: {{per_second: 1000, burst_count: 1000}}
  failed_attempts: {{per_second: 1000, burst_count: 1000}}
rc_joins: {{local: {{per_second: 1000, burst_count: 1000}}}}
rc_invites: {{per_room: {{per_second: 1000, burst_count: 1000}}, per_user: {{per_second: 1000, burst_count: 1000}}}}
listeners:
  - {{port: {port}, bind_addresses: ["127.0.0.1"], type: http, tls: false, resources: [{{names: [client, media]}}]}}
"""


class Missing(Exception):
    """It is not installed."""


class Synapse:
    """The running server."""

    domain = "lab.test"

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._tokens: dict[str, str] = {}
        self._numbers = itertools.count(1)

    def join(self, name: str) -> str:
        """The id of this account."""
        if name not in self._tokens:
            asked = f"{self.url}/_synapse/admin/v1/register"
            nonce = httpx2.get(asked, trust_env=False, timeout=60).json()["nonce"]
            proof = hmac.new(SHARED.encode(), "\0".join([nonce, name, PASSWORD, "notadmin"]).encode(), hashlib.sha1)
            told = {"nonce": nonce, "username": name, "password": PASSWORD, "admin": False, "mac": proof.hexdigest()}
            answered = httpx2.post(asked, json=told, trust_env=False, timeout=60)
            answered.raise_for_status()
            self._tokens[name] = answered.json()["access_token"]
        return f"@{name}:{self.domain}"

    def call(self, name: str, method: str, path: str, told: Any = None) -> Any:
        self.join(name)
        answered = httpx2.request(
            method, f"{self.url}{path}", json=told, headers={"authorization": f"Bearer {self._tokens[name]}"},
            trust_env=False, timeout=60,
        )  # fmt: skip
        answered.raise_for_status()
        return answered.json()

    def room(self, by: str, **told: Any) -> str:
        return self.call(by, "POST", f"{V3}/createRoom", told)["room_id"]

    def say(self, name: str, room: str, body: str, **more: Any) -> str:
        """The event."""
        kind = more.pop("kind", "m.room.message")
        path = f"{V3}/rooms/{quote(room, safe='')}/send/{kind}/t{next(self._numbers)}"
        return self.call(name, "PUT", path, {"msgtype": "m.text", "body": body, **more})["event_id"]

    def upload(self, name: str, content: bytes, mime: str) -> str:
        headers = {"authorization": f"Bearer {self._tokens[name]}", "content-type": mime}
        asked = f"{self.url}/_matrix/media/v3/upload"
        return httpx2.post(asked, content=content, headers=headers, trust_env=False, timeout=60).json()["content_uri"]


@contextmanager
def synapse_server() -> Iterator[Synapse]:
    """Raises Missing."""
    if not PYTHON.exists():
        raise Missing(INSTALL)
    lab = Path(tempfile.mkdtemp(prefix="netcenter-synapse-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = [str(PYTHON), "-m", "synapse.app.homeserver"]
    try:
        told = [
            "--server-name",
            Synapse.domain,
            "--config-path",
            "homeserver.yaml",
            "--generate-config",
            "--report-stats=no",
        ]
        subprocess.run([*program, *told], cwd=lab, check=True, timeout=START_SECONDS, capture_output=True)
        made = (lab / "homeserver.yaml").read_text().split("listeners:")
        kept = made[0] + made[1][made[1].index("\ndatabase:") :]
        kept = kept.replace('trusted_key_servers:\n  - server_name: "matrix.org"\n', "")
        (lab / "homeserver.yaml").write_text(kept + MORE.format(port=port, shared=SHARED))
        with (lab / "log").open("w") as log:
            process = subprocess.Popen([*program, "-c", "homeserver.yaml"], cwd=lab, stdout=log, stderr=log)
        try:
            server = Synapse(port)
            _wait(server, process, lab)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    finally:
        shutil.rmtree(lab, ignore_errors=True)


def _wait(server: Synapse, process: subprocess.Popen, lab: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx2.get(f"{server.url}/_matrix/client/versions", trust_env=False).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.1)
    raise RuntimeError(f"Synapse did not start: {(lab / 'log').read_text()[-1500:]}")
