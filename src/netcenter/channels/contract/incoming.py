"""What a network tells us: customers' words, and everything that happens to words.

An external id is the network's own name of a thing, unique per account and for ever, at most 255 characters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

Place = Literal["private", "public"]

Form = Literal["message", "sms", "comment", "mention", "quote", "post", "review", "story", "call", "voicemail"]
"""What sort of utterance it is, for whoever looks: "post" is a visitor's own; "story" answers our story or ad."""

By = Literal["", "author", "us", "network"]
"""Whose doing it was; "us" is one of ours, in the network's own app or another tool. "" when it is not told."""


# --- Who and where ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reach:
    """How far something or somebody carries. None is "not told", never 0."""

    followers: int | None = None
    verified: bool | None = None
    likes: int | None = None  # and all other reactions
    replies: int | None = None
    shares: int | None = None
    views: int | None = None
    promoted: bool | None = None  # somebody pays for it


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote, as the network knows them. `external_id` is stable: never a handle that can be changed."""

    external_id: str
    name: str = ""
    email: str = ""
    phone: str = ""  # E.164
    language: str = ""  # BCP 47, when the network tells
    avatar_url: str = ""
    profile: Mapping[str, Any] = field(default_factory=dict)  # kept as told: small, JSON
    confirmed: bool = True  # False when e-mail or phone are only the visitor's own words
    handle: str = ""  # what others write to name them, with its sign: @dana
    url: str = ""
    reach: Reach | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """What people comment on or review: a post, an advertisement, a video, an app, a shop. All its threads share it.

    With the id alone the house asks for the rest (`Channel.post`).
    """

    external_id: str
    text: str = ""
    title: str = ""
    author: Author | None = None
    url: str = ""
    sent_at: datetime | None = None
    ours: bool | None = None  # None: not told
    attachments: tuple[Attachment, ...] = ()
    reach: Reach | None = None  # with `promoted` it is an advertisement

    def thread_of(self, author: Author) -> ThreadRef:
        """One customer's comments under one post are one thread."""
        return ThreadRef(f"{self.external_id}/{author.external_id}", "public", self.title, post=self)


@dataclass(frozen=True, slots=True)
class ThreadRef:
    """Where it was said. `external_id` is unique per account."""

    external_id: str
    place: Place = "private"
    subject: str = ""
    post: Post | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message, as one of: its bytes, a `blob`, a `reference`, or why there is none (`missing`)."""

    name: str
    mime: str
    content: bytes = b""
    content_id: str = ""  # cid: of an inline image
    blob: str = ""  # the house already holds the bytes, under this hash; `content` is empty then
    missing: str = ""  # e.g. "too large": the message is kept, the loss is shown
    reference: str = ""  # an id or address from which `Channel.fetch` gets the bytes
    alt: str = ""  # a description for those who cannot see it, or a transcript
    url: str = ""  # of ours going out: public for an hour, for networks that fetch files themselves


@dataclass(frozen=True, slots=True)
class Review:
    """The verdict of a review; its words are the message."""

    stars: float | None = None  # 1 to 5, scaled if need be
    recommends: bool | None = None  # where there are no stars
    title: str = ""


# --- What happens -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Inbound:
    """A customer said something. A telephone call is one, of form "call": what became of it follows as `Called`."""

    external_id: str
    author: Author
    thread: ThreadRef
    sent_at: datetime
    text: str
    html: str = ""  # unsanitised; the house sanitises before showing
    quoted: str = ""  # the part of the mail below "On … wrote:", folded on the desk
    attachments: tuple[Attachment, ...] = ()
    in_reply_to: tuple[str, ...] = ()  # external ids, nearest first: finds the thread of an unknown thread id
    # It answers something, but nothing tells what: the author's newest thread with the same thread.subject, if any.
    continues: bool = False
    automatic: Literal["", "auto_reply", "list", "loop"] = ""  # recorded, disposed at once, never rings
    choice: str = ""  # the id of the `Choice` that was pressed instead of written
    extra: Mapping[str, Any] = field(default_factory=dict)
    form: Form = "message"
    parent: str = ""  # the comment it stands under, perhaps another customer's: shown, never decides the thread
    url: str = ""  # where it can be seen on the network
    language: str = ""  # BCP 47, when the network tells
    review: Review | None = None
    reach: Reach | None = None
    hidden: bool = False  # nobody else sees it: hidden by us before, or held back by the network
    replaces: str = ""  # earlier messages of the thread whose external ids begin so are gone: it stands in their place


@dataclass(frozen=True, slots=True)
class Echo:
    """We ourselves said something there: with a `key`, what we sent; else from elsewhere, and it answers what waits.

    A network that tells it before `send` has returned should carry the key, or it looks as if said elsewhere.
    """

    external_id: str
    thread: ThreadRef
    sent_at: datetime
    text: str
    to: Author | None = None
    attachments: tuple[Attachment, ...] = ()
    in_reply_to: tuple[str, ...] = ()  # external ids, nearest first
    key: str = ""  # `Outbound.key`, where the network hands it back
    part: int = 0  # with a key: which part of what we sent, from 1, while others follow; 0: the last, or all of it
    sender_name: str = ""  # who of us, or with which tool
    automatic: bool = False  # a machine's words: they answer nothing
    form: Form = "message"
    url: str = ""


@dataclass(frozen=True, slots=True)
class Edited:
    """Words changed, a customer's or ours. `attachments` None: they stayed."""

    external_id: str
    text: str
    at: datetime
    attachments: tuple[Attachment, ...] | None = None


