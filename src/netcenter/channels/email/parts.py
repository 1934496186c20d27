"""The parts of a mail: its words, its HTML and its files, within limits, however it is built or broken."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message

from netcenter.channels.contract import Attachment
from netcenter.channels.email.charsets import decode, header
from netcenter.channels.email.html_text import text_of
from netcenter.channels.email.quoting import unflow

MAX_PARTS = 300
MAX_DEPTH = 30
MAX_ATTACHMENTS = 50
MAX_ATTACHMENT_BYTES = 20 * 2**20
MAX_ATTACHMENTS_BYTES = 40 * 2**20  # of one mail together
MAX_TEXT = 500_000  # characters; the whole stays readable as an attachment
MAX_FILENAME = 120

TOO_LARGE = "too large"
TOO_MANY = "too many"
CUT_OFF = "cut off"

_KIND = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,120}")
_ENCRYPTED = {"application/pkcs7-mime": "smime", "application/x-pkcs7-mime": "smime", "multipart/encrypted": "pgp"}


@dataclass
class Parts:
    texts: list[str] = field(default_factory=list)
    htmls: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    encrypted: str = ""  # "smime" or "pgp": the words are inside the attachment
    leaves: int = 0
    attached_bytes: int = 0

    @property
    def text(self) -> str:
        return "\n\n".join(text for text in self.texts if text.strip())

    @property
    def html(self) -> str:
        return "\n".join(self.htmls)


def parts_of(mail: Message, *, truncated: bool = False) -> Parts:
    """Everything in this mail. `truncated`: its bytes end early, so the last file is not whole."""
    parts = Parts()
    _collect(mail, parts, 0)
    if truncated:
        _admit_loss(parts)
    if len(parts.text) > MAX_TEXT:
        parts.attachments.append(Attachment("text.txt", "text/plain", parts.text.encode()))
        parts.texts = [parts.text[:MAX_TEXT]]
    if len(parts.html) > 2 * MAX_TEXT:
        parts.attachments.append(Attachment("mail.html", "text/html", parts.html.encode()))
        parts.htmls = []
    return parts


def children_of(part: Message) -> list[Message] | None:
    """The parts of a part; None of a leaf."""
    if not part.is_multipart():  # get_payload() of a leaf decodes, and stumbles
        return None
    return [child for child in part.get_payload() if isinstance(child, Message)]


def payload(part: Message) -> bytes:
    """The bytes of a leaf, decoded as far as they can be."""
    for decoded in (True, False):
        try:
            content = part.get_payload(decode=decoded)
        except (ValueError, LookupError, AssertionError):
            continue
        if isinstance(content, bytes):
            return content
        if isinstance(content, str):
            return content.encode("utf-8", "surrogateescape")
    return b""


def words_of(part: Message) -> str:
    """The text of a text/* leaf."""
    text = decode(payload(part), str(part.get_content_charset("") or ""))
    if part.get_content_subtype() == "plain" and _param(part, "format").lower() == "flowed":
        text = unflow(text, delete_space=_param(part, "delsp").lower() == "yes")
    return text


def kind_of(part: Message) -> str:
    """The content type, also of parts whose header is nonsense."""
    try:
        kind = part.get_content_type()
    except (ValueError, RecursionError):
        kind = ""
    return kind if _KIND.fullmatch(kind) else "application/octet-stream"


def leaves(mail: Message, depth: int = 0) -> Iterator[Message]:
    """Leaves in their order; a mail within the mail is one leaf."""
    children = children_of(mail)
    if children is None or kind_of(mail).startswith("message/") or depth >= MAX_DEPTH:
        yield mail
        return
    for child in children[:MAX_PARTS]:
        yield from leaves(child, depth + 1)


# --- Walking ------------------------------------------------------------------------------------


def _collect(part: Message, parts: Parts, depth: int, alternative: bool = False) -> None:
    kind = kind_of(part)
    children = children_of(part)
    parts.encrypted = parts.encrypted or _encryption(part, kind)
    if children is None or kind.startswith("message/"):
        _leaf(part, kind, parts, alternative)
    elif depth >= MAX_DEPTH:
        _attach(part, "message/rfc822", parts, name="nested.eml")
    elif kind == "multipart/alternative":
        _alternatives(children, parts, depth)
    else:
        for child in children:
            _collect(child, parts, depth + 1, alternative)


def _alternatives(children: list[Message], parts: Parts, depth: int) -> None:
    """The same words several times: the plain ones are shown, HTML is kept beside them, the rest are files."""
    inside = Parts(leaves=parts.leaves, attached_bytes=parts.attached_bytes)
    inside.attachments = parts.attachments
    for child in children:
        _collect(child, inside, depth + 1, alternative=True)
    plain = [child for child in inside.texts if child.strip()]
    parts.texts += plain or [text_of("\n".join(inside.htmls))]
    parts.htmls += inside.htmls
    parts.encrypted = parts.encrypted or inside.encrypted
    parts.leaves, parts.attached_bytes = inside.leaves, inside.attached_bytes


def _leaf(part: Message, kind: str, parts: Parts, alternative: bool) -> None:
    parts.leaves += 1
    if parts.leaves > MAX_PARTS:
        if parts.leaves == MAX_PARTS + 1:
            parts.attachments.append(Attachment("…", "application/octet-stream", missing=TOO_MANY))
        return
    is_file = _disposition(part) == "attachment" or bool(_filename(part))
    if kind == "text/plain" and not is_file:
        parts.texts.append(words_of(part))
    elif kind == "text/html" and not is_file:
        parts.htmls.append(words_of(part))
        if not alternative:
            parts.texts.append(text_of(parts.htmls[-1]))
    else:
        _attach(part, kind, parts)


def _attach(part: Message, kind: str, parts: Parts, name: str = "") -> None:
    name = name or _filename(part) or _default_name(part, kind, len(parts.attachments) + 1)
    content_id = header(part.get("Content-ID")).strip("<> ")[:200]
    if len(parts.attachments) >= MAX_ATTACHMENTS:
        if len(parts.attachments) == MAX_ATTACHMENTS:
            parts.attachments.append(Attachment(name, kind, missing=TOO_MANY))
        return
    content = _bytes_of(part, kind)
    too_large = len(content) > MAX_ATTACHMENT_BYTES or parts.attached_bytes + len(content) > MAX_ATTACHMENTS_BYTES
    if too_large:
        parts.attachments.append(Attachment(name, kind, content_id=content_id, missing=TOO_LARGE))
        return
    parts.attached_bytes += len(content)
    missing = "" if content else "empty"
    parts.attachments.append(Attachment(name, kind, content, content_id, missing=missing))


def _bytes_of(part: Message, kind: str) -> bytes:
    """A mail within the mail as it was written; anything else decoded."""
    children = children_of(part)
    if children is None:
        return payload(part)
    whole = children[0] if kind == "message/rfc822" and len(children) == 1 else part
    try:
        return whole.as_bytes()
    except (ValueError, LookupError, RecursionError, TypeError, AttributeError):
        return b""


def _admit_loss(parts: Parts) -> None:
    if parts.attachments and parts.attachments[-1].content:
        last = parts.attachments[-1]
        parts.attachments[-1] = Attachment(last.name, last.mime, content_id=last.content_id, missing=TOO_LARGE)
    else:
        parts.attachments.append(Attachment("…", "application/octet-stream", missing=CUT_OFF))


# --- What a part says of itself ------------------------------------------------------------------


def _encryption(part: Message, kind: str) -> str:
    """S/MIME signed-data travels under the same type as enveloped-data: `smime-type` tells them apart."""
    return "" if _param(part, "smime-type").lower() == "signed-data" else _ENCRYPTED.get(kind, "")


def _disposition(part: Message) -> str:
    return str(part.get("Content-Disposition", "")).partition(";")[0].strip().lower()


def _param(part: Message, name: str) -> str:
    try:
        value = part.get_param(name, "")
    except (ValueError, TypeError, RecursionError, IndexError):
        return ""
    return str(value[2] if isinstance(value, tuple) else value)


def _filename(part: Message) -> str:
    try:
        name = part.get_filename("")
    except (ValueError, TypeError, LookupError, RecursionError):
        name = ""
    return safe_name(header(name))


def safe_name(name: str) -> str:
    """A file's name without folders, control characters or excess, its extension kept."""
    name = re.sub(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069:*?\"<>|]", "", name.replace("\\", "/")).rpartition("/")[2]
    name = name.strip(" .")
    if len(name) <= MAX_FILENAME:
        return name
    stem, dot, extension = name.rpartition(".")
    return stem[: MAX_FILENAME - 12] + dot + extension[:10] if dot else name[:MAX_FILENAME]


def _default_name(part: Message, kind: str, number: int) -> str:
    if kind == "message/rfc822":
        children = children_of(part)
        subject = header(children[0].get("Subject")) if children else ""
        return (safe_name(subject) or f"message-{number}") + ".eml"
    if kind == "text/calendar":
        return "invite.ics"
    return f"file-{number}{mimetypes.guess_extension(kind) or '.bin'}"
