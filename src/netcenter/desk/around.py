"""What stands around a customer's public words: the post, what others wrote there, reactions, and what we did to it."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q, QuerySet

from netcenter.cases.models import Case, Message, Post, Reach, Reaction
from netcenter.channels.registry import channel
from netcenter.outbox import deeds
from netcenter.outbox.models import Deed
from netcenter.people.models import Person

BEFORE, PAGE = 10, 40  # comments shown before the customer's own, and in all

# What was done and can still be seen to be: who did it and why stands with the words.
STANDS: dict[str, Callable[[Message, datetime], bool]] = {
    "hide": lambda message, _now: message.hidden_by == "us",
    "delete_theirs": lambda message, _now: message.deleted_at is not None,
    "delete_ours": lambda message, _now: message.deleted_at is not None,
    "block": lambda message, now: bool(message.identity and (message.identity.blocked_until or now) > now),
}


@dataclass(frozen=True)
class Beside:
    """What is known of messages beside their words: by their number, what was done to them, and by whom."""

    reactions: dict[int, list[tuple[str, int]]] = field(default_factory=dict)  # what, how many
    liked: set[int] = field(default_factory=set)  # by us
    deeds: dict[int, list[Deed]] = field(default_factory=dict)  # that are not done (yet), by the house alone, or stand
    reach: dict[int, dict] = field(default_factory=dict)
    possible: dict[int, list[str]] = field(default_factory=dict)


def beside(messages: Sequence[Message], person: Person, now: datetime) -> Beside:
    """For those whose network knows acts or public places; others cost nothing."""
    public = [m for m in messages if m.post_id or channel(m.thread.account.channel).capabilities.acts]
    if not public:
        return Beside()
    by_name = {(m.account_id, m.external_id): m.pk for m in public}
    accounts, names = {m.account_id for m in public}, [m.external_id for m in public]
    counts: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    liked = set()
    for r in Reaction.objects.filter(account__in=accounts, target__in=names, stands=True):
        if (pk := by_name.get((r.account_id, r.target))) is not None:
            counts[pk][r.what] += 1
            if not r.author:
                liked.add(pk)
    open_: dict[int | None, list[Deed]] = defaultdict(list)
    states = [*deeds.UNDONE, Deed.State.ASKED, Deed.State.REFUSED, Deed.State.DROPPED]
    told = Q(state__in=states) | Q(state=Deed.State.DONE) & (~Q(error="") | Q(verb__in=STANDS))
    known = Deed.objects.filter(told, message__in=public, asked_at__lte=now)  # not what is only planned
    of = {m.pk: m for m in public}
    for deed in known.select_related("by", "approval__seen_by").order_by("id"):
        if (stands := STANDS.get(deed.verb)) and deed.state == Deed.State.DONE:
            if not stands(of[deed.message_id], now):  # type: ignore[index]
                continue
            before = open_[deed.message_id]
            before[:] = [d for d in before if (d.verb, d.state) != (deed.verb, deed.state)]
        open_[deed.message_id].append(deed)
    reach = Reach.objects.filter(account__in=accounts, of="message", target__in=names)
    return Beside(
        {pk: sorted(n.items(), key=lambda each: -each[1]) for pk, n in counts.items()}, liked, dict(open_),  # type: ignore[arg-type]
        {by_name[r.account_id, r.target]: r.told for r in reach if (r.account_id, r.target) in by_name},
        {m.pk: _offered(m, person, now, m.pk in liked, open_[m.pk]) for m in public},
    )  # fmt: skip


def _offered(message: Message, person: Person, now: datetime, liked: bool, known: Sequence[Deed]) -> list[str]:
    not_again = {deed.verb for deed in known if deed.state in deeds.UNDER_WAY} & set(deeds.DISAPPEARS)
    not_again.add("react" if liked else "unreact")
    return [verb for verb in deeds.possible(message, person, now) if verb not in not_again]


def others(case: Case, post_id: int) -> int:
    """How many words of others stand under the post."""
    under = Message.objects.filter(post_id=post_id)
    return under.count() - under.filter(case=case).count()  # two counts along indexes, however many there are


@dataclass(frozen=True)
class Around:
    """A post with a page of what stands under it, oldest first."""

    post: Post
    reach: dict
    comments: list[Message]
    earlier: Message | None  # there is more before this one
    later: Message | None


def around(case: Case, post: Post, before: int | None = None, after: int | None = None) -> Around:
    """The page of comments around the customer's own; or the one before, or after, a comment of that number."""
    named = ("thread__account", "identity", "operator", "account__brand", "case")
    found = Message.objects.filter(post=post).select_related(*named).prefetch_related("attachments")
    if before is not None or after is not None:
        edge = Message.objects.filter(post=post, pk=before or after or 0).first()
        older, newer = ([], []) if edge is None else (_older(found, edge, PAGE + 1), _newer(found, edge, PAGE + 1))
        page = older if before is not None else newer
    else:
        own = found.filter(case=case).order_by("sent_at", "id").first()
        head = _older(found, own, BEFORE + 1) if own else []
        tail = [own, *_newer(found, own, PAGE - BEFORE)] if own else list(found.order_by("sent_at", "id")[: PAGE + 1])
        page = [*head, *tail]
    reach = Reach.objects.filter(account=post.account_id, of="post", target=post.external_id).first()
    bare = Message.objects.filter(post=post)
    first, last = (page[0], page[-1]) if page else (None, None)
    more_before = bool(first and _older(bare, first, 1))
    more_after = bool(last and _newer(bare, last, 1))
    return Around(post, reach.told if reach else {}, page, first if more_before else None, last if more_after else None)


def _older(found: QuerySet[Message], edge: Message, most: int) -> list[Message]:
    rows = found.filter(Q(sent_at__lt=edge.sent_at) | Q(sent_at=edge.sent_at, pk__lt=edge.pk))
    return list(reversed(rows.order_by("-sent_at", "-id")[:most]))


def _newer(found: QuerySet[Message], edge: Message, most: int) -> list[Message]:
    rows = found.filter(Q(sent_at__gt=edge.sent_at) | Q(sent_at=edge.sent_at, pk__gt=edge.pk))
    return list(rows.order_by("sent_at", "id")[:most])
