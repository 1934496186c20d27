"""`netcenter read` and `netcenter topics`: the reading engine as a filter, so that others can judge its judgement."""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

CHUNK = 1 << 18  # bytes read at once; what came is answered before more is waited for

topics = typer.Typer(help="A company's own topics, learned from its labelled cases.", no_args_is_help=True)

Own = Annotated[
    Path | None,
    typer.Option("--topics", exists=True, dir_okay=False, help="Topics that `netcenter topics fit` learned."),
]
Other = Annotated[
    Path | None, typer.Option("--model", exists=True, dir_okay=False, help="Other weights than the shipped ones.")
]


def read(topics: Own = None, model: Other = None) -> None:
    """Say what messages say: netcenter read < in.jsonl > out.jsonl

    A line {"id", "text"}, with "language" where it is known, gives a line with its language, kinds, mood, feelings,
    urgency, abuse, topic, each as probabilities, and the words that decided. A line that cannot be read is told on
    standard error with its number; the others go on. Nothing leaves this machine.
    """
    from netcenter.understanding import topics as own
    from netcenter.understanding.engine import Trained

    try:
        engine = Trained(None if topics is None else own.load(topics), model=model)
    except ValueError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from error
    out = sys.stdout.buffer
    for batch in _batches(sys.stdin.fileno()):
        asked = [one for number, line in batch if (one := _asked(number, line)) is not None]
        wholes = engine.read_whole([one["text"] for one in asked], [_language(one) for one in asked])
        for one, whole in zip(asked, wholes, strict=True):
            out.write(orjson.dumps({"id": one.get("id")} | whole.line(), option=orjson.OPT_APPEND_NEWLINE))
        out.flush()


def _batches(source: int) -> Iterator[Sequence[tuple[int, bytes]]]:
    """Numbered lines, as many at a time as have come."""
    rest, number = b"", 0
    while chunk := os.read(source, CHUNK):
        *lines, rest = (rest + chunk).split(b"\n")
        yield list(enumerate(lines, number + 1))
        number += len(lines)
    if rest:
        yield [(number + 1, rest)]


def _asked(number: int, line: bytes) -> dict[str, Any] | None:
    """The line as it was meant; None, and told, when it cannot be."""
    if not line.strip():
        return None
    try:
        one = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        print(f"line {number}: {error}", file=sys.stderr)
        return None
    if not isinstance(one, dict) or not isinstance(one.get("text"), str):
        print(f'line {number}: no "text"', file=sys.stderr)
        return None
    return one


def _language(one: dict[str, Any]) -> str:
    given = one.get("language")
    return given.replace("_", "-").partition("-")[0].lower() if isinstance(given, str) else ""


@topics.command()
def fit(
    labelled: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="A CSV with the columns text and topic.")
    ],
    out: Annotated[Path, typer.Option("--out", help="Where the topics go.")],
) -> None:
    """Learn a company's topics from a CSV, and say how well it knows them on examples kept back."""
    from netcenter.understanding import topics as own

    try:
        texts, answers = own.examples(labelled)
    except ValueError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from error
    found, quality = own.fit_and_judge(texts, answers, lambda words: print(f"  {words}", file=sys.stderr))
    own.save(found, out)
    print(
        f"{len(texts)} examples of {len(found.labels)} topics; "
        f"{quality.accuracy:.1%} right of {quality.judged} kept back"
    )
    for is_, read_as, times in quality.confused:
        print(f"  {is_} was read as {read_as} {times} times")
