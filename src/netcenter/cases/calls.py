"""Telephone calls that we make: a message of ours in the customer's thread, which answers once somebody picks up."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from netcenter.cases import actions
from netcenter.cases.models import Case, Message, Thread
from netcenter.channels.registry import channels
from netcenter.events.actions import event, record
from netcenter.lib.bulk import insert_many
from netcenter.lib.text import clean
from netcenter.lib.transactions import atomic
from netcenter.people.models import Person

PICKED_UP = "#answer"  # after a call's own name: that one of us answered it, which is no call of its own
LONGEST = timedelta(hours=6)  # a call that nobody says is over does not keep a desk for ever


def kinds() -> list[str]:
    """The kinds of channel that can call."""
    return [kind for kind, network in channels().items() if "call" in network.capabilities.acts]


def to_answer(case: Case) -> Message | None:
    """The customer's last words in a thread of the case in which they can be called; None when there is none."""
    inbound = Message.objects.filter(case=case, direction=Message.Direction.IN, account__channel__in=kinds())
    found = inbound.select_related("thread__account", "account", "case", "identity").order_by("-sent_at", "-pk")[:20]
    return next((m for m in found if m.identity is not None and not m.identity.profile.get("hidden")), None)


def live(now: datetime, case: Any) -> QuerySet[Message]:
    """The calls of the case in which somebody speaks now."""
    return Message.objects.filter(
        case=case, sent_at__gt=now - LONGEST, extra__call__talked=True, extra__call__live=True
    )


def case_is_live(now: datetime) -> Exists:
    """Of offers: whether somebody speaks on the telephone in their case."""
    return Exists(live(now, OuterRef("case")))


def last_call(case: Case) -> Message | None:
    """The latest call of the case, theirs or ours."""
    called = Message.objects.filter(case=case, extra__form="call").exclude(external_id__endswith=PICKED_UP)
    return called.order_by("-sent_at", "-pk").first()


@atomic
def began(case: Case, thread: Thread, external_id: str, by: Person, now: datetime) -> Message | None:
    """We call: written down under the network's own name. None when it is known: the customer's own call goes on."""
    name = clean(external_id)[:255]
    if Message.objects.filter(account_id=thread.account_id, external_id=name).exists():
        return None
    case = actions.lock(case.pk)
    message = Message(
        thread=thread, case=case, account_id=thread.account_id, direction=Message.Direction.OUT, external_id=name,
        state=Message.State.SENT, text="", subject=thread.subject, operator=by, sent_at=now, received_at=now,
        extra={"form": "call"},
    )  # fmt: skip
    insert_many([message])
    Case.objects.filter(pk=case.pk).update(last_at=now, last_operator=by, closed_at=None)
    record(event(
        "message.written", now, by.actor, case_id=case.pk, brand_id=case.brand_id, operator_id=case.holder_id,
        message=message.pk, thread=thread.pk, answers=[], automatic="",
    ))  # fmt: skip
    return message


@atomic
def spoken(call: Message) -> Message:
    """The customer has picked up our call: all that they had written before waits no longer."""
    case = actions.lock(call.case_id)
    before = Message.objects.filter(case=case, state=Message.State.WAITING, received_at__lte=call.received_at)
    actions.answered_by(case, list(before), call)
    return call


def of_telephone(number: str) -> Person | None:
    """Whose telephone that is; None for nobody's, or that of several."""
    found = list(Person.objects.filter(telephone=number, is_active=True)[:2]) if number else []
    return found[0] if len(found) == 1 else None
