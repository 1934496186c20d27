"""Sealing the record within a second of its being written."""

from netcenter.events.actions import SEAL_BATCH, seal_next
from netcenter.lib import clock
from netcenter.lib.loops import Loop


def _seal() -> float | None:
    return 0.0 if seal_next(clock.now()) == SEAL_BATCH else None


LOOPS = [Loop("events.seal", _seal, every=2.0, alone=True)]
