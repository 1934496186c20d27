"""Who may be rung for what, and each ring."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from netcenter.accounts.models import Account, Brand
from netcenter.cases.models import Case, Message
from netcenter.people.models import Area, Person, Skill, Team


class Crisis(models.IntegerChoices):
    """How bad it is for a brand."""

    NONE = 0, _("green")
    YELLOW = 1, _("yellow")
    ORANGE = 2, _("orange")
    RED = 3, _("red")


class Queue(models.Model):
    """Which team answers for a brand, and what that requires. A case belongs to its brand's queue."""

    name = models.CharField(max_length=80, unique=True)
    brand = models.OneToOneField(Brand, on_delete=models.CASCADE, related_name="queue")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL)  # null: everybody of the brand
    skills = models.ManyToManyField(Skill, blank=True, through="QueueSkill")  # required of whoever is rung
    needs_language = models.BooleanField(_("Ring only people who speak the customer's language"), default=True)
    ring_seconds = models.PositiveSmallIntegerField(default=20)
    wrap_up_seconds = models.PositiveSmallIntegerField(default=0)  # after a case, before the next ring; 0: none
    busy_after_seconds = models.PositiveIntegerField(default=120)  # waited so long: the customer is told, once
    tells_busy = models.BooleanField(default=True)
    tells_closed = models.BooleanField(default=True)
    texts = models.JSONField(default=dict, blank=True)  # {"busy": {"es": "…"}, "closed": {…}, "holding": {…}}
    paused_at = models.DateTimeField(null=True)  # while set, nothing of this queue rings
    paused_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    pause_reason = models.CharField(max_length=200, blank=True)
    paused_until = models.DateTimeField(null=True)  # it resumes by itself then; null: when somebody says so
    crisis = models.PositiveSmallIntegerField(default=0, choices=Crisis)  # waiting for an answer costs more
    crisis_at = models.DateTimeField(null=True)
    crisis_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    crisis_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(crisis=0) | ~Q(crisis_reason=""), name="crisis_has_its_reason")
        ]

    def __str__(self) -> str:
        return self.name


class QueueSkill(models.Model):
    """A skill that a queue requires, and how well."""

    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="requirements")
    skill = models.ForeignKey(Skill, on_delete=models.CASCADE)
    level = models.PositiveSmallIntegerField(default=1)  # 1 (can help out) to 3 (expert)

    class Meta:
        db_table = "routing_queue_skills"
        constraints = [models.UniqueConstraint(fields=["queue", "skill"], name="one_requirement_per_skill")]

    def __str__(self) -> str:
        return f"{self.queue_id} {self.skill_id} {self.level}"


class OverflowStep(models.Model):
    """One widening of a queue: after so long, these may be rung too."""

    class Kind(models.TextChoices):
        LEVEL = "level", _("Lower the required levels to 1")
        TEAM = "team", _("Ring another team too")
        EVERYBODY = "everybody", _("Ring everybody of the brand")
        SUPERVISORS = "supervisors", _("Ring the supervisors too")

    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="overflow")
    after_seconds = models.PositiveIntegerField()  # that the case has waited
    kind = models.CharField(max_length=12, choices=Kind)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.CASCADE)

    class Meta:
        ordering = ["after_seconds", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind="team", team__isnull=False) | ~Q(kind="team"), name="team_is_named")
        ]

    def __str__(self) -> str:
        return f"{self.queue_id} after {self.after_seconds} s: {self.kind}"


class Need(models.Model):
    """What one case requires beyond its queue, for example what the customer chose from a menu."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="needs")
    skill = models.ForeignKey(Skill, on_delete=models.CASCADE)
    level = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "skill"], name="one_need_per_skill")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.skill_id} {self.level}"


class Pin(models.Model):
    """A case that a supervisor pinned to somebody (Case.pinned_to) for a while: then it may ring elsewhere too."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    until = models.DateTimeField(db_index=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"case {self.case_id} only to {self.person_id} until {self.until}"


