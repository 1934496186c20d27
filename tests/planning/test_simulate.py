"""The simulation: who is answered when, by hand on small months; and what the command tells."""

import json
import math
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from netcenter.lib.refused import Refused
from netcenter.planning.bound import bound
from netcenter.planning.figures import average, figures
from netcenter.planning.race import POLICIES, race
from netcenter.planning.simulate import simulate
from netcenter.planning.traffic import DAY, KIND_SHARES, NEVER, Arrival, Month, Worker, given, mixed
from netcenter.routing.cost import HOUR, KINDS

ALWAYS = Worker(frozenset({"es"}), 0, 24)
KEYS = {
    "complaints_1h", "weighted_within", "within", "oldest_hours", "p50_minutes", "p99_minutes", "cost", "switch_rate",
    "occupancy", "jain", "bound_weighted",
}  # fmt: skip


def month(*arrivals: Arrival, staff: tuple[Worker, ...] = (ALWAYS,)) -> Month:
    return Month(arrivals, staff, 1, KINDS)


def asks(
    minute: float, kind: str = "question", work: float = 10, language: str = "es", patience: float = NEVER
) -> Arrival:
    return Arrival(60 * minute, kind, language, 60 * work, patience)


def minutes(policy: str, told: Month, rearrive: bool = False) -> list[float]:
    return [round(at / 60, 3) for at in race(told, policy, rearrive).play().answered]


def test_first_come_is_first_served_only_where_that_is_the_policy():
    told = month(asks(0), asks(1), asks(2, "complaint"))
    assert minutes("fifo", told) == [10, 20, 30]
    assert minutes("priority", told) == minutes("ours", told) == [10, 30, 20]


def test_ours_lets_what_is_late_make_way_for_what_can_be_in_time():
    late, fresh = asks(0, work=10), asks(115, work=10)
    told = month(asks(0, "complaint", work=118), late, fresh)
    assert minutes("priority", told) == [118, 128, 138]
    assert minutes("ours", told) == [118, 138, 128]


def test_a_case_waits_for_whoever_speaks_the_language_and_for_the_shift():
    both, day = Worker(frozenset({"es", "pt"}), 0, 24), Worker(frozenset({"es"}), 8, 16)
    assert minutes("ours", month(asks(0), asks(1, language="pt"), staff=(both, ALWAYS))) == [10, 11]
    assert minutes("ours", month(asks(0), staff=(day,))) == [490]
    assert minutes("ours", month(asks(479, work=30), asks(479, work=30), staff=(day,))) == [510, 540]


def test_dealt_cases_wait_for_their_own_operator_even_when_another_is_free():
    told = month(asks(0, work=60), asks(1, work=5), asks(2, work=5), asks(3, work=5), staff=(ALWAYS, ALWAYS))
    assert minutes("round-robin", told) == [60, 6, 65, 11]
    assert minutes("fifo", told) == [60, 6, 11, 16]


def test_who_is_ignored_comes_back_as_a_complaint_that_takes_longer():
    told = month(asks(0, work=60), asks(1, work=10, patience=600.0))
    played = race(told, "fifo", True).play()
    assert played.left == [False, True, False]
    assert played.arrivals[2] == Arrival(660.0, "complaint", "es", 780.0)
    assert [round(at / 60) for at in played.answered] == [60, 70, 83]
    assert len(race(told, "fifo", False).play().arrivals) == 2


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("rearrive", [False, True])
def test_nobody_answers_two_at_once_or_what_they_cannot(policy, rearrive, monkeypatch):
    told, hands, done = mixed(7, 3, 0.9), {}, []
    run = race(told, policy, rearrive)
    begin = type(run).begin

    def watch(self, worker, case):
        assert worker not in self.in_hand and self.here[worker]
        assert self.cases[case].language in told.staff[worker].languages
        hands[case] = self.now
        done.append(case)
        begin(self, worker, case)

    monkeypatch.setattr(type(run), "begin", watch)
    played = run.play()
    assert len(done) == len(set(done)) == len(played.arrivals)
    assert all(hands[n] >= a.at and played.answered[n] == hands[n] + a.work for n, a in enumerate(played.arrivals))


