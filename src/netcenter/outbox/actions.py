"""The door out: answering, sending once, and knowing what became of it (law 4)."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from netcenter.accounts import actions as accounts
from netcenter.accounts.queries import connection_of
from netcenter.cases import actions as cases
from netcenter.cases.models import Attachment, Case, Message, Thread
from netcenter.cases.record import StoredFile
from netcenter.cases.told import messages_of
from netcenter.channels import contract
from netcenter.channels.registry import channel
from netcenter.events.actions import event, record
from netcenter.lib import blobs, wakeup
from netcenter.lib.bulk import insert_many, update_many
from netcenter.lib.prepared import Update, prepared, prepared_update
from netcenter.lib.refused import Refused
from netcenter.lib.text import clean
from netcenter.lib.transactions import atomic
from netcenter.lib.workers import full
from netcenter.outbox import doubts, public
from netcenter.outbox.models import Dispatch
from netcenter.outbox.rules import Ways, ways
from netcenter.people.models import Person
from netcenter.standards import actions as standards

State = Dispatch.State
LEASE = timedelta(minutes=3)  # longer than any channel's own timeouts together
BACK_OFF = (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800)  # seconds after each failed attempt; then refused
MOST = 32  # dispatches that are claimed at once without asking the database in a way of its own
UNSENT = [State.QUEUED, State.SENDING, State.UNKNOWN]


# What the house says by itself (law 8): it waits, which of these is it about, somebody else is being asked.
BY_ITSELF = ("acknowledgement", "menu", "holding")
MOVED = "moved"  # a person's public line that it goes on in private: it answers nothing by itself


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


def sent_before(key: str) -> Message | None:
    """The reply that was queued with this key. Certain with its case locked."""
    known = _message_of(key)
    return Message.objects.get(pk=known[0][0]) if known else None


@prepared
def _message_of(key: str) -> QuerySet[Dispatch, tuple[int]]:
    return Dispatch.objects.filter(key=key).values_list("message_id")


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
    _queue(message, reply.key, now)
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
    _queue(message, key, now)
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


def place_of(thread: Thread) -> contract.Place:
    return "public" if thread.place == "public" else "private"


def _queue(message: Message, key: str, now: datetime) -> None:
    insert_many([Dispatch(message=message, account_id=message.account_id, key=key, due_at=now, created_at=now)])
    wakeup.wake("outbox")


@atomic
def claim(now: datetime, limit: int, busy: Mapping[int, int] | None = None, most_each: int = 1000) -> list[Dispatch]:
    """Take the dispatches that are due, in the order of their threads, at most `most_each` of an account with the
    `busy` ones counted. What a dead process had is taken with doubt.
    """
    shut = full(busy, most_each)
    found = list(_due(now).exclude(account_id__in=shut)[:limit]) if shut or limit > MOST else _first_due(now)[:limit]
    taken, mine = Counter(busy), []
    for dispatch in found:
        if taken[dispatch.account_id] >= most_each:
            continue
        taken[dispatch.account_id] += 1
        mine.append(dispatch)
        dispatch.uncertain = dispatch.uncertain or dispatch.state in (State.SENDING, State.UNKNOWN)
        dispatch.tried_from = dispatch.tried_from if dispatch.uncertain else now
        dispatch.tried_until = now if dispatch.state == State.SENDING else dispatch.tried_until
        dispatch.state, dispatch.leased_until = State.SENDING, now + LEASE
        dispatch.attempts += 1
        dispatch.waits_for = ""
    update_many(mine, ["state", "leased_until", "attempts", "uncertain", "tried_from", "tried_until", "waits_for"])
    return mine


def _free(now: datetime) -> QuerySet[Dispatch]:
    """What is due and in nobody's hand."""
    mine = Q(leased_until=None) | Q(leased_until__lte=now)
    return Dispatch.objects.filter(mine, state__in=UNSENT, due_at__lte=now)


def _due(now: datetime) -> QuerySet[Dispatch]:
    """The same in the order of their threads, locked, with all that sending asks for."""
    earlier = Dispatch.objects.filter(
        message__thread_id=OuterRef("message__thread_id"), state__in=UNSENT, id__lt=OuterRef("id")
    )
    free = _free(now).select_for_update(of=("self",), skip_locked=True).exclude(Exists(earlier))
    asked = ("message__thread__identity", "message__case__brand", "message__operator", "account__brand")
    return free.order_by("due_at", "id").select_related(*asked)


