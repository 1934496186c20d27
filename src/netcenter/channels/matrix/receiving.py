"""Syncing with a Matrix server, and finding again what was lost: https://spec.matrix.org/latest/client-server-api/#syncing

The token that a sync ends with is the cursor: it is durable together with what came before it, so nothing is skipped
and what comes twice is one event. Where a sync leaves out the middle ("limited"), the room is read backwards to where
we were.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

import orjson

from netcenter.channels.contract import ChannelError, Connection, Polled, Raw, Reconciled, loose
from netcenter.channels.matrix import wire
from netcenter.channels.matrix.rooms import STATE, TYPES, Rooms
from netcenter.channels.matrix.wire import V3, Server

Told = Mapping[str, Any]

POLL_SECONDS = 10.0
HOLD = 2500  # thousandths of a second that the server holds its answer back while nothing is new
MOST_TIMES = 2**13  # syncs after which an invitation that cannot be followed is forgotten
PAGE, MOST_PAGES = 100, 50  # events of a page, and pages that are read backwards at once
FILTER = orjson.dumps({
    "presence": {"types": []}, "account_data": {"types": []},
    "room": {
        "timeline": {"limit": 50, "types": [*TYPES, "m.room.name", "m.room.join_rules"]},
        "state": {"types": list(STATE), "lazy_load_members": True},
        "ephemeral": {"types": ["m.receipt"]}, "account_data": {"types": []},
    },
}).decode()  # fmt: skip


def poll(connection: Connection, cursor: Mapping[str, Any], hold: int = 0) -> Polled:
    """Cursor: where the last sync ended, what rooms are, whose reactions and words are known, who invited us."""
    api, state = wire.server(connection), deepcopy(dict(cursor))
    own = wire.own_of(connection)
    first, since = "since" not in state, state.get("since")
    query = {"since": since, "timeout": hold, "filter": FILTER, "set_presence": "offline"}
    told = loose.within(api.json(api.call(
        "GET", f"{V3}/sync", query=query, timeout=30 + hold / 1000, limit=wire.LARGEST)))  # fmt: skip
    rooms, raws = Rooms(api, state, own), list[Raw]()
    for room, one in loose.within(told, "rooms", "join").items():
        raws += _joined(room, loose.within(one), rooms, since, _floor(connection, first=first))
    for room, one in loose.within(told, "rooms", "leave").items():
        raws += rooms.cut(room, _chunk(loose.within(one, "timeline").get("events"))) if not first else ()
    state["invited"] = _waiting(state, told, _invited(loose.within(told, "rooms", "invite"), connection, own))
    state["since"] = loose.text(told.get("next_batch"), 1000)
    if not state["since"]:
        raise ChannelError("the server does not say where its answer ends")
    return Polled(tuple(raws), state)


def stored(connection: Connection, cursor: Mapping[str, Any]) -> None:
    """Whoever invited us finds us there. Twice is once; tried again ever more rarely, as a sync tells it once."""
    for room, times in dict(cursor.get("invited") or {}).items():
        if times & (times - 1):
            continue
        try:
            wire.server(connection).post(f"{V3}/join/{wire.quoted(room)}", {})
        except ChannelError as error:
            if not error.permanent:
                return


def stream(connection: Connection, cursor: Mapping[str, Any], stop: Callable[[], bool]) -> Iterator[Polled]:
    """Sync without a pause."""
    state: Mapping[str, Any] = cursor
    while not stop():
        polled = poll(connection, state, HOLD)
        state = polled.cursor
        if state.get("invited") and not polled.raws:  # the house thinks nothing of a cursor alone
            stored(connection, state)
        yield polled


def reconcile(connection: Connection, since: datetime, until: datetime, cursor: Mapping[str, Any]) -> Reconciled:
    """A page of one room at a time, newest first."""
    api, state = wire.server(connection), {"rooms": {}, **deepcopy(dict(cursor))}
    if "left" not in state:
        joined = loose.texts(loose.within(api.get(f"{V3}/joined_rooms")).get("joined_rooms"), 255)
        state["left"] = sorted(joined)
    if not state["left"]:
        return Reconciled((), {"left": []})
    room, rooms = state["left"][0], Rooms(api, state, wire.own_of(connection))
    told, further = _page(api, room, state.get("from"))
    events = list(reversed(told))
    inside = [event for event in events if since.timestamp() <= _sent(event) <= until.timestamp()]
    raws, present = tuple(rooms.cut(room, inside)), tuple(loose.text(one.get("event_id"), 255) for one in inside)
    if not further or (events and _sent(events[0]) < since.timestamp()):
        state["left"], further = state["left"][1:], ""
    kept = {"left": state["left"], "from": further or None, "rooms": state["rooms"], "reactions": state["reactions"]}
    return Reconciled(raws, kept, more=bool(state["left"]), present=tuple(id for id in present if id))


# --- Rooms ------------------------------------------------------------------------------------------


def _joined(room: str, told: Told, rooms: Rooms, since: str | None, floor: float) -> Iterator[Raw]:
    """What is new in a room; all that concerns us in one that we have just come into."""
    timeline = loose.within(told, "timeline")
    events, before = _chunk(timeline.get("events")), loose.text(timeline.get("prev_batch"), 1000)
    is_new = since is None or any(_is_our_coming(event, rooms.own) for event in events)
    is_enough = is_new and bool(events) and _sent(events[0]) < floor
    if timeline.get("limited") is True and before and not is_enough:
        events = _gap(rooms.api, room, before, floor if is_new else None, rooms, since) + events
    if is_new:
        events = _since_we_belong(events, rooms.own, floor)
    rooms.learn(room, loose.objects(loose.within(told, "state").get("events")))
    yield from rooms.cut(room, events)
    for one in loose.objects(loose.within(told, "ephemeral").get("events")):
        if one.get("type") == "m.receipt":
            yield from rooms.receipts(loose.within(one, "content"))


def _gap(api: Server, room: str, before: str, floor: float | None, rooms: Rooms, since: str | None) -> list[Told]:
    """What a sync left out, oldest first: back to where the last one ended, or to a time."""
    found: list[Told] = []
    start: str | None = before
    for _n in range(MOST_PAGES):
        told, start = _page(api, room, start, since if floor is None else None)
        found += told
        too_old = floor is not None and bool(told) and _sent(told[-1]) < floor
        invited = floor is not None and any(_is_our_invitation(event, rooms.own) for event in told)
        if not start or not told or too_old or invited:
            break
    return list(reversed(found))


def _page(api: Server, room: str, start: str | None, end: str | None = None) -> tuple[list[Told], str]:
    """https://spec.matrix.org/latest/client-server-api/#get_matrixclientv3roomsroomidmessages: newest first."""
    query = {"dir": "b", "limit": PAGE, "from": start, "to": end}
    told = loose.within(api.get(wire.room_path(room, "messages"), query, limit=wire.LARGEST))
    return _chunk(told.get("chunk")), loose.text(told.get("end"), 1000)


