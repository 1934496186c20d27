"""Reading what is new on a shelf of reviews, and looking again at what was read: reworded, answered, gone.

The cursor remembers of each of the newest reviews its wording, its reply and its place in the order. A page on which
everything is known ends a visit; every so often the shelf is looked through further down, because below known reviews
somebody may have answered, or something may be missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from typing import Any, Protocol

from netcenter.channels.contract import Count, Held, Polled, Raw, Reconciled
from netcenter.channels.reviews import told

MOST = 1000  # reviews that are remembered
EVERY = 3600.0  # seconds between two looks further down
PAGES = 10  # of one visit
ASKED_FOR = 10  # missing ones that are asked for by name in one visit
DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Item:
    """One review on a page. `order`: the second by which the network sorts; `at`: of this wording."""

    id: str
    mark: str
    reply: str  # mark of the reply, "" without one
    order: float
    at: datetime
    body: bytes
    extra: str = ""  # what else makes it worth reading again: how many agree


@dataclass(frozen=True, slots=True)
class Page:
    items: tuple[Item, ...]
    following: str = ""  # of the next page; "": this was the last


class Shelf(Protocol):
    """What a network lists, the newest first."""

    def page(self, after: str) -> Page:
        """Raises ChannelError."""

    def wording(self, review: str) -> str | None:
        """Ask for one by name: the mark of its wording, "" when it cannot be read, None when it is gone.

        Raises ChannelError.
        """


@dataclass(slots=True)
class _Visit:
    """What one visit found."""

    now: float
    seen: dict[str, list[Any]]
    raws: list[Raw] = field(default_factory=list)
    listed: set[str] = field(default_factory=set)
    lowest: float = float("inf")


def poll(shelf: Shelf, cursor: dict[str, Any], now: float, days_back: float, keeps: float | None = None) -> Polled:
    """What is new or has changed. `keeps`: seconds after which the network itself lists a review no more."""
    state = {"since": now - days_back * DAY, "looked": now, **cursor}
    is_look = now - float(state["looked"]) >= EVERY
    visit = _Visit(now, dict(state.get("seen", {})))
    after = str(state.pop("after", ""))
    begins_at_top, news = not after, False
    for _page in range(PAGES):
        page = shelf.page(after)
        news, after = _read(visit, page, float(state["since"])), page.following
        if not after or visit.lowest < float(state["since"]) or not (news or is_look):
            break
    if is_look and begins_at_top:
        _notice_gone(shelf, visit, visit.lowest if after else float("-inf"), keeps)
        state["looked"] = now
    state["seen"] = _trimmed(visit.seen)
    if news and after and visit.lowest >= float(state["since"]):
        state["after"] = after
    return Polled(tuple(visit.raws), state, more="after" in state)


def _read(visit: _Visit, page: Page, since: float) -> bool:
    """Take down what is new on a page; whether anything was."""
    news = False
    for item in page.items:
        visit.listed.add(item.id)
        visit.lowest = min(visit.lowest, item.order)
        known = visit.seen.get(item.id)
        if known is None and item.order < since:
            continue
        if known is None or known[:2] != [item.mark, item.reply] or (item.extra and known[3:] != [item.extra]):
            news = True
            visit.raws.append(raw_of(item, visit.now))
            if known is not None:
                visit.raws += _replaced(item, known, visit.now)
        visit.seen[item.id] = [item.mark, item.reply, item.order, *([item.extra] if item.extra else [])]
    return news


def _replaced(item: Item, known: list[Any], now: float) -> Iterator[Raw]:
    """The wording before, or the reply that was taken back. A reply that another replaced stays as it was said."""
    if known[0] != item.mark:
        yield told.gone((told.wording(item.id, str(known[0])),), item.at, "author")
    if known[1] and not item.reply:
        yield told.gone((told.answer(item.id, str(known[1])),), _moment(now), "us")


def _notice_gone(shelf: Shelf, visit: _Visit, lowest: float, keeps: float | None) -> None:
    """What should have been on the pages that were read, and was not."""
    oldest = lowest if keeps is None else max(lowest, visit.now - keeps)
    missing = [name for name, known in visit.seen.items() if name not in visit.listed and float(known[2]) > oldest]
    for name in missing[:ASKED_FOR]:
        if shelf.wording(name) is None:
            mark, reply = visit.seen.pop(name)[:2]
            names = (told.wording(name, mark), *([told.answer(name, reply)] if reply else []))
            visit.raws.append(told.gone(names, _moment(visit.now), ""))


def raw_of(item: Item, now: float) -> Raw:
    """The review as the network told it. The same wording with the same reply is the same delivery."""
    name = ":".join(filter(None, (item.id, item.mark, item.reply, item.extra)))
    return Raw(item.body, name[:255], {"seen_at": _moment(now).isoformat()})


def _trimmed(seen: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """The newest; those that the network sorts last are forgotten."""
    if len(seen) <= MOST:
        return seen
    newest = sorted(seen, key=lambda name: float(seen[name][2]), reverse=True)
    return {name: seen[name] for name in islice(newest, MOST)}


def _moment(now: float) -> datetime:
    return datetime.fromtimestamp(now, UTC)


# --- Reconciling ----------------------------------------------------------------------------------


def reconcile(
    shelf: Shelf, since: datetime, until: datetime, cursor: dict[str, Any], now: float, margin: float = 0.0
) -> Reconciled:  # fmt: skip
    """One page of what was written in that span. `margin`: seconds by which reworded reviews may be listed lower."""
    page = shelf.page(str(cursor.get("after", "")))
    written = [item for item in page.items if since <= item.at < until]
    counts: dict[str, int] = dict(cursor.get("counts", {}))
    for item in written:
        day = item.at.astimezone(UTC).date().isoformat()
        counts[day] = counts.get(day, 0) + 1
    lowest = min((item.order for item in page.items), default=float("-inf"))
    more = bool(page.following) and lowest >= since.timestamp() - margin
    raws = tuple(raw_of(item, now) for item in written)
    present = tuple(told.wording(item.id, item.mark) for item in written)
    if more:
        return Reconciled(raws, {"after": page.following, "counts": counts}, more=True, present=present)
    return Reconciled(raws, {}, present=present, lists_all=True, counts=_days(since, until, counts))


def stands(shelf: Shelf, held: Sequence[Held]) -> set[str]:
    """Which wordings still do; a reply stays as it was said, whatever took its place."""
    return {one.external_id for one in held if _stands(shelf, one.external_id)}


def _stands(shelf: Shelf, name: str) -> bool:
    if not told.is_wording(name):
        return True
    review = told.review_of(name)
    mark = shelf.wording(review)
    return mark == "" or (mark is not None and told.wording(review, mark) == name)  # "": it cannot be read


def _days(since: datetime, until: datetime, counts: dict[str, int]) -> tuple[Count, ...]:
    """The network's figures for the days of the span that are whole, or not over yet."""
    day = since.astimezone(UTC).date()
    first = day if datetime.combine(day, time(), UTC) >= since else day + timedelta(days=1)
    days = [first + timedelta(days=n) for n in range(max(0, (until - since).days + 2))]
    inside = [one for one in days if datetime.combine(one, time(), UTC) < until]
    return tuple(Count(one, counts.get(one.isoformat(), 0)) for one in inside)
