"""Sorting and counting what is said under posts, and going on with rounds."""

import time

from netcenter.crowds import going, grouping
from netcenter.lib import clock
from netcenter.lib.loops import Loop

REST = 1.0  # seconds that comments gather before they are sorted
COUNTING = 5  # times as long as it took, the loop rests: a page that is a few seconds old is worth less than a ring
LONGEST_REST = 10.0


def _sort() -> Loop:
    sorter = grouping.Sorter()

    def step() -> float | None:
        began = time.monotonic()
        read = sorter.follow()
        if read == grouping.BATCH:
            return 0.1  # behind: read on, count later
        older = sorter.catch_up()
        counted = grouping.recount(clock.now())
        if not (read or older or counted):
            return None
        rest = min(LONGEST_REST, COUNTING * (time.monotonic() - began))
        return 0.05 if older else max(REST, rest)

    return Loop("crowds.sort", step, topics=("crowds",), every=2.0, alone=True)


LOOPS = [_sort(), Loop("crowds.rounds", lambda: going.step(clock.now()), topics=("crowds",), every=5.0, alone=True)]
