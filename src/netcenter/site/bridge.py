"""Django behind ASGI: its plain WSGI handler in a fixed pool of threads.

Django's own ASGI handler makes two threads for each request and leaks connections; docs/benchmarks.md has the figures.
"""

import asyncio
import contextlib
import logging
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from netcenter.lib.asgi import CLOSE, TEXT, Gone, Header, Receive, Scope, Send, answer, cut
from netcenter.lib.threads import Full, Pool

log = logging.getLogger(__name__)

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

UPLOAD_LIMIT = 64 * 2**20  # bytes of one request
IN_MEMORY = 2**20  # bytes; what is longer waits on disk
PATIENCE = 30.0  # seconds between two pieces, from or to a client
SLOWEST = 4096  # bytes a second: whoever sends drop by drop is let go
HELD = 512 * 2**20  # bytes of all requests that are being received: they are taken before anybody is known
SHORT = 64 * 1024  # bytes of a form that is always taken


class TooLarge(Exception):
    """The request is longer than the bridge takes."""


class FileWrapper:
    """A file that Django answers with: the loop reads it piece by piece, so a slow client holds no thread."""

    def __init__(self, file: IO[bytes], block_size: int = 65536) -> None:
        self.file = file
        self.block_size = max(block_size, 65536)

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.file.read(self.block_size), b"")

    def close(self) -> None:
        self.file.close()


class Bridge:
    """An ASGI application that calls a WSGI one."""

    def __init__(
        self, wsgi: Wsgi, threads: int = 8, upload_limit: int = UPLOAD_LIMIT, *, name: str = "django", idle: bool = True
    ) -> None:  # fmt: skip
        self.wsgi = wsgi
        self.upload_limit = upload_limit
        self.pool = Pool(name, threads, idle=idle)
        self._disk = Pool("spool", 1, limit=10_000)
        self.held = 0

    def close(self, timeout: float = 10.0) -> bool:
        """Let the requests in the threads end; False when some did not in time."""
        return all([self.pool.close(timeout), self._disk.close(1.0)])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await self._upload(scope, receive)
        except Gone:
            return
        except TooLarge:
            return await answer(send, 413, b"too large", TEXT, CLOSE)
        except Full:
            return await answer(send, 503, b"busy, try again", TEXT, (b"retry-after", b"5"), CLOSE)
        except TimeoutError:
            return await answer(send, 408, b"too slow", TEXT, CLOSE)
        call = Call(self, scope, body, receive, send)
        try:
            await self.pool.run(call.begin)
            await call.deliver()
        except Full:
            await answer(send, 503, b"busy, try again", TEXT, (b"retry-after", b"2"))
        except Gone:
            cut(send)
        finally:
            call.abandon()

    async def _upload(self, scope: Scope, receive: Receive) -> IO[bytes]:
        """The whole request body, in memory or, when long, on disk: no thread waits for a slow sender."""
        length = next((int(v) for n, v in scope["headers"] if n == b"content-length" and v.isdigit()), 0)
        if length > self.upload_limit:
            raise TooLarge
        body = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed by Call
        size, began = 0, time.monotonic()
        try:
            while True:
                async with asyncio.timeout(PATIENCE):
                    message = await receive()
                if message["type"] == "http.disconnect":
                    raise Gone
                chunk = message.get("body", b"")
                size += len(chunk)
                self.held += len(chunk)
                if size > self.upload_limit:
                    raise TooLarge
                if size > SHORT and self.held > HELD:
                    raise Full
                if time.monotonic() - began > PATIENCE + size / SLOWEST:
                    raise TimeoutError
                if size <= IN_MEMORY:
                    body.write(chunk)
                else:
                    await self._disk.run(body.write, chunk)
                if not message.get("more_body"):
                    body.seek(0)
                    return body  # type: ignore[return-value]
        except BaseException:
            body.close()
            raise
        finally:
            self.held -= size


