"""Asks Reddit what is new: it pushes nothing.

The inbox tells replies, mentions and private messages; the brand's subreddits, everything said there; the search, posts
elsewhere that name the brand; our own comments and sent messages, what we said elsewhere. We read the whole inbox, not
what is unread in it: somebody who opens it on Reddit would take it away from us.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

import orjson

from netcenter.channels.contract import ChannelError, Connection, Polled, Raw, Reconciled, loose
from netcenter.channels.reddit import reading, watching, wire
from netcenter.channels.reddit.wire import Reddit

Told = Mapping[str, Any]

POLL_SECONDS = 60.0
PAGES = 10  # a listing holds a thousand things, whatever is asked for
OVERLAP = timedelta(minutes=5)  # listings are late at times
SETTLED = timedelta(minutes=3)  # after which what we said ourselves is known by its receipt
EVERY = {"search": 300.0, "sent": 180.0, "own": 60.0, "look": 300.0}  # seconds; others: at every poll
MOST_KNOWN = 400  # names of one source that we remember


def sources(connection: Connection) -> dict[str, tuple[str, dict[str, Any]]]:
    """What is asked: name -> path and query, newest first."""
    subreddits, words = wire.subreddits_of(connection), str(connection.config.get("search") or "").strip()
    asked: dict[str, tuple[str, dict[str, Any]]] = {"inbox": ("message/inbox", {"mark": "false"})}
    if subreddits:
        asked["posts"] = (f"r/{subreddits}/new", {})
        asked["comments"] = (f"r/{subreddits}/comments", {})
    if words:
        asked["search"] = ("search", {"q": words[:512], "sort": "new", "type": "link", "t": "week"})
    asked["own"] = (f"user/{wire.name_of(connection)}/comments", {"sort": "new"})
    asked["sent"] = ("message/sent", {"mark": "false"})
    return asked


def poll(connection: Connection, cursor: dict[str, Any]) -> Polled:
    """Cursor: since when we listen; of each source the newest moment and the names known; what is watched."""
    reddit, now = wire.Reddit(connection), wire.now()
    state: dict[str, Any] = {"at": {}, "known": {}, "watch": {}, "due": {}, **deepcopy(cursor)}
    begin = state.setdefault("begin", (now - timedelta(days=_days(connection))).timestamp())
    raws: list[Raw] = []
    try:
        for source, (path, query) in sources(connection).items():
            if _is_due(source, state, now):
                raws += _source(reddit, source, path, query, state, datetime.fromtimestamp(begin, now.tzinfo))
        if _is_due("look", state, now) and cursor:
            raws += watching.look(reddit, state)
    except ChannelError as error:
        if not raws or error.reason != "rate":
            raise
    return Polled(tuple(raws), state)


def _source(
    reddit: Reddit, source: str, path: str, query: dict[str, Any], state: dict[str, Any], begin: datetime
) -> list[Raw]:  # fmt: skip
    """What is new there. A right that is missing costs its own source alone: the account's checks say so."""
    known: list[str] = list(state["known"].get(source, []))
    since = max(begin, datetime.fromtimestamp(state["at"].get(source, 0.0), begin.tzinfo) - OVERLAP)
    try:
        things, _after = _down_to(reddit, path, query, since, set(known))
    except ChannelError as error:
        if error.reason not in ("right", "gone"):
            raise
        return []
    fresh = [thing for thing in things if _name(thing) not in known and (_at(thing) or begin) >= begin]
    if source in ("own", "sent"):
        fresh = [thing for thing in fresh if _is_settled(thing)]
    raws = raws_of(reddit, fresh, source)
    for thing in reversed(fresh):
        watching.note(state, thing)
    state["known"][source] = [*known, *(_name(thing) for thing in reversed(fresh))][-MOST_KNOWN:]
    times = [at.timestamp() for thing in fresh if (at := _at(thing))]
    state["at"][source] = max([state["at"].get(source, 0.0), *times])
    return raws


