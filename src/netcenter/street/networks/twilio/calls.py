"""Calls: what callers and operators do, step by step, and what the company's documents make of it.

https://www.twilio.com/docs/voice/api/call-resource
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

from netcenter.street.networks.base import Asked, Refused, Said, number, one_of, pattern, route, text
from netcenter.street.networks.twilio import twiml
from netcenter.street.networks.twilio.app import PAGES, ROOT, VERSION, Human, TwilioApp, iso, refused

WHERE = r"\+[1-9]\d{6,14}|sip:.+@.+"
SPAN = {f"{name}{sign}?": str for name in ("StartTime", "DateCreated") for sign in (">", "<")}


@dataclass
class Call:
    """One leg: a customer's call, an operator's telephone that we ring, or a customer's that is dialled for them."""

    sid: str
    direction: str
    sender: str
    to: str
    begun_at: float
    parent: Call | None = None
    status: str = "ringing"
    url: str = ""
    callback: str = ""
    events: tuple[str, ...] = ("completed",)
    verbs: list[Element] = field(default_factory=list)  # of the document that runs
    base: str = ""  # where it came from
    at: Element | None = None  # the verb at which it stands: Gather, Record, Enqueue, Dial
    queue: str = ""
    queued_at: float = 0.0
    answered_at: float | None = None
    ended_at: float | None = None
    heard: list[str] = field(default_factory=list)  # what was said to them
    other: Call | None = None  # whom they speak with
    queued_by: Element | None = None  # the verb that waits behind the talk


