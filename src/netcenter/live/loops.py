"""What runs by itself here; the streams belong to the web server."""

from netcenter.lib.loops import Loop
from netcenter.live.push import Pusher


def loops() -> list[Loop]:
    return [Loop("live.push", Pusher().step, topics=("events",), every=5.0, alone=True)]
