"""To which matter a message belongs, and how reach grows."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

REOPEN_WITHIN = timedelta(days=7)  # a closed case that its thread speaks in again is the same matter
BEFORE_DUE = timedelta(minutes=10)  # a case put away comes back when its promise is this near
JOIN_WITHIN = timedelta(hours=24)  # a customer who writes elsewhere within a day speaks of the same matter


@dataclass(frozen=True)
class Matter:
    """What is known of a case that a message might belong to."""

    case_id: int
    last_at: datetime
    closed_at: datetime | None
    is_waiting: bool


def same_thread(matter: Matter, sent_at: datetime) -> bool:
    """Whether a message in the case's own thread continues it."""
    return matter.closed_at is None or sent_at - matter.closed_at <= REOPEN_WITHIN


def same_customer(matter: Matter, sent_at: datetime) -> bool:
    """Whether a message of the case's customer in a new thread continues it."""
    if matter.closed_at is not None:
        return False
    return matter.is_waiting or sent_at - matter.last_at <= JOIN_WITHIN


def at_most(sent_at: datetime, received_at: datetime) -> datetime:
    """The customer's clock, but never in our future: a wrong clock must not push a promise away."""
    return min(sent_at, received_at)


def back_at(until: datetime, due_at: datetime | None, now: datetime) -> datetime:
    """When a case that is put away until then comes back: sooner when its promise comes near, or, near already, when it
    breaks. With one that is broken already, at the time that was chosen.
    """
    marks = (due_at - BEFORE_DUE, due_at) if due_at else ()
    return min([until, *(mark for mark in marks if mark > now)])


def readable(handle: str) -> str:
    """A handle that tells a person something; nothing of a number, a digest or a UUID, which only machines read."""
    return "" if re.fullmatch(r"[0-9a-f-]{16,}", handle, re.IGNORECASE) else handle


def call_of(before: Mapping[str, Any], steps: Mapping[str, str]) -> dict[str, Any]:
    """What is kept of a telephone call: how far it got, how long they waited and spoke (seconds).

    `steps`: each with when it was told, ISO 8601, in whatever order they came. A call that ended and that nobody
    answered was missed; networks do not always say so.
    """
    talked = "answered" in steps or bool(before.get("seconds"))
    over = "ended" in steps or "missed" in steps
    done = "ended" if talked and over else "answered" if talked else "missed" if over else "rang"
    state = next((late for late in ("transcribed", "recorded") if late in steps), done)
    call = {**before, "steps": dict(steps), "state": state, "talked": talked, "live": not over}
    ends = [steps[name] for name in ("answered", "asked", "missed", "recorded", "ended") if name in steps]
    if "rang" in steps and ends:
        call["waited"] = max(0, _seconds(steps["rang"], min(ends)))
    if "answered" in steps and "ended" in steps and "seconds" not in call:
        call["seconds"] = max(0, _seconds(steps["answered"], steps["ended"]))
    return call


def _seconds(since: str, until: str) -> int:
    return round((datetime.fromisoformat(until) - datetime.fromisoformat(since)).total_seconds())


# --- How far something carries ------------------------------------------------------------------

MOST_POINTS = 60  # of one series: when there are more, every other one goes


def merged(before: Mapping[str, Any], told: Mapping[str, Any], is_newer: bool) -> dict[str, Any]:
    """What is known of a reach: what is not told anew stays, and what was told late fills gaps only."""
    return {**before, **told} if is_newer else {**told, **before}


def grown(series: Sequence[Sequence[Any]], at: datetime, told: Mapping[str, Any]) -> list[Sequence[Any]]:
    """The series with one more point, in order of time; a point that says what the one before says is left out."""
    point = [at.isoformat(), dict(told)]
    points = sorted([p for p in series if p[0] != point[0]] + [point], key=lambda p: datetime.fromisoformat(p[0]))
    kept = [p for n, p in enumerate(points) if n == 0 or p[1] != points[n - 1][1]]
    if len(kept) > MOST_POINTS:  # the first and the last stay
        kept = [*kept[:-1:2], kept[-1]]
    return kept
