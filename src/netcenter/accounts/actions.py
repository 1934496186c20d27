"""Connecting accounts, keeping their credentials, and noting how their wires fare."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from netcenter.accounts.models import Account, Brand, Health, Organisation
from netcenter.accounts.queries import secrets_of
from netcenter.channels.contract import Grant, Granted
from netcenter.channels.registry import channel
from netcenter.events.actions import SYSTEM, event, record
from netcenter.lib import wakeup
from netcenter.lib.prepared import Update, prepared_update
from netcenter.lib.refused import Refused
from netcenter.lib.secrets import seal
from netcenter.lib.taken import refuse_if_taken
from netcenter.lib.text import clean
from netcenter.lib.transactions import atomic

SILENT_AFTER_FAILURES = 3


def found(name: str, language: str, timezone: str, now: datetime, actor: str) -> Organisation:
    """Whose installation this is. Raises Refused when somebody was quicker."""
    try:
        with transaction.atomic():
            organisation = Organisation.objects.create(name=name.strip(), language=language, timezone=timezone)
            record(event("organisation.founded", now, actor, name=organisation.name))
    except IntegrityError as error:
        raise Refused("founded", _("Somebody has just set up this installation. Sign in.")) from error
    return organisation


@atomic
def change_organisation(
    name: str, language: str, timezone: str, now: datetime, actor: str, *, shows_drafts: bool = False
) -> None:
    """New name, language and time zone of the organisation, and whether who watches sees drafts."""
    Organisation.objects.update(name=name.strip(), language=language, timezone=timezone, shows_drafts=shows_drafts)
    record(event("organisation.changed", now, actor, name=name.strip(), shows_drafts=shows_drafts))


@dataclass(frozen=True)
class BrandDetails:
    """What an administrator says of a brand."""

    name: str
    language: str = "es"
    colour: str = "#4254c5"
    signature: str = ""
    people: Iterable[int] = ()


@atomic
def save_brand(brand: Brand | None, details: BrandDetails, now: datetime, actor: str) -> Brand:
    """A new or changed brand. Raises Refused when the name is taken."""
    kept = brand or Brand()
    kept.name, kept.language = details.name.strip(), details.language
    kept.colour, kept.signature = details.colour, details.signature.strip()
    with refuse_if_taken("name_taken", _("There is a brand of this name already."), field="name"):
        kept.save()
    kept.people.set(details.people)
    record(event("brand.changed" if brand else "brand.added", now, actor, brand_id=kept.pk, name=kept.name))
    wakeup.wake("accounts", "people", "routing")
    return kept


def connect(
    brand: Brand, kind: str, name: str, address: str, values: dict[str, Any], now: datetime, actor: str,
    grant: Grant | None = None,
) -> Account:  # fmt: skip
    """A new account. `values` are those of the channel's fields; secret ones are sealed, generated ones made up."""
    config, hidden = _sort(kind, values)
    if grant is not None:
        config, hidden = {**config, **grant.config}, {**hidden, **grant.secrets}
    for field in channel(kind).fields:
        if field.generated and not hidden.get(field.name):
            hidden[field.name] = secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            account = Account.objects.create(
                brand=brand, channel=kind, name=name, address=address, config=config, sealed=seal(hidden),
                got_at=now, expires_at=grant.expires_at if grant else None,
            )  # fmt: skip
            Health.objects.create(account=account)
            record(event("account.connected", now, actor, brand_id=brand.pk, account=account.pk, channel=kind))
            wakeup.wake("accounts")
    except IntegrityError as error:
        raise Refused("address_taken", _("%(address)s is already connected.") % {"address": address}) from error
    return account


@atomic
def change(account: Account, name: str, address: str, values: dict[str, Any], now: datetime, actor: str) -> None:
    """New settings; a secret left empty stays as it was."""
    config, hidden = _sort(account.channel, values)
    kept = {**secrets_of(account), **{k: v for k, v in hidden.items() if v}}
    given = {field.name for field in channel(account.channel).fields}
    told = {k: v for k, v in account.config.items() if k not in given}  # by the network, when somebody signed in there
    account.name, account.address, account.config, account.sealed = name, address, {**told, **config}, seal(kept)
    with refuse_if_taken("address_taken", _("%(address)s is already connected.") % {"address": address}):
        account.save(update_fields=["name", "address", "config", "sealed"])
    Health.objects.filter(account=account).update(permanent=False, failures_in_row=0, error="", gap_at=now)
    record(event("account.changed", now, actor, brand_id=account.brand_id, account=account.pk))
    ask_anew(account)


@atomic
def renew_secret(account: Account, name: str, now: datetime, actor: str) -> str:
    """Make up a new secret in place of the old one, which stops working at once; returns it, to be shown once."""
    fresh = secrets.token_urlsafe(32)
    Account.objects.filter(pk=account.pk).update(sealed=seal({**secrets_of(account), name: fresh}))
    record(event("account.changed", now, actor, brand_id=account.brand_id, account=account.pk, renewed=name))
    wakeup.wake("accounts")
    return fresh


