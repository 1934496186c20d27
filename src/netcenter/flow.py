"""The journey of a message, on one page.

    door   intake stores -> take_in: channel.parse -> understanding.read -> cases.record -> standards.promise -> routing
    ring   ringing.make -> accepted | declined | missed | withdrawn
    desk   answer: guard.examine -> outbox.answer -> dispatch -> sent | retry | refused | unknown -> looked up

Each step is idempotent and resumes from its row: any process may die at any line. What a delivery says is found in
`parsing`, whether a reply may leave in `judging`.
"""

import logging
import time
import traceback
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from netcenter import judging, parsing, telling
from netcenter.accounts import actions as accounts
from netcenter.assistant import actions as drafts
from netcenter.cases import actions as cases
from netcenter.cases import posting, told
from netcenter.cases.models import Case, Disposition, Message
from netcenter.cases.record import record
from netcenter.channels.contract import Connection
from netcenter.channels.registry import channel
from netcenter.courtesy import acknowledging, menus
from netcenter.intake import actions as intake
from netcenter.intake.asking import ask_for_file, ask_for_post, ask_pointer, ask_who
from netcenter.intake.commit import store_now
from netcenter.lib import clock, wakeup
from netcenter.lib.loops import Loop
from netcenter.lib.transactions import atomic
from netcenter.outbox import actions as outbox
from netcenter.outbox import held, receipts
from netcenter.outbox.actions import Reply
from netcenter.parsing import Parsed
from netcenter.people.models import Area, Person
from netcenter.routing import actions as routing
from netcenter.routing import referrals
from netcenter.routing.models import Offer, Referral
from netcenter.routing.queries import live_offer
from netcenter.standards import actions as standards
from netcenter.understanding import actions as understanding

log = logging.getLogger(__name__)

BATCH = 500
MOST_REST = 0.1  # seconds
HOLDING = "holding"  # what tells a customer to wait: a person's words that end no wait


# --- The door -----------------------------------------------------------------------------------


def take_in(now: datetime, limit: int = BATCH) -> int:
    """Read the oldest deliveries and record what they say; returns how many were looked at."""
    deliveries = intake.next_new(now, limit)
    connections: dict[int, Connection] = {}
    parsed = [p for d in deliveries if (p := parsing.parse(d, connections, now)) is not None]
    if not parsed:
        return len(deliveries)
    parsed = parsing.read(parsed, now)
    if not parsed:
        return len(deliveries)
    try:
        _take_in(parsed, now)
    except Exception:
        log.exception("a batch of %d deliveries failed; reading them one by one", len(parsed))
        for one in parsed:
            _take_in_alone(one, now)
    return len(deliveries)


def _take_in_alone(one: Parsed, now: datetime) -> None:
    """A delivery that the house cannot record must not stop the others: it is tried later, then shown."""
    try:
        _take_in([one], now)
    except Exception:
        log.exception("delivery %s failed", one.delivery.pk)
        intake.push_forward(one.delivery, traceback.format_exc(), now)


@atomic
def _take_in(parsed: Sequence[Parsed], now: datetime) -> None:
    """Record a batch, in one transaction with the state of its deliveries."""
    arrivals = [a for p in parsed for a in p.arrivals]
    reads = {
        (a.account.pk, a.said.external_id[:255]): r for p in parsed for a, r in zip(p.arrivals, p.reads, strict=True)
    }
    messages = record(arrivals, now)
    if messages:
        said = {(a.account.pk, a.said.external_id[:255]): a.said for a in arrivals}
        telling.replaced([(m, said[m.account_id, m.external_id].replaces) for m in messages], now)
        understanding.keep(messages, [reads[(m.account_id, m.external_id)] for m in messages], now)
        standards.promise(messages, now)
        menus.attend(messages, now)
        _withdraw_held(messages, now)
        _dispose_blocked(messages, now)
        _ask_for(messages, parsed, now)
        telling.late(messages, now)
        if any(m.case.holder_id is None for m in messages):
            wakeup.wake("routing")
    telling.stand([(a.account.pk, a.said, p.stands_at) for p in parsed if p.stands_at for a in p.arrivals], now)
    early = [p for p in parsed if not _is_here(p, now)]
    for p in early:
        if not _is_last(p):
            intake.push_forward(p.delivery, "it speaks of a message that is not here (yet)", now)
    done = [p for p in parsed if p not in early or _is_last(p)]
    intake.read([p.delivery for p in done if not p.flaw])
    telling.beside([(p.delivery.account_id, one) for p in done for one in p.beside], now)
    for p in done:
        for account_id, raw in p.forwards:
            store_now(account_id, [raw], now)
        for pointer in p.pointers:
            ask_pointer(p.delivery, pointer.reference, now)
        if p.flaw:
            intake.unreadable(p.delivery, p.flaw, now)
    for account_id in sorted({p.delivery.account_id for p in parsed}):  # last, as the outbox does: see its `sent`
        accounts.fared_well(account_id, now, heard=True)


