"""What differs between the two databases, one module each; nothing else in the house knows which one runs."""

from types import ModuleType

from django.db import connection


def engine() -> ModuleType:
    """The module of the database in use."""
    if connection.vendor == "postgresql":
        from netcenter.lib.engines import postgres

        return postgres
    from netcenter.lib.engines import sqlite

    return sqlite