def test_the_generated_month_is_what_it_says_and_the_same_each_time():
    told = mixed(3, 30, 0.9)
    assert told == mixed(3, 30, 0.9)
    assert told.arrivals != mixed(4, 30, 0.9).arrivals
    load = sum(a.work for a in told.arrivals) / (sum(w.ends - w.begins for w in told.staff) * HOUR * 30)
    assert 0.8 < load < 1.0
    shares = {kind: sum(a.kind == kind for a in told.arrivals) / len(told.arrivals) for kind in told.kinds}
    assert shares == pytest.approx(KIND_SHARES, abs=0.01)
    assert [a.at for a in told.arrivals] == sorted(a.at for a in told.arrivals)


def test_the_bound_is_reached_where_everything_is_possible_and_kept_where_it_is_not():
    assert bound(month(asks(0), asks(60))) == pytest.approx(1.0)
    crowd = month(*(asks(0, "complaint", work=60) for _ in range(10)))
    assert 0.1 <= bound(crowd) <= 0.21  # one hour of work, in the two hours that it touches
    told = Month(mixed(5, 4, 1.1).arrivals, (ALWAYS, *(Worker(frozenset({"es", "pt", "en"}), 0, 24),) * 5), 4, KINDS)
    most = bound(told)
    best = max(figures(told, race(told, p, False).play())["weighted_within"] for p in POLICIES)
    assert best < most < 1.0


def test_figures_are_by_hand():
    told = month(asks(0, "complaint", work=30), asks(0, "complaint", work=60), asks(0, "question", work=30))
    found = figures(told, race(told, "priority", False).play())
    assert found["complaints_1h"] == 0.5
    assert found["weighted_within"] == pytest.approx((8 + 3) / 19)
    assert found["within"] == pytest.approx(2 / 3)
    assert (found["oldest_hours"], found["p50_minutes"], found["cases"]) == (2.0, 90.0, 3)
    assert found["cost"] == pytest.approx((8 * 0.25 + 8 * 2.25 + 3 * 1) / 3)
    assert found["occupancy"] == pytest.approx(2 / 24)
    mean = average([found, found | {"complaints_1h": 1.0}])
    assert (mean["complaints_1h"], mean["complaints_1h_error"]) == (0.75, 0.25)


def test_a_given_month_is_read_from_files(tmp_path: Path):
    traffic, staff = tmp_path / "june.csv", tmp_path / "team.jsonl"
    traffic.write_text("at,kind,language,minutes,patience\n2026-06-01T10:00:00+00:00,question,pt,5,\n"
                       "2026-06-01T09:00:00+00:00,complaint,es,8,90\n")  # fmt: skip
    staff.write_text('{"languages": "es pt", "from": 8, "to": 16}\n')
    told = given(traffic, staff)
    assert [(a.kind, a.at % DAY, a.work, a.patience) for a in told.arrivals] == [
        ("complaint", 9 * HOUR, 480.0, 5400.0), ("question", 10 * HOUR, 300.0, NEVER),
    ]  # fmt: skip
    assert told.staff == [Worker(frozenset({"es", "pt"}), 8.0, 16.0)]
    assert told.kinds["complaint"].minutes == 8


@pytest.mark.parametrize("text", ["", '{"at": 0, "kind": "question"}\n', "nonsense\n", '{"at": "soon"}\n'])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, text: str):
    path = tmp_path / "june.jsonl"
    path.write_text(text)
    with pytest.raises(Refused):
        given(path, None)


def command(*words: str):
    app = Typer()
    app.command()(simulate)
    return CliRunner().invoke(app, words)


def test_the_command_tells_machines_every_figure_of_every_policy():
    found = command("--days", "3", "--seeds", "2", "--load", "0.5", "--miss", "0.05", "--json")
    assert found.exit_code == 0, found.output
    told = json.loads(found.stdout)["policies"]
    assert set(told) == set(POLICIES)
    assert all(set(row) >= KEYS for row in told.values())
    assert all(math.isfinite(row[key]) for row in told.values() for key in KEYS)
    assert told["ours"]["missed_rings"] > 0
    assert json.loads(command("--days", "3", "--seeds", "2", "--load", "0.5", "--miss", "0.05", "--json").stdout)[
        "policies"
    ] == told  # fmt: skip


def test_the_command_tells_people_a_table_and_refuses_a_missing_file(tmp_path: Path):
    found = command("--days", "3", "--seeds", "1", "--load", "0.4", "--policy", "ours", "--no-limit")
    assert found.exit_code == 0 and "Complaints within 1 h" in found.stdout
    assert command("--traffic", str(tmp_path / "nothing.csv")).exit_code == 1
