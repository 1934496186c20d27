"""An account: how a person connects it, what it may do, and how fast."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in when connecting an account. `secret` values are encrypted and never shown again."""

    name: str
    label: str  # msgid
    help: str = ""  # msgid
    kind: Literal["text", "number", "secret", "choice", "checkbox", "url", "email", "colour"] = "text"
    required: bool = True
    default: Any = ""
    choices: tuple[tuple[str, str], ...] = ()
    secret: bool = False
    generated: bool = False  # the house makes it up (a signing secret) and shows it once
    most: int = 65_535  # of a number; the default is that of a port
    lines: bool = False  # several lines, like a PEM key or a postal address
    rare: bool = False  # few need it: folded away, after the others
    sent_to: tuple[str, ...] = ()  # of a secret, the fields that say where it is sent: with them it is typed anew


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the wizard: what to click there, what to copy from here, what to fill in."""

    title: str  # msgid
    text: str = ""  # msgid
    url: str = ""  # where to click
    copy: tuple[Literal["hook", "redirect"], ...] = ()  # addresses of ours that are pasted there
    fields: tuple[str, ...] = ()
    consent: bool = False  # here the person signs in at the network (`Channel.authorize`)
    instead: bool = False  # whoever fills in these fields need not sign in: `authorize` sends them straight back


@dataclass(frozen=True, slots=True)
class Right:
    """A permission of the account, under the network's own name, and what it costs not to have it."""

    name: str
    label: str  # msgid: what it allows
    without: str  # msgid: what does not work without it
    required: bool = True


@dataclass(frozen=True, slots=True)
class Granted:
    """What the network says of our credentials: the names of the rights they carry, and when they end."""

    rights: frozenset[str] = frozenset()
    expires_at: datetime | None = None  # None: never, or not told


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a connection test. `advice` (msgid) says what to do when it is not ok, or what that costs."""

    label: str  # msgid
    ok: bool
    detail: str = ""  # what the other side says or calls it, shown as it is: a folder named Sent stays Sent
    advice: str = ""
    words: str = ""  # msgid: said instead of a detail
    needed: bool = True  # False: the account works without it


def checks_of(rights: Iterable[Right], granted: Iterable[str]) -> Iterator[Check]:
    """Each right as a check; a missing one says what it costs."""
    held = set(granted)
    for right in rights:
        yield Check(right.label, right.name in held, right.name, right.without, needed=right.required)


# --- How fast -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bucket:
    """What a network allows: so much in so many seconds."""

    name: str
    most: int
    seconds: float
    midnight: str = ""  # whole again at midnight of this time zone, and not before: `seconds` is then a day
    label: str = ""  # msgid: what is counted, for people who look; where a network has several


class Budget(Protocol):
    """Keeps us within what the network allows, over all threads and processes of the house."""

    def spend(self, bucket: str, cost: int = 1) -> None:
        """Before each call. Raises ChannelError(reason="rate", retry_at=…) instead of earning a 429."""

    def told(self, bucket: str, remaining: int, resets_at: datetime) -> None:
        """What the network's own headers say is left: from now on it counts, if it is less."""


class Unlimited:
    """Nothing is counted: for channels without `buckets`, and for tests."""

    def spend(self, bucket: str, cost: int = 1) -> None: ...

    def told(self, bucket: str, remaining: int, resets_at: datetime) -> None: ...


# --- The account --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Connection:
    """One account as its channel sees it."""

    key: str  # public key of the account, in its addresses
    address: str  # the mailbox, handle or name customers see
    name: str
    config: Mapping[str, Any]
    secrets: Mapping[str, str]
    brand: str = ""
    hook: str = ""  # where the network may push to us, for those that are told so with each call
    budget: Budget = field(default_factory=Unlimited, compare=False, repr=False)

    def base(self, default: str, name: str = "base_url") -> str:
        """The network's address without a slash at its end: what is configured, else its real one."""
        return str(self.config.get(name) or default).rstrip("/")


@dataclass(frozen=True, slots=True)
class Consent:
    """Where a person is sent to sign in, and what the house keeps, sealed, until they come back (a PKCE verifier…)."""

    url: str
    keep: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grant:
    """What the network granted for one account; both mappings are laid over those that are kept."""

    secrets: Mapping[str, str] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    expires_at: datetime | None = None  # the house refreshes before; None: never, or not told
    address: str = ""
    name: str = ""


# --- At the door --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request at the door. Header names are lower case."""

    method: str
    headers: Mapping[str, str]
    query: str
    body: bytes
    url: str = ""  # whole, as the network called it: for those that sign it
    at: float = field(default_factory=time.time)  # seconds since 1970: judge signatures by it, not by a clock


@dataclass(frozen=True, slots=True)
class Answer:
    """What the door says to the network after the delivery is durable (or instead of storing, with `store=False`)."""

    status: int = 200
    body: bytes = b"ok"
    content_type: str = "text/plain"
    store: bool = True
    dedupe: str = ""  # when the network names its delivery; otherwise the body's hash
    meta: Mapping[str, Any] = field(default_factory=dict)  # joins `Raw.meta`: of a GET, its query
