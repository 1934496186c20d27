"""Asking a Mastodon server what is new, holding its stream open, and finding again what was lost.

Notifications tell what is said to us. Edits and deletions are told by the stream alone, so what came in lately is
looked at again now and then (`watching`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

import orjson

from netcenter.channels.contract import (
    ChannelError,
    Connection,
    Polled,
    Raw,
    Reconciled,
    Socket,
    Unreadable,
    loose,
    open_socket,
)
from netcenter.channels.mastodon import reading, watching, wire
from netcenter.channels.mastodon.wire import Server

Told = Mapping[str, Any]

TYPES = ("mention", "quote", "update", "quoted_update", "favourite", "reblog", "moderation_warning")
PAGE = 80  # of notifications; 40 of statuses: the most that may be asked for
STATUSES = 40
MOST_ROOTS = 500  # conversations whose root we remember
POLL_SECONDS = 60.0
AGAIN = 900.0  # seconds after which a stream that could not be opened is tried again
SETTLED = timedelta(minutes=3)  # after which what we said ourselves is known by its receipt


def poll(connection: Connection, cursor: dict[str, Any]) -> Polled:
    """Cursor: the newest notification and status of ours, roots of conversations, and what is watched."""
    api, state = wire.server(connection), {"roots": {}, "watch": {}, **deepcopy(cursor)}
    _know(api, connection, state)
    first, now = "since" not in state, time.time()
    told, _older = api.listed("api/v1/notifications", _asked(min_id=state.get("since") or None, limit=PAGE))
    wanted = _first_days(told, connection) if first else told
    raws = _as_far_as_the_budget_goes(wanted, api, state)
    if cut := len(raws) < len(wanted):
        state["since"] = loose.text(wanted[-len(raws)].get("id"), 100)
    else:
        state["since"] = _newest(told) or state.get("since", "")
    if cut or (len(told) >= PAGE and not first):
        return Polled(tuple(raws), state, more=not cut)
    raws += _ours(api, state, connection, first=first)
    if watching.is_due(state, now):
        late, _older = api.listed("api/v1/notifications", _asked(limit=PAGE))  # ids become visible out of order
        raws += _as_far_as_the_budget_goes(late if not first else [], api, state)
        raws += watching.look(api, state, now)
    return Polled(tuple(raws), state)


def stream(connection: Connection, cursor: dict[str, Any], stop: Callable[[], bool]) -> Iterator[Polled]:
    """What the server says at once. Polls beside it, and alone where the server has no stream."""
    api, state = wire.server(connection), {"roots": {}, "watch": {}, **deepcopy(cursor)}
    _know(api, connection, state)
    line = _opened(state["me"]["streaming"], api)
    if line is None:
        yield from _poll_on(connection, state, stop)
        return
    with line:
        due = 0.0  # at once: what was said between the last poll and the opening
        for frame in line.frames():
            if stop():
                return
            try:
                raw = _streamed(frame, api, state) if frame else None
                yield Polled((raw,) if raw else (), state)
                if time.monotonic() >= due:
                    polled = poll(connection, state)
                    state, due = polled.cursor, 0.0 if polled.more else time.monotonic() + POLL_SECONDS
                    yield polled
            except ChannelError as error:
                if error.reason != "rate":
                    raise
                due = time.monotonic() + POLL_SECONDS  # the next poll brings what this frame said


def reconcile(connection: Connection, since: datetime, until: datetime, cursor: dict[str, Any]) -> Reconciled:
    """A page of notifications at a time, then of our own statuses."""
    api = wire.server(connection)
    state: dict[str, Any] = {"roots": {}, **deepcopy(cursor), "watch": {}}
    _know(api, connection, state)
    ours = state.get("of") == "statuses"
    path = f"api/v1/accounts/{state['me']['id']}/statuses" if ours else "api/v1/notifications"
    query = {"limit": STATUSES, "exclude_reblogs": "true"} if ours else _asked(limit=PAGE)
    told, older = api.listed(path, {**query, "max_id": state.get("max_id")})
    inside = [one for one in told if since <= (loose.moment(one.get("created_at")) or since) <= until]
    settled = [one for one in inside if _is_settled(one, connection)] if ours else inside
    raws = tuple(_raw(one, api, state) for one in reversed(settled))
    last = loose.text(told[-1].get("id"), 100) if told else ""
    ended = not last or not older or _before(told[-1], since) or last == state.get("max_id")
    state["max_id"] = None if ended else last
    state["of"] = "statuses" if ended or ours else ""
    said = [one for one in inside if not ours or reading.answered_by(one, str(state["me"]["id"]))]
    present = ((one if ours else loose.within(one, "status")).get("id") for one in said)
    names = tuple(wire.name_of(name) for name in present if name)
    is_over = ended and ours
    return Reconciled(raws, state, more=not is_over, present=names, lists_all=is_over, current=True)


# --- Turning what is told into bytes ----------------------------------------------------------------


def _as_far_as_the_budget_goes(told: list[Told], api: Server, state: dict[str, Any]) -> list[Raw]:
    """Oldest first. Raises ChannelError when not even one can be had."""
    raws: list[Raw] = []
    try:
        for one in reversed(told):
            raws.append(_raw(one, api, state))
    except ChannelError as error:
        if error.reason != "rate" or not raws:
            raise
    return raws


def _raw(one: Told, api: Server, state: dict[str, Any]) -> Raw:
    status = loose.within(one, "status") if "type" in one else one
    root = _root(status, api, state)
    watching.note(state, status)
    meta = {"own": state["me"]["id"], **({"root": root} if root else {})}
    return Raw(orjson.dumps(dict(one)), _dedupe(one, status), meta)


def _dedupe(one: Told, status: Told) -> str:
    """A status that was edited since is told anew."""
    kind = f"n:{loose.name(one.get('id'))}" if "type" in one else f"s:{wire.name_of(one.get('id'))}"
    edited = loose.text(status.get("edited_at"), 40)
    return f"{kind}:{edited}" if edited else kind


def _root(status: Told, api: Server, state: dict[str, Any]) -> str:
    """The first status of the conversation: asked once, as a flood of answers goes to one and the same."""
    if not status.get("in_reply_to_id") or status.get("visibility") in reading.PRIVATE:
        return ""
    parent, name = wire.name_of(status["in_reply_to_id"]), wire.name_of(status.get("id"))
    roots: dict[str, str] = state["roots"]
    if parent not in roots:
        try:
            above = loose.objects(loose.within(api.get(f"api/v1/statuses/{name}/context")).get("ancestors"))
        except ChannelError as error:
            if error.reason != "gone":
                raise
            above = []
        roots[parent] = wire.name_of(above[0].get("id")) if above else parent
    root = roots[name] = roots[parent]
    while len(roots) > MOST_ROOTS:  # who looks back comes to ever older ones: what was learned first goes first
        del roots[next(iter(roots))]
    return root


def _streamed(frame: bytes, api: Server, state: dict[str, Any]) -> Raw | None:
    """An event of the stream (https://docs.joinmastodon.org/methods/streaming/#events)."""
    try:
        event = orjson.loads(frame)
        kind, payload = event["event"], event.get("payload", "")
        if kind == "notification":
            told = orjson.loads(payload)
            return _raw(told, api, state) if isinstance(told, dict) and told.get("type") in TYPES else None
        if kind == "delete":
            return watching.gone(wire.name_of(payload), state)
        if kind == "status.update":
            return watching.changed(orjson.loads(payload), state)
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, Unreadable):
        return None  # a heartbeat, or nothing that anybody could read
    return None


