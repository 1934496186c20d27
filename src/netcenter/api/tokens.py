"""Making, knowing and revoking the keys of programs."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from netcenter.api.models import ApiToken
from netcenter.events.actions import event, record
from netcenter.lib.refused import Refused
from netcenter.people.models import Person
from netcenter.people.permissions import May, may

PREFIX = "nct_"  # so that people and secret scanners know what it is
USED_EVERY = timedelta(minutes=1)  # how exactly the last use is noted: a write for each request would be waste
MOST = 20  # keys of one person at once


@transaction.atomic
def make(person: Person, name: str, scopes: Sequence[str], now: datetime) -> tuple[ApiToken, str]:
    """A new key and its text, which nobody can ever read again."""
    if not name.strip():
        raise Refused("name_missing", _("Give the key a name: what will use it?"))
    chosen = [scope for scope in ApiToken.Scope.values if scope in scopes]
    if not chosen:
        raise Refused("scope_missing", _("Choose what the key may do."))
    if ApiToken.objects.filter(person=person, revoked_at=None).count() >= MOST:
        raise Refused("too_many", _("You have %(most)d keys. Revoke one that is no longer used.") % {"most": MOST})
    text = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        person=person, name=name.strip()[:80], digest=_digest(text), hint=text[:10], scopes=chosen, created_at=now
    )
    record(event("token.made", now, person.actor, token=token.pk, scopes=chosen))
    return token, text


@transaction.atomic
def revoke(token_id: int, person: Person, now: datetime) -> None:
    """End a key: one's own, or anybody's for who sets up the house. Repeating changes nothing."""
    if visible(person).filter(pk=token_id, revoked_at=None).update(revoked_at=now):
        record(event("token.revoked", now, person.actor, token=token_id))


def visible(person: Person) -> QuerySet[ApiToken]:
    """The keys the person may see and revoke."""
    mine = Q() if may(person, May.SET_UP) else Q(person=person)
    return ApiToken.objects.filter(mine, revoked_at=None).select_related("person").order_by("person__name", "-id")


def known(text: str, now: datetime) -> ApiToken | None:
    """The key with this text, with its person; None when it is unknown, revoked, or its person has left."""
    token = (
        ApiToken.objects.select_related("person")
        .filter(digest=_digest(text), revoked_at=None, person__is_active=True)
        .first()
    )
    if token is not None and (token.used_at is None or token.used_at < now - USED_EVERY):
        ApiToken.objects.filter(pk=token.pk).update(used_at=now)
    return token


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
