"""`netcenter guard`: judge drafts from a file, so that others can judge our judgement."""

import sys
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated

import typer
from babel.messages.pofile import read_po

from netcenter.guard.lines import BadLine, Judge, read, told

_LOCALE = Path(__file__).resolve().parent / "locale"


class Words(StrEnum):
    """In which language the whys are told."""

    ES = "es"
    EN = "en"
    PT = "pt"


In = Annotated[Words | None, typer.Option("--in", help="The language of the whys; as a rule that of each line.")]
Alone = Annotated[bool, typer.Option("--alone", help="Judge each line as if there were no other.")]


def guard(words: In = None, alone: Alone = False) -> None:
    """Judge drafts before they are sent: JSON Lines in on standard input, JSON Lines out, in order, as they come.

    A line in:

    {"id": 7, "draft": "Cálmese, por favor.", "messages": ["Otra vez sin luz!!"], "language": "es", "channel": "x", "public": true}

    Only "draft" is needed. "messages" are the customer's, oldest first. Without "language" it is told from the words.
    "channel" gives the longest text (x 280, bluesky 300…), or "max_length" does. What else is known helps: "name" (of
    the customer), "operator", "brand", "other_brands", "recent" (answers to others), "used_dm", "public_turns",
    "fault" (own, external), "closing", "crisis", "never" (phrases), "reading" ({"kind", "kinds", "mood", "arousal"}).

    A line out:

    {"id": 7, "findings": [{"rule": "calm_down", "severity": "block", "start": 0, "end": 19, "why": "…", "fix": "…"}]}

    start and end count characters of the draft. "fix" is what may stand in place of draft\\[start:end]: "" deletes it,
    null: nobody can tell. Gravest first: block, warn, inform. docs/guard.md tells every rule.

    A line that cannot be read is told on standard error with its number; the others go on.

    The third public draft with almost the same words is the same answer under many comments; --alone forgets.

    netcenter guard < drafts.jsonl > findings.jsonl
    """  # noqa: E501
    judge = Judge(alone=alone)
    for number, line in enumerate(sys.stdin.buffer, 1):
        if not line.strip():
            continue
        try:
            row_id, draft = read(line)
        except BadLine as error:
            print(f"line {number}: {error}", file=sys.stderr)
            continue
        sys.stdout.buffer.write(told(row_id, judge.judge(draft), _translated(words or draft.language[:2])))
        sys.stdout.buffer.flush()


@cache
def _translated(language: str) -> Callable[[str], str]:
    """How the whys are said in this language; English where there is no other."""
    folder = {"es": "es", "pt": "pt_BR"}.get(language)
    if folder is None:
        return str
    with (_LOCALE / folder / "LC_MESSAGES" / "django.po").open("rb") as file:
        said = {str(message.id): str(message.string) for message in read_po(file) if message.string}
    return lambda words: said.get(words, words)
