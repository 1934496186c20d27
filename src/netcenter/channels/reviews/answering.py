"""The one reply below a review: given, replaced, looked for, taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from netcenter.channels.contract import Act, ChannelError, Outbound, Receipt
from netcenter.channels.reviews import told

Put = Callable[[str, str], told.Reply]
"""`put(review, text)`: say it below the review, in place of what stands there. Raises ChannelError."""

Look = Callable[[str], told.Reply | None]
"""The reply that stands below a review now. Raises ChannelError, `gone` when the review is."""


def send(outbound: Outbound, put: Put) -> Receipt:
    review = review_of(outbound)
    return receipt(review, put(review, outbound.text))


def find(outbound: Outbound, look: Look) -> Receipt | None:
    """These words below the review: whichever attempt they are of, they are there once."""
    review = review_of(outbound)
    try:
        reply = look(review)
    except ChannelError as error:
        if error.reason == "gone":
            return None
        raise
    return receipt(review, reply) if reply is not None and same(reply.text, outbound.text) else None


def act(act: Act, put: Put, take_back: Callable[[str], None]) -> Receipt:
    """Change our reply, or take it back; one that is gone already is taken back already."""
    review = told.review_of(act.target)
    if act.verb == "edit":
        return receipt(review, put(review, act.text))
    if act.verb != "delete_ours":
        raise ChannelError(f"below a review one cannot {act.verb}", permanent=True, reason="unfit")
    try:
        take_back(review)
    except ChannelError as error:
        if error.reason != "gone":
            raise
    return Receipt(act.target, "sent", datetime.now(UTC))


def review_of(outbound: Outbound) -> str:
    """The review that is answered. Raises ChannelError."""
    above = outbound.target or next(iter(outbound.in_reply_to), "")
    if not above:
        raise ChannelError("no review is named that this would answer", permanent=True, reason="unfit")
    return told.review_of(above)


def receipt(review: str, reply: told.Reply) -> Receipt:
    return Receipt(told.answer(review, reply.mark), "sent", reply.at)


def same(one: str, other: str) -> bool:
    """Networks trim, and fold white space."""
    return one.split() == other.split()