class Acknowledgement(models.Model):
    """What the house told a waiting customer by itself, once per case: everybody is busy, or closed until then."""

    class Kind(models.TextChoices):
        BUSY = "busy"
        CLOSED = "closed"

    case = models.OneToOneField(Case, on_delete=models.CASCADE, primary_key=True)
    message = models.OneToOneField(Message, null=True, on_delete=models.CASCADE)  # the words that went out
    kind = models.CharField(max_length=8, choices=Kind)
    told_at = models.DateTimeField()
    promised_at = models.DateTimeField(null=True)  # when an answer was said to come at the latest
    expected_seconds = models.PositiveIntegerField(null=True)  # the median that was estimated
    basis = models.JSONField(default=dict)  # how it was estimated
    answered_at = models.DateTimeField(null=True)  # by a person: how right it was
    ended_at = models.DateTimeField(null=True)  # the promise, if there was one: answered, or its time was over
    outcome = models.CharField(max_length=8, blank=True)  # kept, broken, void (closed without an answer)

    class Meta:
        indexes = [
            models.Index(fields=["-told_at"], name="acknowledged_lately"),
            models.Index(
                fields=["promised_at"], name="answers_promised", condition=Q(ended_at=None, promised_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} in case {self.case_id}"


class Menu(models.Model):
    """A first choice for the private places of an account. Who ignores it rings all the same."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="menu")
    is_on = models.BooleanField(default=False)
    question = models.JSONField(default=dict)  # {"es": "…", "en": "…", "pt": "…"}
    patience_seconds = models.PositiveIntegerField(default=60)  # then it rings without a choice

    def __str__(self) -> str:
        return f"menu of {self.account_id}"


class MenuChoice(models.Model):
    """One line of a menu, and what choosing it requires."""

    menu = models.ForeignKey(Menu, on_delete=models.CASCADE, related_name="choices")
    position = models.PositiveSmallIntegerField()
    labels = models.JSONField(default=dict)  # {"es": "…", …}
    skill = models.ForeignKey(Skill, null=True, blank=True, on_delete=models.SET_NULL)
    level = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return f"{self.menu_id}.{self.position}"


class MenuAsked(models.Model):
    """A menu that was shown in a case, and what became of it."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, primary_key=True)
    menu = models.ForeignKey(Menu, null=True, on_delete=models.SET_NULL)
    asked_at = models.DateTimeField()
    until = models.DateTimeField()
    chosen = models.ForeignKey(MenuChoice, null=True, on_delete=models.SET_NULL)
    ended_at = models.DateTimeField(null=True)  # chosen, or the patience was over
    message = models.ForeignKey(Message, null=True, on_delete=models.CASCADE)

    class Meta:
        indexes = [models.Index(fields=["until"], name="menus_open", condition=Q(ended_at=None))]

    def __str__(self) -> str:
        return f"menu in case {self.case_id}"


class Referral(models.Model):
    """A case handed on to whoever is responsible: what is asked, of whom, until when."""

    class Outcome(models.TextChoices):
        ANSWERED = "answered"
        GIVEN_BACK = "given_back"
        TAKEN_BACK = "taken_back"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="referrals")
    area = models.ForeignKey(Area, on_delete=models.PROTECT)
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="referrals")  # to whom it has climbed
    operator = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")  # who handed it on, stays informed
    question = models.TextField(blank=True)
    at = models.DateTimeField()
    due_at = models.DateTimeField()
    remind_at = models.DateTimeField(null=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    seen_at = models.DateTimeField(null=True)  # the owner has opened it
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(ended_at=None), name="one_open_referral_per_case")
        ]
        indexes = [
            models.Index(fields=["remind_at"], name="referrals_to_remind", condition=Q(ended_at=None)),
            models.Index(fields=["owner", "due_at"], name="referrals_of_owner", condition=Q(ended_at=None)),
        ]

    def __str__(self) -> str:
        return f"case {self.case_id} at {self.owner_id} for {self.area_id}"


class Offer(models.Model):
    """One ring: this case, at this operator's desk, until this time; or, once accepted, who holds it (law 3)."""

    class State(models.TextChoices):
        RINGING = "ringing"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        MISSED = "missed"
        WITHDRAWN = "withdrawn"
        ENDED = "ended"

    LIVE = (State.RINGING, State.ACCEPTED)

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="offers")
    operator = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="offers")
    state = models.CharField(max_length=10, choices=State, default=State.RINGING)
    weight = models.PositiveSmallIntegerField()  # percent of a desk, given back when the offer ends
    rang_at = models.DateTimeField()
    until = models.DateTimeField()  # ringing: missed then
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)  # why it ended: declined because…, transferred, answered
    why = models.JSONField(default=dict)  # why this operator

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(state__in=["ringing", "accepted"]), name="one_ring_per_case"
            ),
            models.UniqueConstraint(fields=["operator"], condition=Q(state="ringing"), name="one_ring_per_operator"),
        ]
        indexes = [
            models.Index(fields=["until"], name="offers_ringing", condition=Q(state="ringing")),
            models.Index(fields=["ended_at"], name="offers_declined", condition=Q(state="declined")),
            models.Index(fields=["accepted_at"], name="offers_held", condition=Q(state="accepted")),
            models.Index(fields=["operator", "state"], name="offers_of_operator"),
            models.Index(fields=["case", "-id"], name="offers_of_case"),
        ]

    def __str__(self) -> str:
        return f"case {self.case_id} at {self.operator_id}: {self.state}"
