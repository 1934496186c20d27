"""Credentials at rest: encrypted with the installation's keys, newest first, so that keys can be rotated (law 7)."""

import json
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Locked(Exception):
    """These credentials were sealed with a key that this installation does not have."""


@cache
def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.SECRET_BOX_KEYS])


def seal(values: dict[str, Any]) -> bytes:
    """Encrypt a small JSON object."""
    return _fernet().encrypt(json.dumps(values).encode())


def unseal(sealed: bytes | memoryview | None) -> dict[str, Any]:
    """The object that `seal` got; {} for nothing. Raises Locked."""
    if not sealed:
        return {}
    try:
        return json.loads(_fernet().decrypt(bytes(sealed)))
    except InvalidToken as error:
        raise Locked("the key that sealed these credentials is missing from SECRET_BOX_KEYS") from error