@dataclass(frozen=True, slots=True)
class Deleted:
    """Words or a whole post are gone from the network; they are kept here (law 6)."""

    external_id: str
    at: datetime
    by: By = ""


@dataclass(frozen=True, slots=True)
class Hidden:
    """Others no longer see it, or (`shown`) see it again."""

    external_id: str
    at: datetime
    shown: bool = False
    by: By = ""


@dataclass(frozen=True, slots=True)
class Reaction:
    """Somebody reacted to a message or a post, or took it back."""

    external_id: str  # what was reacted to
    author: Author
    what: str  # an emoji, or the network's word: "like"
    at: datetime
    added: bool = True


@dataclass(frozen=True, slots=True)
class Reached:
    """How far it carries by now. What is not told anew stays as it was."""

    external_id: str
    reach: Reach
    at: datetime
    of: Literal["message", "post", "author"] = "message"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of something we sent. `state` failed after sent (a bounce) puts the case back to waiting."""

    external_id: str
    state: Literal["sent", "delivered", "read", "failed"]
    at: datetime
    detail: str = ""
    also: tuple[str, ...] = ()  # the network made several messages of it: the ids of the others
    url: str = ""  # where it can be seen


@dataclass(frozen=True, slots=True)
class Opened:
    """We may write there until then. Said only where it does not follow from the customer's last words."""

    thread: ThreadRef
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Called:
    """A step of a telephone call, whose `external_id` is the `Inbound`'s or, when we called, the `Receipt`'s.

    "asked": they wish to be called back, and were told when. What "ended" and was never answered was missed.
    """

    external_id: str
    state: Literal["rang", "answered", "asked", "missed", "ended", "recorded", "transcribed"]
    at: datetime
    by: str = ""  # which of our extensions or numbers answered
    seconds: int | None = None  # how long they spoke
    recording: Attachment | None = None
    text: str = ""  # a transcript
    promised_at: datetime | None = None  # of "asked": when we said that we would call


@dataclass(frozen=True, slots=True)
class Trouble:
    """The network says that our account is in trouble. The house tells an administrator."""

    what: Literal["token", "right", "hook", "rate", "limited"]
    at: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Pointer:
    """The network says only *that* there is something: the house has it fetched (`Channel.follow`), then reads it."""

    reference: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Forward:
    """This part of the delivery speaks to another of our accounts, the one that `Channel.hears` names `to`."""

    to: str
    raw: Raw


Happening = (
    Inbound | Echo | Edited | Deleted | Hidden | Reaction | Reached | Receipt | Opened | Called | Trouble | Pointer
    | Forward
)  # fmt: skip


# --- In which form it comes -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes as a network handed them over, with what is needed to read them again one day.

    `dedupe` is unique per account for one delivery; the same bytes twice are one delivery.
    """

    body: bytes
    dedupe: str
    meta: Mapping[str, Any] = field(default_factory=dict)  # headers, mailbox, uid…: small, JSON


@dataclass(frozen=True, slots=True)
class Polled:
    raws: tuple[Raw, ...]
    cursor: dict[str, Any]  # stored in the same transaction as the raws; JSON
    more: bool = False  # there is more to fetch at once


@dataclass(frozen=True, slots=True)
class Count:
    """How many customers' messages of a day (UTC) the network says that it holds."""

    day: date
    messages: int


@dataclass(frozen=True, slots=True)
class Held:
    """What we hold, of which it is asked whether it is still there."""

    external_id: str
    form: Form
    place: Place


@dataclass(frozen=True, slots=True)
class Reconciled(Polled):
    """What the network holds of a span of time, a page at a time: found again, it is the same message."""

    present: tuple[str, ...] = ()  # external ids of all that is on this page
    lists_all: bool = False  # what we hold of that span and no page lists has vanished, unless it `stands`
    counts: tuple[Count, ...] = ()  # the network's own figures for whole days, where it tells any: the proof
    current: bool = False  # its words are those that stand there now: where ours differ, they were edited
