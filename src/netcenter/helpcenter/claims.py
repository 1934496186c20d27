"""Proofs that need no table: who uploaded a file, and who may open one."""

from django.utils.crypto import constant_time_compare, salted_hmac

from netcenter.channels.webchat.wire import File

_UPLOAD, _OPEN = "netcenter.helpcenter.upload", "netcenter.helpcenter.open"


def claim_of(visitor: str, file: File) -> str:
    """What proves that this visitor uploaded this file, under this name and type."""
    return _seal(_UPLOAD, visitor, file.blob, file.name, file.mime, str(file.size))


def is_claimed(visitor: str, file: File, claim: str) -> bool:
    return constant_time_compare(claim_of(visitor, file), claim)


def pass_for(account_key: str, attachment_id: int) -> str:
    """What opens one attachment, in its address: only those to whom the conversation was shown have it."""
    return _seal(_OPEN, account_key, str(attachment_id))[:43]


def is_pass(account_key: str, attachment_id: int, shown: str) -> bool:
    return constant_time_compare(pass_for(account_key, attachment_id), shown)


def _seal(salt: str, *parts: str) -> str:
    return salted_hmac(salt, "\n".join(parts), algorithm="sha256").hexdigest()