# --- Ours -------------------------------------------------------------------------------------------


def _know(api: Server, connection: Connection, state: dict[str, Any]) -> None:
    """Who we are there and where the stream is: told when it was connected, or asked once (a token that was pasted)."""
    known = connection.config
    if known.get("own_id"):  # before what the cursor remembers: the account may have been connected anew
        state["me"] = {"id": str(known["own_id"]), "streaming": str(known.get("streaming_url") or "").rstrip("/")}
    elif "me" not in state:
        own = loose.name(loose.within(api.get("api/v1/accounts/verify_credentials")).get("id"))
        state["me"] = {"id": own, "streaming": wire.instance(api)["streaming_url"]}


def _ours(api: Server, state: dict[str, Any], connection: Connection, *, first: bool) -> list[Raw]:
    """What was said as us with other applications: our own is known by its receipt."""
    path = f"api/v1/accounts/{state['me']['id']}/statuses"
    query = {"limit": 1 if first else STATUSES, "exclude_reblogs": "true", "min_id": state.get("own") or None}
    told, _older = api.listed(path, query)
    fresh = told[:1] if first else [*takewhile(lambda one: one.get("id") != state["own"], told)]
    while not first and fresh and not _is_settled(fresh[0], connection):
        fresh.pop(0)  # the next poll
    state["own"] = _newest(fresh) or state.get("own", "")
    for one in fresh:
        watching.note(state, one)
    others = [one for one in fresh if not first and not _is_by_this_application(one, connection)]
    return [_raw(one, api, state) for one in reversed(others)]


def _is_by_this_application(status: Told, connection: Connection) -> bool:
    own = connection.config.get("application")
    return bool(own) and loose.within(status, "application").get("name") == own


def _is_settled(status: Told, connection: Connection) -> bool:
    """Whether what we said ourselves is known by its receipt already: not every server tells with which application."""
    at = loose.moment(status.get("created_at"))
    told = loose.within(status, "application").get("name")
    return (told and not _is_by_this_application(status, connection)) or at is None or wire.now() - at > SETTLED


# --- Reading a page ---------------------------------------------------------------------------------


def _asked(**more: Any) -> dict[str, Any]:
    """Held-back notifications too: servers hold private words of strangers back unless told otherwise."""
    return {"types[]": TYPES, "include_filtered": "true", **more}


def _first_days(told: list[Told], connection: Connection) -> list[Told]:
    days = connection.config.get("history_days", 1)
    begin = wire.now() - timedelta(days=float(days) if isinstance(days, int | float) else 1)
    return [one for one in told if (loose.moment(one.get("created_at")) or begin) > begin]


def _newest(told: list[Told]) -> str:
    return loose.text(told[0].get("id"), 100) if told else ""


def _before(one: Told, since: datetime) -> bool:
    at = loose.moment(one.get("created_at"))
    return at is not None and at < since


def _opened(url: str, api: Server) -> Socket | None:
    """The stream; None when there is none, whatever the server says of itself."""
    try:
        return open_socket(f"{url}/api/v1/streaming?stream=user", api.headers) if url else None
    except ChannelError as error:
        if error.reason == "token":
            raise
        return None


def _poll_on(connection: Connection, cursor: dict[str, Any], stop: Callable[[], bool]) -> Iterator[Polled]:
    """For servers without a stream, or while it cannot be opened."""
    ends = time.monotonic() + AGAIN
    while not stop() and time.monotonic() < ends:
        polled = poll(connection, cursor)
        cursor = polled.cursor
        yield polled
        due = time.monotonic() + (0.0 if polled.more else POLL_SECONDS)
        while not stop() and time.monotonic() < due:
            time.sleep(min(0.5, max(0.0, due - time.monotonic())))
            yield Polled((), cursor)
