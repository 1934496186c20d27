"""A call as it comes and as it is answered: its route, its fields, and every way in which it is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, Literal
from urllib.parse import parse_qsl

from netcenter.street.networks.base.access import Left, Token
from netcenter.street.networks.base.shapes import Misfit, Shape, fit

Why = Literal[
    "route", "method", "type", "body", "unknown", "missing", "bad", "no token", "bad token", "expired", "right", "rate",
    "storm", "out", "other",
]  # fmt: skip


class Refused(Exception):
    """The network says no. Its own words for each `why` are made by `Network.refusal`, or are given as `said`."""

    def __init__(self, why: Why, detail: str = "", *, said: Said | None = None, left: Left | None = None) -> None:
        super().__init__(f"{why}: {detail}")
        self.why, self.detail, self.said, self.left = why, detail, said, left


@dataclass(frozen=True)
class File:
    """One file of a multipart form."""

    name: str
    mime: str
    content: bytes


@dataclass
class Asked:
    """A call. Header names are lower case; `fields` are those declared by the route, checked; `path` its blanks."""

    method: str
    url: str  # path and query, as called
    headers: Mapping[str, str]
    body: bytes
    at: float
    query: dict[str, str] = field(default_factory=dict)
    path: dict[str, str] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    token: Token | None = None
    left: list[Left] = field(default_factory=list)

    @property
    def who(self) -> Token:
        """Whose token it is, on routes that ask for one."""
        if self.token is None:
            raise Refused("no token")
        return self.token


@dataclass
class Said:
    """An answer: JSON, or bytes as they are."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    mime: str = "application/json"

    def octets(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Route:
    method: str
    path: str  # "/v1/{page}/feed"
    query: Mapping[str, Shape]
    json: Mapping[str, Shape] | None  # each None: such a body is refused
    form: Mapping[str, Shape] | None
    files: Mapping[str, tuple[str, ...]]  # of a multipart form, with `form`: field ("?": optional) -> mime types
    anywhere: Mapping[str, Shape] | None  # fields that may come in the query, a form or JSON alike
    rights: tuple[str, ...]
    bucket: str
    open: bool  # needs no token
    act: Callable[[Any, Asked], Any]

    @property
    def expression(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(self.path)) + "/?")


def route(
    method: str, path: str, *, query: Mapping[str, Shape] | None = None, json: Mapping[str, Shape] | None = None,
    form: Mapping[str, Shape] | None = None, files: Mapping[str, tuple[str, ...]] | None = None,
    anywhere: Mapping[str, Shape] | None = None, rights: tuple[str, ...] = (), bucket: str = "", open: bool = False,
) -> Callable[[Any], Any]:  # fmt: skip
    """The method answers this call. It returns a Said, or what is to be said as JSON, or raises Refused."""

    def note(act: Any) -> Any:
        one = Route(method, path, query or {}, json, form, files or {}, anywhere, rights, bucket, open, act)
        act.routes = [*getattr(act, "routes", []), one]
        return act

    return note


# --- Reading a call -------------------------------------------------------------------------------


def read(asked: Asked, route: Route) -> None:
    """Check all fields. Raises Misfit or Refused."""
    told, is_text = _body(asked, route)
    if route.anywhere is not None:
        asked.fields = fit(asked.query | told, route.anywhere, loose=True)
        return
    asked.query = fit(asked.query, route.query, loose=True)
    shape = (route.form if is_text else route.json) or {}
    asked.fields = fit(told, shape, loose=is_text)


def _body(asked: Asked, route: Route) -> tuple[dict[str, Any], bool]:
    """The fields of the body, and whether all of them are text."""
    mime = asked.headers.get("content-type", "").partition(";")[0].strip().lower()
    free = route.anywhere is not None
    if not asked.body and route.json is None:
        return {}, True
    if mime == "application/json" and (free or route.json is not None):
        try:
            told = json.loads(asked.body)
        except ValueError:
            raise Refused("body", "not JSON") from None
        if not isinstance(told, dict):
            raise Refused("body", "not an object")
        return told, False
    if mime == "application/x-www-form-urlencoded" and (free or (route.form is not None and not route.files)):
        return dict(parse_qsl(asked.body.decode("utf-8", "replace"), keep_blank_values=True)), True
    if mime == "multipart/form-data" and route.files:
        return _parts(asked, route), True
    raise Refused("type", mime or "none")


def _parts(asked: Asked, route: Route) -> dict[str, str]:
    head = Message()
    head["content-type"] = asked.headers["content-type"]
    told: dict[str, str] = {}
    for piece in asked.body.split(f"--{head.get_param('boundary')}".encode())[1:-1]:
        top, _blank, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        part = Message()
        for line in top.decode("utf-8", "replace").split("\r\n"):
            name, _colon, value = line.partition(":")
            part[name] = value.strip()
        name = str(part.get_param("name", "", "content-disposition"))
        content = content.removesuffix(b"\r\n")
        if (file := part.get_param("filename", None, "content-disposition")) is not None:
            asked.files[name] = File(str(file), part.get_content_type(), content)
        else:
            told[name] = content.decode("utf-8", "replace")
    names = {name.rstrip("?"): mimes for name, mimes in route.files.items()}
    for name, one in asked.files.items():
        if name not in names:
            raise Misfit("unknown", name)
        if names[name] and one.mime not in names[name]:
            raise Refused("type", f"{name}: {one.mime}")
    for name in route.files:
        if not name.endswith("?") and name not in asked.files:
            raise Misfit("missing", name)
    return told
