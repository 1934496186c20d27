"""PostgreSQL: the grown product. It coordinates every process: wake-ups by NOTIFY, order by transaction ids."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from types import NoneType
from typing import Any

from django.db import connection, connections

log = logging.getLogger(__name__)

CHANNEL = "netcenter"
hears_others = True
_mouths: dict[int, int] = {}  # threads of this process that tell, and the server's processes that they speak through


def notify(topics: Iterable[str]) -> None:
    """Tell the other processes; topics are short, far below NOTIFY's 8000 bytes.

    All who notify commit one after another, so outside a transaction this one does not wait for the disk.
    """
    connection.ensure_connection()
    _mouths[threading.get_ident()] = connection.connection.info.backend_pid
    hasty = "" if connection.in_atomic_block else ", set_config('synchronous_commit', 'off', true)"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_notify(%s, t){hasty} FROM unnest(%s::text[]) AS t", [CHANNEL, list(topics)])  # noqa: S608


def listen(hear: Callable[[str], None]) -> None:
    """Hear what other processes tell, for ever; reconnects, since wake-ups are only hints."""
    import psycopg

    parameters = connections["default"].get_connection_params()
    arguments = {k: v for k, v in parameters.items() if k in ("dbname", "user", "password", "host", "port")}
    while True:
        try:
            with psycopg.connect(**arguments, autocommit=True) as ear:
                ear.execute(f"LISTEN {CHANNEL}")
                for told in ear.notifies():
                    if told.pid not in _mouths.values():  # what this process tells it has heard already
                        hear(told.payload)
        except psycopg.Error:
            log.warning("lost the ear on PostgreSQL; listening again in a second", exc_info=True)
            time.sleep(1)


def insert_new(table: str, columns: Sequence[str], types: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows, leaving out those that a unique constraint already has. In the running transaction.

    One statement with binary arrays: text `bytea[]` is four to eight times slower. What all rows share is said once.
    Django's own cursors would write the values into the text of the statement, so the driver's is used.
    """
    import psycopg

    found = [
        (name, kind, list(column)) for name, kind, column in zip(columns, types, zip(*rows, strict=True), strict=True)
    ]
    alike = {name: column[0] for name, _kind, column in found if all(value == column[0] for value in column[1:])}
    if len(alike) == len(found):
        alike.pop(columns[-1])  # something must tell how many there are
    select = ",".join(f"%b::{kind}" if name in alike else f"v.{name}" for name, kind, _column in found)
    arrays = ",".join(f"%b::{kind}[]" for name, kind, _column in found if name not in alike)
    names = ",".join(name for name, _kind, _column in found if name not in alike)
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({','.join(columns)}) SELECT {select} FROM unnest({arrays}) AS v({names})"  # noqa: S608
            " ON CONFLICT DO NOTHING",
            [*alike.values(), *(column for name, _kind, column in found if name not in alike)],
        )


def store_new(table: str, columns: Sequence[str], types: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """`insert_new` in a transaction of its own: one statement is one already, with one way to the server and back."""
    insert_new(table, columns, types, rows)


def insert_rows(
    table: str, key: str, columns: Sequence[str], types: Sequence[str], values: Sequence[Sequence[Any]]
) -> list[int]:
    """Insert rows and return their keys, in order. `values` are those of each column. In the running transaction."""
    told, arrays = _told(types, values)
    chosen = ",".join(f"u.c{n}" if n in arrays else f"%s::{types[n]}" for n in range(len(columns)))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({','.join(columns)}) SELECT {chosen} FROM unnest({_unnested(arrays, types)})"  # noqa: S608
            f" AS u({','.join(f'c{n}' for n in arrays)}) RETURNING {key}",
            told,
        )
        return [int(row[0]) for row in cursor.fetchall()]


def update_rows(
    table: str, key: str, columns: Sequence[str], types: Sequence[str], values: Sequence[Sequence], keys: Sequence[int]
) -> None:
    """Set columns of the rows with these keys. `values` are those of each column. In the running transaction."""
    told, arrays = _told([*types, "bigint"], [*values, keys])
    kinds, last = [*types, "bigint"], len(types)
    sets = ",".join(
        f"{column}=" + (f"u.c{n}" if n in arrays else f"%s::{types[n]}") for n, column in enumerate(columns)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} AS t SET {sets} FROM unnest({_unnested(arrays, kinds)})"  # noqa: S608
            f" AS u({','.join(f'c{n}' for n in arrays)}) WHERE t.{key}=u.c{last}",
            told,
        )


