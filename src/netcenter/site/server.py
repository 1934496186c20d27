"""Running the process: the web server, the loops, or both."""

import contextlib
import gc
import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import uvicorn
from django.conf import settings
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from netcenter.lib.loops import Loop, Runner
from netcenter.site.asgi import Front

log = logging.getLogger(__name__)

GRACE = 15  # seconds for requests that run when the process is told to end
HEADER_SECONDS = 20.0  # for the headers of a request: whoever sends slower is let go
LONGEST_HEADERS = 64 * 1024  # bytes
TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Taken(Exception):
    """Somebody else listens on this port."""


class Protocol(HttpToolsProtocol):
    """uvicorn's, which alone would wait for ever for the headers of a request, and keep them however long they are."""

    unfinished = 0  # bytes of headers whose end has not come

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.timeout_keep_alive_task = self.loop.call_later(HEADER_SECONDS, self.timeout_keep_alive_handler)

    def data_received(self, data: bytes) -> None:
        waiting = self.timeout_keep_alive_task
        self.timeout_keep_alive_task = None
        super().data_received(data)
        if waiting is None:
            return
        begun = self.cycle is not None and not self.cycle.response_complete
        if begun or self.transport.get_protocol() is not self:  # or it became a WebSocket
            waiting.cancel()
            self.unfinished = 0
            return
        self.timeout_keep_alive_task = waiting  # still no whole headers: the clock runs on
        self.unfinished += len(data)
        if self.unfinished > LONGEST_HEADERS and not self.transport.is_closing():
            self.transport.write(TOO_LONG)
            self.transport.close()


class Server(uvicorn.Server):
    """uvicorn's server, which lets the streams go first and leaves the end of the process to its caller."""

    def __init__(self, config: uvicorn.Config, front: Front) -> None:
        super().__init__(config)
        self.front = front

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.front.closing()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {sig: signal.signal(sig, self.handle_exit) for sig in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for sig, handler in before.items():
                signal.signal(sig, handler)


def listen(host: str, port: int) -> socket.socket:
    """The socket to serve on; port 0 takes a free one. Raises Taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise Taken(f"{host}:{port}: {os.strerror(error.errno or 0)}") from error


def server_of(front: Front) -> Server:
    """uvicorn as we want it, around the front."""
    config = uvicorn.Config(
        front, loop="uvloop", http=Protocol, ws="websockets-sansio", lifespan="on", log_config=None, access_log=False,
        server_header=False, timeout_keep_alive=60, timeout_graceful_shutdown=GRACE, backlog=2048,
        ws_max_size=2**20, ws_per_message_deflate=False, proxy_headers=False,
    )  # fmt: skip
    return Server(config, front)


def serve(sock: socket.socket, loops: list[Loop]) -> None:
    """Serve until told to end; the loops run in threads beside the server."""
    runner = Runner(loops) if loops else None
    server = server_of(Front(runner))
    gc.collect()
    gc.freeze()  # what is loaded now stays: collections need not look at it again
    if runner:
        runner.start()
    try:
        server.run(sockets=[sock])
    finally:
        if runner:
            runner.stop(GRACE)


def run_loops(loops: list[Loop]) -> None:
    """Run the loops alone until told to end."""
    runner = Runner(loops)
    ended = threading.Event()
    for sig in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sig, lambda *_: ended.set())
    runner.start()
    ended.wait()
    runner.stop(GRACE)


def house_loops() -> list[Loop]:
    """The loops of the journey and of every room: `LOOPS`, or a function `loops` that makes them."""
    rooms = [*settings.ROOMS, *(["street"] if settings.DEMO else [])]
    found: list[Loop] = []
    for name in ["netcenter.flow", *(f"netcenter.{room}.loops" for room in rooms if room != "lib")]:
        if find_spec(name):
            module = import_module(name)
            found += module.LOOPS if hasattr(module, "LOOPS") else module.loops()
    return found
