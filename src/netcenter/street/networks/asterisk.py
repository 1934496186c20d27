"""A switchboard: Asterisk's REST interface as strict as the real one, with a line of events beside it.

https://docs.asterisk.org/Latest_API/API_Documentation/Asterisk_REST_Interface/
"""

from __future__ import annotations

import json
import re
import threading
import time
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from netcenter.street.networks.base import Asked, Network, Rate, Refused, Said, Weather, number, one_of, route, text

APP = {"app": str}
SOUNDS = {"one-moment-please", "tt-allbusy", "vm-press", "digits/1", "vm-intro", "auth-thankyou", "vm-goodbye"}
WORDS = {"route": "Resource not found", "method": "Invalid method", "no token": "Authentication required",
         "bad token": "Authentication required", "expired": "Authentication required"}  # fmt: skip


@dataclass
class Leg:
    """A channel: a caller's, or one that the API makes."""

    id: str
    endpoint: str
    number: str = ""
    name: str = ""
    state: str = "Ring"
    args: list[str] = field(default_factory=list)
    in_app: bool = False
    ours: bool = False  # made by the API
    playing: dict[str, str] = field(default_factory=dict)  # playback id -> media
    heard: list[str] = field(default_factory=list)
    moh: bool = False
    recording: str = ""
    bridge: str = ""
    begun_at: float = 0.0


