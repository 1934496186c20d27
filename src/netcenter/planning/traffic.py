"""What comes in and who is there, in a simulated month: generated from a seed, or read from files. Times in seconds."""

import csv
import json
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from netcenter.lib.refused import Refused
from netcenter.routing.cost import HOUR, KINDS, Kind

DAY = 24 * HOUR
NEVER = float("inf")

# By hour of the day and by weekday, against the average
HOURS = (0.25, 0.17, 0.13, 0.12, 0.15, 0.25, 0.5, 0.8, 1.1, 1.3, 1.4, 1.45,
         1.4, 1.35, 1.25, 1.25, 1.3, 1.35, 1.45, 1.6, 1.75, 1.8, 1.4, 0.7)  # fmt: skip
WEEKDAYS = (1.1, 1.1, 1.05, 1.05, 1.05, 0.85, 0.8)
DAYS_DIFFER = 0.15  # the standard deviation of the logarithm of a day's factor
KIND_SHARES = {"complaint": 0.30, "question": 0.45, "praise": 0.15, "other": 0.10}
LANGUAGE_SHARES = {"es": 0.80, "pt": 0.12, "en": 0.08}
LEAVES = {"complaint": (0.40, 2.5 * HOUR), "question": (0.25, 4.0 * HOUR)}  # share with limited patience, and its mean
SHORTEST, LONGEST = 0.2, 60.0  # minutes of work


class Arrival(NamedTuple):
    """A customer writes."""

    at: float
    kind: str
    language: str
    work: float  # seconds until the answer leaves, once somebody has it
    patience: float = NEVER  # seconds without an answer until the customer turns elsewhere


class Worker(NamedTuple):
    """Somebody who answers each day, from hour to hour (24 is midnight)."""

    languages: frozenset[str]
    begins: float
    ends: float


@dataclass(frozen=True)
class Month:
    """A stretch of days to simulate."""

    arrivals: Sequence[Arrival]
    staff: Sequence[Worker]
    days: int
    kinds: Mapping[str, Kind]

    def is_measured(self, at: float) -> bool:
        """The first and the last day are run in and out; of what arrives between them everything counts."""
        return self.days < 3 or DAY < at < (self.days - 1) * DAY


def crew() -> list[Worker]:
    """Seventeen: three at night, seven by day, seven in the evening; in each shift some speak pt, en or both."""
    spoken = {0: "es pt en", 1: "es pt", 2: "es en", 6: "es pt"}
    return [
        Worker(frozenset(spoken.get(place, "es").split()), begins, begins + 8)
        for begins, count in ((0, 3), (8, 7), (16, 7))
        for place in range(count)
    ]


def mixed(seed: int, days: int, load: float, staff: Sequence[Worker] | None = None) -> Month:
    """Complaints, questions, praise and other things, day and night: as much as keeps `load` of the staff busy."""
    rng = random.Random(seed)  # noqa: S311
    staff = crew() if staff is None else staff
    work = sum(share * KINDS[kind].minutes for kind, share in KIND_SHARES.items())
    per_hour = load * sum(w.ends - w.begins for w in staff) * 60 / 24 / work
    kinds = {kind: KINDS[kind] for kind in KIND_SHARES}
    return Month([_arrival(rng, at) for at in _times(rng, days, per_hour)], staff, days, kinds)


def _times(rng: random.Random, days: int, per_hour: float) -> Iterator[float]:
    usual_hour, usual_day = sum(HOURS) / len(HOURS), sum(WEEKDAYS) / len(WEEKDAYS)
    for day in range(days):
        factor = math.exp(rng.gauss(0, DAYS_DIFFER)) * WEEKDAYS[day % 7] / usual_day
        for hour in range(24):
            rate = per_hour * factor * HOURS[hour] / usual_hour
            after = rng.expovariate(rate) if rate else 1.0
            while after < 1.0:
                yield day * DAY + (hour + after) * HOUR
                after += rng.expovariate(rate)


def _arrival(rng: random.Random, at: float) -> Arrival:
    kind = rng.choices(list(KIND_SHARES), list(KIND_SHARES.values()))[0]
    language = rng.choices(list(LANGUAGE_SHARES), list(LANGUAGE_SHARES.values()))[0]
    spread = math.log(2)  # lognormal, as variable as its mean is long
    minutes = KINDS[kind].minutes * math.exp(rng.gauss(-spread / 2, math.sqrt(spread)))
    share, mean = LEAVES.get(kind, (0.0, 1.0))
    patience = rng.expovariate(1 / mean)
    leaves = rng.random() < share
    return Arrival(at, kind, language, 60 * min(max(minutes, SHORTEST), LONGEST), patience if leaves else NEVER)


def given(traffic: Path, staff: Path | None) -> Month:
    """The month of a file: a row (or a line of JSON) for each arrival. Raises Refused.

    `at` is seconds from the start or a date and time; `kind`, `language`, `minutes` of work, `patience` in minutes.
    """
    found = sorted((_given_arrival(row, traffic) for row in _rows(traffic)), key=lambda a: a.at)
    if not found:
        raise Refused("empty", f"{traffic} has no arrivals.")
    start = found[0].at - found[0].at % DAY
    arrivals = [a._replace(at=a.at - start) for a in found]
    return Month(
        arrivals, crew() if staff is None else given_staff(staff), int(arrivals[-1].at // DAY) + 1, _kinds(arrivals)
    )


def given_staff(path: Path) -> list[Worker]:
    """The staff of a file: `languages`, and from which hour of the day to which. Raises Refused."""
    found = [_given_worker(row, path) for row in _rows(path)]
    if not found:
        raise Refused("empty", f"{path} has no operators.")
    return found


def _rows(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        raise Refused("no_file", f"There is no file {path}.")
    text = path.read_text()
    try:
        if path.suffix == ".csv":
            return list(csv.DictReader(text.splitlines()))
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError as error:
        raise Refused("unreadable", f"{path} cannot be read: {error}") from error


def _given_arrival(row: Mapping[str, Any], path: Path) -> Arrival:
    try:
        at, patience = row["at"], row.get("patience")
        seconds = float(at) if _is_number(at) else datetime.fromisoformat(at).timestamp()
        minutes = max(float(row["minutes"]), 0.01)
        leaves_after = 60 * float(patience) if patience not in (None, "") else NEVER
        return Arrival(seconds, row["kind"], row.get("language") or "es", 60 * minutes, leaves_after)
    except (KeyError, TypeError, ValueError) as error:
        raise Refused("unreadable", f"{path}: {dict(row)} lacks or misspells {error}.") from error


def _given_worker(row: Mapping[str, Any], path: Path) -> Worker:
    try:
        languages = frozenset(str(row["languages"]).replace(",", " ").split())
        return Worker(languages, float(row["from"]), float(row["to"]))
    except (KeyError, TypeError, ValueError) as error:
        raise Refused("unreadable", f"{path}: {dict(row)} lacks or misspells {error}.") from error


def _is_number(value: object) -> bool:
    try:
        float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return True


def _kinds(arrivals: Sequence[Arrival]) -> dict[str, Kind]:
    """The standards, with the time that each kind takes in this traffic; a kind without a standard counts as other."""
    work: dict[str, list[float]] = {}
    for arrival in arrivals:
        work.setdefault(arrival.kind, []).append(arrival.work / 60)
    usual = {kind: KINDS.get(kind, KINDS["other"]) for kind in work}
    return {
        kind: Kind(known.cost, sum(work[kind]) / len(work[kind]), known.promise, known.keeps)
        for kind, known in usual.items()
    }
