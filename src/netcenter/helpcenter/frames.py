"""What a widget may say over its socket: text in, a frame or a clear refusal out. Pure."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MAX_FRAME = 48 * 1024  # bytes: 4,000 characters of four bytes, ten files and some air
MAX_TEXT = 4000  # characters
MAX_FILES = 10
_CID = re.compile(r"[A-Za-z0-9_-]{8,40}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits, base64url
_HEX64 = re.compile(r"[0-9a-f]{64}")
_EMAIL = re.compile(r"[^@\s<>,;:\"]{1,64}@[^@\s<>,;:\"]{1,180}\.[^@\s<>,;:\".\d]{2,24}")
LANGUAGES = ("es", "en", "pt")


class BadFrame(Exception):
    """This frame cannot be taken. `code` is for the widget, the message for whoever reads the developer's console."""

    def __init__(self, code: str, detail: str, cid: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.cid = cid


@dataclass(frozen=True, slots=True)
class Hello:
    """The first frame: who it is, and the last message id it has."""

    token: str
    since: int
    language: str


@dataclass(frozen=True, slots=True)
class ClaimedFile:
    """A file that the visitor says to have uploaded; `claim` proves it."""

    blob: str
    name: str
    mime: str
    size: int
    claim: str


@dataclass(frozen=True, slots=True)
class Say:
    cid: str
    text: str
    files: tuple[ClaimedFile, ...]
    name: str
    email: str
    page: str
    choice: str = ""  # the id of the button that was pressed


@dataclass(frozen=True, slots=True)
class About:
    """The visitor leaves a name or an e-mail address."""

    cid: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Typing:
    on: bool


@dataclass(frozen=True, slots=True)
class Read:
    """Everything up to this message was seen."""

    up_to: int


@dataclass(frozen=True, slots=True)
class More:
    """Older messages, please."""

    before: int


@dataclass(frozen=True, slots=True)
class Ping:
    pass


Frame = Hello | Say | About | Typing | Read | More | Ping


def read(text: str | None, binary: bytes | None = None) -> Frame:
    """The frame that these bytes are. Raises BadFrame."""
    if text is None:
        raise BadFrame("bad_frame", "frames are text, not binary" if binary is not None else "an empty frame")
    if len(text) > MAX_FRAME or len(text.encode("utf-8", "replace")) > MAX_FRAME:
        raise BadFrame("too_big", f"a frame holds at most {MAX_FRAME} bytes")
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadFrame("bad_frame", f"not JSON: {error}") from error
    if not isinstance(told, dict):
        raise BadFrame("bad_frame", "a frame is a JSON object")
    kind = told.get("type")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise BadFrame("unknown_type", f"no frame has the type {kind!r:.60}")
    return reader(told)


def is_email(text: str) -> bool:
    """Whether this looks like an address that mail could reach."""
    return bool(_EMAIL.fullmatch(text))


def is_token(text: str) -> bool:
    """Whether this could be a visitor's token."""
    return bool(_TOKEN.fullmatch(text))


def _hello(told: dict[str, Any]) -> Hello:
    token = _text(told, "token", 43)
    if not _TOKEN.fullmatch(token):
        raise BadFrame("bad_token", "the token must be 43 characters of base64url")
    language = _text(told, "language", 20)[:2].lower()
    return Hello(token, _number(told, "since"), language if language in LANGUAGES else "")


def _say(told: dict[str, Any]) -> Say:
    cid = _cid(told)
    try:
        text = _text(told, "text", MAX_TEXT).strip()
        files = told.get("files", [])
        if not isinstance(files, list) or len(files) > MAX_FILES:
            raise BadFrame("too_many_files", f"'files' is a list of at most {MAX_FILES}")
        claimed = tuple(_file(f) for f in files)
        if not text and not claimed:
            raise BadFrame("empty", "neither text nor files")
        name, choice = _text(told, "name", 200).strip(), _text(told, "choice", 40)
        return Say(cid, text, claimed, name, _email(told), _page(told), choice)
    except BadFrame as error:
        error.cid = cid
        raise


def _about(told: dict[str, Any]) -> About:
    cid = _cid(told)
    try:
        name, email = _text(told, "name", 200).strip(), _email(told)
        if not name and not email:
            raise BadFrame("empty", "neither name nor e-mail")
        return About(cid, name, email)
    except BadFrame as error:
        error.cid = cid
        raise


def _typing(told: dict[str, Any]) -> Typing:
    return Typing(told.get("on") is True)


def _read(told: dict[str, Any]) -> Read:
    return Read(_number(told, "id"))


def _more(told: dict[str, Any]) -> More:
    return More(_number(told, "before"))


def _ping(told: dict[str, Any]) -> Ping:
    return Ping()


_READERS: dict[str, Callable[[dict[str, Any]], Frame]] = {
    "hello": _hello, "say": _say, "about": _about, "typing": _typing, "read": _read, "more": _more, "ping": _ping,
}  # fmt: skip


def _text(told: dict[str, Any], name: str, longest: int) -> str:
    value = told.get(name, "")
    if not isinstance(value, str):
        raise BadFrame("bad_frame", f"{name!r} must be text")
    if len(value) > longest:
        raise BadFrame("too_long", f"{name!r} holds at most {longest} characters")
    return value.encode("utf-8", "replace").decode()  # half a surrogate pair is no text that can be stored


def _number(told: dict[str, Any], name: str) -> int:
    value = told.get(name, 0)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise BadFrame("bad_frame", f"{name!r} must be a whole number")
    return value


def _cid(told: dict[str, Any]) -> str:
    value = told.get("cid")
    if not isinstance(value, str) or not _CID.fullmatch(value):
        raise BadFrame("bad_frame", "'cid' must be 8 to 40 letters, digits, _ or -")
    return value


def _email(told: dict[str, Any]) -> str:
    value = _text(told, "email", 254).strip()
    if value and not is_email(value):
        raise BadFrame("bad_email", "'email' is not an e-mail address")
    return value


def _page(told: dict[str, Any]) -> str:
    """Where the visitor was, without what the address may tell of them."""
    page = _text(told, "page", 2000).split("?")[0].split("#")[0]
    return page[:500] if page.startswith(("https://", "http://")) else ""


def _file(told: Any) -> ClaimedFile:
    if not isinstance(told, dict):
        raise BadFrame("bad_frame", "a file must be an object")
    blob, claim = _text(told, "blob", 64), _text(told, "claim", 64)
    if not _HEX64.fullmatch(blob) or not _HEX64.fullmatch(claim):
        raise BadFrame("bad_file", "'blob' and 'claim' are what the upload answered")
    return ClaimedFile(blob, _text(told, "name", 200), _text(told, "mime", 100), _number(told, "size"), claim)
