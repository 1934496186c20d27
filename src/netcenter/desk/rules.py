"""Which bytes the desk shows, and in which order a story is told: pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

PAUSE = timedelta(minutes=5)  # after which the same author is named again

_MAGIC = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}


def image_type(head: bytes) -> str:
    """The type of an image that a browser may show, by its first bytes and never by its name; "" for all else."""
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    return "image/webp" if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else ""


_SOUND = {b"ID3": "audio/mpeg", b"OggS": "audio/ogg", b"fLaC": "audio/flac", b"#!AMR": "audio/amr"}


def sound_type(head: bytes) -> str:
    """The type of a sound that a browser may play, by its first bytes; "" for all else."""
    for magic, kind in _SOUND.items():
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "audio/wav"
    if head[4:8] == b"ftyp" and head[8:11] in (b"M4A", b"M4B"):
        return "audio/mp4"
    is_mpeg = len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2  # MPEG layer III, without tags before it
    return "audio/mpeg" if is_mpeg else ""


@dataclass(frozen=True)
class Line:
    """Something that happened to the case, as a faint line of its story."""

    at: datetime
    text: str


@dataclass
class Turn:
    """One piece of a story: a change of place, a message, a note, or what happened in between."""

    kind: str  # "place", "message", "note", "lines"
    at: datetime
    what: Any = None
    lines: list[Line] = field(default_factory=list)
    named: bool = True  # the author is named: not again for a burst


def tell(messages: list[Any], notes: list[Any], lines: list[Line]) -> list[Turn]:
    """Messages, notes and lines in the order of time; a change of thread is a turn of its own."""
    turns: list[Turn] = []
    marked = [
        *((m.sent_at, 1, m.pk, "message", m) for m in messages),
        *((n.at, 2, n.pk, "note", n) for n in notes),
        *((line.at, 0, i, "line", line) for i, line in enumerate(lines)),
    ]
    thread_id = None
    before: Turn | None = None
    for at, _order, _id, kind, what in sorted(marked, key=lambda m: m[:3]):
        if kind == "line":
            if turns and turns[-1].kind == "lines":
                turns[-1].lines.append(what)
            else:
                turns.append(Turn("lines", at, lines=[what]))
            continue
        if kind == "message" and what.thread_id != thread_id:
            thread_id, before = what.thread_id, None
            turns.append(Turn("place", at, what.thread))
        turn = Turn(kind, at, what)
        if kind == "message" and before is not None and turns and turns[-1] is before:
            same = (what.direction, what.operator_id, what.identity_id, what.automatic)
            last = before.what
            turn.named = same != (last.direction, last.operator_id, last.identity_id, last.automatic) or (
                at - before.at > PAUSE
            )
        turns.append(turn)
        before = turn if kind == "message" else None
    return turns


def next_case(ids: list[int], done: int) -> int | None:
    """Which of my cases to show when `done` is off the desk."""
    return next((i for i in ids if i != done), None)
