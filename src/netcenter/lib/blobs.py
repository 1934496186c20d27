"""Files by content: stored once under their SHA-256, durable when `put` returns, never changed.

A file's time of change says when somebody last meant to refer to it: what nothing refers to a day later may be swept.
"""

import hashlib
import os
import tempfile
from pathlib import Path

from django.conf import settings


def put(content: bytes) -> str:
    """Store the bytes and return their name (SHA-256, hex). Safe to repeat and to race."""
    name = hashlib.sha256(content).hexdigest()
    target = path(name)
    if touch(name):
        return name
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(file.name, target)
    directory = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(directory)  # the name too must survive a power loss, not only the bytes
    finally:
        os.close(directory)
    return name


def get(name: str) -> bytes:
    """The bytes of this name. Raises FileNotFoundError."""
    return path(name).read_bytes()


def touch(name: str) -> bool:
    """Keep the bytes of this name for another day; False when they are not here (any more)."""
    try:
        os.utime(path(name))
    except FileNotFoundError:
        return False
    return True


def untouched(part: int, before: float) -> list[str]:
    """The names in one of the store's 256 parts that nobody has touched since then (seconds since 1970)."""
    folder = Path(settings.BLOBS_ROOT) / f"{part:02x}"
    if not folder.is_dir():
        return []
    return [folder.name + file.name for file in os.scandir(folder) if _changed_at(file) < before]


def _changed_at(file: os.DirEntry | Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return float("inf")  # somebody was quicker


def remove(name: str, before: float) -> bool:
    """Remove what is still untouched since then; False when somebody has touched it meanwhile."""
    folder = Path(settings.BLOBS_ROOT) / name[:2]
    target, leaving = folder / name[2:], folder / f"leaving-{name[2:]}"
    try:
        os.replace(target, leaving)  # from here on nobody can touch it: `put` would write it anew
    except FileNotFoundError:
        return False
    if _changed_at(leaving) >= before:
        os.replace(leaving, target)
        return False
    leaving.unlink(missing_ok=True)
    return True


def path(name: str) -> Path:
    """Where the bytes of this name are."""
    if len(name) != 64 or not all(c in "0123456789abcdef" for c in name):
        raise FileNotFoundError(name)
    return Path(settings.BLOBS_ROOT) / name[:2] / name[2:]
