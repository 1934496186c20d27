"""What an account holds around an attempt of which nobody knows whether it left."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from netcenter.cases.models import Message, OtherName
from netcenter.cases.told import messages_of
from netcenter.channels.contract import Doubt, Unsettled
from netcenter.lib.prepared import prepared
from netcenter.outbox.models import Dispatch

LATEST = 5000  # messages of the account, back from now: an attempt in doubt is looked at within minutes
GIVEN_UP = 500  # of the refused ones, the last
HOSTS = timedelta(seconds=5)  # by how much the clocks of our own hosts differ
LONGEST = timedelta(days=1)  # from when words were written to their last attempt

State = Dispatch.State


def around(dispatch: Dispatch) -> Doubt | None:
    """None where nothing is in doubt, or nobody wrote down when it was tried."""
    if not dispatch.uncertain or dispatch.tried_from is None or dispatch.tried_until is None:
        return None
    account = dispatch.account_id
    before: dict[str, datetime] = {}
    known: dict[str, datetime] = {}
    rows = _latest(account)
    for _number, direction, state, name, said_at, received_at in rows:
        if direction == Message.Direction.OUT:
            if state == Message.State.SENT:
                known[name] = said_at  # when it was written: before that it had not left
        elif received_at < dispatch.tried_from - HOSTS:
            before[name] = said_at
        else:
            known[name] = said_at
    named = _other_names(rows[-1][0]) if rows else []
    known |= {name: said_at for owner, name, said_at in named if owner == account}
    others: list[Unsettled] = []
    for one in _unsettled(dispatch):
        known |= dict.fromkeys(one["message__extra"].get("left", ()), one["message__sent_at"])
        if one["uncertain"] or one["state"] == State.SENDING:
            until = one["leased_until"] or one["tried_until"] or one["message__sent_at"] + LONGEST
            has_choices = bool(one["message__extra"].get("choices"))
            others.append(Unsettled(one["message__thread__external_id"], until, has_choices))

    def holds(names: Sequence[str]) -> Collection[str]:
        return {name for _account, name in messages_of([(account, name) for name in names])}

    return Doubt(dispatch.tried_until, before, known, holds, tuple(others))


@prepared
def _latest(account_id: int) -> QuerySet[Message, tuple[int, str, str, str, datetime, datetime]]:
    latest = Message.objects.filter(account_id=account_id).order_by("-pk")
    return latest.values_list("pk", "direction", "state", "external_id", "sent_at", "received_at")[:LATEST]


@prepared
def _other_names(since_id: int) -> QuerySet[OtherName, tuple[int, str, datetime]]:
    """The further parts of what was said from then on. Whose, is not asked: the index is that of the messages."""
    return OtherName.objects.filter(message_id__gte=since_id).values_list(
        "account_id", "external_id", "message__sent_at"
    )


def _unsettled(dispatch: Dispatch) -> Iterator[dict[str, Any]]:
    """Other words of the account that are on their way, or were given up: what of them left, no message names yet.

    Whose they are is not asked of the database either, which would rather walk through all that an account ever sent.
    """
    asked = ("pk", "account_id", "state", "uncertain", "tried_until", "leased_until", "message__extra",
             "message__sent_at", "message__thread__external_id")  # fmt: skip
    on_their_way = Dispatch.objects.filter(state__in=[State.QUEUED, State.SENDING, State.UNKNOWN]).order_by("due_at")
    begun = Q(state=State.SENDING) | Q(uncertain=True) | Q(message__extra__has_key="left")
    given_up = Dispatch.objects.filter(state=State.REFUSED).order_by("-pk")
    for one in (*on_their_way.filter(begun).values(*asked), *given_up.values(*asked)[:GIVEN_UP]):
        if one["account_id"] == dispatch.account_id and one["pk"] != dispatch.pk:
            yield one
