"""What is done to cases: answering, disposing, closing, noting, snoozing. Each verb records its event.

Every verb that changes what is waiting locks the case first, so that the ledger and `waiting_since` never disagree.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from netcenter.cases import ledger
from netcenter.cases.models import (
    About,
    Case,
    Customer,
    Disposition,
    Identity,
    Mention,
    Message,
    Note,
    OtherName,
    Thread,
)
from netcenter.cases.rules import back_at
from netcenter.events.actions import SYSTEM, event, record
from netcenter.lib.bulk import insert_many, update_many
from netcenter.lib.prepared import Update, prepared, prepared_update
from netcenter.lib.refused import Refused
from netcenter.lib.text import clean, excerpt
from netcenter.lib.transactions import atomic
from netcenter.people.models import Person


def lock(case_id: int) -> Case:
    """The case, locked for the running transaction, with brand and account at hand.

    Verbs that take a case and no number want it so: whoever calls several of them reads it once. They keep it true.
    """
    for case in _locked(case_id):
        return case
    raise Case.DoesNotExist(case_id)


@prepared
def _locked(case_id: int) -> QuerySet[Case]:
    found = Case.objects.select_for_update(of=("self",), no_key=True).select_related("brand", "account")
    return found.filter(pk=case_id)


def _save(case: Case, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(case, name, value)
    update_many([case], list(changes))


@prepared
def _waiting_in(case_id: int) -> QuerySet[Message]:
    """What waits in a locked case; no words."""
    waiting = Message.objects.filter(case_id=case_id, state=Message.State.WAITING)
    return waiting.only("case_id", "account_id", "sent_at", "received_at")


def _settle(case: Case, waiting: Sequence[Message], **also: Any) -> None:
    """Note since when the locked case waits, by what waits in it now, and save it with what else changed."""
    _save(case, waiting_since=min((m.sent_at for m in waiting), default=None), **also)


@atomic
def answer(
    case: Case, thread: Thread, text: str, key: str, seen_id: int | None, operator: Person | None, now: datetime,
    automatic: str = "", extra: dict[str, Any] | None = None,
) -> Message:  # fmt: skip
    """Write an outbound message; what waits in the locked case up to the inbound message `seen_id` is answered by it.

    A message that arrived behind the operator's back (after `seen_id`) goes on waiting. `automatic` messages
    answer nothing (law 8).
    """
    message = Message(
        thread=thread, case=case, account_id=thread.account_id, direction=Message.Direction.OUT, external_id=key,
        state=Message.State.SENDING, text=clean(text), subject=thread.subject, operator=operator,
        automatic=automatic, sent_at=now, received_at=now, extra=extra or {},
    )  # fmt: skip
    insert_many([message])
    changes: dict[str, Any] = {"last_at": now}
    if operator is not None:
        changes |= {"last_operator": operator, "preview": excerpt(text, 150)}
    answered: list[Message] = []
    if automatic:
        _save(case, **changes)
    else:
        answered, rest = _up_to(seen_id, _waiting_in(case.pk))
        _end_wait(answered, state=Message.State.ANSWERED, answered_by=message)
        ledger.tally(answered, answered=1)
        _settle(case, rest, **changes)
    record(event(
        "message.written", now, operator.actor if operator else SYSTEM, case_id=case.pk, brand_id=case.brand_id,
        operator_id=case.holder_id, message=message.pk, thread=thread.pk, answers=[m.pk for m in answered],
        automatic=automatic,
    ))  # fmt: skip
    return message


def answered_by(case: Case, messages: Sequence[Message], by: Message) -> None:
    """These of what waits in the locked case were answered by words that are there already."""
    if messages:
        _end_wait(messages, state=Message.State.ANSWERED, answered_by=by)
        ledger.tally(messages, answered=1)
    _settle(case, _waiting_in(case.pk), last_at=max(case.last_at, by.sent_at))


def _up_to(seen_id: int | None, waiting: Sequence[Message]) -> tuple[list[Message], list[Message]]:
    """What somebody has seen of what waits, and the rest."""
    seen = [m for m in waiting if seen_id is None or m.pk <= seen_id]
    return seen, [m for m in waiting if m not in seen]


def _end_wait(messages: Sequence[Message], **how: Any) -> None:
    for message in messages:
        for name, value in how.items():
            setattr(message, name, value)
    update_many(messages, list(how))


def overruled(message: Message, rules: Sequence[str], reason: str, operator: Person, now: datetime) -> None:
    """The operator sent it although the guard blocked it, and said why."""
    record(event("guard.overruled", now, operator.actor, case_id=message.case_id, message=message.pk,
                 rules=list(rules), reason=reason[:300]))  # fmt: skip


@atomic
def left(message: Message, external_id: str, now: datetime, also: Sequence[str] = (), url: str = "") -> None:
    """An outbound message is on the network, under the network's own id; a bounce that was quicker is not forgotten."""
    _left(message.pk)
    theirs = clean(external_id)[:255]
    if theirs and theirs != message.external_id:
        # A network that gives one id twice must not keep us from writing down that it left: ours stays.
        with suppress(IntegrityError), transaction.atomic():
            Message.objects.filter(pk=message.pk).update(external_id=theirs)
    for name in also:
        also_named(message, name)
    if url:
        message.extra = {**message.extra, "url": url[:2000]}
        Message.objects.filter(pk=message.pk).update(extra=message.extra)
    record(event("message.sent", now, case_id=message.case_id, operator_id=message.operator_id,
                 brand_id=message.case.brand_id, message=message.pk, thread=message.thread_id))  # fmt: skip


