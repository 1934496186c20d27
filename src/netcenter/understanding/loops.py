"""Learning what people corrected and what they ask for."""

from netcenter.lib import clock
from netcenter.lib.loops import Loop
from netcenter.understanding.teaching import TOPIC, learn_what_is_asked


def _learn() -> float | None:
    learn_what_is_asked(clock.now())
    return None


LOOPS = [Loop("understanding.learn", _learn, topics=(TOPIC,), every=600.0, alone=True)]
