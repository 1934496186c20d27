"""The manuals that the house brings along: protocols for the situations of a kind of company, in three languages.

Each manual is a file of its own; `common.toml` goes with all of them. Installed, they are the company's own to change.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from netcenter.protocols.content import Content, Step, Words
from netcenter.protocols.rules import Condition

MANUALS = ("common", "retail", "airline", "hosting", "restaurant", "bank")
LANGUAGES = ("es", "en", "pt")


@dataclass(frozen=True)
class Shipped:
    """One protocol of a manual. `key` is its name for ever: "retail/late_delivery"."""

    key: str
    content: Content


@cache
def manual(name: str) -> tuple[Shipped, ...]:
    """The protocols of a manual. Raises KeyError for one that there is not."""
    if name not in MANUALS:
        raise KeyError(name)
    told = _file(name)
    return tuple(Shipped(f"{name}/{row['key']}", _content(row)) for row in told["protocol"])


@cache
def _file(name: str) -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text("utf-8"))


def _content(row: Mapping[str, Any]) -> Content:
    shared = _file("common")["steps"]
    steps = tuple(
        Step(step, _texts(shared[step])) if isinstance(step, str) else Step(step["key"], _texts(step))
        for step in row["steps"]
    )
    when = {name: tuple(value) for name, value in row["when"].items() if name != "crisis"}
    return Content(
        titles=_texts(row["title"]), when=Condition(**when, crisis=row["when"].get("crisis", 0)), steps=steps,
        words=tuple(Words(_texts(w["name"]), _texts(w)) for w in row.get("words", ())),
        never=tuple(row.get("never", ())), never_grade=row.get("never_grade", "block"),
        approval=row.get("approval", False), notes=_texts(row.get("note", {})),
    )  # fmt: skip


def _texts(row: Mapping[str, str]) -> dict[str, str]:
    return {code: row[code].strip() for code in LANGUAGES if code in row}
