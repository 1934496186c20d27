"""Who looks at which case, so that two people know of each other."""

from django.db import models

from netcenter.cases.models import Case, Note
from netcenter.people.models import Person


class Look(models.Model):
    """The case that somebody has open, and when their screen last said so. One per person, however many screens."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.person_id} looks at {self.case_id}"


class Watch(models.Model):
    """A supervisor who looks on while somebody else answers. The operator is told. One per supervisor."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    since = models.DateTimeField()
    at = models.DateTimeField()  # the screen said so last

    def __str__(self) -> str:
        return f"{self.person_id} watches {self.case_id}"


class Whisper(models.Model):
    """A note meant for whoever answers now: it stands beside their composer until they have put it aside."""

    note = models.OneToOneField(Note, on_delete=models.CASCADE, primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    to = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="whispers")
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["case", "to"], name="whispers_unread", condition=models.Q(read_at=None))]

    def __str__(self) -> str:
        return f"note {self.note_id} to {self.to_id}"
