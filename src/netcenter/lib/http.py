"""The one way the house calls addresses that people typed in: bounded in time and size, and never into its own network.

The host is resolved once and only the address that was judged is connected to, so that a name cannot change its
mind in between (DNS rebinding). Redirects are not followed and proxies of the environment are not used.
`settings.ALLOW_PRIVATE_HTTP` (NETCENTER_ALLOW_PRIVATE_HTTP=1) also allows private addresses and plain http: for
tests, the demo, and systems that stand beside this one.
"""

import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings

TIMEOUT = 15.0  # seconds for the whole exchange
LIMIT = 2**20  # bytes of an answer that are read
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class HttpFailed(Exception):
    """There is no answer. `written`: the other side may have got the request. `permanent`: trying again is useless."""

    def __init__(self, message: str, *, written: bool = False, permanent: bool = False) -> None:
        super().__init__(message)
        self.written = written
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Answered:
    """What the other side said; header names are lower case. `cut` when the body was longer than the limit."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: bool = False


def request(
    method: str, url: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT, limit: int = LIMIT, private: bool = True,
) -> Answered:  # fmt: skip
    """Ask once; any status is an answer. `private` False: a stranger wrote the address, which leads outside or nowhere.

    Raises HttpFailed.
    """
    from netcenter.lib import exchange  # its client takes long to import, and many a process never calls anybody

    asked = exchange.Asked(method, url, body, headers or {}, timeout, limit)
    return exchange.ask(asked, private and settings.ALLOW_PRIVATE_HTTP)


def judge(address: str, private: bool = False) -> str:
    """Why this IP address must not be connected to, or ""."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    return "" if private or all(map(_public, _meant(ip))) else f"{address} is not a public address"


def _meant(ip: Address) -> list[Address]:
    """The address, and the IPv4 address that it wraps, if any."""
    if isinstance(ip, ipaddress.IPv4Address):
        return [ip]
    inner = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
    if ip in _NAT64:
        inner.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    wrapped: list[Address] = [address for address in inner if address is not None]
    return wrapped if ip.ipv4_mapped else [ip, *wrapped]


def _public(ip: Address) -> bool:
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or getattr(ip, "is_site_local", False))


def resolve(host: str, port: int, private: bool) -> list[str]:
    """The addresses of the host, all of them judged: one bad one among good ones is no accident."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise HttpFailed(f"no address is known for {host}") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        if reason := judge(address, private):
            raise HttpFailed(f"{host} leads into a private network: {reason}", permanent=True)
    return addresses
