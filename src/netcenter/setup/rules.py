"""Hours as people write them: "9-13 16-20", "9:00 to 18:30", "closed". Pure."""

import re
from datetime import date
from itertools import pairwise

_CLOCK = r"(\d{1,2})(?:[:.h](\d{2})?)?"
_SHIFT = re.compile(rf"{_CLOCK}\s*(?:-|–|—|a|to|às|até)\s*{_CLOCK}\s*h?", re.IGNORECASE)
Shift = list[str]


class Unclear(ValueError):
    """What was written cannot be read as hours or days. `what` is the part that cannot; `why` a short code."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{why}: {what}")
        self.what, self.why = what, why


def parse_shifts(text: str) -> list[Shift]:
    """The shifts of a day, in order: [["09:00", "13:00"], ["16:00", "20:00"]]. Raises Unclear."""
    rest = _SHIFT.sub(" ", text)
    if left := rest.strip(" ,;/y&e\t\n"):
        raise Unclear(left, "unreadable")
    found = sorted(_shift(match) for match in _SHIFT.finditer(text))
    for (_start, end), (following, _end) in pairwise(found):
        if following < end:
            raise Unclear(f"{following}", "overlap")
    return [list(shift) for shift in found]


def _shift(match: re.Match[str]) -> tuple[str, str]:
    h1, m1, h2, m2 = (int(part or 0) for part in match.groups())
    start, end = h1 * 60 + m1, h2 * 60 + m2
    if h1 > 23 or m1 > 59 or m2 > 59 or end > 24 * 60:
        raise Unclear(match.group(0).strip(), "no_time")
    if end <= start:
        raise Unclear(match.group(0).strip(), "backwards")
    return f"{h1:02}:{m1:02}", f"{h2:02}:{m2:02}"


def write_shifts(shifts: list[Shift]) -> str:
    """The same back, as short as people write it: 9–13, 16–20:30."""
    return ", ".join(f"{_short(start)}–{_short(end)}" for start, end in shifts)


def _short(clock: str) -> str:
    hours, minutes = clock.split(":")[:2]
    return f"{int(hours)}" if minutes == "00" else f"{int(hours)}:{minutes}"


def parse_days(text: str) -> list[str]:
    """Dates like 2026-12-24, one a line or separated by commas, in order and once each. Raises Unclear."""
    found = set()
    for word in re.split(r"[\s,;]+", text.strip()):
        if word:
            try:
                found.add(date.fromisoformat(word).isoformat())
            except ValueError as error:
                raise Unclear(word, "no_date") from error
    return sorted(found)
