"""What a network allows, shared by all processes of the house: one row for each bucket, locked while it is spent from.

On an engine with one process the budget is kept in memory: `channels.budgets`.
"""

from datetime import datetime

from django.db import transaction

from netcenter.accounts.models import Account, Allowance
from netcenter.channels.budgets import InProcess, budget_of
from netcenter.channels.contract import Bucket, Budget, Channel, Unlimited
from netcenter.lib import clock
from netcenter.lib.engines import engine


class Shared:
    """The budget of one account for every process. Each spending is a transaction of its own, before the network."""

    def __init__(self, account_id: int, buckets: tuple[Bucket, ...]) -> None:
        self._account_id = account_id
        self._buckets = {bucket.name: bucket for bucket in buckets}

    def spend(self, bucket: str, cost: int = 1) -> None:
        """Raises ChannelError(reason="rate", retry_at=…) instead of earning a 429."""
        with transaction.atomic():
            row, kept = self._locked(bucket)
            kept.spend(bucket, cost)
            self._keep(row, kept)

    def told(self, bucket: str, remaining: int, resets_at: datetime) -> None:
        with transaction.atomic():
            row, kept = self._locked(bucket)
            kept.told(bucket, remaining, resets_at)
            self._keep(row, kept)

    def _locked(self, bucket: str) -> tuple[Allowance, InProcess]:
        name = bucket[:100]
        Allowance.objects.get_or_create(account_id=self._account_id, bucket=name)
        row = Allowance.objects.select_for_update().get(account_id=self._account_id, bucket=name)
        declared = self._buckets.get(bucket)
        kept = InProcess((declared,) if declared else (), clock.now)
        kept.load(bucket, row.spent)
        return row, kept

    def _keep(self, row: Allowance, kept: InProcess) -> None:
        row.spent = kept.dump(row.bucket)
        row.save(update_fields=["spent"])


def budget(account: Account, network: Channel | None) -> Budget:
    """The one budget of this account."""
    if network is None or not network.buckets:
        return Unlimited()
    if engine().hears_others:
        return Shared(account.pk, network.allowed(account.config))
    return budget_of(account.key, network.allowed(account.config))


def spent(account: Account, network: Channel) -> list[tuple[Bucket, int]]:
    """Each bucket with how much of it is spent now: for people who look."""
    buckets = network.allowed(account.config)
    here = InProcess(buckets, clock.now)
    if engine().hears_others:
        for row in Allowance.objects.filter(account=account):
            here.load(row.bucket, row.spent)
    elif buckets:
        here = budget_of(account.key, buckets)
    return [(bucket, here.spent(bucket.name)) for bucket in buckets]
