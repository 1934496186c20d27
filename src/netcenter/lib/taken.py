"""What a unique constraint forbids is a refusal that a person can act on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction

from netcenter.lib.refused import Refused


@contextmanager
def refuse_if_taken(code: str, message: str, **data: Any) -> Iterator[None]:
    """Write within a savepoint; a broken constraint becomes Refused(code), and the transaction goes on."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise Refused(code, message, **data) from error
