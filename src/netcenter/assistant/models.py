"""Whether there is an assistant, what it may be told, and what it drafted."""

from django.db import models

from netcenter.accounts.models import Brand
from netcenter.cases.models import Case, Message
from netcenter.people.models import Person


class Assistant(models.Model):
    """The endpoint that drafts, for the brands that want it. One row for the house; without brands it is off."""

    base_url = models.CharField(max_length=300, blank=True)
    model = models.CharField(max_length=120, blank=True)
    sealed = models.BinaryField(default=b"", blank=True)  # the key, encrypted; never shown again
    brands = models.ManyToManyField(Brand, related_name="+", blank=True)
    sends_words = models.BooleanField(default=False)
    sends_history = models.BooleanField(default=False)
    sends_name = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.model


class Drafted(models.Model):
    """One draft that somebody asked for: what came, what it says to rest on, and what became of it."""

    class State(models.TextChoices):
        ASKED = "asked"
        DONE = "done"
        FAILED = "failed"
        SENT = "sent"  # the person answered, with these words or with others
        LEFT = "left"  # another draft was nearer to what was sent

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    text = models.TextField(blank=True)
    sources = models.JSONField(default=list)  # of `rules.Source`: mark, kind, text, name, about
    removed = models.PositiveSmallIntegerField(default=0)  # links and addresses that were taken out
    message = models.ForeignKey(Message, null=True, on_delete=models.CASCADE, related_name="+")
    changed = models.FloatField(null=True)  # of the draft, before it was sent: 0 nothing, 1 everything

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="drafted_lately"),
            models.Index(fields=["case", "by"], name="drafted_unsent", condition=models.Q(state="done")),
        ]

    def __str__(self) -> str:
        return f"case {self.case_id} {self.state}"