@atomic
def switch(account: Account, enabled: bool, now: datetime, actor: str) -> None:
    """Pause or resume an account."""
    Account.objects.filter(pk=account.pk).update(enabled=enabled)
    if enabled:
        missed_until(account.pk, now)
    record(event("account.resumed" if enabled else "account.paused", now, actor, account=account.pk))
    wakeup.wake("accounts")


def _sort(kind: str, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """What may be read again, and what must not be."""
    fields = {field.name: field for field in channel(kind).fields}
    hidden = {k: v for k, v in values.items() if k in fields and (fields[k].secret or fields[k].kind == "secret")}
    return {k: v for k, v in values.items() if k in fields and k not in hidden}, hidden


@atomic
def renewed(account: Account, grant: Grant, now: datetime) -> bool:
    """New credentials in place of the old ones; False when somebody changed them meanwhile."""
    kept = seal({**secrets_of(account), **grant.secrets})
    mine = Account.objects.filter(pk=account.pk, sealed=bytes(account.sealed))
    if not mine.update(sealed=kept, config={**account.config, **grant.config}, expires_at=grant.expires_at, got_at=now):
        return False
    was_broken = Health.objects.filter(account=account, permanent=True)
    was_broken.update(permanent=False, failures_in_row=0, error="", gap_at=now)
    record(event("account.renewed", now, SYSTEM, brand_id=account.brand_id, account=account.pk))
    wakeup.wake("accounts", "outbox", "deeds")
    return True


@atomic
def saw_rights(account: Account, granted: Granted, now: datetime) -> None:
    """What the network says of our credentials; that a right is missing anew is announced."""
    Health.objects.get_or_create(account=account)
    before = Health.objects.select_for_update().get(account=account).rights
    Health.objects.filter(account=account).update(rights=sorted(granted.rights), asked_at=now)
    if granted.expires_at is not None:
        Account.objects.filter(pk=account.pk).update(expires_at=granted.expires_at)
    needed = {right.name for right in channel(account.channel).rights if right.required}
    lost = sorted(needed & set(before or needed) - granted.rights)
    if lost:
        record(event("account.rights_missing", now, SYSTEM, brand_id=account.brand_id, account=account.pk, rights=lost))


def ask_anew(account: Account) -> None:
    """A person gave other credentials: their rights, and that the network pushes to us, are not to wait a day."""
    Health.objects.filter(account=account).update(asked_at=None, hooked_at=None)
    wakeup.wake("accounts")


def hooked(account: Account, hook: str, now: datetime) -> None:
    """The network pushes to this address of ours from now on; "": to none."""
    Health.objects.update_or_create(account=account, defaults={"hook": hook[:300], "hooked_at": now})


def missed_until(account_id: int, now: datetime) -> None:
    """Something may have been missed up to now: what the network holds is looked through."""
    Health.objects.filter(account_id=account_id).update(gap_at=now)


@atomic
def silent(account_id: int, since: datetime, now: datetime) -> None:
    """Unusually long nothing was heard: said once, and the network asked whether we missed something (law 1)."""
    if Health.objects.filter(account_id=account_id, silent_at=None).update(silent_at=now, gap_at=now):
        record(event("account.silent", now, SYSTEM, account=account_id, since=since.isoformat()))


def fared_well(account_id: int, now: datetime, heard: bool = False) -> None:
    """The wire worked; with `heard`, something came in."""
    _heard_well(account_id, now) if heard else _fared_well(account_id, now)


_WELL = {"failures_in_row": 0, "error": "", "permanent": False}


@prepared_update
def _fared_well(account_id: int, now: datetime) -> Update:
    return Health.objects.filter(account_id=account_id), {"checked_at": now, **_WELL}


@prepared_update
def _heard_well(account_id: int, now: datetime) -> Update:
    return Health.objects.filter(account_id=account_id), {
        "checked_at": now,
        "heard_at": now,
        "silent_at": None,
        **_WELL,
    }


@atomic
def fared_ill(account_id: int, error: str, permanent: bool, now: datetime) -> None:
    """The wire failed; the first permanent failure, or the third in a row, is announced (law 1)."""
    error = clean(error)
    Health.objects.get_or_create(account_id=account_id)
    health = Health.objects.select_for_update().get(account_id=account_id)  # several threads may count at once
    Health.objects.filter(pk=health.pk).update(
        failed_at=now, failures_in_row=F("failures_in_row") + 1, error=error[:2000], permanent=permanent, gap_at=now
    )
    if (permanent and not health.permanent) or health.failures_in_row + 1 == SILENT_AFTER_FAILURES:
        record(event("account.failing", now, SYSTEM, account=account_id, error=error[:300], permanent=permanent))
