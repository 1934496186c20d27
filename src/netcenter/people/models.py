"""Who works here: people, their teams and skills, and whether they can be rung now."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from netcenter.lib.prepared import prepared


class People(BaseUserManager["Person"]):
    """How people are made: by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "Person":
        person = self.model(email=self.normalize_email(email).lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def get(self, *conditions: Any, **named: Any) -> "Person":
        """As ever; who asks, which Django looks up by `pk` at every request, by a query that is compiled once."""
        plain = not conditions and named.keys() == {"pk"} and isinstance(named["pk"], int)
        if not plain or type(self) is not People:  # a brand or a team asks for its own people through a child class
            return super().get(*conditions, **named)
        for person in _by_number(named["pk"]):
            return person
        raise self.model.DoesNotExist

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(email__iexact=username)


@prepared
def _by_number(number: int) -> "models.QuerySet[Person]":
    return Person.objects.filter(pk=number)


class Person(AbstractBaseUser):
    """Somebody who signs in, under their own name."""

    class Role(models.TextChoices):
        OPERATOR = "operator", _("Operator")
        SUPERVISOR = "supervisor", _("Supervisor")
        ADMINISTRATOR = "administrator", _("Administrator")
        OWNER = "owner", _("Responsible person")  # answers only in the cases that are handed on to them

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=20, choices=Role, default=Role.OPERATOR)
    language = models.CharField(max_length=10, default="es")
    timezone = models.CharField(max_length=60, default="UTC")
    is_active = models.BooleanField(default=True)
    is_trainee = models.BooleanField(default=False)  # still learning: what they answer is approved by somebody else
    dense = models.BooleanField(default=False)
    sound = models.BooleanField(default=True)
    telephone = models.CharField(max_length=60, blank=True)  # that rings for their calls: a number, or an address
    created_at = models.DateTimeField(auto_now_add=True)
    skills: models.ManyToManyField = models.ManyToManyField("Skill", through="PersonSkill")

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = People()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def actor(self) -> str:
        """How the record names this person."""
        return f"person:{self.pk}"

    def get_full_name(self) -> str:
        """What Django and its applications ask a user for."""
        return self.name

    @property
    def first_name(self) -> str:
        return self.name.split(" ")[0]


class Team(models.Model):
    """People who answer together."""

    name = models.CharField(max_length=80, unique=True)
    members = models.ManyToManyField(Person, related_name="teams", blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Skill(models.Model):
    """Something a case may require: a language ("language:pt") or a topic ("billing")."""

    code = models.SlugField(max_length=60, unique=True, allow_unicode=True)
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PersonSkill(models.Model):
    """How well somebody can do it: 1 (can help out) to 3 (expert)."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="levels")
    skill = models.ForeignKey(Skill, on_delete=models.CASCADE)
    level = models.PositiveSmallIntegerField(default=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "skill"], name="one_level_per_skill"),
            models.CheckConstraint(condition=models.Q(level__gte=1, level__lte=3), name="level_1_to_3"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.skill_id} {self.level}"


class Desk(models.Model):
    """Where a person can be rung: their state and how full they are. One per person, however many screens."""

    class State(models.TextChoices):
        AVAILABLE = "available", _("Available")
        BUSY = "busy", _("Busy")
        WRAP_UP = "wrap_up", _("Wrap-up")
        BREAK = "break", _("On a break")
        OFFLINE = "offline", _("Offline")

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True)
    state = models.CharField(max_length=12, choices=State, default=State.OFFLINE)
    # Of a break, or "missed" when set away; in wrap-up what it was prolonged for; else a supervisor's words.
    reason = models.CharField(max_length=80, blank=True)
    since = models.DateTimeField(null=True)  # in this state
    idle_since = models.DateTimeField(null=True)  # last answered, declined or became available
    seen_at = models.DateTimeField(null=True)  # a screen was alive then
    back_to = models.CharField(max_length=12, blank=True)  # the state to take up when a screen comes back
    wrap_up_until = models.DateTimeField(null=True)  # in wrap-up: available again then
    break_until = models.DateTimeField(null=True)  # on a break: over time from then on
    no_more = models.BooleanField(default=False)  # "finish what I have, give me no more"
    capacity = models.PositiveSmallIntegerField(default=100)  # percent of a desk
    load = models.PositiveSmallIntegerField(default=0)  # filled by what rings here and what is held
    missed_in_row = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["state"], name="desks_by_state"),
            models.Index(fields=["wrap_up_until"], name="wrap_ups", condition=models.Q(state="wrap_up")),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.state}"

    @property
    def until(self) -> datetime | None:
        """When this state should be over: the rest after a case, or a break."""
        ends = {self.State.WRAP_UP: self.wrap_up_until, self.State.BREAK: self.break_until}
        return ends.get(self.State(self.state))


class BreakReason(models.Model):
    """Why somebody is on a break, from the company's own list."""

    name = models.CharField(max_length=60, unique=True)
    minutes = models.PositiveSmallIntegerField(default=0)  # how long it should last at most; 0: as long as it takes
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class Capacity(models.Model):
    """How many cases of one channel fill somebody's desk. None on record: what the channel itself says."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="capacities")
    channel = models.CharField(max_length=30)
    most = models.PositiveSmallIntegerField()  # 0: none of these ring there

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "channel"], name="one_capacity_per_channel")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.channel}: {self.most}"


class Area(models.Model):
    """A part of the company (billing, the kitchen, legal) whose matters somebody is responsible for."""

    name = models.CharField(max_length=80, unique=True)
    about = models.CharField(max_length=200, blank=True)  # what belongs there, for operators
    promise_minutes = models.PositiveIntegerField(default=240)  # how long its people have to answer

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Ownership(models.Model):
    """Who is responsible for an area: the first in order, then the deputies, to whom reminders climb."""

    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="ownerships")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="ownerships")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["area", "person"], name="once_per_area")]

    def __str__(self) -> str:
        return f"{self.person_id} for {self.area_id}"


class Letter(models.Model):
    """A mail of the house to somebody who works here, sent by a loop, and again while it fails. The words are made when
    it is sent: a link in it is never older than the mail, and stands in no table.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="letters")
    kind = models.CharField(max_length=20)
    data = models.JSONField(default=dict)
    written_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # to be tried then; null: sent, or given up
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="letters_due", condition=models.Q(due_at__isnull=False))]

    def __str__(self) -> str:
        return f"{self.kind} to {self.person_id}"


class PushSubscription(models.Model):
    """A browser that may be rung by Web Push when its screen sleeps."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="push_subscriptions")
    endpoint = models.URLField(max_length=600, unique=True)
    keys = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"push of {self.person_id}"
