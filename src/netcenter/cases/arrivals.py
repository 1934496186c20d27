"""What arrives, and what is known of it while it is recorded."""

from dataclasses import dataclass, field
from datetime import datetime

from netcenter.accounts.models import Account
from netcenter.cases.files import StoredFile
from netcenter.cases.models import Case, Identity, Message, Post, Thread
from netcenter.channels.contract import Inbound


@dataclass(frozen=True)
class Arrival:
    """A happening of kind Inbound with where it came from."""

    account: Account
    said: Inbound
    received_at: datetime
    delivery_id: int | None = None
    files: tuple[StoredFile, ...] = ()


@dataclass
class Batch:
    """What a batch knows while it is being recorded."""

    now: datetime
    identities: dict[tuple[str, str], Identity] = field(default_factory=dict)
    threads: dict[tuple[int, str], Thread] = field(default_factory=dict)
    posts: dict[tuple[int, str], Post] = field(default_factory=dict)
    cases: dict[int, Case] = field(default_factory=dict)  # existing, locked
    by_customer: dict[tuple[int, int], Case] = field(default_factory=dict)
    new_threads: list[Thread] = field(default_factory=list)
    moved_threads: list[Thread] = field(default_factory=list)
    new_cases: list[Case] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
