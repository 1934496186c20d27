"""What the chat decides without looking anything up: pace, what may be uploaded, who can answer."""

import ipaddress
import re
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

# --- Pace -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pace:
    """So many at once, and then so many a second."""

    burst: float
    per_second: float


PER_VISITOR = Pace(12, 0.7)  # messages
PER_ADDRESS = Pace(60, 4)  # messages of everybody behind one IP address
UPLOADS_PER_ADDRESS = Pace(20, 0.3)
BYTES_PER_ADDRESS = Pace(100 * 2**20, 50 * 2**10)  # uploaded; what is never said stays on the disk all the same
BYTES_OF_ALL = Pace(2 * 2**30, 300 * 2**10)
FRAMES = Pace(60, 15)  # of any kind, over one socket


class Meter:
    """How much of its pace each key has left. Bounded: the keys not seen for longest are forgotten, in their favour."""

    def __init__(self, pace: Pace, most_keys: int = 20_000) -> None:
        self._pace = pace
        self._most = most_keys
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, now: float, amount: float = 1) -> float:
        """Take one, or as much; 0 when there was enough, else the seconds until there is."""
        left, at = self._left.pop(key, (self._pace.burst, now))
        left = min(self._pace.burst, left + max(0.0, now - at) * self._pace.per_second)
        wait = 0.0 if left >= amount else (amount - left) / self._pace.per_second
        self._left[key] = (left if wait else left - amount, now)
        if len(self._left) > self._most:
            self._left.popitem(last=False)
        return wait


def network_of(address: str) -> str:
    """Whose pace an address counts for: with IPv6 everybody has 2**64 of them, and they are one."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped:
        return str(ip.ipv4_mapped)
    return str(ipaddress.IPv6Address(int(ip) >> 64 << 64))


# --- Files ----------------------------------------------------------------------------------------------------------

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
)  # fmt: skip
SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})  # in the page; everything else is downloaded
ALLOWED = {
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
    "heic": "image/heic", "pdf": "application/pdf", "txt": "text/plain", "csv": "text/csv",
    "doc": "application/msword", "xls": "application/vnd.ms-excel", "ppt": "application/vnd.ms-powerpoint",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text", "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "mp3": "audio/mpeg", "ogg": "audio/ogg", "m4a": "audio/mp4", "mp4": "video/mp4", "mov": "video/quicktime",
    "webm": "video/webm", "zip": "application/zip",
}  # fmt: skip


def file_name(told: str) -> str:
    """The name without folders and without what could mislead: control characters and direction overrides."""
    name = re.split(r"[\\/]", told)[-1].encode("utf-8", "replace").decode()
    name = re.sub(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", name).strip(" .")
    stem, dot, extension = name.rpartition(".")
    return f"{stem[:150]}{dot}{extension[:20]}" if dot else name[:170]


def file_type(name: str, head: bytes) -> str:
    """The MIME type of an upload, or "" when such files are not taken.

    What calls itself an image must be one, since images are shown in the page.
    """
    claimed = ALLOWED.get(name.rpartition(".")[2].lower(), "")
    found = next((mime for magic, mime in _MAGIC if head.startswith(magic)), "")
    if not found and head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        found = "image/webp"
    if claimed in SHOWN:
        return found if found in SHOWN else ""
    return claimed


# --- Who can answer -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Status:
    """Whether somebody can answer now: `here`, `busy` (everybody is full), or `away`, with when we open if we know."""

    state: Literal["here", "busy", "away"]
    opens_at: datetime | None = None


def status(free: int, present: int, is_open: bool, opens_at: datetime | None) -> Status:
    """Honest before all: nobody at a desk is `away`, whatever the calendar says."""
    if present == 0:
        return Status("away", None if is_open else opens_at)
    return Status("here" if free else "busy")
