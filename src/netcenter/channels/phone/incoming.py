"""What Twilio tells of calls: each step of one, as its script took it, and rows of the list.

https://www.twilio.com/docs/voice/twiml#request-parameters
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from netcenter.channels.contract import (
    Attachment,
    Called,
    Connection,
    Happening,
    Inbound,
    Raw,
    ThreadRef,
    Unreadable,
    loose,
)  # fmt: skip
from netcenter.channels.phone import words
from netcenter.channels.twilio import door
from netcenter.channels.twilio.reading import SID, at, author_of, moment, named, whole

NOT_REACHED = ("busy", "no-answer", "failed", "canceled")
Fields = Mapping[str, str]


def parse(raw: Raw, connection: Connection) -> list[Happening]:
    """Raises Unreadable."""
    if raw.body[:1] == b"{":
        return _row(loose.an_object(raw.body), connection)
    told, query = door.fields_of(raw.body), door.query_of(raw.meta.get("query"))
    read = READ.get(query.get("step", ""))
    return read(named(told, "CallSid"), told, query, at(raw), connection) if read else []


def began(sid: str, told: Mapping[str, Any], when: datetime) -> Inbound:
    """A customer calls."""
    author = author_of(told, sid)
    extra = {"forwarded_from": who} if (who := loose.text(told.get("ForwardedFrom"), 40)) else {}
    return Inbound(sid, author, ThreadRef(author.external_id), when, "", form="call", extra=extra)


def recorded(sid: str, recording: str, when: datetime) -> Called:
    """A message after the tone; its bytes are fetched by the recording's name."""
    return Called(sid, "recorded", when, recording=Attachment(f"{recording}.mp3", "audio/mpeg", reference=recording))


def _begins(sid: str, told: Fields, query: Fields, when: datetime, connection: Connection) -> list[Happening]:
    return [began(sid, told, when), Called(sid, "rang", when)]


def _left(sid: str, told: Fields, query: Fields, when: datetime, connection: Connection) -> list[Happening]:
    """Twilio asks when they leave the queue; after a talk, when it is over."""
    result = told.get("QueueResult")
    if result == "hangup":
        return [Called(sid, "missed", when)]
    return [Called(sid, "ended", when)] if result == "bridged" else []


def _chosen(sid: str, told: Fields, query: Fields, when: datetime, connection: Connection) -> list[Happening]:
    if told.get("Digits") != "1":
        return []
    return [Called(sid, "asked", when, promised_at=when + timedelta(minutes=words.minutes(connection)))]


def _recording(sid: str, told: Fields, query: Fields, when: datetime, connection: Connection) -> list[Happening]:
    if told.get("RecordingStatus", "completed") != "completed" or not whole(told.get("RecordingDuration", "1")):
        return []  # nothing was said
    return [recorded(sid, named(told, "RecordingSid"), when)]


def _transcript(sid: str, told: Fields, query: Fields, when: datetime, connection: Connection) -> list[Happening]:
    text = loose.text(told.get("TranscriptionText"), 10_000).strip()
    return [Called(sid, "transcribed", when, text=text)] if text else []


def _over(sid: str, told: Fields, query: Fields, when: datetime, connection: Connection) -> list[Happening]:
    """A customer's call is over. Whoever spoke was told before; if nobody did, it was missed."""
    if told.get("Direction", "inbound") != "inbound":
        return []
    status = told.get("CallStatus")
    if status in NOT_REACHED:
        return [began(sid, told, when), Called(sid, "missed", when)]
    return [Called(sid, "ended", when)] if status == "completed" else []


def _bridged(sid: str, told: Fields, query: Fields, when: datetime, connection: Connection) -> list[Happening]:
    """Asked for of the caller who waits, at the moment in which an operator takes them out of the queue."""
    return [Called(sid, "answered", when, by=_by(query))]


def _leg(sid: str, told: Fields, query: Fields, when: datetime, connection: Connection) -> list[Happening]:
    """The customer's telephone, which we called: `of` says under which name that is known."""
    of, status = query.get("of", ""), told.get("CallStatus")
    if not SID.fullmatch(of):
        raise Unreadable("it does not say of which call it is a part")
    if status == "in-progress":
        return [Called(of, "answered", when, by=_by(query))]
    if status == "completed":
        return [Called(of, "ended", when, seconds=whole(told.get("CallDuration")))]
    return [Called(of, "missed", when)] if status in NOT_REACHED else []


def _agent(sid: str, told: Fields, query: Fields, when: datetime, connection: Connection) -> list[Happening]:
    """Our operator's own telephone. Of somebody who waits the script tells; that it rang in vain, this does."""
    if query.get("of"):
        return []
    if told.get("CallStatus") in NOT_REACHED:
        return [Called(sid, "missed", when, by=_by(query))]
    return [Called(sid, "ended", when)] if told.get("CallStatus") == "completed" else []


def _by(query: Fields) -> str:
    return loose.text(query.get("by"), 60)


READ: dict[str, Callable[[str, Fields, Fields, datetime, Connection], list[Happening]]] = {
    "": _begins, "left": _left, "chosen": _chosen, "recording": _recording, "transcript": _transcript, "over": _over,
    "bridged": _bridged, "leg": _leg, "agent": _agent,
}  # fmt: skip
"""The other steps tell nothing that is not told by these."""


# --- Rows of the list -------------------------------------------------------------------------------


def _row(told: Mapping[str, Any], connection: Connection) -> list[Happening]:
    """A call, or a recording, as the list has it."""
    sid, when = named(told, "sid"), moment(told.get("start_time")) or moment(told.get("date_created"))
    if when is None:
        raise Unreadable("nothing tells when it was")
    if sid.startswith("RE"):
        long = whole(told.get("duration")) and told.get("status") == "completed"
        return [recorded(named(told, "call_sid"), sid, when)] if long else []
    ended, status = moment(told.get("end_time")), told.get("status")
    if told.get("direction") == "inbound":
        happened: list[Happening] = [
            began(sid, {"From": told.get("from"), "CallerName": told.get("caller_name")}, when),
            Called(sid, "rang", when),
        ]
        if ended is not None:
            happened.append(Called(sid, "missed" if status in NOT_REACHED else "ended", ended))
        return happened
    parent = told.get("parent_call_sid")
    if not isinstance(parent, str) or not SID.fullmatch(parent) or ended is None:
        return []  # an operator's own telephone: what came of it, the customer's tells
    if status == "completed":
        return [Called(parent, "answered", when), Called(parent, "ended", ended, seconds=whole(told.get("duration")))]
    return [Called(parent, "missed", ended)] if status in NOT_REACHED else []
