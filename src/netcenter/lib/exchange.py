"""One exchange over HTTP with an address that somebody typed in: what `http.request` does."""

import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpcore2
import httpx2

from netcenter.lib.http import Answered, HttpFailed, resolve


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of whom; `timeout` in seconds for all of it, `limit` in bytes of the answer."""

    method: str
    url: str
    body: bytes
    headers: Mapping[str, str]
    timeout: float
    limit: int


def ask(asked: Asked, private: bool) -> Answered:
    """Ask once. `private`: the address may lead into our own network. Raises HttpFailed."""
    target = _target(asked.url, private)
    guard = _Guard(time.monotonic() + asked.timeout, private)
    sent = {"host": target.netloc.decode(), "user-agent": "Netcenter", "accept-encoding": "identity", **asked.headers}
    if asked.body or asked.method in ("POST", "PUT", "PATCH"):
        sent["content-length"] = str(len(asked.body))
    try:
        with httpcore2.ConnectionPool(ssl_context=_tls(), network_backend=guard) as pool:
            where = httpcore2.URL(
                scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path
            )
            # A limit on every wait, which the guard shortens to what is left of the whole.
            waits = dict.fromkeys(("connect", "read", "write", "pool"), asked.timeout)
            body, told = asked.body or None, {"timeout": waits}
            with pool.stream(asked.method, where, headers=list(sent.items()), content=body, extensions=told) as answer:
                content, cut = _bounded(answer.iter_stream(), asked.limit)
                got = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
                return Answered(answer.status, got, content, cut)
    except httpcore2.TimeoutException as error:
        raise HttpFailed(f"{target.host} did not answer within {asked.timeout:g} s", written=guard.written) from error
    except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
        raise HttpFailed(f"{target.host}: {error or type(error).__name__}", written=guard.written) from error


def _target(url: str, private: bool) -> httpx2.URL:
    try:
        target = httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise HttpFailed(f"not a web address: {error}", permanent=True) from error
    if target.scheme not in ("https", "http") or not target.host:
        raise HttpFailed("the address must begin with https://", permanent=True)
    if target.userinfo:
        raise HttpFailed("the address must not hold a user or password", permanent=True)
    if target.scheme == "http" and not private:
        raise HttpFailed("the address must begin with https://: http would send customers' words in the clear",
                         permanent=True)  # fmt: skip
    return target


def _bounded(chunks: Iterable[bytes], limit: int) -> tuple[bytes, bool]:
    held = bytearray()
    for chunk in chunks:
        held += chunk
        if len(held) > limit:
            return bytes(held[:limit]), True
    return bytes(held), False


@cache
def _tls() -> ssl.SSLContext:
    return httpx2.create_ssl_context()  # the system's authorities, or SSL_CERT_FILE


class _Guard(httpcore2.NetworkBackend):
    """Connects to judged addresses only, and keeps one deadline over all waiting."""

    def __init__(self, deadline: float, private: bool) -> None:
        self.deadline = deadline
        self.private = private
        self.written = False
        self._wire = httpcore2.SyncBackend()

    def left(self, exceeded: type[httpcore2.TimeoutException]) -> float:
        """Seconds left; raises when there are none."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise exceeded("deadline")
        return left

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:  # fmt: skip
        refused: Exception = httpcore2.ConnectError("no address")
        for address in resolve(host, port, self.private):
            try:
                left = self.left(httpcore2.ConnectTimeout)
                return _Stream(self._wire.connect_tcp(address, port, left, local_address, socket_options), self)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                refused = error
        raise refused


class _Stream(httpcore2.NetworkStream):
    """A wire under the guard's deadline that remembers whether anything was written."""

    def __init__(self, wire: httpcore2.NetworkStream, guard: _Guard) -> None:
        self._wire = wire
        self._guard = guard

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._wire.read(max_bytes, self._guard.left(httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        left = self._guard.left(httpcore2.WriteTimeout)
        self._guard.written = True
        self._wire.write(buffer, left)

    def close(self) -> None:
        self._wire.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left = self._guard.left(httpcore2.ConnectTimeout)
        return _Stream(self._wire.start_tls(ssl_context, server_hostname, left), self._guard)

    def get_extra_info(self, info: str) -> Any:
        return self._wire.get_extra_info(info)
