"""Bytes and headers of mails become text, whatever they claim to be. Never raises, never leaves a NUL."""

from __future__ import annotations

import binascii
import codecs
import re
from email.header import decode_header

MAX_HEADER = 4_000  # characters of one header that are read; the rest says nothing to a person

# What people label "latin1" or "ascii" is windows-1252 (https://encoding.spec.whatwg.org/#names-and-labels).
_REALLY_WINDOWS_1252 = {"ascii", "iso8859-1", "cp1252"}
# Codecs that are no charset of a mail, or that take quadratic time or execute escapes.
_REFUSED = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "utf-7", "mbcs", "oem"}
_UNWANTED = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff\ufeff]")


def clean(text: str) -> str:
    """Text without control characters, lone surrogates and byte-order marks, its lines ended by \\n."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
    return _UNWANTED.sub("", text)


def decode(content: bytes, charset: str = "") -> str:
    """Text of these bytes. UTF-8 is believed against a claim of latin1 or ascii; what fits nothing is windows-1252."""
    known = _known(charset)
    own = known if known and known != "utf-8" and known not in _REALLY_WINDOWS_1252 else None
    for candidate in (own, "utf-8") if own else ("utf-8",):
        try:
            return clean(content.decode(candidate))
        except (UnicodeError, ValueError):
            continue
    return clean(content.decode(own, "replace") if own else _windows_1252(content))


def header(value: object) -> str:
    """A header as a person reads it, on one line: RFC 2047 words, raw 8-bit bytes and folding undone."""
    text = " ".join(_unescaped(str(value or "")[:MAX_HEADER]).split())
    if "=?" not in text:
        return clean(text)
    # Agents break words inside quotes and glue them to each other; the standard library wants them apart.
    text = re.sub(r"\?==\?", "?= =?", text)
    pieces = []
    try:
        for content, charset in decode_header(text):
            pieces.append(decode(content, charset or "") if isinstance(content, bytes) else content)
    except (binascii.Error, ValueError, LookupError):
        return clean(text)
    return " ".join(clean("".join(pieces)).split()) or clean(text)


def raw_header(value: object) -> str:
    """A structured header (addresses, ids) with its raw 8-bit bytes decoded, its encoded words left for later."""
    return clean(" ".join(_unescaped(str(value or "")[:MAX_HEADER]).split()))


def _unescaped(value: str) -> str:
    """Undo what the parser did to bytes that are no ASCII (surrogateescape)."""
    if value.isascii():
        return value
    try:
        return decode(value.encode("ascii", "surrogateescape"))
    except UnicodeEncodeError:  # decoded already
        return value


def _known(charset: str) -> str | None:
    try:
        found = codecs.lookup(charset.strip().strip("\"'").lower())
    except (LookupError, ValueError, UnicodeError):
        return None
    # `_is_text_encoding` tells charsets from base64, zip and the like.
    return found.name if found._is_text_encoding and found.name not in _REFUSED else None


def _windows_1252(content: bytes) -> str:
    """Five bytes mean nothing in windows-1252; there latin1 is what browsers show."""
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in content)
