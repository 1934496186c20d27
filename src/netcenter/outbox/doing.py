"""Doing what was decided on the network: each deed once, looked up before it is done again."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from netcenter.accounts import actions as accounts
from netcenter.accounts.queries import connection_of
from netcenter.cases import actions as cases
from netcenter.cases import calls
from netcenter.cases.models import Identity, Message, Reaction
from netcenter.channels import contract
from netcenter.channels.registry import channel
from netcenter.events.actions import record
from netcenter.lib import clock, wakeup
from netcenter.lib.text import clean
from netcenter.lib.transactions import atomic
from netcenter.outbox.deeds import CALL, HERE, TOPIC, UNDONE, State, told_of
from netcenter.outbox.dispatching import LEASE, place_of
from netcenter.outbox.models import Deed
from netcenter.outbox.receipts import BACK_OFF
from netcenter.standards import actions as standards

log = logging.getLogger(__name__)
MOST_CALLS = 3  # attempts: a telephone that rings hours later helps nobody
BLOCKED = timedelta(days=30)  # nobody is shut out for ever (law 9)


@atomic
def claim(now: datetime, limit: int, busy: Mapping[int, int] | None = None, most_each: int = 1000) -> list[Deed]:
    """Take the deeds that are due, one at a time on each thing; what a dead process had is taken with doubt."""
    free = Deed.objects.filter(Q(leased_until=None) | Q(leased_until__lte=now), state__in=UNDONE, due_at__lte=now)
    earlier = Deed.objects.filter(
        account_id=OuterRef("account_id"), target=OuterRef("target"), state__in=UNDONE, id__lt=OuterRef("id")
    )
    rows = free.filter(account__enabled=True).exclude(Exists(earlier)).select_for_update(of=("self",), skip_locked=True)
    taken, mine = dict(busy or {}), list[Deed]()
    known = rows.select_related("account__brand", "message__thread__identity", "message__identity", "by")
    for deed in known.order_by("due_at", "id")[: limit * 4]:
        if len(mine) == limit or taken.get(deed.account_id, 0) >= most_each:
            continue
        taken[deed.account_id] = taken.get(deed.account_id, 0) + 1
        deed.uncertain = deed.uncertain or deed.state in (State.SENDING, State.UNKNOWN)
        deed.state, deed.leased_until, deed.attempts = State.SENDING, now + LEASE, deed.attempts + 1
        deed.save(update_fields=["state", "leased_until", "attempts", "uncertain"])
        mine.append(deed)
    return mine


def take_over(now: datetime) -> None:
    """Nobody else acts: what a process that died had in hand is looked at now."""
    undone = Deed.objects.filter(state__in=UNDONE)  # the index's words
    undone.filter(state=State.SENDING, leased_until__gt=now).update(leased_until=now)


def next_due() -> datetime | None:
    """When the next deed is due."""
    return Deed.objects.filter(state__in=UNDONE).order_by("due_at").values_list("due_at", flat=True).first()


def perform(deed: Deed) -> contract.Receipt:
    """Do it on the network, outside any transaction; when in doubt look first. Raises ChannelError."""
    network, wire, act = channel(deed.account.channel), connection_of(deed.account), act_of(deed)
    if deed.verb in HERE and not network.capabilities.does(deed.verb, act.thread.place):
        return contract.Receipt(act.target, "sent", clock.now())
    if deed.uncertain and (receipt := network.find_act(act, wire)) is not None:
        return receipt
    if deed.verb == "delete_ours" and deed.message is not None:
        _take_back_its_parts(network, wire, act, deed.message)
    try:
        return network.act(act, wire)
    except contract.ChannelError as error:
        if deed.verb not in HERE or not error.permanent:
            raise
        log.warning("account %s cannot %s on the network, so the house does: %r", deed.account_id, deed.verb, error)
        return contract.Receipt(act.target, "sent", clock.now(), str(error))


def _take_back_its_parts(
    network: contract.Channel, wire: contract.Connection, act: contract.Act, message: Message
) -> None:  # fmt: skip
    """What left in pieces is gone when each is: the files beside the words, too. Raises ChannelError."""
    for n, name in enumerate(message.other_names.order_by("pk").values_list("external_id", flat=True), 1):
        try:
            network.act(replace(act, key=f"{act.key}.{n}", target=name), wire)
        except contract.ChannelError as error:
            if error.reason not in ("gone", "twice"):
                raise


def act_of(deed: Deed) -> contract.Act:
    """The deed as its channel sees it."""
    thread = deed.message.thread if deed.message else None
    identity = (deed.message.identity or thread.identity) if deed.message and thread else None
    return contract.Act(
        key=deed.key, verb=deed.verb, target=deed.message.external_id if deed.message else deed.target,  # type: ignore[arg-type]
        thread=contract.ThreadRef(
            thread.external_id if thread else deed.target, place_of(thread) if thread else "public"
        ),
        to=contract.Author(identity.external_id, identity.name, phone=identity.phone, profile=identity.profile)
        if identity
        else None,
        text=deed.text, what=deed.what, first_attempt=deed.attempts <= 1,
    )  # fmt: skip


@atomic
def done(deed: Deed, receipt: contract.Receipt, now: datetime) -> None:
    """It is so on the network, and so it is here; or here alone, the receipt's detail being why."""
    mine = Deed.objects.filter(pk=deed.pk).exclude(state=State.DONE)
    why = clean(receipt.detail)[:2000]
    if not mine.update(state=State.DONE, done_at=now, leased_until=None, error=why, uncertain=False):
        return
    message, by = deed.message, deed.by.actor
    if message is not None and deed.verb == CALL:
        calls.began(message.case, message.thread, receipt.external_id, deed.by, now)
    elif message is not None:
        _apply(deed, message, receipt, now)
    record(told_of("deed.done", deed, deed.case, now, by))
    accounts.fared_well(deed.account_id, now)


