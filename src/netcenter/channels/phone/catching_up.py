"""What webhooks lost: the lists of a day's calls, of those that we made, and of what was recorded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson

from netcenter.channels.contract import Connection, Count, Raw, Reconciled, loose
from netcenter.channels.twilio.rest import Twilio

STAGES = ("To", "From", "recordings")


def reconcile(connection: Connection, since: datetime, until: datetime, cursor: dict[str, Any]) -> Reconciled:
    """First who called, then whom we called, then the recordings; a page at a time. Callers are counted along."""
    stage = str(cursor.get("stage") or "To")
    number, after = str(connection.config.get("number") or ""), str(cursor.get("after") or "")
    twilio = Twilio(connection)
    if stage == "recordings":
        span = {"DateCreated>": _iso(since), "DateCreated<": _iso(until)}
        page = twilio.listed("Recordings.json", span, after)
        rows = [one for one in loose.objects(page.get("recordings")) if one.get("sid")]
    else:
        span = {stage: number, "StartTime>": _iso(since), "StartTime<": _iso(until)}
        page = twilio.listed("Calls.json", span, after)
        wanted = ("inbound",) if stage == "To" else ("outbound-dial",)
        rows = [one for one in loose.objects(page.get("calls")) if one.get("sid") and one.get("direction") in wanted]
    raws = tuple(Raw(orjson.dumps(one), f"list:{one['sid']}:{one.get('status')}") for one in rows)
    inbound = len(rows) if stage == "To" else 0
    counted = int(cursor.get("counted") or 0) + inbound
    following = loose.text(page.get("next_page_uri"), 2000)
    if not following and stage != STAGES[-1]:
        stage = STAGES[STAGES.index(stage) + 1]
        return Reconciled(raws, {"stage": stage, "counted": counted}, more=True, present=_names(rows, inbound))
    is_whole = since.astimezone(UTC).time() == datetime.min.time()
    counts = (Count(since.astimezone(UTC).date(), counted),) if is_whole and not following else ()
    return Reconciled(
        raws, {"stage": stage, "after": following, "counted": counted}, more=bool(following),
        present=_names(rows, inbound), counts=counts,
    )  # fmt: skip


def _names(rows: list[Any], inbound: int) -> tuple[str, ...]:
    return tuple(str(one["sid"]) for one in rows) if inbound else ()


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
