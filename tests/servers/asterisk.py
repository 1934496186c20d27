"""A private Asterisk, for the length of a test run: a dialplan with one number, its customers and its operators.

`switchboard()` gives an object with `url` and `command(line)`. Asterisk is looked for on the PATH, else in the Debian
that NETCENTER_ASTERISK_ROOT names (a chroot: `debootstrap --variant=minbase sid DIRECTORY`, and in it
`apt-get install asterisk`). Raises Missing without either.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

INSTALL = "asterisk is neither installed nor in NETCENTER_ASTERISK_ROOT, so its tests are skipped"
START_SECONDS = 60.0
USER, PASSWORD = "netcenter", "made-up"
# 200 is the company's number; an extension picks up at once, or never; so does a customer's telephone.
DIALPLAN = """
[in]
exten => 200,1,Set(CALLERID(num)=611222333)
 same => n,Stasis(netcenter)
 same => n,Hangup()
[agents]
exten => 201,1,Answer()
 same => n,Wait(60)
exten => 299,1,Hangup(17)
[customers]
exten => _X.,1,Answer()
 same => n,Wait(60)
"""


class Missing(Exception):
    """The machine has no Asterisk."""


class Running:
    """`root` is "" where it is installed on the machine itself."""

    def __init__(self, root: str, lab: str, port: int) -> None:
        self.root, self.lab, self.url = root, lab, f"http://127.0.0.1:{port}/ari"

    def program(self, *more: str) -> list[str]:
        within = ["chroot", self.root] if self.root else []
        return [*within, "asterisk", "-C", f"{self.lab}/asterisk.conf", *more]

    def command(self, line: str) -> str:
        """What one types at its console."""
        done = subprocess.run(self.program("-rx", line), capture_output=True, text=True, timeout=30, check=False)
        return done.stdout


@contextmanager
def switchboard() -> Iterator[Running]:
    root = "" if shutil.which("asterisk") else os.environ.get("NETCENTER_ASTERISK_ROOT", "")
    if not shutil.which("asterisk") and not (root and Path(root, "usr/sbin/asterisk").exists() and os.geteuid() == 0):
        raise Missing(INSTALL)
    lab = Path(tempfile.mkdtemp(prefix="netcenter-asterisk-", dir=Path(root or "/", "tmp")))
    inner = f"/tmp/{lab.name}"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    _configure(lab, inner, port)
    running = Running(root, inner, port)
    process = subprocess.Popen(running.program("-f", "-q"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(running, process)
        yield running
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(lab, ignore_errors=True)


def _configure(lab: Path, inner: str, port: int) -> None:
    for name in ("run", "log", "spool/recording", "db"):
        (lab / name).mkdir(parents=True)
    places = {"astetcdir": "", "astspooldir": "/spool", "astrundir": "/run", "astlogdir": "/log", "astdbdir": "/db"}
    told = "\n".join(f"{name} => {inner}{where}" for name, where in places.items())
    files = {
        "asterisk.conf": f"[directories]\n{told}\n[options]\nverbose = 0\n",
        "modules.conf": "[modules]\nautoload = yes\n",
        "logger.conf": "[general]\n[logfiles]\nmessages => warning,error\n",
        "http.conf": f"[general]\nenabled = yes\nbindaddr = 127.0.0.1\nbindport = {port}\n",
        "ari.conf": f"[general]\nenabled = yes\n[{USER}]\ntype = user\npassword = {PASSWORD}\n",
        "extensions.conf": DIALPLAN,
        "rtp.conf": "[general]\n",
        "musiconhold.conf": "[default]\nmode = files\ndirectory = moh\n",
    }
    for name, text in files.items():
        (lab / name).write_text(text)


def _wait(running: Running, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"asterisk ended with {process.returncode}")
        try:
            told = httpx2.get(f"{running.url}/asterisk/info", auth=(USER, PASSWORD), trust_env=False, timeout=2)
            if told.status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.2)
    raise RuntimeError("asterisk does not answer")
