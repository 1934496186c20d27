"""A brand's colour, made readable: WCAG 2.2 contrast is guaranteed whatever was typed in."""

import re
from dataclasses import dataclass

DEFAULT = "#4254c5"
LIGHT_SURFACE = "#ffffff"
DARK_SURFACE = "#16181c"
_WHITE, _BLACK = (255, 255, 255), (17, 19, 23)
Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Shades:
    """For one theme: `fill` for surfaces (3:1 on the page), `on` for words upon it and `ink` for words (4.5:1)."""

    fill: str
    on: str
    ink: str


def parse(text: str) -> str:
    """#rgb or #rrggbb in lower case, or "" when it is neither."""
    found = re.fullmatch(r"#?([0-9a-f]{3}|[0-9a-f]{6})", text.strip().lower())
    if not found:
        return ""
    digits = found[1]
    return "#" + ("".join(d * 2 for d in digits) if len(digits) == 3 else digits)


def shades(colour: str, dark: bool = False) -> Shades:
    """The nearest shades of the colour that can be read on the theme's surface."""
    surface = _rgb(DARK_SURFACE if dark else LIGHT_SURFACE)
    towards = _WHITE if dark else (0, 0, 0)
    brand = _rgb(parse(colour) or DEFAULT)
    fill = _until(brand, towards, surface, 3.0)
    on = max((_WHITE, _BLACK), key=lambda c: _ratio(c, fill))
    while _ratio(on, fill) < 4.5:  # a middling fill: step away from the words, which also keeps it off the surface
        fill = _step(fill, (0, 0, 0) if on == _WHITE else _WHITE)
    return Shades(_hex(fill), _hex(on), _hex(_until(brand, towards, surface, 4.5)))


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio, 1 to 21. https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    return _ratio(_rgb(one), _rgb(other))


def _until(colour: Rgb, towards: Rgb, surface: Rgb, ratio: float) -> Rgb:
    while _ratio(colour, surface) < ratio:
        colour = _step(colour, towards)
    return colour


def _step(colour: Rgb, towards: Rgb) -> Rgb:
    def near(a: int, b: int) -> int:
        return a if a == b else a + max(1, abs(b - a) // 20) * (1 if b > a else -1)

    return near(colour[0], towards[0]), near(colour[1], towards[1]), near(colour[2], towards[2])


def _ratio(one: Rgb, other: Rgb) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Rgb) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(text: str) -> Rgb:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _hex(colour: Rgb) -> str:
    return "#" + "".join(f"{c:02x}" for c in colour)
