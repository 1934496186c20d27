"""The rows of what waits, as the ledger lists them."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from django.db.models import QuerySet
from markupsafe import Markup

from netcenter.cases.models import Message
from netcenter.channels.registry import channels
from netcenter.look.formats import moment, since
from netcenter.look.kept import Kept

WAITS = Kept("boards/wait.html", "wait", 2000)


class Wait(NamedTuple):
    """What a row shows of a message that waits."""

    pk: int
    sent_at: datetime
    case_id: int
    name: str  # of the customer
    text: str
    subject: str
    channel: str
    account: str
    holder: str | None
    due_at: datetime | None


def read(messages: QuerySet[Message]) -> list[Wait]:
    """These messages, in their order."""
    return [Wait._make(values) for values in messages.values_list(
        "id", "sent_at", "case_id", "case__customer__name", "text", "subject", "account__channel", "account__name",
        "case__holder__name", "case__due_at",
    )]  # fmt: skip


def drawer(now: datetime) -> Callable[[Wait], Markup]:
    """What draws such a row for whoever the page is made for."""
    draw = WAITS.reader()

    def wait(one: Wait) -> Markup:
        due, late = moment(one.due_at), one.due_at is not None and one.due_at < now
        return draw(one, *since(one.sent_at, now), due, late, channels().get(one.channel))

    return wait
