"""A viral post: what its crowd says, gathered by who says much the same, and the rounds in which many are answered."""

from django.db import models
from django.db.models import Q

from netcenter.cases.models import Message, Post
from netcenter.people.models import Person


class Follow(models.Model):
    """How far this room has read the record."""

    name = models.CharField(max_length=40, primary_key=True)
    transaction_id = models.BigIntegerField(default=0)
    event_id = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name}: {self.event_id}"


class Crowd(models.Model):
    """What stands under one post, counted: so that a page of it costs the same with 20 comments and with 20,000."""

    post = models.OneToOneField(Post, on_delete=models.CASCADE, primary_key=True)
    comments = models.PositiveIntegerField(default=0)
    people = models.PositiveIntegerField(default=0)
    waiting = models.PositiveIntegerField(default=0)
    hidden = models.PositiveIntegerField(default=0)
    choruses = models.PositiveIntegerField(default=0)
    kinds = models.JSONField(default=dict)  # kind -> [comments, waiting]
    whole = models.BooleanField(default=False)  # everything that was there before is sorted, too
    stale = models.BooleanField(default=True)  # something happened since it was counted
    counted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["stale"], name="crowds_stale", condition=Q(stale=True))]

    def __str__(self) -> str:
        return f"{self.comments} under {self.post_id}"


class Chorus(models.Model):
    """Comments under one post that say much the same. The first of them gives the words by which others are known."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="choruses", db_index=False)
    kind = models.CharField(max_length=20, blank=True)  # as the first one was read
    language = models.CharField(max_length=10, blank=True)
    words = models.TextField(blank=True)  # of the first
    comments = models.PositiveIntegerField(default=0)
    people = models.PositiveIntegerField(default=0)
    waiting = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["post", "-waiting", "-comments", "id"], name="choruses_of_post"),
            models.Index(fields=["post", "kind", "-waiting", "-comments", "id"], name="choruses_of_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.comments} × {self.words[:40]}"


class Voice(models.Model):
    """One comment in its chorus."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, primary_key=True)
    chorus = models.ForeignKey(Chorus, on_delete=models.CASCADE, related_name="voices", db_index=False)

    class Meta:
        indexes = [models.Index(fields=["chorus", "message"], name="voices_of_chorus")]

    def __str__(self) -> str:
        return f"{self.message_id} in {self.chorus_id}"


class Round(models.Model):
    """One text for many, each in words of their own, or one reason to hide many: one after the other."""

    class Verb(models.TextChoices):
        ANSWER = "answer"
        HIDE = "hide"

    class State(models.TextChoices):
        ASKED = "asked"  # a second person must agree
        RUNNING = "running"
        PAUSED = "paused"
        DONE = "done"
        STOPPED = "stopped"
        DROPPED = "dropped"  # the second person did not agree

    OPEN = (State.ASKED, State.RUNNING, State.PAUSED)

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="rounds")
    verb = models.CharField(max_length=10, choices=Verb)
    key = models.CharField(max_length=60, unique=True)  # of the form: a double click is one round
    text = models.TextField()  # as it was approved; or the reason to hide
    state = models.CharField(max_length=10, choices=State)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=300, blank=True)  # why it was paused, stopped or dropped
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # Law 6: who wants words to disappear is never the one who agrees.
            models.CheckConstraint(
                condition=~Q(verb="hide") | Q(approved_by=None) | ~Q(approved_by=models.F("by")),
                name="somebody_else_lets_many_disappear",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["running", "paused", "done"]) | Q(approved_by__isnull=False),
                name="a_round_is_approved",
            ),
        ]
        indexes = [models.Index(fields=["state", "id"], name="rounds_open", condition=Q(ended_at=None))]

    def __str__(self) -> str:
        return f"{self.verb} {self.pk}: {self.state}"


class Addressee(models.Model):
    """One comment that a round is about: to be answered (its customer once), or to be hidden."""

    class State(models.TextChoices):
        NEXT = "next"
        DONE = "done"
        LEFT = "left"  # for a person to look at: `why`

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="addressees", db_index=False)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=5, choices=State, default=State.NEXT)
    why = models.CharField(max_length=20, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "message"], name="one_addressee_each")]
        indexes = [models.Index(fields=["round", "state", "due_at", "id"], name="addressees_of_round")]

    def __str__(self) -> str:
        return f"{self.message_id} in round {self.round_id}: {self.state}"