def _withdraw_held(messages: Sequence[Message], now: datetime) -> None:
    """An answer that waits for approval was written before these words: who wrote it reads them first."""
    for case_id in sorted({m.case_id for m in messages if not m.automatic and m.case.approval_since is not None}):
        case = cases.lock(case_id)
        if (back := held.withdraw(case, "wrote", now)) is not None:
            routing.release_if_away(case, back.by_id, now)


def _dispose_blocked(messages: Sequence[Message], now: datetime) -> None:
    """What somebody writes who is blocked is kept, and closed without an answer; on the record, and only for a while.

    Where anything else waits in the case, a person answers all of it.
    """
    blocked = {m.pk: m.case_id for m in messages if m.identity and (m.identity.blocked_until or now) > now}
    for case_id in sorted(set(blocked.values())):
        case = cases.lock(case_id)
        waits = Message.objects.filter(case=case, state=Message.State.WAITING).values_list("pk", flat=True)
        if case.holder_id is not None or not set(waits) <= set(blocked):
            continue
        if cases.dispose(case, Disposition.Reason.BLOCKED, "", None, now, "system"):
            standards.keep(case, now, outcome="void")
            acknowledging.let_off(case.pk, now)
            cases.close(case, now, "system")
            standards.resolve(case.pk, now)


def _is_last(parsed: Parsed) -> bool:
    """It was looked at often enough: what it speaks of will not come any more."""
    return parsed.delivery.attempts + 1 >= intake.MOST_ATTEMPTS


def _is_here(parsed: Parsed, now: datetime) -> bool:
    """What it says beside new words is done, and what is told beside can be; False when something is not here yet."""
    last = _is_last(parsed)
    happened = [telling.happen(parsed.delivery, one, files, now, last=last) for one, files in parsed.others]
    return all(happened) and all(told.is_here([(parsed.delivery.account_id, one) for one in parsed.beside]))


def _ask_for(messages: Sequence[Message], parsed: Sequence[Parsed], now: datetime) -> None:
    """The files, posts and people of which the network told the name only."""
    named = {(a.account.pk, a.said.external_id[:255]): a for p in parsed for a in p.arrivals}
    for message in messages:
        arrival = named[message.account_id, message.external_id]
        network = channel(arrival.account.channel)
        if any(f.reference and not f.blob for f in arrival.files):
            for attachment, file in zip(message.attachments.order_by("id"), arrival.files, strict=True):
                if file.reference and not file.blob:
                    ask_for_file(attachment, file.reference, now)
        if message.post is not None and network.can("post") and posting.needs_asking(message.post):
            ask_for_post(message.post, now)
        if message.identity is not None and not message.identity.name and network.can("author"):
            ask_who(message.identity, arrival.account, now)


# --- The desk -----------------------------------------------------------------------------------


def answer(
    case: Case, reply: Reply, operator: Person, now: datetime, *, close: bool = False, overrule: str = ""
) -> Message:
    """Send a reply: guarded, queued, the promise kept, the desk freed. Raises Refused.

    A finding that blocks can be overruled with a reason, which stays on the record.
    """
    # Before the transaction: no other writer waits for the guard.
    passed = judging.judge(case, reply, operator, overrule, close=close)
    with transaction.atomic():
        locked = cases.lock(case.pk)
        return send(locked, live_offer(locked.pk), passed, operator, now, close=close)


