"""Recording what customers said: customer, identity, thread, case and message, many at once, each once."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import QuerySet

from netcenter.accounts.models import Account, Brand
from netcenter.cases import ledger, posting, told
from netcenter.cases.arrivals import Arrival, Batch
from netcenter.cases.files import attach
from netcenter.cases.identities import identify
from netcenter.cases.models import Case, Customer, Disposition, Identity, Message, Thread
from netcenter.cases.rules import Matter, at_most, same_customer, same_thread
from netcenter.cases.search import index
from netcenter.channels.contract import Inbound
from netcenter.events.actions import event, record_all
from netcenter.lib.bulk import insert_many, update_many
from netcenter.lib.prepared import prepared
from netcenter.lib.rows import fresh
from netcenter.lib.text import clean, excerpt
from netcenter.lib.transactions import atomic


@atomic
def record(arrivals: Sequence[Arrival], now: datetime) -> list[Message]:
    """Record the arrivals, in order; those already recorded are left out. Returns the new messages.

    Idempotent by (account, external id). In one transaction with events, ledger and search.
    """
    arrivals = _fresh(arrivals)
    if not arrivals:
        return []
    batch = Batch(now)
    identify(batch, {(a.account.channel, a.said.author.external_id[:255]): a.said.author for a in arrivals})
    batch.posts = posting.tell([(a.account, a.said.thread.post) for a in arrivals if a.said.thread.post], now)
    _find_threads(batch, arrivals)
    _lock_cases(batch, arrivals)
    for arrival in arrivals:
        _place(batch, arrival)
    _write(batch, arrivals)
    return batch.messages


def _fresh(arrivals: Iterable[Arrival]) -> list[Arrival]:
    """Without what is already here, in this batch or in the house."""
    unique = {(a.account.pk, a.said.external_id[:255]): a for a in reversed(list(arrivals))}
    known: set[tuple[int, str]] = set()
    for account_id in {key[0] for key in unique}:
        ids = [external for account, external in unique if account == account_id]
        known |= {(account_id, external) for (external,) in _known(account_id, ids)}
    unknown = [a for key, a in unique.items() if key not in known]
    unknown.reverse()
    return sorted(unknown, key=lambda a: at_most(a.said.sent_at, a.received_at))


@prepared
def _known(account_id: int, external_ids: list[str]) -> QuerySet[Message, tuple[str]]:
    found = Message.objects.filter(account_id=account_id, external_id__in=external_ids)
    return found.values_list("external_id")


@prepared
def _threads(account_id: int, external_ids: list[str]) -> QuerySet[Thread]:
    return Thread.objects.select_related("post").filter(account_id=account_id, external_id__in=external_ids)


@prepared
def _open_cases(customer_ids: list[int]) -> QuerySet[Case, tuple[int]]:
    return Case.objects.filter(customer_id__in=customer_ids, closed_at=None).values_list("id")


@prepared
def _locked(ids: list[int]) -> QuerySet[Case]:
    return Case.objects.select_for_update(no_key=True).filter(id__in=ids).order_by("id")


def _find_threads(batch: Batch, arrivals: Sequence[Arrival]) -> None:
    """The known threads of the arrivals: by their own id, else by the message they reply to."""
    for account_id in {a.account.pk for a in arrivals}:
        own = [a for a in arrivals if a.account.pk == account_id]
        ids = {a.said.thread.external_id[:255] for a in own}
        for thread in _threads(account_id, list(ids)):
            batch.threads[(account_id, thread.external_id)] = thread
        known = {external_id for account, external_id in batch.threads if account == account_id}
        lost = [a for a in own if a.said.in_reply_to and a.said.thread.external_id[:255] not in known]
        if lost:
            _adopt(batch, account_id, lost)
        for a in own:
            if a.said.continues and (account_id, a.said.thread.external_id[:255]) not in batch.threads:
                _resume(batch, a)


def _adopt(batch: Batch, account_id: int, lost: Sequence[Arrival]) -> None:
    """Find the thread of arrivals by what they reply to: a message of ours or theirs, or a thread of that name."""
    parents = {parent[:255] for a in lost for parent in a.said.in_reply_to}
    spoken = Message.objects.select_related("thread__post", "thread__identity").filter(
        account_id=account_id, external_id__in=parents)  # fmt: skip
    by_parent = {thread.external_id: thread for thread in Thread.objects.select_related("post", "identity").filter(
        account_id=account_id, external_id__in=parents)}  # fmt: skip
    by_parent |= {message.external_id: message.thread for message in spoken}
    for a in lost:
        above = (by_parent[p[:255]] for p in a.said.in_reply_to if p[:255] in by_parent)
        thread = next((one for one in above if not _is_another_s(one, a.said)), None)
        if thread:
            batch.threads[(account_id, a.said.thread.external_id[:255])] = thread


def _is_another_s(thread: Thread, said: Inbound) -> bool:
    """In public each has a thread of their own: whoever answers what we said to somebody else has none yet."""
    return thread.place == "public" and thread.identity.external_id != said.author.external_id[:255]


def _resume(batch: Batch, arrival: Arrival) -> None:
    """Nothing tells what it answers: the author's newest thread of the same subject is taken, if there is one."""
    identity = batch.identities[(arrival.account.channel, arrival.said.author.external_id[:255])]
    if identity.pk and (subject := clean(arrival.said.thread.subject)[:255]):
        own = Thread.objects.select_related("post").filter(
            account=arrival.account, identity=identity, subject__iexact=subject
        )
        if (thread := own.order_by("-id").first()) is not None:
            batch.threads[(arrival.account.pk, arrival.said.thread.external_id[:255])] = thread


