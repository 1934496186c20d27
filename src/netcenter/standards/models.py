"""The company's response times, and the promises that follow from them."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from netcenter.accounts.models import Brand
from netcenter.cases.models import Case, Message


class Calendar(models.Model):
    """When the company answers: weekly hours with split shifts, holidays, a time zone; or always."""

    name = models.CharField(max_length=80, unique=True)
    timezone = models.CharField(max_length=60, default="UTC")
    always = models.BooleanField(default=False)
    # {"0": [["09:00","13:00"],["16:00","20:00"]], …} Monday is 0
    hours = models.JSONField(default=dict, blank=True)
    country = models.CharField(max_length=2, blank=True)  # ISO 3166-1, for the `holidays` library
    region = models.CharField(max_length=10, blank=True)
    closed_days = models.JSONField(default=list, blank=True)  # ["2026-12-24", …] beyond the public holidays

    def __str__(self) -> str:
        return self.name


class Standard(models.Model):
    """A rule: for messages of this kind and channel, answer within so many minutes. The most specific one counts."""

    class Measure(models.TextChoices):
        FIRST = "first", _("First response")
        NEXT = "next", _("Next response")
        RESOLUTION = "resolution", _("Resolution")

    brand = models.ForeignKey(Brand, null=True, blank=True, on_delete=models.CASCADE)  # null: every brand
    channel = models.CharField(max_length=30, blank=True)  # "": every channel
    kind = models.CharField(max_length=20, blank=True)  # "": every kind
    measure = models.CharField(max_length=12, choices=Measure, default=Measure.FIRST)
    minutes = models.PositiveIntegerField()
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(Coalesce("brand", 0), "channel", "kind", "measure", name="one_standard_each")
        ]

    def __str__(self) -> str:
        return f"{self.kind or '*'} {self.measure}: {self.minutes} min"


WINDOW = "window"  # the measure of a promise that no standard makes, but the network: after it nothing can be said


class Promise(models.Model):
    """One deadline for one case. Running until kept, broken-and-kept-late, or void (disposed).

    A response is promised from a message; the resolution of the case from its opening, until it is closed.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="promises")
    message = models.ForeignKey(Message, on_delete=models.CASCADE)  # whose clock it runs on
    measure = models.CharField(max_length=12, choices=[*Standard.Measure.choices, (WINDOW, _("The network's window"))])
    started_at = models.DateTimeField()  # when the customer wrote; of a resolution: when the case was opened
    due_at = models.DateTimeField()
    warned = models.PositiveSmallIntegerField(default=0)  # percent of the time already announced: 0, 50, 75, 90, 100
    warn_at = models.DateTimeField(null=True)  # when the next announcement is due
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=8, blank=True)  # kept, late, void
    standard = models.ForeignKey(Standard, null=True, on_delete=models.SET_NULL)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "measure"], condition=Q(ended_at=None), name="one_running_promise_per_measure"
            )
        ]
        indexes = [
            models.Index(fields=["warn_at"], name="promises_to_warn", condition=Q(ended_at=None)),
            models.Index(fields=["ended_at", "outcome"], name="promises_ended", condition=Q(ended_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.measure} of case {self.case_id} by {self.due_at:%F %T}"
