"""Announcing promises to the second they are near or broken."""

from netcenter.lib import clock
from netcenter.lib.loops import Loop
from netcenter.standards.actions import warn


def _warn() -> float | None:
    now = clock.now()
    following = warn(now)
    return None if following is None else min(5.0, max(0.0, (following - now).total_seconds()))


LOOPS = [Loop("standards.warn", _warn, every=5.0, alone=True)]
