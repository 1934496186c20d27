"""The door in: what networks handed us, before anyone interprets it (law 1)."""

from django.db import models
from django.db.models import Q

from netcenter.accounts.models import Account


class Delivery(models.Model):
    """Raw bytes, kept. Unique by (account, dedupe): the same delivery twice is one."""

    class State(models.TextChoices):
        NEW = "new"
        READ = "read"
        UNREADABLE = "unreadable"

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    dedupe = models.CharField(max_length=255)
    received_at = models.DateTimeField()
    body = models.BinaryField()
    blob = models.CharField(max_length=64, blank=True, default="")  # where the body is when it is too big for a row
    meta = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=State, default=State.NEW)
    error = models.TextField(blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)  # not before; pushed forward after a failure of ours

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "dedupe"], name="one_delivery_each")]
        indexes = [
            models.Index(fields=["id"], name="deliveries_new", condition=Q(state="new")),
            models.Index(fields=["-id"], name="deliveries_unreadable", condition=Q(state="unreadable")),
            models.Index(fields=["blob"], name="deliveries_by_blob", condition=~Q(blob="")),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk} ({self.state})"


class PollCursor(models.Model):
    """How far an account was read; stored in the transaction that stores what was read."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, primary_key=True)
    cursor = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"cursor of {self.account_id}"


class Question(models.Model):
    """Something that must be asked of a network: a file, a post, who somebody is, what a pointer points at.

    Answered it is gone; what came of it is elsewhere.
    """

    class What(models.TextChoices):
        FILE = "file"
        POST = "post"
        AUTHOR = "author"
        POINTER = "pointer"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    what = models.CharField(max_length=8, choices=What)
    subject = models.BigIntegerField()  # our own number of it: attachment, post, identity; of a pointer, its delivery
    reference = models.TextField(blank=True)  # the network's name of it, where we have no better
    mark = models.CharField(max_length=64, blank=True)  # of a pointer: the hash of its reference
    due_at = models.DateTimeField()  # while it is being asked: when somebody else may
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "what", "subject", "mark"], name="one_question_each")]
        indexes = [models.Index(fields=["due_at"], name="questions_due")]

    def __str__(self) -> str:
        return f"{self.what} {self.reference or self.subject}"


class Reconciling(models.Model):
    """Asking a network what we missed, a day at a time. `sure_until`: an hour before that, nothing is missing."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, primary_key=True, related_name="reconciling")
    sure_until = models.DateTimeField()
    since = models.DateTimeField(null=True)  # the span that is being asked for; None: none is
    until = models.DateTimeField(null=True)
    cursor = models.JSONField(default=dict)
    begun_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)  # when the last span was proved
    due_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)  # all pages are here: what they say is being recorded
    present = models.JSONField(default=list)  # external ids on the pages so far
    counts = models.JSONField(default=dict)  # day -> the network's own figure
    error = models.CharField(max_length=500, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"reconciling {self.account_id} from {self.sure_until}"


class Proof(models.Model):
    """Network says N, we hold N: of one account's day (UTC)."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="proofs", db_index=False)
    day = models.DateField()
    theirs = models.IntegerField()
    ours = models.IntegerField()
    told = models.BooleanField(default=True)  # its own figure; False: what its pages listed
    missing = models.JSONField(default=list)  # external ids that it lists and we do not hold
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "day"], name="one_proof_per_day")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.day}: {self.theirs} there, {self.ours} here"
