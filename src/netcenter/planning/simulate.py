"""`netcenter simulate`: what the router would do with a month of customers, against others' ways of doing it."""

import json
import math
import os
import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from netcenter.lib.refused import Refused
from netcenter.planning.bound import bound
from netcenter.planning.figures import average, figures
from netcenter.planning.race import POLICIES, race
from netcenter.planning.traffic import Month, given, given_staff, mixed

NAMES = {
    "fifo": "FIFO", "round-robin": "Round robin", "priority": "Priority", "ours": "Netcenter",
}  # fmt: skip


class Chosen(StrEnum):
    """What can be asked for."""

    ALL = "all"
    FIFO = "fifo"
    ROUND_ROBIN = "round-robin"
    PRIORITY = "priority"
    OURS = "ours"


@dataclass(frozen=True)
class Asked:
    """The scenario; each seed is another month of it."""

    load: float
    days: int
    rearrive: bool
    miss: float
    guard: float | None
    traffic: Path | None
    staff: Path | None

    def month(self, seed: int) -> Month:
        if self.traffic is not None:
            return given(self.traffic, self.staff)
        return mixed(seed, self.days, self.load, given_staff(self.staff) if self.staff else None)


Load = Annotated[float, typer.Option(min=0.01, max=2, help="Work that comes in, against what the staff can do.")]
Days = Annotated[int, typer.Option(min=1, help="The first and the last are run in and out, and not counted.")]
Seeds = Annotated[int, typer.Option(min=1, help="How many months, each with other chances; figures are averages.")]
FirstSeed = Annotated[int, typer.Option(help="The chances of the first month; the next ones follow.")]
Rearrive = Annotated[bool, typer.Option("--rearrive", help="Who is ignored too long comes back as a complaint.")]
Way = Annotated[Chosen, typer.Option(help="Which way to ring; all compares them on the same customers.")]
Guard = Annotated[float | None, typer.Option(min=0, help="Hours after which no case waits behind others; 0: never.")]
Miss = Annotated[float, typer.Option(min=0, max=0.9, help="Share of rings that nobody picks up within 20 seconds.")]
Traffic = Annotated[Path | None, typer.Option(help="Your own customers: at, kind, language, minutes, patience.")]
Staff = Annotated[Path | None, typer.Option(help="Your own staff: languages, from, to (hours of the day).")]
Limit = Annotated[bool, typer.Option(help="Also work out what nobody could exceed, even knowing the future.")]
Json = Annotated[bool, typer.Option("--json", help="Figures for machines, on standard output.")]


def simulate(
    load: Load = 0.9, days: Days = 30, seeds: Seeds = 6, first_seed: FirstSeed = 1, rearrive: Rearrive = False,
    policy: Way = Chosen.ALL, guard: Guard = None, miss: Miss = 0.0, traffic: Traffic = None, staff: Staff = None,
    limit: Limit = True, as_json: Json = False,
) -> None:  # fmt: skip
    """Try the router on a month of customers before they come.

    Without files: complaints, questions, praise and other things, day and night, in three languages, and seventeen
    operators in three shifts; complaints are promised an answer in 1 hour, questions in 2, praise in 8, others in 24.
    The router is the one that rings your operators; the same customers, with the same patience and the same work in
    them, also meet first-in-first-out, round robin and priority classes.

    A file of your own is .csv or .jsonl, a row for each customer: at (date and time, or seconds), kind, language,
    minutes of work, and perhaps minutes of patience; or a row for each operator.

    netcenter simulate --load 0.97 --rearrive

    netcenter simulate --traffic june.csv --staff team.csv
    """
    asked = Asked(load, days, rearrive, miss, guard, traffic, staff)
    names = list(POLICIES) if policy is Chosen.ALL else [policy.value]
    numbers = [first_seed] if traffic else list(range(first_seed, first_seed + seeds))
    try:
        found, limits = _run(asked, names, numbers, limit)
    except Refused as refused:
        Console(stderr=True).print(f"[red]✗[/red] {refused.message}")
        raise typer.Exit(1) from refused
    most = sum(limits) / len(limits) if limits else None
    results = {name: average(found[name]) | {"bound_weighted": most} for name in names}
    if as_json:
        print(json.dumps({"scenario": _told(asked, numbers), "policies": _plain(results)}, indent=1))
    else:
        _show(asked, numbers, results)


