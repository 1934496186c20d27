"""A throw-away installation for a benchmark: its own data folder and database, on SQLite or a private PostgreSQL."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.template import lay

ENGINES = ("sqlite", "postgres")


@contextmanager
def installation(engine: str, **server: str) -> Iterator[dict[str, str]]:
    """The environment of a fresh, migrated installation; everything is gone afterwards. `server`: PostgreSQL's."""
    data, root = tempfile.mkdtemp(prefix="netcenter-bench-"), Path(__file__).resolve().parent.parent
    environment = {
        **os.environ, "NETCENTER_DATA": data, "NETCENTER_DEMO": "0", "NETCENTER_LOG": "ERROR", "NETCENTER_DATABASE": "",
        "NETCENTER_ALLOW_PRIVATE_HTTP": "1", "PYTHONPATH": f"{root}{os.pathsep}{root / 'src'}",
    }  # fmt: skip
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    try:
        if engine == "sqlite":
            lay(Path(data))
            yield environment
        else:
            from tests.servers.postgres import postgres

            with postgres(**server) as url:
                environment["NETCENTER_DATABASE"] = url
                run(environment, "migrate", "-v0")
                yield environment
    finally:
        shutil.rmtree(data, ignore_errors=True)


def run(environment: dict[str, str], *arguments: str) -> None:
    """A `netcenter` command in that installation."""
    subprocess.run([sys.executable, "-m", "netcenter.site.command", *arguments], env=environment, check=True)


def start(environment: dict[str, str], module: str, *arguments: str, **more) -> subprocess.Popen:
    """A Python module as a process of that installation."""
    return subprocess.Popen([sys.executable, "-m", module, *map(str, arguments)], env=environment, **more)


def inside() -> None:
    """Make this process part of the installation its environment names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "netcenter.site.settings")
    import django

    django.setup()


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
