"""What must be asked of a network: files that it only names, posts and people of whom it told the id, pointers.

A question is a row until it is answered: bounded in tries, so that none is asked for ever, and none blocks another.
"""

import hashlib
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import Q

from netcenter.accounts.models import Account
from netcenter.accounts.queries import connection_of
from netcenter.cases import posting
from netcenter.cases.files import StoredFile
from netcenter.cases.identities import learn_who
from netcenter.cases.models import Attachment, Identity, Post
from netcenter.channels import contract
from netcenter.channels.contract import ChannelError
from netcenter.channels.registry import channel
from netcenter.events.actions import event, record
from netcenter.intake.commit import store_now
from netcenter.intake.models import Delivery, Question
from netcenter.lib import blobs, wakeup
from netcenter.lib.text import clean
from netcenter.lib.transactions import atomic
from netcenter.lib.workers import full

log = logging.getLogger(__name__)

What = Question.What
NOT_YET = "not fetched yet"  # a file that is still on the network
LEASE = timedelta(minutes=3)  # longer than a download may take
BACK_OFF = (5, 30, 300, 1800, 7200, 21600)  # seconds after each failed try; then given up
TOPIC = "asking"
UNKNOWN = "nobody_knows"  # the network was asked who that is, and told no name


def stored(file: contract.Attachment) -> StoredFile:
    """The file with its bytes in the house, where some channels put them before they speak of them."""
    blob = file.blob or (blobs.put(file.content) if file.content else "")
    size = blobs.path(blob).stat().st_size if blob else 0
    missing = file.missing or (NOT_YET if file.reference and not blob else "")
    return StoredFile(file.name, file.mime, size, blob, file.content_id, missing, file.reference, file.alt)


# --- Asking ---------------------------------------------------------------------------------------


def ask_for_file(attachment: Attachment, reference: str, now: datetime) -> None:
    """Fetch the bytes of an attachment, which the network names so."""
    message = attachment.message
    _ask(Question(account_id=message.account_id, what=What.FILE, subject=attachment.pk, reference=reference), now)


def ask_for_post(post: Post, now: datetime) -> None:
    """Ask what stands there."""
    _ask(Question(account_id=post.account_id, what=What.POST, subject=post.pk), now)


def ask_who(identity: Identity, account: Account, now: datetime) -> None:
    """Ask who that is, unless that was asked before."""
    if UNKNOWN not in identity.profile:
        _ask(Question(account=account, what=What.AUTHOR, subject=identity.pk), now)


def ask_pointer(delivery: Delivery, reference: str, now: datetime) -> None:
    """Ask what the delivery points at."""
    mark = hashlib.sha256(reference.encode()).hexdigest()
    row = Question(
        account_id=delivery.account_id, what=What.POINTER, subject=delivery.pk, reference=clean(reference), mark=mark
    )
    _ask(row, now)


def _ask(question: Question, now: datetime) -> None:
    question.due_at = now
    Question.objects.bulk_create([question], ignore_conflicts=True)
    wakeup.wake(TOPIC)


# --- Answering ------------------------------------------------------------------------------------


def claim(now: datetime, limit: int, busy: Mapping[int, int] | None = None, most_each: int = 2) -> list[Question]:
    """Questions that are due, for this process alone until the lease is over; at most `most_each` of an account."""
    due = Question.objects.filter(Q(due_at__lte=now), account__enabled=True).exclude(
        account_id__in=full(busy, most_each)
    )
    taken, mine = dict(busy or {}), list[Question]()
    for question in due.select_related("account__brand").order_by("due_at", "id")[: limit * 4]:
        if len(mine) == limit:
            break
        if taken.get(question.account_id, 0) >= most_each:
            continue
        again = Question.objects.filter(pk=question.pk, due_at=question.due_at)
        if again.update(due_at=now + LEASE, attempts=question.attempts + 1):
            question.attempts, question.due_at = question.attempts + 1, now + LEASE
            taken[question.account_id] = taken.get(question.account_id, 0) + 1
            mine.append(question)
    return mine


