"""The ceiling of the door: a bare ASGI app that only commits. No account, no signature, no Django; raw drivers."""

import asyncio
import os
import queue
import sqlite3
import threading
import uuid
from collections.abc import Callable

TABLE = "CREATE TABLE IF NOT EXISTS ceiling (id {key}, dedupe text NOT NULL UNIQUE, body {bytes} NOT NULL)"
Rows = list[tuple[str, bytes]]


def sqlite_writer() -> Callable[[Rows], None]:
    """Rows into a file, synced at each commit."""
    wire = sqlite3.connect(os.environ["CEILING_FILE"], isolation_level=None, check_same_thread=False)
    wire.execute("PRAGMA journal_mode=WAL")
    wire.execute("PRAGMA synchronous=FULL")
    wire.execute(TABLE.format(key="integer PRIMARY KEY", bytes="blob"))

    def write(rows: Rows) -> None:
        wire.execute("BEGIN IMMEDIATE")
        wire.executemany("INSERT INTO ceiling (dedupe, body) VALUES (?, ?) ON CONFLICT DO NOTHING", rows)
        wire.execute("COMMIT")

    return write


def postgres_writer(address: str) -> Callable[[Rows], None]:
    """Rows into PostgreSQL by binary arrays, one statement for each commit."""
    import psycopg

    wire = psycopg.connect(address, autocommit=True)
    wire.execute(TABLE.format(key="bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY", bytes="bytea"))

    def write(rows: Rows) -> None:
        wire.execute(
            "INSERT INTO ceiling (dedupe, body) SELECT * FROM unnest(%b::text[], %b::bytea[]) ON CONFLICT DO NOTHING",
            [list(column) for column in zip(*rows, strict=True)],
        )

    return write


class Ceiling:
    """One thread that commits what has gathered."""

    def __init__(self) -> None:
        address = os.environ.get("NETCENTER_DATABASE")
        self.write = postgres_writer(address) if address else sqlite_writer()
        self.waiting: queue.SimpleQueue[tuple[tuple[str, bytes], asyncio.Future[None]]] = queue.SimpleQueue()
        threading.Thread(target=self.run, daemon=True).start()

    def run(self) -> None:
        while True:
            batch = [self.waiting.get()]
            while not self.waiting.empty() and len(batch) < 512:
                batch.append(self.waiting.get())
            self.write([row for row, _ in batch])
            batch[0][1].get_loop().call_soon_threadsafe(self.settle, [future for _, future in batch])

    @staticmethod
    def settle(futures: "list[asyncio.Future[None]]") -> None:
        for future in futures:
            future.set_result(None)

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        future = asyncio.get_running_loop().create_future()
        self.waiting.put(((uuid.uuid4().hex, body), future))
        await future
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


app = Ceiling() if __name__ != "__main__" else None
