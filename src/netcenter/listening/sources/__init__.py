"""How each kind of source is read: bytes and frames in, what was said out. No tables.

`read(asked)` asks once and returns a `Harvest`; it raises `SourceFailed`.
"""

from collections.abc import Callable

from netcenter.listening.sources import bluesky, feeds, mastodon
from netcenter.listening.sources.heard import Asked, Harvest

READERS: dict[str, Callable[[Asked], Harvest]] = {
    "feed": feeds.read, "mastodon": mastodon.read, "bluesky": bluesky.read,
}  # fmt: skip
