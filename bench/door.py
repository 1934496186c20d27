"""The door under load: signed deliveries of 1.5 KB, durable before the 200; beside it an app that only commits.

`python -m bench.door [--seconds 10] [--engine sqlite|postgres|both]` prints a Markdown table. Needs wrk.
"""

import argparse
import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

from tests.servers.postgres import Missing, postgres

from netcenter.lib import signature

CONNECTIONS = 64
MADE = 60_000  # requests made beforehand; each is a delivery of its own
OPEN_RATE = 1000  # a second, whether the answers come or not
SETUP = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from netcenter.accounts.actions import connect
from netcenter.accounts.models import Brand
from netcenter.accounts.queries import connection_of
from netcenter.lib import clock
brand = Brand.objects.get_or_create(name="Bench")[0]
values = {"webhook_url": "https://example.org/hook"}
account = connect(brand, "api", "Bench", "bench", values, clock.now(), "system")
print(account.key, connection_of(account).secrets["secret"])
"""
LUA = """
local file = io.open(os.getenv("BENCH_REQUESTS"), "r")
request = function()
  local line = file:read("*l")
  if not line then file:seek("set"); line = file:read("*l") end
  local stamp, sign, body = line:match("^(%S+) (%S+) (.*)$")
  return wrk.format("POST", nil, {["Content-Type"] = "application/json",
    ["X-Netcenter-Timestamp"] = stamp, ["X-Netcenter-Signature"] = sign}, body)
end
"""


def body() -> bytes:
    """A message of some 1.5 KB, like no other."""
    text = "Buenas tardes: el pan de esta mañana llegó quemado y nadie contesta al teléfono. " * 13
    ident = uuid.uuid4().hex
    message = {
        "type": "message", "id": ident, "text": text, "sent_at": "2026-03-02T09:00:00Z",
        "author": {"id": ident[:8], "name": "Dana Ferreira"}, "thread": {"id": ident[:8]},
    }  # fmt: skip
    return json.dumps(message, ensure_ascii=False).encode()


def signed(secret: str) -> tuple[dict[str, str], bytes]:
    content = body()
    return signature.sign([secret], content, time.time()), content


def write_requests(path: Path, secret: str) -> None:
    with path.open("wb") as file:
        for _ in range(MADE):
            headers, content = signed(secret)
            file.write(f"{headers[signature.TIMESTAMP]} {headers[signature.SIGNATURE]} ".encode() + content + b"\n")


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextlib.contextmanager
def running(command: list[str], env: dict[str, str], port: int, path: str) -> Iterator[subprocess.Popen]:
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2).read()
                break
            time.sleep(0.1)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def wrk(port: int, path: str, seconds: int, env: dict[str, str], script: Path) -> tuple[float, str, str]:
    """Requests a second, and the p50 and p99 as wrk writes them. Raises when anything was refused."""
    out = subprocess.run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", str(script), f"http://127.0.0.1:{port}{path}"],
        env=env, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    if "Non-2xx" in out or "Socket errors" in out:
        raise RuntimeError(out)
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])  # type: ignore[index]
    return rate, re.search(r"\n\s+50%\s+(\S+)", out)[1], re.search(r"\n\s+99%\s+(\S+)", out)[1]  # type: ignore[index]


async def open_loop(port: int, path: str, secret: str, seconds: int) -> tuple[float, float]:
    """p50 and p99 in ms at a fixed rate, counted from when each request was due."""
    taken: list[float] = []
    idle: asyncio.Queue = asyncio.Queue()
    for _ in range(CONNECTIONS):
        idle.put_nowait(await asyncio.open_connection("127.0.0.1", port))
    ready = [signed(secret) for _ in range(OPEN_RATE * seconds)]

    async def one(due: float, headers: dict[str, str], content: bytes) -> None:
        reader, writer = await idle.get()
        head = "".join(f"{k}: {v}\r\n" for k, v in {**headers, "Content-Length": str(len(content))}.items())
        writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode() + content)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(re.search(rb"content-length: (\d+)", answer)[1])  # type: ignore[index]
        await reader.readexactly(length)
        taken.append(time.perf_counter() - due)
        if b" 200 " not in answer[:20]:
            raise RuntimeError(answer.decode())
        idle.put_nowait((reader, writer))

    began = time.perf_counter() + 0.1
    tasks = []
    for n, (headers, content) in enumerate(ready):
        due = began + n / OPEN_RATE
        if (left := due - time.perf_counter()) > 0:
            await asyncio.sleep(left)
        tasks.append(asyncio.create_task(one(due, headers, content)))
    await asyncio.gather(*tasks)
    taken.sort()
    return taken[len(taken) // 2] * 1000, taken[int(len(taken) * 0.99)] * 1000


def measure(engine: str, address: str, seconds: int) -> list[str]:
    """The rows of one engine."""
    lab = Path(tempfile.mkdtemp(prefix="netcenter-bench-"))
    env = {**os.environ, "NETCENTER_DATA": str(lab), "DJANGO_SETTINGS_MODULE": "netcenter.site.settings"}
    env |= {"NETCENTER_DATABASE": address, "CEILING_FILE": str(lab / "ceiling.sqlite3"), "NETCENTER_DEMO": "0"}
    try:
        made = subprocess.run([sys.executable, "-c", SETUP], env=env, capture_output=True, text=True, check=True)
        key, secret = made.stdout.split()
        script, requests = lab / "post.lua", lab / "requests"
        script.write_text(LUA)
        env["BENCH_REQUESTS"] = str(requests)
        port, bare = free_port(), free_port()
        house = [sys.executable, "-m", "netcenter.site.command", "web", "--port", str(port)]
        ceiling = [sys.executable, "-m", "uvicorn", "bench.ceiling:app", "--port", str(bare), "--no-access-log"]
        ceiling += ["--log-level", "error", "--loop", "uvloop", "--http", "httptools"]
        write_requests(requests, secret)
        with running(ceiling, env, bare, "/"):
            most, c50, c99 = wrk(bare, "/", seconds, env, script)
        write_requests(requests, secret)
        with running(house, env, port, "/health"):
            rate, p50, p99 = wrk(port, f"/hooks/{key}", seconds, env, script)
            slow50, slow99 = asyncio.run(open_loop(port, f"/hooks/{key}", secret, min(seconds, 10)))
    finally:
        shutil.rmtree(lab, ignore_errors=True)
    slow = f"{slow50:.1f} ms | {slow99:.1f} ms"
    return [
        f"| {engine} | only commits | {most:,.0f} | {c50} | {c99} | | |",
        f"| {engine} | **the door** | **{rate:,.0f}** ({rate / most:.0%}) | {p50} | {p99} | {slow} |",
    ]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=int, default=10)
    asked.add_argument("--engine", choices=["sqlite", "postgres", "both"], default="both")
    chosen = asked.parse_args()
    print(
        f"| engine | app | req/s, {CONNECTIONS} connections | p50 | p99 | p50 at {OPEN_RATE}/s | p99 at {OPEN_RATE}/s |"
    )
    print("|---|---|---|---|---|---|---|")
    if chosen.engine != "postgres":
        print("\n".join(measure("SQLite", "", chosen.seconds)), flush=True)
    if chosen.engine != "sqlite":
        try:
            with postgres() as address:
                print("\n".join(measure("PostgreSQL", address, chosen.seconds)), flush=True)
        except Missing as missing:
            print(missing, file=sys.stderr)


if __name__ == "__main__":
    main()
