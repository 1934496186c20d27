"""Processes that ring the same cases at the same desks: law 3 is kept by the database, not by luck."""

import pytest
from bench.lab import installation
from bench.race import race

from tests.servers.postgres import Missing


def check(engine: str, processes: int, cases: int, operators: int) -> None:
    with installation(engine) as environment:
        counted = race(environment, processes, cases, operators)
    assert counted["errors"] == 0, counted
    assert (counted["exactly one"], counted["none"], counted["several"]) == (cases, 0, 0), counted
    assert counted["load left"] == 0, counted


@pytest.mark.timeout(400)
def test_each_case_is_picked_up_once_although_three_processes_ring_on_sqlite():
    check("sqlite", processes=3, cases=60, operators=8)


@pytest.mark.postgres
@pytest.mark.timeout(400)
def test_each_case_is_picked_up_once_although_four_processes_ring_on_postgresql():
    try:
        check("postgres", processes=4, cases=100, operators=14)
    except Missing as missing:
        pytest.skip(str(missing))
