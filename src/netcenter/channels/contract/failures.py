"""How a wire fails, and what cannot be read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from netcenter.channels.contract.incoming import Happening

Reason = Literal["", "token", "right", "rate", "window", "gone", "blocked", "unfit", "twice"]
"""Why the network refused, where it says so: the credentials are no longer good; a right is missing; too fast; the
time to reply is over; what it is about is no longer there; this customer takes nothing from us; it does not take such
words or files; it says that it has this already.
"""


class ChannelError(Exception):
    """The wire failed. `permanent` refuses this act for good; otherwise it is tried at `retry_at`, or with back-off."""

    def __init__(
        self, message: str, *, permanent: bool = False, unknown: bool = False, retry_at: datetime | None = None,
        reason: Reason = "", left: Iterable[str] = (), bucket: str = "",
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.permanent = permanent
        self.unknown = unknown  # the network may have acted before it failed: look (`find`) before trying again
        self.retry_at = retry_at
        self.reason = reason  # "token" is never permanent: what waits leaves once the account is connected anew
        self.bucket = bucket  # of our own budget, which is spent: others wait for the same
        self.left = tuple(left)  # external ids of the parts that did leave: `Outbound.left` of the next attempt


class Unreadable(Exception):
    """These bytes cannot be understood. They are kept, listed, and can be read again after a fix.

    `readable` is what could be understood all the same: it is recorded, so that one bad item does not cost the others.
    """

    def __init__(self, message: str = "", readable: Iterable[Happening] = ()) -> None:
        super().__init__(message)
        self.readable = list(readable)