def _lock_cases(batch: Batch, arrivals: Sequence[Arrival]) -> None:
    """Lock every case that the batch may touch, in order of ids, before anything is decided from its state."""
    customers = {i.customer_id for i in batch.identities.values()}
    ids = {t.case_id for t in batch.threads.values()}
    ids |= {case_id for (case_id,) in _open_cases(list(customers))}
    for case in _locked(list(ids)):
        batch.cases[case.pk] = case
    _relate(batch, arrivals)
    for case in batch.cases.values():
        key = (case.customer_id, case.brand_id)
        latest = batch.by_customer.get(key)
        if case.closed_at is None and (latest is None or latest.last_at <= case.last_at):
            batch.by_customer[key] = case


def _relate(batch: Batch, arrivals: Sequence[Arrival]) -> None:
    """Tell the cases whose they are and where they began, which is known of most of them: who writes, and to whom."""
    customers = {i.customer_id: i.customer for i in batch.identities.values()}
    accounts = {a.account.pk: a.account for a in arrivals}
    brands = {account.brand_id: account.brand for account in accounts.values()}
    cases = batch.cases.values()
    if missing := {c.customer_id for c in cases} - set(customers):
        customers |= Customer.objects.in_bulk(missing)
    if missing := {c.account_id for c in cases} - set(accounts):
        accounts |= Account.objects.in_bulk(missing)
    if missing := {c.brand_id for c in cases} - set(brands):
        brands |= Brand.objects.in_bulk(missing)
    for case in cases:
        case.customer, case.account = customers[case.customer_id], accounts[case.account_id]
        case.brand = brands[case.brand_id]


def _place(batch: Batch, arrival: Arrival) -> None:
    """Decide thread and case of one arrival and prepare its message."""
    said, account = arrival.said, arrival.account
    identity = batch.identities[(account.channel, said.author.external_id[:255])]
    sent_at = at_most(said.sent_at, arrival.received_at)
    key = (account.pk, said.thread.external_id[:255])
    thread = batch.threads.get(key)
    case = _case_for(batch, arrival, identity, thread, sent_at)
    post = batch.posts.get((account.pk, said.thread.post.external_id[:255])) if said.thread.post else None
    if thread is None:
        thread = fresh(
            Thread, account=account, external_id=key[1], identity=identity, case=case, place=said.thread.place,
            subject=clean(said.thread.subject)[:255], post=post,
        )  # fmt: skip
        batch.threads[key] = thread
        batch.new_threads.append(thread)
    else:
        elsewhere = thread.case_id != case.pk or (case.pk is None and thread.case is not case)
        if elsewhere:
            thread.case = case
        if post is not None and thread.post_id is None:
            thread.post, elsewhere = post, True
        if elsewhere and thread.pk and thread not in batch.moved_threads:
            batch.moved_threads.append(thread)
    waiting = not said.automatic
    text = clean(said.text)
    batch.messages.append(fresh(
        Message, thread=thread, case=case, account=account, post=thread.post, direction=Message.Direction.IN,
        external_id=said.external_id[:255], hidden_at=arrival.received_at if said.hidden else None,
        state=Message.State.WAITING if waiting else Message.State.DISPOSED, text=text,
        html=clean(said.html), quoted=clean(said.quoted), subject=clean(said.thread.subject)[:255],
        identity=identity, automatic=said.automatic, sent_at=sent_at, received_at=arrival.received_at,
        delivery_id=arrival.delivery_id, extra=told.extra_of(said),
    ))  # fmt: skip
    case.last_at = max(case.last_at, sent_at)
    case.preview = _preview(case, arrival, text)
    if waiting:
        case.closed_at = None
        case.snoozed_until = None
        case.waiting_since = min(case.waiting_since or sent_at, sent_at)


