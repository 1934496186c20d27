"""A real server as a process that can be killed, and people who are signed in to it."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass

READY_SECONDS = 90.0


def free_port() -> int:
    """A port that nobody listens on now."""
    with closing(socket.socket()) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class House:
    """`netcenter serve` on a port of its own, always the same one, as customers know it.

    `word` "web": the pages and the door alone; `loops`: with a `netcenter loops` beside it, as large houses run.
    """

    def __init__(self, environment: Mapping[str, str], word: str = "serve", loops: bool = False, **more: str) -> None:
        self.port, self.mail_port = free_port(), free_port()
        ports = {"NETCENTER_MAIL_PORT": str(self.mail_port), "NETCENTER_EMAIL_SMTP_PORT": str(self.mail_port)}
        self.environment = {**environment, **ports, **more, "PYTHONWARNINGS": "ignore"}
        self.word = word
        self.process: subprocess.Popen | None = None
        self.loops: subprocess.Popen | None = None
        self.apart = loops
        self.log = open(os.path.join(environment["NETCENTER_DATA"], "server.log"), "a")  # noqa: SIM115

    def start(self) -> None:
        self.process = self._run(self.word, "--port", str(self.port))
        if self.apart:
            self.loops = self._run("loops")

    def _run(self, *words: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "netcenter.site.command", *words]
        return subprocess.Popen(command, env=self.environment, stdout=self.log, stderr=self.log)

    def await_ready(self) -> float:
        """Seconds until it answered. Raises RuntimeError when it ends instead."""
        began = time.monotonic()
        while time.monotonic() - began < READY_SECONDS:
            assert self.process
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended by itself:\n{self.told()[-3000:]}")
            with suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=2).read()
                return time.monotonic() - began
            time.sleep(0.02)
        raise RuntimeError(f"the server does not answer:\n{self.told()[-3000:]}")

    def kill(self) -> None:
        """Not a word of warning."""
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        """As an administrator would."""
        for process in filter(None, (self.process, self.loops)):
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.process = self.loops = None

    def told(self) -> str:
        """What it has logged."""
        with open(self.log.name) as log:
            return log.read()


@dataclass
class Seat:
    """Somebody signed in: their cookies, and how to ask and tell as their browser does."""

    person_id: int
    port: int
    cookie: str

    def request(
        self, method: str, path: str, form: Mapping[str, str] | None = None, timeout: float = 20.0
    ) -> http.client.HTTPResponse:
        """The answer, with its body read into `.text`. Raises OSError or HTTPException when there is none."""
        body = urllib.parse.urlencode(form).encode() if form is not None else None
        headers = {"Cookie": self.cookie, "HX-Request": "true", "X-CSRFToken": "c" * 32, "X-Netcenter": "here"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)) as wire:
            wire.request(method, path, body, headers)
            answer = wire.getresponse()
            answer.text = answer.read().decode("utf-8", "replace")  # type: ignore[attr-defined]
            return answer


def sign_in(person, port: int) -> Seat:  # type: ignore[no-untyped-def]
    """A session made where the server looks for it, without the price of a password for each of hundreds."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    cookie = f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={'c' * 32}"
    return Seat(person.pk, port, cookie)
