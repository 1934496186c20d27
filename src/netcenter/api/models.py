"""Keys for other systems, and the webhooks that tell them what happened."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ApiToken(models.Model):
    """A person's key for a program, which acts under their name. Only its hash is kept."""

    class Scope(models.TextChoices):
        READ = "read", _("Read cases, messages and figures")
        WRITE = "write", _("Answer, note and dispose")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)  # SHA-256: the token is random, so no salt is needed
    hint = models.CharField(max_length=12)  # its beginning, by which a person knows it again
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["person", "-id"], name="api_tokens_of_person")]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"


class WebhookSubscription(models.Model):
    """An address that is told of events. It follows the record with a cursor of its own."""

    name = models.CharField(max_length=80)
    url = models.URLField(max_length=500)
    sealed = models.BinaryField()  # the signing secret
    kinds = models.JSONField(default=list)  # patterns: "case.*", "message.received", "*"
    enabled = models.BooleanField(default=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    created_at = models.DateTimeField()
    transaction_id = models.BigIntegerField(default=0)  # how far the record was told (events.queries.Cursor)
    event_id = models.BigIntegerField(default=0)
    rests_until = models.DateTimeField(null=True)  # it failed a moment ago
    failures_in_row = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(models.Model):
    """One event for one webhook, until it arrived or became a dead letter."""

    class State(models.TextChoices):
        QUEUED = "queued"
        SENT = "sent"
        DEAD = "dead"

    subscription = models.ForeignKey(WebhookSubscription, on_delete=models.CASCADE, related_name="deliveries")
    event_id = models.BigIntegerField()
    kind = models.CharField(max_length=60)
    state = models.CharField(max_length=6, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subscription", "event_id"], name="one_webhook_delivery_per_event")
        ]
        indexes = [
            models.Index(fields=["due_at"], name="webhooks_due", condition=Q(state="queued")),
            models.Index(fields=["-id"], name="webhooks_dead", condition=Q(state="dead")),
            models.Index(fields=["ended_at"], name="webhooks_sent", condition=Q(state="sent")),
        ]

    def __str__(self) -> str:
        return f"event {self.event_id} for {self.subscription_id}: {self.state}"
