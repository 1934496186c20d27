"""Reading the record fact by fact, as soon as each is visible: for whoever must act at once."""

from dataclasses import dataclass

from django.db import connection

from netcenter.events.queries import Cursor
from netcenter.lib.engines import engine

BATCH = 1000
MOST_READ = 50_000
# Several readers ask this at every commit, and compiling it through the ORM takes ten times as long as running it.
_VISIBLE = """
    SELECT id, transaction_id, kind, case_id, operator_id, brand_id, CASE WHEN {settled} THEN 1 ELSE 0 END
    FROM events_event WHERE {behind} ORDER BY transaction_id, id LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Fact:
    """One event, as much of it as readers in haste need. `settled`: no other can still appear before it."""

    id: int
    transaction_id: int
    kind: str
    case_id: int | None
    operator_id: int | None
    brand_id: int | None
    settled: bool

    @property
    def cursor(self) -> Cursor:
        return (self.transaction_id, self.id)


def visible_since(cursor: Cursor, limit: int = BATCH) -> list[Fact]:
    """What was committed after the cursor, in its order; the settled come first.

    A ring does not wait until every older transaction has ended; whoever reads again must expect to read the
    unsettled ones twice.
    """
    rules = engine()
    settled = rules.settled_condition("transaction_id")
    with connection.cursor() as statement:
        statement.execute(_VISIBLE.format(settled=settled, behind=rules.behind_condition()), [*cursor, limit])
        return [Fact(*row[:6], bool(row[6])) for row in statement.fetchall()]  # type: ignore[call-arg]


class Reader:
    """Reads the record fact by fact, each once."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self._seen: set[int] = set()  # read already, but not settled yet

    @property
    def is_settled(self) -> bool:
        """Whether nothing can still appear before what was read."""
        return not self._seen

    def fresh(self) -> list[Fact]:
        """What was not read before. While an old transaction runs, what is not settled may be many pages."""
        facts = page = visible_since(self.cursor)
        while len(page) == BATCH and len(facts) < MOST_READ:
            page = visible_since(page[-1].cursor)
            facts = facts + page
        new = [fact for fact in facts if fact.id not in self._seen]
        if settled := [fact for fact in facts if fact.settled]:
            self.cursor = settled[-1].cursor
        self._seen = {fact.id for fact in facts if not fact.settled}
        return new
