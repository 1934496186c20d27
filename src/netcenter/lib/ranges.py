"""Parts of a file (RFC 9110 §14): a browser seeks in a sound by asking for its middle; Safari plays nothing else."""

import re
from typing import IO

_ONE = re.compile(r"bytes=[ \t]*(\d{0,18})-(\d{0,18})[ \t]*", re.ASCII | re.IGNORECASE)


class Outside(Exception):
    """The file ends before what is asked for."""


def asked_part(header: str, size: int) -> tuple[int, int] | None:
    """First byte and length of the one part that is asked for; None when it is the whole.

    Several parts, other units and what cannot be read are no error: whoever asks so gets the whole. Raises Outside.
    """
    if not (found := _ONE.fullmatch(header.strip())) or found[0].rstrip().endswith("=-"):
        return None
    first, last = found[1], found[2]
    if not first:
        begin, end = max(0, size - int(last)), size
    else:
        begin, end = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < begin:
            return None
    if begin >= size:
        raise Outside
    return begin, end - begin


class Part:
    """A file that begins in the middle and ends before its end."""

    def __init__(self, file: IO[bytes], begin: int, length: int) -> None:
        file.seek(begin)
        self._file, self._left = file, length

    def read(self, most: int = -1) -> bytes:
        found = self._file.read(self._left if most < 0 else min(most, self._left))
        self._left -= len(found)
        return found

    def close(self) -> None:
        self._file.close()
