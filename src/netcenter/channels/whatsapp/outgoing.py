"""What we say on WhatsApp: words, choices, files, and templates outside the window.

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import partial
from typing import Any

from netcenter.channels.contract import Act, Attachment, ChannelError, Outbound, Part, Receipt, Template
from netcenter.channels.meta.graph import Graph
from netcenter.channels.meta.parts import mark
from netcenter.channels.meta.reading import listed, within, words
from netcenter.channels.meta.sending import in_turn

MOST_IN_MENU = 1024  # characters above buttons or a list
BUTTONS, ROWS = 3, 10
MENU = {"es": "Ver opciones", "en": "See options", "pt": "Ver opções"}
_BLANK = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def send(outbound: Outbound, graph: Graph, number: str) -> Receipt:
    """Words, then files; or the template."""
    if outbound.template is not None:
        return in_turn(outbound, [partial(_post, outbound, graph, number, {
            "type": "template", "template": filled(outbound.template)}, outbound.key)])  # fmt: skip
    pieces: list[Attachment | None] = [*([None] if outbound.text else []), *outbound.attachments]
    steps = [
        partial(_piece, outbound, graph, number, file, mark(outbound.key, n, len(pieces)))
        for n, file in enumerate(pieces, 1)
    ]
    return in_turn(outbound, steps)


def _piece(outbound: Outbound, graph: Graph, number: str, file: Attachment | None, key: str) -> str:
    """The words, or a file."""
    what = _words(outbound) if file is None else _file(graph, number, file)
    return _post(outbound, graph, number, what, key)


def _post(outbound: Outbound, graph: Graph, number: str, what: dict[str, Any], key: str) -> str:
    told = {"messaging_product": "whatsapp", "recipient_type": "individual", **_to(outbound.to.external_id), **what,
            "biz_opaque_callback_data": key}  # fmt: skip
    if outbound.target.startswith("wamid.") and outbound.template is None:
        told["context"] = {"message_id": outbound.target}
    return str(graph.post(f"{number}/messages", told)["messages"][0]["id"])


def _to(id: str) -> dict[str, str]:
    return {"to": id} if id.isdigit() else {"recipient": id}


def _words(outbound: Outbound) -> dict[str, Any]:
    """Up to three choices are buttons, up to ten a list."""
    choices = outbound.choices
    if not choices:
        return {"type": "text", "text": {"body": outbound.text, "preview_url": False}}
    if len(choices) <= BUTTONS:
        buttons = [{"type": "reply", "reply": {"id": c.id, "title": c.label[:20]}} for c in choices]
        action: dict[str, Any] = {"buttons": buttons}
    else:
        label = MENU.get(outbound.language.partition("-")[0].lower(), MENU["en"])
        rows = [{"id": c.id, "title": c.label[:24], "description": c.label[24:96]} for c in choices]
        rows = [{key: value for key, value in row.items() if value} for row in rows]
        action = {"button": label, "sections": [{"title": label, "rows": rows}]}
    kind = "button" if len(choices) <= BUTTONS else "list"
    return {"type": "interactive", "interactive": {"type": kind, "body": {"text": outbound.text}, "action": action}}


def _file(graph: Graph, number: str, file: Attachment) -> dict[str, Any]:
    form = {"messaging_product": "whatsapp", "type": file.mime}
    parts = (Part("file", file.name, file.mime, file.content),)
    id = str(graph.json(graph.call("POST", f"{number}/media", form=form, parts=parts, bucket="media"))["id"])
    kind = kind_of(file.mime)
    told = {"id": id, **({"filename": file.name} if kind == "document" else {})}
    return {"type": kind, kind: told}


def kind_of(mime: str) -> str:
    if mime == "image/webp":
        return "sticker"
    kind = mime.partition("/")[0]
    return kind if kind in ("image", "video", "audio") else "document"


def act(act: Act, graph: Graph, number: str) -> Receipt:
    """Reactions; and that we have read, or are writing."""
    told: dict[str, Any] = {"messaging_product": "whatsapp"}
    if act.verb in ("block", "unblock"):
        return _judge(act, graph, number)
    if act.verb in ("react", "unreact"):
        emoji = act.what if act.verb == "react" else ""
        to = _to(act.to.external_id if act.to else act.thread.external_id)
        told |= {"recipient_type": "individual", **to, "type": "reaction",
                 "reaction": {"message_id": act.target, "emoji": emoji}}  # fmt: skip
    elif act.verb in ("seen", "typing"):
        told |= {"status": "read", "message_id": act.target}
        if act.verb == "typing":
            told["typing_indicator"] = {"type": "text"}
    else:
        raise ChannelError(f"WhatsApp knows no {act.verb}", permanent=True, reason="unfit")
    graph.post(f"{number}/messages", told)
    return Receipt(act.target, "sent", datetime.now(UTC))


def _judge(act: Act, graph: Graph, number: str) -> Receipt:
    """Only who has written within 24 hours can be blocked.

    https://developers.facebook.com/documentation/business-messaging/whatsapp/block-users/
    """
    who = act.to.external_id if act.to else act.thread.external_id
    told = {"messaging_product": "whatsapp", "block_users": [{"user": who}]}
    graph.call("POST" if act.verb == "block" else "DELETE", f"{number}/block_users", data=told)
    return Receipt(act.target, "sent", datetime.now(UTC))


# --- Templates ------------------------------------------------------------------------------------


def templates(graph: Graph, business: str) -> tuple[Template, ...]:
    """Those that are approved and need words alone."""
    query = {"fields": "name,language,status,category,components,parameter_format", "status": "APPROVED", "limit": 100}
    return tuple(one for told in graph.all(f"{business}/message_templates", query) if (one := _template(told)))


def _template(told: dict[str, Any]) -> Template | None:
    body, lines = "", []
    for part in listed(told.get("components")):
        kind, text = words(part.get("type")).upper(), words(part.get("text"))
        if kind == "HEADER" and (words(part.get("format")).upper() != "TEXT" or _BLANK.search(text)):
            return None  # a picture or a blank above: nobody could fill it in here
        if any(_BLANK.search(words(within(one, "url"))) for one in listed(part.get("buttons"))):
            return None
        body = text if kind == "BODY" else body
        if kind in ("HEADER", "BODY", "FOOTER"):
            lines.append(_BLANK.sub(r"{\1}", text))
    blanks = tuple(dict.fromkeys(_BLANK.findall(body)))
    return Template(words(told.get("name")), words(told.get("language")), "\n".join(lines), blanks) if body else None


def filled(template: Template) -> dict[str, Any]:
    """As it is sent. Raises ChannelError while a blank is empty."""
    missing = [blank for blank in template.blanks if not template.filled.get(blank, "").strip()]
    if missing:
        raise ChannelError(f"{', '.join(missing)}: to be filled in", permanent=True, reason="unfit")
    told: dict[str, Any] = {"name": template.name, "language": {"code": template.language}}
    if template.blanks:
        parameters = [
            {
                "type": "text",
                "text": " ".join(template.filled[b].split()),
                **({} if b.isdigit() else {"parameter_name": b}),
            }
            for b in template.blanks
        ]
        told["components"] = [{"type": "body", "parameters": parameters}]
    return told
