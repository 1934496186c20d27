"""Django in threads behind ASGI: uploads, streams, files, clients that leave, and the end."""

import asyncio
import io
import threading
import time

import pytest

from netcenter.lib.threads import Pool
from netcenter.site import bridge as bridges
from netcenter.site.bridge import Bridge, FileWrapper


class Client:
    """One request at the bridge, and what came back."""

    def __init__(self, method: str = "GET", path: str = "/", body: bytes = b"", headers=(), chunk: int = 65536) -> None:
        self.scope = {
            "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"a=1",
            "http_version": "1.1", "scheme": "https", "server": ("example.org", 443), "client": ("10.1.2.3", 555),
            "headers": list(headers), "root_path": "",
        }  # fmt: skip
        self.pieces = [body[i : i + chunk] for i in range(0, len(body), chunk)] or [b""]
        self.left = asyncio.Event()
        self.sent: list = []
        self.block: asyncio.Event | None = None

    async def receive(self):
        if self.pieces:
            piece = self.pieces.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(self.pieces)}
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message) -> None:
        if self.block and message["type"] == "http.response.body":
            await self.block.wait()
        self.sent.append(message)

    @property
    def status(self) -> int:
        return self.sent[0]["status"]

    @property
    def body(self) -> bytes:
        return b"".join(m.get("body", b"") for m in self.sent[1:])


def ask(wsgi, client: Client, **options) -> Client:
    async def go() -> None:
        bridge = Bridge(wsgi, threads=2, **options)
        try:
            await bridge(client.scope, client.receive, client.send)
        finally:
            assert await asyncio.to_thread(bridge.close)

    asyncio.run(go())
    return client


class Response(list):
    """A WSGI iterable that knows whether it was closed."""

    closed = False

    def close(self) -> None:
        self.closed = True


class Streaming:
    streaming = True

    def __init__(self, chunks) -> None:
        self.chunks = chunks
        self.closed = threading.Event()

    def __iter__(self):
        return iter(self.chunks)

    def close(self) -> None:
        self.closed.set()


def test_it_hands_on_the_request_as_wsgi_wants_it():
    seen = {}

    def app(environ, start_response):
        seen.update(environ)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return Response([b"hi"])

    headers = [
        (b"host", b"example.org"), (b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"x_forwarded_for", b"6.6.6.6"),
        (b"accept", b"x"), (b"accept", b"y"), (b"content-type", b"text/plain"),
    ]  # fmt: skip
    client = ask(app, Client("POST", "/caf%C3%A9", b"hello", headers))
    assert (client.status, client.body) == (200, b"hi")
    assert seen["PATH_INFO"].encode("latin-1").decode() == "/café"
    assert seen["HTTP_COOKIE"] == "a=1; b=2" and seen["HTTP_ACCEPT"] == "x,y"
    assert "HTTP_X_FORWARDED_FOR" not in seen  # the underscore would have posed as the proxy's header
    assert (seen["wsgi.url_scheme"], seen["SERVER_NAME"], seen["SERVER_PORT"]) == ("https", "example.org", "443")
    assert (seen["REMOTE_ADDR"], seen["QUERY_STRING"], seen["CONTENT_LENGTH"]) == ("10.1.2.3", "a=1", "5")
    assert seen["CONTENT_TYPE"] == "text/plain"


@pytest.mark.parametrize("size", [0, 10, bridges.IN_MEMORY, bridges.IN_MEMORY + 1, 3 * bridges.IN_MEMORY])
def test_uploads_arrive_whole_from_memory_and_from_disk(size):
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    got = {}

    def app(environ, start_response):
        got["body"] = environ["wsgi.input"].read()
        got["length"] = environ["CONTENT_LENGTH"]
        start_response("200 OK", [])
        return Response([b"ok"])

    ask(app, Client("POST", "/", content))
    assert got == {"body": content, "length": str(size)}


@pytest.mark.parametrize("told", [True, False])
def test_what_is_too_large_is_refused_and_never_reaches_the_application(told):
    called = []
    headers = [(b"content-length", b"3000")] if told else []
    client = ask(lambda *a: called.append(a), Client("POST", "/", b"x" * 3000, headers, chunk=500), upload_limit=2000)
    assert client.status == 413 and not called


def test_a_slow_upload_is_let_go_without_having_held_a_thread(monkeypatch):
    monkeypatch.setattr(bridges, "PATIENCE", 0.05)
    client = Client("POST", "/", b"x" * 10, chunk=5)
    client.pieces = []
    assert ask(lambda *a: [], client).status == 408


def test_an_upload_of_drops_is_let_go_however_steadily_they_fall(monkeypatch):
    monkeypatch.setattr(bridges, "PATIENCE", 0.1)
    client = Client("POST", body=b"x" * 1000, chunk=1)
    receive = client.receive

    async def drop():
        await asyncio.sleep(0.01)
        return await receive()

    client.receive = drop
    assert ask(lambda *_: pytest.fail("it was called"), client).status == 408