def also_named(message: Message, name: str) -> None:
    """The network calls it so, too: a name of its parts, or the new one that an edit gave it."""
    if (theirs := clean(name)[:255]) and theirs != message.external_id:
        OtherName.objects.get_or_create(
            account_id=message.account_id, external_id=theirs, defaults={"message": message}
        )


@prepared_update
def _left(message_id: int) -> Update:
    sending = Message.objects.filter(pk=message_id, state=Message.State.SENDING)
    return sending, {"state": Message.State.SENT, "failure": ""}


@atomic
def failed(message: Message, why: str, now: datetime) -> bool:
    """An outbound message did not reach the customer: what it answered is waiting again. False if known already."""
    case = lock(message.case_id)
    fresh = Message.objects.filter(pk=message.pk).exclude(state=Message.State.FAILED)
    if not fresh.update(state=Message.State.FAILED, failure=clean(why)[:300]):
        return False
    answered = list(Message.objects.filter(answered_by=message))
    _wait_again(case, answered)
    record(event("message.failed", now, case_id=case.pk, brand_id=case.brand_id,
                 operator_id=case.holder_id or message.operator_id, message=message.pk, thread=message.thread_id,
                 why=clean(why)[:300], again=[m.pk for m in answered]))  # fmt: skip
    return True


def _wait_again(case: Case, messages: Sequence[Message]) -> None:
    """The answer that these had in the locked case is none."""
    Message.objects.filter(pk__in=[m.pk for m in messages]).update(state=Message.State.WAITING, answered_by=None)
    ledger.tally(messages, answered=-1)
    changes: dict[str, Any] = {"closed_at": None, "snoozed_until": None} if messages else {}
    if messages and (told := excerpt(max(messages, key=lambda m: m.pk).text, 150)):
        changes["preview"] = told  # what rings again is theirs; ours never reached them
    _settle(case, _waiting_in(case.pk), **changes)


@atomic
def retrying(message: Message, now: datetime) -> None:
    """Somebody tries a failed message again: it answers what waits in its case once more."""
    case = lock(message.case_id)
    if not Message.objects.filter(pk=message.pk, state=Message.State.FAILED).update(state=Message.State.SENDING):
        return
    again = list(Message.objects.filter(case=case, state=Message.State.WAITING, pk__lt=message.pk))
    if not message.automatic:
        Message.objects.filter(pk__in=[m.pk for m in again]).update(state=Message.State.ANSWERED, answered_by=message)
        ledger.tally(again, answered=1)
    _settle(case, _waiting_in(case.pk), **({} if message.automatic else {"preview": excerpt(message.text, 150)}))
    record(event("message.retried", now, case_id=case.pk, brand_id=case.brand_id, message=message.pk,
                 thread=message.thread_id))  # fmt: skip


