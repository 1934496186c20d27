"""Access tokens that can be asked for anew at any time: kept by this process, so that many calls need one."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable

EARLY = 300.0  # seconds before its end, a token is used no more

_kept: dict[str, tuple[str, float]] = {}
_lock = threading.Lock()


def kept(named: str, now: float, ask: Callable[[], tuple[str, float]]) -> str:
    """The token that is kept under all that it was asked for with; else a new one: `ask` tells it and its end."""
    name = hashlib.sha256(named.encode()).hexdigest()
    with _lock:
        token, until = _kept.get(name, ("", 0.0))
    if token and now < until - EARLY:
        return token
    token, until = ask()
    with _lock:
        _kept[name] = (token, until)
    return token


def forget(token: str) -> None:
    """The network no longer takes it: the next call asks for another."""
    with _lock:
        for name in [name for name, (known, _until) in _kept.items() if known == token]:
            del _kept[name]
