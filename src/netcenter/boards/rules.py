"""What the boards reckon: ages, the day's curve, and how raw bytes are shown. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

HOUR = timedelta(hours=1)
BOUNDS = (timedelta(0), HOUR, 4 * HOUR, 24 * HOUR, 72 * HOUR)  # an age is at least the one, less than the next
RAW_BYTES = 64 * 1024
HEX_BYTES = 4 * 1024
HIDDEN_META = ("authorization", "cookie", "signature", "token", "secret", "password", "api-key")


def span(age: int, now: datetime) -> tuple[datetime | None, datetime | None]:
    """When messages of this age were written: (after, until); None where there is no end."""
    after = now - BOUNDS[age + 1] if age + 1 < len(BOUNDS) else None
    return after, (now - BOUNDS[age] if age else None)


@dataclass(frozen=True)
class Chart:
    """The day's arrivals as bars and answers as a line, in a box of `WIDTH` by `HEIGHT`."""

    bars: list[tuple[float, float, float, int]]  # x, y, height, count
    line: str
    top: int
    now_x: float


WIDTH, HEIGHT, HOURS = 720.0, 260.0, 24


def chart(arrivals: Sequence[int], answers: Sequence[int], hour_now: float) -> Chart:
    """Both by the hour of the day; hours to come are left out."""
    top = max([*arrivals, *answers, 4])
    step, scale = WIDTH / HOURS, (HEIGHT - 4) / top
    past = min(int(hour_now) + 1, HOURS)
    bars = [
        (round(i * step + 2, 1), round(HEIGHT - n * scale, 1), round(n * scale, 1), n)
        for i, n in enumerate(arrivals[:past])
    ]
    points = [f"{(i + 0.5) * step:.1f},{HEIGHT - n * scale:.1f}" for i, n in enumerate(answers[:past])]
    return Chart(bars, " ".join(points), top, round(hour_now * step, 1))


def short_age(span: timedelta) -> str:
    """An age in as few letters as are read from afar: 4 d, 3 h 05, 25 min."""
    minutes = int(span.total_seconds()) // 60
    if minutes >= 24 * 60:
        return f"{minutes // (24 * 60)} d"
    return f"{minutes // 60} h {minutes % 60:02}" if minutes >= 60 else f"{max(0, minutes)} min"


@dataclass(frozen=True)
class Shown:
    """Raw bytes as a person can read them."""

    text: str
    is_hex: bool
    is_cut: bool


def shown(raw: bytes, whole_size: int) -> Shown:
    """As text where it is text, else as bytes with their letters beside; never more than the bounds."""
    head = raw[:RAW_BYTES]
    text = head.decode("utf-8", "replace")
    odd = text.count("\ufffd") + sum(1 for c in text if ord(c) < 32 and c not in "\r\n\t")
    if odd <= len(text) // 50:
        readable = "".join(c if c in "\r\n\t" or ord(c) >= 32 else "·" for c in text)
        return Shown(readable, False, whole_size > len(head))
    head = head[:HEX_BYTES]
    lines = [_hex_line(i, head[i : i + 16]) for i in range(0, len(head), 16)]
    return Shown("\n".join(lines), True, whole_size > len(head))


def _hex_line(offset: int, part: bytes) -> str:
    letters = "".join(chr(b) if 32 <= b < 127 else "·" for b in part)
    return f"{offset:06x}  {part.hex(' '):<47}  {letters}"


def safe_meta(meta: Mapping[str, object]) -> list[tuple[str, str]]:
    """What is known beside the bytes, flat, with everything that could open a door left out."""
    found: list[tuple[str, str]] = []
    for name, value in sorted(meta.items()):
        if isinstance(value, Mapping):
            found += [(f"{name}.{inner}", told) for inner, told in safe_meta(value)]
        elif any(word in name.lower() for word in HIDDEN_META):
            found.append((name, "…"))
        else:
            found.append((name, str(value)[:300]))
    return found[:60]


def cell(text: str) -> str:
    """Words for a spreadsheet: what it would take for a formula is made text (OWASP, "CSV injection")."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
