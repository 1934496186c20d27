"""What webhooks lost: Twilio's own list of a day's messages, theirs and ours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from netcenter.channels.contract import Connection, Count, Raw, Reconciled, loose
from netcenter.channels.twilio.rest import Twilio

MEDIA_PAGES = 10


def reconcile(connection: Connection, since: datetime, until: datetime, cursor: dict[str, Any]) -> Reconciled:
    """First what came in, then what went out; a page at a time. The number of a day's messages is counted along."""
    twilio, stage = Twilio(connection), str(cursor.get("stage") or "To")
    span = {"DateSent>": _iso(since), "DateSent<": _iso(until)}
    page = twilio.listed(
        "Messages.json", {stage: str(connection.config.get("number") or ""), **span}, str(cursor.get("after") or "")
    )
    rows = [one for one in loose.objects(page.get("messages")) if _is_theirs_or_ours(one, stage)]
    raws = tuple(_raw(one, twilio) for one in rows)
    counted = int(cursor.get("counted") or 0) + (len(rows) if stage == "To" else 0)
    after = loose.text(page.get("next_page_uri"), 2000)
    following = {"stage": stage, "after": after, "counted": counted}
    if not after and stage == "To":
        following, after = {"stage": "From", "after": "", "counted": counted}, "more"
    present = tuple(str(one["sid"]) for one in rows)
    is_whole = since.astimezone(UTC).time() == datetime.min.time()
    counts = () if after or not is_whole else (Count(since.astimezone(UTC).date(), counted),)
    return Reconciled(raws, following, more=bool(after), present=present, counts=counts)


def _is_theirs_or_ours(one: Mapping[str, Any], stage: str) -> bool:
    is_inbound = one.get("direction") == "inbound"
    return bool(one.get("sid")) and is_inbound == (stage == "To")


def _raw(one: Mapping[str, Any], twilio: Twilio) -> Raw:
    """As the list has it, with its files, which the list only counts."""
    told = dict(one)
    if str(one.get("num_media") or "0") not in ("0", ""):
        told["media"] = list(loose.objects(twilio.read(f"Messages/{one['sid']}/Media.json").get("media_list")))
    return Raw(orjson.dumps(told), f"list:{one['sid']}:{one.get('status')}")


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
