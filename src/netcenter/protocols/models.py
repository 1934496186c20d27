"""Words for situations."""

from django.db import models
from django.db.models import Q

from netcenter.accounts.models import Brand
from netcenter.cases.models import Case, Message
from netcenter.people.models import Person


class CannedAnswer(models.Model):
    """Words kept for re-use, with variables such as {{customer.first_name}}; one text per language."""

    name = models.CharField(max_length=80)
    shortcut = models.SlugField(max_length=40, unique=True, allow_unicode=True)  # typed as /shortcut
    brand = models.ForeignKey(Brand, null=True, blank=True, on_delete=models.CASCADE)  # null: every brand
    texts = models.JSONField(default=dict)  # {"es": "…", "en": "…", "pt": "…"}

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Protocol(models.Model):
    """A situation and what is done in it. What it says stands in its versions; the latest counts."""

    name = models.CharField(max_length=120)  # for lists, in the language of who wrote it
    brand = models.ForeignKey(Brand, null=True, blank=True, on_delete=models.CASCADE)  # null: every brand
    is_on = models.BooleanField(default=True)
    number = models.PositiveIntegerField(default=1)  # of the version that counts
    came_from = models.CharField(max_length=60, blank=True)  # "retail/late_delivery" of the manual it came with
    removed_at = models.DateTimeField(null=True)  # what was done by it stays readable

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["came_from"], name="installed_once", condition=Q(removed_at=None) & ~Q(came_from="")
            )
        ]

    def __str__(self) -> str:
        return self.name


class Version(models.Model):
    """What a protocol said from then on, and who wrote it so. Never changed."""

    protocol = models.ForeignKey(Protocol, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()  # of `content.Content`
    at = models.DateTimeField()
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["protocol", "number"], name="one_version_of_a_number")]

    def __str__(self) -> str:
        return f"{self.protocol_id} v{self.number}"


class Followed(models.Model):
    """The protocol by which a case is answered: taken when its first step is ticked, or when somebody chooses it.

    From then on the case keeps it, in this version, whatever is read in later messages.
    """

    case = models.OneToOneField(Case, on_delete=models.CASCADE, primary_key=True, related_name="followed")
    version = models.ForeignKey(Version, on_delete=models.PROTECT)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"case {self.case_id} by {self.version_id}"


class Tick(models.Model):
    """A step that was done in a case."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="ticks")
    protocol = models.ForeignKey(Protocol, on_delete=models.CASCADE)
    step = models.CharField(max_length=40)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "protocol", "step"], name="one_tick_per_step")]

    def __str__(self) -> str:
        return f"case {self.case_id}: {self.step}"


class Use(models.Model):
    """A canned answer, or words of a protocol, that a sent answer began from; what followed is read from the case."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+")
    answer = models.ForeignKey(CannedAnswer, null=True, on_delete=models.CASCADE, related_name="uses")
    version = models.ForeignKey(Version, null=True, on_delete=models.CASCADE, related_name="+")
    words = models.PositiveSmallIntegerField(default=0)  # which of the protocol's, from 1
    kind = models.CharField(max_length=20, blank=True)  # of the case, when it was answered
    changed = models.FloatField()  # 0 as it stood to 1 nothing of it left
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="uses_one_thing", condition=Q(answer__isnull=False) ^ Q(version__isnull=False)),
        ]
        indexes = [models.Index(fields=["answer", "-at"], name="uses_of_an_answer")]

    def __str__(self) -> str:
        return f"{self.answer_id or self.version_id} in {self.message_id}"


class ApprovalRule(models.Model):
    """Whose answers wait for a second pair of eyes, beside what protocols ask for. One row for the house."""

    trainees = models.BooleanField(default=True)
    crisis_from = models.PositiveSmallIntegerField(default=2)  # 1 yellow, 2 orange, 3 red; 0: in no crisis
    topics = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"trainees: {self.trainees}, crises from {self.crisis_from}, {len(self.topics)} topics"