class Call:
    """One request: begun in a thread, its answer delivered by the loop."""

    def __init__(self, bridge: Bridge, scope: Scope, body: IO[bytes], receive: Receive, send: Send) -> None:
        self.bridge = bridge
        self.scope = scope
        self.body = body
        self.receive = receive
        self.send = send
        self.loop = asyncio.get_running_loop()
        self.status = 500
        self.headers: list[Header] = []
        self.started = False
        self.whole: bytes | None = None
        self.file: FileWrapper | None = None
        self.gone = False
        self._begun = False

    # --- in the thread ---------------------------------------------------------------------------

    def begin(self) -> None:
        """Run the application. Short answers and files are left for the loop; a stream is sent from here."""
        self._begun = True
        response: Any = None
        try:
            response = self.bridge.wsgi(environ(self.scope, self.body), self._start_response)
            if self.gone:
                return
            if isinstance(response, FileWrapper):
                self.file, response = response, None
            elif getattr(response, "streaming", False):
                self._stream(response)
            else:
                self.whole = b"".join(response)
        finally:
            self.body.close()
            if hasattr(response, "close"):
                response.close()

    def _start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[..., Any]:
        self.status = int(status[:3])
        self.headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return _no_write

    def _stream(self, response: Iterable[bytes]) -> None:
        """Send each piece when the client has taken the one before; stop producing when the client has left."""
        watch = asyncio.run_coroutine_threadsafe(self._watch(), self.loop)
        try:
            self._wait(self._start())
            if self.scope["method"] != "HEAD":
                for chunk in response:
                    self._wait(self._piece(chunk))
            self._wait(self.send({"type": "http.response.body", "body": b""}))
        finally:
            watch.cancel()

    def _wait(self, sending: Any) -> None:
        if self.gone:
            sending.close()
            raise Gone
        try:
            sent = asyncio.run_coroutine_threadsafe(sending, self.loop)
        except RuntimeError as error:  # the loop was closed under us
            sending.close()
            raise Gone from error
        try:
            sent.result(PATIENCE)
        except (TimeoutError, CancelledError) as error:
            sent.cancel()
            raise Gone from error

    # --- in the loop -----------------------------------------------------------------------------

    async def deliver(self) -> None:
        """Send what `begin` left to be sent."""
        if self.whole is not None:
            await self._start()
            body = b"" if self.scope["method"] == "HEAD" else self.whole
            await self.send({"type": "http.response.body", "body": body})
        elif self.file is not None:
            await self._deliver_file(self.file)

    async def _deliver_file(self, file: FileWrapper) -> None:
        watch = asyncio.ensure_future(self._watch())
        try:
            await self._start()
            while self.scope["method"] != "HEAD" and (
                chunk := await self.bridge._disk.run(file.file.read, file.block_size)
            ):
                if self.gone:
                    raise Gone
                async with asyncio.timeout(PATIENCE):
                    await self._piece(chunk)
            await self.send({"type": "http.response.body", "body": b""})
        except TimeoutError as error:
            raise Gone from error
        finally:
            watch.cancel()

    async def _start(self) -> None:
        self.started = True
        await self.send({"type": "http.response.start", "status": self.status, "headers": self.headers})

    async def _piece(self, chunk: bytes) -> None:
        await self.send({"type": "http.response.body", "body": chunk, "more_body": True})

    async def _watch(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass
        self.gone = True

    def abandon(self) -> None:
        """Close what nobody will read any more; harmless after a delivery."""
        self.gone = True
        if not self._begun:
            self.body.close()
        if self.file is not None:
            file, self.file = self.file, None
            with contextlib.suppress(Full):
                closing = asyncio.ensure_future(self.bridge.pool.run(file.close))  # sends request_finished: not here
                closing.add_done_callback(_told)


def _told(closing: "asyncio.Future[None]") -> None:
    if not closing.cancelled() and (error := closing.exception()) and not isinstance(error, Full):
        log.error("closing a file failed", exc_info=error)


def _no_write(_data: bytes) -> None:
    raise NotImplementedError("write() of WSGI is not offered")


def environ(scope: Scope, body: IO[bytes]) -> dict[str, Any]:
    """The request as PEP 3333 wants it: bytes as latin-1 text, and no header that could pose as another."""
    root = scope.get("root_path", "")
    raw = unquote_to_bytes(scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
    script = root.encode().decode("latin-1")
    host, port = scope.get("server") or ("localhost", None)
    made: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": script,
        "PATH_INFO": raw.removeprefix(script),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 0),
        "SERVER_PROTOCOL": f"HTTP/{scope.get('http_version', '1.1')}",
        "REMOTE_ADDR": (scope.get("client") or ("",))[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileWrapper,
    }
    for name_bytes, value_bytes in scope["headers"]:
        name, value = name_bytes.decode("latin-1"), value_bytes.decode("latin-1")
        if "_" in name:
            continue  # X_Forwarded_For would pose as X-Forwarded-For
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        if key in made:
            value = f"{made[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"
        made[key] = value
    body.seek(0, 2)
    made["CONTENT_LENGTH"] = str(body.tell())  # also when it came in chunks of unknown number
    body.seek(0)
    return made
