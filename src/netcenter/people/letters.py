"""The house's mails to its own people: written with what happened, sent by whoever has the words, outside of it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from netcenter.lib import wakeup
from netcenter.lib.text import clean
from netcenter.people.models import Letter, Person

TOPIC = "letters"
LEASE = timedelta(minutes=3)  # longer than settings.EMAIL_TIMEOUT: who died while sending is followed by another
BACK_OFF = (10, 60, 300, 900, 3600, 7200, 14400, 28800)  # seconds after each failed attempt; then given up


def write(people: Iterable[Person | int], kind: str, now: datetime, **data: Any) -> None:
    """Write to each of them, in the running transaction; it is sent after the commit."""
    ids = [p if isinstance(p, int) else p.pk for p in people]
    Letter.objects.bulk_create(
        Letter(person_id=i, kind=kind, data=data, written_at=now, due_at=now) for i in dict.fromkeys(ids)
    )
    if ids:
        wakeup.wake(TOPIC)


def claim(now: datetime, limit: int = 20) -> list[Letter]:
    """Letters that are due, for this process alone until the lease is over."""
    due = Letter.objects.select_related("person").filter(due_at__lte=now).order_by("due_at", "id")[:limit]
    mine = []
    for letter in due:
        again = Letter.objects.filter(pk=letter.pk, due_at=letter.due_at)
        if again.update(due_at=now + LEASE, attempts=letter.attempts + 1):
            letter.attempts, letter.due_at = letter.attempts + 1, now + LEASE
            mine.append(letter)
    return mine


def sent(letter: Letter, now: datetime) -> None:
    Letter.objects.filter(pk=letter.pk).update(sent_at=now, due_at=None, error="")


def needless(letter: Letter) -> None:
    """What it would say is over: nobody is written to."""
    Letter.objects.filter(pk=letter.pk).update(due_at=None)


def went_wrong(letter: Letter, error: Exception, now: datetime) -> bool:
    """Try again later; False when it is given up."""
    after = BACK_OFF[letter.attempts - 1] if letter.attempts <= len(BACK_OFF) else None
    due = None if after is None else now + timedelta(seconds=after)
    Letter.objects.filter(pk=letter.pk).update(due_at=due, error=clean(str(error))[:300])
    return due is not None


def next_due() -> datetime | None:
    """When the next letter is to be tried."""
    waiting = Letter.objects.filter(due_at__isnull=False).order_by("due_at")
    return waiting.values_list("due_at", flat=True).first()
