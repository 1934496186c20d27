"""What a caller hears, step by step: TwiML, made from the request alone, so that any process may answer any step.

The step stands in the address that Twilio calls, which it signs. https://www.twilio.com/docs/voice/twiml
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape, quoteattr

from netcenter.channels.contract import Connection, loose
from netcenter.channels.phone import words
from netcenter.channels.twilio.reading import SID, number_of, whole

RECORD_SECONDS = 120
SILENCE = 5  # seconds after which a recording ends
PRESS = 6  # seconds to choose
WAIT_STEP = 10  # seconds between two words to somebody who waits
RING_SECONDS = 30  # of the customer's telephone
CALL_HOURS = 4


def answer(fields: Mapping[str, str], query: Mapping[str, str], connection: Connection) -> bytes:
    """What to do now. Steps at which nobody listens get an empty document."""
    step = query.get("step", "")
    make = STEPS.get(step)
    body = make(fields, query, connection) if make else ""
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{body}</Response>'.encode()


def tag(name: str, inside: str = "", **attributes: object) -> str:
    """An element; attributes that are None are left out."""
    told = "".join(f" {key}={quoteattr(str(value))}" for key, value in attributes.items() if value is not None)
    return f"<{name}{told}>{inside}</{name}>" if inside else f"<{name}{told}/>"


def link(connection: Connection, step: str, **more: str) -> str:
    """Where Twilio asks what comes next."""
    return f"{connection.hook}?{urlencode({'step': step, **{k: v for k, v in more.items() if v}})}"


def queue_of(call: str) -> str:
    """Everybody waits in a queue of their own, as it is an operator who is chosen, not a caller."""
    return f"netcenter-{call}"


def _say(connection: Connection, what: str, **filled: object) -> str:
    language = words.language_of(connection)
    return tag("Say", escape(words.say(connection, what, **filled)), language=words.VOICES[language])


def _sid(told: object) -> str:
    return told if isinstance(told, str) and SID.fullmatch(told) else ""


# --- A customer calls -------------------------------------------------------------------------------


def _begins(fields: Mapping[str, str], query: Mapping[str, str], connection: Connection) -> str:
    """A greeting; then they wait for somebody, or choose at once."""
    call = _sid(fields.get("CallSid"))
    greeting = _say(connection, "greeting")
    if not wait_seconds(connection) or not call:
        return greeting + _menu(fields, query, connection)
    return greeting + tag("Enqueue", queue_of(call), action=link(connection, "left"), waitUrl=link(connection, "wait"))


def wait_seconds(connection: Connection) -> int:
    """How long a caller waits for somebody before they may choose."""
    return min(whole(connection.config.get("wait_seconds")) or 0, 600)


def _waits(fields: Mapping[str, str], query: Mapping[str, str], connection: Connection) -> str:
    if (whole(fields.get("QueueTime")) or 0) >= wait_seconds(connection):
        return tag("Leave")
    music = loose.text(connection.config.get("music_url"), 500)
    heard = tag("Play", escape(music)) if music.startswith("https://") else tag("Pause", length=WAIT_STEP)
    return _say(connection, "wait") + heard


def _left(fields: Mapping[str, str], query: Mapping[str, str], connection: Connection) -> str:
    """They no longer wait: nobody came, or they have spoken with somebody, or hung up."""
    result = fields.get("QueueResult")
    return (
        _menu(fields, query, connection)
        if result in ("leave", "queue-full", "error", "system-error")
        else tag("Hangup")
    )


def _menu(fields: Mapping[str, str], query: Mapping[str, str], connection: Connection) -> str:
    """To be called back, or to leave a message; who does nothing leaves one."""
    chosen = tag("Gather", _say(connection, "menu"), numDigits=1, timeout=PRESS, action=link(connection, "chosen"))
    hidden = not number_of(fields.get("From"))
    return (_voicemail(fields, query, connection) if hidden else
            chosen + tag("Redirect", escape(link(connection, "voicemail"))))  # fmt: skip


def _chosen(fields: Mapping[str, str], query: Mapping[str, str], connection: Connection) -> str:
    if fields.get("Digits") == "1":
        return _say(connection, "asked", minutes=words.minutes(connection)) + tag("Hangup")
    return _voicemail(fields, query, connection)


def _voicemail(fields: Mapping[str, str], query: Mapping[str, str], connection: Connection) -> str:
    is_written = bool(connection.config.get("transcribe"))
    record = tag(
        "Record", action=link(connection, "recorded"), maxLength=RECORD_SECONDS, timeout=SILENCE, playBeep="true",
        finishOnKey="#", recordingStatusCallback=link(connection, "recording"),
        recordingStatusCallbackEvent="completed absent", transcribe="true" if is_written else None,
        transcribeCallback=link(connection, "transcript") if is_written else None,
    )  # fmt: skip
    return _say(connection, "record") + record + _say(connection, "silence") + tag("Hangup")


def _recorded(fields: Mapping[str, str], query: Mapping[str, str], connection: Connection) -> str:
    return _say(connection, "thanks") + tag("Hangup")


# --- An operator calls ------------------------------------------------------------------------------


def _operator(fields: Mapping[str, str], query: Mapping[str, str], connection: Connection) -> str:
    """Our operator has picked up: a person presses a key; the voicemail of a mobile telephone does not."""
    again = {name: query.get(name, "") for name in ("of", "to", "by")}
    asked = _say(connection, "operator", number=query.get("to", ""))
    return tag("Gather", asked, numDigits=1, timeout=PRESS, action=link(connection, "connect", **again)) + tag("Hangup")


def _connect(fields: Mapping[str, str], query: Mapping[str, str], connection: Connection) -> str:
    """To the customer, if they still wait; else see `_talked`."""
    of, again = _sid(query.get("of")), {name: query.get(name, "") for name in ("of", "to", "by")}
    if not of:
        return _dial(fields, query, connection)
    inside = tag("Queue", queue_of(of), url=link(connection, "bridged", **again))
    return tag("Dial", inside, action=link(connection, "talked", **again))


def _bridged(fields: Mapping[str, str], query: Mapping[str, str], connection: Connection) -> str:
    return _say(connection, "connecting")


def _talked(fields: Mapping[str, str], query: Mapping[str, str], connection: Connection) -> str:
    """After a talk, that was it. Was nobody waiting any more, their telephone rings."""
    spoke = fields.get("DialCallStatus") in ("completed", "answered")
    return tag("Hangup") if spoke else _dial(fields, query, connection)


def _dial(fields: Mapping[str, str], query: Mapping[str, str], connection: Connection) -> str:
    number = number_of(query.get("to"))
    if not number:
        return tag("Hangup")
    of = _sid(query.get("of")) or _sid(fields.get("CallSid"))
    told = link(connection, "leg", of=of, by=query.get("by", ""))
    called = tag(
        "Number", number, statusCallback=told, statusCallbackEvent="answered completed", statusCallbackMethod="POST"
    )
    return tag("Dial", called, callerId=str(connection.config.get("number") or ""), timeout=RING_SECONDS,
               timeLimit=CALL_HOURS * 3600) + tag("Hangup")  # fmt: skip


STEPS: dict[str, Any] = {
    "": _begins, "wait": _waits, "left": _left, "chosen": _chosen, "voicemail": _voicemail, "recorded": _recorded,
    "operator": _operator, "connect": _connect, "bridged": _bridged, "talked": _talked,
}  # fmt: skip
"""Those at which somebody listens; at "recording", "transcript", "over", "leg" and "agent" nobody does."""
