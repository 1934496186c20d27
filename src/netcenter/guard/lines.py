"""One line of `netcenter guard` in and out: JSON, checked field by field. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import orjson

from netcenter.guard.draft import Draft, Finding, Never, Reading
from netcenter.guard.form import alike
from netcenter.guard.language import likely_language
from netcenter.guard.rules import examine

# How many characters public networks take, for a line that names one; those that are connected here say it themselves.
LENGTHS = {
    "x": 280, "twitter": 280, "bluesky": 300, "threads": 500, "mastodon": 500, "sms": 480, "instagram": 2200,
    "tiktok": 150, "youtube": 10_000, "facebook": 8_000, "linkedin": 1_250, "whatsapp": 4_096, "telegram": 4_096,
    "play": 350, "google": 4_096,
}  # fmt: skip
_REMEMBERED, _MANY = 500, 2


class BadLine(ValueError):
    """The line cannot be judged; the message says why."""


def read(line: bytes | str) -> tuple[Any, Draft]:
    """The id and the draft of a line. Raises BadLine."""
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise BadLine(f"not JSON: {error}") from error
    if not isinstance(row, dict):
        raise BadLine("not an object")
    text = _field(row, "draft", str, None)
    messages = _field(row, "messages", list, [])
    if not all(isinstance(message, str) for message in messages):
        raise BadLine('"messages" is not a list of texts')
    channel = _field(row, "channel", str, "").lower()
    read_as = _field(row, "reading", dict, {})
    name, operator, brand = (_field(row, key, str, "") for key in ("name", "operator", "brand"))
    return row.get("id"), Draft(
        text=text, messages=tuple(messages), earlier=_texts(row, "earlier"),
        language=_language(row, tuple(messages), text),
        reading=_reading(read_as), max_length=_field(row, "max_length", int, LENGTHS.get(channel)),
        public=_field(row, "public", bool, False), recent=_texts(row, "recent"), customer_name=name,
        operator_name=operator, brand=brand, other_brands=_texts(row, "other_brands"),
        wrote_privately=_field(row, "used_dm", bool, False), public_turns=_field(row, "public_turns", int, None),
        fault=_one_of(row, "fault", ("", "own", "external")), closing=_field(row, "closing", bool, False),
        crisis=_field(row, "crisis", bool, False), never=tuple(Never(phrase) for phrase in _texts(row, "never")),
    )  # fmt: skip


def told(row_id: Any, findings: list[Finding], translate: Callable[[str], str]) -> bytes:
    """The line that goes out."""
    found = [
        {"rule": f.rule, "severity": f.severity, "start": f.start, "end": f.end, "why": translate(f.why), "fix": f.fix}
        for f in findings
    ]
    return orjson.dumps({"id": row_id, "findings": found}, option=orjson.OPT_APPEND_NEWLINE)


class Judge:
    """Judges one line after another, and remembers what lines before answered in public: the third that is the same is
    the same answer under many comments.
    """

    def __init__(self, *, alone: bool = False) -> None:
        self._said: deque[str] | None = None if alone else deque(maxlen=_REMEMBERED)

    def judge(self, draft: Draft) -> list[Finding]:
        """The findings on the next draft."""
        if self._said is None or not draft.public:
            return examine(draft)
        same = tuple(text for text in self._said if alike(draft.text, text) > 0.8)
        self._said.append(draft.text)
        return examine(replace(draft, recent=draft.recent + same) if len(same) >= _MANY else draft)


def _language(row: Mapping[str, Any], messages: tuple[str, ...], text: str) -> str:
    given = _field(row, "language", str, "")
    return given or likely_language(messages or (text,))


def _reading(row: Mapping[str, Any]) -> Reading:
    arousal = row.get("arousal")
    if arousal is not None and not isinstance(arousal, int | float):
        raise BadLine('"reading.arousal" is no number')
    return Reading(
        kind=_field(row, "kind", str, ""), kinds=_texts(row, "kinds"), mood=_field(row, "mood", str, ""),
        arousal=None if arousal is None else float(arousal),
    )  # fmt: skip


def _field(row: Mapping[str, Any], key: str, kind: type, otherwise: Any) -> Any:
    value = row.get(key)
    if value is None:
        if otherwise is None and key == "draft":
            raise BadLine('"draft" is missing')
        return otherwise
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise BadLine(f'"{key}" is not {_NAMES[kind]}')
    return value


_NAMES = {str: "a text", list: "a list", bool: "true or false", int: "a whole number", dict: "an object"}


def _texts(row: Mapping[str, Any], key: str) -> tuple[str, ...]:
    values = _field(row, key, list, [])
    if not all(isinstance(value, str) for value in values):
        raise BadLine(f'"{key}" is not a list of texts')
    return tuple(values)


def _one_of(row: Mapping[str, Any], key: str, choices: tuple[str, ...]) -> Any:
    value = _field(row, key, str, "")
    if value not in choices:
        raise BadLine(f'"{key}" is none of {", ".join(c for c in choices if c)}')
    return value
