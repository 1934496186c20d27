"""WhatsApp's Cloud API: numbers, windows, templates, media with a token, statuses.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from netcenter.street.networks.base import (
    Asked,
    File,
    Misfit,
    Rate,
    Refused,
    Said,
    any_of,
    anything,
    call,
    fit,
    number,
    one_of,
    pattern,
    route,
    text,
)  # fmt: skip
from netcenter.street.networks.meta.app import MetaApp, graph_error
from netcenter.street.networks.meta.fields import Edge

RIGHTS = ("whatsapp_business_messaging", "whatsapp_business_management")
DAY = 86400.0
MIMES = {
    "image": ("image/jpeg", "image/png"), "sticker": ("image/webp",), "video": ("video/mp4", "video/3gpp"),
    "audio": ("audio/aac", "audio/mp4", "audio/mpeg", "audio/amr", "audio/ogg"),
    "document": ("application/pdf", "text/plain", "application/msword"),
}  # fmt: skip
SIZES = {"image": 5, "sticker": 0.5, "video": 16, "audio": 16, "document": 100}  # MB
MEDIA = {"id": str, "caption?": text(1024)}
BUTTON = {"type": one_of("reply"), "reply": {"id": text(256), "title": text(20)}}
ROW = {"id": text(200), "title": text(24), "description?": text(72)}
BLANK = {"type": one_of("text"), "text": pattern(r"[^\n\t]+"), "parameter_name?": str}
SHAPES: dict[str, Any] = {
    "text": {"body": text(4096), "preview_url?": bool},
    "image": MEDIA, "video": MEDIA, "audio": {"id": str}, "sticker": {"id": str},
    "document": {**MEDIA, "filename?": text(240)},
    "reaction": {"message_id": str, "emoji": pattern(r"[^\w\s]{0,20}")},  # one emoji; none takes it back
    "template": {"name": str, "language": {"code": str}, "components?": [
        {"type": one_of("body"), "parameters": [BLANK]}]},
    "interactive": any_of(
        {"type": one_of("button"), "body": {"text": text(1024)}, "action": {"buttons": [BUTTON]}},
        {"type": one_of("list"), "body": {"text": text(1024)}, "action": {
            "button": text(20), "sections": [{"title": text(24), "rows": [ROW]}]}},
    ),
}  # fmt: skip


BLOCKED = {"messaging_product": one_of("whatsapp"), "block_users": [{"user": str}]}


@dataclass
class Human:
    """Somebody with WhatsApp."""

    phone: str
    name: str
    last_said_at: float | None = None
    has_it: bool = True
    is_blocked: bool = False  # by the business


class WhatsAppCloud(MetaApp):
    """WhatsApp."""

    what = "whatsapp_business_account"
    rates = {"app": Rate(100_000, 3600), "send": Rate(80, 1), "media": Rate(25, 1), "manage": Rate(200, 3600)}

    def __init__(self, *more: Any, **named: Any) -> None:
        super().__init__(*more, **named)
        self.business, self.phone = "102290129340398", "106540352242922"
        self.humans: dict[str, Human] = {}
        self.media: dict[str, File] = {}
        self.forms: dict[tuple[str, str], str] = {}  # of templates: name and language -> body
        self.reactions: dict[str, str] = {}  # of the business, by message
        self.subscribed = True
        self.quality = "GREEN"

    def sign_up(self, rights: tuple[str, ...] = RIGHTS) -> str:
        """A system user's token."""
        return self.tokens.issue("system-user", *rights, of=self.business).value

    def human(self, name: str) -> Human:
        one = Human(f"54911{self.number():08d}", name)
        self.humans[one.phone] = one
        return one

    # --- what people do ---------------------------------------------------------------------------

    def writes(self, human: Human, words: str, file: File | None = None, **more: Any) -> str:
        """Somebody writes; the id of the message."""
        human.last_said_at = self.now()
        id = f"wamid.{self.number()}"
        kind, part = "text", {"body": words}
        if file is not None:
            kind = next(kind for kind, mimes in MIMES.items() if file.mime in mimes)
            media = self._kept(file)
            part = {"id": media, "mime_type": file.mime, "sha256": "x", "caption": words}
        self.truth.said(human.phone, human.phone, words, id, files=int(file is not None))
        self._message(human, {"id": id, "type": kind, kind: part, **more})
        return id

    def rewrites(self, human: Human, id: str, words: str) -> None:
        """https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/reference/messages/edit"""
        self.truth.edit(id, words)
        edit = {"original_message_id": id, "message": {"type": "text", "text": {"body": words}}}
        self._message(human, {"id": f"wamid.{self.number()}", "type": "edit", "edit": edit})

    def reacts_to(self, human: Human, id: str, emoji: str = "👍") -> None:
        reaction = {"message_id": id, "emoji": emoji}
        self._message(human, {"id": f"wamid.{self.number()}", "type": "reaction", "reaction": reaction})

    def takes_back(self, human: Human, id: str) -> None:
        self.truth.delete(id)
        revoke = {"original_message_id": id}
        self._message(human, {"id": f"wamid.{self.number()}", "type": "revoke", "revoke": revoke})

    def reads(self, id: str, *states: str) -> None:
        """What became of a message of the business."""
        one = self.truth.answers[id]
        for state in states or ("delivered", "read"):
            self._status(id, one.thread, state, one.facts.get("opaque", ""))

    def _message(self, human: Human, message: Mapping[str, Any]) -> None:
        contact = {"profile": {"name": human.name}, "wa_id": human.phone}
        self._change({"contacts": [contact], "messages": [
            {"from": human.phone, "timestamp": str(int(self.now())), **message}]})  # fmt: skip

    def _status(self, id: str, to: str, status: str, opaque: str, **more: Any) -> None:
        told = {"id": id, "status": status, "timestamp": str(int(self.now())), "recipient_id": to, **more}
        if opaque:
            told["biz_opaque_callback_data"] = opaque
        self._change({"statuses": [told]})

    def _change(self, value: Mapping[str, Any]) -> None:
        metadata = {"display_phone_number": "34600111222", "phone_number_id": self.phone}
        told = {"messaging_product": "whatsapp", "metadata": metadata, **value}
        if self.subscribed:
            self.push({"id": self.business, "changes": [{"value": told, "field": "messages"}]})

    def _kept(self, file: File) -> str:
        id = f"9{self.number():014d}"
        self.media[id] = file
        return id

    # --- what the business does -------------------------------------------------------------------

    def refusal(self, refused: Refused) -> Said:
        said = super().refusal(refused)
        if refused.why == "rate":
            said = Said(429, {"error": {**said.body["error"], "code": 130429, "message": "(#130429) Rate limit hit"}})
        return said

    def _own(self, id: str, right: str, asked: Asked, allowed: str) -> None:
        if id != allowed:
            raise graph_error(100, "Unsupported request: the object does not exist", 33)
        if right not in asked.who.rights:
            raise graph_error(10, "Application does not have permission for this action", status=403)

    @route("POST", "/{version}/{phone}/messages", bucket="send", json={
        "messaging_product": one_of("whatsapp"), "recipient_type?": one_of("individual"), "to?": pattern(r"\d{6,15}"),
        "recipient?": str, "type?": one_of(*SHAPES), "context?": {"message_id": pattern(r"wamid\..+")},
        "biz_opaque_callback_data?": text(512), "status?": one_of("read"), "message_id?": str,
        "typing_indicator?": {"type": one_of("text")}, **{f"{kind}?": anything for kind in SHAPES},
    })  # fmt: skip
    def messages(self, asked: Asked) -> Any:
        self._own(asked.path["phone"], RIGHTS[0], asked, self.phone)
        told = asked.fields
        if told.get("status"):
            if told.get("message_id") not in self.truth.told:
                raise graph_error(131009, "Parameter value is not valid: message_id")
            return {"success": True}
        kind = told.get("type", "text")
        if extra := [name for name in SHAPES if name in told and name != kind]:
            raise graph_error(100, f"Unexpected key {extra[0]} for type {kind}")
        part = self._fits(kind, told.get(kind))
        human = self._addressee(told, kind)
        words = part.get("body") or part.get("caption") or ""
        if kind == "interactive":
            words = part["body"]["text"]
        if kind == "template":
            words = self._filled(part)
        opaque = told.get("biz_opaque_callback_data", "")
        id = f"wamid.{self.number()}"
        if kind == "reaction":
            self.reactions[part["message_id"]] = part["emoji"]
        else:
            self.truth.replied(human.phone, words or f"[{kind}]", id=id, opaque=opaque, kind=kind, told=part,
                               context=told.get("context", {}).get("message_id", ""))  # fmt: skip
            if human.has_it:
                self._status(id, human.phone, "sent", opaque)
            else:
                error = {"code": 131026, "title": "Message undeliverable"}
                self._status(id, human.phone, "failed", opaque, errors=[error])
        contact = {"input": human.phone, "wa_id": human.phone}
        return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": id}]}

    def _fits(self, kind: str, part: Any) -> dict[str, Any]:
        if part is None:
            raise graph_error(131008, f"Required parameter is missing: {kind}")
        try:
            found: dict[str, Any] = fit(part, SHAPES[kind], kind)
        except Misfit as misfit:
            raise graph_error(131009, f"Parameter value is not valid: {misfit}") from misfit
        if len(found.get("action", {}).get("buttons", [])) > 3:
            raise graph_error(131009, "Parameter value is not valid: at most 3 buttons")
        if sum(len(one["rows"]) for one in found.get("action", {}).get("sections", [])) > 10:
            raise graph_error(131009, "Parameter value is not valid: at most 10 rows")
        if kind in MIMES:
            file = self.media.get(found["id"])
            if file is None or file.mime not in MIMES[kind]:
                raise graph_error(131053, "Media upload error")
        return found

    def _addressee(self, told: Mapping[str, Any], kind: str) -> Human:
        human = self.humans.get(told.get("to", ""))
        if human is None:
            raise graph_error(131026, "Message undeliverable")
        if kind != "template" and self.now() - (human.last_said_at or 0) > DAY:
            raise graph_error(131047, "Re-engagement message")
        return human

    def _filled(self, part: Mapping[str, Any]) -> str:
        body = self.forms.get((part["name"], part["language"]["code"]))
        if body is None:
            raise graph_error(132001, "Template does not exist", status=404)
        blanks = dict.fromkeys(re.findall(r"\{\{(\w+)\}\}", body))
        given = [one for each in part.get("components", []) for one in each["parameters"]]
        if len(given) != len(blanks):
            raise graph_error(132000, "Template Param Count Mismatch")
        for n, (blank, one) in enumerate(zip(blanks, given, strict=True), 1):
            if one.get("parameter_name", str(n)) != blank:
                raise graph_error(132012, "Template Parameter Format Mismatch")
            body = body.replace("{{" + blank + "}}", one["text"])
        return body

    @route("POST", "/{version}/{phone}/block_users", bucket="manage", json=BLOCKED)
    def block(self, asked: Asked) -> Any:
        """Of whom has written within a day alone."""
        return self._judged(asked, "added_users", lambda human: self.now() - (human.last_said_at or 0) <= 86_400, True)

    @route("DELETE", "/{version}/{phone}/block_users", bucket="manage", json=BLOCKED)
    def unblock(self, asked: Asked) -> Any:
        return self._judged(asked, "removed_users", lambda human: True, False)

    def _judged(self, asked: Asked, done: str, may: Callable[[Human], bool], is_blocked: bool) -> Any:
        self._own(asked.path["phone"], RIGHTS[0], asked, self.phone)
        found: dict[str, list[Any]] = {done: [], "failed_users": []}
        for one in asked.fields["block_users"]:
            human = self.humans.get(one["user"].removeprefix("+"))
            if human is None or not may(human):
                error = {"message": "Re-engagement required", "code": 131047,
                         "error_data": {"details": "User has not messaged in the last 24 hours"}}  # fmt: skip
                found["failed_users"].append({"input": one["user"], "errors": [error]})
                continue
            human.is_blocked = is_blocked
            found[done].append({"input": one["user"], "wa_id": human.phone})
        answer = {"messaging_product": "whatsapp", "block_users": found}
        if not found["failed_users"]:
            return answer
        said = "Failed to block some users, see the block_users response list for details"
        refused = {"message": "(#139100) Failed to block/unblock users", "type": "OAuthException", "code": 139100,
                   "error_data": {"details": said}, "fbtrace_id": "AStreet"}  # fmt: skip
        raise Refused("other", said, said=Said(400, {**answer, "error": refused}))

    @route("POST", "/{version}/{phone}/media", bucket="media", files={"file": ()},
           form={"messaging_product": one_of("whatsapp"), "type": str})  # fmt: skip
    def upload(self, asked: Asked) -> Any:
        self._own(asked.path["phone"], RIGHTS[0], asked, self.phone)
        file = asked.files["file"]
        kind = next((kind for kind, mimes in MIMES.items() if file.mime in mimes), None)
        if kind is None or asked.fields["type"] != file.mime or len(file.content) > SIZES[kind] * 2**20:
            raise graph_error(100, "Param file must be a file with one of the supported types and sizes")
        return {"id": self._kept(file)}

    @route("GET", "/{version}/{id}", bucket="manage", anywhere={"fields?": str, "phone_number_id?": str})
    def get(self, asked: Asked) -> Any:
        id = asked.path["id"]
        if file := self.media.get(id):
            url = f"{self.url}/whatsapp_business/attachments/?mid={id}"
            return {"messaging_product": "whatsapp", "url": url, "mime_type": file.mime, "sha256": "x",
                    "file_size": len(file.content), "id": id}  # fmt: skip
        self._own(id, RIGHTS[1], asked, self.phone)
        phone = {"id": id, "display_phone_number": "+34 600 111 222", "verified_name": "Sol", "status": "CONNECTED",
                 "quality_rating": self.quality}  # fmt: skip
        return self.shown(phone, asked.fields.get("fields", ""))

    @route("GET", "/whatsapp_business/attachments/", query={"mid": str})
    def attachment(self, asked: Asked) -> Any:
        """The file itself, for who has the token."""
        file = self.media.get(asked.query["mid"])
        return Said(200, file.content, mime=file.mime) if file else Said(404, {"error": "gone"})

    @route("GET", "/{version}/{business}/message_templates", bucket="manage", anywhere={
        "fields?": str, "limit?": number(1, 1000), "after?": str, "status?": one_of("APPROVED", "REJECTED"),
    })  # fmt: skip
    def templates(self, asked: Asked) -> Any:
        self._own(asked.path["business"], RIGHTS[1], asked, self.business)
        told = [
            {"id": f"{n}", "name": name, "language": language, "status": "APPROVED", "category": "UTILITY",
             "parameter_format": "POSITIONAL", "components": _components(name, body)}
            for n, ((name, language), body) in enumerate(self.forms.items(), 1)
        ]  # fmt: skip
        return self.listed(Edge(told), asked)

    @route("POST", "/{version}/{business}/subscribed_apps", bucket="manage",
           json={"override_callback_uri?": pattern(r"https?://.+"), "verify_token?": str})  # fmt: skip
    def subscribe(self, asked: Asked) -> Any:
        self._own(asked.path["business"], RIGHTS[1], asked, self.business)
        if uri := asked.fields.get("override_callback_uri"):
            query = f"hub.mode=subscribe&hub.challenge=77&hub.verify_token={asked.fields.get('verify_token', '')}"
            if call("GET", f"{uri}?{query}") != (200, b"77"):
                raise graph_error(2200, "callback verification failed: Challenge mismatch")
            self.hook(uri)
        self.subscribed = True
        return {"success": True}

    @route("DELETE", "/{version}/{business}/subscribed_apps", bucket="manage")
    def unsubscribe(self, asked: Asked) -> Any:
        self._own(asked.path["business"], RIGHTS[1], asked, self.business)
        self.subscribed = False
        return {"success": True}


def _components(name: str, body: str) -> list[dict[str, Any]]:
    """A template with a picture above it, when its name says so."""
    above = [{"type": "HEADER", "format": "IMAGE"}] if name.startswith("picture") else []
    return [*above, {"type": "BODY", "text": body}, {"type": "FOOTER", "text": "Panadería Sol"}]
