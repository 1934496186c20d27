"""The rows of the desk's lists: read as values, and drawn once for all who would see the same (look/kept.py).

Whether a person may see the case is asked each time its values are read.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet
from markupsafe import Markup

from netcenter.cases.models import Case
from netcenter.cases.queries import along, called
from netcenter.channels.registry import channel
from netcenter.lib.prepared import prepared
from netcenter.look.formats import left, moment, since
from netcenter.look.kept import Kept
from netcenter.look.rules import drain
from netcenter.people.models import Person
from netcenter.people.permissions import brand_ids

ROWS = Kept("desk/rows.html", "row", 8000)  # of about a kilobyte each


class Row(NamedTuple):
    """What a row shows of a case."""

    pk: int
    channel: str
    name: str  # of the customer, or what else they are known by
    urgency: str
    subject: str
    preview: str
    waiting_since: datetime | None
    due_at: datetime | None
    approval_since: datetime | None
    snoozed_until: datetime | None
    closed_at: datetime | None
    last_at: datetime
    holder_id: int | None
    holder: str | None  # their name


class Moving(NamedTuple):
    """What of it changes while nothing happens: the promise, or else how long ago the last word was."""

    state: str = ""
    width: int = 0  # of the promise's bar, percent
    left: str = ""
    ago: str = ""
    is_live: bool = False
    snoozed: str = ""  # until when


Draw = Callable[[Row, str], Markup]


def rows(person: Person, ids: list[int]) -> list[Row]:
    """Those of these cases that the person may see, in this order."""
    found = {row[0]: Row._make(row) for row in _rows(ids, brand_ids(person))}
    if nameless := [id for id, row in found.items() if not row.name]:
        found |= {id: found[id]._replace(name=name) for id, name in called(nameless).items()}
    return [found[id] for id in ids if id in found]


@prepared
def _rows(ids: list[int], brands: list[int] | None) -> QuerySet[Case, tuple[Any, ...]]:
    return along(brands).filter(pk__in=ids).values_list(
        "id", "account__channel", "customer__name", "urgency", "subject", "preview", "waiting_since", "due_at",
        "approval_since", "snoozed_until", "closed_at", "last_at", "holder_id", "holder__name",
    )  # fmt: skip


def row_of(case: Case) -> Row:
    """The row of a case that was read already, without who holds it."""
    return Row(
        case.pk, case.account.channel, case.customer.called, case.urgency, case.subject, case.preview,
        case.waiting_since, case.due_at, case.approval_since, case.snoozed_until, case.closed_at,
        case.last_at, case.holder_id, None,
    )  # fmt: skip


def drawer(now: datetime) -> Draw:
    """What draws a row in a list of this name, for whoever the page is made for."""
    draw = ROWS.reader()
    return lambda row, group: draw(row, group, _moving(row, now), channel(row.channel))


def _moving(row: Row, now: datetime) -> Moving:
    snoozed = moment(row.snoozed_until) if row.snoozed_until else ""
    if row.waiting_since and row.due_at:
        at = drain(row.waiting_since, row.due_at, now)
        return Moving(at.state, 100 if at.state == "broken" else round(100 * at.left), left(row.due_at, now),
                      snoozed=snoozed)  # fmt: skip
    return Moving("", 0, "", *since(row.last_at, now), snoozed)
