"""In which ways a customer can be answered there, now: pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from netcenter.channels.contract import Capabilities, Place


@dataclass(frozen=True)
class Ways:
    """What the network lets us say in a thread. `closes_at` None: always; `closed`: the time to reply is over."""

    replies: bool
    closes_at: datetime | None = None
    closed: bool = False
    tags: Mapping[str, datetime] = field(default_factory=dict)  # with which a person may still reply, and until when
    templates: bool = False
    private_reply: bool = False
    private_until: datetime | None = None

    @property
    def any(self) -> bool:
        return self.replies or bool(self.tags) or self.templates or self.private_reply


def ways(
    able: Capabilities, place: Place, last_said_at: datetime | None, open_until: datetime | None, now: datetime
) -> Ways:  # fmt: skip
    """`last_said_at`: the customer's last words there; `open_until`: what the network itself told."""
    limit = able.hours.get("public" if place == "public" else "private")
    closes = _after(last_said_at, limit)
    closes = max(filter(None, (closes, open_until)), default=None)
    closed = limit is not None and (closes is None or closes <= now)
    tags = {name: until for name, hours in able.tags.items() if (until := _after(last_said_at, hours)) and until > now}
    private_until = _after(last_said_at, able.hours.get("private_reply"))
    return Ways(
        replies=able.reply and place in able.places and not closed, closes_at=closes if limit is not None else None,
        closed=closed, tags=tags if closed and place == "private" else {},
        templates=able.templates and place == "private",
        private_reply=able.private_reply and place == "public" and (private_until is None or private_until > now),
        private_until=private_until,
    )  # fmt: skip


def _after(at: datetime | None, hours: float | None) -> datetime | None:
    return None if at is None or hours is None else at + timedelta(hours=hours)
