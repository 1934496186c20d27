"""An operator calls a customer, or takes one who waits: our telephone rings first, then both are connected."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from netcenter.channels.contract import Act, ChannelError, Connection, Receipt, loose
from netcenter.channels.phone.script import link
from netcenter.channels.twilio.reading import SID, moment, named, number_of
from netcenter.channels.twilio.rest import Twilio

RING_SECONDS = 25  # before an operator's voicemail would pick up
LOOKED_BACK = timedelta(minutes=15)  # longer than a deed is in doubt


def act(act: Act, connection: Connection) -> Receipt:
    """Ring the operator, then the customer. Of somebody who still waits on the line, the receipt is their call."""
    if act.verb != "call":
        raise ChannelError(f"a telephone cannot {act.verb}", permanent=True, reason="unfit")
    to, by = _customer(act), _operator(act)
    if not connection.hook:
        raise ChannelError("this house has no public address", permanent=True, reason="unfit")
    waiting = act.target if _is_live(act.target, connection) else ""
    told = {"to": to, "by": by, "of": waiting}
    form = {
        "To": by, "From": str(connection.config.get("number") or ""), "Url": link(connection, "operator", **told),
        "StatusCallback": link(connection, "agent", **told), "Timeout": RING_SECONDS,
    }  # fmt: skip
    made = Twilio(connection).write("Calls.json", form, "starts")
    return Receipt(waiting or named(made, "sid"), "sent", datetime.now(UTC))


def _customer(act: Act) -> str:
    number = number_of(act.to.phone or act.to.external_id) if act.to else ""
    if not number:
        raise ChannelError("the customer's number is hidden", permanent=True, reason="unfit")
    return number


def _operator(act: Act) -> str:
    """A number, or the SIP address of a desk telephone."""
    told = act.what.strip()
    if number_of(told) or (told.startswith("sip:") and "@" in told and len(told) < 200 and told.isprintable()):
        return told
    raise ChannelError("the operator has no telephone that could ring", permanent=True, reason="unfit")


def _is_live(target: str, connection: Connection) -> bool:
    """Whether the customer still waits on the line."""
    if not SID.fullmatch(target):
        return False
    try:
        told = Twilio(connection).read(f"Calls/{target}.json")
    except ChannelError as error:
        if error.permanent:
            return False
        raise
    return told.get("direction") == "inbound" and told.get("status") in ("in-progress", "ringing", "queued")


def find(act: Act, connection: Connection, now: datetime) -> Receipt | None:
    """The call to this operator's telephone that was begun a moment ago, unless it went to another customer."""
    to, by, twilio = _customer(act), _operator(act), Twilio(connection)
    since = (now - LOOKED_BACK).strftime("%Y-%m-%dT%H:%M:%SZ")
    query = {"To": by, "From": str(connection.config.get("number") or ""), "StartTime>": since}
    for one in loose.objects(twilio.listed("Calls.json", query).get("calls")):
        if one.get("direction") == "outbound-api" and to in _went_to(one, twilio, to):
            waiting = act.target if _is_live(act.target, connection) else ""
            at = moment(one.get("start_time")) or now
            return Receipt(waiting or named(one, "sid"), "sent", at)
    return None


def _went_to(one: Mapping[str, Any], twilio: Twilio, wanted: str) -> list[str]:
    """Whom the operator was connected with; nobody yet counts as whom we look for."""
    legs = loose.objects(twilio.listed("Calls.json", {"ParentCallSid": named(one, "sid")}).get("calls"))
    return [str(leg.get("to")) for leg in legs] or [wanted]
