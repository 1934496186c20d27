"""What networks allow, kept by one process: no more in any stretch of time than its buckets hold."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from netcenter.channels.contract import Bucket, ChannelError

SLOTS = 100  # into which a bucket's time is divided, so that a large one needs little memory


class InProcess:
    """The budget of one account, for all threads of this process. Where several send, the house shares them out."""

    def __init__(self, buckets: Iterable[Bucket], now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._buckets = {bucket.name: bucket for bucket in buckets}
        self._spent: dict[str, deque[tuple[int, int]]] = {}  # slot, cost
        self._left: dict[str, tuple[int, datetime]] = {}
        self._now = now
        self._lock = threading.Lock()

    def declare(self, buckets: Iterable[Bucket]) -> None:
        """What the network allows from now on; what was spent stays spent."""
        declared = {bucket.name: bucket for bucket in buckets}
        with self._lock:
            self._buckets = declared

    def spend(self, bucket: str, cost: int = 1) -> None:
        """Before each call. Raises ChannelError(reason="rate", retry_at=…); a name that was not declared is free."""
        now = self._now()
        with self._lock:
            until = self._told_until(bucket, cost, now) or self._full_until(bucket, cost, now)
            if until is not None:
                said = f"{bucket}: all that the network allows is spent"
                raise ChannelError(said, retry_at=until, reason="rate", bucket=bucket)
            if bucket in self._buckets:
                self._spent[bucket].append((self._slot(bucket, now), cost))
            if bucket in self._left:
                remaining, resets_at = self._left[bucket]
                self._left[bucket] = (remaining - cost, resets_at)

    def told(self, bucket: str, remaining: int, resets_at: datetime) -> None:
        """Answers may come out of order: of those that name the same moment the least counts."""
        with self._lock:
            before = self._left.get(bucket)
            if before and before[1] == resets_at:
                remaining = min(remaining, before[0])
            if before is None or before[1] <= resets_at:
                self._left[bucket] = (remaining, resets_at)

    def spent(self, bucket: str) -> int:
        """How much of a declared bucket is spent now: by what we counted, or by what the network said is left."""
        now, declared = self._now(), self._buckets[bucket]
        with self._lock:
            oldest = self._oldest(bucket, now)
            counted = sum(cost for slot, cost in self._spent.get(bucket, ()) if slot >= oldest)
            remaining, resets_at = self._left.get(bucket, (declared.most, now))
            return max(counted, declared.most - remaining) if resets_at > now else counted

    def dump(self, bucket: str) -> dict[str, Any]:
        """What is spent of one bucket, as JSON: for whoever keeps it for several processes."""
        left = self._left.get(bucket)
        told = {"left": [left[0], left[1].isoformat()]} if left else {}
        return {"spent": [list(each) for each in self._spent.get(bucket, ())], **told}

    def load(self, bucket: str, kept: Mapping[str, Any]) -> None:
        """What `dump` gave."""
        self._spent[bucket] = deque((slot, cost) for slot, cost in kept.get("spent", ()))
        if "left" in kept:
            self._left[bucket] = (kept["left"][0], datetime.fromisoformat(kept["left"][1]))

    def _told_until(self, name: str, cost: int, now: datetime) -> datetime | None:
        remaining, resets_at = self._left.get(name, (cost, now))
        if resets_at <= now:
            self._left.pop(name, None)
            return None
        return resets_at if remaining < cost else None

    def _full_until(self, name: str, cost: int, now: datetime) -> datetime | None:
        """When there is room for it; None: now. What a bucket cannot hold at all waits until it is empty."""
        bucket = self._buckets.get(name)
        if bucket is None:
            return None
        spent, oldest = self._spent.setdefault(name, deque()), self._oldest(name, now)
        while spent and spent[0][0] < oldest:
            spent.popleft()
        over = sum(each for _slot, each in spent) + cost - bucket.most
        if over <= 0 or not spent:
            return None
        if bucket.midnight:
            return (_midnight(now, bucket.midnight) + timedelta(days=1, milliseconds=1)).astimezone(UTC)
        free = spent[-1][0]
        for slot, each in spent:
            over -= each
            if over <= 0:
                free = slot
                break
        return datetime.fromtimestamp((free + SLOTS + 1) * bucket.seconds / SLOTS, UTC) + timedelta(milliseconds=1)

    def _oldest(self, name: str, now: datetime) -> int:
        """The first slot that still counts."""
        zone = self._buckets[name].midnight
        return self._slot(name, _midnight(now, zone)) if zone else self._slot(name, now) - SLOTS

    def _slot(self, name: str, now: datetime) -> int:
        return int(now.timestamp() * SLOTS / self._buckets[name].seconds)


def _midnight(now: datetime, zone: str) -> datetime:
    """The last midnight there. A day of 23 or 25 hours is one as well."""
    return now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)


_budgets: dict[str, InProcess] = {}
_lock = threading.Lock()


def budget_of(key: str, buckets: tuple[Bucket, ...]) -> InProcess:
    """The one budget of this account in this process; these buckets hold from now on, whatever was declared before."""
    with _lock:
        one = _budgets.setdefault(key, InProcess(()))
    one.declare(buckets)
    return one