@atomic
def dispose(case: Case, reason: str, note: str, seen_id: int | None, now: datetime, actor: str) -> int:
    """Close what waits in the locked case up to `seen_id` without an answer; returns how many messages."""
    if reason not in Disposition.Reason.values:
        raise Refused("reason_missing", _("Choose why no answer is needed."))
    if reason == Disposition.Reason.OTHER and not note.strip():
        raise Refused("note_missing", _("Say in a few words why no answer is needed."))
    messages, rest = _up_to(seen_id, _waiting_in(case.pk))
    if not messages:
        return 0
    disposition = Disposition(case=case, reason=reason, note=note[:300], actor=actor, at=now)
    insert_many([disposition])
    _end_wait(messages, state=Message.State.DISPOSED, disposition=disposition)
    ledger.tally(messages, disposed=1)
    _settle(case, rest)
    record(event("case.disposed", now, actor, case_id=case.pk, brand_id=case.brand_id, operator_id=case.holder_id,
                 reason=reason, note=note[:300], messages=[m.pk for m in messages]))  # fmt: skip
    return len(messages)


@atomic
def close(case: Case, now: datetime, actor: str) -> None:
    """Close a locked case in which nothing waits. Raises Refused while something does (law 2)."""
    if case.waiting_since is not None:
        raise Refused("still_waiting", _("There is a message without an answer: answer it or say why not."))
    if case.closed_at is None:
        _save(case, closed_at=now, snoozed_until=None)
        record(event("case.closed", now, actor, case_id=case.pk, brand_id=case.brand_id, operator_id=case.holder_id))


@atomic
def snooze(case: Case, until: datetime, reason: str, now: datetime, actor: str) -> None:
    """Put a locked case away until then; its promise keeps running and brings it back sooner: see `back_at`."""
    if until <= now:
        raise Refused("in_the_past", _("Choose a time in the future."))
    if not reason.strip():
        raise Refused("reason_missing", _("Say why the case can wait."))
    back = back_at(until, case.due_at if case.waiting_since else None, now)
    _save(case, snoozed_until=back, snooze_reason=reason[:200])
    record(event("case.snoozed", now, actor, case_id=case.pk, brand_id=case.brand_id, operator_id=case.holder_id,
                 until=until.isoformat(), back_at=back.isoformat(), reason=reason[:200]))  # fmt: skip


@atomic
def wake_snoozed(now: datetime) -> list[int]:
    """Bring back the snoozed cases whose time has come."""
    # Locked, so that nobody puts one away anew while we read; who has one in hand is let finish.
    over = Case.objects.select_for_update(skip_locked=True, no_key=True).filter(snoozed_until__lte=now)
    cases = list(over.order_by("snoozed_until")[:500])
    Case.objects.filter(pk__in=[c.pk for c in cases]).update(snoozed_until=None)
    record(*(
        event("case.woke", now, case_id=c.pk, brand_id=c.brand_id, operator_id=c.holder_id or c.last_operator_id)
        for c in cases
    ))  # fmt: skip
    return [c.pk for c in cases]


def hold(case: Case, holder: Person | None, **also: Any) -> None:
    """Who holds the case, or nobody, and what else becomes of it. Called by routing with its offer and its lock."""
    _save(case, holder=holder, **also)


@atomic
def note(case_id: int, author: Person, text: str, mentioned: Sequence[Person], now: datetime) -> Note:
    """An internal note; who is mentioned is told."""
    text = clean(text).strip()
    if not text:
        raise Refused("empty", _("Write something first."))
    written = Note.objects.create(case_id=case_id, author=author, text=text, at=now)
    Mention.objects.bulk_create([Mention(note=written, person=p) for p in set(mentioned)], ignore_conflicts=True)
    case = Case.objects.get(pk=case_id)
    record(
        event("note.written", now, author.actor, case_id=case_id, brand_id=case.brand_id, operator_id=case.holder_id,
              note=written.pk),
        *(event("note.mentioned", now, author.actor, case_id=case_id, operator_id=p.pk, note=written.pk)
          for p in set(mentioned)),
    )  # fmt: skip
    return written


def _known(account_id: int, external_id: str) -> Message | None:
    own = Message.objects.select_related("case").filter(account_id=account_id)
    return own.filter(external_id=external_id[:255]).first()


@atomic
def edit(account_id: int, external_id: str, text: str, at: datetime, now: datetime, actor: str = "") -> None:
    """Somebody changed their words: the new ones are shown, the old ones kept on the record (law 6)."""
    message = _known(account_id, external_id)
    if message is None or (message.edited_at and message.edited_at >= at):
        return
    Message.objects.filter(pk=message.pk).update(text=clean(text), edited_at=at)
    ours = message.direction == Message.Direction.OUT
    who = actor or (SYSTEM if ours else f"customer:{message.case.customer_id}")
    record(event("message.edited", now, who, case_id=message.case_id,
                 brand_id=message.case.brand_id, operator_id=message.case.holder_id, message=message.pk,
                 thread=message.thread_id, before=message.text))  # fmt: skip


