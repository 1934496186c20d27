"""What we said on a network from elsewhere, its own app or another tool: it answers what waits there."""

from collections.abc import Sequence
from datetime import datetime

from netcenter.accounts.models import Account
from netcenter.cases import actions, calls, told
from netcenter.cases.identities import identity_of
from netcenter.cases.models import Case, Message, Thread
from netcenter.cases.posting import tell
from netcenter.channels.contract import Echo, ThreadRef
from netcenter.events.actions import event, record
from netcenter.lib.bulk import insert_many
from netcenter.lib.text import clean
from netcenter.lib.transactions import atomic

ELSEWHERE = "elsewhere"  # what `automatic` says of a machine's words that the house did not send


@atomic
def spoke(account: Account, said: Echo, now: datetime) -> Message | None:
    """Write it down with what it answers: what waits in its thread and was written before. Its case is locked.

    None when nothing tells where it belongs. The same again gives the same message.
    """
    name = (account.pk, said.external_id[:255])
    if (known := told.messages_of([name]).get(name)) is not None:
        return known
    thread = _thread(account, said, now)
    if thread is None:
        return None
    case = actions.lock(thread.case_id)
    beside = {"echo": True, "sender": clean(said.sender_name)[:200], "url": said.url[:2000],
              "form": "" if said.form == "message" else said.form, "answers": list(said.in_reply_to[:10])}  # fmt: skip
    message = Message(
        thread=thread, case=case, account=account, post_id=thread.post_id, direction=Message.Direction.OUT,
        external_id=name[1], state=Message.State.SENT, text=clean(said.text), subject=thread.subject,
        automatic=ELSEWHERE if said.automatic else "", sent_at=min(said.sent_at, now), received_at=now,
        extra={k: v for k, v in beside.items() if v},
    )  # fmt: skip
    insert_many([message])
    answered = [] if said.automatic else _answers(message, case)
    record(event(
        "message.echoed", now, case_id=case.pk, brand_id=case.brand_id, operator_id=case.holder_id,
        account=account.pk, message=message.pk, told=told.plain(said), answers=[m.pk for m in answered],
    ))  # fmt: skip
    return message


@atomic
def picked_up(call: Message, now: datetime) -> Message | None:
    """Somebody of us answered a telephone call that the customer made, or they ours: what they said waits no longer."""
    if call.direction == Message.Direction.OUT:
        return calls.spoken(call)
    how = call.extra.get("call", {})
    at = how.get("steps", {}).get("answered")
    moment = datetime.fromisoformat(at) if at else now
    thread = ThreadRef(call.thread.external_id)
    said = spoke(call.account, Echo(
        f"{call.external_id[:245]}{calls.PICKED_UP}", thread, moment, "", sender_name=how.get("by", ""), form="call",
        in_reply_to=(call.external_id,),
    ), now)  # fmt: skip
    if said is not None and (person := calls.of_telephone(how.get("by", ""))) is not None:
        said.operator = person
        Message.objects.filter(pk=said.pk).update(operator=person)
    return said


@atomic
def settle(messages: Sequence[Message], now: datetime) -> list[Message]:
    """Words that came after what we said to them: those were answered before they got here."""
    late = [m for m in messages if m.state == Message.State.WAITING]
    said = Message.objects.filter(
        thread__in={m.thread_id for m in late}, direction=Message.Direction.OUT, extra__has_key="echo"
    )
    answers = {(m.thread_id, name): m for m in said for name in m.extra.get("answers", ())}
    settled = []
    for message in late:
        if (by := answers.get((message.thread_id, message.external_id))) is not None:
            case = actions.lock(message.case_id)
            actions.answered_by(case, [message], by)
            settled.append(message)
    return settled


def _answers(message: Message, case: Case) -> list[Message]:
    waiting = Message.objects.filter(
        thread_id=message.thread_id, state=Message.State.WAITING, sent_at__lte=message.sent_at
    )
    answered = list(waiting.filter(case=case))
    actions.answered_by(case, answered, message)
    return answered


def _thread(account: Account, said: Echo, now: datetime) -> Thread | None:
    """Where it was said: by the thread's own name, by what it replies to, else a thread that we begin."""
    own = Thread.objects.filter(account=account, external_id=said.thread.external_id[:255]).first()
    if own is not None:
        return own
    parents = [(account.pk, parent[:255]) for parent in said.in_reply_to]
    spoken = told.messages_of(parents)
    parent = next((spoken[p] for p in parents if p in spoken), None)
    if parent is not None:
        return parent.thread
    if said.to is None:
        return None
    identity = identity_of(account.channel, said.to, now)
    at = min(said.sent_at, now)
    case = Case(
        brand=account.brand, customer=identity.customer, account=account, subject=clean(said.thread.subject)[:255],
        opened_at=at, last_at=at, closed_at=at,
    )  # fmt: skip
    insert_many([case])
    post = tell([(account, said.thread.post)], now) if said.thread.post else {}
    thread = Thread(
        account=account, external_id=said.thread.external_id[:255], identity=identity, case=case,
        place=said.thread.place, subject=case.subject, post=next(iter(post.values()), None),
    )  # fmt: skip
    insert_many([thread])
    return thread
