"""Text as people search for it and as screens show it."""

import re
import unicodedata

_FIRST_MARK = "\u0300"  # nothing before it is combining
_SPACE = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufeff]")


def fold(text: str) -> str:
    """The text without accents and case, for searching: "Panadería" and "panaderia" are one."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join([c for c in decomposed if c < _FIRST_MARK or not unicodedata.combining(c)])


def clean(text: str) -> str:
    """The text without what no person typed: NUL and other control characters, direction overrides, lone surrogates."""
    if text.replace("\n", " ").isprintable():
        return text  # almost all; ten times as fast as looking for each of these
    text = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
    return _CONTROL.sub("", text)


def excerpt(text: str, length: int = 120) -> str:
    """The beginning of the text on one line, cut at a word, with an ellipsis when cut."""
    line = _SPACE.sub(" ", text[: length * 4]).strip()
    if len(line) <= length:
        return line
    return line[:length].rsplit(" ", 1)[0].rstrip(",.;:") + "…"
