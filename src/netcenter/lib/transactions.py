"""One transaction for a verb, however many verbs it calls."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import connection, transaction

from netcenter.lib.engines.sqlite_backend.turns import urgent

__all__ = ["atomic", "let_go", "urgent"]

P = ParamSpec("P")
R = TypeVar("R")


def atomic(verb: Callable[P, R]) -> Callable[P, R]:
    """Run the verb in the running transaction, or in one of its own.

    `transaction.atomic` makes a savepoint for each verb that another one calls: a third of all statements of an answer.
    Whoever wants to go on after a failed verb opens `transaction.atomic()` around it.
    """

    @wraps(verb)
    def careful(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction.atomic(savepoint=_is_outermost()):
            return verb(*args, **kwargs)

    return careful


def let_go() -> None:
    """Hand the database connection back before waiting long for somebody else; the next query opens another."""
    if not connection.in_atomic_block:
        connection.close()


def _is_outermost() -> bool:
    """Whether no verb runs yet; a test's own transaction around everything is none."""
    blocks = connection.atomic_blocks
    return not blocks or bool(getattr(blocks[-1], "_from_testcase", False))
