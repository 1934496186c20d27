"""A private server that speaks as Mastodon does: snac2, for the length of a test run.

`snac_server()` gives an object with `url`, `token(name)` and `api(name)`; each name is an account there, made when
first used. Raises Missing without the program. It delivers between its own accounts as between servers: within seconds.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2

INSTALL = "snac is not installed here, so its tests are skipped: scripts/system"
START_SECONDS = 15.0
REDIRECT = "http://127.0.0.1:1/cb"


class Missing(Exception):
    """The machine has no snac."""


class Snac:
    """The running server."""

    def __init__(self, program: str, lab: Path, port: int) -> None:
        self.program, self.lab, self.url = program, lab, f"http://127.0.0.1:{port}"
        self._passwords: dict[str, str] = {}
        self._tokens: dict[str, str] = {}

    def password(self, name: str) -> str:
        if name not in self._passwords:
            made = subprocess.run(
                [self.program, "adduser", str(self.lab / "data"), name], input="\n", capture_output=True, text=True,
                check=True, timeout=60,
            )  # fmt: skip
            self._passwords[name] = re.search(r"password is (\S+)", made.stdout + made.stderr)[1]
        return self._passwords[name]

    def sign_in(self, name: str, address: str) -> dict[str, str]:
        """What a person does in the browser: allow it, and come back with this query."""
        form = httpx2.get(address, trust_env=False).text
        fields = {n: html.unescape(v) for n, v in re.findall(r'name="([^"]+)"[^>]*value="([^"]*)"', form)}
        action = html.unescape(re.search(r'action="([^"]+)"', form)[1])
        action = action if action.startswith("http") else self.url + action
        fields |= {"login": name, "passwd": self.password(name)}
        back = httpx2.post(action, data=fields, trust_env=False)
        return {n: v[0] for n, v in parse_qs(urlsplit(back.headers["location"]).query).items()}

    def token(self, name: str) -> str:
        if name not in self._tokens:
            told = {"client_name": "customer", "redirect_uris": REDIRECT, "scopes": "read write follow"}
            application = httpx2.post(f"{self.url}/api/v1/apps", data=told, trust_env=False).json()
            query = f"response_type=code&client_id={application['client_id']}&redirect_uri={REDIRECT}&scope=read+write"
            back = self.sign_in(name, f"{self.url}/oauth/authorize?{query}")
            asked = {
                "grant_type": "authorization_code", "code": back["code"], "redirect_uri": REDIRECT,
                "client_id": application["client_id"], "client_secret": application["client_secret"],
            }  # fmt: skip
            self._tokens[name] = httpx2.post(f"{self.url}/oauth/token", data=asked, trust_env=False).json()[
                "access_token"
            ]
        return self._tokens[name]

    def call(self, name: str, method: str, path: str, **told: Any) -> Any:
        """As this customer, with another client than ours."""
        headers = {"authorization": f"Bearer {self.token(name)}"}
        asked = {"files": told.pop("files")} if "files" in told else {}
        answered = httpx2.request(
            method, f"{self.url}/{path}", headers=headers, data=told or None, timeout=30, trust_env=False, **asked
        )
        answered.raise_for_status()
        return answered.json() if answered.content else None

    def say(self, name: str, text: str, **told: Any) -> Mapping[str, Any]:
        return self.call(name, "POST", "api/v1/statuses", status=text, **told)


@contextmanager
def snac_server() -> Iterator[Snac]:
    """Raises Missing."""
    program = os.environ.get("NETCENTER_TESTS_SNAC") or shutil.which("snac")
    if not program:
        raise Missing(INSTALL)
    lab = Path(tempfile.mkdtemp(prefix="netcenter-snac-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    try:
        told = f"127.0.0.1\n{port}\n127.0.0.1:{port}\n\n\n"
        subprocess.run(
            [program, "init", str(lab / "data")], input=told, text=True, check=True, timeout=60, capture_output=True
        )
        settings = lab / "data" / "server.json"
        settings.write_text(json.dumps({**json.loads(settings.read_text()), "protocol": "http"}))
        with (lab / "log").open("w") as log:
            process = subprocess.Popen([program, "httpd", str(lab / "data")], stdout=log, stderr=log)
        try:
            server = Snac(program, lab, port)
            _wait(server, process)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    finally:
        shutil.rmtree(lab, ignore_errors=True)


def _wait(server: Snac, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx2.get(f"{server.url}/api/v1/instance", trust_env=False).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.05)
    raise RuntimeError(f"snac did not start: {(server.lab / 'log').read_text()[-500:]}")