def _apply(deed: Deed, message: Message, receipt: contract.Receipt, now: datetime) -> None:
    match deed.verb:
        case "hide":
            # The network may have told of it before it answered: it was ours all the same.
            Message.objects.filter(pk=message.pk).update(hidden_at=Coalesce("hidden_at", now), hidden_by="us")
        case "show":
            Message.objects.filter(pk=message.pk).update(hidden_at=None, hidden_by="")
        case "block" | "unblock":
            until = now + BLOCKED if deed.verb == "block" else None
            Identity.objects.filter(pk=message.identity_id or 0).update(blocked_until=until)
            if until is not None:
                _ends(deed, until)
        case "delete_ours":
            if cases.take_back(message, now):
                standards.promise_anew(message.case_id, now)
                wakeup.wake("routing")
        case "delete_theirs":
            cases.vanish(message.account_id, message.external_id, now, now, "us")
        case "edit":
            cases.edit(message.account_id, message.external_id, deed.text, now, now, actor=deed.by.actor)
            cases.also_named(message, receipt.external_id)
        case "react" | "unreact":
            Reaction.objects.update_or_create(
                account_id=deed.account_id, target=message.external_id, author="", what=deed.what,
                defaults={"at": now, "stands": deed.verb == "react"},
            )  # fmt: skip


def _ends(deed: Deed, until: datetime) -> None:
    """Who is blocked on the network is let in again there when it ends for us: asked for then, unless before."""
    if channel(deed.account.channel).capabilities.does(deed.verb, act_of(deed).thread.place):
        Deed.objects.create(
            account_id=deed.account_id, key=f"end:{deed.pk}", verb="unblock", target=deed.target, message=deed.message,
            post_id=deed.post_id, case_id=deed.case_id, by=deed.by, before=deed.before, state=State.QUEUED,
            asked_at=until, due_at=until,
        )  # fmt: skip


@atomic
def went_wrong(deed: Deed, error: Exception, now: datetime) -> None:
    """Try again later, look first when in doubt, or give up and say so. What was so already is done."""
    wire = error if isinstance(error, contract.ChannelError) else None
    said = clean(str(error) or repr(error))
    mine = Deed.objects.filter(pk=deed.pk, state=State.SENDING)
    if wire and (wire.reason == "twice" or (wire.reason == "gone" and deed.verb.startswith("delete"))):
        done(deed, contract.Receipt(deed.target, "sent", now), now)
        return
    unknown = wire is None or wire.unknown
    later = {"state": State.UNKNOWN if unknown else State.QUEUED, "leased_until": None, "error": said[:2000],
             "uncertain": deed.uncertain or unknown}  # fmt: skip
    if wire and wire.reason == "rate" and wire.retry_at and not wire.permanent:
        mine.update(**later, due_at=wire.retry_at, attempts=max(0, deed.attempts - 1))
    elif (wire and wire.permanent) or deed.attempts > (MOST_CALLS if deed.verb == CALL else len(BACK_OFF)):
        if mine.update(state=State.REFUSED, leased_until=None, error=said[:2000]):
            record(told_of("deed.refused", deed, deed.case, now, error=said[:300]))
    else:
        retry_at = wire.retry_at if wire else None
        mine.update(**later, due_at=retry_at or now + timedelta(seconds=BACK_OFF[deed.attempts - 1]))
        accounts.fared_ill(deed.account_id, said, bool(wire and wire.reason == "token"), now)
    wakeup.wake(TOPIC)
