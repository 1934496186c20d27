"""What is personal in a text becomes a blank before it leaves the house, and is filled again here: pure."""

import re
from collections import Counter
from collections.abc import Mapping

from netcenter.guard.personal import personal_in

# Zero-width marks, fillers and the "tag" letters, in which words can be hidden from a person and shown to a machine.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\U000e0000-\U000e0fff]"
)
_CALLED = re.compile(
    r"(?i:(?:me llamo|mi nombre es|a nombre de|my name is|in the name of|me chamo|meu nome [eé]|em nome de|no nome de"
    r"|titular:?))\s+(?P<name>[^\W\d_a-z][^\W\d_]+(?:\s+(?:d[aeo]s?\s+|del\s+|de la\s+)?[^\W\d_a-z][^\W\d_]+){0,3})"
)


def visible(text: str) -> str:
    """The text without what a person would not see in it, and without the braces of blanks."""
    plain = INVISIBLE.sub("", text)
    return plain.replace("{{", "{ {").replace("}}", "} }")


class Mask:
    """One for each request: the same address becomes the same blank in every message."""

    def __init__(self, names: Mapping[str, str] | None) -> None:
        """`names`: what of a name is hidden -> its blank; None: names may be told."""
        self.values: dict[str, str] = {}  # blank -> what it stands for
        self.counts: Counter[str] = Counter()  # by what it is
        self._hides_names = names is not None
        self._names = {name.casefold(): blank for name, blank in (names or {}).items()}
        words = sorted(map(re.escape, self._names), key=len, reverse=True)
        self._named = re.compile(rf"(?<!\w)@?(?:{'|'.join(words)})(?!\w)", re.IGNORECASE) if words else None

    def hide(self, text: str, language: str) -> str:
        """The text with a blank in each such place."""
        text = visible(text)
        spans = personal_in(text, language)
        for match in _CALLED.finditer(text) if self._hides_names else ():
            spans.append((*match.span("name"), "name"))
        hidden, at = [], 0
        for start, end, what in sorted(spans):
            if start < at:
                continue
            hidden += [self._unnamed(text[at:start]), self._blank(text[start:end], what)]
            at = end
        return "".join([*hidden, self._unnamed(text[at:])])

    def _blank(self, value: str, what: str) -> str:
        known = next((blank for blank, kept in self.values.items() if kept == value), "")
        self.counts[what] += 1
        if not known:
            known = f"{what}.{1 + sum(blank.startswith(f'{what}.') for blank in self.values)}"
            self.values[known] = value
        return f"{{{{{known}}}}}"

    def _unnamed(self, text: str) -> str:
        if self._named is None:
            return text

        def stand_in(match: re.Match[str]) -> str:
            self.counts["name"] += 1
            found = match.group().casefold()
            blank = self._names.get(found) or self._names.get(found.removeprefix("@"), "customer.name")
            return f"{{{{{blank}}}}}"

        return self._named.sub(stand_in, text)
