"""Asking Bluesky what is new, and finding again what was lost.

Notifications are listed newest first and have no "since": they are read down to what was there before. Nobody tells of
deletions, so what came in lately is looked at again (`watching`).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from netcenter.channels.bluesky import chat, keys, reading, sessions, watching
from netcenter.channels.bluesky.wire import Pds
from netcenter.channels.contract import ChannelError, Connection, Polled, Raw, Reconciled, loose

Told = Mapping[str, Any]

REASONS = ("mention", "reply", "quote", "like", "repost")
PAGE = 100  # of notifications and records: the most that may be asked for
POSTS = "app.bsky.feed.post"
OVERLAP = timedelta(minutes=10)  # read again at every poll: what is indexed late stands below what was there before
LONG_OVERLAP = timedelta(days=1)  # and with every look, for those whose clock is slow
BEGINNING = datetime(2022, 1, 1, tzinfo=UTC)


def poll(connection: Connection, cursor: dict[str, Any]) -> Polled:
    """Cursor: how far notifications, our own records and the chat's log were read, and what is watched."""
    api, state, now = sessions.pds(connection), {"watch": {}, **deepcopy(cursor)}, time.time()
    try:
        if "page" in state:  # in the middle of a long list
            raws, more = _notifications(api, state)
            return Polled(tuple(raws), state, more=more)
        first = "seen" not in state
        if first:
            state["seen"] = (datetime.fromtimestamp(now, UTC) - _history(connection)).isoformat()
        looks = watching.is_due(state, now)
        raws, more = _notifications(api, state, timedelta(0) if first else LONG_OVERLAP if looks else OVERLAP)
        raws += _ours(api, state, first=first)
        raws += chat.poll(connection, api, state, now, looks=looks)
        if looks:
            raws += watching.look(api, state, now)
    except ChannelError as error:
        if error.reason == "token":
            sessions.forget(connection)
        raise
    return Polled(tuple(raws), state, more=more)


def reconcile(connection: Connection, since: datetime, until: datetime, cursor: dict[str, Any]) -> Reconciled:
    """A page at a time: of notifications, of our own records, then of each conversation of the chat."""
    api, state = sessions.pds(connection), {"of": "notifications", **deepcopy(cursor), "watch": {}}
    if state["of"] == "notifications":
        told, further = _page(api, state.get("page"), REASONS[:3])
        raws = [_notified(one, api, state) for one in reversed(told) if since <= _sorted_at(one) <= until]
        present = [loose.name(one.get("uri")) for one in told if since <= _sorted_at(one) <= until]
        ended = not further or (bool(told) and _sorted_at(told[-1]) < since)
    elif state["of"] == "records":
        told, further = _records(api, state.get("page"))
        inside = [one for one in told if since <= _written_at(one) <= until]
        raws, present = (
            [_recorded(one, api) for one in reversed(inside)],
            [loose.name(one.get("uri")) for one in inside if reading.answered_by(one, api.did)],
        )
        ended = not further or (bool(told) and _written_at(told[-1]) < since - timedelta(days=1))
    else:
        try:
            return chat.reconcile(connection, api, since, until, state)
        except ChannelError as error:
            if not error.permanent:  # without the right to the chat the rest is found all the same
                raise
            return Reconciled((), {"of": "chat"}, lists_all=True)
    state["page"] = None if ended else further
    if ended:
        state["of"] = "records" if state["of"] == "notifications" else "chat"
    more = state["of"] != "chat" or chat.is_on(connection)
    state.pop("watch")
    return Reconciled(tuple(raws), state, more=more, present=tuple(present), lists_all=not more)


# --- Notifications ------------------------------------------------------------------------------------


def _notifications(api: Pds, state: dict[str, Any], overlap: timedelta = OVERLAP) -> tuple[list[Raw], bool]:
    """A page of what is newer than what was seen, and whether there may be more. What was read before does no harm."""
    seen = loose.moment(state.get("seen")) or BEGINNING
    floor = loose.moment(state.get("floor")) or seen - overlap
    told, further = _page(api, state.get("page"), REASONS)
    fresh = [one for one in told if _sorted_at(one) > floor]
    if told and not state.get("page"):
        state["top"] = max(_sorted_at(told[0]), seen).isoformat()
    if further and len(fresh) == len(told) > 0:
        state |= {"page": further, "floor": floor.isoformat()}
        more = True
    else:
        state["seen"], more = state.pop("top", state.get("seen")), False
        state.pop("page", None)
        state.pop("floor", None)
    return [_notified(one, api, state) for one in reversed(fresh)], more


def _page(api: Pds, page: str | None, reasons: tuple[str, ...]) -> tuple[list[Told], str]:
    query = {"limit": PAGE, "reasons": reasons, "cursor": page}
    told = api.query("app.bsky.notification.listNotifications", query)
    return loose.objects(told.get("notifications")), loose.text(told.get("cursor"), 1000)


def _notified(one: Told, api: Pds, state: dict[str, Any]) -> Raw:
    uri = loose.name(one.get("uri"))
    watching.note(state, loose.name(one.get("reasonSubject")) if one.get("reason") in REASONS[3:] else uri)
    return Raw(orjson.dumps(dict(one)), f"n:{loose.text(one.get('reason'), 50)}:{uri}"[:500], {"own": api.did})


def _sorted_at(one: Told) -> datetime:
    """By which the network sorts: the earlier of when it was written and when the network saw it."""
    return reading.when(loose.within(one, "record"), one) or BEGINNING


def _history(connection: Connection) -> timedelta:
    days = connection.config.get("history_days", 1)
    return timedelta(days=min(max(float(days), 0.0), 3650.0) if isinstance(days, int | float) else 1.0)


# --- Our own records ----------------------------------------------------------------------------------


def _ours(api: Pds, state: dict[str, Any], *, first: bool) -> list[Raw]:
    """What was said as us with other applications: records of our own making carry their key, and are known."""
    told, _further = _records(api, None, 1 if first else 50)
    others = [one for one in told if reading.KEY not in loose.within(one, "value")]
    fresh = [one for one in others if _rkey(one) > state.get("own", "")]
    state["own"] = max([state.get("own", ""), *map(_rkey, others)])
    for one in told if not first else ():
        if loose.within(one, "value", "reply") and loose.name(one.get("uri")) not in state["watch"]:
            watching.note(state, loose.name(one.get("uri")))
    return [] if first else [_recorded(one, api) for one in reversed(fresh)]


def _records(api: Pds, page: str | None, limit: int = PAGE) -> tuple[list[Told], str]:
    """Newest first, by their names."""
    query = {"repo": api.did, "collection": POSTS, "limit": limit, "cursor": page}
    told = api.query("com.atproto.repo.listRecords", query)
    return loose.objects(told.get("records")), loose.text(told.get("cursor"), 1000)


def _recorded(one: Told, api: Pds) -> Raw:
    told = {name: one[name] for name in ("uri", "cid", "value") if name in one}
    return Raw(orjson.dumps(told), f"o:{loose.name(one.get('uri'))}", {"own": api.did})


def _rkey(one: Told) -> str:
    place = keys.place_of(one.get("uri"))
    return place[2] if place else ""


def _written_at(one: Told) -> datetime:
    return loose.moment(loose.within(one, "value").get("createdAt")) or BEGINNING
