"""Invitations: a signed link, good for a week and for one use, that lets somebody choose a password."""

import hashlib
from datetime import timedelta

from django.core import signing

from netcenter.people.models import Person

VALID = timedelta(days=7)
_SALT = "netcenter.invitation"


def token_of(person: Person) -> str:
    """What stands in the link. It is worth nothing once a password was chosen."""
    return signing.dumps({"p": person.pk, "s": _state(person)}, salt=_SALT)


def invited(token: str) -> Person | None:
    """Whose invitation this is; None when it is old, used or made up, or the person no longer works here."""
    try:
        told = signing.loads(token, salt=_SALT, max_age=VALID)
    except signing.BadSignature:
        return None
    person = Person.objects.filter(pk=told["p"], is_active=True).first()
    return person if person is not None and told["s"] == _state(person) else None


def _state(person: Person) -> str:
    """Changes with the password and the address, so that an older link dies with them."""
    return hashlib.sha256(f"{person.password}\0{person.email}".encode()).hexdigest()[:16]
