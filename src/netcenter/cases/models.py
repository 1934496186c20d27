"""The customer's matter: who, where, what was said, and whether it is answered."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from netcenter.accounts.models import Account, Brand
from netcenter.cases.posts import OF_A_POST, OtherName, Post, Reach, Reaction
from netcenter.cases.rules import readable
from netcenter.people.models import Person

__all__ = [
    "About", "Attachment", "Case", "Customer", "Disposition", "Draft", "Identity", "KeptFile", "Mention", "Message",
    "Note", "OtherName", "Post", "Reach", "Reaction", "Tally", "Thread", "WritingLock",
]  # fmt: skip


class Customer(models.Model):
    """A person who writes; may be anyone, also not a buyer."""

    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=10, blank=True)
    created_at = models.DateTimeField()
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"

    @property
    def called(self) -> str:
        """Their name, or else an address, a number or a handle by which they are known; empty where there is none."""
        return self.name or next((known for one in self.identities.order_by("pk") if (known := one.known_as)), "")


class About(models.Model):
    """What the people of one brand noted of a customer; those of other brands do not read it."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="abouts")
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, db_index=False)
    text = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "brand"], name="one_about_per_brand")]

    def __str__(self) -> str:
        return self.text[:50]


class Identity(models.Model):
    """A customer's handle on one network. The same handle is one identity, for ever."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="identities")
    channel = models.CharField(max_length=30)
    external_id = models.CharField(max_length=255)
    name = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    blocked_until = models.DateTimeField(null=True)  # what they write until then is kept, and rings nobody
    confirmed = models.BooleanField(default=True)  # False: e-mail and phone are only their own words
    profile = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "external_id"], name="one_identity_per_handle")]
        indexes = [
            models.Index(fields=["email"], name="identities_by_email", condition=~Q(email="")),
            models.Index(fields=["phone"], name="identities_by_phone", condition=~Q(phone="")),
        ]

    def __str__(self) -> str:
        return self.name or self.external_id

    @property
    def known_as(self) -> str:
        """What a colleague may call them: empty for somebody without a name, as most visitors of a chat are."""
        return self.name or self.email or self.phone or readable(self.external_id)


_WAITING = Q(waiting_since__isnull=False)


class Case(models.Model):
    """One customer's one matter, over all its threads. What rings.

    `waiting_since` is when the oldest unanswered inbound message was written: set exactly while one is waiting.
    """

    # No index of their own for brand, customer and people: those below serve, and without statistics SQLite would
    # take "held by nobody" for a narrow choice and walk through a million cases.
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="cases", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT)  # where it began
    subject = models.CharField(max_length=255, blank=True)
    preview = models.CharField(max_length=160, blank=True)
    language = models.CharField(max_length=10, blank=True)
    kind = models.CharField(max_length=20, blank=True)  # of the reading that matters most
    urgency = models.CharField(max_length=10, default="normal")
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField()  # of the last message, either way
    waiting_since = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)  # the next promise to break, while one runs
    holder = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="held_cases", db_index=False)
    last_operator = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    pinned_to = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    snoozed_until = models.DateTimeField(null=True)
    approval_since = models.DateTimeField(null=True)  # while an answer waits for a second pair of eyes
    snooze_reason = models.CharField(max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # Law 2: nothing is closed with a waiting message inside.
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(waiting_since__isnull=True), name="closed_is_not_waiting"
            )
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], name="cases_waiting", condition=_WAITING),
            models.Index(fields=["brand", "due_at"], name="cases_waiting_brand", condition=_WAITING),
            models.Index(fields=["holder", "due_at"], name="cases_held", condition=Q(holder__isnull=False)),
            models.Index(fields=["customer", "-last_at"], name="cases_of_customer"),
            models.Index(fields=["-last_at"], name="cases_recent"),
            models.Index(fields=["brand", "-last_at"], name="cases_recent_brand"),
            models.Index(fields=["snoozed_until"], name="cases_snoozed", condition=Q(snoozed_until__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.subject or self.preview}"


class Thread(models.Model):
    """A place where words are exchanged: a mail thread, a chat, a person's comments under a post."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    external_id = models.CharField(max_length=255)
    identity = models.ForeignKey(Identity, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="threads")  # the latest one here
    place = models.CharField(max_length=10, default="private")
    subject = models.CharField(max_length=255, blank=True)
    post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="threads")  # what it stands under
    seen_at = models.DateTimeField(null=True)  # the customer has read up to here, where the network tells
    open_until = models.DateTimeField(null=True)  # we may write here until then, where the network tells so itself

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "external_id"], name="one_thread_per_place")]

    def __str__(self) -> str:
        return self.subject or self.external_id


class Disposition(models.Model):
    """Why a message needs no answer, with who and when."""

    class Reason(models.TextChoices):
        THANKS = "thanks", _("Only thanks")
        SPAM = "spam", _("Spam")
        DUPLICATE = "duplicate", _("Duplicate")
        ELSEWHERE = "elsewhere", _("Answered elsewhere (telephone, in person)")
        NOT_FOR_US = "not_for_us", _("Not for us")
        AUTOMATIC = "automatic", _("Automatic message")
        BLOCKED = "blocked", _("Its author is blocked")
        OTHER = "other", _("Other")

    BY_ITSELF = (Reason.AUTOMATIC, Reason.BLOCKED)  # no person chooses these

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="dispositions")
    reason = models.CharField(max_length=20, choices=Reason)
    note = models.CharField(max_length=300, blank=True)
    actor = models.CharField(max_length=60)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.reason} by {self.actor}"


