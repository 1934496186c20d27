"""What networks tell beside words: hidden, reactions, reach, calls, windows. Many at once, each once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from netcenter.accounts import actions as accounts
from netcenter.cases.models import Case, Message, OtherName, Post, Reach, Reaction, Thread
from netcenter.cases.rules import call_of, grown, merged
from netcenter.channels import contract
from netcenter.channels.contract import Called, Hidden, Inbound, Opened, Reached, Trouble
from netcenter.events.actions import event, record, record_all
from netcenter.events.models import Event
from netcenter.lib.bulk import insert_many, update_many
from netcenter.lib.prepared import prepared
from netcenter.lib.text import clean

Told = Called | Hidden | Opened | Reached | contract.Reaction | Trouble
Said = tuple[int, Told]
"""The account that is told, and what."""

LONGEST = 2000  # characters of one text


def messages_of(pairs: Sequence[tuple[int, str]]) -> dict[tuple[int, str], Message]:
    """The messages that networks mean by these names, by (account, external id)."""
    wanted = {(account, name[:255]) for account, name in pairs if name}
    found: dict[tuple[int, str], Message] = {}
    for account in {account for account, _name in wanted}:
        names = [name for one, name in wanted if one == account]
        found |= {(account, m.external_id): m for m in _named(account, names)}
        rest = [name for name in names if (account, name) not in found]
        found |= {(account, o.external_id): o.message for o in _otherwise_named(account, rest)}
    return found


@prepared
def _named(account_id: int, names: list[str]) -> QuerySet[Message]:
    return Message.objects.select_related("case").filter(account_id=account_id, external_id__in=names)


@prepared
def _otherwise_named(account_id: int, names: list[str]) -> QuerySet[OtherName]:
    return OtherName.objects.select_related("message__case").filter(account_id=account_id, external_id__in=names)


def posts_of(pairs: Sequence[tuple[int, str]]) -> dict[tuple[int, str], Post]:
    """The same of posts."""
    found: dict[tuple[int, str], Post] = {}
    for account in {account for account, _name in pairs}:
        names = [name[:255] for one, name in pairs if one == account and name]
        found |= {(account, post.external_id): post for post in _posts_named(account, names)}
    return found


@prepared
def _posts_named(account_id: int, names: list[str]) -> QuerySet[Post]:
    return Post.objects.filter(account_id=account_id, external_id__in=names)


@dataclass
class _Batch:
    now: datetime
    messages: dict[tuple[int, str], Message]
    posts: dict[tuple[int, str], Post]
    events: list[Event] = field(default_factory=list)


def keep(said: Sequence[Said], now: datetime, *, quietly: bool = False) -> list[Message]:
    """Write all of it down, in the running transaction; told twice, or what is known already, it changes nothing.

    Returns the messages of calls that somebody answered: those wait no longer. `quietly`: their event is told already.
    """
    names = [(account, getattr(one, "external_id", "")) for account, one in said]
    batch = _Batch(now, messages_of(names), posts_of(names))
    answered = []
    for account, one in said:
        match one:
            case Hidden():
                _hide(batch, account, one)
            case Called():
                message = batch.messages.get((account, one.external_id[:255]))
                if message is not None and _call(batch, message, one) and one.state == "answered":
                    answered.append(message)
            case Opened():
                _open(batch, account, one)
            case Trouble():
                trouble(account, one, now)
    _react(batch, [(account, one) for account, one in said if isinstance(one, contract.Reaction)])
    _reach(batch, [(account, one) for account, one in said if isinstance(one, Reached)])
    if not quietly:
        record_all(batch.events)
    return answered


def is_here(said: Sequence[Said]) -> list[bool]:
    """Whether each can be kept now: what was hidden or called must be here first, all else is kept anyway."""
    about = [(account, one.external_id) for account, one in said if isinstance(one, Called | Hidden)]
    if not about:
        return [True] * len(said)
    messages, posts = messages_of(about), posts_of(about)
    return [
        not isinstance(one, Called | Hidden)
        or (account, one.external_id[:255]) in messages
        or (isinstance(one, Hidden) and (account, one.external_id[:255]) in posts)
        for account, one in said
    ]


def trouble(account_id: int, one: Trouble, now: datetime) -> None:
    """The network says that the account is in trouble: its health shows it, and an administrator is told."""
    record(event("account.troubled", now, account=account_id, what=one.what, detail=one.detail[:300],
                 told_at=one.at.isoformat()))  # fmt: skip
    accounts.fared_ill(account_id, one.detail or one.what, one.what in ("token", "right"), now)


def _note(kind: str, batch: _Batch, account: int, message: Message | None, told: Told, post: int | None = None) -> None:
    """One event, on the case of the message that it is about."""
    case = message.case if message else None
    about: dict[str, Any] = {"post": post} if post else {}
    batch.events.append(event(
        kind, batch.now, case_id=case.pk if case else None, brand_id=case.brand_id if case else None,
        operator_id=case.holder_id if case else None, account=account, message=message.pk if message else None,
        told=plain(told), **about,
    ))  # fmt: skip


def _hide(batch: _Batch, account: int, one: Hidden) -> None:
    name = (account, one.external_id[:255])
    thing = batch.messages.get(name) or batch.posts.get(name)
    if thing is None:
        return
    rows = type(thing).objects.filter(pk=thing.pk, hidden_at__isnull=not one.shown)  # type: ignore[attr-defined]
    how: dict[str, Any] = {"hidden_at": None if one.shown else one.at}
    if isinstance(thing, Message):
        how["hidden_by"] = "" if one.shown else one.by
        if rows.update(**how):
            _note("message.hidden", batch, account, thing, one)
    elif rows.update(**how):
        _note("post.hidden", batch, account, None, one, post=thing.pk)


def _call(batch: _Batch, message: Message, one: Called) -> bool:
    """What became of a telephone call, as far as it got; False when that was known."""
    message = Message.objects.select_for_update(of=("self",)).select_related("case").get(pk=message.pk)
    before = message.extra.get("call", {})
    if one.state in before.get("steps", {}) and (one.seconds is None or "seconds" in before):
        return False
    promised = one.promised_at.isoformat() if one.promised_at else ""
    told = {"by": clean(one.by)[:60], "seconds": one.seconds, "transcript": clean(one.text), "promised_at": promised}
    known = {**before, **{name: value for name, value in told.items() if value not in ("", None)}}
    call = call_of(known, {**before.get("steps", {}), one.state: one.at.isoformat()})
    message.extra = {**message.extra, "call": call}
    update_many([message], ["extra"])
    if one.state == "ended" and call["talked"]:  # a long talk was no silence
        Case.objects.filter(pk=message.case_id, last_at__lt=one.at).update(last_at=min(one.at, batch.now))
    _note("message.called", batch, message.account_id, message, one)
    return True


def _open(batch: _Batch, account: int, one: Opened) -> None:
    thread = Thread.objects.select_related("case").filter(account_id=account, external_id=one.thread.external_id[:255])
    found = thread.first()
    if found is None:
        return
    later = Thread.objects.filter(pk=found.pk).exclude(open_until__gte=one.until)
    if later.update(open_until=one.until):
        latest = Message.objects.select_related("case").filter(thread=found).order_by("-id").first()
        _note("message.opened", batch, account, latest, one)


def _react(batch: _Batch, said: Sequence[tuple[int, contract.Reaction]]) -> None:
    rows: dict[tuple[int, str, str, str], Reaction] = {}
    for account in {account for account, _one in said}:
        targets = [one.external_id[:255] for each, one in said if each == account]
        for known in Reaction.objects.filter(account_id=account, target__in=targets):
            rows[account, known.target, known.author, known.what] = known
    fresh: list[Reaction] = []
    changed: dict[int, Reaction] = {}
    for account, one in said:
        name = (account, one.external_id[:255], one.author.external_id[:255], clean(one.what)[:60])
        row = rows.get(name)
        if row is None:
            row = rows[name] = Reaction(
                account_id=account, target=name[1], author=name[2], name=clean(one.author.name)[:200], what=name[3],
                at=one.at, stands=one.added,
            )  # fmt: skip
            fresh.append(row)
        elif one.at < row.at or one.added == row.stands:
            continue
        else:
            row.at, row.stands = one.at, one.added
            if row.pk:
                changed[row.pk] = row
        post = batch.posts.get(name[:2])
        about = batch.messages.get(name[:2])
        _note("message.reacted", batch, account, about, one, post=post.pk if post else None)
    insert_many(fresh)
    update_many(list(changed.values()), ["at", "stands"])


def _reach(batch: _Batch, said: Sequence[tuple[int, Reached]]) -> None:
    rows: dict[tuple[int, str, str], Reach] = {}
    for account in {account for account, _one in said}:
        targets = [one.external_id[:255] for each, one in said if each == account]
        for known in Reach.objects.filter(account_id=account, target__in=targets):
            rows[account, known.of, known.target] = known
    fresh: list[Reach] = []
    changed: dict[int, Reach] = {}
    for account, one in said:
        name, told = (account, one.of, one.external_id[:255]), plain(one.reach)
        row = rows.get(name)
        if not told or (row and _knows(row, one, told)):
            continue
        if row is None:
            row = rows[name] = Reach(account_id=account, of=one.of, target=name[2], at=one.at)
            fresh.append(row)
        elif row.pk:
            changed[row.pk] = row
        row.told = merged(row.told, told, one.at >= row.at)
        row.growth, row.at = grown(row.growth, one.at, told), max(row.at, one.at)
        message = batch.messages.get((account, name[2])) if one.of == "message" else None
        _note("message.reached", batch, account, message, one)
    insert_many(fresh)
    update_many(list(changed.values()), ["told", "growth", "at"])


def _knows(row: Reach, one: Reached, told: dict[str, Any]) -> bool:
    newer = one.at >= row.at
    return (newer and row.told == merged(row.told, told, True)) or [one.at.isoformat(), told] in row.growth


# --- Beside a message -----------------------------------------------------------------------------


def extra_of(said: Inbound) -> dict[str, Any]:
    """What a message keeps beside its words, under the names of the contract; what was not told is left out."""
    beside: dict[str, Any] = {
        "form": "" if said.form == "message" else said.form, "parent": said.parent, "url": said.url,
        "language": said.language, "review": plain(said.review), "choice": said.choice,
    }  # fmt: skip
    return dict(said.extra) | {name: value for name, value in beside.items() if value}


def reaches_of(said: Inbound) -> list[Reached]:
    """How far the words, their author and their post carry, where that was told along with them."""
    found = [
        (said.external_id, said.reach, "message"), (said.author.external_id, said.author.reach, "author"),
        (said.thread.post.external_id, said.thread.post.reach, "post") if said.thread.post else ("", None, "post"),
    ]  # fmt: skip
    return [Reached(name, reach, said.sent_at, of) for name, reach, of in found if reach]  # type: ignore[arg-type]


def plain(value: Any) -> Any:
    """As JSON: what is empty is left out, texts are cut, and bytes are never among it."""
    if is_dataclass(value):
        named = {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        return {name: each for name, each in named.items() if each not in (None, "", [], {})}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str):
        return clean(value)[:LONGEST]
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return None if isinstance(value, bytes) else value
