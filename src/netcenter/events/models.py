"""The append-only record: what happened, who did it, sealed by a hash chain."""

from django.db import models
from django.db.models.expressions import Func

from netcenter.lib.engines import postgres, sqlite


class TransactionId(Func):
    """The id of the writing transaction, which orders events so that no reader can skip one."""

    output_field = models.BigIntegerField()

    def as_sqlite(self, compiler, connection, **extra):  # type: ignore[no-untyped-def]
        return sqlite.transaction_id_sql(), []

    def as_postgresql(self, compiler, connection, **extra):  # type: ignore[no-untyped-def]
        return postgres.transaction_id_sql(), []


class Event(models.Model):
    """One fact. `kind` is "<room's noun>.<past verb>"; actors and subjects are known by id only."""

    transaction_id = models.BigIntegerField(db_default=TransactionId())
    at = models.DateTimeField()
    kind = models.CharField(max_length=60)
    actor = models.CharField(max_length=60)  # "person:3", "customer:8", "system"
    case_id = models.BigIntegerField(null=True)
    operator_id = models.BigIntegerField(null=True)  # whose screens it concerns
    brand_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["transaction_id", "id"], name="events_order"),
            models.Index(fields=["case_id", "id"], name="events_of_case", condition=models.Q(case_id__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.actor}"


class Seal(models.Model):
    """The digest of a run of events, chained to the seal before: a changed or missing event breaks the chain."""

    first_id = models.BigIntegerField()
    last_transaction_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    count = models.IntegerField()
    digest = models.CharField(max_length=64)
    previous = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"seal {self.pk} over {self.count} events"
