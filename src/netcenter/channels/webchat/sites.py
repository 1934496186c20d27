"""On which sites an account's widget may stand."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_HOST = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?")


@dataclass(frozen=True, slots=True)
class Sites:
    """Host names, each perhaps with a port or a leading "*."; none at all means everywhere."""

    patterns: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()

    @staticmethod
    def of(text: str) -> "Sites":
        """From what a person typed: names or addresses separated by spaces, commas or lines."""
        good: list[str] = []
        bad: list[str] = []
        for word in re.split(r"[\s,;]+", text.strip().lower()):
            if not word:
                continue
            host = re.sub(r"^https?://", "", word).split("/")[0]
            (good if _HOST.fullmatch(host) else bad).append(host if _HOST.fullmatch(host) else word)
        return Sites(tuple(good), tuple(bad))

    def allow(self, origin: str, own: str = "") -> bool:
        """Whether a page of this Origin may talk to us; our own pages (`own`, a Host header) always may.

        A list on which nothing can be read allows nothing: somebody meant to restrict.
        """
        if not self.patterns and not self.unreadable:
            return True
        try:
            parts = urlsplit(origin.lower())
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return False
        if not host or parts.scheme not in ("http", "https"):
            return False
        if own and parts.netloc == own.lower():
            return True
        return any(_matches(pattern, host, port, parts.scheme) for pattern in self.patterns)


def _matches(pattern: str, host: str, port: int | None, scheme: str) -> bool:
    name, _, wanted = pattern.partition(":")
    standard = 443 if scheme == "https" else 80
    if wanted and int(wanted) != (port or standard):
        return False
    if name.startswith("*."):
        return host.endswith(name[1:]) and host != name[2:]
    return host == name