def _run(
    asked: Asked, names: list[str], seeds: list[int], limit: bool
) -> tuple[dict[str, list[dict[str, Any]]], list[float]]:
    """Every policy on every month, as many at a time as there are cores; and the bound of each month."""
    if asked.traffic or asked.staff:
        asked.month(seeds[0])  # a file that cannot be read is refused before anything starts
    tasks = [(asked, name, seed) for seed in seeds for name in (*names, *(["limit"] if limit else []))]
    done: dict[tuple[str, int], Any] = {}
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("Months", total=len(tasks))
        for name, seed, result in _results(tasks):
            done[name, seed] = result
            progress.advance(bar)
    return {n: [done[n, s] for s in seeds] for n in names}, [done["limit", s] for s in seeds] if limit else []


def _results(tasks: list[tuple[Asked, str, int]]) -> Iterator[tuple[str, int, Any]]:
    cores = min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, len(tasks))
    if cores == 1:
        yield from (_play(task) for task in tasks)
        return
    with ProcessPoolExecutor(cores) as pool:
        for future in as_completed([pool.submit(_play, task) for task in tasks]):
            yield future.result()


def _play(task: tuple[Asked, str, int]) -> tuple[str, int, Any]:
    asked, name, seed = task
    month = asked.month(seed)
    if name == "limit":
        return name, seed, bound(month)
    rng = random.Random(-seed)  # noqa: S311
    misses = [rng.random() < asked.miss for _ in range(10_007)] if asked.miss else ()
    return name, seed, figures(month, race(month, name, asked.rearrive, asked.guard, misses).play())


def _told(asked: Asked, seeds: list[int]) -> dict[str, Any]:
    told = {"days": asked.days, "seeds": seeds, "rearrive": asked.rearrive, "miss": asked.miss, "guard": asked.guard}
    return told | ({"traffic": str(asked.traffic)} if asked.traffic else {"load": asked.load})


def _plain(value: Any) -> Any:
    """The same with null where something was never answered."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    return value


def _show(asked: Asked, seeds: list[int], results: dict[str, dict[str, Any]]) -> None:
    of = str(asked.traffic) if asked.traffic else f"load {asked.load:g}, {asked.days} days × {len(seeds)} seeds"
    back = "ignored customers come back" if asked.rearrive else "ignored customers are lost"
    table = Table(title=f"{of}; {back}", title_justify="left")
    table.add_column("")
    for name in results:
        table.add_column(NAMES[name], justify="right", style="bold" if name == "ours" else "")
    rows: list[tuple[str, Any]] = [
        ("Complaints within 1 h", lambda r: _percent(r["complaints_1h"])),
        ("Within promise, by cost", lambda r: _percent(r["weighted_within"])),
        ("Within promise", lambda r: _percent(r["within"])),
        *((f"  {kind}", lambda r, k=kind: _percent(r["within_by_kind"][k]))
          for kind in next(iter(results.values()))["within_by_kind"]),
        ("Half wait less than", lambda r: _time(r["p50_minutes"])),
        ("90 % wait less than", lambda r: _time(r["p90_minutes"])),
        ("99 % wait less than", lambda r: _time(r["p99_minutes"])),
        ("The longest", lambda r: _time(60 * r["oldest_hours"])),
        ("Cost of delay", lambda r: _number(r["cost"])),
        ("Lose patience", lambda r: _percent(r["switch_rate"])),
        ("Busy", lambda r: _percent(r["occupancy"])),
        ("Idle hours a day", lambda r: _number(r["idle_hours"])),
        ("Fairness (Jain)", lambda r: f"{r['jain']:.4f}"),
        *([("Missed rings", lambda r: f"{r['missed_rings']:.0f}")] if asked.miss else []),
        ("Short of the possible", lambda r: _percent(r["bound_weighted"] - r["weighted_within"])
         if r["bound_weighted"] is not None else "–"),
    ]  # fmt: skip
    for title, tell in rows:
        table.add_row(title, *(tell(result) for result in results.values()))
    Console().print(table)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _number(value: float) -> str:
    return f"{value:,.1f}" if math.isfinite(value) else "∞"


def _time(minutes: float) -> str:
    if not math.isfinite(minutes):
        return "never"
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.1f} h"
