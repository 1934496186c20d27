"""What every test may use. Tests that are for one engine say so themselves; all others pass on both."""

import os
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from django.db import connection
from django.test import TransactionTestCase
from whitenoise.middleware import WhiteNoiseMiddleware

from netcenter.site.messages import compile_all
from tests.browser import chromium, context, page
from tests.company import Company, found
from tests.database import django_db_keepdb, empty
from tests.servers.mail import mail_server
from tests.statics import remember

__all__ = ["chromium", "context", "django_db_keepdb", "mail_server", "page"]
TransactionTestCase._fixture_teardown = empty  # type: ignore[method-assign]
WhiteNoiseMiddleware.add_files_from_finders = remember  # type: ignore[method-assign]


def pytest_sessionstart(session: pytest.Session) -> None:
    """Pages are tested in all three languages. The first process compiles them for its workers."""
    if not hasattr(session.config, "workerinput"):
        assert not compile_all()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if connection.vendor == "postgresql":
        leave_what_touches_no_database(config, items)
    for item in items:
        if item.get_closest_marker("browser"):  # on a busy machine it loses a key or a word: a fault fails twice
            item.add_marker(pytest.mark.flaky(reruns=1))
    long_files_first(items)


def leave_what_touches_no_database(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The run on PostgreSQL is for what touches a database; the rest has passed on SQLite already."""
    touching = [item for item in items if touches_database(item) and not item.get_closest_marker("sqlite")]
    config.hook.pytest_deselected(items=[item for item in items if item not in touching])
    items[:] = touching


def touches_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool({"db", "transactional_db"} & fixtures or item.get_closest_marker("django_db"))


def long_files_first(items: list[pytest.Item]) -> None:
    """Those with the most patience, then those with the most tests: who gets a long file last is waited for."""
    patience, number = defaultdict[Path, float](float), Counter(item.path for item in items)
    for item in items:
        if asked := item.get_closest_marker("timeout"):
            patience[item.path] = max(patience[item.path], *asked.args)
    items.sort(key=lambda item: (-patience[item.path], -number[item.path], item.path))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI nothing may be skipped: what a skip would hide is exactly what CI is for."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") == "true" and reporter and reporter.stats.get("skipped"):
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


@pytest.fixture
def company(db: None) -> Company:
    """Alice and Bob operate, Charlie supervises."""
    return found()