@atomic
def take_back(answer: Message, now: datetime) -> bool:
    """We delete an answer of ours: what it alone had answered waits again. True where anything does."""
    case = lock(answer.case_id)
    ours = Message.objects.filter(case=case, direction=Message.Direction.OUT, automatic="", deleted_at=None)
    standing = ours.exclude(pk=answer.pk).exclude(state=Message.State.FAILED).aggregate(last=Max("pk"))["last"] or 0
    again = list(Message.objects.filter(answered_by=answer, deleted_at=None, pk__gt=standing))
    if again:
        _wait_again(case, again)
    vanish(answer.account_id, answer.external_id, now, now, "us", [m.pk for m in again])
    return bool(again)


@atomic
def vanish(
    account_id: int, external_id: str, at: datetime, now: datetime, by: str = "", again: Sequence[int] = ()
) -> None:  # fmt: skip
    """The words are gone from the network; they stay here (law 6). `again`: what waits once more for it."""
    message = _known(account_id, external_id)
    gone = {"deleted_at": at, "deleted_by": by}
    if message is None or not Message.objects.filter(pk=message.pk, deleted_at=None).update(**gone):
        return
    record(event("message.vanished", now, case_id=message.case_id, brand_id=message.case.brand_id,
                 operator_id=message.case.holder_id, message=message.pk, thread=message.thread_id, by=by,
                 again=list(again)))  # fmt: skip


@atomic
def read_by_customer(message: Message, at: datetime, now: datetime) -> None:
    """The customer has read our message, and so everything before it in the thread."""
    Thread.objects.filter(pk=message.thread_id).update(seen_at=at)
    fresh = Message.objects.filter(
        thread_id=message.thread_id, direction=Message.Direction.OUT, pk__lte=message.pk, read_at=None
    )
    if fresh.update(read_at=at):
        record(event("message.read", now, case_id=message.case_id, brand_id=message.case.brand_id,
                     operator_id=message.case.holder_id, message=message.pk, thread=message.thread_id))  # fmt: skip


def mentions_seen(person: Person, case_id: int, now: datetime) -> None:
    """They have the case open, with the notes that name them. Writes only where there are some."""
    if unseen := [mention_id for (mention_id,) in _unseen(person.pk, case_id)]:
        with transaction.atomic():
            Mention.objects.filter(pk__in=unseen, seen_at=None).update(seen_at=now)


@prepared
def _unseen(person_id: int, case_id: int) -> QuerySet[Mention, tuple[int]]:
    return Mention.objects.filter(person=person_id, note__case=case_id, seen_at=None).values_list("id")


@atomic
def describe(case: Case, about: str, now: datetime, actor: str) -> None:
    """What the case's brand notes of its customer; the words before stay on the record."""
    own = About.objects.filter(customer=case.customer_id, brand=case.brand_id)
    before, about = own.values_list("text", flat=True).first() or "", clean(about).strip()
    if before != about:
        About.objects.update_or_create(customer_id=case.customer_id, brand_id=case.brand_id, defaults={"text": about})
        record(event("customer.described", now, actor, brand_id=case.brand_id, customer=case.customer_id,
                     before=before))  # fmt: skip


@atomic
def merge(customer: Customer, into: Customer, now: datetime, actor: str) -> None:
    """Two customers are one person. Their identities, cases and notes come together; nothing is lost."""
    if customer.pk == into.pk:
        raise Refused("same_customer", _("That is the same customer."))
    Identity.objects.filter(customer=customer).update(customer=into)
    Case.objects.filter(customer=customer).update(customer=into)
    for noted in About.objects.filter(customer=customer).exclude(text=""):
        kept = About.objects.filter(customer=into, brand=noted.brand_id).first()
        text = f"{kept.text}\n{noted.text}".strip() if kept else noted.text
        About.objects.update_or_create(customer=into, brand_id=noted.brand_id, defaults={"text": text})
    Customer.objects.filter(pk=customer.pk).update(merged_into=into)
    record(event("customer.merged", now, actor, customer=customer.pk, into=into.pk))
