"""SQLite: the embedded product. One process writes; nobody else needs to be told anything."""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any

from django.db import connection, transaction

hears_others = False
MOST_ROWS = 512  # of one statement: SQLite takes 32,766 values


def notify(topics: Iterable[str]) -> None:
    """Nothing: every loop and screen is in this process."""


def listen(hear: Callable[[str], None]) -> None:
    """Nothing to listen to."""


def insert_new(table: str, columns: Sequence[str], types: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows, leaving out those that a unique constraint already has. In the running transaction.

    Many rows in one statement: `executemany` lets go of Python's lock at each row, and a busy process gives it back
    only some milliseconds later.
    """
    connection.ensure_connection()
    marks = f"({','.join('?' for _ in columns)})"
    for start in range(0, len(rows), MOST_ROWS):
        some = rows[start : start + MOST_ROWS]
        connection.connection.execute(
            f"INSERT INTO {table} ({','.join(columns)}) VALUES {','.join([marks] * len(some))} ON CONFLICT DO NOTHING",  # noqa: S608
            [value for row in some for value in row],
        )


def store_new(table: str, columns: Sequence[str], types: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """`insert_new` in a transaction of its own, in turn with the other writers."""
    with transaction.atomic():
        insert_new(table, columns, types, rows)


def insert_rows(
    table: str, key: str, columns: Sequence[str], types: Sequence[str], values: Sequence[Sequence[Any]]
) -> list[int]:
    """Insert rows and return their keys, in order. `values` are those of each column. In the running transaction."""
    marks = "(" + ",".join("?" for _ in columns) + ")"
    connection.ensure_connection()
    found = connection.connection.execute(
        f"INSERT INTO {table} ({','.join(columns)}) VALUES {','.join([marks] * len(values[0]))} RETURNING {key}",  # noqa: S608
        list(chain.from_iterable(zip(*values, strict=True))),
    )
    return [int(row[0]) for row in found.fetchall()]


def update_rows(
    table: str, key: str, columns: Sequence[str], types: Sequence[str], values: Sequence[Sequence], keys: Sequence[int]
) -> None:
    """Set columns of the rows with these keys. `values` are those of each column. In the running transaction."""
    sets = ",".join(f"{column}=?" for column in columns)
    connection.ensure_connection()
    rows = list(zip(*values, keys, strict=True))
    connection.connection.executemany(f"UPDATE {table} SET {sets} WHERE {key}=?", rows)  # noqa: S608


knows_arrays = False


def is_deadlock(error: Exception) -> bool:
    """Never: writers come one after the other."""
    return False


def transaction_id_sql() -> str:
    """SQLite commits in the order of ids: one era for all."""
    return "0"


def behind_condition() -> str:
    """True for events after the pair (transaction, id): all are of one era, so the index leads straight there."""
    return "transaction_id = %s AND id > %s"


def settled_condition(column: str) -> str:
    """True for rows below which no other can still appear."""
    return "1=1"


# --- Search -------------------------------------------------------------------------------------

SEARCH_SETUP = [
    "CREATE VIRTUAL TABLE cases_search USING fts5"
    "(words, case_id UNINDEXED, tokenize='unicode61 remove_diacritics 2', prefix='2 3')",
]
SEARCH_TEARDOWN = ["DROP TABLE cases_search"]


def search_index(rows: Sequence[tuple[int, int, str]]) -> None:
    """Make (message id, case id, folded words) findable, in the running transaction; repeating is harmless."""
    with connection.cursor() as cursor:
        cursor.executemany("INSERT OR REPLACE INTO cases_search (rowid, case_id, words) VALUES (%s, %s, %s)", rows)


def search(words: Sequence[str], limit: int) -> list[int]:
    """Case ids that hold all words (prefixes; already folded, letters and digits only), newest message first."""
    query = " ".join(f'"{word}"*' for word in words)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT case_id FROM cases_search WHERE words MATCH %s ORDER BY rowid DESC LIMIT %s", [query, limit * 5]
        )
        return list(dict.fromkeys(int(row[0]) for row in cursor.fetchall()))[:limit]
