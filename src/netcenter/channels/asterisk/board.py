"""What becomes of each call while it lasts: greeted, waiting, choosing, recording, or speaking with an operator.

Everything is done after what it follows from is durable. What a process that died had in hand the next one finds again
(`adopt`): the calls are with Asterisk, and their steps in the names that we gave.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from netcenter.channels.asterisk.ari import OURS, Ari, channel, number_of, outside
from netcenter.channels.asterisk.reading import LEG, args_of, id_of
from netcenter.channels.contract import ChannelError, Connection, Raw, loose

BYE = "sound:auth-thankyou,sound:vm-goodbye"
SOUNDS = {"greeting": "sound:one-moment-please", "menu": "sound:tt-allbusy,sound:vm-press,sound:digits/1",
          "record": "sound:vm-intro",          "asked": BYE, "thanks": BYE}  # fmt: skip
TO_CHOOSE = 5.0  # seconds after the menu
RECORD_SECONDS, SILENCE = 120, 5
RING_SECONDS = 30
Event = Mapping[str, Any]


@dataclass
class Line:
    """A customer's call. `step`: greeting, waiting, menu, choosing, record, recording, talking, leaving."""

    id: str
    step: str
    since: float
    number: str = ""


class Board:
    """One for each line to a switchboard. Not for several threads."""

    def __init__(self, connection: Connection, now: Callable[[], float] = time.monotonic) -> None:
        self.connection, self.ari, self.now = connection, Ari(connection), now
        self.lines: dict[str, Line] = {}
        self.legs: dict[str, dict[str, str]] = {}  # parts that we made: of which call, whom, by whose telephone
        self.pairs: dict[str, str] = {}  # who speaks with whom, both ways

    # --- what is to be kept of an event ---------------------------------------------------------------

    def note(self, event: Event, body: bytes) -> tuple[Raw, ...]:
        """The event as it is kept, with the step at which it came; nothing of those that tell nothing."""
        kind = event.get("type")
        if kind not in KEPT:
            return ()
        id = str(loose.within(event, "channel").get("id") or loose.within(event, "recording").get("name") or "")
        meta: dict[str, str] = {}
        if kind == "StasisStart":
            return () if id.startswith(OURS) else (Raw(body, f"start:{id}"[:250]),)
        if kind == "RecordingFinished":
            return (Raw(body, f"recorded:{id}"[:250]),)
        if kind == "ChannelDtmfReceived":
            line = self.lines.get(id)
            if line is None or line.step not in ("menu", "choosing"):
                return ()
            meta["step"] = "menu"
        if kind == "ChannelEnteredBridge":
            bridge = str(loose.within(event, "bridge").get("id") or "")
            if not bridge.startswith(OURS) or self._is_operator(id):
                return ()
            meta["step"] = "met"
        if kind == "ChannelDestroyed":
            meta |= self.legs.get(id, {})
        return (Raw(body, f"{kind}:{id}:{event.get('timestamp')}"[:250], meta),)

    def _is_operator(self, id: str) -> bool:
        return id.startswith(OURS) and not id.endswith(LEG)

    # --- what follows from it -------------------------------------------------------------------------

    def follow(self, event: Event) -> None:
        """Do what comes next. Raises ChannelError when the switchboard is not there."""
        act = self._acts.get(str(event.get("type")))
        if act:
            act(self, event)

    def tick(self) -> None:
        """What time alone brings about."""
        for line in list(self.lines.values()):
            waited = self.now() - line.since
            if line.step == "waiting" and waited >= wait_seconds(self.connection):
                self._offer(line)
            elif line.step == "choosing" and waited >= TO_CHOOSE:
                self._play(line, "record")

    def adopt(self) -> None:
        """Calls that were with us before this line was opened wait on."""
        for id in held(self.ari):
            if not id.startswith(OURS) and id not in self.lines:
                try:
                    told = self.ari.ask("GET", channel(id))
                except ChannelError as error:
                    if error.reason == "gone":
                        continue
                    raise
                # Who is not answered yet has just come; whoever is has heard the greeting.
                step = "waiting" if told.get("state") == "Up" else ""
                self._welcome(id, loose.within(told, "caller").get("number"), step)

    def _started(self, event: Event) -> None:
        id, args = id_of(event), args_of(event)
        if not args:
            if not id.startswith(OURS) and id not in self.lines:
                self._welcome(id, loose.within(event, "channel", "caller").get("number"), "")
            return
        told = dict(zip(("role", "of", "to", "by"), (*args, "", "", "", ""), strict=False))
        self.legs[id] = {name: told[name].replace("~", "") for name in ("of", "to", "by")}
        (self._operator if told["role"] == "operator" else self._customer)(id)

    def _welcome(self, id: str, number: Any, step: str) -> None:
        line = self.lines[id] = Line(id, step, self.now(), number_of(number, self.connection))
        if step:
            self.ari.try_to("POST", f"{channel(id)}/moh")
            return
        if not self.ari.try_to("POST", f"{channel(id)}/answer"):
            del self.lines[id]
            return
        self._play(line, "greeting")

    def _play(self, line: Line, what: str) -> None:
        line.step, line.since = what, self.now()
        sound = str(self.connection.config.get(f"sound_{what}") or SOUNDS[what])
        self.ari.try_to("POST", f"{channel(line.id)}/play", media=sound, playbackId=f"{OURS}{what}-{line.id}",
                        lang=str(self.connection.config.get("language") or "es"))  # fmt: skip

    def _played(self, event: Event) -> None:
        what, _dash, id = str(loose.within(event, "playback").get("id") or "").removeprefix(OURS).partition("-")
        line = self.lines.get(id)
        if line is None or line.step != what:
            return  # somebody pressed a key meanwhile, or took the call
        line.since = self.now()
        if what == "greeting" and wait_seconds(self.connection):
            line.step = "waiting"
            self.ari.try_to("POST", f"{channel(id)}/moh")
        elif what == "greeting":
            self._offer(line)
        elif what == "menu":
            line.step = "choosing"
        elif what == "record":
            line.step = "recording"
            self.ari.try_to("POST", f"{channel(id)}/record", name=f"{OURS}{id}", format="wav", beep="true",
                            maxDurationSeconds=RECORD_SECONDS, maxSilenceSeconds=SILENCE, terminateOn="#",
                            ifExists="overwrite")  # fmt: skip
        else:
            self._hang_up(id)

    def _offer(self, line: Line) -> None:
        """To be called back or to leave a message; who hides their number can only leave one."""
        self.ari.try_to("DELETE", f"{channel(line.id)}/moh")
        self._play(line, "menu" if line.number else "record")

    def _pressed(self, event: Event) -> None:
        line = self.lines.get(id_of(event))
        if line is None or line.step not in ("menu", "choosing"):
            return
        if line.step == "menu":
            self.ari.try_to("DELETE", f"playbacks/{OURS}menu-{line.id}")
        self._play(line, "asked" if event.get("digit") == "1" else "record")

    def _recorded(self, event: Event) -> None:
        name = str(loose.within(event, "recording").get("name") or "")
        if (line := self.lines.get(name.removeprefix(OURS))) is not None and line.step == "recording":
            self._play(line, "thanks")

    # --- operators ------------------------------------------------------------------------------------

    def _operator(self, id: str) -> None:
        """Our operator has picked up: to who waits on the line, else the customer's telephone rings."""
        leg = self.legs[id]
        line = self.lines.get(leg["of"])
        if line is not None and line.step not in ("talking", "leaving", "recording"):
            self._stop(line)
            line.step = "talking"
            self._connect(leg["of"], line.id, id, leg["by"])
            return
        of = leg["of"] = leg["of"] or id
        try:
            endpoint = outside(leg["to"], self.connection)
            called = self.ari.try_to(
                "POST", "channels", endpoint=endpoint, app=self.ari.app,
                appArgs=f"customer,{of},{id},{leg['by'] or '~'}", channelId=f"{id}{LEG}",
                callerId=str(self.connection.config.get("number") or ""), timeout=RING_SECONDS,
            )  # fmt: skip
        except ChannelError as error:
            if not error.permanent:
                raise
            called = False
        if called:
            self.legs[f"{id}{LEG}"] = {"of": of, "to": id, "by": leg["by"]}
            self.pairs |= {id: f"{id}{LEG}", f"{id}{LEG}": id}
            self.ari.try_to("POST", f"{channel(id)}/ring")
        else:
            self._hang_up(id)

    def _customer(self, id: str) -> None:
        """The customer has picked up our call."""
        leg = self.legs[id]
        self.ari.try_to("DELETE", f"{channel(leg['to'])}/ring")
        self._connect(leg["of"], id, leg["to"], leg["by"])

    def _stop(self, line: Line) -> None:
        """Whatever they hear."""
        self.ari.try_to("DELETE", f"{channel(line.id)}/moh")
        if line.step in SOUNDS:
            self.ari.try_to("DELETE", f"playbacks/{OURS}{line.step}-{line.id}")

    def _connect(self, of: str, customer: str, operator: str, by: str) -> None:
        self.pairs |= {customer: operator, operator: customer}
        bridge = f"bridges/{OURS}{of}"
        self.ari.try_to("POST", bridge, type="mixing", name=by)
        for id in (operator, customer):  # the customer last: then both are there
            if not self.ari.try_to("POST", f"{bridge}/addChannel", channel=id):
                self._part(id)

    # --- the end ----------------------------------------------------------------------------------------

    def _ended(self, event: Event) -> None:
        self._part(id_of(event))

    def _part(self, id: str) -> None:
        """One of two has gone: so goes the other."""
        self.lines.pop(id, None)
        leg = self.legs.pop(id, None)
        other = self.pairs.pop(id, "")
        if other:
            self.pairs.pop(other, None)
            self._hang_up(other)
        if leg is not None or other:
            of = leg["of"] if leg and leg["of"] else id
            self.ari.try_to("DELETE", f"bridges/{OURS}{of}")

    def _hang_up(self, id: str) -> None:
        if (line := self.lines.get(id)) is not None:
            line.step = "leaving"
        self.ari.try_to("DELETE", channel(id), reason="normal")

    _acts: Mapping[str, Any] = {
        "StasisStart": _started, "PlaybackFinished": _played, "ChannelDtmfReceived": _pressed,
        "RecordingFinished": _recorded, "RecordingFailed": _recorded, "StasisEnd": _ended, "ChannelDestroyed": _ended,
    }  # fmt: skip


KEPT = frozenset({"StasisStart", "StasisEnd", "ChannelDtmfReceived", "ChannelEnteredBridge", "ChannelLeftBridge",
                  "ChannelDestroyed", "RecordingFinished"})  # fmt: skip


def held(ari: Ari) -> tuple[str, ...]:
    """The calls that are with us now; none while nobody listens. Raises ChannelError."""
    try:
        return loose.texts(ari.ask("GET", f"applications/{ari.app}").get("channel_ids"))
    except ChannelError as error:
        if error.reason == "gone":
            return ()
        raise


def wait_seconds(connection: Connection) -> int:
    """How long a caller waits for somebody before they may choose."""
    return min(loose.count(connection.config.get("wait_seconds")) or 0, 600)
