"""Listening by itself: several sources at once, so that a host that hangs holds up no other."""

from netcenter.lib import clock
from netcenter.lib.loops import Loop
from netcenter.lib.workers import Workers
from netcenter.listening import hearing

_sources = Workers("listening", "listening", hearing.claim, hearing.hear, hearing.next_due, threads=4, per_account=1)


def _look_up() -> float | None:
    now = clock.now()
    looked = hearing.look_up(now)
    if not looked:
        hearing.forget(now)
    return 0.0 if looked else None


LOOPS = [
    Loop("listening.hear", _sources.step, topics=("listening",), every=5.0),
    Loop("listening.look_up", _look_up, topics=("listening",), every=30.0),
]
