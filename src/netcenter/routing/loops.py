"""Ringing: at once when woken, and when a ring runs out; and noticing who is gone."""

from datetime import timedelta

from netcenter.lib import clock
from netcenter.lib.loops import Loop
from netcenter.lib.transactions import urgent
from netcenter.routing.actions import miss_overdue
from netcenter.routing.leading import Leading
from netcenter.routing.pausing import next_end, resume_due, stop_rings, unpin_due
from netcenter.routing.presence import end_idle, release_gone, take_back
from netcenter.routing.queries import next_miss
from netcenter.routing.switchboard import Switchboard

QUIET = timedelta(minutes=10)


class Ringing:
    """The switchboard of this process, kept from step to step."""

    def __init__(self) -> None:
        self._board: Switchboard | None = None

    def step(self) -> float:
        """Miss what was not picked up, ring what can be rung; returns when to look again."""
        if self._board is None:
            self._board = Switchboard(Leading())
        try:
            return self._step(self._board)
        except Exception:
            self.stop()  # what it remembers may be wrong now: the next step reads everything anew
            raise

    def _step(self, board: Switchboard) -> float:
        due = next_miss()
        with urgent():
            if due is not None and due <= clock.now() and board.leads:
                miss_overdue(clock.now())
            board.step(clock.now())
        due, changes = next_miss(), board.next_at()
        now = clock.now().timestamp()
        pauses = [at - now for at in (due.timestamp() if due and board.leads else None, changes) if at is not None]
        return min(board.pause, max(0.005, min(pauses, default=board.pause)))

    def stop(self) -> None:
        if self._board is not None:
            self._board.stop()
            self._board = None


RINGING = Ringing()


def _release() -> None:
    now = clock.now()
    release_gone(now)
    end_idle(now, QUIET)
    take_back(now)


def _end_pauses() -> float | None:
    now = clock.now()
    resume_due(now)
    unpin_due(now)
    stop_rings(now)
    end = next_end()
    return None if end is None else min(5.0, max(0.05, (end - clock.now()).total_seconds()))


LOOPS = [
    Loop("routing.pausing", _end_pauses, topics=("people",), every=5.0, alone=True),
    Loop("routing.ring", RINGING.step, topics=("routing",), every=1.0, stop=RINGING.stop),
    Loop("routing.presence", _release, every=2.0, alone=True),
]
