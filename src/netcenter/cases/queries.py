"""Reading cases: the lists of the desk, one case as one story, a customer's history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet

from netcenter.cases.models import Attachment, Case, Disposition, Identity, Mention, Message, Note, Thread
from netcenter.cases.search import find
from netcenter.lib.prepared import prepared
from netcenter.people.models import Person
from netcenter.people.permissions import brand_ids, visible_brands

PAGE = 50
STORY = 200  # messages shown of one case; older ones on request


def visible(person: Person) -> QuerySet[Case]:
    """The cases the person may see, with what a row of a list shows."""
    return Case.objects.filter(visible_brands(person)).select_related("customer", "account", "brand", "holder")


def case_of(person: Person, case_id: int) -> Case | None:
    """The case with what stands around it, if the person may see it."""
    return next(iter(_case(case_id, brand_ids(person))), None)


@prepared
def _case(case_id: int, brands: list[int] | None) -> QuerySet[Case]:
    shown_with = ("customer", "account", "brand", "holder", "acknowledgement")
    return along(brands).filter(pk=case_id).select_related(*shown_with)


def visible_along(person: Person) -> QuerySet[Case]:
    """The same for a list with a narrower index than the brand's, which SQLite would take for the narrow one."""
    return along(brand_ids(person)).select_related("customer", "account", "brand", "holder")


def along(brands: Sequence[int] | None) -> QuerySet[Case]:
    """The cases of these brands, None: of all, for a list with a narrower index than the brand's."""
    cases = Case.objects.all()
    return cases if brands is None else cases.alias(of_brand=F("brand_id") + 0).filter(of_brand__in=brands)


def called(case_ids: list[int]) -> dict[int, str]:
    """By what the customers of these cases are known who have no name; `Customer.called`, for a list."""
    names: dict[int, str] = {}
    for case_id, name, email, phone, handle in _identities(case_ids):
        known = Identity(name=name, email=email, phone=phone, external_id=handle).known_as
        names[case_id] = names.get(case_id) or known
    return names


@prepared
def _identities(case_ids: list[int]) -> QuerySet[Identity, tuple[int, str, str, str, str]]:
    found = Identity.objects.annotate(case=F("customer__cases")).filter(case__in=case_ids).order_by("id")
    return found.values_list("case", "name", "email", "phone", "external_id")


# --- Lists: of a person who may see these brands (None: all) ----------------------------------------------------------


def held_by(person_id: int, brands: Sequence[int] | None) -> QuerySet[Case]:
    """The person's own cases: those that wait first, by promise."""
    return along(brands).filter(holder=person_id).order_by(F("due_at").asc(nulls_last=True), "id")


def waiting(brands: Sequence[int] | None) -> QuerySet[Case]:
    """What waits and nobody holds, the first promise to break first."""
    return along(brands).filter(waiting_since__isnull=False, holder=None).order_by("due_at", "id")


def waiting_in(brand_id: int) -> QuerySet[Case]:
    """The same of one brand, along its index; several of them would need sorting."""
    return Case.objects.filter(brand=brand_id, waiting_since__isnull=False, holder=None).order_by("due_at", "id")


def team(person_id: int, brands: Sequence[int] | None) -> QuerySet[Case]:
    """What colleagues hold."""
    return along(brands).filter(holder__isnull=False).exclude(holder=person_id).order_by("due_at", "id")


def recent(person: Person) -> QuerySet[Case]:
    """Every case, the latest word first."""
    return visible(person).order_by("-last_at")


def searched(person: Person, words: str, limit: int = PAGE) -> list[Case]:
    """The cases that match, newest first."""
    ids = find(words, limit)
    by_id = visible_along(person).in_bulk(ids)
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


def story(case: Case, before_id: int | None = None) -> Story:
    """The messages and notes of a case."""
    found = _messages(case.pk, before_id)
    shown = list(reversed(found[:STORY]))
    _attach(shown)
    return Story(shown, _notes(case.pk), len(found) > STORY)


@prepared
def _messages(case_id: int, before_id: int | None) -> QuerySet[Message]:
    messages = Message.objects.filter(case=case_id).select_related(
        "thread__account", "thread__post", "account__brand", "identity", "operator", "disposition", "reading",
        "dispatch",
    )  # fmt: skip
    messages = messages if before_id is None else messages.filter(pk__lt=before_id)
    return messages.order_by("-sent_at", "-id")[: STORY + 1]


@prepared
def _notes(case_id: int) -> QuerySet[Note]:
    return Note.objects.filter(case=case_id).select_related("author").order_by("at")


def _attach(messages: Sequence[Message]) -> None:
    """Read the attachments of all of them at once: `message.attachments.all()` asks no more."""
    of: dict[int, list[Attachment]] = {m.pk: [] for m in messages}
    for attachment in _attachments(list(of)):
        of[attachment.message_id].append(attachment)
    none = _read([])
    for message in messages:
        files = _read(of[message.pk]) if of[message.pk] else none
        vars(message)["_prefetched_objects_cache"] = {"attachments": files}


def _read(attachments: list[Attachment]) -> QuerySet[Attachment]:
    """A query set that was asked already."""
    rows = Attachment.objects.all()
    rows._result_cache, rows._prefetch_done = attachments, True  # type: ignore[attr-defined]
    return rows


@prepared
def _attachments(message_ids: list[int]) -> QuerySet[Attachment]:
    return Attachment.objects.filter(message__in=message_ids).order_by("id")


def threads_of(case: Case) -> list[Thread]:
    """The places where the case can be answered, the latest spoken in first."""
    order = list(dict.fromkeys(thread_id for (thread_id,) in _spoken(case.pk)))
    found = {t.pk: t for t in _threads(case.pk)}
    if elsewhere := [id for id in order if id not in found]:
        found |= {t.pk: t for t in _threads_named(elsewhere)}
    return sorted(found.values(), key=lambda t: order.index(t.pk) if t.pk in order else len(order))


@prepared
def _spoken(case_id: int) -> QuerySet[Message, tuple[int]]:
    spoken = Message.objects.filter(case=case_id, direction="in").order_by("-sent_at", "-id")
    return spoken.values_list("thread_id")[:STORY]


@prepared
def _threads(case_id: int) -> QuerySet[Thread]:
    return Thread.objects.select_related("account", "identity").filter(case=case_id)


@prepared
def _threads_named(ids: list[int]) -> QuerySet[Thread]:
    return Thread.objects.select_related("account", "identity").filter(pk__in=ids)


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
    return _unseen(person.pk)


@prepared
def _unseen(person_id: int) -> QuerySet[Mention]:
    unseen = Mention.objects.filter(person=person_id, seen_at=None)
    return unseen.select_related("note__author").order_by("-id")[:20]


def reasons() -> list[tuple[str, str]]:
    """The reasons for closing without an answer that a person may choose."""
    return [(r.value, str(r.label)) for r in Disposition.Reason if r not in Disposition.BY_ITSELF]