def _down_to(
    reddit: Reddit, path: str, query: dict[str, Any], since: datetime, known: set[str]
) -> tuple[list[Told], str]:  # fmt: skip
    """Page after page, newest first, until what is older or known."""
    found, after = list[Told](), ""
    for _page in range(PAGES):
        things, after = reddit.listed(path, {**query, "after": after or None})
        found += things
        last = _at(things[-1]) if things else None
        if not after or last is None or last < since or (known and all(_name(one) in known for one in things)):
            break
    return found, after


def reconcile(connection: Connection, since: datetime, until: datetime, cursor: dict[str, Any]) -> Reconciled:
    """A page of one source at a time."""
    reddit, asked = wire.Reddit(connection), sources(connection)
    names = list(asked)
    stage, after = int(cursor.get("stage", 0)), cursor.get("after")
    source = names[min(stage, len(names) - 1)]
    path, query = asked[source]
    things, following = list[Told](), ""
    try:
        things, following = reddit.listed(path, {**query, "after": after})
    except ChannelError as error:
        if error.reason not in ("right", "gone"):
            raise
    inside = [thing for thing in things if since <= (_at(thing) or since) <= until]
    if source in ("own", "sent"):
        inside = [thing for thing in inside if _is_settled(thing)]
    raws = raws_of(reddit, inside, source)
    last = _at(things[-1]) if things else None
    if following and last is not None and last >= since:
        state: dict[str, Any] = {"stage": stage, "after": following}
    else:
        state = {"stage": stage + 1} if stage + 1 < len(names) else {}
    present = tuple(loose.text(loose.within(orjson.loads(raw.body), "data").get("name"), 40) for raw in raws)
    return Reconciled(tuple(raws), state, more=bool(state), present=present, lists_all=not state, current=True)


def raws_of(reddit: Reddit, things: list[Told], source: str) -> list[Raw]:
    """Oldest first. Of our own comments it is asked whom they are for; those that are for nobody are left out."""
    above = {}
    if source == "own":
        above = reddit.named(filter(None, (_parent(thing) for thing in things)))
    raws = []
    for thing in reversed(things):
        meta: dict[str, Any] = {"found": source}
        if source == "own":
            data = loose.within(above.get(_parent(thing), {}), "data")
            if not data:
                continue
            whom = reading.author_of(data)
            if whom.external_id == reddit.own or whom.external_id.startswith("deleted/"):
                continue
            meta["to"] = {"id": whom.external_id, "name": whom.name}
        elif source != "sent" and _is_by_us(reddit, thing):
            continue  # it comes with our own
        raws.append(Raw(orjson.dumps(dict(thing)), _dedupe(thing), meta))
    return raws


def _dedupe(thing: Told) -> str:
    """What was edited since is told anew."""
    edited = reading.edited_at(loose.within(thing, "data"))
    return f"{_name(thing)}:{int(edited.timestamp())}" if edited else _name(thing)


def _is_by_us(reddit: Reddit, thing: Told) -> bool:
    data = loose.within(thing, "data")
    if reddit.own and data.get("author_fullname"):
        return data.get("author_fullname") == reddit.own
    return bool(reddit.name) and loose.text(data.get("author"), 50).lower() == reddit.name.lower()


def _is_settled(thing: Told) -> bool:
    at = _at(thing)
    return at is None or wire.now() - at > SETTLED


def _is_due(what: str, state: dict[str, Any], now: datetime) -> bool:
    if what not in EVERY:
        return True
    if now.timestamp() < state["due"].get(what, 0.0):
        return False
    state["due"][what] = now.timestamp() + EVERY[what]
    return True


def _name(thing: Told) -> str:
    return loose.text(loose.within(thing, "data").get("name"), 40)


def _parent(thing: Told) -> str:
    return loose.text(loose.within(thing, "data").get("parent_id"), 40)


def _at(thing: Told) -> datetime | None:
    return reading.moment(loose.within(thing, "data").get("created_utc"))


def _days(connection: Connection) -> float:
    days = connection.config.get("history_days", 1)
    return float(days) if isinstance(days, int | float) and days >= 0 else 1.0
