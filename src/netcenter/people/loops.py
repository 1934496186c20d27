"""What runs by itself: a wrap-up ends at its second, whether a screen is open or not."""

from netcenter.lib import clock
from netcenter.lib.loops import Loop
from netcenter.people.actions import end_wrap_ups, next_wrap_up


def _wrap_ups() -> float | None:
    end_wrap_ups(clock.now())
    until = next_wrap_up()
    return None if until is None else max(0.005, (until - clock.now()).total_seconds())


LOOPS = [Loop("people.wrap_ups", _wrap_ups, topics=("desks",), every=30.0)]
