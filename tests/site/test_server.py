"""The process as its owner starts and stops it."""

import contextlib
import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from netcenter.site import commands, server
from tests.serving import served
from tests.template import lay

NETCENTER = [sys.executable, "-m", "netcenter.site.command"]


def environment(folder) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("NETCENTER_", "DJANGO_"))}
    return kept | {"NETCENTER_DATA": str(folder), "PYTHONUNBUFFERED": "1"}


@contextlib.contextmanager
def process(folder, *words: str) -> Iterator[tuple[subprocess.Popen, str]]:
    """A process of its own, and the address it prints."""
    running = subprocess.Popen(
        [*NETCENTER, *words], env=environment(folder), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        line = running.stdout.readline()
        yield running, next(word for word in line.split() if word.startswith("http://"))
    finally:
        running.kill()
        running.wait(10)


def get(address: str, path: str, seconds: float = 20) -> tuple[int, bytes]:
    deadline = time.monotonic() + seconds
    while True:
        try:
            wire = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
            wire.request("GET", path)
            answer = wire.getresponse()
            return answer.status, answer.read()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def test_an_empty_house_that_the_world_can_reach_prints_the_only_link_that_founds_it(tmp_path):
    lay(tmp_path)
    with process(tmp_path, "serve", "--host", "0.0.0.0", "--port", "0") as (running, _address):
        assert "set it up" in running.stdout.readline()
        where = urlsplit(running.stdout.readline().strip())
        address = f"http://{where.netloc}"
        assert get(address, where.path)[0] == 200, "from the machine itself"
        assert get(address, f"{where.path}?{where.query}")[0] == 302


def test_serve_migrates_says_where_it_is_and_ends_cleanly(tmp_path):
    with process(tmp_path, "serve", "--port", "0") as (running, address):
        status, health = get(address, "/health")
        told = json.loads(health)
        assert status == 200 and told["ok"] and "flow.take_in" in told["loops"] and "routing.ring" in told["loops"]
        assert get(address, "/setup/")[0] in (200, 302)
        running.send_signal(signal.SIGTERM)
        assert running.wait(20) == 0
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0


def test_killed_at_any_moment_it_starts_again_on_a_sound_database(tmp_path):
    lay(tmp_path)
    for pause in (0.0, 0.4, 1.0):
        with process(tmp_path, "serve", "--port", "0") as (running, address):
            assert get(address, "/health")[0] == 200
            time.sleep(pause)
            running.kill()
            running.wait(10)
    with contextlib.closing(sqlite3.connect(tmp_path / "netcenter.sqlite3")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("told, shown", [
    ({}, "http://127.0.0.1:8000"), ({"NETCENTER_PORT": "8123"}, "http://127.0.0.1:8123"),
    ({"NETCENTER_PORT": "0"}, "http://127.0.0.1:8000"),
    ({"NETCENTER_PORT": "8123", "NETCENTER_URL": "https://mesa.example/"}, "https://mesa.example"),
])  # fmt: skip
def test_the_links_it_shows_lead_to_the_port_it_listens_on(tmp_path, told, shown):
    asked = "from netcenter.site import settings; print(settings.PUBLIC_URL)"
    done = subprocess.run(
        [sys.executable, "-c", asked], env=environment(tmp_path) | told, stdout=subprocess.PIPE, text=True, check=True
    )
    assert done.stdout.strip() == shown


def test_a_port_that_is_chosen_by_an_option_is_that_of_the_links_too(monkeypatch):
    monkeypatch.setenv("NETCENTER_PORT", "8000")
    monkeypatch.setattr(commands, "_django", lambda: sys.exit(os.environ["NETCENTER_PORT"]))
    with pytest.raises(SystemExit, match="8123"):
        commands.app(["serve", "--port", "8123"], standalone_mode=False)


def test_a_port_that_is_taken_is_said_in_words(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [*NETCENTER, "serve", "--port", port], env=environment(tmp_path), capture_output=True, text=True
        )
    assert done.returncode == 1 and "--port" in done.stdout and "Traceback" not in done.stderr


def test_web_does_not_start_on_a_database_that_is_behind(tmp_path):
    done = subprocess.run([*NETCENTER, "web", "--port", "0"], env=environment(tmp_path), capture_output=True, text=True)
    assert done.returncode == 1 and "netcenter migrate" in done.stdout


def test_the_doctor_finds_what_is_wrong_and_says_what_to_do(tmp_path):
    env = environment(tmp_path) | {"LC_ALL": "C.UTF-8"}
    ill = subprocess.run([*NETCENTER, "doctor"], env=env, capture_output=True, text=True)
    assert ill.returncode == 1 and "netcenter migrate" in ill.stdout
    lay(tmp_path)
    env["LC_ALL"] = "es_ES.UTF-8"
    well = subprocess.run([*NETCENTER, "doctor"], env=env, capture_output=True, text=True)
    assert well.returncode == 0 and "La base de datos responde" in well.stdout, well.stdout


def test_help_teaches(tmp_path):
    done = subprocess.run([*NETCENTER, "--help"], env=environment(tmp_path), capture_output=True, text=True)
    assert done.returncode == 0 and all(word in done.stdout for word in ("serve", "demo", "doctor", "NETCENTER_DATA"))


@pytest.mark.django_db(transaction=True)
def test_who_sends_headers_drop_by_drop_is_let_go_and_who_waits_is_not(monkeypatch):
    monkeypatch.setattr(server, "HEADER_SECONDS", 0.6)
    with served() as address:
        host = urlsplit(address)
        with socket.create_connection((host.hostname, host.port), 5) as slow:
            for drop in b"GET / HTTP/1.1\r\nX: ":
                try:
                    slow.send(bytes([drop]))
                except OSError:
                    break
                time.sleep(0.05)
            slow.settimeout(5)
            with contextlib.suppress(OSError):
                assert slow.recv(10) == b""
        wire = http.client.HTTPConnection(host.netloc, timeout=5)
        for _ in range(3):  # one connection, longer than the headers of one request may take
            wire.request("GET", "/health")
            assert wire.getresponse().read()
            time.sleep(0.4)


@pytest.mark.django_db(transaction=True)
@pytest.mark.django_db(transaction=True)
def test_headers_without_end_are_cut_off_and_large_ones_are_read():
    with served() as address:
        host, _, port = urlsplit(address).netloc.partition(":")
        with socket.create_connection((host, int(port)), timeout=10) as large:
            large.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nCookie: " + b"x" * 20_000 + b"\r\n\r\n")
            assert large.recv(100).startswith(b"HTTP/1.1 200")
        with socket.create_connection((host, int(port)), timeout=10) as endless:
            with pytest.raises(OSError):
                for _megabyte in range(64):
                    endless.sendall(b"X-More: " + b"x" * 2**20 + b"\r\n" if _megabyte else b"GET / HTTP/1.1\r\n")


def test_the_front_refuses_sockets_that_lead_nowhere():
    from websockets.exceptions import InvalidStatus
    from websockets.sync.client import connect

    with served() as address, pytest.raises(InvalidStatus) as refused:
        connect(address.replace("http", "ws") + "/nowhere")
    assert refused.value.response.status_code == 403
