"""The whole house on a free port, in threads of the test's own process, and other sites that embed the chat."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from netcenter import flow
from netcenter.lib.loops import Loop, Runner
from netcenter.outbox import loops as outbox
from netcenter.site import server


@contextmanager
def served(*, loops: bool = True) -> Iterator[str]:
    """The address of the house; with its loops, or without for tests that step by themselves."""
    wanted: list[Loop] = [*flow.LOOPS, *outbox.LOOPS] if loops else []
    runner = Runner(wanted)
    front = server.Front(runner)
    config = uvicorn.Config(
        front, loop="uvloop", http=server.Protocol, ws="websockets-sansio", lifespan="on", log_config=None,
        access_log=False, timeout_graceful_shutdown=2, ws_per_message_deflate=False,
    )  # fmt: skip
    house = server.Server(config, front)
    sock = server.listen("127.0.0.1", 0)
    thread = threading.Thread(target=house.run, args=([sock],), daemon=True)
    runner.start()
    thread.start()
    try:
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    finally:
        house.should_exit = True
        thread.join(10)
        runner.stop()


@contextmanager
def site_with(script: str, headers: dict[str, str] | None = None) -> Iterator[str]:
    """The address of a company's own site, on another origin, whose every page embeds the script tag."""
    shop = (
        '<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>Panadería</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="stylesheet" href="/style.css"></head><body class="{body}"><main><h1>Panadería Aurora</h1>'
        "<p>Pan de hoy, hecho hoy.</p><button>Comprar</button></main>{script}</body></html>"
    )
    style = "body{font:16px/1.5 serif;margin:40px;background:#f6f1e7;color:#222} .dark{background:#14161a;color:#ddd}"

    class Shop(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            css = self.path == "/style.css"
            lang = "pt" if "pt" in self.path else "en" if "en" in self.path else "es"
            page = shop.format(lang=lang, body="dark" if "dark" in self.path else "", script=script)
            self.send_response(200)
            self.send_header("content-type", "text/css" if css else "text/html; charset=utf-8")
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write((style if css else page).encode())

        def log_message(self, *_args: object) -> None:
            pass

    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{site.server_port}"
    finally:
        site.shutdown()
        site.server_close()
