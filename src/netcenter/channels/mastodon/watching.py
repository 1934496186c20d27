"""What came in lately, looked at again: was it edited or deleted, and how far does it carry by now?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from netcenter.channels.contract import ChannelError, Raw, loose
from netcenter.channels.mastodon import wire
from netcenter.channels.mastodon.wire import Server

Told = Mapping[str, Any]

MOST = 200  # statuses that are watched, the newest
EVERY = 300.0  # seconds between two looks
BATCH = 20  # https://docs.joinmastodon.org/methods/statuses/#index
ALONE = 20  # of a look, where a server cannot be asked for several at once


def is_due(state: dict[str, Any], now: float) -> bool:
    """Whether it is time to look; from the first call on it is every so often."""
    if now - float(state.setdefault("looked", now)) < EVERY:
        return False
    state["looked"] = now
    return True


def note(state: dict[str, Any], status: Told) -> None:
    """Watch this status from now on: [when it was edited, its likes/shares/replies]."""
    if not status.get("id"):
        return
    name = wire.name_of(status["id"])
    watch: dict[str, list[str]] = state.setdefault("watch", {})
    known = watch.pop(name, None)  # how far it carries is told by `look` alone
    watch[name] = [loose.text(status.get("edited_at"), 40), known[1] if known else _carries(status)]
    if len(watch) > MOST:
        del watch[min(watch, key=wire.age)]


def look(api: Server, state: dict[str, Any], now: float) -> list[Raw]:
    """What has changed since it was last seen."""
    names, raws = list(state.get("watch", {})), []
    found, missing = _together(api, names) if not state.get("alone") else (None, names)
    if found is None:
        state["alone"] = True
        at = int(state.get("at", 0)) % max(1, len(names))
        missing, found, state["at"] = (names[at:] + names[:at])[:ALONE], [], at + ALONE
    for name in missing:
        if (status := there(api, name)) is None:
            raws.append(gone(name, state, now))
        else:
            found.append(status)
    for status in found:
        raws += _differs(status, state, now)
    return [raw for raw in raws if raw]


def gone(name: str, state: dict[str, Any], now: float | None = None) -> Raw | None:
    """This status is no longer there."""
    state.get("watch", {}).pop(name, None)
    at = datetime.now(UTC) if now is None else datetime.fromtimestamp(now, UTC)
    meta = {"received_at": at.isoformat()}
    return Raw(orjson.dumps({"event": "delete", "payload": name}), f"d:{name}", meta) if name else None


def changed(status: Told, state: dict[str, Any]) -> Raw | None:
    """This status was edited."""
    edited = loose.text(status.get("edited_at"), 40)
    if not status.get("id") or not edited:
        return None
    name = wire.name_of(status["id"])
    if name in state.get("watch", {}):
        state["watch"][name][0] = edited
    return Raw(orjson.dumps({"event": "status.update", "payload": dict(status)}), f"e:{name}:{edited}")


def _differs(status: Told, state: dict[str, Any], now: float) -> list[Raw | None]:
    name, edited, carries = wire.name_of(status.get("id")), loose.text(status.get("edited_at"), 40), _carries(status)
    known = state["watch"].get(name)
    if known is None:
        return []
    raws: list[Raw | None] = []
    if edited != known[0]:
        raws.append(changed(status, state))
    if carries != known[1]:
        known[1] = carries
        meta = {"received_at": datetime.fromtimestamp(now, UTC).isoformat()}
        body = orjson.dumps({"event": "reach", "payload": dict(status)})
        raws.append(Raw(body, f"r:{name}:{carries}:{int(now)}", meta))
    return raws


def _carries(status: Told) -> str:
    counted = (loose.count(status.get(f"{what}_count")) for what in ("favourites", "reblogs", "replies"))
    return "/".join(str(n or 0) for n in counted)


def _together(api: Server, names: list[str]) -> tuple[list[Told] | None, list[str]]:
    """Those that are there, and those that seem not to be; None when it cannot be asked (before 4.3)."""
    found: list[Told] = []
    for n in range(0, len(names), BATCH):
        try:
            found += loose.objects(api.get("api/v1/statuses", {"id[]": names[n : n + BATCH]}))
        except ChannelError as error:
            if error.permanent:
                return None, names
            raise
    there = {wire.name_of(status.get("id")) for status in found}
    return found, [name for name in names if name not in there]


def standing(api: Server, names: list[str]) -> set[str]:
    """Which of these are there: asked for together, and by itself what seems not to be."""
    _found, missing = _together(api, names)
    return {name for name in names if name not in missing or there(api, name) is not None}


def there(api: Server, name: str) -> Told | None:
    """The status as it stands; None when it is gone."""
    try:
        return loose.within(api.get(f"api/v1/statuses/{name}"))
    except ChannelError as error:
        if error.reason == "gone":
            return None
        raise
