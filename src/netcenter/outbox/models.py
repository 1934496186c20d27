"""The door out: every act on a network, once (law 4)."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from netcenter.accounts.models import Account
from netcenter.cases.models import Case, Message, Post, Thread
from netcenter.people.models import Person


class Dispatch(models.Model):
    """Words on their way, with their receipt. `key` travels along, so that we can find out whether they left."""

    class State(models.TextChoices):
        QUEUED = "queued"
        SENDING = "sending"  # claimed; after a crash we look before sending again
        SENT = "sent"
        REFUSED = "refused"  # dead letter: shown, and can be tried again by a person
        UNKNOWN = "unknown"  # the wire broke in between: look first

    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="dispatch")
    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    key = models.CharField(max_length=60, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    uncertain = models.BooleanField(default=False)  # an attempt ended without our knowing: look before sending
    tried_from = models.DateTimeField(null=True)  # before that it had not left for certain
    tried_until = models.DateTimeField(null=True)  # by then the last attempt that may have left was given up
    waits_for = models.CharField(max_length=100, blank=True, default="")  # the bucket of the budget that is spent

    class Meta:
        indexes = [
            models.Index(
                fields=["account", "waits_for"],
                name="dispatches_waiting_for_room",
                condition=Q(state__in=["queued", "unknown"]) & ~Q(waits_for=""),
            ),
            models.Index(
                fields=["due_at"], name="dispatches_due", condition=Q(state__in=["queued", "sending", "unknown"])
            ),
            models.Index(fields=["-id"], name="dispatches_refused", condition=Q(state="refused")),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.state}"


class Deed(models.Model):
    """One act on what is there already: hiding, deleting, liking, editing. At most once, as words are (law 4).

    What it does to a customer's words needs a reason, keeps them, and is on the record (law 6); where it hides or
    deletes a complaint it waits for somebody else's `Approval` first.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("Waits for approval")
        QUEUED = "queued", _("On its way")
        SENDING = "sending", _("On its way")
        DONE = "done", _("Done")
        REFUSED = "refused", _("The network refused it")
        UNKNOWN = "unknown", _("On its way")
        DROPPED = "dropped", _("Not approved")

    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_index=False)
    key = models.CharField(max_length=60, unique=True)
    verb = models.CharField(max_length=15)  # one of the contract's
    target = models.CharField(max_length=255)  # the external id of what it is done to
    message = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="deeds")
    post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="deeds")
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="deeds")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)  # the new words of an edit
    what = models.CharField(max_length=60, blank=True)  # the reaction
    before = models.TextField(blank=True)  # the words as they were
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    uncertain = models.BooleanField(default=False)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_reason_to_hide",
                condition=~Q(verb__in=["hide", "delete_theirs", "delete_ours"]) | ~Q(reason=""),
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], name="deeds_due", condition=Q(state__in=["queued", "sending", "unknown"])),
            models.Index(fields=["id"], name="deeds_asked", condition=Q(state="asked")),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.target}: {self.state}"


class SecondLook(models.Model):
    """A second pair of eyes: never the same person's. What is looked at is said by who inherits it."""

    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")  # who asked
    seen_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    seen_at = models.DateTimeField(null=True)
    granted = models.BooleanField(null=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True


class Approval(SecondLook):
    """Of a deed."""

    deed = models.OneToOneField(Deed, on_delete=models.CASCADE, primary_key=True, related_name="approval")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="somebody_else_approves", condition=Q(seen_by__isnull=True) | ~Q(seen_by=F("by"))
            )
        ]

    def __str__(self) -> str:
        return f"approval of {self.deed_id}: {self.granted}"


class HeldReply(SecondLook):
    """A reply that waits for a second pair of eyes: no message yet. The promise runs on meanwhile."""

    class State(models.TextChoices):
        ASKED = "asked"
        SENT = "sent"
        RETURNED = "returned"  # with a comment
        WITHDRAWN = "withdrawn"  # by its writer, or because the customer wrote again

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="held_replies")
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=60, unique=True)  # of the reply, as the form gave it
    text = models.TextField()
    told = models.JSONField(default=dict)  # the rest of the reply: way, seen_id, files…, close, why it was overruled
    reasons = models.JSONField(default=list)  # of protocols.rules.Reason
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    message = models.OneToOneField(Message, null=True, on_delete=models.PROTECT, related_name="held_reply")
    sent_text = models.TextField(blank=True)  # where the approver changed it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], name="one_reply_waits", condition=Q(state="asked")),
            models.CheckConstraint(
                name="never_ones_own_words", condition=Q(seen_by__isnull=True) | ~Q(seen_by=F("by"))
            ),
        ]
        indexes = [models.Index(fields=["id"], name="replies_held", condition=Q(state="asked"))]

    def __str__(self) -> str:
        return f"reply in case {self.case_id}: {self.state}"
