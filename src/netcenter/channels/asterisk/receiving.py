"""How we hear of calls: by the line that stays open; and what a broken line missed is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import orjson

from netcenter.channels.asterisk.ari import OURS, Ari, channel, listen
from netcenter.channels.asterisk.board import Board, held
from netcenter.channels.contract import ChannelError, Connection, Polled, Raw, Unreadable, loose

QUIET = 1.0  # seconds after which the clock is looked at
MOST_KNOWN = 2000  # recordings whose names are remembered


def stream(connection: Connection, cursor: dict[str, Any], stop: Callable[[], bool]) -> Iterator[Polled]:
    """Every event: kept first, followed then. Raises ChannelError when the line breaks."""
    with listen(connection) as wire:
        board = Board(connection)
        board.adopt()
        for frame in wire.frames(QUIET):
            if stop():
                return
            event = _event(frame)
            yield Polled(board.note(event, frame or b""), cursor)
            if event.get("type") == "ApplicationReplaced":
                raise ChannelError("somebody else listens for this application now")
            with suppress(Unreadable):  # it is kept, and shown
                board.follow(event)
            board.tick()


def _event(frame: bytes | None) -> dict[str, Any]:
    try:
        told = orjson.loads(frame) if frame else {}
    except orjson.JSONDecodeError:
        return {}
    return told if isinstance(told, dict) else {}


def poll(connection: Connection, cursor: dict[str, Any]) -> Polled:
    """Calls that are with us now, and recordings that are new: told as their events would have told them."""
    ari, now = Ari(connection), datetime.now(UTC).isoformat()
    raws = [raw for id in held(ari) if not id.startswith(OURS) and (raw := _waiting(ari, id))]
    known = set(loose.texts(cursor.get("recordings")))
    rows = loose.objects(ari.get("recordings/stored"))
    names = {name: loose.text(one.get("format"), 10) for one in rows
             if (name := loose.text(one.get("name"), 250)).startswith(OURS)}  # fmt: skip
    for name in sorted(set(names) - known):
        told = {"type": "RecordingFinished", "timestamp": now, "recording": {"name": name, "format": names[name]}}
        raws.append(Raw(orjson.dumps(told), f"recorded:{name}"))
    return Polled(tuple(raws), {**cursor, "recordings": sorted(names)[-MOST_KNOWN:]})


def _waiting(ari: Ari, id: str) -> Raw | None:
    try:
        told = ari.ask("GET", channel(id))
    except ChannelError as error:
        if error.reason == "gone":
            return None
        raise
    event: dict[str, Any] = {
        "type": "StasisStart",
        "timestamp": told.get("creationtime"),
        "args": [],
        "channel": dict(told),
    }
    return Raw(orjson.dumps(event), f"start:{id}"[:250])
