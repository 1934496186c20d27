"""Storing deliveries: durable when the call returns, many in one transaction (law 1)."""

import asyncio
import hashlib
import json
import logging
import queue
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from django.db import close_old_connections, connection, transaction

from netcenter.channels.contract import Raw
from netcenter.intake.models import Delivery
from netcenter.lib import blobs, wakeup
from netcenter.lib.engines import engine

log = logging.getLogger(__name__)

BATCH = 512
INLINE = 256 * 1024  # bytes; larger bodies are kept as files
WAKE_EVERY = 0.02  # seconds: under load one wake-up does for many commits
IDLE = 5.0  # seconds after which the connection is looked at before it is used
NUL = "\0"

_TABLE = Delivery._meta.db_table
_COLUMNS = ("account_id", "dedupe", "received_at", "body", "blob", "meta", "state", "error", "attempts")
_TYPES = ("bigint", "text", "timestamptz", "bytea", "text", "jsonb", "text", "text", "int2")

Row = tuple[Any, ...]
Waiting = tuple[Row, "asyncio.Future[None]"]


def store_now(account_id: int, raws: Iterable[Raw], received_at: datetime) -> None:
    """Store in the running transaction (or in one of its own) and wake the readers after it commits."""
    rows = [row_of(account_id, raw, received_at) for raw in raws]
    if rows:
        with transaction.atomic():
            engine().insert_new(_TABLE, _COLUMNS, _TYPES, _ready(rows))
            wakeup.wake("intake")


def row_of(account_id: int, raw: Raw, received_at: datetime) -> Row:
    """The delivery as a row. A large body becomes a file first, durable before the row that names it."""
    body, blob = raw.body, ""
    if len(body) > INLINE:
        body, blob = b"", blobs.put(body)
    return (account_id, _name(raw.dedupe), received_at, body, blob, _json(raw.meta), Delivery.State.NEW.value, "", 0)


class GroupCommit:
    """One thread that stores what many requests bring, as much at a time as has gathered during the last commit."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._used = -IDLE

    async def put(self, account_id: int, raw: Raw, received_at: datetime) -> None:
        """Return once the delivery is durable. Raises what the database raised; the network then sends it again."""
        self.start()
        loop = asyncio.get_running_loop()
        if len(raw.body) > INLINE:
            row = await loop.run_in_executor(None, row_of, account_id, raw, received_at)  # writes and syncs a file
        else:
            row = row_of(account_id, raw, received_at)
        future: asyncio.Future[None] = loop.create_future()
        self._waiting.put((row, future))
        await future

    def start(self) -> None:
        """Start the thread unless it runs."""
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="group-commit", daemon=True)
                    self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Store what waits, then end the thread."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread:
            self._waiting.put(None)
            thread.join(timeout)

    def _run(self) -> None:
        told = 0.0
        try:
            while batch := self._gather():
                error = self._commit([row for row, _ in batch])
                _answer(batch, error)
                if error is None and (self._waiting.empty() or time.monotonic() - told > WAKE_EVERY):
                    self._wake()
                    told = time.monotonic()
        finally:
            connection.close()

    def _gather(self) -> list[Waiting]:
        """Wait for one, then take all that came meanwhile; [] at the end."""
        first = self._waiting.get()
        if first is None:
            return []
        batch = [first]
        while len(batch) < BATCH:
            try:
                another = self._waiting.get_nowait()
            except queue.Empty:
                break
            if another is None:
                self._waiting.put(None)
                break
            batch.append(another)
        return batch

    def _commit(self, rows: list[Row]) -> Exception | None:
        try:
            if time.monotonic() - self._used > IDLE:
                close_old_connections()  # the server may have gone meanwhile
            engine().store_new(_TABLE, _COLUMNS, _TYPES, _ready(rows))
            self._used = time.monotonic()
        except Exception as error:
            log.exception("%d deliveries could not be stored; the networks are told to send them again", len(rows))
            connection.close()
            return error
        return None

    def _wake(self) -> None:
        try:
            wakeup.wake("intake")
        except Exception:  # they are stored: the readers find them at their next look
            log.exception("could not wake the readers of deliveries")
            connection.close()


def _answer(batch: Sequence[Waiting], error: Exception | None) -> None:
    """Tell everybody, with one call into each event loop: one for each request would cost more than the commit."""
    futures = [future for _, future in batch]
    for loop in {id(f.get_loop()): f.get_loop() for f in futures}.values():
        try:
            loop.call_soon_threadsafe(_settle, [f for f in futures if f.get_loop() is loop], error)
        except RuntimeError:
            log.warning("nobody waits any more for deliveries that were being stored")


def _settle(futures: Iterable["asyncio.Future[None]"], error: Exception | None) -> None:
    for future in futures:
        if future.done():
            continue  # its request was cancelled
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)


def _ready(rows: Sequence[Row]) -> list[Row]:
    """With times as the database's driver wants them."""
    at = connection.ops.adapt_datetimefield_value
    return [(*row[:2], at(row[2]), *row[3:]) for row in rows]


def _name(dedupe: str) -> str:
    """As it is when a column can hold it, else its hash."""
    if len(dedupe) <= 255 and NUL not in dedupe:
        try:
            dedupe.encode()
        except UnicodeEncodeError:
            pass
        else:
            return dedupe
    return hashlib.sha256(dedupe.encode("utf-8", "surrogatepass")).hexdigest()


def _json(meta: Mapping[str, Any]) -> str:
    """JSON that both databases take: PostgreSQL refuses NUL and lone surrogates, and with them the whole batch."""
    try:
        written = orjson.dumps(meta)
        if b"\\u0000" not in written:
            return written.decode()
    except TypeError:  # a lone surrogate, or a mapping that is no dict
        pass
    return json.dumps(_plain(dict(meta)))


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace(NUL, "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_plain(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