@atomic
def send(
    case: Case, offer: Offer | None, passed: judging.Passed, operator: Person, now: datetime, *, close: bool = False
) -> Message:  # fmt: skip
    """`answer` with the case locked, its live offer known and the guard asked before. The same key changes nothing."""
    message = outbox.answer(case, passed.reply, operator, now)
    drafts.answered(message, passed.reply.text, operator, now)
    if passed.overruled:
        cases.overruled(message, [f.rule for f in passed.overruled], passed.why, operator, now)
    standards.keep(case, now)
    acknowledging.answered(case.pk, now)
    referrals.answer(case, operator, now)
    if close:
        _close(case, operator, now)
    routing.after_reply(case, offer, now, operator.actor)
    return message


def hand_on(
    case: Case, area: Area, question: str, holding: Reply | None, operator: Person, now: datetime
) -> Referral:  # fmt: skip
    """Ask whoever is responsible; the customer is told in the operator's words, which the guard judges, and goes on
    waiting: the holding reply answers nothing and the promise runs on. Raises Refused.
    """
    if holding is not None:
        judging.judge(case, holding, operator)
    with transaction.atomic():
        referral = referrals.hand_on(case.pk, area, question, operator, now)
        if holding is not None:
            outbox.answer(cases.lock(case.pk), holding, operator, now, automatic=HOLDING)
    return referral


@atomic
def dispose(case: Case, reason: str, note: str, seen_id: int | None, operator: Person, now: datetime) -> int:
    """Close what waits without an answer, with a reason; the desk is freed and the case closed. Raises Refused."""
    case = cases.lock(case.pk)
    offer = routing.refuse_if_held(case, operator)
    count = cases.dispose(case, reason, note, seen_id, now, operator.actor)
    standards.keep(case, now, outcome="void")
    acknowledging.let_off(case.pk, now)
    referrals.answer(case, operator, now)
    if case.waiting_since is None:
        _close(case, operator, now)
    routing.after_reply(case, offer, now, operator.actor)
    return count


@atomic
def close(case: Case, operator: Person, now: datetime) -> None:
    """Close a case in which nothing waits, and free the desk. Raises Refused."""
    case = cases.lock(case.pk)
    routing.refuse_if_held(case, operator)
    _close(case, operator, now)
    routing.release(case, "closed", now, operator.actor)


def _close(case: Case, operator: Person, now: datetime) -> None:
    cases.close(case, now, operator.actor)
    standards.resolve(case.pk, now)


@atomic
def snooze(case: Case, until: datetime, reason: str, operator: Person, now: datetime) -> None:
    """Put the case away for a while and free the desk; the promise keeps running. Raises Refused."""
    case = cases.lock(case.pk)
    routing.refuse_if_held(case, operator)
    cases.snooze(case, until, reason, now, operator.actor)
    routing.release(case, "snoozed", now, operator.actor)


@atomic
def try_again(dispatch_id: int, by: Person, now: datetime) -> None:
    """Send a refused answer once more: what it answers waits no longer, and rings no longer."""
    case_id = receipts.try_again(dispatch_id, now, by.actor)
    if case_id is not None:
        routing.after_reply(cases.lock(case_id), live_offer(case_id), now, by.actor)


def _take_in_step() -> float | None:
    began = time.monotonic()
    looked = take_in(clock.now())
    if 0 < looked < BATCH:
        # A batch of one costs almost as much as one of ten. Resting twice as long as it took lets the next ones gather,
        # and leaves the machine to what has just become possible: the ring.
        time.sleep(min(MOST_REST, 2 * (time.monotonic() - began)))
    if looked:
        return 0.0
    due = intake.next_due()
    return None if due is None else max(0.05, (due - clock.now()).total_seconds())


LOOPS = [Loop("flow.take_in", _take_in_step, topics=("intake",), every=2.0, alone=True)]
