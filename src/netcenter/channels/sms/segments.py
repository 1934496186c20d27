"""How many text messages a text becomes: by its alphabet, as carriers count and bill it.

GSM 03.38 (3GPP TS 23.038): https://www.twilio.com/docs/glossary/what-is-gsm-7-character-encoding
"""

from dataclasses import dataclass

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")  # two each
ONE_GSM, EACH_GSM = 160, 153  # units of a message alone, and of each of several
ONE_UCS, EACH_UCS = 70, 67


@dataclass(frozen=True, slots=True)
class Segments:
    """`strange`: the characters that force the alphabet in which less than half fits."""

    count: int
    units: int
    is_gsm: bool
    strange: str = ""


def segments(text: str) -> Segments:
    """How a carrier cuts it."""
    strange = "".join(dict.fromkeys(char for char in text if char not in BASIC and char not in EXTENDED))
    sizes = [2 if char in EXTENDED else 1 for char in text] if not strange else [_utf16(char) for char in text]
    one, each = (ONE_UCS, EACH_UCS) if strange else (ONE_GSM, EACH_GSM)
    units = sum(sizes)
    return Segments(1 if 0 < units <= one else _cut(sizes, each), units, not strange, strange)


def _utf16(char: str) -> int:
    return 2 if ord(char) > 0xFFFF else 1


def _cut(sizes: list[int], each: int) -> int:
    """So many parts; a character of two units is never torn."""
    count, room = 0, 0
    for size in sizes:
        if size > room:
            count, room = count + 1, each
        room -= size
    return count
