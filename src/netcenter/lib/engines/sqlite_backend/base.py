"""Django's SQLite backend with a fair queue for writers.

SQLite lets a second writer poll, with sleeps of up to 100 ms. All writes of the embedded product happen in one
process, so a lock taken before BEGIN IMMEDIATE hands the database on at once, in turn.
"""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from django.db.backends.sqlite3 import base, operations

from netcenter.lib.engines.sqlite_backend.turns import Turns

_locks: dict[str, Turns] = defaultdict(Turns)


def write_lock(database: str) -> Turns:
    """The lock that writers of this database file hold during a transaction, in this process."""
    return _locks[database]


class DatabaseOperations(operations.DatabaseOperations):
    """A list has a thousand moments, which Django reads in several steps; one is enough for what it has written."""

    def convert_datetimefield_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if value is None or (isinstance(value, datetime) and self.connection.timezone is UTC):
            return value and value.replace(tzinfo=UTC)
        return super().convert_datetimefield_value(value, expression, connection)


class DatabaseWrapper(base.DatabaseWrapper):
    """One writer at a time, woken in microseconds instead of polling."""

    ops_class = DatabaseOperations
    _holds_write_lock = False

    def _start_transaction_under_autocommit(self) -> None:
        lock = write_lock(str(self.settings_dict["NAME"]))
        # After the busy timeout go on without it: SQLite then says "database is locked", with a traceback.
        self._holds_write_lock = lock.acquire(timeout=self.settings_dict["OPTIONS"].get("timeout", 30))
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._let_go()
            raise

    def _let_go(self) -> None:
        if self._holds_write_lock:
            self._holds_write_lock = False
            write_lock(str(self.settings_dict["NAME"])).release()

    def _commit(self) -> Any:
        result = super()._commit()  # type: ignore[misc] # when it fails Django rolls back next, and the lock stays until then
        self._let_go()
        return result

    def _rollback(self) -> Any:
        try:
            return super()._rollback()  # type: ignore[misc]
        finally:
            self._let_go()

    def _close(self) -> Any:
        try:
            return super()._close()  # type: ignore[misc]
        finally:
            self._let_go()
