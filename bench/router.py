"""The router's speed and memory, from a thousand to a million waiting cases, with ten thousand operators.

`python -m bench.router [--cases 1000,10000,100000,1000000] [--operators 10000] [--profiles 250]` prints a table.
`--profiles 0` gives every operator a profile of their own. Seconds are the processor's, of one core.
"""

import argparse
import gc
import random
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from netcenter.planning.traffic import KIND_SHARES
from netcenter.routing.cost import HOUR
from netcenter.routing.router import Router
from netcenter.routing.rules import Operator, Pair, Waiting

NOW = 1_800_000_000.0
LANGUAGES = {"es": 0.7, "pt": 0.15, "en": 0.1, "fr": 0.03, "de": 0.02}
TOPICS = ("billing", "delivery", "returns", "stock", "technical", "legal", "press", "loyalty", "shops", "online")
BRANDS, CHANNELS = (1, 2, 3, 4), {"mail": 20, "chat": 34, "public": 34}
WARM, ROUNDS = 10_000, 10_000


def demands(rng: random.Random) -> list[tuple[dict[str, int], int, str]]:
    """Forty needs, of every brand, on every channel."""
    needs: list[dict[str, int]] = [{f"language:{code}": 1} for code in LANGUAGES]
    while len(needs) < 40:
        code = rng.choices(list(LANGUAGES), list(LANGUAGES.values()))[0]
        asked = {f"language:{code}": 1, rng.choice(TOPICS): rng.choice((1, 1, 2))}
        if asked not in needs:
            needs.append(asked)
    return [(asked, brand, channel) for asked in needs for brand in BRANDS for channel in CHANNELS]


def operators(rng: random.Random, count: int, profiles: int) -> list[Operator]:
    """Some know one language and two topics, some nearly everything; `profiles` 0: each differs from all others."""
    made = [_profile(rng, f"own-{n}" if not profiles else "") for n in range(profiles or count)]
    return [
        Operator(n, room=0, idle_since=NOW - rng.random() * HOUR, **(made[n] if not profiles else rng.choice(made)))
        for n in range(count)
    ]


def _profile(rng: random.Random, own: str) -> dict:
    spoken = set(rng.choices(list(LANGUAGES), list(LANGUAGES.values()), k=rng.choice((1, 1, 2, 3))))
    skills = {f"language:{code}": 2 for code in spoken}
    skills |= {topic: rng.choice((1, 2, 3)) for topic in rng.sample(TOPICS, rng.randint(1, 7))}
    if own:
        skills[own] = 1
    brands = None if rng.random() < 0.2 else frozenset(rng.sample(BRANDS, rng.randint(1, 3)))
    weights = {channel: weight for channel, weight in CHANNELS.items() if rng.random() < 0.2}
    return {"skills": skills, "brands": brands, "weights": weights}


class Street:
    """Customers without end."""

    def __init__(self, rng: random.Random) -> None:
        self.rng, self.next, self.demands = rng, 0, demands(rng)
        self.kinds = rng.choices(list(KIND_SHARES), list(KIND_SHARES.values()), k=1009)

    def case(self, now: float, age: float = 0.0) -> Waiting:
        """One more, who wrote `age` ago."""
        self.next += 1
        rng, (needs, brand, channel) = self.rng, self.rng.choice(self.demands)
        return Waiting(
            self.next, brand, CHANNELS[channel], needs, waiting_since=now - age, channel=channel, queue=brand,
            kind=self.kinds[self.next % 1009], public=channel == "public", arousal=rng.random(), reach=rng.random(),
        )  # fmt: skip


def resident() -> float:
    """MiB of this process in memory."""
    fields = Path("/proc/self/status").read_text().split("VmRSS:")[1].split()
    return int(fields[0]) / 1024


def busy(router: Router, came: list[Waiting], hands: dict[int, int], rng: random.Random, now: float) -> list[float]:
    """All desks are full: somebody answers and is rung again, somebody else writes. Seconds of each decision."""
    desks, taken = list(hands), []
    for case in came:
        now += 0.01
        desk = rng.choice(desks)
        start = time.perf_counter()
        router.finished(desk, hands[desk], now)
        hands[desk] = 0
        for pair in router.decide(now).pairs:
            router.accepted(pair.case_id)
            hands[pair.operator_id] += pair.weight
        middle = time.perf_counter()
        router.arrive(case)
        router.decide(now)
        taken += [middle - start, time.perf_counter() - middle]
    return taken


def quiet(router: Router, came: list[Waiting], now: float) -> list[float]:
    """Nothing waits and nine of ten are free: somebody writes and rings at once, somebody else is done."""
    taken: list[float] = []
    hands: deque[Pair] = deque()
    for case in came:
        now += 0.01
        start = time.perf_counter()
        router.arrive(case)
        for pair in router.decide(now).pairs:
            router.accepted(pair.case_id)
            hands.append(pair)
        middle = time.perf_counter()
        taken.append(middle - start)
        if len(hands) > len(router.seats) // 10:
            done = hands.popleft()
            router.finished(done.operator_id, done.weight, now)
            router.decide(now)
            taken.append(time.perf_counter() - middle)
    return taken


def measure(cases: int, count: int, profiles: int) -> str:
    """One row."""
    rng = random.Random(7)
    street, crew = Street(rng), operators(rng, count, profiles)
    gc.collect()
    before, start = resident(), time.process_time()
    router = Router(now=NOW)
    _tell(router, crew)
    for _ in range(cases):
        router.arrive(street.case(NOW, rng.random() * 3 * HOUR))
    router.decide(NOW)
    filled, grown = time.process_time() - start, resident() - before
    hands = {desk.operator_id: 34 for desk in crew}
    at_work = _timed(street, lambda came: busy(router, came, hands, rng, NOW))
    calm = Router(now=NOW)
    _tell(calm, [replace(desk, room=100) for desk in crew])
    calm.decide(NOW)
    at_ease = _timed(street, lambda came: quiet(calm, came, NOW))
    return f"| {cases:,} | {at_work} | {at_ease} | {filled:.1f} s | {grown:,.0f} MiB |"


def _timed(street: Street, play: Callable[[list[Waiting]], list[float]]) -> str:
    """Decisions a second of the processor's, and how long the slowest of a hundred takes, once all have been met."""
    play([street.case(NOW) for _ in range(WARM)])
    came = [street.case(NOW) for _ in range(ROUNDS)]
    gc.collect()
    gc.freeze()
    start = time.process_time()
    taken = sorted(play(came))
    spent = time.process_time() - start
    gc.unfreeze()
    return f"{len(taken) / spent:,.0f} | {1e6 * taken[int(len(taken) * 0.99)]:.0f} µs"


def _tell(router: Router, crew: Iterable[Operator]) -> None:
    for desk in crew:
        router.seat(desk)


def main() -> None:
    """Print the table."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--cases", default="1000,10000,100000,1000000")
    ask.add_argument("--operators", type=int, default=10_000)
    ask.add_argument("--profiles", type=int, default=250)
    asked = ask.parse_args()
    kind = f"{asked.profiles} profiles" if asked.profiles else "each with a profile of their own"
    print(f"{asked.operators:,} operators, {kind}; 40 needs × 4 brands × 3 channels\n")
    print("| cases waiting | all busy: decisions/s | p99 | nothing waits: decisions/s | p99 | told in | memory |")
    print("|---|---|---|---|---|---|---|")
    for cases in asked.cases.split(","):
        print(measure(int(cases), asked.operators, asked.profiles), flush=True)


if __name__ == "__main__":
    main()