class TwilioVoice(TwilioApp):
    """Calls and recordings."""

    def __init__(self, *more: Any, **named: Any) -> None:
        super().__init__(*more, **named)
        self.lines: dict[str, Call] = {}
        self.recordings: dict[str, tuple[str, bytes, int, float]] = {}  # sid -> call, bytes, seconds, at
        self.faults: list[str] = []  # what Twilio's debugger would show
        self.may_call = True

    # --- a customer calls -------------------------------------------------------------------------

    def rings(self, human: Human | str, **more: str) -> Call:
        """Somebody calls the number; what happens until they must do something, has happened."""
        sender = human if isinstance(human, str) else human.phone
        line = self._line("inbound", sender, self.number)
        self.truth.said(sender, sender, "", line.sid, form="call")
        line.callback, line.url = self.hooks["status_callback"], self.hooks["voice_url"]
        if not self._run(line, line.url, {"CallStatus": "ringing", **more}):
            self._end(line, "failed")
        return line

    def presses(self, line: Call, digit: str) -> None:
        """A key, at a Gather or during a recording."""
        verb = self._at(line, "Gather")
        self._continue(line, urljoin(line.base, verb.get("action", line.base)), {"Digits": digit})

    def does_nothing(self, line: Call) -> None:
        """At a Gather: the document goes on."""
        self._at(line, "Gather")
        self._go(line)

    def waits(self, line: Call) -> None:
        """In a queue: Twilio asks what they shall hear now."""
        verb = self._at(line, "Enqueue")
        told = {"QueueSid": "QU" + "d4" * 16, "QueueTime": self._queued(line), "QueuePosition": "1",
                "AvgQueueTime": "0", "CurrentQueueSize": "1"}  # fmt: skip
        url = urljoin(line.base, verb.get("waitUrl", ""))
        try:
            document = twiml.read(self._asked(line, url, told), waiting=True)
        except (twiml.Invalid, OSError) as error:
            self.faults.append(str(error))
            return
        for one in document:
            if one.tag == "Say":
                line.heard.append(one.text or "")
            elif one.tag == "Leave":
                self._leaves(line, "leave")
                return

    def speaks(self, line: Call, sound: bytes, seconds: int, key: str = "#", text: str = "") -> str:
        """A message after the tone; nothing is said with 0 seconds. The recording's name."""
        verb, sid = self._at(line, "Record"), self.sid("RE")
        told = {"RecordingSid": sid, "RecordingUrl": f"{self.url}/{VERSION}/Accounts/{self.account}/Recordings/{sid}",
                "RecordingDuration": str(seconds), "AccountSid": self.account, "CallSid": line.sid}  # fmt: skip
        if seconds:
            self.recordings[sid] = (line.sid, sound, seconds, self.now())
        status = "completed" if seconds else "absent"
        if status in verb.get("recordingStatusCallbackEvent", "completed").split():
            more = {**told, "RecordingStatus": status, "RecordingChannels": "1", "RecordingSource": "RecordVerb"}
            self.tells(urljoin(line.base, verb.get("recordingStatusCallback", "")), more)
        if verb.get("transcribe") == "true" and text:
            more = {**told, "TranscriptionSid": self.sid("TR"), "TranscriptionStatus": "completed",
                    "TranscriptionText": text}  # fmt: skip
            self.tells(urljoin(line.base, verb.get("transcribeCallback", "")), more)
        if seconds:
            self._continue(line, urljoin(line.base, verb.get("action", line.base)), {**told, "Digits": key})
        else:
            self._go(line)
        return sid

    # --- an operator's telephone, and a customer's ------------------------------------------------

    def picks_up(self, line: Call) -> None:
        """Whom we ring answers."""
        line.status, line.answered_at = "in-progress", self.now()
        if line.parent is None:
            if not self._run(line, line.url, {"CallStatus": "in-progress"}):
                self._end(line, "completed")
            return
        self._status(line, "answered")
        line.other, line.parent.other = line.parent, line

    def declines(self, line: Call, status: str = "no-answer") -> None:
        """Whom we ring does not answer: busy, no-answer, failed."""
        self._end(line, status)
        if line.parent is not None:
            self._dialled(line.parent, status)

    def hangs_up(self, line: Call) -> None:
        """Whoever hangs up first; the other hears what follows in their document."""
        other, verb = line.other, line.at
        line.other = None
        if other is not None:
            other.other = None
        self._end(line, "completed" if line.status == "in-progress" or line.direction == "inbound" else "canceled")
        if line.queue and other is None:
            self._asked_quietly(line, verb, {"QueueResult": "hangup", "QueueTime": self._queued(line)})
        if other is None:
            return
        if line.queue:
            self._asked_quietly(line, line.queued_by, {"QueueResult": "bridged", "QueueTime": self._queued(line)})
        if other.queue and other.status == "in-progress":
            self._leaves(other, "bridged")
        elif other.parent is not None:
            self._end(other, "completed")
        elif other.at is not None and other.at.tag == "Dial":
            self._dialled(other, "completed", line)

    def ringing(self, to: str = "") -> list[Call]:
        """The telephones that ring now because the company has them rung."""
        return [one for one in self.lines.values() if one.status == "ringing" and one.direction != "inbound"
                and one.to == (to or one.to)]  # fmt: skip

    # --- how a document runs ----------------------------------------------------------------------

    def _line(self, direction: str, sender: str, to: str, parent: Call | None = None) -> Call:
        line = Call(self.sid("CA"), direction, sender, to, self.now(), parent)
        self.lines[line.sid] = line
        return line

    def _run(self, line: Call, url: str, told: dict[str, str]) -> bool:
        """Ask for a document, and do what it says; False when there is none."""
        try:
            line.verbs = twiml.read(self._asked(line, url, told))
        except (twiml.Invalid, OSError) as error:
            self.faults.append(f"{url}: {error}")
            return False
        line.base, line.at = url, None
        if line.direction == "inbound":
            line.status, line.answered_at = "in-progress", line.answered_at or self.now()
        self._go(line)
        return True

    def _continue(self, line: Call, url: str, told: dict[str, str]) -> None:
        if not self._run(line, url, told):
            self._end(line, "completed")

    def _go(self, line: Call) -> None:
        """The verbs that need nobody, up to the next that does."""
        line.at = None
        while line.verbs:
            verb = line.verbs.pop(0)
            if verb.tag == "Say":
                line.heard.append(verb.text or "")
            elif verb.tag == "Redirect":
                self._continue(line, urljoin(line.base, verb.text or ""), {})
                return
            elif verb.tag == "Hangup":
                break
            elif verb.tag in ("Gather", "Record", "Enqueue", "Dial"):
                line.at = verb
                line.heard += [one.text or "" for one in verb if one.tag == "Say"]
                if verb.tag == "Enqueue":
                    line.queue, line.queued_at = verb.text or "", self.now()
                    line.queued_by = verb
                if verb.tag == "Dial":
                    self._dial(line, verb)
                return
        self._end(line, "completed")

    def _dial(self, line: Call, verb: Element) -> None:
        noun = verb[0]
        if noun.tag == "Queue":
            here = [one for one in self.lines.values() if one.queue == noun.text and one.other is None]
            waiting = next((one for one in here if one.status == "in-progress"), None)
            if waiting is None:
                self._dialled(line, "failed")
                return
            told = {"QueueSid": "QU" + "d4" * 16, "QueueTime": self._queued(waiting), "DequeingCallSid": line.sid}
            for one in twiml.read(self._asked(waiting, urljoin(line.base, noun.get("url", "")), told)):
                waiting.heard.append(one.text or "")
            line.other, waiting.other = waiting, line
            return
        if verb.get("callerId") not in (self.number, None):
            self.faults.append("13214: Dial: Invalid callerId value")
            self._dialled(line, "failed")
            return
        leg = self._line("outbound-dial", verb.get("callerId", self.number), noun.text or "", line)
        leg.callback = urljoin(line.base, noun.get("statusCallback", ""))
        leg.events = tuple(noun.get("statusCallbackEvent", "completed").split())

    def _dialled(self, line: Call, status: str, leg: Call | None = None) -> None:
        """The Dial is over: its action is asked, or the document goes on."""
        verb = self._at(line, "Dial")
        if action := verb.get("action"):
            self._continue(line, urljoin(line.base, action), {"DialCallStatus": status})
        else:
            self._go(line)

    def _leaves(self, line: Call, result: str) -> None:
        verb = line.queued_by
        told = {"QueueResult": result, "QueueTime": self._queued(line), "QueueSid": "QU" + "d4" * 16}
        line.queue = ""
        self._continue(line, urljoin(line.base, verb.get("action", "") if verb is not None else ""), told)

    def _queued(self, line: Call) -> str:
        return str(int(self.now() - line.queued_at))

    def _asked_quietly(self, line: Call, verb: Element | None, told: dict[str, str]) -> None:
        """Asked all the same, though nobody listens to the answer any more."""
        try:
            self._asked(line, urljoin(line.base, verb.get("action", "") if verb is not None else ""), told)
        except OSError as error:
            self.faults.append(str(error))

    def _asked(self, line: Call, url: str, told: dict[str, str]) -> bytes:
        """The answer of the company's door. Raises OSError when it is none."""
        status, body = self.asks(url, {**self._told(line), **told}) if url else (0, b"")
        if not 200 <= status < 300:
            raise OSError(f"11200: HTTP {status}")
        return body

    def _told(self, line: Call) -> dict[str, str]:
        told = {"CallSid": line.sid, "AccountSid": self.account, "From": line.sender, "To": line.to,
                "CallStatus": line.status, "ApiVersion": VERSION, "Direction": line.direction}  # fmt: skip
        return told | ({"ParentCallSid": line.parent.sid} if line.parent else {})

    def _at(self, line: Call, tag: str) -> Element:
        if line.at is None or line.at.tag != tag:
            raise AssertionError(
                f"the call stands at {line.at.tag if line.at is not None else 'nothing'}, not at {tag}"
            )
        return line.at

    def _end(self, line: Call, status: str) -> None:
        if line.ended_at is None:
            line.status, line.ended_at, line.at = status, self.now(), None
            self._status(line, "completed")

    def _status(self, line: Call, event: str) -> None:
        if not line.callback or event not in line.events:
            return
        long = int(self.now() - (line.answered_at or self.now()))
        told = {**self._told(line), "CallbackSource": "call-progress-events", "SequenceNumber": "0"}
        if event == "completed":
            told["CallDuration"] = str(long)
        self.tells(line.callback, told)

    # --- the API ------------------------------------------------------------------------------------

    @route("POST", ROOT + "/Calls.json", bucket="calls", form={
        "To": pattern(WHERE), "From": str, "Url": pattern(r"https?://.+"), "Method?": one_of("POST", "GET"),
        "StatusCallback?": pattern(r"https?://.+"), "StatusCallbackEvent?": text(60), "Timeout?": number(1, 600),
    })  # fmt: skip
    def start_call(self, asked: Asked) -> Any:
        told = asked.fields
        if told["From"] != self.number:
            raise refused(21210, f"The source phone number provided, {told['From']}, is not yet verified")
        if not self.may_call:
            raise refused(21215, "Account not authorized to call. Perhaps you need to enable some geo permissions")
        line = self._line("outbound-api", told["From"], told["To"])
        line.url, line.callback = told["Url"], told.get("StatusCallback", "")
        self.truth.replied(told["To"], "call", id=line.sid)
        return Said(201, self._row(line))

    @route("GET", ROOT + "/Calls/{call}.json", bucket="calls")
    def one_call(self, asked: Asked) -> Any:
        if asked.path["call"] not in self.lines:
            raise Refused("route")
        return self._row(self.lines[asked.path["call"]])

    @route("GET", ROOT + "/Calls.json", bucket="calls", query={
        "To?": str, "From?": str, "ParentCallSid?": str, "Status?": str, **SPAN, **PAGES})  # fmt: skip
    def list_calls(self, asked: Asked) -> Any:
        query = asked.query
        after, before = query.get("StartTime>", ""), query.get("StartTime<", "9999")
        kept = [
            line for line in self.lines.values()
            if query.get("To", line.to) == line.to and query.get("From", line.sender) == line.sender
            and after <= iso(line.begun_at) < before
            and query.get("ParentCallSid") in (None, line.parent.sid if line.parent else "")
        ]  # fmt: skip
        kept.sort(key=lambda line: line.begun_at, reverse=True)
        return self.page("Calls", [self._row(line) for line in kept], asked, "calls")

    def _row(self, line: Call) -> dict[str, Any]:
        start = line.answered_at or line.begun_at
        long = None if line.ended_at is None else str(int(line.ended_at - start) if line.answered_at else 0)
        status = "queued" if line.status == "ringing" and line.direction == "outbound-api" else line.status
        parent = line.parent.sid if line.parent else None
        return {"sid": line.sid, "account_sid": self.account, "parent_call_sid": parent,
                "to": line.to, "from": line.sender, "direction": line.direction, "status": status,
                "start_time": self.date(line.begun_at), "end_time": self.date(line.ended_at), "duration": long,
                "date_created": self.date(line.begun_at), "date_updated": self.date(line.begun_at), "price": None,
                "price_unit": "USD", "answered_by": None, "caller_name": None, "forwarded_from": None,
                "api_version": VERSION, "phone_number_sid": self.number_sid, "queue_time": "0"}  # fmt: skip

    @route("GET", ROOT + "/Recordings.json", bucket="calls", query={"CallSid?": str, **SPAN, **PAGES})
    def list_recordings(self, asked: Asked) -> Any:
        after, before = asked.query.get("DateCreated>", ""), asked.query.get("DateCreated<", "9999")
        rows = [
            {"sid": sid, "call_sid": call, "account_sid": self.account, "duration": str(long), "status": "completed",
             "channels": 1, "source": "RecordVerb", "date_created": self.date(at), "start_time": self.date(at),
             "price": None, "error_code": None}
            for sid, (call, _sound, long, at) in self.recordings.items() if after <= iso(at) < before
        ]  # fmt: skip
        return self.page("Recordings", rows, asked, "recordings")

    @route("GET", ROOT + "/Recordings/{recording}.mp3")
    def recording(self, asked: Asked) -> Any:
        if asked.path["recording"] not in self.recordings:
            raise Refused("route")
        return Said(200, self.recordings[asked.path["recording"]][1], mime="audio/mpeg")