def _told(types: Sequence[str], values: Sequence[Sequence[Any]]) -> tuple[list[Any], list[int]]:
    """The parameters of a statement over columns of values, and which columns are arrays.

    A column in which every row has the same is told once, before the arrays; the last is an array in any case.
    """
    last = len(types) - 1
    arrays = [n for n, column in enumerate(values) if n == last or len(column) == 1 or not _is_one(column)]
    once = [column[0] for n, column in enumerate(values) if n not in arrays]
    return [*once, *(array(values[n]) for n in arrays)], arrays


def _is_one(column: Sequence[Any]) -> bool:
    first = column[0]
    return type(first) in (*_WRITTEN, NoneType) and all([value == first for value in column])


def _unnested(arrays: Sequence[int], types: Sequence[str]) -> str:
    return ",".join(f"%s::{types[n]}[]" for n in arrays)


# --- Arrays ---------------------------------------------------------------------------------------------------------

knows_arrays = True
_KINDS = {int: "bigint", str: "text", datetime: "timestamptz"}


def among_array(kind: type) -> tuple[str, str]:
    """What stands before and behind a parameter that is an array of such values, for "is among them"."""
    return "= ANY(", f"::{_KINDS[kind]}[])"


def array(values: Sequence[Any]) -> Any:
    """As PostgreSQL writes arrays; the driver writes them several times slower, and whatever we cannot.

    https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
    """
    kinds = set(map(type, values)) - {NoneType}
    write = _WRITTEN.get(next(iter(kinds), int)) if len(kinds) <= 1 else None
    if write is None:
        return list(values)
    return "{" + ",".join(["NULL" if value is None else write(value) for value in values]) + "}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


_WRITTEN: dict[type, Callable[[Any], str]] = {
    int: str, float: repr, bool: lambda yes: "t" if yes else "f", str: _quoted,
    datetime: lambda at: f'"{at.isoformat()}"', date: date.isoformat,
}  # fmt: skip


def is_deadlock(error: Exception) -> bool:
    """Whether this transaction was ended so that another need not wait for ever."""
    import psycopg

    return isinstance(error.__cause__, psycopg.errors.DeadlockDetected)


def transaction_id_sql() -> str:
    """The writing transaction: ids alone can become visible out of order."""
    return "pg_current_xact_id()::text::bigint"


def behind_condition() -> str:
    """True for events after the pair (transaction, id). Two conditions in place of a pair would read a whole range."""
    return "(transaction_id, id) > (%s, %s)"


def settled_condition(column: str) -> str:
    """True for rows below which no other can still appear: older than the oldest running transaction."""
    return f"{column} < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


# --- Search -------------------------------------------------------------------------------------

SEARCH_SETUP = [
    "CREATE TABLE cases_search (id bigint PRIMARY KEY, case_id bigint NOT NULL, words tsvector NOT NULL)",
    "CREATE INDEX cases_search_words ON cases_search USING gin (words)",
]
SEARCH_TEARDOWN = ["DROP TABLE cases_search"]
NEWEST = 20_000  # message ids


def search_index(rows: Sequence[tuple[int, int, str]]) -> None:
    """Make (message id, case id, folded words) findable, in the running transaction; repeating is harmless."""
    ids, cases, words = zip(*rows, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_search (id, case_id, words)"
            " SELECT i, c, to_tsvector('simple', w) FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS t(i, c, w)"
            " ON CONFLICT (id) DO UPDATE SET case_id = excluded.case_id, words = excluded.words",
            [list(ids), list(cases), list(words)],
        )


def search(words: Sequence[str], limit: int) -> list[int]:
    """Case ids that hold all words (prefixes; already folded, letters and digits only), newest message first.

    How many rows a prefix matches is not known to the planner. So the newest rows are read first, where common words
    are found at once; only for rare ones all matches are gathered and sorted.
    """
    query, most = " & ".join(f"{word}:*" for word in words), limit * 5
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT case_id FROM cases_search WHERE id > (SELECT max(id) FROM cases_search) - %s"
            " AND words @@ to_tsquery('simple', %s) ORDER BY id DESC LIMIT %s",
            [NEWEST, query, most],
        )
        found = cursor.fetchall()
        if len(found) < most:
            cursor.execute(
                "WITH hits AS MATERIALIZED"
                " (SELECT id, case_id FROM cases_search WHERE words @@ to_tsquery('simple', %s))"
                " SELECT case_id FROM hits ORDER BY id DESC LIMIT %s",
                [query, most],
            )
            found = cursor.fetchall()
    return list(dict.fromkeys(int(row[0]) for row in found))[:limit]
