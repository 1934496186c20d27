"""Reading a crowd: what is said under a post and by how many, who says it, and how a round stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from netcenter.cases.models import Message, Post
from netcenter.crowds.models import Addressee, Chorus, Crowd, Round
from netcenter.people.models import Person
from netcenter.people.permissions import visible_brands

PAGE = 30  # choruses
VOICES = 20  # comments of one chorus
MOST_PAGES = 200
PACE = timedelta(minutes=2)  # over which it is told how fast a round goes


def crowd_of(post: Post) -> Crowd:
    """What is counted under the post; asking for one that nobody counted makes the loop count it."""
    return Crowd.objects.get_or_create(post=post)[0]


@dataclass(frozen=True)
class Listed:
    """A page of what is said."""

    choruses: list[Chorus]
    page: int
    more: bool


def listed(post: Post, kind: str = "", page: int = 0) -> Listed:
    """What is said under the post, first what most people wait with."""
    page = min(max(page, 0), MOST_PAGES)
    found = Chorus.objects.filter(post=post, **({"kind": kind} if kind else {}))
    rows = list(found.order_by("-waiting", "-comments", "id")[page * PAGE : (page + 1) * PAGE + 1])
    return Listed(rows[:PAGE], page, len(rows) > PAGE)


def voices(chorus: Chorus, after: int = 0) -> tuple[list[Message], bool]:
    """Comments of one chorus, in their order, and whether there are more."""
    named = ("thread__account", "identity", "operator", "account__brand", "case__holder")
    found = Message.objects.filter(voice__chorus=chorus, pk__gt=after).select_related(*named)
    rows = list(found.order_by("pk")[: VOICES + 1])
    return rows[:VOICES], len(rows) > VOICES


def chosen(post: Post, chorus_ids: Sequence[int], kind: str = "") -> QuerySet[Message]:
    """The comments of these choruses, or of all of a kind."""
    within = Q(voice__chorus__in=list(chorus_ids))
    if kind:
        within |= Q(voice__chorus__kind=kind, voice__chorus__post=post)
    return Message.objects.filter(within, post=post, direction=Message.Direction.IN)


def to_answer(post: Post, chorus_ids: Sequence[int], kind: str = "") -> list[tuple[int, int]]:
    """The last waiting comment of each customer who said so, as (message, case): everybody is answered once."""
    waiting = chosen(post, chorus_ids, kind).filter(state=Message.State.WAITING, deleted_at=None).order_by("pk")
    last = {case: message for message, case in waiting.values_list("pk", "case_id")}
    return sorted((message, case) for case, message in last.items())


def to_hide(post: Post, chorus_ids: Sequence[int], kind: str = "") -> list[int]:
    """Those that can be seen there."""
    seen = chosen(post, chorus_ids, kind).filter(hidden_at=None, deleted_at=None)
    return list(seen.order_by("pk").values_list("pk", flat=True))


@dataclass(frozen=True)
class Progress:
    """How far a round is."""

    total: int
    done: int
    left: int
    next: int
    a_minute: int  # lately

    @property
    def share(self) -> float:
        return (self.done + self.left) / self.total if self.total else 1.0

    @property
    def minutes_left(self) -> int | None:
        return None if not self.a_minute or not self.next else max(1, -(-self.next // self.a_minute))


def progress(round: Round, now: datetime) -> Progress:
    """Counted from its rows."""
    by = dict(Addressee.objects.filter(round=round).order_by().values_list("state").annotate(n=Count("id")))
    done, left, following = (by.get(state, 0) for state in ("done", "left", "next"))
    lately = Addressee.objects.filter(round=round, state="done", done_at__gt=now - PACE).count()
    return Progress(done + left + following, done, left, following, (lately + 1) // 2)


def rounds_of(post: Post) -> list[Round]:
    """The rounds under a post, newest first."""
    return list(Round.objects.filter(post=post).select_related("by", "approved_by").order_by("-id")[:20])


def asked(person: Person) -> list[Round]:
    """Rounds of this person's brands that wait for somebody to agree, oldest first."""
    found = Round.objects.filter(visible_brands(person, "post__account__brand"), state=Round.State.ASKED)
    return list(found.select_related("by", "post__account__brand").order_by("id")[:50])


def left_over(round: Round) -> list[Addressee]:
    """What a round left for people, oldest first."""
    found = Addressee.objects.filter(round=round, state=Addressee.State.LEFT)
    return list(found.select_related("message__identity", "message__case").order_by("id")[:100])


def some_of(round: Round, most: int = 5) -> list[Addressee]:
    """A few of those it is about."""
    found = Addressee.objects.filter(round=round).select_related("message__identity", "message__case__brand")
    return list(found.order_by("id")[:most])
