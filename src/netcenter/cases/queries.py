"""Reading cases: the lists of the desk, one case as one story, a customer's history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Prefetch, Q, QuerySet

from netcenter.cases.models import Attachment, Case, Customer, Disposition, Mention, Message, Note, Thread
from netcenter.cases.search import find
from netcenter.people.models import Person
from netcenter.people.permissions import brand_ids, visible_brands

PAGE = 50
STORY = 200  # messages shown of one case; older ones on request


def visible(person: Person) -> QuerySet[Case]:
    """The cases the person may see, with what a row of a list shows."""
    return Case.objects.filter(visible_brands(person)).select_related("customer", "account", "brand", "holder")


def visible_along(person: Person) -> QuerySet[Case]:
    """The same for a list with a narrower index than the brand's, which SQLite would take for the narrow one."""
    cases = Case.objects.select_related("customer", "account", "brand", "holder")
    brands = brand_ids(person)
    return cases if brands is None else cases.alias(of_brand=F("brand_id") + 0).filter(of_brand__in=brands)


def held_by(person: Person) -> QuerySet[Case]:
    """The person's own cases: those that wait first, by promise."""
    return visible_along(person).filter(holder=person).order_by(F("due_at").asc(nulls_last=True), "id")


def waiting(person: Person) -> QuerySet[Case]:
    """What waits and nobody holds, the first promise to break first."""
    one_brand = len(brand_ids(person) or ()) == 1
    cases = visible(person) if one_brand else visible_along(person)  # several brands along their index need sorting
    return cases.filter(waiting_since__isnull=False, holder=None).order_by("due_at", "id")


def team(person: Person) -> QuerySet[Case]:
    """What colleagues hold."""
    return visible_along(person).filter(holder__isnull=False).exclude(holder=person).order_by("due_at", "id")


def recent(person: Person) -> QuerySet[Case]:
    """Every case, the latest word first."""
    return visible(person).order_by("-last_at")


def searched(person: Person, words: str, limit: int = PAGE) -> list[Case]:
    """The cases that match, newest first."""
    ids = find(words, limit)
    by_id = {c.pk: c for c in visible_along(person).filter(pk__in=ids)}
    return [by_id[i] for i in ids if i in by_id]


@dataclass(frozen=True)
class Story:
    """A case over all its threads, oldest first; `older` tells that there is more before."""

    messages: list[Message]
    notes: list[Note]
    older: bool

    @property
    def seen_id(self) -> int | None:
        """The last inbound message shown: what a reply answers goes up to here."""
        return max((m.pk for m in self.messages if m.direction == Message.Direction.IN), default=None)


def story(case: Case, before_id: int | None = None, limit: int = STORY) -> Story:
    """The messages and notes of a case."""
    messages = (
        Message.objects.filter(case=case)
        .select_related(
            "thread__account",
            "thread__post",
            "account__brand",
            "identity",
            "operator",
            "disposition",
            "reading",
            "dispatch",
        )
        .prefetch_related(Prefetch("attachments", queryset=Attachment.objects.order_by("id")))
        .order_by("-sent_at", "-id")
    )
    if before_id is not None:
        messages = messages.filter(pk__lt=before_id)
    found = list(messages[: limit + 1])
    notes = Note.objects.filter(case=case).select_related("author").order_by("at")
    return Story(list(reversed(found[:limit])), list(notes), len(found) > limit)


def threads_of(case: Case) -> list[Thread]:
    """The places where the case can be answered, the latest spoken in first."""
    spoken = Message.objects.filter(case=case, direction="in").order_by("-sent_at", "-id")
    order = list(dict.fromkeys(spoken.values_list("thread_id", flat=True)[:STORY]))
    found = {
        t.pk: t for t in Thread.objects.select_related("account", "identity").filter(Q(case=case) | Q(pk__in=order))
    }
    return sorted(found.values(), key=lambda t: order.index(t.pk) if t.pk in order else len(order))


def history_of(customer: Customer, person: Person, besides: int = 0) -> list[Case]:
    """The customer's other cases, latest first."""
    return list(visible_along(person).filter(customer=customer).exclude(pk=besides).order_by("-last_at")[:20])


def waiting_by_age(person: Person, bounds: Sequence[datetime]) -> list[int]:
    """How many messages wait from before each bound (bounds newest first), each counted once in the oldest it fits."""
    counts = Message.objects.filter(visible_brands(person, "case__brand"), state=Message.State.WAITING).aggregate(
        **{f"b{i}": Count("id", filter=Q(sent_at__lte=bound)) for i, bound in enumerate(bounds)}
    )
    totals = [counts[f"b{i}"] for i in range(len(bounds))]
    return [n - (totals[i + 1] if i + 1 < len(totals) else 0) for i, n in enumerate(totals)]


def waiting_messages(person: Person, after: tuple[datetime, int] | None = None, limit: int = PAGE) -> list[Message]:
    """Every message that waits, oldest first, by pages (keyset)."""
    found = Message.objects.filter(visible_brands(person, "case__brand"), state=Message.State.WAITING)
    if after is not None:
        found = found.filter(Q(sent_at__gt=after[0]) | Q(sent_at=after[0], pk__gt=after[1]))
    return list(
        found.select_related("case__customer", "case__brand", "case__holder", "account", "thread")
        .order_by("sent_at", "id")[:limit]
    )  # fmt: skip


def mentions_of(person: Person) -> list[Mention]:
    """Where colleagues named the person and they have not looked yet."""
    unseen = Mention.objects.filter(person=person, seen_at=None)
    return list(unseen.select_related("note__case", "note__author").order_by("-id")[:20])


def reasons() -> list[tuple[str, str]]:
    """The reasons for closing without an answer that a person may choose."""
    return [(r.value, str(r.label)) for r in Disposition.Reason if r not in Disposition.BY_ITSELF]
