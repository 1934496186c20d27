"""A lease: who does a thing that only one process may do at a time."""

from datetime import datetime, timedelta

from django.db import IntegrityError, models, transaction

from netcenter.lib import choices

choices.register()  # before anything is asked


class Lease(models.Model):
    """`holder` alone does `name` until `until`; anybody may take it afterwards."""

    name = models.CharField(max_length=100, primary_key=True)
    holder = models.CharField(max_length=100)
    until = models.DateTimeField()

    class Meta:
        db_table = "lib_lease"

    def __str__(self) -> str:
        return f"{self.name}: {self.holder}"


def take_lease(name: str, holder: str, now: datetime, length: timedelta) -> bool:
    """Take or prolong the lease; False when somebody else holds it."""
    mine_or_over = models.Q(holder=holder) | models.Q(until__lte=now)
    if Lease.objects.filter(mine_or_over, name=name).update(holder=holder, until=now + length):
        return True
    try:
        with transaction.atomic():
            Lease.objects.create(name=name, holder=holder, until=now + length)
    except IntegrityError:
        return False
    return True


def drop_lease(name: str, holder: str) -> None:
    """Give the lease back, so that the next need not wait for its end."""
    Lease.objects.filter(name=name, holder=holder).delete()