@prepared
def _first_due(now: datetime) -> QuerySet[Dispatch]:
    return _due(now)[:MOST]


@prepared
def _any_free(now: datetime) -> QuerySet[Dispatch, tuple[int]]:
    return _free(now).values_list("pk")[:1]


def is_due(now: datetime) -> bool:
    """Whether there may be something to claim: asked without keeping other writers waiting."""
    return bool(_any_free(now))


def take_over(now: datetime) -> None:
    """Nobody else sends: what a process that died had in hand is looked at now, not when its lease is over."""
    unsent = Dispatch.objects.filter(state__in=UNSENT)  # the index's words
    unsent.filter(state=State.SENDING, leased_until__gt=now).update(leased_until=now)


def send(dispatch: Dispatch, now: datetime) -> contract.Receipt:
    """Do it on the network, outside any transaction; when in doubt look first. Raises ChannelError."""
    network = channel(dispatch.account.channel)
    connection = connection_of(dispatch.account)
    outbound = outbound_of(dispatch)
    if dispatch.uncertain and (receipt := network.find(outbound, connection)) is not None:
        return receipt
    if flaw := network.unfit(outbound):
        raise contract.ChannelError(flaw, permanent=True, reason="unfit")
    return network.send(outbound, connection)


def outbound_of(dispatch: Dispatch) -> contract.Outbound:
    """The dispatch as its channel sees it."""
    message = dispatch.message
    thread, identity = message.thread, message.thread.identity
    inbound = Message.objects.filter(thread=thread, direction=Message.Direction.IN, pk__lt=message.pk).order_by("-pk")
    said = Message.objects.filter(thread=thread, pk__lt=message.pk, state=Message.State.SENT, deleted_at=None)
    heard = still_there(inbound)
    parents = [*heard[:1], *said.order_by("-pk").values_list("external_id", flat=True)[:1], *heard[1:10]]
    who = inbound.select_related("identity").first()
    to = who.identity if who is not None and who.identity is not None else identity
    return contract.Outbound(
        key=dispatch.key,
        thread=contract.ThreadRef(thread.external_id, place_of(thread), thread.subject),
        to=contract.Author(to.external_id, to.name, to.email, to.phone, profile=to.profile),
        text=message.text,
        in_reply_to=tuple(dict.fromkeys(parents)),
        way=message.extra.get("way", "reply"),
        template=_template(message),
        tag=message.extra.get("tag", ""),
        attachments=tuple(_files(message)),
        sender_name=message.operator.name if message.operator else "",
        language=message.case.language or message.case.brand.language,
        automatic=bool(message.automatic) and message.operator is None,  # a holding reply is a person's words
        choices=tuple(_choices(message)),
        first_attempt=dispatch.attempts <= 1,
        target=message.extra.get("target") or next(iter(parents), ""),
        left=tuple(message.extra.get("left", ())),
        doubt=doubts.around(dispatch),
    )  # fmt: skip


def still_there(inbound: QuerySet[Message]) -> list[str]:
    """Names of a customer's last words, in the order given; what was taken back comes last, as networks refuse it."""
    rows = list(inbound.values_list("external_id", "deleted_at")[:20])
    return [name for name, gone in sorted(rows, key=lambda row: row[1] is not None)]


def _template(message: Message) -> contract.Template | None:
    told = message.extra.get("template")
    return contract.Template(told["name"], told["language"], filled=told.get("filled", {})) if told else None


def _choices(message: Message) -> list[contract.Choice]:
    """What can be answered, for a network that shows it as buttons."""
    listed = message.extra.get("choices", [])
    shows = bool(listed) and channel(message.account.channel).capabilities.quick_replies
    return [contract.Choice(one["id"], one["label"]) for one in listed] if shows else []


def _files(message: Message) -> list[contract.Attachment]:
    fetches = channel(message.account.channel).capabilities.fetches_files
    return [
        contract.Attachment(a.name, a.mime, blobs.get(a.blob), url=public.address_of(a) if fetches else "")
        for a in message.attachments.exclude(blob="").order_by("id")
    ]


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
        _queue(
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


def next_due() -> datetime | None:
    """When the next dispatch is due."""
    return next((due for (due,) in _next_due()), None)


@prepared
def _next_due() -> QuerySet[Dispatch, tuple[datetime]]:
    return Dispatch.objects.filter(state__in=UNSENT).order_by("due_at").values_list("due_at")[:1]


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
