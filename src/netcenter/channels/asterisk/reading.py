"""What Asterisk's events mean. Beside each stands, where the event alone does not tell it, at which step it came.

https://docs.asterisk.org/Latest_API/API_Documentation/Asterisk_REST_Interface/Asterisk_REST_Data_Models/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from netcenter.channels.asterisk.ari import OURS, number_of
from netcenter.channels.contract import (
    Attachment,
    Author,
    Called,
    Connection,
    Happening,
    Inbound,
    Raw,
    ThreadRef,
    Unreadable,
    loose,
)  # fmt: skip

LEG = "-c"  # ends the name of a customer's part of a call that we make
MISSED = (16, 17, 18, 19, 20, 21, 27, 28, 31, 34, 38)  # causes (Q.850) of a part that nobody answered


def parse(raw: Raw, connection: Connection) -> list[Happening]:
    """Raises Unreadable."""
    event = loose.an_object(raw.body)
    read = READ.get(str(event.get("type")))
    return read(event, raw.meta, connection) if read else []


def at(event: Mapping[str, Any]) -> datetime:
    """When it happened, by the switchboard's clock. Raises Unreadable."""
    told = loose.moment(event.get("timestamp"))
    if told is None:
        raise Unreadable("nothing tells when it was")
    return told


def id_of(event: Mapping[str, Any]) -> str:
    """Whose call it is. Raises Unreadable."""
    return loose.name(loose.within(event, "channel").get("id"))


def args_of(event: Mapping[str, Any]) -> tuple[str, ...]:
    """What we gave along when we made the call; nothing for a customer's."""
    return loose.texts(event.get("args"))


def _start(event: Mapping[str, Any], meta: Mapping[str, Any], connection: Connection) -> list[Happening]:
    if args_of(event) or id_of(event).startswith(OURS):
        return []
    id, when = id_of(event), at(event)
    author = author_of(event, connection)
    line = loose.text(loose.within(event, "channel", "dialplan").get("exten"), 60)
    extra = {"called": line} if line else {}
    said = Inbound(id, author, ThreadRef(author.external_id), when, "", form="call", extra=extra)
    return [said, Called(id, "rang", when)]


def author_of(event: Mapping[str, Any], connection: Connection) -> Author:
    """By number; an extension by its own; whoever hides it is somebody new each time."""
    caller = loose.within(event, "channel", "caller")
    shown, name = loose.text(caller.get("number"), 60).strip(), loose.text(caller.get("name"), 100).strip()
    number = number_of(shown, connection)
    if not shown or shown.lower() in ("anonymous", "restricted", "unavailable", "unknown", "private"):
        return Author(f"hidden:{id_of(event)}", profile={"hidden": True})
    return Author(number or shown, "" if name == shown else name, phone=number)


def _digit(event: Mapping[str, Any], meta: Mapping[str, Any], connection: Connection) -> list[Happening]:
    """A one at the menu. In a talk it is only a key."""
    if meta.get("step") != "menu" or event.get("digit") != "1":
        return []
    when = at(event)
    return [Called(id_of(event), "asked", when, promised_at=when + timedelta(minutes=minutes(connection)))]


def minutes(connection: Connection) -> int:
    """Within how many minutes callers are told that they are called back."""
    told = loose.count(connection.config.get("callback_minutes")) or 60
    return min(max(told, 5), 24 * 60)


def _met(event: Mapping[str, Any], meta: Mapping[str, Any], connection: Connection) -> list[Happening]:
    """Both are in the bridge that bears the call's name."""
    bridge = loose.within(event, "bridge")
    of = loose.text(bridge.get("id"), 250)
    if not of.startswith(OURS) or meta.get("step") != "met":
        return []
    return [Called(loose.name(of.removeprefix(OURS)), "answered", at(event), by=loose.text(bridge.get("name"), 60))]


def _parted(event: Mapping[str, Any], meta: Mapping[str, Any], connection: Connection) -> list[Happening]:
    of = loose.text(loose.within(event, "bridge").get("id"), 250)
    return [Called(loose.name(of.removeprefix(OURS)), "ended", at(event))] if of.startswith(OURS) else []


def _recorded(event: Mapping[str, Any], meta: Mapping[str, Any], connection: Connection) -> list[Happening]:
    recording = loose.within(event, "recording")
    name = loose.text(recording.get("name"), 250)
    if not name.startswith(OURS) or recording.get("duration") == 0:
        return []
    of, kind = loose.name(name.removeprefix(OURS)), loose.text(recording.get("format"), 10) or "wav"
    file = Attachment(f"{of}.{kind}".replace("/", "_"), "audio/wav", reference=name)
    return [Called(of, "recorded", at(event), recording=file)]


def _over(event: Mapping[str, Any], meta: Mapping[str, Any], connection: Connection) -> list[Happening]:
    """A customer has left us. Did nobody answer, they were missed."""
    id = id_of(event)
    return [] if id.startswith(OURS) else [Called(id, "ended", at(event))]


def _destroyed(event: Mapping[str, Any], meta: Mapping[str, Any], connection: Connection) -> list[Happening]:
    """A part of a call that we made ends; one that had never been answered is told here alone."""
    id = id_of(event)
    state = loose.text(loose.within(event, "channel").get("state"), 20)
    if not id.startswith(OURS) or state == "Up" or loose.count(event.get("cause")) not in MISSED:
        return []
    of = loose.text(meta.get("of"), 250) or id.removesuffix(LEG)
    if not of.startswith(OURS):
        return []  # somebody who waited on the line: their own call tells
    return [Called(of, "missed", at(event), by="" if id.endswith(LEG) else loose.text(meta.get("by"), 60))]


READ = {
    "StasisStart": _start, "ChannelDtmfReceived": _digit, "ChannelEnteredBridge": _met, "ChannelLeftBridge": _parted,
    "RecordingFinished": _recorded, "StasisEnd": _over, "ChannelDestroyed": _destroyed,
}  # fmt: skip
