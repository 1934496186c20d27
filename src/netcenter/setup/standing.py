"""How an account stands: heard, credentials, rights, rates, and the proof that nothing was missed."""

from dataclasses import dataclass
from datetime import datetime

from netcenter.accounts.budgets import spent
from netcenter.accounts.models import Account, Health
from netcenter.channels.contract import Bucket, Channel, Right
from netcenter.intake.models import Proof, Question, Reconciling

DAYS = 7


@dataclass(frozen=True)
class Standing:
    """What the account's page says before its settings."""

    health: Health | None
    expires_at: datetime | None
    rights: list[tuple[Right, bool | None]]  # None: nobody asked the network yet
    budget: list[tuple[Bucket, int]]
    reconciles: bool
    reconciling: Reconciling | None
    proofs: list[Proof]
    questions: int  # files, posts and people that are still to be asked for

    @property
    def used(self) -> list[tuple[Bucket, int]]:
        """What the network counts now, the fullest first; a network's only limit is told also while it is unused."""
        shown = [one for one in self.budget if one[1]] or (self.budget if len(self.budget) == 1 else [])
        return sorted(shown, key=lambda one: -one[1] / one[0].most)

    @property
    def unused(self) -> list[tuple[Bucket, int]]:
        """Some networks have a limit for each kind of call and plan: dozens."""
        shown = {bucket.name for bucket, _n in self.used}
        return [one for one in self.budget if one[0].name not in shown]


def standing(account: Account, network: Channel) -> Standing:
    """The whole of it, in a few short queries."""
    health = Health.objects.filter(account=account).first()
    held = health.rights if health else None
    proofs = Proof.objects.filter(account=account).order_by("-day")[:DAYS]
    return Standing(
        health=health, expires_at=account.expires_at,
        rights=[(right, None if held is None else right.name in held) for right in network.rights],
        budget=spent(account, network), reconciles=network.can("reconcile"),
        reconciling=Reconciling.objects.filter(account=account).first(), proofs=list(proofs),
        questions=Question.objects.filter(account=account).count(),
    )  # fmt: skip
