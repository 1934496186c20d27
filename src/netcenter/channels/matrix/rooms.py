"""What is known of a room while its events are cut out of a sync, and what must be asked for beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from netcenter.channels.contract import ChannelError, Raw, loose
from netcenter.channels.matrix import wire
from netcenter.channels.matrix.content import SAID
from netcenter.channels.matrix.wire import Server

Told = Mapping[str, Any]

MOST = 2000  # rooms of which we know what they are without asking, the latest
MOST_REACTIONS, MOST_OURS = 500, 300  # of which we know whose they are, the latest
OPEN = (
    "public",
    "knock",
    "restricted",
    "knock_restricted",
)  # https://spec.matrix.org/latest/client-server-api/#mroomjoin_rules
TYPES = (*SAID, "m.room.redaction", "m.reaction", "m.room.member", "m.room.encryption")
STATE = ("m.room.join_rules", "m.room.name", "m.room.member")  # of a sync: the last of senders alone


class Rooms:
    """Cuts events out of rooms; what it learns stands in the cursor (`state`), bounded."""

    def __init__(self, api: Server, state: dict[str, Any], own: str) -> None:
        self.api, self.state, self.own = api, state, own
        self.names: dict[str, dict[str, str]] = {}  # of this sync: room -> user -> name
        for kept in ("rooms", "reactions"):
            state.setdefault(kept, {})
        state.setdefault("ours", [])

    def learn(self, room: str, events: list[Told]) -> None:
        """What state events say of a room."""
        for event in events:
            kind, content, key = event.get("type"), loose.within(event, "content"), event.get("state_key")
            if kind == "m.room.member" and isinstance(key, str):
                if name := loose.text(content.get("displayname"), 200):
                    self.names.setdefault(room, {})[key] = name
            elif kind == "m.room.name" and room in self.state["rooms"]:
                self.state["rooms"][room][1] = loose.text(content.get("name"), 200)
            elif kind == "m.room.join_rules" and room in self.state["rooms"]:
                self.state["rooms"][room][0] = int(content.get("join_rule") in OPEN)

    def about(self, room: str) -> list[Any]:
        """[whether anybody may come in, its name]: asked once."""
        known: dict[str, list[Any]] = self.state["rooms"]
        if room not in known:
            rule = loose.text(self._state(room, "m.room.join_rules").get("join_rule"), 50)
            known[room] = [int(rule in OPEN), loose.text(self._state(room, "m.room.name").get("name"), 200)]
        known[room] = known.pop(room)
        while len(known) > MOST:
            known.pop(next(iter(known)))
        return known[room]

    def cut(self, room: str, events: list[Told]) -> Iterator[Raw]:
        """Each event that says something, as a delivery of its own, oldest first."""
        self.learn(room, [event for event in events if "state_key" in event])
        for event in events:
            id, kind = event.get("event_id"), event.get("type")
            if not isinstance(id, str) or kind not in TYPES or self._is_of_no_concern(event):
                continue
            public, title = self.about(room)
            sender = loose.text(event.get("sender"), 255)
            meta: dict[str, Any] = {"room": room, "own": self.own, **({"public": True} if public else {})}
            meta |= {"title": title, "name": self.names.get(room, {}).get(sender, ""), **self._beside(room, event)}
            body = orjson.dumps({**event, "unsigned": self._unsigned(event)})
            yield Raw(body, id[:255], {name: value for name, value in meta.items() if value})

    def receipts(self, content: Told) -> Iterator[Raw]:
        """That somebody has read words of ours: https://spec.matrix.org/latest/client-server-api/#receipts"""
        for event, told in content.items():
            if event not in self.state["ours"]:
                continue
            for user, how in loose.within(told, "m.read").items():
                at = loose.count(loose.within(how).get("ts"))
                if user != self.own and at:
                    body = orjson.dumps({"type": "m.read", "event_id": event, "user": user, "ts": at})
                    yield Raw(body, f"read:{event}:{user}"[:255])

    # --- What an event is about -------------------------------------------------------------------

    def _beside(self, room: str, event: Told) -> dict[str, Any]:
        """Whose words an event answers, changes or takes back."""
        id, kind, sender = str(event["event_id"]), event.get("type"), loose.text(event.get("sender"), 255)
        relates = loose.within(event, "content", "m.relates_to")
        if kind == "m.reaction":
            self._keep_reaction(id, relates, sender)
            return {}
        if kind == "m.room.redaction":
            target = loose.text(event.get("redacts") or loose.within(event, "content").get("redacts"), 255)
            if found := self.state["reactions"].pop(target, None):
                return {"reaction": found}
            return {"about": self._sender(room, target)}
        if sender == self.own and kind in SAID:
            self.state["ours"] = [*(one for one in self.state["ours"] if one != id), id][-MOST_OURS:]
        if relates.get("rel_type") == "m.replace":
            return {"about": self._sender(room, loose.text(relates.get("event_id"), 255))}
        if answered := loose.text(loose.within(relates, "m.in_reply_to").get("event_id"), 255):
            return {"answers": self.own if answered in self.state["ours"] else self._sender(room, answered)}
        return {}

    def _keep_reaction(self, id: str, relates: Told, sender: str) -> None:
        kept: dict[str, list[str]] = self.state["reactions"]
        if not relates.get("event_id"):  # taken back before we saw it
            return
        kept[id] = [loose.text(relates.get("event_id"), 255), loose.text(relates.get("key"), 100), sender]
        while len(kept) > MOST_REACTIONS:
            kept.pop(next(iter(kept)))

    def _sender(self, room: str, event: str) -> str:
        """Who wrote that; "" when nobody knows."""
        if not event.startswith("$"):
            return ""
        try:
            told = self.api.get(wire.room_path(room, "event", event))
        except ChannelError as error:
            if not error.permanent:
                raise
            return ""
        return loose.text(loose.within(told).get("sender"), 255)

    def _is_of_no_concern(self, event: Told) -> bool:
        """Who comes and goes, but we ourselves."""
        return event.get("type") == "m.room.member" and event.get("state_key") != self.own

    def _unsigned(self, event: Told) -> dict[str, Any]:
        """Only under which key we sent it: how old it is differs with every look."""
        key = loose.within(event, "unsigned").get("transaction_id")
        return {"transaction_id": key} if isinstance(key, str) else {}

    def _state(self, room: str, kind: str) -> Told:
        try:
            return loose.within(self.api.get(wire.room_path(room, "state", kind)))
        except ChannelError as error:
            if not error.permanent:
                raise
            return {}
