"""A value out of a field's choices is written into the statement as it is, not as a parameter.

A database uses an index over a part of a table (`WHERE state = 'new'`) only when it sees that value in the statement.
With a parameter SQLite reads the whole table, which is quick until there are a million rows, and PostgreSQL, which
plans a statement once for all values, must plan it again each time.
https://sqlite.org/partialindex.html#queries_using_partial_indexes
"""

import re
from typing import Any

from django.db.models import CharField
from django.db.models.expressions import Col
from django.db.models.lookups import Exact, In

_PLAIN = re.compile(r"[a-z_]{1,40}\Z")


def written(column: Any, value: Any) -> str | None:
    """The value in SQL; None when it is not one of the column's choices."""
    if not isinstance(column, Col) or not isinstance(value, str) or not _PLAIN.match(value):
        return None
    choices = column.target.flatchoices
    return f"'{value!s}'" if any(value == one for one, _label in choices) else None


class ExactChoice(Exact):
    """`state = 'new'`."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        value = written(self.lhs, self.rhs)
        if value is None:
            return super().as_sql(compiler, connection)
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} = {value}", parameters


class InChoices(In):
    """`state IN ('queued', 'sending')`, in the order in which it was asked, which must be the index's."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        told = dict.fromkeys(self.rhs) if isinstance(self.rhs, list | tuple) else {}
        values = [written(self.lhs, one) for one in told]
        if not values or None in values:
            return super().as_sql(compiler, connection)
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} IN ({', '.join(str(v) for v in values)})", parameters


def register() -> None:
    """For every field of characters."""
    CharField.register_lookup(ExactChoice)
    CharField.register_lookup(InChoices)
