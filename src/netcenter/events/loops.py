"""Sealing the record within a second of its being written."""

import time

from netcenter.events.actions import SEAL_BATCH, seal_next
from netcenter.lib import clock
from netcenter.lib.loops import Loop

RESTS = 3  # times as long as it worked, while there is more: who comes to the desk goes before


def _seal() -> float | None:
    began = time.monotonic()
    more = seal_next(clock.now()) == SEAL_BATCH
    return RESTS * (time.monotonic() - began) if more else None


LOOPS = [Loop("events.seal", _seal, every=2.0, alone=True)]
