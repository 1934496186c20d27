"""What only the desk writes: who looks at which case."""

from datetime import datetime

from netcenter.desk.models import Look
from netcenter.lib.prepared import Update, prepared_update
from netcenter.lib.transactions import atomic
from netcenter.people.models import Person


@atomic
def look(person: Person, case_id: int, now: datetime) -> None:
    """The person has this case open. Says nothing on the record: looking is no act."""
    if not _look_on(person.pk, case_id, now):
        Look.objects.update_or_create(person=person, defaults={"case_id": case_id, "at": now})


@prepared_update
def _look_on(person_id: int, case_id: int, now: datetime) -> Update:
    return Look.objects.filter(pk=person_id), {"case_id": case_id, "at": now}