def _preview(case: Case, arrival: Arrival, text: str) -> str:
    """The words that tell what it is about. Neither a photograph nor a pressed button hides those that wait already."""
    words = "" if arrival.said.choice and case.waiting_since else excerpt(text, 150)
    if words or (case.waiting_since and case.preview):
        return words or case.preview
    return arrival.files[0].name[:150] if arrival.files else case.preview


def _case_for(batch: Batch, arrival: Arrival, identity: Identity, thread: Thread | None, sent_at: datetime) -> Case:
    """The case this arrival continues, or a new one."""
    brand = arrival.account.brand
    if thread is not None:
        case = batch.cases.get(thread.case_id) if thread.case_id else thread.case
        if case is not None and (arrival.said.automatic or same_thread(_matter(case), sent_at)):
            return case
    else:
        case = batch.by_customer.get((identity.customer_id, brand.pk))
        if case is not None and same_customer(_matter(case), sent_at):
            return case
    case = fresh(
        Case, brand=brand, customer=identity.customer, account=arrival.account,
        subject=clean(arrival.said.thread.subject)[:255], opened_at=sent_at, last_at=sent_at,
        closed_at=sent_at if arrival.said.automatic else None,
    )  # fmt: skip
    batch.new_cases.append(case)
    batch.by_customer[(identity.customer_id, brand.pk)] = case
    return case


def _matter(case: Case) -> Matter:
    return Matter(case.pk or 0, case.last_at, case.closed_at, case.waiting_since is not None)


def _write(batch: Batch, arrivals: Sequence[Arrival]) -> None:
    """Everything the batch decided, in the order that foreign keys need."""
    insert_many(batch.new_cases)
    for thread in [*batch.new_threads, *batch.moved_threads]:
        thread.case = thread.case  # takes up the id its case has got
    insert_many(batch.new_threads)
    update_many(batch.moved_threads, ["case", "post"])
    disposed = [m for m in batch.messages if m.automatic]
    dispositions = [
        Disposition(case=m.case, reason=Disposition.Reason.AUTOMATIC, note=m.automatic, actor="system", at=batch.now)
        for m in disposed
    ]
    Disposition.objects.bulk_create(dispositions, batch_size=500)
    for message, disposition in zip(disposed, dispositions, strict=True):
        message.disposition = disposition
    for message in batch.messages:
        message.case, message.thread, message.post = message.case, message.thread, message.post
    insert_many(batch.messages)
    touched = {m.case.pk: m.case for m in batch.messages if m.case.pk in batch.cases}
    fields = ["last_at", "preview", "closed_at", "snoozed_until", "waiting_since"]
    update_many(list(touched.values()), fields)
    attach([(m, a.files) for m, a in zip(batch.messages, arrivals, strict=True)])
    ledger.tally(batch.messages, received=1)
    ledger.tally(disposed, disposed=1)
    index(batch.messages)
    reached = [(a.account.pk, one) for a in arrivals for one in told.reaches_of(a.said)]
    if reached:
        told.keep(reached, batch.now, quietly=True)
    new = {id(case) for case in batch.new_cases}
    record_all(
        event(
            "message.received", batch.now, f"customer:{m.case.customer_id}", case_id=m.case_id,
            operator_id=m.case.holder_id, brand_id=m.case.brand_id, message=m.pk, thread=m.thread_id,
            opened=id(m.case) in new, automatic=m.automatic,
        )
        for m in batch.messages
    )  # fmt: skip
