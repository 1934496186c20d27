"""What became of dispatches: sent, refused, in doubt, or tried again (law 4)."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from netcenter.accounts import actions as accounts
from netcenter.cases import actions as cases
from netcenter.cases.models import Message
from netcenter.cases.told import messages_of
from netcenter.channels import contract
from netcenter.events.actions import event, record
from netcenter.lib import wakeup
from netcenter.lib.prepared import Update, prepared_update
from netcenter.lib.text import clean
from netcenter.lib.transactions import atomic
from netcenter.outbox.dispatching import State, queue, sent_before
from netcenter.outbox.models import Dispatch
from netcenter.standards import actions as standards

BACK_OFF = (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800)  # seconds after each failed attempt; then refused
MOVED = "moved"  # a person's public line that it goes on in private: it answers nothing by itself


@atomic
def sent(dispatch: Dispatch, receipt: contract.Receipt, now: datetime) -> None:
    """It is on the network."""
    if _sent(dispatch.pk, now):
        cases.left(dispatch.message, receipt.external_id, now, receipt.also, receipt.url)
        _say_so_publicly(dispatch, now)
        accounts.fared_well(dispatch.account_id, now)
    elif receipt.also:  # the network told of the last part before: of the others the receipt alone knows
        dispatch.message.refresh_from_db(fields=["external_id"])
        for name in (receipt.external_id, *receipt.also):
            cases.also_named(dispatch.message, name)


def _say_so_publicly(dispatch: Dispatch, now: datetime) -> None:
    """What was written in private is there: the public line that says so follows, and never before."""
    words = dispatch.message.extra.get("then")
    if not words:
        return
    key = f"{dispatch.key[:54]}-then"
    if sent_before(key) is None:
        case, thread = cases.lock(dispatch.message.case_id), dispatch.message.thread
        extra = {"target": target} if (target := dispatch.message.extra.get("target")) else {}
        queue(
            cases.answer(case, thread, words, key, None, dispatch.message.operator, now, automatic=MOVED, extra=extra),
            key, now,
        )  # fmt: skip


@prepared_update
def _sent(dispatch_id: int, now: datetime) -> Update:
    rows = Dispatch.objects.filter(pk=dispatch_id).exclude(state=State.SENT)
    return rows, {"state": State.SENT, "sent_at": now, "leased_until": None, "error": "", "uncertain": False}


@atomic
def went_wrong(dispatch: Dispatch, error: Exception, now: datetime) -> None:
    """Try again later, look first when in doubt, or give up and let the case wait again."""
    permanent = isinstance(error, contract.ChannelError) and error.permanent
    # An error that is no ChannelError is a bug somewhere between us and the network: it may have left.
    unknown = not isinstance(error, contract.ChannelError) or error.unknown
    retry_at = error.retry_at if isinstance(error, contract.ChannelError) else None
    reason = error.reason if isinstance(error, contract.ChannelError) else ""
    told = clean(str(error))
    if isinstance(error, contract.ChannelError) and error.left:
        _left(dispatch.message, error.left)
    mine = Dispatch.objects.filter(pk=dispatch.pk, state=State.SENDING)
    doubt = {
        "uncertain": dispatch.uncertain or unknown,
        "tried_until": now if unknown else dispatch.tried_until,
    }
    if reason == "rate" and retry_at is not None and not permanent:
        _wait_for_room(dispatch, error, retry_at, unknown=unknown)
        return
    if permanent or dispatch.attempts > len(BACK_OFF):
        if mine.update(state=State.REFUSED, leased_until=None, error=told[:2000], **doubt):
            cases.failed(dispatch.message, told, now)
            standards.run_again(dispatch.message.case_id, now)
            record(event("dispatch.refused", now, case_id=dispatch.message.case_id, dispatch=dispatch.pk,
                         operator_id=dispatch.message.operator_id, error=told[:300]))  # fmt: skip
            wakeup.wake("routing")
        return
    due = retry_at or now + timedelta(seconds=BACK_OFF[dispatch.attempts - 1])
    mine.update(
        state=State.UNKNOWN if unknown else State.QUEUED, due_at=due, leased_until=None, error=told[:2000], **doubt
    )  # fmt: skip
    accounts.fared_ill(dispatch.account_id, told, reason == "token", now)
    wakeup.wake("outbox")


def _wait_for_room(dispatch: Dispatch, error: Exception, until: datetime, *, unknown: bool) -> None:
    """The network's budget is spent: no failure of the account, nor an attempt of the dispatch.

    Whoever waits for the same room waits as long: where thousands wait, not all of them try each time that one may go.
    """
    bucket = getattr(error, "bucket", "")[:100]
    Dispatch.objects.filter(pk=dispatch.pk, state=State.SENDING).update(
        state=State.UNKNOWN if unknown else State.QUEUED, due_at=until, leased_until=None,
        error=clean(str(error))[:2000], uncertain=dispatch.uncertain or unknown, waits_for=bucket,
        attempts=max(0, dispatch.attempts - 1),
    )  # fmt: skip
    if bucket:
        line = Dispatch.objects.filter(account_id=dispatch.account_id, waits_for=bucket, due_at__lt=until)
        line.filter(state__in=[State.QUEUED, State.UNKNOWN]).update(due_at=until)
    wakeup.wake("outbox")


def _left(message: Message, parts: Sequence[str]) -> None:
    """These parts of it are on the network: the next attempt goes on after them."""
    message.extra = {**message.extra, "left": list(parts)}
    Message.objects.filter(pk=message.pk).update(extra=message.extra)


@atomic
def try_again(dispatch_id: int, now: datetime, actor: str) -> int | None:
    """A person wants a refused dispatch tried again; returns the case it answers, None when it is not refused."""
    dispatch = Dispatch.objects.select_related("message").get(pk=dispatch_id)
    again: dict[str, Any] = {"state": State.QUEUED, "due_at": now, "attempts": 0, "leased_until": None}
    case_id = dispatch.message.case_id
    cases.lock(case_id)
    if not Dispatch.objects.filter(pk=dispatch_id, state=State.REFUSED).update(**again):
        return None
    cases.retrying(dispatch.message, now)
    standards.keep(cases.lock(case_id), now)
    record(event("dispatch.retried", now, actor, case_id=case_id, dispatch=dispatch_id))
    wakeup.wake("outbox")
    return case_id


def message_of(account_id: int, external_id: str) -> Message | None:
    """The message that a network means: by its own id, by one of its others, or by the key that we sent along."""
    name = (account_id, external_id[:255])
    found = messages_of([name]).get(name)
    own = Message.objects.select_related("case").filter(account_id=account_id)
    return found or own.filter(dispatch__key=external_id[:60]).first()


@atomic
def left(key: str, receipt: contract.Receipt, now: datetime, part: int = 0) -> bool:
    """The network itself tells that what we sent with this key is there; False when we sent nothing with it.

    `part`: only this part of it, from 1, so far. That ends nothing: the rest may still be on its way, or never leave.
    """
    dispatch = Dispatch.objects.select_related("message__case").filter(key=key[:60]).first()
    if dispatch is None:
        return False
    message, name = dispatch.message, receipt.external_id
    known = list(message.extra.get("left", ()))
    if not part:
        sent(dispatch, replace(receipt, external_id=[*known, name][0], also=tuple([*known, name][1:])), now)
    elif dispatch.state == State.SENT:
        cases.also_named(message, name)
    elif len(known) == part - 1:
        _left(message, [*known, name])
    return True


def leaving(
    account_id: int, thread_id: str, text: str, post: str = "", threads: Collection[int] = ()
) -> Dispatch | None:  # fmt: skip
    """These very words on their way to that thread (or one of `threads`), or below that post: in somebody's hand, or
    tried and in doubt.

    A network may put an answer below somebody else's words than those that it answers.
    """
    tried = Q(state__in=[State.SENDING, State.UNKNOWN]) | Q(state=State.QUEUED, uncertain=True)
    there = Dispatch.objects.filter(tried, account_id=account_id)
    below = Q(message__thread__post__external_id=post[:255]) if post else Q()
    there = there.filter(Q(message__thread__external_id=thread_id[:255]) | Q(message__thread__in=threads) | below)
    there = there.select_related("message__case").order_by("id")
    return next((d for d in there if d.message.text.strip() == clean(text).strip()), None)
