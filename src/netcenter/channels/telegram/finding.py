"""Did it leave? Telegram takes no key of ours and lists nothing, but it numbers messages, and says whose one is.

`editMessageReplyMarkup` with the buttons that a message has changes nothing, and is refused: "message is not modified"
where it is ours, "message can't be edited" where it is somebody else's, "message to edit not found" where that chat has
none of this number. https://core.telegram.org/bots/api#editmessagereplymarkup; the order of these answers, and that
all kinds that we send are edited so, is in `can_edit_message` of https://github.com/tdlib/td.

Private chats and basic groups share one growing count, the bot's own; each supergroup has its own
(https://core.telegram.org/bots/api#message). So what left stands above what customers had said before we tried,
and below what was written well after the attempt. Most of the numbers in between have a name here; the others are
asked, and nothing is decided before all of them have answered.

Is what we find certainly this answer? What else the house says there has a name; where something of ours may have left
there that has none, what is found may be either (`_rivals`), and only what is not there is certain. The number of
messages must be right; what does not add up is for a person to look at. Not ruled out is another program that speaks
with our token, in the same chat, in the same minute: the README forbids it. And who takes our answer away there within
that minute gets it again: it stands there once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

from netcenter.channels.contract import ChannelError, Doubt, Outbound, Receipt, Unsettled
from netcenter.channels.telegram import wire
from netcenter.channels.telegram.places import Where, message_at, where
from netcenter.channels.telegram.wire import Bot

SETTLED = timedelta(seconds=30)  # clocks differ by less, and Telegram obeys no later than this after we gave up
AGAIN = timedelta(seconds=20)  # until more is known: somebody writes, or what is on its way has arrived
MOST = 24  # numbers asked for one answer: paid at once, out of 30 calls a second
BEYOND = 8  # numbers above all that are known, while nothing has been written since
SPAN = 20_000  # numbers that are looked through
LOOKED_UP = 1000  # of them in our own books

NOBODY_KNOWS = "Telegram did not say whether it arrived. Look in the chat before you write it again."
NONE_THERE = ("message to edit not found", "MESSAGE_ID_INVALID")

Buttons = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Steps:
    """What an answer consists of: the buttons of each of its messages, and after how many of them a call ends."""

    buttons: tuple[Buttons, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, calls: Iterable[tuple[int, Buttons]]) -> Steps:
        """Each call makes so many messages."""
        made = list(calls)
        return cls(
            tuple(shown for messages, shown in made for _one in range(messages)),
            tuple(accumulate(messages for messages, _shown in made)),
        )


@dataclass(frozen=True, slots=True)
class Span:
    """Where it stands if it left."""

    numbers: tuple[int, ...]  # those between the ends that have no name here
    since: datetime | None  # when the message below them was written, where that is known
    is_closed: bool  # it can stand nowhere else


def find(outbound: Outbound, bot: Bot, place: Where, steps: Steps) -> Receipt | None:
    """None: it is not there. Raises ChannelError where nobody knows, or not yet; with `left` where a part is there."""
    doubt, left = outbound.doubt, outbound.left
    missing = steps.buttons[len(left) :]
    if doubt is None or not missing or place.business or place.direct:  # in those, others' numbers, or rules, hold
        raise _nobody_knows(left)
    span = span_of(doubt, outbound, place)
    if span is None:
        raise _nobody_knows(left)
    rivals = _rivals(doubt, outbound, place, span.since)
    shows = any(missing) or any(one.has_choices for one in rivals)  # asking would take away, or add, buttons
    if len(span.numbers) > MOST or (rivals and shows):
        raise _later(left)
    try:
        ours = _ours(bot, place, span.numbers, missing, _theirs(doubt, outbound, place)) if span.numbers else ()
    except ChannelError as error:
        raise _asked_in_vain(error, left) from error
    names = (*left, *(f"{place.chat}/{number}" for number in ours))
    if ours and rivals:
        raise _later(left)
    if len(ours) == len(missing):
        return Receipt(names[0], "sent", wire.now(), also=names[1:])
    if not span.is_closed:
        raise _later(left)
    if not ours:
        return None
    if len(names) in steps.ends:
        raise ChannelError("a part of it is there, and the rest follows", retry_at=wire.now(), left=names)
    raise _nobody_knows(left)


def _nobody_knows(left: Iterable[str]) -> ChannelError:
    """Permanent, so that the case waits again at once and a person looks, instead of a second message."""
    return ChannelError(NOBODY_KNOWS, permanent=True, left=left)


def _later(left: Iterable[str]) -> ChannelError:
    """The house asks again a few times, and then lets a person look."""
    return ChannelError(NOBODY_KNOWS, retry_at=wire.now() + AGAIN, left=left)


def _asked_in_vain(error: ChannelError, left: Iterable[str]) -> ChannelError:
    """Not unknown: asking twice does no more than once, and the doubt is the old one."""
    if error.permanent:
        return _nobody_knows(left)
    return ChannelError(str(error), retry_at=error.retry_at, reason=error.reason, bucket=error.bucket, left=left)


# --- Where it may stand -----------------------------------------------------------------------------


def span_of(doubt: Doubt, outbound: Outbound, place: Where) -> Span | None:
    """None where nothing tells from which number on."""
    before = _numbered([outbound.target, *doubt.before], place)
    if not before:
        return None
    first = max(before)
    known = _numbered(doubt.known, place)
    settled = doubt.tried_until + SETTLED
    after = [number for number, name in known.items() if number > first and doubt.known[name] >= settled]
    named = {first, *known, *_numbered(outbound.left, place)}
    end = min(after, default=max(named) + 1 + BEYOND)
    if end - first > SPAN:
        return None
    names = {f"{place.chat}/{number}": number for number in range(first + 1, end) if number not in named}
    # What waited in line for hours may have left only now. Of more than that too many are left to ask, anyway.
    held = doubt.holds(list(names)) if len(names) <= LOOKED_UP else ()
    numbers = tuple(number for name, number in names.items() if name not in held)
    return Span(numbers, doubt.before.get(before[first]), bool(after))


def _numbered(names: Iterable[str], place: Where) -> dict[int, str]:
    """Those that are counted together with what is said in this place, by their numbers."""
    found = {name: message_at(name) for name in names}
    return {
        one[1]: name for name, one in found.items()
        if one and not one[0].business
        and (one[0].chat == place.chat if place.counts_alone else not one[0].counts_alone)
    }  # fmt: skip


def _rivals(doubt: Doubt, outbound: Outbound, place: Where, since: datetime | None) -> list[Unsettled]:
    """What else of ours may have left in this chat without a name, and not below these numbers."""
    chats = {place.chat, where(outbound.thread.external_id).chat}  # a group that has moved had another one
    there = [one for one in doubt.others if where(one.thread).chat in chats]
    return [one for one in there if since is None or one.until + SETTLED >= since]


def _theirs(doubt: Doubt, outbound: Outbound, place: Where) -> int | None:
    """Something in this chat that a customer wrote: by it is seen that asking tells anything."""
    named = [message_at(name) for name in (*doubt.before, outbound.target)]
    return max((one[1] for one in named if one and one[0].chat == place.chat and not one[0].business), default=None)


# --- Asking -----------------------------------------------------------------------------------------


def _ours(
    bot: Bot, place: Where, numbers: Sequence[int], missing: Sequence[Buttons], theirs: int | None
) -> tuple[int, ...]:  # fmt: skip
    """Which of these are ours, oldest first."""
    bot.budget.spend("messages", len(numbers) + 1)
    if theirs is not None and _whose(bot, place, theirs, {}) != "theirs":
        raise ChannelError("what a customer wrote there is not seen any more", permanent=True)
    found: list[int] = []
    for number in numbers:
        shown = missing[len(found)] if len(found) < len(missing) else {}
        if _whose(bot, place, number, shown) == "ours":
            found.append(number)
    return tuple(found)


def _whose(bot: Bot, place: Where, number: int, shown: Buttons) -> str:
    """Raises ChannelError, also when the message had other buttons: then it is ours, but not what we look for."""
    there = {"chat_id": place.chat, "message_id": number}
    try:
        bot.do("editMessageReplyMarkup", {**there, **shown})
    except ChannelError as error:
        if error.reason == "twice":
            return "ours"
        if error.reason == "window":
            return "theirs"
        if error.reason == "gone" and any(words in str(error) for words in NONE_THERE):
            return ""
        raise
    if shown:
        bot.do("editMessageReplyMarkup", there)  # take them away again
    raise ChannelError(f"message {number} of that chat had other buttons", permanent=True)
