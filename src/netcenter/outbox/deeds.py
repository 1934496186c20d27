"""Acts on what is there already: hide, show, delete, edit, react. Once each, with a reason where words disappear.

A customer's words are kept whatever becomes of them (law 6); a complaint that shall disappear needs a second pair of
eyes first. What may be done where, the channel's capabilities say; who may, `people.permissions`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, get_args

from django.db import IntegrityError, transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from netcenter.cases import calls
from netcenter.cases.models import Case, Message
from netcenter.channels import contract
from netcenter.channels.registry import channel
from netcenter.events.actions import event, record
from netcenter.events.models import Event
from netcenter.lib import wakeup
from netcenter.lib.prepared import prepared
from netcenter.lib.refused import Refused
from netcenter.lib.text import clean
from netcenter.lib.transactions import atomic
from netcenter.outbox.dispatching import place_of
from netcenter.outbox.models import Approval, Deed
from netcenter.people.models import Person
from netcenter.people.permissions import May, may, who_may
from netcenter.understanding.models import Reading

State = Deed.State
UNDONE = [State.QUEUED, State.SENDING, State.UNKNOWN]
UNDER_WAY = [*UNDONE, State.ASKED]
VERBS = ("hide", "show", "delete_theirs", "delete_ours", "edit", "react", "unreact", "block", "unblock")
CALL = "call"
DISAPPEARS = ("hide", "delete_theirs", "block")  # a customer's words, for others or for all, or their next ones for us
HERE = ("block", "unblock")  # the house does it itself where the network cannot
WITH_REASON = (*DISAPPEARS, "delete_ours")
GRIEVANCES = ("complaint", "claim")
TOPIC = "deeds"


@dataclass(frozen=True)
class Wish:
    """What somebody wants done. `key` comes from the form, so that a double click is one deed."""

    verb: str
    key: str
    reason: str = ""
    text: str = ""  # the new words of "edit"
    what: str = ""  # the reaction; "": what the network calls a like


def possible(message: Message, person: Person, now: datetime) -> list[str]:
    """What this person may do to the message there, now: for buttons; `do` asks again."""
    return [verb for verb in VERBS if not _why_not(verb, message, person, now)]


@atomic
def do(message: Message, wish: Wish, person: Person, now: datetime) -> Deed:
    """Queue it, or ask for approval first. The same key again changes nothing. Raises Refused."""
    if (known := Deed.objects.filter(key=wish.key).first()) is not None:
        return known
    if why := _why_not(wish.verb, message, person, now):
        raise Refused("cannot", why)
    reason = clean(wish.reason).strip()[:300]
    if wish.verb in WITH_REASON and not reason:
        raise Refused("reason_missing", _("Say why: it stays on the record under your name."))
    text = clean(wish.text).strip()
    able, place = channel(message.thread.account.channel), _place(message)
    if wish.verb == "edit":
        most = able.capabilities.longest(place)
        if not text:
            raise Refused("empty", _("Write something first."))
        if most and able.length(text, place) > most:
            raise Refused("too_long", _("At most %(most)d characters fit here.") % {"most": most})
    given, what = able.capabilities.reactions, wish.what or able.capabilities.like
    if wish.verb in ("react", "unreact") and "*" not in given and what not in given:
        raise Refused("cannot", _("This reaction cannot be given there."))
    if asks := needs_approval(wish.verb, message):
        _refuse_to_ask_in_vain(wish.verb, message, person)
    if wish.verb in HERE:  # what was to end by itself is over now, or begins anew
        planned = Deed.objects.filter(account_id=message.account_id, target=_target(wish.verb, message), verb="unblock")
        planned.filter(state=State.QUEUED, asked_at__gt=now).delete()
    deed = Deed(
        account_id=message.account_id, key=wish.key[:60], verb=wish.verb, target=_target(wish.verb, message),
        message=message, post_id=message.post_id, case_id=message.case_id, by=person, reason=reason, text=text,
        what=what if wish.verb in ("react", "unreact") else "", before=message.text,
        state=State.ASKED if asks else State.QUEUED, asked_at=now, due_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            deed.save(force_insert=True)
    except IntegrityError:  # the other click was quicker
        return Deed.objects.get(key=wish.key[:60])
    if asks:
        Approval.objects.create(deed=deed, by=person)
    record(told_of("deed.asked", deed, message.case, now, person.actor, reason=reason, before=deed.before[:2000],
                 approval=asks))  # fmt: skip
    if not asks:
        wakeup.wake(TOPIC)
    return deed


def _target(verb: str, message: Message) -> str:
    """What it is done to: who is blocked is another thing than their words."""
    return message.identity.external_id if verb in HERE and message.identity else message.external_id


@atomic
def call(case: Case, key: str, person: Person, now: datetime) -> Deed:
    """Ring the operator's telephone, then the customer's. The same key again changes nothing. Raises Refused."""
    if (known := Deed.objects.filter(key=key[:60]).first()) is not None:
        return known
    if not may(person, May.ANSWER):
        raise Refused("not_yours", _("Only operators call customers."))
    if not person.telephone:
        raise Refused("no_telephone", _("Write your telephone into your profile first: it rings before theirs."))
    message = calls.to_answer(case)
    if message is None:
        raise Refused("cannot", _("There is no number to call in this case."))
    if calls.live(now, case).exists() or Deed.objects.filter(case=case, verb=CALL, state__in=UNDONE).exists():
        raise Refused("calls", _("Somebody is on the telephone with them already."))
    deed = Deed(
        account_id=message.account_id, key=key[:60], verb=CALL, target=message.external_id, message=message,
        case_id=case.pk, by=person, what=person.telephone, state=State.QUEUED, asked_at=now, due_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            deed.save(force_insert=True)
    except IntegrityError:  # the other click was quicker
        return Deed.objects.get(key=key[:60])
    record(told_of("deed.asked", deed, case, now, person.actor, reason="", before="", approval=False))
    wakeup.wake(TOPIC)
    return deed


def needs_approval(verb: str, message: Message) -> bool:
    """Whether somebody else has to agree first: a complaint does not disappear by one person's will."""
    return verb in DISAPPEARS and is_grievance(message)


