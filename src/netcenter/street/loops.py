"""The street of the demo, in a thread with an event loop of its own, for as long as the server runs."""

import asyncio
import logging
import os
import threading

import httpx2

from netcenter.lib.loops import Loop
from netcenter.street.company import Opened, attendance
from netcenter.street.street import Pace, Street

log = logging.getLogger(__name__)

_opened: Opened | None = None


def opened(demo: Opened | None) -> None:
    """The demo is furnished; whoever starts the server says so before the loops begin."""
    global _opened  # noqa: PLW0603
    _opened = demo


class Demo:
    """Starts the street once the server answers, and again should it ever fall over."""

    def __init__(self, demo: Opened) -> None:
        self._demo = demo
        self._thread: threading.Thread | None = None
        self.street: Street | None = None

    def step(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        if not self._answers():
            return
        self._thread = threading.Thread(target=self._run, name="street", daemon=True)
        self._thread.start()

    def _answers(self) -> bool:
        try:
            return httpx2.get(f"{self._demo.house.url}/health", timeout=5, trust_env=False).status_code == 200
        except httpx2.HTTPError:
            return False

    def _run(self) -> None:
        try:
            asyncio.run(self._live())
        except Exception:
            log.exception("the street fell over")

    async def _live(self) -> None:
        pace = Pace(seconds=float(os.environ.get("NETCENTER_STREET_SECONDS", "15")))
        self.street = Street(self._demo.house, attendance, pace)
        # Copies, so that the sockets stay open for another try.
        await self.street.live(self._demo.post.dup(), self._demo.shop.dup())


def loops() -> list[Loop]:
    return [Loop("street", Demo(_opened).step, every=1.0)] if _opened else []
