"""Answering through a program as at the desk: under the person's name, and never over a colleague's shoulder."""

import binascii
import hashlib
from base64 import b64decode
from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from netcenter import approving, flow
from netcenter.api.models import ApiToken
from netcenter.api.schemas import DisposeIn, FileIn, ReplyIn
from netcenter.cases import drafts, queries
from netcenter.cases.actions import lock
from netcenter.cases.files import StoredFile
from netcenter.cases.models import Case, Message, Thread
from netcenter.lib import blobs
from netcenter.lib.refused import Refused
from netcenter.outbox.actions import Reply
from netcenter.outbox.models import Dispatch
from netcenter.people.models import Person
from netcenter.people.permissions import May, may, require
from netcenter.routing import actions as routing
from netcenter.routing.queries import live_offer


@transaction.atomic
def reply(token: ApiToken, case: Case, wish: ReplyIn, key: str, now: datetime) -> Message:
    """Send it through guard and outbox; a case that nobody holds is picked up with it. Raises Refused.

    The same key again is the same reply.
    """
    person, own = token.person, _own(token, key)
    require(person, May.ANSWER)
    lock(case.pk)
    known = Dispatch.objects.select_related("message").filter(key=own, message__case=case).first()
    if known is not None:
        return known.message
    _nobody_else_writes(case, person, now)
    offer = live_offer(case.pk)
    if offer is None or offer.operator_id != person.pk or offer.state != offer.State.ACCEPTED:
        routing.take(case.pk, person, now)
    thread_id = wish.thread or next((t.pk for t in queries.threads_of(case)), None)
    if thread_id is None or not Thread.objects.filter(pk=thread_id).exists():
        raise Refused("no_thread", _("There is no such place to answer in this case."))
    if approving.reasons(_again(case), person):
        raise Refused("needs_approval", _("Somebody else must approve this answer first: send it from the desk."))
    approving.refuse_unless_theirs(_again(case), person)
    answer = Reply(wish.text, own, thread_id, wish.seen_id, _stored(wish.attachments))
    message = flow.answer(_again(case), answer, person, now, close=wish.close, overrule=wish.overrule)
    drafts.stop_writing(case.pk, person, now)
    return message


@transaction.atomic
def dispose(token: ApiToken, case: Case, wish: DisposeIn, now: datetime) -> int:
    """Close what waits without an answer, and say why. Raises Refused."""
    person = token.person
    require(person, May.ANSWER)
    lock(case.pk)
    _nobody_else_writes(case, person, now)
    offer = live_offer(case.pk)
    if offer is not None and offer.operator_id != person.pk and not may(person, May.REASSIGN):
        raise Refused("held", _("%(name)s has this case.") % {"name": offer.operator.name})
    count = flow.dispose(_again(case), wish.reason, wish.note, wish.seen_id, person, now)
    drafts.stop_writing(case.pk, person, now)
    return count


def _again(case: Case) -> Case:
    """The case as it is now, under our lock."""
    return Case.objects.get(pk=case.pk)


def _nobody_else_writes(case: Case, person: Person, now: datetime) -> None:
    other = drafts.start_writing(case.pk, person, now)
    if other is not None:
        raise Refused("being_written", _("%(name)s is writing an answer.") % {"name": other.name})


def _own(token: ApiToken, key: str) -> str:
    """The caller's idempotency key, made unique among all keys and short enough to travel."""
    told = f"{token.person_id} {key}" if key else uuid4().hex
    return f"api-{hashlib.sha256(told.encode()).hexdigest()[:40]}"


def _stored(files: Sequence[FileIn]) -> list[StoredFile]:
    stored = []
    for file in files:
        try:
            content = b64decode(file.content, validate=True)
        except (binascii.Error, ValueError) as error:
            raise Refused("not_base64", _("%(name)s is not base64.") % {"name": file.name}) from error
        stored.append(StoredFile(file.name, file.mime, len(content), blobs.put(content), "", ""))
    return stored
