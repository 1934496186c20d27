"""Waking what was snoozed, and folding the ledger's entries."""

from netcenter.cases.actions import wake_snoozed
from netcenter.cases.ledger import fold
from netcenter.lib import clock, wakeup
from netcenter.lib.loops import Loop


def _wake() -> None:
    if wake_snoozed(clock.now()):
        wakeup.wake("routing")


def _fold() -> None:
    fold()


LOOPS = [
    Loop("cases.wake", _wake, every=2.0, alone=True),
    Loop("cases.fold", _fold, every=60.0, alone=True),
]
