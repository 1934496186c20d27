"""What is called on a Matrix server: https://spec.matrix.org/latest/client-server-api/"""

from __future__ import annotations

from typing import Any

from netcenter.street.networks.base import (
    Asked,
    File,
    Refused,
    Said,
    anything,
    number,
    one_of,
    pattern,
    route,
    text,
)
from netcenter.street.networks.matrix.people import Told, Town, no

V3 = "/_matrix/client/v3"
RELATES = {"rel_type?": one_of("m.thread", "m.replace"), "event_id?": str, "is_falling_back?": bool,
           "m.in_reply_to?": {"event_id": str}}  # fmt: skip
MESSAGE = {
    "msgtype": one_of("m.text", "m.notice", "m.image", "m.video", "m.audio", "m.file"), "body": text(60_000, 0),
    "m.relates_to?": RELATES, "m.mentions?": {"user_ids?": [pattern("@.+:.+")]}, "url?": pattern("mxc://.+/.+"),
    "filename?": text(255), "info?": {"mimetype": str, "size": int}, "m.new_content?": {"msgtype": str, "body": str},
}  # fmt: skip


class MatrixServer(Town):
    """The calls of the brand's account."""

    # --- in the network's own words -------------------------------------------------------------------

    def refusal(self, refused: Refused) -> Said:
        status, code = {
            "route": (404, "M_UNRECOGNIZED"), "method": (405, "M_UNRECOGNIZED"), "no token": (401, "M_MISSING_TOKEN"),
            "bad token": (401, "M_UNKNOWN_TOKEN"), "expired": (401, "M_UNKNOWN_TOKEN"), "body": (400, "M_NOT_JSON"),
            "rate": (429, "M_LIMIT_EXCEEDED"), "storm": (503, "M_UNKNOWN"),
        }.get(refused.why, (400, "M_BAD_JSON"))  # fmt: skip
        told: Told = {"errcode": code, "error": refused.detail or refused.why}
        if refused.why == "expired":
            told["soft_logout"] = True
        if status == 429 or refused.detail == "429":
            told |= {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 2500}
        return Said(status, told)

    def _mine(self, asked: Asked) -> str:
        """The room of a call, in which the brand must be."""
        room = asked.path["room"].replace("%21", "!").replace("%3A", ":")
        if self.membership(room, self.care) != "join":
            raise no(403, "M_FORBIDDEN", f"User {self.care} not in room {room}")
        return room

    def _id(self, asked: Asked, name: str = "event") -> str:
        return asked.path[name].replace("%24", "$").replace("%40", "@").replace("%3A", ":")

    # --- signing in -----------------------------------------------------------------------------------

    @route("GET", "/.well-known/matrix/client", open=True)
    def well_known(self, asked: Asked) -> Any:
        return {"m.homeserver": {"base_url": f"{self.url}/"}}

    @route("GET", "/_matrix/client/versions", open=True)
    def versions(self, asked: Asked) -> Any:
        return {"versions": ["v1.1", "v1.11", "v1.12"]}

    @route("GET", f"{V3}/login", open=True)
    def flows(self, asked: Asked) -> Any:
        return {"flows": [{"type": "m.login.password"}, *([{"type": "m.login.sso"}] if self.sso else [])]}

    @route("POST", f"{V3}/login", open=True, json={
        "type": one_of("m.login.password", "m.login.token"), "identifier?": {"type": one_of("m.id.user"), "user": str},
        "password?": str, "token?": str, "device_id?": str, "initial_device_display_name?": str, "refresh_token?": bool,
    })  # fmt: skip
    def login(self, asked: Asked) -> Any:
        told = asked.fields
        by_password = told.get("password") == self.password and told.get("identifier", {}).get("user") in (
            "care",
            self.care,
        )
        if not by_password and told.get("token") != "sso-made-up":
            raise no(403, "M_FORBIDDEN", "Invalid username or password")
        return self._issue(told.get("device_id", "DEVICE"))

    @route("POST", f"{V3}/refresh", open=True, json={"refresh_token": str})
    def refresh(self, asked: Asked) -> Any:
        device = self.refreshes.pop(asked.fields["refresh_token"], "")
        if not device:
            raise no(401, "M_UNKNOWN_TOKEN", "Unrecognised refresh token")
        return self._issue(device)

    def _issue(self, device: str) -> Told:
        n = next(self._ids)
        ends = None if self.lifetime is None else self.now() + self.lifetime
        for token in list(self.tokens._known.values()):
            if token.facts.get("device") == device:
                token.is_revoked = True
        self.tokens.issue(f"syt_{n}", of=self.care, expires_at=ends, device=device)
        self.refreshes[f"syr_{n}"] = device
        told: Told = {
            "user_id": self.care,
            "access_token": f"syt_{n}",
            "device_id": device,
            "refresh_token": f"syr_{n}",
        }
        return told if ends is None else {**told, "expires_in_ms": int(self.lifetime or 0) * 1000}

    @route("GET", f"{V3}/account/whoami")
    def whoami(self, asked: Asked) -> Any:
        return {"user_id": self.care, "device_id": asked.who.facts.get("device", "DEVICE")}

    @route("GET", V3 + "/profile/{user}")
    def profile(self, asked: Asked) -> Any:
        name = self._id(asked, "user")[1:].partition(":")[0]
        if name == "nobody":
            raise no(404, "M_NOT_FOUND", "Profile was not found")
        return {"displayname": name.title()}

    # --- hearing --------------------------------------------------------------------------------------

    @route("GET", f"{V3}/sync", query={
        "since?": str, "timeout?": number(0, 60_000), "filter?": anything, "set_presence?": one_of("offline", "online"),
    })  # fmt: skip
    def sync(self, asked: Asked) -> Any:
        since = int(asked.query["since"].removeprefix("s")) if "since" in asked.query else None
        fresh = [(n, room, event) for n, (room, event) in enumerate(self.stream[since or 0 :], since or 0)]
        joined: Told = {}
        invited: Told = {}
        left: Told = {}
        for room in dict.fromkeys(room for _n, room, _event in fresh):
            state, events = self.membership(room, self.care), [(n, e) for n, r, e in fresh if r == room]
            if state == "join":
                if any(e.get("state_key") == self.care for _n, e in events):  # of a new room all is shown
                    events = list(self.places[room])
                shown = events[-self.timeline :]
                joined[room] = {
                    "timeline": {"events": [self._shown(e, asked) for _n, e in shown],
                                 "limited": len(shown) < len(events), "prev_batch": f"t{shown[0][0]}"},
                    "state": {"events": [e for e in self.rooms[room] if e["type"] == "m.room.member"]},
                    "ephemeral": {"events": []},
                }  # fmt: skip
            elif state == "invite":
                mine = [e for e in self.rooms[room] if e.get("state_key") == self.care]
                invited[room] = {"invite_state": {"events": mine[-1:]}}
            elif state == "leave":
                left[room] = {"timeline": {"events": [e for _n, e in events]}}
        for n, room, told in self.receipts:
            if (since is None or n >= since) and self.membership(room, self.care) == "join":
                one = joined.setdefault(room, {"timeline": {"events": []}, "ephemeral": {"events": []}})
                one["ephemeral"]["events"].append({"type": "m.receipt", "content": told})
        self.receipts = [(n, room, told) for n, room, told in self.receipts if n >= len(self.stream)]
        return {"next_batch": f"s{len(self.stream)}", "rooms": {"join": joined, "invite": invited, "leave": left}}

    def _shown(self, event: Told, asked: Asked) -> Told:
        """With the transaction id, for the device that sent it."""
        key = event.get("unsigned", {}).get("transaction_id")
        mine = event.get("device") == asked.who.facts.get("device")
        shown = {name: value for name, value in event.items() if name not in ("device", "unsigned")}
        return {**shown, "unsigned": {"age": 5, **({"transaction_id": key} if key and mine else {})}}

    @route("GET", V3 + "/joined_rooms")
    def joined_rooms(self, asked: Asked) -> Any:
        return {"joined_rooms": [room for room in self.rooms if self.membership(room, self.care) == "join"]}

    @route("GET", V3 + "/rooms/{room}/messages", query={
        "dir": one_of("b"), "limit?": number(1, 1000), "from?": pattern(r"[st]\d+"), "to?": pattern(r"[st]\d+"),
    })  # fmt: skip
    def messages(self, asked: Asked) -> Any:
        room, query = self._mine(asked), asked.query
        start = int(query["from"][1:]) if "from" in query else len(self.stream)
        end = int(query["to"][1:]) if "to" in query else 0
        found = [(n, e) for n, e in self.places[room] if end <= n < start][::-1]
        shown = found[: int(query.get("limit", 10))]
        told: Told = {"start": f"t{start}", "chunk": [self._shown(e, asked) for _n, e in shown], "state": []}
        return {**told, "end": f"t{shown[-1][0]}"} if shown and len(shown) < len(found) else told

    @route("GET", V3 + "/rooms/{room}/event/{event}")
    def event(self, asked: Asked) -> Any:
        return self._shown(self._known(self._mine(asked), self._id(asked)), asked)

    @route("GET", V3 + "/rooms/{room}/state/{kind}")
    def state(self, asked: Asked) -> Any:
        found = [e["content"] for e in self.rooms[self._mine(asked)] if e["type"] == asked.path["kind"]]
        if not found:
            raise no(404, "M_NOT_FOUND", "Event not found.")
        return found[-1]

    @route("POST", V3 + "/join/{room}", json={})
    def join(self, asked: Asked) -> Any:
        room = asked.path["room"].replace("%21", "!").replace("%3A", ":")
        if self.membership(room, self.care) not in ("invite", "join"):
            raise no(403, "M_FORBIDDEN", "You are not invited to this room.")
        if self.membership(room, self.care) != "join":
            self._member(room, self.care, self.care, "join")
        return {"room_id": room}

    # --- speaking -------------------------------------------------------------------------------------

    def _once(self, asked: Asked, room: str, kind: str, content: Told, **more: Any) -> Told:
        """The same transaction of the same device is the same event."""
        device = asked.who.facts.get("device", "")
        name = (device, f"{room}/{kind}", asked.path["txn"])
        if name not in self.sent:
            left = self.limits.spend("events", self.care)
            wait = int(1000 * (left.resets_at - self.now()))
            if left.is_over:
                raise no(
                    429,
                    "M_LIMIT_EXCEEDED",
                    "Too Many Requests",
                    retry_after_ms=wait,
                )
            unsigned = {"transaction_id": asked.path["txn"]}
            self.sent[name] = self._event(room, self.care, kind, content, unsigned=unsigned, device=device, **more)
        return {"event_id": self.sent[name]}

    @route("PUT", V3 + "/rooms/{room}/send/m.room.message/{txn}", json=MESSAGE)
    def send(self, asked: Asked) -> Any:
        room, told = self._mine(asked), asked.fields
        relates = told.get("m.relates_to", {})
        if target := relates.get("event_id"):
            self._known(room, target)
        new = asked.path["txn"] not in self.truth._by_key
        made = self._once(asked, room, "m.room.message", told)
        if relates.get("rel_type") == "m.replace":
            self.truth.edit(relates["event_id"], told["m.new_content"]["body"])
        elif new:
            self.truth.replied(room, told["body"], key=asked.path["txn"], id=made["event_id"], told=told)
        return made

    @route("PUT", V3 + "/rooms/{room}/send/m.reaction/{txn}",
           json={"m.relates_to": {"rel_type": one_of("m.annotation"), "event_id": str, "key": text(100)}})  # fmt: skip
    def react_to(self, asked: Asked) -> Any:
        room, relates = self._mine(asked), asked.fields["m.relates_to"]
        same = [e for e in self.rooms[room] if e["sender"] == self.care and e["content"] == asked.fields]
        if same and same[-1].get("unsigned", {}).get("transaction_id") != asked.path["txn"]:
            raise no(400, "M_DUPLICATE_ANNOTATION", "Can't send same reaction twice")
        self._known(room, relates["event_id"])
        return self._once(asked, room, "m.reaction", asked.fields)

    @route(
        "GET",
        "/_matrix/client/v1/rooms/{room}/relations/{event}/m.annotation/m.reaction",
        query={"limit?": number(1, 100)},
    )
    def relations(self, asked: Asked) -> Any:
        room, target = self._mine(asked), self._id(asked)
        found = [e for e in self.rooms[room] if e["content"].get("m.relates_to", {}).get("event_id") == target]
        return {"chunk": [self._shown(e, asked) for e in found if e["type"] == "m.reaction"]}

    @route("POST", V3 + "/rooms/{room}/ban", json={"user_id": str, "reason?": str})
    def ban(self, asked: Asked) -> Any:
        return self._judged(asked, "ban")

    @route("POST", V3 + "/rooms/{room}/unban", json={"user_id": str, "reason?": str})
    def unban(self, asked: Asked) -> Any:
        if self.membership(self._mine(asked), asked.fields["user_id"]) != "ban":
            raise no(403, "M_FORBIDDEN", "Cannot unban user who was not banned")
        return self._judged(asked, "leave")

    def _judged(self, asked: Asked, membership: str) -> Any:
        room, who = self._mine(asked), asked.fields["user_id"]
        if self.rooms[room][0]["sender"] != self.care:
            raise no(403, "M_FORBIDDEN", "You don't have permission to ban")
        self._member(room, self.care, who, membership)
        return {}

    @route("PUT", V3 + "/rooms/{room}/redact/{event}/{txn}", json={"reason?": str})
    def redact_it(self, asked: Asked) -> Any:
        room, target = self._mine(asked), self._id(asked)
        one = self._known(room, target)
        if one["sender"] != self.care and self.rooms[room][0]["sender"] != self.care:
            raise no(403, "M_FORBIDDEN", "You don't have permission to redact events")
        made = self._once(asked, room, "m.room.redaction", {"redacts": target}, redacts=target)
        one["content"] = {}
        if self.truth.get(target):
            self.truth.delete(target)
        return made

    @route("PUT", V3 + "/rooms/{room}/typing/{user}", json={"typing": bool, "timeout?": int})
    def type(self, asked: Asked) -> Any:
        self.typing.append(self._mine(asked))
        return {}

    @route("POST", V3 + "/rooms/{room}/receipt/m.read/{event}", json={})
    def receipt(self, asked: Asked) -> Any:
        self._known(self._mine(asked), self._id(asked))
        return {}

    # --- media ----------------------------------------------------------------------------------------

    def answer(self, asked: Asked) -> Said | None:
        """An upload is bytes as they are."""
        if asked.method == "POST" and asked.url.startswith("/_matrix/media/v3/upload"):
            kept = File(asked.query.pop("filename", "file"), asked.headers.get("content-type", ""), asked.body)
            asked.body, asked.headers = b"", {**asked.headers, "content-type": ""}
            asked.files["file"] = kept
        return super().answer(asked)

    @route("POST", "/_matrix/media/v3/upload")
    def upload(self, asked: Asked) -> Any:
        if len(asked.files["file"].content) > 50 * 2**20:
            raise no(413, "M_TOO_LARGE", "Upload request body is too large")
        return {"content_uri": self.keep(asked.files["file"])}

    @route("GET", "/_matrix/client/v1/media/download/{home}/{id}")
    def download(self, asked: Asked) -> Any:
        file = self.media.get(asked.path["id"])
        if file is None:
            raise no(404, "M_NOT_FOUND", "Not found")
        return Said(200, file.content, mime=file.mime)
