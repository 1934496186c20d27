"""What is being written: drafts that survive a reload, and the lock that keeps two people from answering at once."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from netcenter.cases.models import Draft, WritingLock
from netcenter.events.actions import event, record
from netcenter.lib.prepared import prepared
from netcenter.lib.text import clean
from netcenter.lib.transactions import atomic
from netcenter.people.models import Person

LOCK = timedelta(seconds=30)  # prolonged by every keystroke that is saved


def save_draft(case_id: int, person: Person, text: str, now: datetime, is_note: bool = False) -> None:
    """Keep the draft, and for whom it is written; an empty one is forgotten."""
    text = clean(text)
    if text:
        told = {"text": text, "is_note": is_note, "updated_at": now}
        Draft.objects.update_or_create(case_id=case_id, person=person, defaults=told)
    elif _draft(case_id, person.pk):
        Draft.objects.filter(case_id=case_id, person=person).delete()


@atomic
def forget_draft(case_id: int, person: Person, now: datetime) -> None:
    """It was sent: the draft goes, and with it the lock."""
    save_draft(case_id, person, "", now)
    stop_writing(case_id, person, now)


def kept_draft(case_id: int, person: Person) -> Draft:
    """The person's draft on this case; one without words when there is none."""
    return next(iter(_whole_draft(case_id, person.pk)), None) or Draft(case_id=case_id, person=person)


@prepared
def _whole_draft(case_id: int, person_id: int) -> QuerySet[Draft]:
    return Draft.objects.filter(case_id=case_id, person_id=person_id).order_by("id")[:1]


def draft_of(case_id: int, person: Person) -> str:
    """The words of the person's draft on this case, or ""."""
    return next((text for (text,) in _draft(case_id, person.pk)), "")


@prepared
def _draft(case_id: int, person_id: int) -> QuerySet[Draft, tuple[str]]:
    return Draft.objects.filter(case_id=case_id, person_id=person_id).values_list("text")


@prepared
def _lock(case_id: int, person_id: int) -> QuerySet[WritingLock, tuple[int]]:
    return WritingLock.objects.filter(case_id=case_id, person_id=person_id).values_list("person_id")


@atomic
def start_writing(case_id: int, person: Person, now: datetime) -> Person | None:
    """Take or prolong the lock; returns who else has it, or None when it is ours."""
    mine_or_over = Q(person=person) | Q(until__lte=now)
    before = WritingLock.objects.filter(case_id=case_id).values_list("person_id", flat=True).first()
    if WritingLock.objects.filter(mine_or_over, case_id=case_id).update(person=person, until=now + LOCK):
        if before != person.pk:
            record(event("case.writing", now, person.actor, case_id=case_id))
        return None
    try:
        with transaction.atomic():
            WritingLock.objects.create(case_id=case_id, person=person, until=now + LOCK)
    except IntegrityError:
        return who_writes(case_id, now)
    record(event("case.writing", now, person.actor, case_id=case_id))
    return None


@atomic
def stop_writing(case_id: int, person: Person, now: datetime) -> None:
    """Let go of the lock."""
    if _lock(case_id, person.pk) and WritingLock.objects.filter(case_id=case_id, person=person).delete()[0]:
        record(event("case.writing", now, person.actor, case_id=case_id, stopped=True))


def who_writes(case_id: int, now: datetime) -> Person | None:
    """Who is writing on the case now."""
    return next((lock.person for lock in _held(case_id, now)), None)


@prepared
def _held(case_id: int, now: datetime) -> QuerySet[WritingLock]:
    return WritingLock.objects.select_related("person").filter(case_id=case_id, until__gt=now)
