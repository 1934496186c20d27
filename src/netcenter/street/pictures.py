"""Small photographs of bread: a loaf on a table, drawn so that each differs. PNG, about a kilobyte."""

import random
import struct
import zlib

WIDTH, HEIGHT = 96, 72


def photo(rng: random.Random, mouldy: bool = False) -> bytes:
    """A PNG of a loaf; with green spots when mouldy."""
    table, crust = rng.choice(_TABLES), rng.choice(_CRUSTS)
    middle_x, middle_y = rng.randint(38, 58), rng.randint(32, 42)
    wide, high = rng.randint(24, 36), rng.randint(13, 21)
    spots = [(rng.randint(-18, 18), rng.randint(-9, 9), rng.randint(2, 5)) for _ in range(6)] if mouldy else []
    rows = bytearray()
    for y in range(HEIGHT):
        rows.append(0)  # no filter on this row
        for x in range(WIDTH):
            dx, dy = x - middle_x, y - middle_y
            inside = (dx / wide) ** 2 + (dy / high) ** 2
            if inside > 1:
                colour = table if (x + y) % 23 else tuple(c - 10 for c in table)
            elif any((dx - sx) ** 2 + (dy - sy) ** 2 < size**2 for sx, sy, size in spots):
                colour = (96, 128, 92)
            else:
                cut = (dx + dy) % 17 < 2 and inside < 0.6
                colour = tuple(min(255, int(c * (1.25 - 0.45 * inside) + 30 * cut)) for c in crust)
            rows += bytes(colour)
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in chunks)


_TABLES = ((214, 203, 186), (176, 158, 134), (226, 226, 222), (148, 164, 168))
_CRUSTS = ((176, 118, 58), (150, 92, 44), (196, 142, 80), (120, 74, 40))


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
