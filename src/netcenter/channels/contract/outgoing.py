"""What we do on a network: say something, or act on what is there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from netcenter.channels.contract.incoming import Attachment, Author, ThreadRef

Way = Literal["reply", "private_reply", "template"]
"""In the same place; privately to whoever wrote a public comment (`target`); with words approved beforehand."""

Verb = Literal["hide", "show", "delete_theirs", "delete_ours", "edit", "react", "unreact", "seen", "typing", "call",
               "block", "unblock"]  # fmt: skip
"""What can be done to what is there: "react" with "like" is a like, "seen" tells the customer that we have read it,
"call" rings our operator and then the customer, "block" keeps the author (`Act.to`) from writing to the account. Where
a network cannot, or refuses for good, the house blocks by itself: what they write is kept and rings nobody. Either way
it ends after a while: the house asks for "unblock".
"""


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a menu, where the network has quick replies. Its id comes back as `Inbound.choice`."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Template:
    """Words that the network approved, as `Channel.templates` lists them; sent with its `blanks` filled."""

    name: str
    language: str
    text: str = ""  # with the blanks as {1} or {name}, for whoever chooses
    blanks: tuple[str, ...] = ()
    filled: Mapping[str, str] = field(default_factory=dict)  # blank -> words


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Other words of ours that may have left, and have no name."""

    thread: str
    until: datetime  # by then they were given up, or will be
    has_choices: bool


@dataclass(frozen=True, slots=True)
class Doubt:
    """What the account holds around an attempt of which nobody knows whether it left: for a network that takes no key
    of ours, but numbers its messages.
    """

    tried_until: datetime  # by then the last such attempt was given up
    before: Mapping[str, datetime]  # what customers had said before the first one, and when: the last of it
    known: Mapping[str, datetime]  # what else has a name, theirs and ours, and a moment before which it was not there
    holds: Callable[[Sequence[str]], Collection[str]] = field(
        compare=False
    )  # which of these are names of ours or theirs
    others: tuple[Unsettled, ...] = ()


@dataclass(frozen=True, slots=True)
class Outbound:
    """Words for a customer. `key` is ours, unique for ever, and travels with it where the network allows."""

    key: str
    thread: ThreadRef
    to: Author
    text: str
    in_reply_to: tuple[str, ...] = ()  # external ids, nearest first
    attachments: tuple[Attachment, ...] = ()
    sender_name: str = ""
    language: str = "es"
    automatic: bool = False  # an acknowledgement: must say what it is (RFC 3834 on mail)
    choices: tuple[Choice, ...] = ()  # only for a channel with `quick_replies`; others have them numbered in the text
    first_attempt: bool = True
    way: Way = "reply"
    target: str = ""  # the very message or comment that is answered
    template: Template | None = None
    tag: str = ""  # one of `Capabilities.tags`: a person still answers when the window is over
    left: tuple[str, ...] = ()  # external ids of what already left of it, in order (text, then files): go on after them
    doubt: Doubt | None = None  # for `find`, where it is known when the attempt was made


@dataclass(frozen=True, slots=True)
class Act:
    """Something done to what is there. Twice must do no more than once, but for "call", which can be looked up.

    What we said in pieces is deleted piece by piece, each under a key of its own.
    """

    key: str
    verb: Verb
    target: str  # external id of the message, comment or post; of a call, what it answers
    thread: ThreadRef
    to: Author | None = None
    text: str = ""  # the new words of "edit"
    what: str = ""  # the reaction; of a call, the operator's own telephone
    first_attempt: bool = True
