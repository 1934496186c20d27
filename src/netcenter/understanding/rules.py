"""What a message says, and which of several kinds its case shows."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
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


SURELY_ASKS = 0.5  # below it, "question" is only what an open text is taken for
BAD, GOOD = 2.0, 4.0  # stars up to which a review is a grievance, and from which it is praise


def with_verdict(read: Read, stars: float | None, recommends: bool | None = None) -> Read:
    """What a review says, its stars counted among its words: who gives one star and writes "no more" complains.

    Stars outweigh what the words leave open, and never take back a grievance or a question that the words make clear.
    """
    if stars is None and recommends is None:
        return read
    bad = stars <= BAD if stars is not None else not recommends
    good = stars >= GOOD if stars is not None else bool(recommends)
    told = f"{stars:g}★" if stars is not None else ("👍" if recommends else "👎")
    kind, mood = read.kind, read.mood
    if bad:
        asks = kind == "question" and dict(read.probabilities.get("kind", {})).get("question", 0.0) >= SURELY_ASKS
        kind = "complaint" if kind in ("praise", "thanks", "other", "question") and not asks else kind
        mood = "negative"
    elif good:
        kind = "praise" if kind == "other" else kind
        mood = "positive" if mood == "neutral" and kind not in ("complaint", "claim") else mood
    if (kind, mood) == (read.kind, read.mood):
        return read
    return replace(read, kind=kind, mood=mood, why=(told, *read.why))
