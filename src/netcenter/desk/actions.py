"""What only the desk writes: who looks at which case."""

from datetime import datetime

from netcenter.desk.models import Look
from netcenter.people.models import Person


def look(person: Person, case_id: int, now: datetime) -> None:
    """The person has this case open. Says nothing on the record: looking is no act."""
    Look.objects.update_or_create(person=person, defaults={"case_id": case_id, "at": now})
