"""A kind of network: what a channel's folder implements."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Protocol

from netcenter.channels.contract.account import (
    Answer,
    Bucket,
    Check,
    Connection,
    Consent,
    Field,
    Grant,
    Granted,
    Request,
    Right,
    Step,
    checks_of,
)
from netcenter.channels.contract.capabilities import Capabilities
from netcenter.channels.contract.failures import ChannelError
from netcenter.channels.contract.incoming import (
    Attachment,
    Author,
    Happening,
    Held,
    Place,
    Polled,
    Post,
    Raw,
    Receipt,
    Reconciled,
)
from netcenter.channels.contract.outgoing import Act, Outbound, Template

Accept = Callable[[str, list[Raw]], None]
"""`accept(address, raws)`: stores durably or raises; for channels that keep a port of their own open.

Called from threads of the channel, also concurrently.
"""

Knows = Callable[[str], bool]
"""`knows(address)`: is this the address of one of our accounts of this kind?"""


class Listener(Protocol):
    """A port that a channel keeps open."""

    @property
    def ports(self) -> Mapping[str, int]:
        """Name of the protocol -> the port it got."""

    def stop(self) -> None:
        """Finish what is being received, then close. Idempotent."""


class Channel:
    """A kind of network. Subclasses override what theirs can do; the defaults say "cannot"."""

    kind: ClassVar[str]
    name: ClassVar[str]  # msgid
    glyph: ClassVar[str]  # name of an icon in the sprite
    capabilities: ClassVar[Capabilities] = Capabilities()
    fields: ClassVar[tuple[Field, ...]] = ()
    steps: ClassVar[tuple[Step, ...]] = ()  # of the wizard; none: a form with the fields
    rights: ClassVar[tuple[Right, ...]] = ()
    buckets: ClassVar[tuple[Bucket, ...]] = ()  # per account; see `allowed`
    pushes: ClassVar[bool] = False  # the network calls /hooks/<account>
    polls: ClassVar[bool] = False  # we ask the network
    poll_seconds: ClassVar[float] = 60.0

    def allowed(self, config: Mapping[str, Any]) -> tuple[Bucket, ...]:
        """The buckets of an account with these settings: some of `buckets`, perhaps of another size. Pure."""
        return self.buckets

    def can(self, verb: str) -> bool:
        """Whether this channel has a method of its own for it: `can("reconcile")`."""
        return getattr(type(self), verb) is not getattr(Channel, verb)

    # --- what comes in --------------------------------------------------------------------------

    def verify(self, request: Request, connection: Connection) -> Answer:
        """Judge a request at the door: CPU only, no I/O. A bad signature is status 401 or 403 with store=False."""
        return Answer(status=404, body=b"not found", store=False)

    def parse(self, raw: Raw, connection: Connection) -> list[Happening]:
        """Bytes to happenings. Pure: same bytes, same result. Raises Unreadable. What is of no concern gives []."""
        raise NotImplementedError

    def poll(self, connection: Connection, cursor: dict[str, Any]) -> Polled:
        """What is new since `cursor` ({} at first). Raises ChannelError. Changes nothing on the network."""
        raise NotImplementedError

    def stored(self, connection: Connection, cursor: dict[str, Any]) -> None:
        """Called after what `poll` gave is durable: the moment to mark as seen, if ever. Must be idempotent."""

    def wait(self, connection: Connection, seconds: float, stop: Callable[[], bool]) -> None:
        """Return when there may be something new, or after `seconds`, or soon after `stop()` turns true."""
        deadline = time.monotonic() + seconds
        while not stop() and (left := deadline - time.monotonic()) > 0:
            time.sleep(min(left, 0.5))

    def stream(self, connection: Connection, cursor: dict[str, Any], stop: Callable[[], bool]) -> Iterator[Polled]:
        """Hold a line open and yield what it says; each is durable before the next is asked for.

        Yields at least every 3 seconds, `Polled((), cursor)` in silence. Ends soon after `stop()`, or raises
        ChannelError when the line breaks: it is opened anew, after `poll` (if the channel polls) caught up.
        """
        raise NotImplementedError

    def listen(self, accept: Accept, knows: Knows, settings: Mapping[str, str]) -> Listener | None:
        """Open this channel's own port, if the installation wants one (`settings`: its NETCENTER_<KIND>_* variables,
        names in lower case without that prefix). None when there is nothing to open. Raises OSError.
        """
        return None

    def hears(self, connection: Connection) -> tuple[str, ...]:
        """The names under which the network speaks of this account (a page's id…): where a `Forward` goes. Pure."""
        return ()

    def reconcile(
        self, connection: Connection, since: datetime, until: datetime, cursor: dict[str, Any]
    ) -> Reconciled:  # fmt: skip
        """All that the network holds of that span, page by page from cursor {}: what webhooks lost is found again."""
        raise NotImplementedError

    def stands(self, held: Sequence[Held], connection: Connection) -> Collection[str]:
        """Which of these, that no page of `reconcile` lists, are there all the same, by name. Raises ChannelError."""
        raise NotImplementedError

    # --- what must be asked for -----------------------------------------------------------------

    def follow(self, reference: str, connection: Connection) -> tuple[Raw, ...]:
        """What a `Pointer` points at; nothing when it is gone. Raises ChannelError."""
        raise NotImplementedError

    def fetch(self, file: Attachment, connection: Connection) -> Attachment:
        """The file that `file.reference` names, with its bytes, or `missing` for good. Raises ChannelError."""
        raise NotImplementedError

    def post(self, external_id: str, connection: Connection) -> Post | None:
        """The post that comments stand under; None when it is gone. Raises ChannelError."""
        return None

    def author(self, author: Author, connection: Connection) -> Author:
        """Who this is, where a webhook gave little more than the id. Raises ChannelError."""
        return author

    # --- what goes out --------------------------------------------------------------------------

    def length(self, text: str, place: Place = "private") -> int:
        """How this network measures a text; see `counting`."""
        return len(text)

    def pieces(self, text: str) -> tuple[int, str]:
        """How many messages the network makes of it, each of which it bills, and the characters that make it more."""
        return 1, ""

    def unfit(self, outbound: Outbound) -> str:
        """Why the network would not take it, in English for developers, or "". The house asks before it sends."""
        return _unfit(self, outbound)

    def send(self, outbound: Outbound, connection: Connection) -> Receipt:
        """Do it once. Raises ChannelError(permanent=…, unknown=…, left=…)."""
        raise ChannelError("this channel cannot send", permanent=True)

    def find(self, outbound: Outbound, connection: Connection) -> Receipt | None:
        """Did it leave? Called when a send ended without our knowing. None: it did not. Raises ChannelError."""
        return None

    def act(self, act: Act, connection: Connection) -> Receipt:
        """Do one of `capabilities.acts`; done already is done. Raises ChannelError."""
        raise ChannelError(f"this channel cannot {act.verb}", permanent=True)

    def find_act(self, act: Act, connection: Connection) -> Receipt | None:
        """Was it done? None: no, or it does no harm to do it again. Raises ChannelError."""
        return None

    def templates(self, connection: Connection) -> tuple[Template, ...]:
        """The words that the network approved. Raises ChannelError."""
        return ()

    # --- the account ----------------------------------------------------------------------------

    def authorize(self, connection: Connection, redirect_uri: str, state: str) -> Consent:
        """Where the person signs in; `connection` holds what the wizard's fields were given. Raises ChannelError."""
        raise NotImplementedError

    def exchange(
        self, connection: Connection, told: Mapping[str, str], redirect_uri: str, keep: Mapping[str, str]
    ) -> tuple[Grant, ...]:  # fmt: skip
        """What the person who came back (`told`: the query) may connect: they choose. Raises ChannelError."""
        raise NotImplementedError

    def refresh(self, connection: Connection) -> Grant:
        """New credentials before the old ones expire; by one process at a time, as old ones may end at once."""
        raise NotImplementedError

    def granted(self, connection: Connection) -> Granted:
        """Which of `rights` the credentials carry and until when, asked of the network. Raises ChannelError."""
        return Granted()

    def subscribe(self, connection: Connection, hook: str) -> None:
        """Tell the network to push to this address of ours. Idempotent. Raises ChannelError."""

    def unsubscribe(self, connection: Connection, hook: str) -> None:
        """Tell it to stop. Idempotent. Raises ChannelError."""

    def embed(self, connection: Connection, base_url: str) -> str:
        """The HTML to paste into one's own site, shown after connecting; "" when there is nothing to paste."""
        return ""

    def health(self, connection: Connection) -> Iterator[Check]:
        """Try the connection for a person who presses "test": yield each check as it is known."""
        if self.rights:
            yield from checks_of(self.rights, self.granted(connection).rights)


def _unfit(channel: Channel, outbound: Outbound) -> str:
    able, place = channel.capabilities, outbound.thread.place
    if outbound.way == "reply" and place not in able.places:
        return f"nothing {place} can be said there"
    if outbound.way == "private_reply":
        place = "private"
        if not able.private_reply:
            return "a comment cannot be answered in private there"
    if outbound.way == "template" and not able.templates:
        return "there are no templates there"
    if outbound.tag and outbound.tag not in able.tags:
        return f"there is no tag {outbound.tag}"
    most, measured = able.longest(place), channel.length(outbound.text, place)
    if most is not None and measured > most:
        return f"the text measures {measured}, and {most} is the most"
    return _unfit_files(able, outbound.attachments)


def _unfit_files(able: Capabilities, files: tuple[Attachment, ...]) -> str:
    if able.max_attachments is not None and len(files) > able.max_attachments:
        return f"at most {able.max_attachments} files fit"
    for file in files:
        heaviest = able.heaviest(file)
        if not heaviest:
            return f"files such as {file.name} ({file.mime}) are not taken"
        if len(file.content) > heaviest:
            return f"{file.name} has more than {heaviest} bytes"
    return ""
