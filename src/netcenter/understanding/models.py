"""What a message says, by which engine, and why it thinks so; what people corrected, and what was learned from them."""

from django.db import models
from django.db.models import Q

from netcenter.cases.models import Message

HOLDS = 0.5  # each kind has a probability of its own: it is so sooner than not, and several may be


class Reading(models.Model):
    """One message read by one engine; kept so that it can be corrected and compared."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, primary_key=True)
    language = models.CharField(max_length=10)
    kind = models.CharField(max_length=20)
    mood = models.CharField(max_length=10)  # negative, neutral, positive
    arousal = models.FloatField(default=0.0)  # 0 calm to 1 furious
    urgency = models.CharField(max_length=10, default="normal")
    probabilities = models.JSONField(default=dict)
    why = models.JSONField(default=list)  # the words that decided
    engine = models.CharField(max_length=40)
    corrected_by = models.CharField(max_length=60, blank=True)

    def __str__(self) -> str:
        return f"{self.kind} ({self.language}, {self.mood})"

    @property
    def chances(self) -> list[tuple[str, float]]:
        """The probability of each kind, the likeliest first; of what a person said there is none."""
        read = {} if self.corrected_by else self.probabilities.get("kind", {})
        return sorted(read.items(), key=lambda one: -one[1])

    @property
    def holding(self) -> list[tuple[str, float]]:
        """Those that are so sooner than not."""
        return [(kind, p) for kind, p in self.chances if p >= HOLDS]


class Correction(models.Model):
    """What a person said a message is; where it is what was read already, they confirmed it."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="+")
    was = models.CharField(max_length=20)  # the kind that the engine read
    now = models.CharField(max_length=20)
    actor = models.CharField(max_length=60)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.was} → {self.now}"


class Example(models.Model):
    """A text of which the company said the topic."""

    text = models.TextField()
    topic = models.CharField(max_length=80, db_index=True)
    digest = models.CharField(max_length=32, unique=True)  # of the text: the same one is kept once
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.topic


class Layer(models.Model):
    """What was learned from a company's own cases, with what it would change; at most one of each is switched on."""

    class What(models.TextChoices):
        KINDS = "kinds"
        TOPICS = "topics"

    what = models.CharField(max_length=10, choices=What)
    made_at = models.DateTimeField()
    weights = models.BinaryField()
    effect = models.JSONField(default=dict)  # how well it does, on what it had not seen, and what would change
    is_on = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["what"], condition=Q(is_on=True), name="one_layer_of_each_on"),
        ]

    def __str__(self) -> str:
        return f"{self.what} of {self.made_at:%Y-%m-%d}"