def ask(question: Question, now: datetime) -> None:
    """Ask the network, outside any transaction, and keep what it answers. Raises ChannelError."""
    network, wire = channel(question.account.channel), connection_of(question.account)
    match question.what:
        case What.FILE:
            attachment = Attachment.objects.select_related("message__case").filter(pk=question.subject).first()
            if attachment is not None and not attachment.blob:
                named = contract.Attachment(attachment.name, attachment.mime, reference=question.reference)
                _fetched(question, attachment, stored(network.fetch(named, wire)), now)
        case What.POST:
            post = Post.objects.select_related("account__brand").filter(pk=question.subject).first()
            if post is not None:
                posting.learn(post, network.post(post.external_id, wire), now)
        case What.AUTHOR:
            identity = Identity.objects.filter(pk=question.subject).first()
            if identity is not None:
                known = learn_who(identity, network.author(_named(identity), wire), now)
                if not known.name:
                    known.profile = {**known.profile, UNKNOWN: True}
                    known.save(update_fields=["profile"])
        case What.POINTER:
            raws = network.follow(question.reference, wire)
            store_now(question.account_id, raws, now)  # the same again is known by its name
    Question.objects.filter(pk=question.pk).delete()


def _named(identity: Identity) -> contract.Author:
    return contract.Author(identity.external_id, identity.name, profile=identity.profile)


@atomic
def _fetched(question: Question, attachment: Attachment, file: StoredFile, now: datetime) -> None:
    """The bytes are here, or will never be."""
    found = Attachment.objects.filter(pk=attachment.pk, blob="")
    missing = file.missing if file.missing != NOT_YET else "the network gave no bytes"
    changed = found.update(
        blob=file.blob, size=file.size, missing="" if file.blob else missing[:200],
        mime=(file.mime or attachment.mime)[:100], name=clean(file.name or attachment.name)[:200],
    )  # fmt: skip
    if changed:
        _tell_file(attachment, now)


def _tell_file(attachment: Attachment, now: datetime) -> None:
    case = attachment.message.case
    record(event("message.file_fetched", now, case_id=case.pk, brand_id=case.brand_id, operator_id=case.holder_id,
                 message=attachment.message_id, attachment=attachment.pk))  # fmt: skip


def went_wrong(question: Question, error: Exception, now: datetime) -> None:
    """Ask again later, at the network's own time when it says one; or give up, and say so where it shows."""
    said = clean(str(error) or repr(error))
    wire = error if isinstance(error, ChannelError) else None
    mine = Question.objects.filter(pk=question.pk)
    if wire and wire.reason == "rate" and wire.retry_at and not wire.permanent:
        mine.update(due_at=max(wire.retry_at, now), attempts=max(0, question.attempts - 1), error=said[:500])
        return
    if (wire and wire.permanent) or question.attempts > len(BACK_OFF):
        _give_up(question, said, now)
        return
    pause = timedelta(seconds=BACK_OFF[question.attempts - 1])
    mine.update(due_at=(wire.retry_at if wire and wire.retry_at else None) or now + pause, error=said[:500])


@atomic
def _give_up(question: Question, said: str, now: datetime) -> None:
    if question.what == What.FILE:
        attachment = Attachment.objects.select_related("message__case").filter(pk=question.subject).first()
        if attachment is not None and Attachment.objects.filter(pk=attachment.pk, blob="").update(missing=said[:200]):
            _tell_file(attachment, now)
    elif question.what == What.POINTER:  # nothing is lost: what it came in is shown, and can be read again
        pointed = Delivery.objects.filter(pk=question.subject, state=Delivery.State.READ)
        said = f"it points at {question.reference[:200]}: {said}"
        if pointed.update(state=Delivery.State.UNREADABLE, error=said[:5000]):
            record(event("delivery.unreadable", now, delivery=question.subject, account=question.account_id,
                         why=said[:300]))  # fmt: skip
    Question.objects.filter(pk=question.pk).delete()


def next_due() -> datetime | None:
    """When the next question is to be asked."""
    return Question.objects.filter(account__enabled=True).order_by("due_at").values_list("due_at", flat=True).first()
