"""How long until a person answers: an honest estimate from what is true now. Pure; durations in seconds.

People here finish what they have in hand as a stream: with `slots` places on their desks and a mean handling time h,
one place becomes free every h/slots seconds. A case with `ahead` cases before it needs so many of them, so that its
wait is a sum of exponential times (Erlang's distribution), and then it rings and is read and answered. Who arrives
later and is served first slows the line down. Quantiles by Wilson and Hilferty's approximation (1931).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

PRIOR = 10  # so many imagined observations stand beside the real ones
LONGEST_SAMPLE = 4 * 3600.0  # what was held longer was forgotten, not handled
LONGEST = 14 * 24 * 3600.0
SLOWEST = 0.1  # of its pace, at which a line moves however many overtake
Z50, Z80 = 0.0, 0.8416  # of the normal distribution
SHARE = 0.8  # of what is said that shall hold
CORRECTION = (0.5, 3.0)
_STEP = 1.05


@dataclass(frozen=True, slots=True)
class Pace:
    """A mean duration, and how many observations it rests on."""

    seconds: float
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """What is true now for one case."""

    ahead: float  # waiting cases that are served first
    people: int  # capable, and here
    slots: float  # cases that these have in hand together, at most
    free: float  # places free at this moment
    handling: Pace  # from picking up until the place is free again
    answering: Pace  # from picking up until the first answer
    overtaking: float = 0.0  # cases a second that arrive later and are served first
    pick_up: float = 5.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """Half are answered by `median`, four of five by `p80`. `raw` is the p80 before what experience corrected."""

    median: float
    p80: float
    raw: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was estimated (uncorrected p80), and what came; a case still open has waited `real` at least."""

    raw: float
    real: float


def pace(samples: Sequence[float], default: float) -> Pace:
    """The mean of what was seen, drawn towards the default the fewer it is."""
    kept = [min(max(s, 0.0), LONGEST_SAMPLE) for s in samples]
    return Pace((sum(kept) + PRIOR * default) / (len(kept) + PRIOR), len(kept))


def estimate(line: Line, correction: float = 1.0) -> Estimate | None:
    """When it is answered; None when nobody is here who could: then nothing honest can be said."""
    if line.people <= 0 or line.slots <= 0:
        return None
    needed = max(0.0, line.ahead + 1 - line.free)
    rate = line.slots / max(line.handling.seconds, 1.0)
    rate = max(rate - line.overtaking, rate * SLOWEST)
    answering = max(line.answering.seconds, 1.0)
    mean = needed / rate + line.pick_up + answering
    variance = needed / rate**2 + answering**2
    raw = min(_quantile(mean, variance, Z80), LONGEST)
    median = min(_quantile(mean, variance, Z50), raw)
    return Estimate(min(median * correction, LONGEST), min(raw * correction, LONGEST), raw)


def _quantile(mean: float, variance: float, z: float) -> float:
    """Of the gamma distribution with this mean and variance."""
    shape = max(mean * mean / variance, 0.3)
    return float(mean * max(0.0, 1 - 1 / (9 * shape) + z / (3 * math.sqrt(shape))) ** 3)


def correction(outcomes: Sequence[Outcome]) -> float:
    """By what to multiply so that four of five are kept: as the outcomes say, drawn towards 1 the fewer they are."""
    known = [o for o in outcomes if o.raw > 0]
    if not known:
        return 1.0
    low, high = CORRECTION
    needed = math.ceil(SHARE * len(known))
    found = low
    while found < high and sum(o.real <= o.raw * found for o in known) < needed:
        found = min(found * _STEP, high)
    weight = len(known) / (len(known) + PRIOR)
    return math.exp(weight * math.log(found))


def wilson(kept: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """The interval in which the true share lies, 95 of 100 times (Wilson 1927); everything when nothing was seen."""
    if of <= 0:
        return 0.0, 1.0
    share, squared = kept / of, z * z
    middle = (share + squared / (2 * of)) / (1 + squared / of)
    half = z / (1 + squared / of) * math.sqrt(share * (1 - share) / of + squared / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)