def _refuse_to_ask_in_vain(verb: str, message: Message, person: Person) -> None:
    if Deed.objects.filter(message=message, verb=verb, state=State.ASKED).exists():
        raise Refused("asked", _("Somebody has asked for it already: it waits for approval."))
    if not others_may_approve(person):
        raise Refused("nobody_else", _("Nobody else here may agree to it: answer the complaint instead."))


def others_may_approve(person: Person) -> bool:
    """Whether anybody but them could ever agree."""
    return Person.objects.filter(who_may(May.APPROVE)).exclude(pk=person.pk).exists()


def is_grievance(message: Message) -> bool:
    """Whether somebody complains in these words, or in the case that they belong to; beside something else, perhaps."""
    if message.direction != Message.Direction.IN:
        return False
    read = Reading.objects.filter(message=message).first()
    kinds = {read.kind, *(kind for kind, _p in read.holding)} if read else set()
    return bool({*kinds, message.case.kind} & set(GRIEVANCES))


@atomic
def decide(deed_id: int, person: Person, *, granted: bool, note: str, now: datetime) -> Deed:
    """The second pair of eyes: never the same person's. Raises Refused."""
    deed = Deed.objects.select_related("case", "message").get(pk=deed_id)
    if not may(person, May.APPROVE):
        raise Refused("not_yours", _("Only a supervisor can approve that."))
    if person.pk == deed.by_id:
        raise Refused("own", _("Somebody else must look at it: you asked for it yourself."))
    note = clean(note).strip()[:300]
    if not granted and not note:
        raise Refused("reason_missing", _("Say in a few words why not."))
    open_ = Approval.objects.filter(deed=deed, seen_by=None)
    if not open_.update(seen_by=person, seen_at=now, granted=granted, note=note):
        raise Refused("over", _("Somebody has decided it already."))
    state = State.QUEUED if granted else State.DROPPED
    Deed.objects.filter(pk=deed.pk, state=State.ASKED).update(state=state, due_at=now)
    deed.state = state
    record(told_of("deed.approved" if granted else "deed.dropped", deed, deed.case, now, person.actor, note=note))
    if granted:
        wakeup.wake(TOPIC)
    return deed


