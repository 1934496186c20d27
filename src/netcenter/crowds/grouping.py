"""Sorting what is said under posts into choruses, and counting it: after the record, never on a message's own way."""

import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from netcenter.cases.models import Message
from netcenter.crowds.models import Chorus, Crowd, Follow, Voice
from netcenter.events.models import Event
from netcenter.events.queries import behind, latest
from netcenter.lib.alike import Entry, Index, gist
from netcenter.lib.bulk import insert_many, update_many
from netcenter.lib.text import excerpt
from netcenter.lib.transactions import atomic

NAME = "crowds"
BATCH = 2000
MOST_POSTS, MOST_ENTRIES = 64, 60_000  # whose words are kept at hand: some 1.5 KB each
CHANGES = (
    "message.received", "message.written", "message.failed", "message.retried", "message.echoed", "message.vanished",
    "message.hidden", "case.disposed", "deed.done",
)  # fmt: skip
WORDS = 400  # characters shown of a chorus


@dataclass
class Sorter:
    """Sorts; keeps the words of the posts that are talked about now. One at a time: the loop's lease sees to it."""

    indexes: OrderedDict[int, Index] = field(default_factory=OrderedDict)

    def follow(self) -> int:
        """Read the record on; returns how many facts there were. Read twice they change nothing."""
        mine, fresh = Follow.objects.get_or_create(name=NAME)
        end = latest()
        if fresh:  # what was said before is sorted when somebody looks at its post
            Follow.objects.filter(name=NAME).update(transaction_id=end[0], event_id=end[1])
            return 0
        facts = _facts((mine.transaction_id, mine.event_id), end)
        self.sort([f["message"] for kind, _case, f in facts if kind == "message.received" and f.get("message")])
        _mark({case for kind, case, _data in facts if kind != "message.received" and case})
        last = facts.end if len(facts) == BATCH else end
        if last != (mine.transaction_id, mine.event_id):
            Follow.objects.filter(name=NAME).update(transaction_id=last[0], event_id=last[1])
        return len(facts)

    def sort(self, message_ids: Sequence[int]) -> int:
        """Put these comments into choruses; what stands under no post, or is sorted already, is passed over.

        Thought out before the transaction: while it runs, nobody else may write.
        """
        unsorted = Message.objects.filter(pk__in=message_ids, post__isnull=False, direction="in", voice=None)
        rows = list(unsorted.order_by("pk").values_list("pk", "post_id", "text", "reading__kind", "reading__language"))
        fresh: list[tuple[Chorus, Entry]] = []
        joined: list[tuple[int, Entry]] = []
        try:
            for pk, post, text, kind, language in rows:
                index, said, frame = self._index(post), gist(text), f"{kind or ''}/{language or ''}"
                entry = index.find(said, frame)
                if entry is None:
                    made = Chorus(post_id=post, kind=kind or "", language=language or "", words=excerpt(text, WORDS))
                    entry = index.add(gist(made.words), frame)
                    fresh.append((made, entry))
                joined.append((pk, entry))
            _keep(fresh, joined, {post for _pk, post, *_rest in rows})
        except Exception:
            self.indexes.clear()  # they may name choruses that were never written
            raise
        return len(rows)

    def _index(self, post_id: int) -> Index:
        """What was said there so far, read once."""
        if post_id not in self.indexes:
            index = self.indexes[post_id] = Index()
            for pk, kind, language, words in (
                Chorus.objects.filter(post_id=post_id).order_by("pk").values_list("pk", "kind", "language", "words")
            ):
                index.add(gist(words), f"{kind}/{language}", pk)
            while len(self.indexes) > 1 and (
                len(self.indexes) > MOST_POSTS or sum(map(len, self.indexes.values())) > MOST_ENTRIES
            ):
                self.indexes.popitem(last=False)
        self.indexes.move_to_end(post_id)
        return self.indexes[post_id]

    def catch_up(self) -> int:
        """Sort what stood under a post before anybody looked, a batch; returns how many comments that were."""
        crowd = Crowd.objects.filter(whole=False).order_by("pk").first()
        if crowd is None:
            return 0
        older = Message.objects.filter(post_id=crowd.post_id, direction="in", voice=None)
        ids = list(older.order_by("sent_at", "id").values_list("pk", flat=True)[:BATCH])
        done = self.sort(ids)
        if len(ids) < BATCH:
            Crowd.objects.filter(pk=crowd.pk).update(whole=True, stale=True)
        return max(done, 1)