class Switchboard(Network):
    """Asterisk."""

    rates = {"calls": Rate(1000, 1)}

    def __init__(self, now: Callable[[], float] = time.time, weather: Weather | None = None) -> None:
        super().__init__(now, weather)
        self.legs: dict[str, Leg] = {}
        self.bridges: dict[str, dict[str, Any]] = {}
        self.stored: dict[str, bytes] = {}
        self.sounds = set(SOUNDS)
        self.endpoints = re.compile(r"PJSIP/[\w.+-]+(@trunk)?")
        self.tokens.issue("netcenter:pw", of="netcenter")
        self._lines: dict[Any, list[str] | None] = {}  # what is told before the line is open; None once it is
        self._telling = threading.RLock()
        self._server: Any = None
        self._count = 0

    # --- the line of events -----------------------------------------------------------------------

    def start(self) -> Any:
        from websockets.sync.server import serve

        self._server = serve(self._attend, "127.0.0.1", 0, process_request=self._admit_line)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return super().start()

    def stop(self) -> None:
        self.breaks()
        if self._server:
            self._server.shutdown()
            self._server = None
        super().stop()

    @property
    def events_url(self) -> str:
        return f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}/ari"

    def _admit_line(self, line: Any, request: Any) -> Any:
        proof = request.headers.get("Authorization", "").partition(" ")[2]
        if b64decode(proof or "").decode() not in ("netcenter:pw",):
            return line.respond(401, "Authentication required\n")
        if request.path != "/ari/events?app=netcenter":
            return line.respond(400, "no app\n")
        with self._telling:  # the application is there before the line opens, as in the real one
            self._lines[line] = []
        return None

    def _attend(self, line: Any) -> None:
        with self._telling:
            for told in self._lines.get(line) or ():
                line.send(told)
            self._lines[line] = None
        try:
            for _frame in line:
                pass
        finally:
            self._lines.pop(line, None)

    def listens(self) -> bool:
        """Whether somebody listens for the application."""
        return bool(self._lines)

    def breaks(self) -> None:
        """Every line breaks."""
        for line in list(self._lines):
            line.close()
        self._lines.clear()

    def tell(self, kind: str, **more: Any) -> None:
        at = datetime.fromtimestamp(self.now(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"
        told = {"type": kind, "timestamp": at, "asterisk_id": "00:00:5e:00:53:01", "application": "netcenter", **more}
        with self._telling:
            for line, early in list(self._lines.items()):
                line.send(json.dumps(told)) if early is None else early.append(json.dumps(told))

    def shown(self, leg: Leg) -> dict[str, Any]:
        at = datetime.fromtimestamp(leg.begun_at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"
        return {"id": leg.id, "name": f"{leg.endpoint}-0001", "state": leg.state, "protocol_id": "x",
                "caller": {"name": leg.name, "number": leg.number}, "connected": {"name": "", "number": ""},
                "accountcode": "", "dialplan": {"context": "in", "exten": "200", "priority": 1, "app_name": "Stasis",
                "app_data": "netcenter"}, "creationtime": at, "language": "es"}  # fmt: skip

    # --- what people do ---------------------------------------------------------------------------

    def rings(self, number: str, name: str = "") -> Leg:
        """Somebody calls; without a line to us the dialplan goes on without us."""
        self._count += 1
        leg = Leg(f"{int(self.now())}.{self._count}", "PJSIP/trunk", number, name, begun_at=self.now())
        self.legs[leg.id] = leg
        self.truth.said(number, number, "", leg.id)
        self._enter(leg)
        return leg

    def _enter(self, leg: Leg) -> None:
        leg.in_app = self.listens()
        if leg.in_app:
            self.tell("StasisStart", args=leg.args, channel=self.shown(leg))

    def presses(self, leg: Leg, digit: str) -> None:
        self.tell("ChannelDtmfReceived", digit=digit, duration_ms=100, channel=self.shown(leg))

    def played(self, leg: Leg) -> str:
        """What plays comes to its end."""
        id, media = leg.playing.popitem()
        leg.heard.append(media)
        self.tell("PlaybackFinished", playback={"id": id, "media_uri": media, "target_uri": f"channel:{leg.id}",
                                                "state": "done", "language": "es"})  # fmt: skip
        return media

    def speaks(self, leg: Leg, sound: bytes) -> None:
        """After the tone."""
        name, leg.recording = leg.recording, ""
        self.stored[name] = sound
        self.tell("RecordingFinished", recording={"name": name, "format": "wav", "state": "done",
                  "target_uri": f"channel:{leg.id}", "duration": len(sound) // 100})  # fmt: skip

    def picks_up(self, leg: Leg) -> None:
        leg.state = "Up"
        self.tell("ChannelStateChange", channel=self.shown(leg))
        self._enter(leg)

    def hangs_up(self, leg: Leg, cause: int = 16) -> None:
        if leg.id not in self.legs:
            return
        del self.legs[leg.id]
        self.tell("ChannelHangupRequest", cause=cause, channel=self.shown(leg))
        if leg.bridge:
            bridge = self.bridges.get(leg.bridge)
            if bridge:
                bridge["channels"].remove(leg.id)
            self.tell("ChannelLeftBridge", bridge=bridge or {"id": leg.bridge}, channel=self.shown(leg))
        if leg.in_app:
            self.tell("StasisEnd", channel=self.shown(leg))
        if leg.ours:
            self.tell("ChannelDestroyed", cause=cause, cause_txt="x", channel=self.shown(leg))

    # --- the interface ----------------------------------------------------------------------------

    def credential(self, asked: Asked) -> str:
        kind, _space, value = asked.headers.get("authorization", "").partition(" ")
        return b64decode(value).decode() if kind.lower() == "basic" else ""

    def refusal(self, refused: Refused) -> Said:
        status = {"no token": 401, "bad token": 401, "expired": 401, "route": 404, "method": 405, "storm": 503}
        words = WORDS.get(refused.why, refused.detail)
        return Said(status.get(refused.why, 400), {"message": words})

    def _leg(self, asked: Asked) -> Leg:
        leg = self.legs.get(asked.path["channel"])
        if leg is None:
            raise Refused("route", said=Said(404, {"message": "Channel not found"}))
        if not leg.in_app and asked.method not in ("GET", "DELETE"):
            raise Refused("other", said=Said(409, {"message": "Channel not in Stasis application"}))
        return leg

    @route("GET", "/asterisk/info", bucket="calls")
    def info(self, asked: Asked) -> Any:
        return {"system": {"version": "22.1.0", "entity_id": "00:00:5e:00:53:01"}}

    @route("GET", "/applications/{app}", bucket="calls")
    def application(self, asked: Asked) -> Any:
        if asked.path["app"] != "netcenter" or not self.listens():
            raise Refused("route", said=Said(404, {"message": "Application not found"}))
        held = [leg.id for leg in self.legs.values() if leg.in_app]
        return {"name": "netcenter", "channel_ids": held, "bridge_ids": list(self.bridges), "endpoint_ids": [],
                "device_names": []}  # fmt: skip

    @route("GET", "/channels/{channel}", bucket="calls")
    def one(self, asked: Asked) -> Any:
        return self.shown(self._leg(asked))

    @route("POST", "/channels", bucket="calls", query={
        "endpoint": str, "app": one_of("netcenter"), "appArgs": str, "channelId": text(149), "callerId?": text(None, 0),
        "timeout?": number(-1, 600)})  # fmt: skip
    def originate(self, asked: Asked) -> Any:
        told = asked.query
        if told["channelId"] in self.legs:
            raise Refused("other", said=Said(409, {"message": "Channel with given unique ID already exists"}))
        if not self.endpoints.fullmatch(told["endpoint"]):
            raise Refused("other", said=Said(400, {"message": "Allocation failed: no such endpoint"}))
        leg = Leg(told["channelId"], told["endpoint"], ours=True, args=told["appArgs"].split(","), begun_at=self.now())
        self.legs[leg.id] = leg
        self.truth.replied(told["endpoint"], "call", id=leg.id)
        return self.shown(leg)

    @route("DELETE", "/channels/{channel}", bucket="calls", query={"reason?": one_of("normal", "busy", "no_answer")})
    def hang_up(self, asked: Asked) -> Any:
        self.hangs_up(self._leg(asked))
        return Said(204)

    @route("POST", "/channels/{channel}/answer", bucket="calls")
    def answer_call(self, asked: Asked) -> Any:
        self._leg(asked).state = "Up"
        return Said(204)

    @route("POST", "/channels/{channel}/play", bucket="calls", query={
        "media": str, "playbackId": str, "lang?": one_of("es", "en", "pt")})  # fmt: skip
    def play(self, asked: Asked) -> Any:
        leg, media = self._leg(asked), asked.query["media"]
        if not all(one.partition(":")[0] in ("sound", "recording", "tone") for one in media.split(",")):
            raise Refused("other", said=Said(400, {"message": "Unknown media URI"}))
        leg.playing[asked.query["playbackId"]] = media
        return Said(201, {"id": asked.query["playbackId"], "media_uri": media, "state": "queued"})

    @route("DELETE", "/playbacks/{playback}", bucket="calls")
    def stop_playback(self, asked: Asked) -> Any:
        for leg in self.legs.values():
            if media := leg.playing.pop(asked.path["playback"], None):
                leg.heard.append(f"{media}…")
                told = {"id": asked.path["playback"], "media_uri": media, "state": "done"}
                self.tell("PlaybackFinished", playback=told)
                return Said(204)
        raise Refused("route", said=Said(404, {"message": "The playback cannot be found"}))

    @route("POST", "/channels/{channel}/moh", bucket="calls", query={"mohClass?": str})
    def moh(self, asked: Asked) -> Any:
        self._leg(asked).moh = True
        return Said(204)

    @route("DELETE", "/channels/{channel}/moh", bucket="calls")
    def no_moh(self, asked: Asked) -> Any:
        self._leg(asked).moh = False
        return Said(204)

    @route("POST", "/channels/{channel}/ring", bucket="calls")
    @route("DELETE", "/channels/{channel}/ring", bucket="calls")
    def ringing(self, asked: Asked) -> Any:
        self._leg(asked)
        return Said(204)

    @route("POST", "/channels/{channel}/record", bucket="calls", query={
        "name": text(200), "format": one_of("wav", "gsm", "ulaw"), "maxDurationSeconds?": number(0, 3600),
        "maxSilenceSeconds?": number(0, 600), "ifExists?": one_of("fail", "overwrite", "append"), "beep?": bool,
        "terminateOn?": one_of("none", "any", "*", "#")})  # fmt: skip
    def record(self, asked: Asked) -> Any:
        leg = self._leg(asked)
        leg.recording = asked.query["name"]
        return Said(201, {"name": leg.recording, "state": "queued", "format": "wav"})

    @route("POST", "/bridges/{bridge}", bucket="calls", query={"type?": str, "name?": text(None, 0)})
    def bridge(self, asked: Asked) -> Any:
        id = asked.path["bridge"]
        return self.bridges.setdefault(id, {"id": id, "name": asked.query.get("name", ""), "channels": [],
                                            "technology": "simple_bridge", "bridge_type": "mixing"})  # fmt: skip

    @route("POST", "/bridges/{bridge}/addChannel", bucket="calls", query={"channel": str})
    def add(self, asked: Asked) -> Any:
        bridge = self.bridges.get(asked.path["bridge"])
        leg = self.legs.get(asked.query["channel"])
        if bridge is None or leg is None or not leg.in_app:
            raise Refused("other", said=Said(404 if bridge is None else 400, {"message": "Channel not found"}))
        bridge["channels"].append(leg.id)
        leg.bridge = bridge["id"]
        self.tell("ChannelEnteredBridge", bridge=bridge, channel=self.shown(leg))
        return Said(204)

    @route("DELETE", "/bridges/{bridge}", bucket="calls")
    def no_bridge(self, asked: Asked) -> Any:
        if self.bridges.pop(asked.path["bridge"], None) is None:
            raise Refused("route", said=Said(404, {"message": "Bridge not found"}))
        return Said(204)

    @route("GET", "/recordings/stored", bucket="calls")
    def recordings(self, asked: Asked) -> Any:
        return [{"name": name, "format": "wav"} for name in self.stored]

    @route("GET", "/recordings/stored/{name}/file", bucket="calls")
    def recording_file(self, asked: Asked) -> Any:
        if asked.path["name"] not in self.stored:
            raise Refused("route", said=Said(404, {"message": "Recording not found"}))
        return Said(200, self.stored[asked.path["name"]], mime="audio/x-wav")

    @route("GET", "/sounds/{sound}", bucket="calls")
    def sound(self, asked: Asked) -> Any:
        name = unquote(asked.path["sound"])
        if name not in self.sounds:
            raise Refused("route", said=Said(404, {"message": "Sound not found"}))
        return {"id": name, "formats": [{"language": "es", "format": "gsm"}]}
