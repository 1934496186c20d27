"""What a message says, and which of several kinds its case shows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

KINDS = ("complaint", "claim", "question", "suggestion", "praise", "thanks", "spam", "not_for_us", "other")
LANGUAGES = ("es", "pt", "en")
LONGEST = 4000  # characters read of one message


@dataclass(frozen=True, slots=True)
class Read:
    """What one text says."""

    language: str
    kind: str
    mood: str = "neutral"
    arousal: float = 0.0
    urgency: str = "normal"
    probabilities: dict[str, Any] = field(default_factory=dict)
    why: tuple[str, ...] = ()
    engine: str = ""  # which read it


class Engine(Protocol):
    """Reads texts in batches: one result per text, in order, the same each time."""

    @property
    def name(self) -> str: ...

    def read(self, texts: Sequence[str]) -> list[Read]: ...


# The case shows the message that needs the most care.
_CARE = {kind: rank for rank, kind in enumerate(KINDS)}


def most_careful(kinds: Sequence[str]) -> str:
    """Of several kinds, the one whose wait costs most."""
    return min((k for k in kinds if k), key=lambda k: _CARE.get(k, len(KINDS)), default="")
