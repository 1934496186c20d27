"""A private PostgreSQL from the machine's own binaries, for the length of a test run or a benchmark.

`python -m tests.servers.postgres COMMAND…` runs the command with NETCENTER_DATABASE pointing at a fresh server, and
NETCENTER_DATABASE_GW1 at a second one, for the second worker of a test run: what is settled in the record is known for
a whole server at once, so two test runs on one server would wait for each other's transactions. Without the binaries it
says so and ends well, except in CI (CI=true), where nothing may be skipped.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

INSTALL = "PostgreSQL is not installed here, so its tests are skipped: apt-get install postgresql"
SETTINGS = {
    "listen_addresses": "''", "fsync": "on", "max_connections": "200", "shared_buffers": "'128MB'",
    "log_min_messages": "warning",
}  # fmt: skip


class Missing(Exception):
    """The machine has no PostgreSQL, or nobody who may run it."""


@contextmanager
def postgres(**more: str) -> Iterator[str]:
    """The address of a fresh server, with `more` settings, on a socket in a folder of its own. Raises Missing."""
    binaries = _binaries()
    owner = _owner()
    lab = Path(tempfile.mkdtemp(prefix="netcenter-pg-"))
    try:
        if owner:
            os.chown(lab, owner.pw_uid, owner.pw_gid)
        _run(
            owner, binaries / "initdb", "-D", lab / "data", "-U", "netcenter", "-A", "trust", "-E", "UTF8", "--no-sync"
        )
        wishes = "".join(f"{name} = {value}\n" for name, value in {**SETTINGS, **more}.items())
        with (lab / "data/postgresql.conf").open("a") as file:
            file.write(f"{wishes}unix_socket_directories = '{lab}'\n")
        control = (binaries / "pg_ctl", "-D", lab / "data", "-w", "-l", lab / "log")
        _run(owner, *control, "start")
        try:
            _run(owner, binaries / "createdb", "-h", lab, "-U", "netcenter", "netcenter")
            yield f"postgresql://netcenter@/netcenter?host={lab}"
        finally:
            _run(owner, *control, "-m", "immediate", "stop")  # nothing of it is kept
    finally:
        shutil.rmtree(lab, ignore_errors=True)


def _binaries() -> Path:
    """The newest installed server: Debian keeps it off the path."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3]))
    if not folders:
        raise Missing(INSTALL)
    return folders[-1].parent


def _owner() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: then somebody harmless does."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Missing("PostgreSQL does not run as root, and there is no user postgres or nobody")


def _run(owner: pwd.struct_passwd | None, *command: object) -> None:
    who = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
    done = subprocess.run(  # no pipe: the server would inherit and keep it open
        [str(part) for part in command], stdout=subprocess.DEVNULL, stderr=None,
        cwd="/", env={**os.environ, "LC_ALL": "C.UTF-8"}, check=False, **who,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed")


def main() -> int:
    """Run the command of the arguments with a database."""
    try:
        with postgres(fsync="off") as address, postgres(fsync="off") as second:  # nothing of it is kept
            addresses = {"NETCENTER_DATABASE": address, "NETCENTER_DATABASE_GW1": second}
            return subprocess.call(sys.argv[1:], env={**os.environ, **addresses})
    except Missing as missing:
        print(missing, file=sys.stderr)
        return int(os.environ.get("CI") == "true")


if __name__ == "__main__":
    sys.exit(main())
