"""The database of a run of tests: a copy of one that was migrated once, and emptied of what a test has written."""

from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import TransactionTestCase

from tests import template

KEPT = {"django_content_type", "auth_permission"}  # the same in every house, and slow to make anew
BESIDE = ["cases_search"]  # no model's table


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings: None) -> bool:
    """On SQLite the migrated file lies there already. PostgreSQL's server is a fresh one: it has to migrate."""
    if connection.vendor != "sqlite":
        return False
    template.copy(Path(connection.settings_dict["TEST"]["NAME"]))
    return True


def empty(_case: TransactionTestCase | None) -> None:
    """Delete all rows that a test committed. Django empties a hundred tables, of which a test has written ten."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_written())
        for (table,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {table}")  # constraints are looked at when all is gone


@cache
def _written() -> str:
    """The question which tables have rows."""
    named = {m._meta.db_table for m in apps.get_models(include_auto_created=True)} - KEPT
    tables = [*sorted(named), *BESIDE]
    return " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in tables)
