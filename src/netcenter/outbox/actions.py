"""Answering: what a person or the house says, and what may not be said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from netcenter.cases import actions as cases
from netcenter.cases.files import StoredFile
from netcenter.cases.models import Attachment, Case, Message, Thread
from netcenter.channels import contract
from netcenter.channels.registry import channel
from netcenter.lib.bulk import insert_many
from netcenter.lib.prepared import prepared
from netcenter.lib.refused import Refused
from netcenter.lib.transactions import atomic
from netcenter.outbox.dispatching import place_of, queue, sent_before
from netcenter.outbox.rules import Ways, ways
from netcenter.people.models import Person

# What the house says by itself (law 8): it waits, which of these is it about, somebody else is being asked.
BY_ITSELF = ("acknowledgement", "menu", "holding")


@dataclass(frozen=True)
class Reply:
    """What an operator sends. `key` comes from the form, so that a double click is one reply."""

    text: str
    key: str
    thread_id: int
    seen_id: int | None
    files: Sequence[StoredFile] = ()
    way: contract.Way = "reply"
    target: str = ""  # the external id of the very words that are answered; "": the last ones
    template: Mapping[str, Any] | None = None  # of the contract: {"name", "language", "filled"}
    tag: str = ""
    then: str = ""  # said publicly once the private reply has left: that we wrote in private

    @property
    def beside(self) -> dict[str, Any]:
        """What the message keeps of it until it leaves."""
        told = {"way": "" if self.way == "reply" else self.way, "target": self.target, "tag": self.tag,
                "template": dict(self.template or {}), "then": self.then.strip()}  # fmt: skip
        return {name: value for name, value in told.items() if value}


@prepared
def _thread(thread_id: int) -> QuerySet[Thread]:
    return Thread.objects.select_related("account", "identity").filter(pk=thread_id)


@atomic
def answer(case: Case, reply: Reply, operator: Person | None, now: datetime, automatic: str = "") -> Message:
    """Queue a reply in the locked case, with what it answers. The same key again changes nothing."""
    thread = next(iter(_thread(reply.thread_id)), None)
    if thread is None or (
        thread.case_id != case.pk and not Message.objects.filter(thread=thread, case_id=case.pk).exists()
    ):
        raise Refused("wrong_thread", _("This conversation belongs to another case."))
    if (known := sent_before(reply.key)) is not None:
        return known
    _refuse_unfit(thread, reply.text, bool(reply.files), reply.way)
    _refuse_closed(thread, reply, now)
    message = cases.answer(
        case, thread, reply.text, reply.key, reply.seen_id, operator, now, automatic=automatic, extra=reply.beside
    )
    insert_many([
        Attachment(message=message, name=f.name, mime=f.mime, size=f.size, blob=f.blob) for f in reply.files
    ])  # fmt: skip
    queue(message, reply.key, now)
    return message


@atomic
def say_by_itself(
    case_id: int, thread: Thread, text: str, kind: str, now: datetime, *, which: str = "",
    extra: dict[str, Any] | None = None,
) -> Message:  # fmt: skip
    """Queue what the house says by itself, once per case and kind (and `which`): again it is the same message.

    It answers nothing: what waits goes on waiting, every promise runs on, nobody becomes the last operator. The case
    is locked first, so a caller who checked under that lock in the same transaction has checked for good.
    Raises Refused when the place cannot take it.
    """
    if kind not in BY_ITSELF:
        raise ValueError(f"{kind} is nothing that the house says by itself")
    case = cases.lock(case_id)
    # Two installations may share a mailbox: what their mails are called must differ too.
    key = f"{kind[:15]}-{case_id}{which and '.' + which}-{case.account.key[:16]}"[:60]
    if (known := sent_before(key)) is not None:
        return known
    _refuse_unfit(thread, text)
    if channel(thread.account.channel).capabilities.hours and not (there := ways_in(thread, now)).replies:
        raise Refused("window_over", closed_words(there))
    message = cases.answer(case, thread, text, key, None, None, now, automatic=kind, extra=extra)
    queue(message, key, now)
    return message


def _refuse_unfit(thread: Thread, text: str, has_files: bool = False, way: contract.Way = "reply") -> None:
    """Raise Refused when the thread's network would not take it."""
    network = channel(thread.account.channel)
    able = network.capabilities
    place: contract.Place = "private" if way == "private_reply" else place_of(thread)
    if way != "private_reply" and not able.reply:
        by_voice = "call" in able.acts
        raise Refused("cannot_write", _("Nothing can be written there: call them.") if by_voice else _(
            "Nothing can be written from here: open it there."))  # fmt: skip
    if thread.identity.profile.get("stopped"):
        raise Refused("stopped", _("They asked for no more messages (STOP): nothing may be sent until they write again "
                                   "that they want some."))  # fmt: skip
    if not text.strip() and not has_files:
        raise Refused("empty", _("Write something first."))
    if (most := able.longest(place)) and network.length(text, place) > most:
        raise Refused("too_long", _("At most %(most)d characters fit here.") % {"most": most})
    if has_files and not able.attachments:
        raise Refused("no_files", _("Files cannot be sent here."))


def _refuse_closed(thread: Thread, reply: Reply, now: datetime) -> None:
    """Raise Refused where the network would not let us say it so, now: known before it is sent."""
    able = channel(thread.account.channel).capabilities
    if reply.way == "reply" and not able.hours and not reply.tag:
        return  # as on most
    there = ways_in(thread, now)
    if reply.then:
        _refuse_unfit(thread, reply.then)
    if reply.way == "private_reply":
        if not there.private_reply:
            raise Refused("no_private_reply", _("This comment can no longer be answered in private."))
    elif reply.way == "template":
        if not there.templates:
            raise Refused("no_templates", _("There are no approved texts here."))
    elif reply.tag:
        if reply.tag not in there.tags:
            raise Refused("window_over", _("The time in which a person may still answer there is over."))
    elif not there.replies:
        raise Refused("window_over", closed_words(there))


def closed_words(there: Ways) -> str:
    """Why nothing can be written freely there, and what can be done instead."""
    if there.templates:
        return _("The network takes free words only for a while after the customer's last ones. Use an approved text.")
    if there.tags:
        return _(
            "The network takes free words only for a while after the customer's last ones. A person may still answer."
        )
    return _(
        "The network takes no answer any more: too long ago. The customer has to write again, or another way is needed."
    )


def ways_in(thread: Thread, now: datetime) -> Ways:
    """What the network lets us say in this thread, now."""
    able = channel(thread.account.channel).capabilities
    last = None
    if able.hours or able.tags:
        inbound = Message.objects.filter(thread=thread, direction=Message.Direction.IN).order_by("-pk")
        last = max(inbound.values_list("sent_at", flat=True)[:20], default=None)
    return ways(able, place_of(thread), last, thread.open_until, now)
