"""Private messages."""

from __future__ import annotations

from typing import Any

from netcenter.street.networks.base import (
    Asked,
    Refused,
    anything,
    one_of,
    route,
    text,
)
from netcenter.street.networks.bluesky.lexicons import (
    LOG,
    PAGE,
    REF,
    graphemes,
    no,
)
from netcenter.street.networks.bluesky.repos import Repos


class Chat(Repos):
    """chat.bsky.convo"""

    @route("GET", "/xrpc/chat.bsky.convo.getLog", rights=("chat",), bucket="calls", query={"cursor?": text(100)})
    def get_log(self, asked: Asked) -> Any:
        after = asked.query.get("cursor", "")
        told = [one for one in self.log if one["rev"] > after][:50]
        return {"logs": told, "cursor": told[-1]["rev"] if told else after}

    @route(
        "GET",
        "/xrpc/chat.bsky.convo.listConvos",
        rights=("chat",),
        bucket="calls",
        query={**PAGE, "readState?": str, "status?": str, "kind?": str, "lockStatus?": str},
    )
    def list_convos(self, asked: Asked) -> Any:
        told = sorted((c for c in self.convos.values() if c["messages"]), key=lambda c: c["rev"], reverse=True)
        page = self._page(asked, told, "convos", lambda c: c["rev"])
        return {**page, "convos": [self._convo_view(convo) for convo in page["convos"]]}

    @route("GET", "/xrpc/chat.bsky.convo.getMessages", rights=("chat",), bucket="calls", query={**PAGE, "convoId": str})
    def messages(self, asked: Asked) -> Any:
        if asked.query["convoId"] not in self.convos:
            raise no("InvalidConvo", "Convo not found")
        return self._page(asked, self.convos[asked.query["convoId"]]["messages"][::-1], "messages", lambda m: m["rev"])

    @route("GET", "/xrpc/chat.bsky.convo.getConvoForMembers", rights=("chat",), bucket="calls", query={"members": str})
    def for_members(self, asked: Asked) -> Any:
        if why := self.closed.get(asked.query["members"]):
            raise no(why, "recipient has disabled incoming messages")
        if asked.query["members"] not in self.handles:
            raise no("RecipientNotFound", "recipient not found")
        return {"convo": self._convo_view(self.convos[self._convo(asked.query["members"])])}

    @route(
        "POST",
        "/xrpc/chat.bsky.convo.sendMessage",
        rights=("chat",),
        bucket="calls",
        json={
            "convoId": str,
            "message": {
                "text": text(10_000, size=lambda t: len(t.encode())),
                "facets?": [anything],
                "embed?": {"$type": one_of("app.bsky.embed.record"), "record": REF},
            },
        },
    )
    def send_message(self, asked: Asked) -> Any:
        convo, told = asked.fields["convoId"], asked.fields["message"]
        if convo not in self.convos:
            raise no("InvalidConvo", "Convo not found")
        if graphemes(told["text"]) > 1000:
            raise Refused("bad", "message/text must not be longer than 1000 graphemes")
        message = self._message(
            convo, self.did, told["text"], **({"facets": told["facets"]} if "facets" in told else {})
        )
        self.truth.replied(convo, told["text"], id=f"{convo}/{message['id']}", private=True)
        return message

    @route(
        "POST",
        "/xrpc/chat.bsky.convo.addReaction",
        rights=("chat",),
        bucket="calls",
        json={"convoId": str, "messageId": str, "value": text(64)},
    )
    def add_reaction(self, asked: Asked) -> Any:
        return self._react(asked, added=True)

    @route(
        "POST",
        "/xrpc/chat.bsky.convo.removeReaction",
        rights=("chat",),
        bucket="calls",
        json={"convoId": str, "messageId": str, "value": text(64)},
    )
    def remove_reaction(self, asked: Asked) -> Any:
        return self._react(asked, added=False)

    def _react(self, asked: Asked, *, added: bool) -> Any:
        messages = self.convos.get(asked.fields["convoId"], {}).get("messages", [])
        message = next((one for one in messages if one["id"] == asked.fields["messageId"]), None)
        if message is None:
            raise no("InvalidRequest", "Message not found")
        ours = {"value": asked.fields["value"], "sender": {"did": self.did}}
        message["reactions"] = [r for r in message.get("reactions", []) if {k: r[k] for k in ours} != ours] + (
            [{**ours, "createdAt": self._time()}] if added else []
        )
        return {"message": message}

    def _convo(self, did: str) -> str:
        name = f"convo{did[-12:]}"
        if name not in self.convos:
            self.convos[name] = {"id": name, "rev": self._tid(), "with": did, "messages": []}
            self._tell("logBeginConvo", name)
        return name

    def _convo_view(self, convo: dict[str, Any]) -> dict[str, Any]:
        last = {"lastMessage": convo["messages"][-1]} if convo["messages"] else {}
        return {
            "id": convo["id"],
            "rev": convo["rev"],
            "members": [self._profile(self.did), self._profile(convo["with"])],
            "muted": False,
            "status": "accepted",
            "unreadCount": 0,
            **last,
        }

    def _message(self, convo: str, who: str, words: str, **more: Any) -> dict[str, Any]:
        rev = self._tid()
        message = {
            "$type": f"{LOG}messageView",
            "id": rev,
            "rev": rev,
            "text": words,
            "sender": {"did": who},
            "sentAt": self._time(),
            **more,
        }
        self.convos[convo]["messages"].append(message)
        self._tell("logCreateMessage", convo, message=message, relatedProfiles=[self._profile(who)])
        return message

    def _tell(self, kind: str, convo: str, **more: Any) -> None:
        rev = self._tid()
        self.convos[convo]["rev"] = rev
        self.log.append({"$type": f"{LOG}{kind}", "rev": rev, "convoId": convo, **more})
