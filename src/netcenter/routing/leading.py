"""Which process rings for which brand: one leads each queue by lease, and when it dies another takes over."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection

from netcenter.accounts.models import Brand
from netcenter.lib import clock as clocks
from netcenter.lib.engines import engine
from netcenter.lib.loops import PROCESS
from netcenter.lib.models import Lease, drop_lease, take_lease

LEASE = timedelta(seconds=1.5)
RENEW = 0.4  # seconds: three tries before the lease is over
PREFIX = "ring:"


class Leading:
    """The brands whose queues this process leads. Alone on its database, it leads them all."""

    def __init__(self, me: str = PROCESS, clock: Callable[[], float] = time.monotonic) -> None:
        self.me = me
        self._clock = clock
        self._looked_at = -1e9
        self._mine: frozenset[int] = frozenset()

    @property
    def is_alone(self) -> bool:
        """Whether no other process can be there."""
        return not engine().hears_others

    def brands(self, now: datetime) -> frozenset[int] | None:
        """Those that this process leads now; None: all. Takes what nobody leads, and keeps what it leads."""
        if self.is_alone:
            return None
        if self._clock() - self._looked_at >= RENEW:
            self._look(now)
            self._looked_at = self._clock()
        return self._mine

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Hold on to what is led during something that may take longer than a lease, such as reading all that waits.

        Otherwise another would begin to read it too, and then this one again, and nobody would ring.
        """
        if self.is_alone or not self._mine:
            yield
            return
        over = threading.Event()
        keeper = threading.Thread(target=self._keep, args=(over,), name="routing.keep", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            over.set()
            keeper.join()

    def _keep(self, over: threading.Event) -> None:
        try:
            while not over.wait(RENEW):
                self._renew(clocks.now())
        finally:
            connection.close()

    def _renew(self, now: datetime) -> None:
        Lease.objects.filter(holder=self.me, name__startswith=PREFIX, until__gt=now).update(until=now + LEASE)

    def _look(self, now: datetime) -> None:
        self._renew(now)
        led = dict(Lease.objects.filter(name__startswith=PREFIX, until__gt=now).values_list("name", "holder"))
        mine = set()
        for brand_id in Brand.objects.values_list("pk", flat=True):
            name = f"{PREFIX}{brand_id}"
            holder = led.get(name)
            if holder == self.me or (holder is None and take_lease(name, self.me, now, LEASE)):
                mine.add(brand_id)
        self._mine = frozenset(mine)

    def leave(self) -> None:
        """Give everything back, so that the next need not wait for the leases' end."""
        if not self.is_alone:
            for brand_id in self._mine:
                drop_lease(f"{PREFIX}{brand_id}", self.me)
        self._mine = frozenset()
        self._looked_at = -1e9
