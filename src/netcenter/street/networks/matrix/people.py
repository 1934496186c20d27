"""Rooms of Matrix, and what people do in them: the part that a channel does not call."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any, ClassVar

from netcenter.street.networks.base import File, Network, Rate, Refused, Said

Told = dict[str, Any]
HOME = "street.example"


def no(status: int, code: str, words: str, **more: Any) -> Refused:
    """A refusal in Matrix's words."""
    return Refused("other", words, said=Said(status, {"errcode": code, "error": words, **more}))


class Town(Network):
    """Rooms and people; `care` is the brand's account."""

    rates: ClassVar[Mapping[str, Rate]] = {"events": Rate(10, 50)}
    care, password = f"@care:{HOME}", "made-up"

    def __init__(self, *more: Any, **named: Any) -> None:
        super().__init__(*more, **named)
        self.rooms: dict[str, list[Told]] = {}
        self.stream: list[tuple[str, Told]] = []  # room and event, in the order in which they came
        self.places: dict[str, list[tuple[int, Told]]] = {}  # by room: the place in that order, and the event
        self.members: dict[tuple[str, str], str] = {}  # membership by room and user
        self.receipts: list[tuple[int, str, Told]] = []
        self.media: dict[str, File] = {}
        self.typing: list[str] = []
        self.sent: dict[tuple[str, str, str], str] = {}  # device, path, transaction -> event
        self.refreshes: dict[str, str] = {}  # refresh token -> device
        self.lifetime: float | None = None  # seconds that a token is good for
        self.timeline = 50  # events of one room in a sync
        self.sso = False
        self._ids = itertools.count(1)

    # --- what people do -------------------------------------------------------------------------------

    def user(self, name: str) -> str:
        return f"@{name}:{HOME}"

    def room(self, by: str, *invited: str, rule: str = "invite", title: str = "", encrypted: bool = False) -> str:
        """Somebody makes a room."""
        room = f"!r{next(self._ids)}:{HOME}"
        self.rooms[room] = []
        self._state(room, by, "m.room.create", {"room_version": "11"})
        self._member(room, by, by, "join")
        self._state(room, by, "m.room.join_rules", {"join_rule": rule})
        if title:
            self._state(room, by, "m.room.name", {"name": title})
        if encrypted:
            self._state(room, by, "m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"})
        for who in invited:
            self._member(room, by, who, "invite")
        return room

    def come(self, room: str, who: str) -> None:
        self._member(room, who, who, "join")

    def throw_out(self, room: str, by: str, who: str) -> None:
        self._member(room, by, who, "leave")

    def say(self, room: str, by: str, body: str, **more: Any) -> str:
        """A message; `more` is more of its content."""
        id = self._event(room, by, more.pop("kind", "m.room.message"), {"msgtype": "m.text", "body": body, **more})
        if by != self.care and "m.relates_to" not in more:
            self.truth.said(by, room, body, id)
        return id

    def edit(self, room: str, by: str, target: str, body: str) -> str:
        fresh = {"msgtype": "m.text", "body": body}
        relates = {"rel_type": "m.replace", "event_id": target}
        if self._known(room, target)["sender"] == by and self.truth.get(target):
            self.truth.edit(target, body)
        return self._event(room, by, "m.room.message", {
            **fresh, "body": f"* {body}", "m.new_content": fresh, "m.relates_to": relates})  # fmt: skip

    def react(self, room: str, by: str, target: str, key: str) -> str:
        return self._event(room, by, "m.reaction", {"m.relates_to": {
            "rel_type": "m.annotation", "event_id": target, "key": key}})  # fmt: skip

    def redact(self, room: str, by: str, target: str) -> str:
        one = self._known(room, target)
        one["content"] = {}
        if self.truth.get(target):
            self.truth.delete(target)
        return self._event(room, by, "m.room.redaction", {"redacts": target}, redacts=target)

    def read(self, room: str, by: str, target: str) -> None:
        told = {target: {"m.read": {by: {"ts": int(self.now() * 1000)}}}}
        self.receipts.append((len(self.stream), room, told))

    def keep(self, file: File) -> str:
        name = f"m{len(self.media)}"
        self.media[name] = file
        return f"mxc://{HOME}/{name}"

    # --- its own record -------------------------------------------------------------------------------

    def _event(self, room: str, by: str, kind: str, content: Told, **more: Any) -> str:
        id = f"${next(self._ids)}"
        event = {"event_id": id, "type": kind, "sender": by, "content": content, "room_id": room,
                 "origin_server_ts": int(self.now() * 1000), **more}  # fmt: skip
        self.rooms[room].append(event)
        self.places.setdefault(room, []).append((len(self.stream), event))
        self.stream.append((room, event))
        return id

    def _state(self, room: str, by: str, kind: str, content: Told, key: str = "") -> None:
        self._event(room, by, kind, content, state_key=key)

    def _member(self, room: str, by: str, who: str, membership: str) -> None:
        name = who[1:].partition(":")[0].title()
        self._state(room, by, "m.room.member", {"membership": membership, "displayname": name}, who)
        self.members[room, who] = membership

    def membership(self, room: str, who: str) -> str:
        return self.members.get((room, who), "")

    def _known(self, room: str, id: str) -> Told:
        found = next((event for event in self.rooms[room] if event["event_id"] == id), None)
        if found is None:
            raise no(404, "M_NOT_FOUND", "Event not found.")
        return found
