"""Removing files that nobody refers to: uploads that were never sent, and what a crash left half written."""

import re
from collections.abc import Collection
from datetime import datetime, timedelta

from netcenter.cases.models import Attachment, KeptFile
from netcenter.intake.models import Delivery
from netcenter.lib import blobs

KEPT = timedelta(days=1)  # for whoever still writes the words that go with the file
PARTS = 256  # of the store
_NAME = re.compile(rb"[0-9a-f]{64}")


def sweep(part: int, now: datetime) -> int:
    """Sweep one part of the store; returns how many files are gone.

    Whoever refers to a file has put or touched it less than a day before: what is old and free stays free.
    """
    before = (now - KEPT).timestamp()
    old = blobs.untouched(part, before)
    return sum(blobs.remove(name, before) for name in free(old))


def free(names: Collection[str]) -> set[str]:
    """Those of the names that no message and no delivery refers to."""
    left = set(names)
    for table in (Attachment, Delivery, KeptFile):
        # "not empty" in so many words: without it SQLite does not use the partial indexes.
        named = table.objects.exclude(blob="")  # type: ignore[attr-defined]
        listed = sorted(left)
        for start in range(0, len(listed), 500):
            left -= set(named.filter(blob__in=listed[start : start + 500]).values_list("blob", flat=True))
    if left:  # what is not recorded yet may name files in its own words
        untold = Delivery.objects.filter(state__in=[Delivery.State.NEW, Delivery.State.UNREADABLE])
        for body in untold.values_list("body", flat=True).iterator(chunk_size=100):
            left -= {name.decode() for name in _NAME.findall(bytes(body))}
    return left
