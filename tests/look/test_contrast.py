"""Every pair of tokens that meets on a page is readable, in light and in dark."""

import math
import re
from pathlib import Path

import pytest

import netcenter.look

TOKENS = Path(netcenter.look.__file__).parent / "static" / "look" / "tokens.css"
NUMBER = r"([\d.]+)"
COLOUR = rf"oklch\({NUMBER} {NUMBER} {NUMBER}\)"

GROUNDS = ["bg", "surface", "raised", "sunken", "hover"]
WORDS = ["strong", "text", "faint", "ink", "kept-text", "near-text", "broken-text", "orange-text", "public-text"]
ON_FILLS = [
    ("on-ink", "ink-fill"),
    ("on-ink", "ink-fill-hover"),
    ("on-public", "public-fill"),
    ("on-public", "public-fill-hover"),
    ("on-ink", "broken-fill"),
    ("on-bell", "bell"),
    ("strong", "bell-soft"),
    ("text", "bell-soft"),
    ("ink", "ink-soft"),
    ("strong", "ink-soft"),
    ("text", "ink-soft"),
    ("faint", "ink-soft"),
    ("kept-text", "kept-soft"),
    ("near-text", "near-soft"),
    ("broken-text", "broken-soft"),
    ("public-text", "public-soft"),
    ("text", "public-soft"),
    ("text", "kept-soft"),
    ("text", "near-soft"),
    ("text", "broken-soft"),
]
SHAPES = ["control", "kept", "broken", "public", "ink"]


def tokens() -> dict[str, tuple[tuple[float, float, float], tuple[float, float, float]]]:
    css = TOKENS.read_text()
    found = {}
    for name, light, dark in re.findall(r"--([\w-]+): light-dark\((oklch\([^)]*\)), (oklch\([^)]*\))\);", css):
        pair = [re.fullmatch(COLOUR, colour) for colour in (light, dark)]
        if all(pair):
            found[name] = tuple(tuple(float(part) for part in match.groups()) for match in pair)
    for name, other in re.findall(r"^  --([\w-]+): var\(--([\w-]+)\);", css.split("@media")[0], re.MULTILINE):
        found[name] = found[other]
    return found


def luminance(lightness: float, chroma: float, hue: float) -> float:
    """Relative luminance (WCAG 2) of an OKLCH colour, clipped to sRGB; the matrices are Björn Ottosson's."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    red, green, blue = (min(1.0, max(0.0, part)) for part in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str, mode: int) -> float:
    known = tokens()
    darker, lighter = sorted([luminance(*known[one][mode]), luminance(*known[other][mode])])
    return (lighter + 0.05) / (darker + 0.05)


def test_black_on_white_is_twenty_one_to_one():
    ratio = (luminance(1, 0, 0) + 0.05) / (luminance(0, 0, 0) + 0.05)
    assert ratio == pytest.approx(21, abs=0.05)


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
class TestContrast:
    @pytest.mark.parametrize("ground", GROUNDS)
    @pytest.mark.parametrize("word", WORDS)
    def test_words_are_readable_on_every_ground(self, word, ground, mode):
        assert contrast(word, ground, mode) >= 4.5

    @pytest.mark.parametrize("ground", [*GROUNDS, "public-soft", "ink-soft"])
    def test_message_text_is_readable_for_weak_eyes(self, ground, mode):
        assert contrast("text", ground, mode) >= 7

    @pytest.mark.parametrize(("word", "fill"), ON_FILLS)
    def test_words_are_readable_on_fills(self, word, fill, mode):
        assert contrast(word, fill, mode) >= 4.5

    @pytest.mark.parametrize("shape", SHAPES)
    def test_shapes_and_borders_stand_out(self, shape, mode):
        assert contrast(shape, "surface", mode) >= 3


def test_the_bell_has_a_colour_of_its_own():
    """LOOK: "Bell" is the ring and nothing else; only .ring and the favicon of the ring may use it."""
    users = []
    for sheet in TOKENS.parent.glob("*.css"):
        if sheet != TOKENS:
            for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", sheet.read_text()):
                if re.search(r"var\(--(on-)?bell", body):
                    users.append(selector.strip())
    assert users, "nothing rings"
    assert [one for one in users if ".ring" not in one] == []
