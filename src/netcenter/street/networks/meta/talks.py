"""Private words of Messenger and Instagram: who may be written to, until when, with what; and what people say.

https://developers.facebook.com/docs/messenger-platform/reference/send-api
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from netcenter.street.networks.base import Asked, File, Misfit, Said, any_of, anything, fit, number, one_of, route, text
from netcenter.street.networks.meta.app import MetaApp, graph_error, iso
from netcenter.street.networks.meta.fields import Edge

DAY = 86400.0
MOST_TOLD = 20  # newest messages of a conversation that may be read
TAGS = ("HUMAN_AGENT", "ACCOUNT_UPDATE", "CONFIRMED_EVENT_UPDATE", "POST_PURCHASE_UPDATE")
FILE = {"type": one_of("image", "video", "audio", "file"), "payload": any_of(
    {"attachment_id": str}, {"url": str, "is_reusable?": bool})}  # fmt: skip
QUICK = [{"content_type": one_of("text"), "title": text(20), "payload": text(1000), "image_url?": str}]


@dataclass
class Person:
    """Somebody, as one account knows them."""

    id: str
    name: str
    last_said_at: float | None = None
    blocks: bool = False
    is_blocked: bool = False  # by the account


@dataclass
class Private:
    """One private message."""

    id: str
    sender: str
    recipient: str
    text: str
    at: float
    files: list[dict[str, Any]] = field(default_factory=list)
    deleted: bool = False


class Talks(MetaApp):
    """Private words. Subclasses say how an account is known and what its words may measure."""

    platform = "messenger"
    longest = 2000
    measure = staticmethod(len)
    marks = True  # messages carry metadata, which the echo hands back
    send_right = "pages_messaging"
    window = DAY

    def __init__(self, *more: Any, **named: Any) -> None:
        super().__init__(*more, **named)
        self.accounts: dict[str, dict[str, Any]] = {}  # id -> name, fields it is subscribed to
        self.people: dict[str, Person] = {}
        self.talks: dict[tuple[str, str], list[Private]] = {}  # account and person
        self.files: dict[str, File] = {}  # by upload id, and by path on the CDN
        self.answered_privately: set[str] = set()
        self.reactions: dict[str, str] = {}  # of the account, by message

    def account(self, id: str, name: str = "Panadería Sol", *, rights: tuple[str, ...], subscribed: bool = True) -> str:
        """An account and its token."""
        self.accounts[id] = {"id": id, "name": name, "subscribed": subscribed}
        return self.tokens.issue(f"token-{id}", *rights, of=id).value

    def person(self, name: str) -> Person:
        one = Person(str(7_000_000_000 + self.number()), name)
        self.people[one.id] = one
        return one

    def told(self, account: str, event: Mapping[str, Any]) -> None:
        """Push an event of `messaging`."""
        if self.accounts[account]["subscribed"]:
            self.push({"id": account, "time": int(self.now() * 1000), "messaging": [event]})

    # --- what people do ---------------------------------------------------------------------------

    def writes(self, person: Person, account: str, words: str, files: tuple[File, ...] = (), **more: Any) -> Private:
        """Somebody writes privately."""
        person.last_said_at = self.now()
        kept = [{"type": f.mime.partition("/")[0], "payload": {"url": self.kept(f)}} for f in files]
        one = self._says(account, person, person.id, account, words, kept)
        self.truth.said(person.id, person.id, words, one.id, files=len(files))
        message = {
            "mid": one.id,
            **({"text": words} if words else {}),
            **({"attachments": kept} if kept else {}),
            **more,
        }
        self.told(account, self._event(person.id, account, message=message))
        return one

    def reacts_to(self, person: Person, account: str, mid: str, emoji: str = "❤", added: bool = True) -> None:
        reaction = {"reaction": "love", "emoji": emoji, "action": "react" if added else "unreact", "mid": mid}
        self.told(account, self._event(person.id, account, reaction=reaction))

    def changes(self, person: Person, account: str, mid: str, words: str) -> None:
        one = next(each for each in self.talks[account, person.id] if each.id == mid)
        one.text = words
        self.truth.edit(mid, words)
        edit = {"mid": mid, "text": words, "num_edit": len(self.truth.told[mid].edits)}
        self.told(account, self._event(person.id, account, message_edit=edit))

    def kept(self, file: File) -> str:
        """The address of a file on the network's own CDN."""
        path = f"/cdn/{self.number()}/{file.name}"
        self.files[path] = file
        return f"{self.url if self._front else 'http://cdn.example'}{path}"

    @route("GET", "/cdn/{number}/{name}", open=True)
    def file(self, asked: Asked) -> Any:
        found = self.files.get(asked.url.partition("?")[0])
        return Said(200, found.content, mime=found.mime) if found else Said(404, {"error": "gone"})

    # --- what the account does --------------------------------------------------------------------

    @route("POST", "/{version}/{account}/messages", bucket="send", anywhere={
        "recipient": any_of({"id": str}, {"comment_id": str}, {"post_id": str}), "message?": anything,
        "messaging_type?": one_of("RESPONSE", "UPDATE", "MESSAGE_TAG"), "tag?": one_of(*TAGS),
        "sender_action?": one_of("typing_on", "typing_off", "mark_seen", "react", "unreact"),
        "payload?": {"message_id": str, "reaction?": one_of("love")},
    })  # fmt: skip
    def messages(self, asked: Asked) -> Any:
        account, told = self.own(asked, self.send_right), asked.fields
        if comment := told["recipient"].get("comment_id"):
            person = self.privately(account, comment)
        else:
            person = self._addressee(account, told)
        if "sender_action" in told:
            self._reacted(told["sender_action"], told.get("payload", {}))
            return {"recipient_id": person.id}
        message = self._checked(told.get("message"))
        one = self._said(account, person, message, bool(comment))
        if comment:
            self.answered_privately.add(comment)
        return {"recipient_id": person.id, "message_id": one.id}

    def _reacted(self, action: str, payload: Mapping[str, Any]) -> None:
        if action in ("react", "unreact") and ("reaction" in payload) != (action == "react"):
            raise Misfit("missing", "payload.reaction")
        if action == "react":
            self.reactions[payload["message_id"]] = payload["reaction"]
        elif action == "unreact":
            self.reactions.pop(payload["message_id"], None)

    def privately(self, account: str, comment: str) -> Person:
        """Who wrote the comment. Raises when it is not to be answered privately (any more)."""
        raise graph_error(100, "Comments are not answered privately here")

    def own(self, asked: Asked, *rights: str) -> str:
        """The account of the token, which must be the one in the path, and have the rights."""
        account = asked.path.get("account", "")
        if account == "me":
            account = asked.who.of
        if account not in self.accounts:
            raise graph_error(100, f"Object with ID '{account}' does not exist", 33)
        if asked.who.of != account:
            raise graph_error(190, "A page access token is required", 2069032)
        if missing := [right for right in rights if right and right not in asked.who.rights]:
            raise graph_error(200, f"Requires {missing[0]} permission", status=403)
        return account

    def _addressee(self, account: str, told: Mapping[str, Any]) -> Person:
        person = self.people.get(told["recipient"].get("id", ""))
        if person is None or (account, person.id) not in self.talks:
            raise graph_error(100, "No matching user found", 2018001)
        if person.blocks:
            raise graph_error(551, "This person isn't available right now.", 1545041)
        if "message" not in told:
            return person
        since = self.now() - (person.last_said_at or 0)
        tagged = told.get("messaging_type") == "MESSAGE_TAG"
        if tagged != ("tag" in told):
            raise graph_error(100, "A tag needs messaging_type MESSAGE_TAG")
        if since > (7 * DAY if told.get("tag") == "HUMAN_AGENT" else self.window):
            raise graph_error(10, "This message is sent outside of allowed window.", 2018278)
        return person

    def _checked(self, message: Any) -> dict[str, Any]:
        shape = {"text?": text(self.longest, size=self.measure), "attachment?": FILE, "quick_replies?": QUICK,
                 **({"metadata?": text(1000)} if self.marks else {})}  # fmt: skip
        checked = fit(message, shape, "message")
        if ("text" in checked) == ("attachment" in checked):
            raise Misfit("missing", "message", "text or attachment")
        if len(checked.get("quick_replies", [])) > 13:
            raise Misfit("bad", "message.quick_replies", "at most 13")
        return checked  # type: ignore[no-any-return]

    def _said(self, account: str, person: Person, message: Mapping[str, Any], private: bool) -> Private:
        files = []
        if file := message.get("attachment"):
            uploaded = self.files.get(file["payload"].get("attachment_id", ""))
            if uploaded is None and "url" not in file["payload"]:
                raise graph_error(100, "Upload attachment failure.", 2018047)
            url = self.kept(uploaded) if uploaded else file["payload"]["url"]
            files = [{"type": file["type"], "payload": {"url": url}}]
        one = self._says(account, person, account, person.id, message.get("text", ""), files)
        told = one.text or f"[{files[0]['type']}]"
        self.truth.replied(person.id, told, message.get("metadata", ""), one.id, private=private,
                           choices=[q["payload"] for q in message.get("quick_replies", [])])  # fmt: skip
        echo = {"is_echo": True, "app_id": int(self.app_id), "mid": one.id, **({"text": one.text} if one.text else {})}
        if files:
            echo["attachments"] = files
        if "metadata" in message:
            echo["metadata"] = message["metadata"]
        self.told(account, self._event(account, person.id, message=echo))
        return one

    def _says(
        self, account: str, person: Person, sender: str, recipient: str, words: str, files: list[dict[str, Any]]
    ) -> Private:
        one = Private(f"m_{self.number()}", sender, recipient, words, self.now(), files)
        self.talks.setdefault((account, person.id), []).append(one)
        return one

    def _event(self, sender: str, recipient: str, **what: Any) -> dict[str, Any]:
        return {"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": int(self.now() * 1000), **what}

    @route("POST", "/{version}/{account}/message_attachments", bucket="media", form={"message": str, "platform?": str},
           files={"filedata": ()})  # fmt: skip
    def message_attachments(self, asked: Asked) -> Any:
        self.own(asked, self.send_right)
        shape = {"attachment": {"type": FILE["type"], "payload": {"is_reusable?": bool}}}
        told, file = fit(json.loads(asked.fields["message"]), shape, "message"), asked.files["filedata"]
        kind = told["attachment"]["type"]
        if kind != "file" and not file.mime.startswith(f"{kind}/"):
            raise graph_error(100, "Upload attachment failure.", 2018047)
        if len(file.content) > (8 if kind == "image" else 25) * 2**20:
            raise graph_error(100, "Attachment size exceeds allowable limit", 2018109)
        id = str(self.number())
        self.files[id] = file
        return {"attachment_id": id}

    @route("GET", "/{version}/{account}/conversations", bucket="conversations", anywhere={
        "fields?": str, "limit?": number(1, 100), "after?": str, "user_id?": str,
        "platform?": one_of("messenger", "instagram"),
    })  # fmt: skip
    def conversations(self, asked: Asked) -> Any:
        account, user = self.own(asked, self.send_right), asked.fields.get("user_id")
        if asked.fields.get("platform", "messenger") != self.platform:
            raise graph_error(100, "Invalid platform")
        theirs = [key for key in self.talks if key[0] == account and user in (None, key[1])]
        theirs.sort(key=lambda key: self.talks[key][-1].at, reverse=True)
        return self.listed(Edge(theirs, self._talk), asked)

    @route("GET", "/{version}/{talk}/messages", anywhere={"fields?": str, "limit?": number(1, 100), "after?": str})
    def messages_of(self, asked: Asked) -> Any:
        key = next((key for key in self.talks if self._talk_id(key) == asked.path["talk"]), None)
        if key is None or asked.who.of != key[0]:
            raise graph_error(100, "Object does not exist", 33)
        return self.listed(self._talk(key)["messages"], asked)

    def _talk_id(self, key: tuple[str, str]) -> str:
        return f"t_{key[0]}{key[1]}"

    def _talk(self, key: tuple[str, str]) -> dict[str, Any]:
        there = [one for one in reversed(self.talks[key]) if not one.deleted]
        messages = Edge(list(enumerate(there)), lambda one: self._shown(one[1], is_told=one[0] < MOST_TOLD))
        who = [{"id": id, "name": self._name(id)} for id in key]
        return {"id": self._talk_id(key), "updated_time": iso(self.talks[key][-1].at), "participants": {"data": who},
                "messages": messages}  # fmt: skip

    def _shown(self, one: Private, *, is_told: bool) -> dict[str, Any]:
        """Of what is older than the newest twenty no more than that it is there.

        https://developers.facebook.com/docs/messenger-platform/conversations
        """
        if not is_told:
            more = ("message", "from", "to", "attachments", "reactions", "sticker", "shares")
            return {"id": one.id, "created_time": iso(one.at), **dict.fromkeys(more)}
        files = []
        for n, file in enumerate(one.files):
            kind, url = file["type"], file["payload"]["url"]
            place = {"image": {"image_data": {"url": url}}, "video": {"video_data": {"url": url}}}.get(
                kind, {"file_url": url}
            )
            mime = {"image": "image/jpeg", "video": "video/mp4", "audio": "audio/mp4"}.get(kind, "application/pdf")
            files.append({"id": f"{one.id}-{n}", "mime_type": mime, "name": f"{kind}-{n}", **place})
        return {
            "id": one.id, "created_time": iso(one.at), "message": one.text,
            "from": {"id": one.sender, "name": self._name(one.sender)},
            "to": {"data": [{"id": one.recipient, "name": self._name(one.recipient)}]},
            "attachments": {"data": files} if files else None, "reactions": None, "sticker": None, "shares": None,
        }  # fmt: skip

    def _name(self, id: str) -> str:
        return str(self.accounts[id]["name"] if id in self.accounts else self.people[id].name)
