"""The server dies at random moments under a stream of messages: laws 1 to 4 (bench/kill.py: in full)."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.timeout(900)
def test_nothing_is_lost_or_doubled_although_the_server_is_killed_again_and_again():
    engine = "sqlite" if connection.vendor == "sqlite" else "postgres"
    command = [sys.executable, "-m", "bench.kill", "--kills", "5", "--engine", engine, "--no-mail"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout + told.stderr[-3000:]
    assert "| **messages lost** | 0 |" in told.stdout
