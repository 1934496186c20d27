"""What every test may use. Tests that are for one engine say so themselves; all others pass on both."""

import os

import pytest
from django.db import connection
from django.test import TransactionTestCase

from netcenter.site.messages import compile_all
from tests.browser import chromium, context, page
from tests.company import Company, found
from tests.database import django_db_keepdb, empty
from tests.servers.mail import mail_server

__all__ = ["chromium", "context", "django_db_keepdb", "mail_server", "page"]
TransactionTestCase._fixture_teardown = empty  # type: ignore[method-assign]


def pytest_sessionstart(session: pytest.Session) -> None:
    """Pages are tested in all three languages. The first process compiles them for its workers."""
    if not hasattr(session.config, "workerinput"):
        assert not compile_all()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The run on PostgreSQL is for what touches a database; the rest has passed on SQLite already."""
    if connection.vendor != "postgresql":
        return
    touching = [item for item in items if touches_database(item) and not item.get_closest_marker("sqlite")]
    config.hook.pytest_deselected(items=[item for item in items if item not in touching])
    items[:] = touching


def touches_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool({"db", "transactional_db"} & fixtures or item.get_closest_marker("django_db"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI nothing may be skipped: what a skip would hide is exactly what CI is for."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") == "true" and reporter and reporter.stats.get("skipped"):
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


@pytest.fixture
def company(db: None) -> Company:
    """Alice and Bob operate, Charlie supervises."""
    return found()
