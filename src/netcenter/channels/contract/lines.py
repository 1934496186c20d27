"""A line to the network that stays open: a WebSocket, guarded as every call is. For `Channel.stream`."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from netcenter.channels.contract.failures import ChannelError
from netcenter.lib import http

QUIET = 3.0  # seconds after which silence is told, so that the house can stop
LIMIT = 4 * 2**20  # bytes of one frame


class Socket:
    """An open WebSocket. Use it as a context manager."""

    def __init__(self, connected: Any) -> None:
        self._wire = connected.__enter__()

    def __enter__(self) -> Socket:
        return self

    def __exit__(self, *_error: object) -> None:
        self._wire.close()

    def say(self, text: str) -> None:
        """Send a frame of text. Raises ChannelError."""
        from websockets.exceptions import ConnectionClosed

        try:
            self._wire.send(text)
        except (ConnectionClosed, OSError) as error:
            raise ChannelError("the line is closed", unknown=True) from error

    def frames(self, quiet: float = QUIET) -> Iterator[bytes | None]:
        """Each frame as it comes, None after each `quiet` seconds of silence; ends never, raises ChannelError."""
        from websockets.exceptions import ConnectionClosed

        while True:
            try:
                frame = self._wire.recv(timeout=quiet)
                yield frame.encode() if isinstance(frame, str) else frame
            except TimeoutError:
                yield None
            except (ConnectionClosed, OSError) as error:
                raise ChannelError("the line is closed") from error


def open_socket(url: str, headers: Mapping[str, str] | None = None, timeout: float = http.TIMEOUT) -> Socket:
    """Open a WebSocket (wss://) at an address that was configured. Raises ChannelError."""
    from websockets.exceptions import InvalidStatus, WebSocketException
    from websockets.sync.client import connect

    parts, private = urlsplit(url), settings.ALLOW_PRIVATE_HTTP
    if parts.scheme not in ("wss", "ws") or not parts.hostname or (parts.scheme == "ws" and not private):
        raise ChannelError("the address must begin with wss://", permanent=True)
    port = parts.port or (443 if parts.scheme == "wss" else 80)
    try:
        address = http.resolve(parts.hostname, port, private)[0]
        wire = socket.create_connection((address, port), timeout)
        try:
            connected = connect(
                url, sock=wire, additional_headers=dict(headers or {}), open_timeout=timeout, close_timeout=2,
                max_size=LIMIT, user_agent_header="Netcenter", proxy=None,
            )  # fmt: skip
        except BaseException:
            wire.close()
            raise
    except http.HttpFailed as error:
        raise ChannelError(str(error), permanent=error.permanent) from error
    except InvalidStatus as error:
        status = error.response.status_code
        raise ChannelError(f"HTTP {status}", reason="token" if status in (401, 403) else "") from error
    except (OSError, ValueError, WebSocketException) as error:  # ValueError: it redirects to another host
        raise ChannelError(str(error) or type(error).__name__) from error
    return Socket(connected)
