"""`netcenter guard`: a line in, a line out, in order; a bad line stops nothing."""

import json
import subprocess
import sys

import pytest

from netcenter.guard.draft import Draft
from netcenter.guard.lines import BadLine, Judge, read


def test_it_judges_line_by_line_and_tells_bad_ones():
    lines = [
        '{"id": 7, "draft": "Cálmese, por favor.", "messages": ["Otra vez sin luz!!"], "language": "es"}',
        "nonsense",
        '{"id": 8}',
        "",
        '{"id": "b", "draft": "Olá! Sim, temos.", "messages": ["tem o azul?"]}',
    ]
    run = subprocess.run(
        [sys.executable, "-m", "netcenter.site.command", "guard"],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=True,
        timeout=110,
    )
    out = [json.loads(line) for line in run.stdout.splitlines()]
    assert [line["id"] for line in out] == [7, "b"]
    first = out[0]["findings"][0]
    assert first == {
        "rule": "calm_down",
        "severity": "block",
        "start": 0,
        "end": 19,
        "fix": "Entendemos su molestia.",
        "why": "Nadie se calma porque se lo pidan: niega lo que siente.",
    }
    assert [line.split(":")[0] for line in run.stderr.splitlines()] == ["line 2", "line 3"]


@pytest.mark.parametrize(
    "line",
    [
        "[]",
        '{"draft": 1}',
        '{"draft": "a", "messages": "b"}',
        '{"draft": "a", "messages": [1]}',
        '{"draft": "a", "public": "yes"}',
        '{"draft": "a", "fault": "theirs"}',
        "\xff",
    ],
)
def test_a_line_that_cannot_be_judged_says_why(line):
    with pytest.raises(BadLine):
        read(line)


def test_a_network_says_how_long_a_text_may_be_and_the_line_may_know_better():
    assert read('{"draft": "a", "channel": "X"}')[1].max_length == 280
    assert read('{"draft": "a", "channel": "x", "max_length": 9}')[1].max_length == 9
    assert read('{"draft": "a", "channel": "carrier pigeon"}')[1].max_length is None


def test_the_third_same_answer_in_public_is_the_same_answer_under_many_comments():
    same = [
        Draft(f"Hola, lamentamos la demora y mañana a las {n} te contamos por aquí.", public=True) for n in range(3)
    ]
    judge, alone = Judge(), Judge(alone=True)
    assert ["same_answer" in {f.rule for f in judge.judge(d)} for d in same] == [False, False, True]
    assert not any("same_answer" in {f.rule for f in alone.judge(d)} for d in same)