class Message(models.Model):
    """One utterance in a thread. Inbound ones are in exactly one state of the ledger (law 2)."""

    class Direction(models.TextChoices):
        IN = "in"
        OUT = "out"

    class State(models.TextChoices):
        WAITING = "waiting"
        ANSWERED = "answered"
        DISPOSED = "disposed"
        # of outbound messages
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"  # refused, or bounced after sending

    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="messages")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="messages")
    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    # Its thread's, so that what stands under one post is read along one index.
    post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="messages", db_index=False)
    direction = models.CharField(max_length=3, choices=Direction)
    external_id = models.CharField(max_length=255)  # ours until the network gives its own
    state = models.CharField(max_length=10, choices=State)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)  # as it came; sanitised when shown
    quoted = models.TextField(blank=True)
    subject = models.CharField(max_length=255, blank=True)
    identity = models.ForeignKey(Identity, null=True, on_delete=models.PROTECT)  # who wrote, inbound
    operator = models.ForeignKey(Person, null=True, on_delete=models.PROTECT)  # who wrote, outbound
    automatic = models.CharField(max_length=20, blank=True)  # inbound: auto_reply…; outbound: acknowledgement
    sent_at = models.DateTimeField()  # on the customer's clock (law 5)
    received_at = models.DateTimeField()
    delivery_id = models.BigIntegerField(null=True)
    answered_by = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="answers")
    disposition = models.ForeignKey(Disposition, null=True, on_delete=models.PROTECT)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)  # vanished on the network; the words are kept (law 6)
    deleted_by = models.CharField(max_length=10, blank=True)  # author, us, network; "" when it is not told
    hidden_at = models.DateTimeField(null=True)  # others do not see it there
    hidden_by = models.CharField(max_length=10, blank=True)
    read_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=300, blank=True)
    extra = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "external_id"], name="one_message_per_external_id"),
            models.CheckConstraint(
                name="ledger_state",
                condition=(
                    Q(direction="in", state="waiting", answered_by=None, disposition=None)
                    | Q(direction="in", state="answered", answered_by__isnull=False, disposition=None)
                    | Q(direction="in", state="disposed", answered_by=None, disposition__isnull=False)
                    | Q(direction="out", state__in=["sending", "sent", "failed"], answered_by=None, disposition=None)
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["case", "sent_at", "id"], name="messages_of_case"),
            models.Index(fields=["thread", "id"], name="messages_of_thread"),
            # Holds all that the ledger asks of what waits, so that it need not look at the messages themselves.
            models.Index(
                fields=["sent_at", "id", "account", "received_at", "state"],
                name="messages_waiting",
                condition=Q(state="waiting"),
            ),
            models.Index(fields=["case"], name="messages_waiting_case", condition=Q(state="waiting")),
            models.Index(fields=["answered_by"], name="messages_answered", condition=Q(answered_by__isnull=False)),
            models.Index(fields=["post", "sent_at", "id"], name="messages_of_post", condition=OF_A_POST),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.external_id}"


class Attachment(models.Model):
    """A file of a message; the bytes are stored once by content hash."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=200)
    mime = models.CharField(max_length=100)
    size = models.BigIntegerField(default=0)
    blob = models.CharField(max_length=64, blank=True)  # "" when the bytes are missing
    content_id = models.CharField(max_length=200, blank=True)
    missing = models.CharField(max_length=200, blank=True)
    alt = models.TextField(blank=True)  # for those who cannot see or hear it: a description, a transcript
    source = models.CharField(max_length=64, blank=True, default="")  # hash of the network's name of it

    class Meta:
        indexes = [models.Index(fields=["blob"], name="attachments_by_blob", condition=~Q(blob=""))]

    def __str__(self) -> str:
        return self.name


class KeptFile(models.Model):
    """A file of an answer that is no message yet: it waits for approval under this key."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=60, db_index=True)
    name = models.CharField(max_length=200)
    mime = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    blob = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.name


class Note(models.Model):
    """Internal words on a case, which no customer sees."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(Person, on_delete=models.PROTECT)
    text = models.TextField()
    at = models.DateTimeField()
    mentions = models.ManyToManyField(Person, related_name="mentioned_in", blank=True)

    def __str__(self) -> str:
        return self.text[:50]


class Mention(models.Model):
    """Somebody was named in a note and has not looked yet."""

    note = models.ForeignKey(Note, on_delete=models.CASCADE)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="mentions")
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["note", "person"], name="one_mention_each")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.note_id}"


class Draft(models.Model):
    """What somebody is writing on a case; survives reloads and crashes."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    text = models.TextField(blank=True)
    is_note = models.BooleanField(default=False)  # for colleagues: on no other screen it may turn into an answer
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "person"], name="one_draft_each")]

    def __str__(self) -> str:
        return self.text[:50]


class WritingLock(models.Model):
    """Two people never answer at once: who writes on a case, until when."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.person_id} writes on {self.case_id}"


class Tally(models.Model):
    """One entry of the ledger: how many messages entered a state on an account's day. Entries are added, then folded.

    waiting is never tallied: it is counted, so that received = answered + disposed + waiting is a proof.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    day = models.DateField()  # of receipt, UTC
    received = models.IntegerField(default=0)
    answered = models.IntegerField(default=0)
    disposed = models.IntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["account", "day"], name="tallies_by_day")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.day}"
