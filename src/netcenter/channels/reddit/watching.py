"""What came in lately, looked at again: was it edited, deleted or removed, and how far does it carry by now?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from netcenter.channels.contract import Raw, loose
from netcenter.channels.reddit import reading
from netcenter.channels.reddit.wire import Reddit, now

Told = Mapping[str, Any]

MOST = 300  # comments and posts that are watched, the newest: three calls a look


def note(state: dict[str, Any], thing: Told) -> None:
    """Watch it from now on: [its state, when it was edited, "score/comments/crossposts", when it was said]."""
    kind, data = loose.text(thing.get("kind"), 10), loose.within(thing, "data")
    name = loose.text(data.get("name"), 40)
    if kind not in ("t1", "t3") or not name:
        return
    watch: dict[str, list[Any]] = state.setdefault("watch", {})
    said_at = reading.moment(data.get("created_utc"))
    watch.setdefault(name, [*_mark(kind, data), said_at.timestamp() if said_at else 0.0])
    while len(watch) > MOST:  # the oldest: a cursor that comes back from the database has no order
        del watch[min(watch, key=lambda each: watch[each][3])]


def look(reddit: Reddit, state: dict[str, Any]) -> list[Raw]:
    """What has changed since it was last seen."""
    watch: dict[str, list[Any]] = state.get("watch", {})
    there, raws, at = reddit.named(watch), [], now()
    meta = {"seen_at": at.timestamp()}
    for name, before in list(watch.items()):
        if name not in there:
            del watch[name]
            body = orjson.dumps({"look": "missing", "name": name})
            raws.append(Raw(body, f"missing:{name}", meta))
            continue
        thing = there[name]
        mark = _mark(loose.text(thing.get("kind"), 10), loose.within(thing, "data"))
        if mark == before[:3]:
            continue
        body = orjson.dumps({"look": "changed", "thing": dict(thing), "before": before[0]})
        raws.append(Raw(body, f"look:{name}:{':'.join(mark)}:{int(at.timestamp())}", meta))
        if mark[0] == "gone":
            del watch[name]
        else:
            watch[name] = [*mark, before[3]]
    return raws


def _mark(kind: str, data: Told) -> list[str]:
    edited = reading.edited_at(data)
    reach = reading.reach_of(kind, data)
    carries = "/".join(str(n or 0) for n in (reach.likes, reach.replies, reach.shares))
    return [reading.state_of(kind, data), edited.isoformat() if edited else "", carries]
