"""The front: one port, and behind it the door, the live streams, the chat sockets and Django (ARCHITECTURE.md)."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any, cast

import orjson
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from netcenter.helpcenter.asgi import Chat
from netcenter.intake.door import Door
from netcenter.lib.asgi import JSON, Receive, Scope, Send, answer
from netcenter.lib.loops import Runner
from netcenter.live.streams import Streams
from netcenter.site.bridge import Bridge

App = Callable[[Scope, Receive, Send], Awaitable[None]]

# Pages that wait for a machine of somebody else's, up to half a minute: the other pages keep their threads.
WAITS = re.compile(r"/desk/case/\d+/assist/|/settings/assistant/test/")
WAITING = 32  # of them at once; the next ones queue

FAILING = 3  # failures in a row after which a loop is said to be ill


class Front:
    """The ASGI application of one process. `runner` is told on /health when the loops run in this process too."""

    def __init__(self, runner: Runner | None = None) -> None:
        self.runner = runner
        self.door = Door()
        wsgi = get_wsgi_application()
        self.bridge = Bridge(wsgi, threads=settings.THREADS)
        self.waiting = Bridge(wsgi, threads=WAITING, name="waiting", idle=False)
        # Only pages and chats ask where somebody comes from; the door is faster without.
        self.pages, self.patient = _from_afar(self.bridge), _from_afar(self.waiting)
        self.streams = Streams()
        self.chat = Chat(self.door.commit)
        self.sockets = _from_afar(self.chat)
        self.began = time.monotonic()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind == "http":
            path = scope["path"]
            if path.startswith("/hooks/"):
                await self.door(scope, receive, send)
            elif path == "/events":
                await self.streams.events(scope, receive, send)
            elif path == "/live/here":
                await self.streams.here(scope, receive, send)
            elif path == "/health":
                await self._health(scope, send)
            elif WAITS.fullmatch(path):
                await self.patient(scope, receive, send)
            else:
                await self.pages(scope, receive, send)
        elif kind == "websocket":
            if scope["path"].startswith("/chat/"):
                await self.sockets(scope, receive, send)
            else:
                await receive()
                await send({"type": "websocket.close", "code": 1000})
        elif kind == "lifespan":
            await self._lifespan(receive, send)

    def closing(self) -> None:
        """The process is about to end: let go of the streams, which would stay for ever."""
        self.streams.closing()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self.door.start()
                self.streams.start()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.streams.stop()
                await self.chat.stop()
                await asyncio.to_thread(self._stop)
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _stop(self) -> None:
        self.door.stop()
        self.bridge.close()
        self.waiting.close(2.0)

    async def _health(self, scope: Scope, send: Send) -> None:
        """That the process lives, and how its loops fare: no addresses, no words of errors."""
        states = self.runner.states if self.runner else {}
        loops = {
            name: {"steps": s.steps, "failures": s.failures, "ok": s.failed_in_row < FAILING}
            for name, s in states.items()
        }
        health: dict[str, Any] = {
            "ok": all(loop["ok"] for loop in loops.values()),
            "seconds": round(time.monotonic() - self.began),
            "loops": loops,
        }
        await answer(send, 200, orjson.dumps(health), JSON, head=scope["method"] == "HEAD")


def _from_afar(app: App) -> App:
    """The application, told by the proxies that we trust where people really come from."""
    return cast(App, ProxyHeadersMiddleware(cast(Any, app), settings.PROXIES))
