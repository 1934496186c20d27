"""Accounts as their channels see them."""

from django.conf import settings

from netcenter.accounts.budgets import budget
from netcenter.accounts.models import Account, Organisation
from netcenter.channels.contract import Connection
from netcenter.channels.registry import channel, channels
from netcenter.lib.secrets import Locked, unseal


def connection_of(account: Account) -> Connection:
    """The account with its credentials opened. Raises lib.secrets.Locked."""
    allowed = budget(account, channels().get(account.channel))
    return Connection(
        key=account.key, address=account.address, name=account.name, config=account.config,
        secrets=unseal(account.sealed), brand=account.brand.name, budget=allowed, hook=hook_of(account),
    )  # fmt: skip


def hook_of(account: Account) -> str:
    """Where its network may push to us."""
    return f"{settings.PUBLIC_URL}/hooks/{account.key}"


def connection_by_key(key: str) -> tuple[Account, Connection] | None:
    """The account with this public key; None when there is none."""
    account = Account.objects.select_related("brand").filter(key=key).first()
    return (account, connection_of(account)) if account else None


def enabled() -> list[Account]:
    """The accounts that are connected, with their brands."""
    return list(Account.objects.select_related("brand").filter(enabled=True))


def organisation() -> Organisation | None:
    """Whose installation this is; None before the first run."""
    return Organisation.objects.first()


def secrets_of(account: Account) -> dict[str, str]:
    """The account's credentials; none when their key is gone, so that they can be typed anew."""
    try:
        return unseal(account.sealed)
    except Locked:
        return {}


def saved_secrets(account: Account) -> set[str]:
    """The names of the credentials that are kept, never their values."""
    return {name for name, value in secrets_of(account).items() if value}


def generated_secrets(account: Account) -> dict[str, str]:
    """The credentials that the house made up, to be shown once, right after connecting."""
    generated = {field.name for field in channel(account.channel).fields if field.generated}
    return {name: value for name, value in secrets_of(account).items() if name in generated}
