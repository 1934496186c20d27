"""What a test leaves behind, the next must not find."""

import pytest
from django.db import connection

from tests.company import found
from tests.database import BESIDE, KEPT, empty


@pytest.mark.django_db(transaction=True)
def test_nothing_that_was_committed_is_left():
    company = found()
    company.deliver(company.said("¿Abren el domingo?"))
    assert "cases_search" in having_rows()
    empty(None)
    assert having_rows() == KEPT


def having_rows() -> set[str]:
    tables = {*connection.introspection.django_table_names(only_existing=True), *BESIDE} - {"django_migrations"}
    return {table for table in tables if has_rows(table)}


def has_rows(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {table} LIMIT 1")
        return cursor.fetchone() is not None