def told_of(kind: str, deed: Deed, case: Case | None, now: datetime, actor: str = "system", **data: Any) -> Event:
    about = {"deed": deed.pk, "verb": deed.verb, "message": deed.message_id, "by": deed.by_id}
    return event(
        kind, now, actor, case_id=case.pk if case else None, brand_id=case.brand_id if case else None,
        operator_id=case.holder_id if case else None, **about, **data,
    )  # fmt: skip


# --- What can be done -----------------------------------------------------------------------------


def _place(message: Message) -> contract.Place:
    """Where the words stand: what was answered in private stands in no public place, whatever it answered."""
    return "private" if message.extra.get("way") == "private_reply" else place_of(message.thread)


def _why_not(verb: str, message: Message, person: Person, now: datetime) -> str:
    """Why this cannot be done to the message by this person; "" when it can."""
    able = channel(message.thread.account.channel).capabilities
    ours = message.direction == Message.Direction.OUT
    if verb not in get_args(contract.Verb) or (not able.does(verb, _place(message)) and verb not in HERE):
        return _("That cannot be done there.")
    if verb in HERE and not may(person, May.DELETE_WORDS):
        return _("Only a supervisor can block somebody.")
    if not may(person, May.DELETE_WORDS if verb == "delete_theirs" else May.ANSWER):
        return _("Only a supervisor can delete what a customer wrote.")
    if ours != (verb in ("edit", "delete_ours")):
        return _("That cannot be done to these words.")
    if verb in HERE:
        until = message.identity.blocked_until if message.identity else None
        blocked = until is not None and until > now
        return "" if message.identity and blocked == (verb == "unblock") else _("It is so already.")
    if message.deleted_at is not None:
        return _("These words are gone there.")
    if verb in ("hide", "show") and (message.hidden_at is not None) != (verb == "show"):
        return _("It is so already.")
    if ours and message.state != Message.State.SENT:
        return _("It has not left yet.")
    if is_replaced(message):
        return _("A later answer has taken its place there.")
    hours = able.hours.get("edit" if verb == "edit" else "delete") if ours else None
    if hours is not None and now > message.sent_at + timedelta(hours=hours):
        return _("The network allows that only for a while after sending.")
    return ""


def is_replaced(message: Message) -> bool:
    """Where there is one reply: whether this is no longer it. What was done to it would be done to the one that is."""
    if message.direction != Message.Direction.OUT or not channel(message.account.channel).capabilities.one_reply:
        return False
    ours = Message.objects.filter(thread_id=message.thread_id, direction=Message.Direction.OUT)
    return ours.filter(state=Message.State.SENT, sent_at__gt=message.sent_at).exists()


def asked_count() -> int:
    """How much waits for a second pair of eyes."""
    return sum(count for (count,) in _asked_count())


@prepared
def _asked_count() -> QuerySet[Deed, tuple[int]]:
    asked = Deed.objects.filter(state=State.ASKED).order_by()
    return asked.values("state").annotate(count=Count("pk")).values_list("count")


# --- Reading --------------------------------------------------------------------------------------


def asked() -> list[Deed]:
    """What waits for a second pair of eyes, oldest first."""
    waiting = Deed.objects.filter(state=State.ASKED).order_by("id")
    return list(waiting.select_related("message__identity", "case__brand", "by", "account", "post")[:200])
