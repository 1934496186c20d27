"""How X counts a post: 280, of which most letters cost one, CJK and emoji two, and every link 23.

https://docs.x.com/fundamentals/counting-characters
"""

from __future__ import annotations

import re
import unicodedata

LINK = 23
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))  # code points that cost one; all others cost two
_PICTURE = (
    "\U0001f000-\U0001faff\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299"
)
_EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}|[0-9#*]\ufe0f?\u20e3|"
    f"[{_PICTURE}][\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"
    f"(?:\u200d[{_PICTURE}\u2640\u2642][\ufe0f\U0001f3fb-\U0001f3ff]*)*"
)
_ADDRESS = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_BARE = re.compile(r"(?<![\w@./-])(?:[a-z0-9-]+\.)+[a-z]{2,24}\b(?:/[^\s<>\"]*)?", re.IGNORECASE)


def weight(text: str) -> int:
    """What a post of these words costs. Of a bare name like sol.example it is not certain that X links it: the
    dearer of both is taken, so that nothing bounces.
    """
    total, place = 0, 0
    text = unicodedata.normalize("NFC", text)
    for link in _links(text):
        total += _plain(text[place : link.start()])
        total += LINK if link.re is _ADDRESS else max(LINK, _plain(link.group()))
        place = link.end()
    return total + _plain(text[place:])


def _links(text: str) -> list[re.Match[str]]:
    found = list(_ADDRESS.finditer(text))
    taken = [one.span() for one in found]
    bare = (one for one in _BARE.finditer(text) if not any(a <= one.start() < b for a, b in taken))
    return sorted([*found, *bare], key=lambda one: one.start())


def _plain(text: str) -> int:
    emoji = _EMOJI.findall(text)
    return 2 * len(emoji) + sum(1 if _is_light(ord(c)) else 2 for c in _EMOJI.sub("", text))


def _is_light(point: int) -> bool:
    return any(first <= point <= last for first, last in _LIGHT)
