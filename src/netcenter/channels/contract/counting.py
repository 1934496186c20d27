"""How networks count the length of a text: for `Channel.length`."""

import unicodedata

_JOINER = "\u200d"


def characters(text: str) -> int:
    """Unicode code points."""
    return len(text)


def utf16_units(text: str) -> int:
    """As JavaScript, Java and Telegram count: an emoji is two or more."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def octets(text: str) -> int:
    """Bytes of UTF-8."""
    return len(text.encode("utf-8", "surrogatepass"))


def graphemes(text: str) -> int:
    """What a reader sees as one character (UAX #29); in rare scripts it counts too many, so nothing bounces."""
    count, before, flags = 0, "", 0
    for char in text:
        flag = "\U0001f1e6" <= char <= "\U0001f1ff"
        flags = flags + 1 if flag else 0
        together = before == _JOINER and unicodedata.category(char) == "So"  # a family of emoji
        joined = together or char == _JOINER or _extends(char) or (before == "\r" and char == "\n")
        if not before or not (joined or (flag and flags % 2 == 0)):
            count += 1
        before = char
    return count


def _extends(char: str) -> bool:
    """Accents, variation selectors, skin tones, and the tags of regional flags."""
    modifies = "\U0001f3fb" <= char <= "\U0001f3ff" or "\U000e0020" <= char <= "\U000e007f"
    return modifies or unicodedata.category(char) in ("Mn", "Me")
