"""A migrated SQLite database, made once: migrating takes seconds, and many tests and benches begin with a fresh house.

lay(data)  # `data` is a folder for NETCENTER_DATA; the server that starts there has nothing left to migrate
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAME = "netcenter.sqlite3"


def lay(data: Path) -> None:
    """Put a migrated, empty database there."""
    data.mkdir(parents=True, exist_ok=True)
    copy(data / NAME)


def copy(file: Path) -> None:
    """Put it into a file of another name, in the place of what was there."""
    for beside in ("-wal", "-shm"):
        file.with_name(file.name + beside).unlink(missing_ok=True)
    shutil.copy(_made(), file)


@cache
def _made() -> Path:
    """The template of these very migrations; whoever comes first makes it, for all processes."""
    kept = ROOT / "build" / f"template-{_mark()}.sqlite3"
    if not kept.exists():
        kept.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as data:
            clean = {k: v for k, v in os.environ.items() if not k.startswith(("NETCENTER_", "DJANGO_"))}
            command = [sys.executable, "-m", "netcenter.site.command", "migrate", "--verbosity", "0"]
            subprocess.run(command, env=clean | {"NETCENTER_DATA": data}, check=True, cwd=ROOT)
            with contextlib.closing(sqlite3.connect(Path(data) / NAME)) as wire:
                wire.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            os.replace(Path(data) / NAME, kept)
    return kept


def _mark() -> str:
    """Changes with every migration and package."""
    found = [*sorted((ROOT / "src").rglob("migrations/*.py")), ROOT / "requirements.txt"]
    return hashlib.sha256(b"".join(path.read_bytes() for path in found)).hexdigest()[:16]
