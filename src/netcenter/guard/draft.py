"""What the guard is told, and what it says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["block", "warn", "inform"]
Fault = Literal["", "own", "external"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the customer's words say, as far as somebody read them; the guard estimates what is left empty."""

    kind: str = ""
    kinds: tuple[str, ...] = ()  # of each message
    mood: str = ""  # negative, neutral, positive
    arousal: float | None = None  # 0 calm to 1 furious
    ironic: bool = False  # their praise is perhaps none


@dataclass(frozen=True, slots=True)
class Never:
    """A phrase that a protocol never wants said, and how grave it is."""

    phrase: str
    grade: Severity = "block"
    protocol: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What an operator is about to send, to whom, and what was said before."""

    text: str
    messages: tuple[str, ...] = ()  # the customer's that it answers, oldest first
    earlier: tuple[str, ...] = ()  # theirs that were answered before: their names hold, their moods have passed
    language: str = ""  # the case's; the messages' own words weigh more
    reading: Reading = field(default_factory=Reading)
    max_length: int | None = None
    public: bool = False
    recent: tuple[str, ...] = ()  # what was answered to others lately
    customer_name: str = ""
    operator_name: str = ""
    brand: str = ""
    other_brands: tuple[str, ...] = ()  # of the same organisation
    wrote_privately: bool = False  # the customer has done what "write to us privately" would ask for
    public_turns: int | None = None  # how often we answered them in public; None: judged by their messages
    fault: Fault = ""
    closing: bool = False  # nothing comes after it
    crisis: bool = False
    signed: bool = False  # the house puts a signature under it by itself
    never: tuple[Never, ...] = ()  # what the protocols of this situation never want said
    unfinished: bool = False  # still being typed: what is missing may yet come


@dataclass(frozen=True, slots=True)
class Finding:
    """One observation. `fix` is what could stand in place of draft[start:end]: "" deletes it, None: nobody can tell.

    Where something is missing, start and end are the place where the fix goes.
    """

    rule: str
    severity: Severity
    start: int
    end: int
    why: str  # a msgid, translated where it is shown
    fix: str | None = None


def mended(text: str, finding: Finding) -> str:
    """The draft after the one click."""
    return text if finding.fix is None else text[: finding.start] + finding.fix + text[finding.end :]