def test_long_uploads_share_what_there_is_and_short_forms_always_pass(monkeypatch):
    monkeypatch.setattr(bridges, "HELD", 3 * 2**20)

    def app(environ, start_response):
        start_response("200 OK", [])
        return [b"taken"]

    async def go() -> list[Client]:
        bridge = Bridge(app, threads=2)
        stuck = [Client("POST", body=b"x" * 2**20, chunk=2**16) for _ in range(3)]
        for client in stuck:
            client.pieces[-1:] = []  # its end never comes, ...
            client.receive = waiting_for_ever(client)  # ... and it stays
        tasks = [asyncio.ensure_future(bridge(c.scope, c.receive, c.send)) for c in stuck]
        await asyncio.sleep(0.2)
        later = [Client("POST", body=b"x" * size) for size in (2**20, 1000)]
        for client in later:
            await bridge(client.scope, client.receive, client.send)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert bridge.held == 0
        later.append(Client("POST", body=b"x" * 2**20))
        await bridge(later[-1].scope, later[-1].receive, later[-1].send)
        assert await asyncio.to_thread(bridge.close)
        return later

    assert [client.status for client in asyncio.run(go())] == [503, 200, 200]


def waiting_for_ever(client: Client):
    async def receive():
        if client.pieces:
            return {"type": "http.request", "body": client.pieces.pop(0), "more_body": True}
        await asyncio.sleep(60)

    return receive


def test_head_sends_no_body_and_keeps_the_length():
    def app(environ, start_response):
        start_response("200 OK", [("Content-Length", "2")])
        return Response([b"hi"])

    client = ask(app, Client("HEAD"))
    assert client.body == b"" and (b"content-length", b"2") in client.sent[0]["headers"]


def test_responses_are_closed_also_when_they_fail():
    response = Response([b"hi"])

    def app(environ, start_response):
        start_response("200 OK", [])
        return response

    ask(app, Client())
    assert response.closed


def test_an_exception_of_the_application_reaches_the_server():
    def app(environ, start_response):
        raise LookupError("broken")

    with pytest.raises(LookupError):
        ask(app, Client())


def test_a_stream_is_sent_piece_by_piece_with_back_pressure():
    made = []

    def pieces():
        for n in range(5):
            made.append(n)
            yield b"%d" % n

    stream = Streaming(pieces())

    def app(environ, start_response):
        start_response("200 OK", [])
        return stream

    async def go() -> None:
        bridge, client = Bridge(app, threads=1), Client()
        client.block = asyncio.Event()
        asking = asyncio.create_task(bridge(client.scope, client.receive, client.send))
        await asyncio.sleep(0.2)
        assert made == [0]  # the next is not made before this one was taken
        client.block.set()
        await asking
        assert client.body == b"01234" and made == [0, 1, 2, 3, 4] and stream.closed.is_set()
        bridge.close()

    asyncio.run(go())


def test_a_stream_ends_when_the_client_leaves():
    def for_ever():
        while True:
            time.sleep(0.01)
            yield b"x"

    stream = Streaming(for_ever())

    def app(environ, start_response):
        start_response("200 OK", [])
        return stream

    async def go() -> None:
        bridge, client = Bridge(app, threads=1), Client()
        asking = asyncio.create_task(bridge(client.scope, client.receive, client.send))
        await asyncio.sleep(0.1)
        client.left.set()
        await asyncio.wait_for(asking, 5)
        assert stream.closed.is_set()
        assert await asyncio.to_thread(bridge.close, 5)

    asyncio.run(go())


def test_a_file_holds_no_thread_while_a_slow_client_reads_it():
    file = io.BytesIO(b"y" * 200_000)

    def app(environ, start_response):
        start_response("200 OK", [])
        return FileWrapper(file) if environ["PATH_INFO"] == "/file" else Response([b"page"])

    async def go() -> None:
        bridge, slow, quick = Bridge(app, threads=1), Client(path="/file"), Client(path="/page")
        slow.block = asyncio.Event()
        reading = asyncio.create_task(bridge(slow.scope, slow.receive, slow.send))
        await asyncio.sleep(0.1)
        await asyncio.wait_for(bridge(quick.scope, quick.receive, quick.send), 2)  # the only thread is free
        slow.block.set()
        await reading
        assert quick.body == b"page" and slow.body == b"y" * 200_000
        await asyncio.sleep(0.1)
        assert file.closed
        bridge.close()

    asyncio.run(go())


def test_a_cancelled_request_runs_to_its_end_and_the_pool_ends_after_it():
    ended = threading.Event()

    def app(environ, start_response):
        time.sleep(0.3)
        ended.set()
        start_response("200 OK", [])
        return Response([b"late"])

    async def go() -> None:
        bridge, client = Bridge(app, threads=1), Client()
        asking = asyncio.create_task(bridge(client.scope, client.receive, client.send))
        await asyncio.sleep(0.1)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert await asyncio.to_thread(bridge.close, 5)
        assert ended.is_set()

    asyncio.run(go())
    assert not [t for t in threading.enumerate() if t.name.startswith(("django-", "spool-"))]


def test_when_too_many_wait_the_next_is_asked_to_come_back():
    go_on = threading.Event()

    def app(environ, start_response):
        go_on.wait(5)
        start_response("200 OK", [])
        return Response([b""])

    async def go() -> None:
        bridge = Bridge(app, threads=1)
        bridge.pool.limit = 1
        clients = [Client() for _ in range(4)]
        asking = [asyncio.create_task(bridge(c.scope, c.receive, c.send)) for c in clients]
        await asyncio.sleep(0.2)
        go_on.set()
        await asyncio.gather(*asking)
        assert sorted(c.status for c in clients)[-1] == 503
        bridge.close()

    asyncio.run(go())


def test_a_pool_gives_back_what_the_function_raises():
    async def go() -> None:
        pool = Pool("test", 1)
        with pytest.raises(ZeroDivisionError):
            await pool.run(lambda: 1 / 0)
        assert await pool.run(lambda: 7) == 7
        assert pool.close()

    asyncio.run(go())
