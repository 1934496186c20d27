"""The guarded client: what it refuses to call, and how it ends when the other side misbehaves."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from netcenter.lib import http


@contextmanager
def wire(answer: bytes = b"", *, drip: float = 0.0) -> Iterator[tuple[str, list[bytes]]]:
    """A server of raw bytes: answers each request with `answer` (byte by byte with `drip`), and keeps what it got."""
    got: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                peer, _ = server.accept()
            except OSError:
                return
            with peer:
                asked = peer.recv(65536)
                if b"POST" in asked and not asked.partition(b"\r\n\r\n")[2]:
                    asked += peer.recv(65536)
                got.append(asked)
                try:
                    for chunk in [answer[i : i + 1] for i in range(len(answer))] if drip else [answer]:
                        peer.sendall(chunk)
                        time.sleep(drip)
                    if not answer:
                        time.sleep(2)
                except OSError:
                    pass

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/hook?a=1", got
    finally:
        server.close()


@pytest.fixture
def private(settings):
    settings.ALLOW_PRIVATE_HTTP = True


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "198.18.0.1", "192.0.2.1",
    ],
)  # fmt: skip
def test_it_never_calls_an_address_inside_a_network(address, settings):
    settings.ALLOW_PRIVATE_HTTP = False
    assert "not a public address" in http.judge(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"])
def test_it_calls_public_addresses(address, settings):
    settings.ALLOW_PRIVATE_HTTP = False
    assert http.judge(address) == ""


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://2130706433/", "https://0x7f.1/",
        "https://169.254.169.254/latest/meta-data", "http://example.com/", "https://user:pass@example.com/",
        "ftp://example.com/", "file:///etc/passwd", "example.com", "", "https://", "https://exa mple.com/\r\nX: y",
    ],
)  # fmt: skip
def test_it_refuses_for_good_what_must_not_be_called(url, settings):
    settings.ALLOW_PRIVATE_HTTP = False
    with pytest.raises(http.HttpFailed) as failed:
        http.request("GET", url)
    assert failed.value.permanent
    assert not failed.value.written


def test_one_private_address_among_public_ones_is_refused(settings, monkeypatch):
    settings.ALLOW_PRIVATE_HTTP = False
    found = [(2, 1, 6, "", (ip, 443)) for ip in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(http.HttpFailed, match=r"10\.0\.0\.1"):
        http.request("GET", "https://rebind.example/")


def test_it_connects_to_the_address_that_was_judged_and_asks_only_once(private, monkeypatch):
    with wire(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") as (url, got):
        port = int(url.split(":")[2].split("/")[0])
        asked = []
        real = socket.getaddrinfo

        def names(host, *rest, **more):
            if host == "hooks.example":
                asked.append(host)
                return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
            return real(host, *rest, **more)

        monkeypatch.setattr(socket, "getaddrinfo", names)
        assert http.request("GET", f"http://hooks.example:{port}/").body == b"ok"
    assert asked == ["hooks.example"]
    assert f"host: hooks.example:{port}".encode() in got[0].lower()


def test_it_posts_the_body_and_reads_the_answer(private):
    with wire(b"HTTP/1.1 202 Accepted\r\nX-Seen: Yes\r\nContent-Length: 4\r\n\r\nmuch") as (url, got):
        answered = http.request("POST", url, body=b'{"a":1}', headers={"Content-Type": "application/json"})
    assert (answered.status, answered.headers["x-seen"], answered.body, answered.cut) == (202, "Yes", b"much", False)
    assert got[0].startswith(b"POST /hook?a=1 HTTP/1.1\r\n")
    assert got[0].endswith(b'\r\n\r\n{"a":1}')


def test_it_does_not_follow_redirects(private):
    answer = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/secret\r\nContent-Length: 0\r\n\r\n"
    with wire(answer) as (url, got):
        assert http.request("GET", url).status == 302
    assert len(got) == 1


def test_it_stops_reading_at_its_limit(private):
    with wire(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000) as (url, _):
        answered = http.request("GET", url, limit=1000)
    assert (len(answered.body), answered.cut) == (1000, True)


def test_silence_ends_in_time_and_says_that_the_request_was_written(private):
    started = time.monotonic()
    with wire() as (url, _), pytest.raises(http.HttpFailed) as failed:
        http.request("POST", url, body=b"x", timeout=0.3)
    assert failed.value.written
    assert time.monotonic() - started < 1.5


def test_an_answer_that_drips_does_not_hold_us_beyond_the_deadline(private):
    started = time.monotonic()
    with wire(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", drip=0.1) as (url, _), pytest.raises(http.HttpFailed):
        http.request("GET", url, timeout=0.5)
    assert time.monotonic() - started < 1.5


def test_a_closed_port_means_nothing_was_written(private):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(http.HttpFailed) as failed:
        http.request("POST", f"http://127.0.0.1:{port}/", body=b"x")
    assert not failed.value.written
    assert not failed.value.permanent


def test_nonsense_in_place_of_http_is_an_error_after_writing(private):
    with wire(b"220 smtp.example.com ESMTP\r\n") as (url, _), pytest.raises(http.HttpFailed) as failed:
        http.request("GET", url)
    assert failed.value.written
