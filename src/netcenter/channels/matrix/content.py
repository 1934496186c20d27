"""What a message holds, as words and files: https://spec.matrix.org/latest/client-server-api/#mroommessage-msgtypes"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from netcenter.channels.contract import Attachment, loose

Told = Mapping[str, Any]

SEALED = ("[encrypted: only the customer's app can read it. Answer that you cannot, and ask to write in a room "
          "without encryption.]")  # fmt: skip
MXC = re.compile(r"mxc://([A-Za-z0-9.:\[\]-]{1,255})/([A-Za-z0-9_-]{1,255})")
FILES = {"m.image": ("image", "image/jpeg"), "m.video": ("video", "video/mp4"), "m.audio": ("audio", "audio/ogg"),
         "m.file": ("file", "application/octet-stream"), "m.sticker": ("sticker", "image/png")}  # fmt: skip
POLLS = ("m.poll.start", "org.matrix.msc3381.poll.start")
SAID = ("m.room.message", "m.sticker", "m.room.encrypted", *POLLS)  # types of events in which somebody speaks


def words_of(kind: str, content: Told) -> str:
    """The words of an event."""
    if kind == "m.room.encrypted":
        return SEALED
    if kind in POLLS:
        return _poll(loose.within(content, kind))
    body, sort = loose.text(content.get("body")), loose.text(content.get("msgtype"), 50)
    if sort in FILES or kind == "m.sticker":
        named = loose.text(content.get("filename"), 500)
        return body if kind == "m.sticker" or (named and body != named) else ""  # a caption, or only the file's name
    if sort == "m.location":
        return "\n".join(filter(None, [body, loose.text(content.get("geo_uri"), 500)]))
    words = _without_quote(body) if loose.within(content, "m.relates_to", "m.in_reply_to") else body
    return f"* {words}" if sort == "m.emote" else words or f"[{sort or kind}]"


def files_of(kind: str, content: Told) -> tuple[Attachment, ...]:
    """Its file, to be fetched by its address on Matrix, or why not."""
    sort = kind if kind == "m.sticker" else loose.text(content.get("msgtype"), 50)
    if sort not in FILES:
        return ()
    stem, mime = FILES[sort]
    mime = loose.text(loose.within(content, "info").get("mimetype"), 100).partition(";")[0].strip().lower() or mime
    body = "" if sort == "m.sticker" else loose.text(content.get("body"), 150)
    name = (loose.text(content.get("filename"), 150) or body).replace("/", "_").strip() or stem
    alt = loose.text(content.get("body"), 500) if sort == "m.sticker" else ""
    url = content.get("url")
    if isinstance(url, str) and MXC.fullmatch(url):
        return (Attachment(name, mime, reference=url, alt=alt),)
    why = "encrypted: only the customer's app can read it" if content.get("file") else "Matrix names no file"
    return (Attachment(name, mime, missing=why, alt=alt),)


def _without_quote(body: str) -> str:
    """Without the lines of what is answered, which older apps repeat above an answer."""
    if not body.startswith("> "):
        return body
    lines = body.split("\n")
    while lines and lines[0].startswith(">"):
        lines.pop(0)
    return "\n".join(lines).lstrip("\n") or body


def _poll(told: Told) -> str:
    """https://github.com/matrix-org/matrix-spec-proposals/pull/3381"""

    def text(each: Told) -> str:
        return loose.text(each.get("body") or each.get("org.matrix.msc1767.text"), 1000)

    lines = [
        text(loose.within(told, "question")),
        *(f"☐ {text(one)}" for one in loose.objects(told.get("answers"))[:20]),
    ]
    return "\n".join(line for line in lines if line) or "[poll]"
