"""What networks tell beside customers' words, and what follows from it: whose wait ends, which promise runs again.

A part of the journey (`flow.take_in`): within the transaction that records a batch of deliveries.
"""

from collections.abc import Sequence
from datetime import datetime

from netcenter.cases import actions as cases
from netcenter.cases import echoes, posting, told
from netcenter.cases.files import StoredFile, attach, not_kept
from netcenter.cases.models import Message, Thread
from netcenter.channels.contract import Deleted, Echo, Edited, Inbound, Opened, Receipt
from netcenter.courtesy import acknowledging
from netcenter.intake.asking import ask_for_file, stored
from netcenter.intake.models import Delivery
from netcenter.lib import wakeup
from netcenter.lib.text import clean
from netcenter.outbox import deeds, receipts
from netcenter.outbox.models import Dispatch
from netcenter.routing import actions as routing
from netcenter.routing.calls import on_the_telephone
from netcenter.routing.queries import live_offer
from netcenter.standards import actions as standards

Happened = Edited | Deleted | Receipt | Echo
Files = Sequence[StoredFile]


def happen(delivery: Delivery, one: Happened, files: Files, now: datetime, *, last: bool = False) -> bool:
    """Words changed, vanished, arrived, or were said by us elsewhere; False when what they speak of is not here (yet).

    `last`: it will not be asked again.
    """
    if isinstance(one, Echo):
        return _echo(delivery, one, files, now, last=last)
    account_id = delivery.account_id
    message = receipts.message_of(account_id, one.external_id)
    if message is None:
        return isinstance(one, Deleted) and _post_gone(account_id, one, now)
    if isinstance(one, Edited):
        cases.edit(account_id, message.external_id, one.text, one.at, now)
        _keep_files([(message, not_kept(message, files))], now)
    elif isinstance(one, Deleted) and deeds.is_replaced(message):
        pass  # the reply that took its place was taken back before we looked: this one stays as it was said
    elif isinstance(one, Deleted):
        cases.vanish(account_id, message.external_id, one.at, now, one.by)
    elif one.state == "read":
        cases.read_by_customer(message, one.at, now)
    elif one.state == "failed" and cases.failed(message, one.detail, now):
        standards.run_again(message.case_id, now)
        wakeup.wake("routing")
    return True


def _post_gone(account_id: int, one: Deleted, now: datetime) -> bool:
    post = told.posts_of([(account_id, one.external_id)]).get((account_id, one.external_id[:255]))
    if post is not None:
        posting.gone(post, one.at, now)
    return post is not None


def _echo(delivery: Delivery, one: Echo, files: Files, now: datetime, *, last: bool) -> bool:
    account = delivery.account
    receipt = Receipt(one.external_id, "sent", one.sent_at, url=one.url)
    if one.key and receipts.left(one.key, receipt, now, one.part):
        return True  # we sent it ourselves
    known = told.messages_of([(account.pk, one.external_id)])
    if not known and (ours := _leaving(account.pk, one)) is not None:
        if last:  # we do not know whether these very words left: now we do
            receipts.sent(ours, receipt, now)
        return last
    if one.in_reply_to and not last and not _has_place(account.pk, one):
        return False  # it was quicker than what it answers
    message = echoes.spoke(account, one, now)
    if message is None:
        if one.thread.post is not None:
            posting.tell([(account, one.thread.post)], now)
        return last or one.form == "post"
    if files and not message.attachments.exists():
        _keep_files([(message, files)], now)
    if not message.automatic:
        _no_longer_waits(message, now)
    return True


def replaced(messages: Sequence[tuple[Message, str]], now: datetime) -> None:
    """New wordings: of those that bear the same name in their thread only the last one stands."""
    for message, named in messages:
        if named:
            known = Message.objects.filter(thread_id=message.thread_id, direction=Message.Direction.IN, deleted_at=None)
            wordings = [m for m in known.order_by("sent_at", "pk") if m.external_id.startswith(named)]
            for before in wordings[:-1]:
                cases.vanish(message.account_id, before.external_id, message.sent_at, now, "author")


def stand(said: Sequence[tuple[int, Inbound, datetime]], now: datetime) -> None:
    """What customers' words are now, as their network lists them: where ours differ, we missed an edit."""
    known = told.messages_of([(account_id, one.external_id) for account_id, one, _at in said])
    for account_id, one, at in said:
        message = known.get((account_id, one.external_id[:255]))
        if message is not None and message.text != clean(one.text):
            cases.edit(account_id, message.external_id, one.text, at, now)


def _leaving(account_id: int, one: Echo) -> Dispatch | None:
    """The same words on their way; not every network names the thread of what is answered, or knows it by that name."""
    post = one.thread.post.external_id if one.thread.post is not None else ""
    answered = told.messages_of([(account_id, parent) for parent in one.in_reply_to])
    threads = {message.thread_id for message in answered.values()}
    return receipts.leaving(account_id, one.thread.external_id, one.text, post, threads)


def _has_place(account_id: int, one: Echo) -> bool:
    if Thread.objects.filter(account_id=account_id, external_id=one.thread.external_id[:255]).exists():
        return True
    return bool(told.messages_of([(account_id, parent) for parent in one.in_reply_to]))


def _no_longer_waits(message: Message, now: datetime) -> None:
    """Somebody answered outside of the desk: what the house had promised and rung for it ends."""
    case = cases.lock(message.case_id)
    standards.keep(case, now)
    acknowledging.answered(case.pk, now)
    routing.after_reply(case, live_offer(case.pk), now, "system")


def beside(said: Sequence[told.Said], now: datetime) -> None:
    """Hidden, reacted, reached, called, opened, in trouble."""
    for call in told.keep(said, now):
        message = echoes.picked_up(Message.objects.select_related("account__brand", "thread").get(pk=call.pk), now)
        if message is not None:
            if message.operator is not None:  # whoever speaks has the case, and a full desk
                on_the_telephone(message.case_id, message.operator, now)
            _no_longer_waits(message, now)
    for account_id, one in said:
        if isinstance(one, told.Called) and one.recording is not None:
            _keep_recording(account_id, one, now)
        elif isinstance(one, told.Called) and one.promised_at is not None:
            asked = receipts.message_of(account_id, one.external_id)
            if asked is not None:
                standards.said_when(asked.case_id, one.promised_at)
        elif isinstance(one, Opened):
            thread = Thread.objects.filter(account_id=account_id, external_id=one.thread.external_id[:255]).first()
            if thread is not None:
                standards.opened(thread, one.until)


def _keep_recording(account_id: int, one: told.Called, now: datetime) -> None:
    """The recording of a call is a file of its message, once."""
    message = receipts.message_of(account_id, one.external_id)
    if message is None or one.recording is None:
        return
    if not message.attachments.filter(name=one.recording.name[:200]).exists():
        _keep_files([(message, (stored(one.recording),))], now)


def late(messages: Sequence[Message], now: datetime) -> None:
    """Words that arrived after our own answer to them do not wait."""
    for message in echoes.settle([m for m in messages if (m.received_at - m.sent_at).total_seconds() > 2], now):
        _no_longer_waits(message, now)


def _keep_files(listed: Sequence[tuple[Message, Files]], now: datetime) -> None:
    for attachment, reference in attach(listed):
        ask_for_file(attachment, reference, now)
