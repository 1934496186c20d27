"""A second try for what lost a deadlock: two people who act crosswise both get their way, one after the other."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection

from netcenter.lib.engines import engine
from netcenter.lib.transactions import atomic

P = ParamSpec("P")
T = TypeVar("T")


def once_more(act: Callable[P, T]) -> Callable[P, T]:
    """Run the verb in a transaction, and again, once, when the database ended it to break a deadlock.

    Within somebody's transaction it is part of that one, which alone can begin again.
    """
    whole = atomic(act)

    @wraps(act)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return whole(*args, **kwargs)
        except OperationalError as error:
            if connection.in_atomic_block or not engine().is_deadlock(error):
                raise
        return whole(*args, **kwargs)

    return run
