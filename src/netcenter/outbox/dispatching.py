"""How dispatches leave: in the order of their thread, each claimed by one sender (law 4)."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from netcenter.accounts.queries import connection_of
from netcenter.cases.models import Message, Thread
from netcenter.channels import contract
from netcenter.channels.registry import channel
from netcenter.lib import blobs, wakeup
from netcenter.lib.bulk import insert_many, update_many
from netcenter.lib.prepared import prepared
from netcenter.lib.transactions import atomic
from netcenter.lib.workers import full
from netcenter.outbox import doubts, public
from netcenter.outbox.models import Dispatch

State = Dispatch.State
LEASE = timedelta(minutes=3)  # longer than any channel's own timeouts together
MOST = 32  # dispatches that are claimed at once without asking the database in a way of its own
UNSENT = [State.QUEUED, State.SENDING, State.UNKNOWN]


def sent_before(key: str) -> Message | None:
    """The reply that was queued with this key. Certain with its case locked."""
    known = _message_of(key)
    return Message.objects.get(pk=known[0][0]) if known else None


@prepared
def _message_of(key: str) -> QuerySet[Dispatch, tuple[int]]:
    return Dispatch.objects.filter(key=key).values_list("message_id")


def place_of(thread: Thread) -> contract.Place:
    return "public" if thread.place == "public" else "private"


def queue(message: Message, key: str, now: datetime) -> None:
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


def next_due() -> datetime | None:
    """When the next dispatch is due."""
    return next((due for (due,) in _next_due()), None)


@prepared
def _next_due() -> QuerySet[Dispatch, tuple[datetime]]:
    return Dispatch.objects.filter(state__in=UNSENT).order_by("due_at").values_list("due_at")[:1]
