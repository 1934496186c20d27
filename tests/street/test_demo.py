"""The demo as a person meets it: the real command, a click, and within a minute something rings."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from tests.street.operator import Operator, wait_until
from tests.template import lay

pytestmark = pytest.mark.timeout(600)
STARTS_WITHIN = 240  # seconds, with a week of history, on a busy machine


@dataclass
class Demo:
    url: str
    data: Path
    process: "subprocess.Popen[str]"

    def ask(self, sql: str) -> list[tuple]:
        with sqlite3.connect(self.data / "netcenter.sqlite3") as database:
            return database.execute(sql).fetchall()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    data = tmp_path_factory.mktemp("demo")
    lay(data)
    env = {k: v for k, v in os.environ.items() if not k.startswith("NETCENTER_")}
    env |= {"NETCENTER_DATA": str(data), "DJANGO_SETTINGS_MODULE": "netcenter.site.settings", "PYTHONUNBUFFERED": "1"}
    env["NETCENTER_STREET_SECONDS"] = "4"
    command = [sys.executable, "-m", "netcenter.site.command", "demo", "--port", "0"]
    with (data / "log").open("w") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT, text=True)
    try:
        url = wait_until(lambda: _address(data / "log", process), STARTS_WITHIN, "the demo did not start")
        yield Demo(url, data, process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            assert process.wait(40) == 0
        finally:
            process.kill()
    assert "Traceback" not in (data / "log").read_text()


def _address(log: Path, process: "subprocess.Popen[str]") -> str:
    said = log.read_text()
    assert process.poll() is None, said
    found = re.search(r"http://[\d.:]+", said)
    return found[0] if found else ""


def test_with_one_click_something_rings_and_citizens_read_the_answers_on_every_wire(demo: Demo):
    began = time.monotonic()
    operator = Operator(demo.url, "Sofía")
    try:
        offer = operator.wait_for_ring(60)
        assert time.monotonic() - began < 60
        answered = {operator.accept(offer)}
        for case in answered:
            operator.answer(case, close=True)
        last_seeded = demo.ask("SELECT max(id) FROM cases_message")[0][0]
        wait_until(lambda: _work(demo, operator, last_seeded), 240, "the citizens did not answer back on every wire")
        _look(demo)
    finally:
        operator.leave()


def _work(demo: Demo, operator: Operator, after: int) -> bool:
    """Answer what rings and what is held; True once new citizens have answered back by chat, mail and app."""
    if offer := operator.ringing():
        operator.answer(operator.accept(offer), close=True)
    held = "SELECT id FROM cases_case WHERE holder_id IS NOT NULL AND waiting_since IS NOT NULL"
    for (case,) in demo.ask(held):
        operator.answer(case, close=True)
    back = demo.ask(f"""
        SELECT DISTINCT account.channel FROM cases_message said
        JOIN cases_message answer ON answer.case_id = said.case_id AND answer.direction = 'out' AND answer.id < said.id
        JOIN accounts_account account ON account.id = said.account_id
        WHERE said.direction = 'in' AND answer.state = 'sent' AND answer.id > {after}
    """)
    return {channel for (channel,) in back} == {"webchat", "email", "api"}


def _look(demo: Demo) -> None:
    """Nothing was lost, refused or unreadable, and the ledger balances."""
    assert demo.ask("SELECT count(*) FROM intake_delivery WHERE state = 'unreadable'") == [(0,)]
    assert demo.ask("SELECT count(*) FROM outbox_dispatch WHERE state = 'refused' OR attempts > 1") == [(0,)]
    ((received, answered, disposed),) = demo.ask("SELECT sum(received), sum(answered), sum(disposed) FROM cases_tally")
    ((waiting,),) = demo.ask("SELECT count(*) FROM cases_message WHERE state = 'waiting'")
    assert received == answered + disposed + waiting
    health = httpx2.get(f"{demo.url}/health", trust_env=False).json()
    assert health["ok"]
    assert health["loops"]["street"]["failures"] == 0