def _since_we_belong(events: list[Told], own: str, floor: float) -> list[Told]:
    """Of a room that is new to us: what was said since we were invited, else since the time from which we look."""
    for n, event in enumerate(events):
        if _is_our_invitation(event, own):
            return events[n + 1 :]
    return [event for event in events if _sent(event) >= floor]


def _invited(told: Told, connection: Connection, own: str) -> list[str]:
    """The rooms into which we are to come."""
    whose, found = str(connection.config.get("invites") or "all"), []
    for room, one in told.items():
        events = loose.objects(loose.within(one, "invite_state").get("events"))
        by = [e.get("sender") for e in events if e.get("type") == "m.room.member" and e.get("state_key") == own]
        home = own.partition(":")[2]
        known = any(isinstance(sender, str) and sender.partition(":")[2] == home for sender in by)
        if room.startswith("!") and (whose == "all" or (whose == "own" and known)):
            found.append(room)
    return found[:100]


def _waiting(state: Mapping[str, Any], told: Told, fresh: list[str]) -> dict[str, int]:
    """The invitations that we have not followed yet, and how many syncs ago each came."""
    over = {*loose.within(told, "rooms", "join"), *loose.within(told, "rooms", "leave")}
    before = {room: times + 1 for room, times in dict(state.get("invited") or {}).items() if times < MOST_TIMES}
    waiting = {**before, **dict.fromkeys(fresh, 1)}
    return {room: times for room, times in waiting.items() if room not in over}


def _is_our_invitation(event: Told, own: str) -> bool:
    return _our_state(event, own) == "invite"


def _is_our_coming(event: Told, own: str) -> bool:
    return _our_state(event, own) == "join"


def _our_state(event: Told, own: str) -> Any:
    """Whether we are in, as a membership of ours says."""
    is_ours = event.get("type") == "m.room.member" and event.get("state_key") == own
    return loose.within(event, "content").get("membership") if is_ours else None


def _chunk(value: Any) -> list[Told]:
    return loose.objects(value)


def _sent(event: Told) -> float:
    return (loose.count(event.get("origin_server_ts")) or 0) / 1000


def _floor(connection: Connection, *, first: bool) -> float:
    """The time from which we look into a room that is new to us."""
    days = connection.config.get("history_days", 1) if first else 1
    back = timedelta(days=float(days) if isinstance(days, int | float) and not isinstance(days, bool) else 1)
    return time.time() - back.total_seconds()
