"""The company's presence: its brands and their accounts on networks."""

import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


def new_key() -> str:
    """The public name of an account in its addresses: unguessable, but no secret."""
    return secrets.token_urlsafe(12)


class Organisation(models.Model):
    """Whose installation this is: one row, made by the first-run page."""

    name = models.CharField(max_length=120)
    language = models.CharField(max_length=10, default="es")
    timezone = models.CharField(max_length=60, default="UTC")
    shows_drafts = models.BooleanField(default=False)  # to a supervisor who watches: words that nobody has sent yet
    created_at = models.DateTimeField(auto_now_add=True)
    only = models.BooleanField(default=True, unique=True, editable=False)

    def __str__(self) -> str:
        return self.name


class Brand(models.Model):
    """Whom the customer talks to."""

    name = models.CharField(max_length=80, unique=True)
    language = models.CharField(_("Language when the customer's is unknown"), max_length=10, default="es")
    colour = models.CharField(max_length=7, default="#4254c5")
    signature = models.CharField(max_length=200, blank=True)
    people = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="brands", blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Account(models.Model):
    """The brand's presence on a network. `sealed` holds the credentials, encrypted; they are never shown again."""

    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="accounts")
    channel = models.CharField(max_length=30)
    key = models.CharField(max_length=40, unique=True, default=new_key)
    name = models.CharField(max_length=80)
    address = models.CharField(max_length=200, blank=True)  # the mailbox, handle or site customers see
    config = models.JSONField(default=dict, blank=True)
    sealed = models.BinaryField(default=b"", blank=True)
    enabled = models.BooleanField(default=True)
    got_at = models.DateTimeField(null=True)  # when the network gave the credentials
    expires_at = models.DateTimeField(null=True)  # when they end, where it says so
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "address"], condition=~models.Q(address=""), name="one_account_per_address"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Health(models.Model):
    """How an account's wire fares. One row per account, apart from it so that settings and loops never collide."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, primary_key=True, related_name="health")
    heard_at = models.DateTimeField(null=True)  # last delivery
    checked_at = models.DateTimeField(null=True)  # last successful poll or send
    failed_at = models.DateTimeField(null=True)
    failures_in_row = models.IntegerField(default=0)
    error = models.TextField(blank=True)
    permanent = models.BooleanField(default=False)
    gap_at = models.DateTimeField(null=True)  # up to here something may have been missed: what is reconciled then
    silent_at = models.DateTimeField(null=True)  # since then unusually silent, and said so
    told_at = models.DateTimeField(null=True)  # when the administrators were last told that something is wrong
    rights = models.JSONField(null=True)  # the names of those that the network granted; None: never asked
    asked_at = models.DateTimeField(null=True)  # when it was asked for them
    hook = models.CharField(max_length=300, blank=True)  # the address of ours that the network was told to push to
    hooked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"health of {self.account_id}"


class Allowance(models.Model):
    """What one account has spent of one of its network's buckets, where several processes spend."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    bucket = models.CharField(max_length=100)
    spent = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "bucket"], name="one_allowance_each")]

    def __str__(self) -> str:
        return f"{self.bucket} of {self.account_id}"
