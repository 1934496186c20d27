"""What goes wrong on networks: outages, storms, answers that are lost, webhooks dropped, repeated, shuffled."""

from __future__ import annotations

import random
from dataclasses import dataclass, field


class Clock:
    """A clock that stands until time is let pass."""

    def __init__(self, at: float) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at

    def pass_by(self, seconds: float) -> None:
        self.at += seconds


@dataclass(frozen=True)
class Storm:
    """From then to then this share of calls gets this status, though the caller did nothing wrong."""

    begins_at: float
    ends_at: float
    status: int = 503
    share: float = 1.0


@dataclass
class Weather:
    """Shares are of 1. The same seed brings the same weather for the same calls."""

    dropped: float = 0.0  # webhooks that never come
    repeated: float = 0.0  # that come again later
    shuffled: float = 0.0  # that come after later ones
    lost: float = 0.0  # calls that were obeyed, but whose answer never arrives
    outages: tuple[tuple[float, float], ...] = ()  # nobody is heard and nothing is pushed
    storms: tuple[Storm, ...] = ()
    seed: int = 1
    chance: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311

    def strikes(self, share: float) -> bool:
        return share > 0 and self.chance.random() < share

    def is_out(self, now: float) -> bool:
        return any(begins <= now < ends for begins, ends in self.outages)

    def storm(self, now: float) -> Storm | None:
        """The storm that hits this call."""
        for storm in self.storms:
            if storm.begins_at <= now < storm.ends_at and self.strikes(storm.share):
                return storm
        return None