@atomic
def _keep(fresh: Sequence[tuple[Chorus, Entry]], joined: Sequence[tuple[int, Entry]], posts: set[int]) -> None:
    insert_many([chorus for chorus, _entry in fresh])
    for chorus, entry in fresh:
        entry.number = chorus.pk
    insert_many([Voice(message_id=pk, chorus_id=entry.number) for pk, entry in joined])
    for post in posts:
        Crowd.objects.get_or_create(post_id=post)
    Crowd.objects.filter(post_id__in=posts).update(stale=True)


class _Facts(list[tuple[str, int | None, dict]]):
    end = (0, 0)


def _facts(cursor: tuple[int, int], end: tuple[int, int]) -> _Facts:
    """What concerns us behind the cursor, up to what was settled when we began to look."""
    rows = Event.objects.filter(behind(cursor), kind__in=CHANGES, transaction_id__lte=end[0])
    found = _Facts()
    for transaction, pk, kind, case, data in rows.order_by("transaction_id", "id").values_list(
        "transaction_id", "id", "kind", "case_id", "data"
    )[:BATCH]:
        if (transaction, pk) > end:
            break
        found.append((kind, case, data))
        found.end = (transaction, pk)
    return found


def _mark(cases: set[int]) -> None:
    """Something happened to these cases: the posts they speak under are counted anew."""
    if cases:
        posts = Message.objects.filter(case_id__in=cases, post__isnull=False).values_list("post_id", flat=True)
        Crowd.objects.filter(pk__in=set(posts)).update(stale=True)


def recount(now: datetime, most_seconds: float = 0.5) -> int:
    """Count the posts where something happened, until the time is over; returns how many were counted."""
    began, counted = time.monotonic(), 0
    for crowd in Crowd.objects.filter(stale=True).order_by("counted_at", "pk")[:50]:
        count(crowd, now)
        counted += 1
        if time.monotonic() - began > most_seconds:
            break
    return counted


def count(crowd: Crowd, now: datetime) -> None:
    """Count what stands under one post, from the messages themselves; only what changed is written."""
    Crowd.objects.filter(pk=crowd.pk).update(stale=False)  # first: what happens meanwhile makes it stale again
    own = Message.objects.filter(post_id=crowd.pk, direction="in")
    waiting = Q(state=Message.State.WAITING)
    rows = own.filter(voice__isnull=False).order_by().values("voice__chorus").annotate(
        n=Count("pk"), w=Count("pk", filter=waiting), p=Count("identity_id", distinct=True)
    )  # fmt: skip
    told = {row["voice__chorus"]: (row["n"], row["w"], row["p"]) for row in rows}
    changed, kinds = [], dict[str, list[int]]()
    for chorus in Chorus.objects.filter(post_id=crowd.pk).defer("words"):
        n, w, p = told.get(chorus.pk, (0, 0, 0))
        of_kind = kinds.setdefault(chorus.kind, [0, 0])
        of_kind[0], of_kind[1] = of_kind[0] + n, of_kind[1] + w
        if (chorus.comments, chorus.waiting, chorus.people) != (n, w, p):
            chorus.comments, chorus.waiting, chorus.people = n, w, p
            changed.append(chorus)
    hidden = Q(hidden_at__isnull=False) | Q(deleted_at__isnull=False)
    sums = own.aggregate(n=Count("pk"), w=Count("pk", filter=waiting), h=Count("pk", filter=hidden),
                         p=Count("identity_id", distinct=True))  # fmt: skip
    _write(crowd.pk, changed, {
        "comments": sums["n"], "waiting": sums["w"], "hidden": sums["h"], "people": sums["p"], "choruses": len(told),
        "kinds": kinds, "counted_at": now,
    })  # fmt: skip


@atomic
def _write(crowd_id: int, changed: Sequence[Chorus], figures: dict[str, Any]) -> None:
    update_many(changed, ["comments", "waiting", "people"])
    Crowd.objects.filter(pk=crowd_id).update(**figures)
