"""What a network allows. Pages and rules ask this, never which network it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal

from netcenter.channels.contract.incoming import Attachment, Place
from netcenter.channels.contract.outgoing import Verb

Limit = Literal["private", "public", "private_reply", "edit", "delete"]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """All that is not said here, the network cannot do."""

    places: tuple[Place, ...] = ("private",)
    live: bool = False  # the customer is waiting in front of a screen: the operator keeps the case after answering
    weight: int = 20  # default share (percent) of a desk that one case of this kind fills

    # --- what we may say
    reply: bool = True
    private_reply: bool = False  # to a public comment
    one_reply: bool = False  # a second answer takes the place of the first, as under a review
    templates: bool = False  # words approved beforehand, also outside the window
    quick_replies: bool = False  # what can be chosen is shown as buttons
    subject: bool = False
    max_length: int | None = None  # of one message, as `Channel.length` counts
    lengths: Mapping[Place, int] = field(default_factory=dict)  # where a place differs
    hours: Mapping[Limit, float] = field(default_factory=dict)  # from the customer's last words; edit: from our own
    tags: Mapping[str, float] = field(default_factory=dict)  # tag -> hours within which it still lets a person answer

    # --- files
    attachments: bool = False
    max_attachment: int = 20 * 2**20  # bytes of one
    max_attachments: int | None = None  # in one reply
    sizes: Mapping[str, int] = field(default_factory=dict)  # mime pattern (image/*) -> bytes; if any, no others
    fetches_files: bool = False  # the network fetches our files from `Attachment.url`

    # --- what we may do
    acts: frozenset[Verb] = frozenset()
    acts_in: Mapping[Place, frozenset[Verb]] = field(default_factory=dict)  # of these, where a place knows fewer
    reactions: tuple[str, ...] = ()  # which may be given; ("*",): any emoji

    # --- what it tells us
    typing: bool = False
    read_receipts: bool = False
    edits: bool = False
    deletes: bool = False
    echoes: bool = False  # what we say elsewhere

    def longest(self, place: Place) -> int | None:
        """The most that one message there may measure; None: no limit."""
        return self.lengths.get(place, self.max_length)

    def does(self, verb: str, place: Place) -> bool:
        """Whether that can be done to words there."""
        return verb in self.acts_in.get(place, self.acts)

    @property
    def like(self) -> str:
        """What our own "I like it" is called there; "" where nothing of the kind can be given."""
        if not self.reactions or "like" in self.reactions:
            return "like" if self.reactions else ""
        return "👍" if "*" in self.reactions else self.reactions[0]

    def heaviest(self, file: Attachment) -> int:
        """The most bytes that such a file may have; 0: such files are not taken."""
        if not self.attachments:
            return 0
        fits = [most for pattern, most in self.sizes.items() if fnmatchcase(file.mime.lower(), pattern)]
        return max(fits, default=0) if self.sizes else self.max_attachment
