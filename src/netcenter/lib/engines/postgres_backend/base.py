"""Django's PostgreSQL backend, which leaves moments to the driver's own C.

Django reads each moment by a regular expression in Python and then puts a zone to it, which costs more than all else of
reading a row; ours are always in UTC, as the connection is.
"""

from datetime import UTC
from typing import Any

from django.db.backends.postgresql import base
from psycopg import adapters
from psycopg.pq import Format

STATEMENTS = 500  # planned statements that a connection remembers
_MOMENTS = adapters.get_loader(adapters.types["timestamptz"].oid, Format.TEXT)


class DatabaseWrapper(base.DatabaseWrapper):
    """One whose zone is UTC."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        connection.prepared_max = STATEMENTS
        if self.timezone is UTC and _MOMENTS is not None:
            connection.adapters.register_loader("timestamptz", _MOMENTS)
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        if self.timezone is not UTC:
            return super().create_cursor(name)
        if name is None:
            return self.connection.cursor()
        return self.connection.cursor(name, scrollable=False, withhold=self.connection.autocommit)
