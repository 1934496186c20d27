"""Sending a reply: pick up, guard, send and perhaps close, once, in one transaction."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from netcenter import approving, judging, situations
from netcenter.cases.actions import lock
from netcenter.cases.drafts import forget_draft, who_writes
from netcenter.cases.files import StoredFile
from netcenter.cases.models import Case, Message, Thread
from netcenter.channels.contract import Way
from netcenter.channels.registry import channel
from netcenter.desk.rules import image_type
from netcenter.desk.words import moved_words
from netcenter.lib import blobs
from netcenter.lib.again import once_more
from netcenter.lib.refused import Refused
from netcenter.lib.text import clean
from netcenter.outbox.actions import Reply
from netcenter.outbox.dispatching import sent_before, still_there
from netcenter.outbox.models import HeldReply
from netcenter.people.models import Person
from netcenter.protocols.rules import Reason
from netcenter.routing import actions as routing
from netcenter.routing.queries import live_offer

MOST_FILES = 10


@dataclass(frozen=True)
class Answer:
    """What the composer sent."""

    text: str
    key: str
    thread_id: int
    seen_id: int | None
    files: tuple[StoredFile, ...] = ()
    close: bool = False
    overrule: str = ""
    way: Way = "reply"
    tag: str = ""
    then: str = ""
    template: Mapping[str, Any] | None = None
    used: str = ""  # which kept words it began from


def way_of(chosen: str, case: Case) -> dict[str, Any]:
    """How to write, as the composer's choice says it; publicly it is said in the customer's language."""
    kind, _colon, tag = chosen.partition(":")
    if kind == "tag":
        return {"tag": tag}
    if kind not in ("private_reply", "both"):
        return {}
    if kind == "private_reply":
        return {"way": "private_reply"}
    return {"way": "private_reply", "then": moved_words(case.language or case.brand.language)}


def new_key() -> str:
    """The idempotency key of one composer form."""
    return str(uuid.uuid4())


def key_of(text: str) -> str:
    """The key as it came from the form. Raises Refused when it is none: it names the reply on the network."""
    try:
        return str(uuid.UUID(text))
    except ValueError as error:
        raise Refused("bad_form", _("The page is out of date. Reload it; the draft is kept.")) from error


def store(files: Iterable[UploadedFile], thread: Thread) -> tuple[StoredFile, ...]:
    """Keep the files of a reply. Raises Refused for what the network would not take."""
    able = channel(thread.account.channel).capabilities
    chosen = list(files)
    if chosen and not able.attachments:
        raise Refused("no_files", _("Files cannot be sent here."))
    if len(chosen) > MOST_FILES:
        raise Refused("too_many_files", _("At most %(most)d files fit in one answer.") % {"most": MOST_FILES})
    for file in chosen:
        if (file.size or 0) > able.max_attachment:
            most = able.max_attachment // 2**20
            raise Refused("too_large", _("%(name)s is larger than %(most)d MB.") % {"name": file.name, "most": most})
    stored = []
    for file in chosen:
        content = file.read()
        mime = image_type(content[:16]) or file.content_type or "application/octet-stream"
        stored.append(StoredFile(clean(file.name or "")[:200], mime[:100], len(content), blobs.put(content)))
    return tuple(stored)


def send(case: Case, said: Answer, person: Person, now: datetime) -> Message | HeldReply:
    """Send it, once per key, or let somebody else look first; a case that nobody holds is picked up with it.

    Raises Refused.

    What can be asked before the transaction is asked before it: while it runs, nobody else may write.
    """
    if (known := sent_before(said.key)) is not None and known.case_id == case.pk:
        return known
    reply = Reply(
        said.text, said.key, said.thread_id, said.seen_id, said.files, way=said.way, tag=said.tag, then=said.then,
        template=said.template, target=_target(said),
    )  # fmt: skip
    situation = situations.of(case)
    approving.refuse_unless_theirs(case, person, situation)
    passed = judging.judge(case, reply, person, said.overrule, close=said.close, situation=situation)
    why = approving.reasons(case, person, situation)
    return _send(case.pk, passed, person, now, said, why)


def _target(said: Answer) -> str:
    """A private reply is to one comment: the last that was seen and is there still."""
    if said.way != "private_reply":
        return ""
    seen = Message.objects.filter(thread_id=said.thread_id, direction=Message.Direction.IN)
    if said.seen_id is not None:
        seen = seen.filter(pk__lte=said.seen_id)
    return next(iter(still_there(seen.order_by("-pk"))), "")


@once_more
def _send(
    case_id: int, passed: judging.Passed, person: Person, now: datetime, said: Answer, why: list[Reason]
) -> Message | HeldReply:  # fmt: skip
    case = lock(case_id)
    if (known := sent_before(passed.reply.key)) is not None and known.case_id == case_id:
        return known  # the first press was quicker
    writer = who_writes(case_id, now)
    if writer is not None and writer != person:
        raise Refused("writing", _("%(name)s is writing an answer. Yours is kept as a draft.") % {"name": writer.name})
    offer = live_offer(case_id)
    if offer is not None and offer.operator_id != person.pk:
        raise Refused("held", _("%(name)s has this case. Yours is kept as a draft.") % {"name": offer.operator.name})
    if offer is None or offer.state != offer.State.ACCEPTED:
        offer = routing.pick_up(case, offer, person, now)
    sent = approving.send(case, offer, passed, person, now, close=said.close, why=why, used=said.used)
    forget_draft(case_id, person, now)
    return sent
