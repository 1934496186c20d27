"""A small web for tests: pages that answer as they were told, and remember who asked for what."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Reply:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    hangs: float = 0.0


@dataclass
class Web:
    """`pages[path]` is a reply, or a function of (query, headers) that gives one."""

    url: str = ""
    pages: dict[str, Reply | Callable[[str, dict], Reply]] = field(default_factory=dict)
    asked: list[tuple[str, dict]] = field(default_factory=list)


@contextmanager
def web() -> Iterator[Web]:
    here = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _mark, query = self.path.partition("?")
            headers = {k.lower(): v for k, v in self.headers.items()}
            here.asked.append((self.path, headers))
            found = here.pages.get(path, Reply(status=404))
            reply = found(query, headers) if callable(found) else found
            time.sleep(reply.hangs)
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    here.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()
