"""Threads that work off what is due: what one was busy with is free again."""

import threading
from dataclasses import dataclass

import pytest

from netcenter.lib.workers import Workers

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Row:
    account_id: int


def test_nobody_is_told_to_be_busy_who_is_done():
    told, done = [], threading.Event()

    def claim(_now, _room, busy, _most):
        told.append(busy)
        return [Row(7)] if len(told) == 1 else []

    workers = Workers("test", "test", claim, lambda _row: done.wait(10), lambda: None, threads=2)
    workers.step()
    workers.step()
    done.set()
    workers._pool.shutdown()
    workers._pool = None
    workers.step()
    assert told == [{}, {7: 1}, {}]
