"""How one approved text becomes many: no two alike, none with a stranger's name.

Pure: a text in, wordings out, the same each time.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from math import gcd, prod

MOST_WAYS = 12  # to say one sentence
MOST_SENTENCES = 12


class TooMany(ValueError):
    """More sentences, or more ways to say one, than anybody reads before approving."""


def ways(text: str) -> tuple[tuple[str, ...], ...]:
    """The approved text: a line is a sentence, and `|` stands between the ways to say it. Raises TooMany."""
    lines = [[way.strip() for way in line.split("|")] for line in text.replace("\r\n", "\n").split("\n")]
    sentences = tuple(tuple(dict.fromkeys(filter(None, line))) for line in lines)
    sentences = tuple(filter(None, sentences))
    if len(sentences) > MOST_SENTENCES or any(len(s) > MOST_WAYS for s in sentences):
        raise TooMany
    return sentences


def count(sentences: Sequence[Sequence[str]]) -> int:
    """In how many ways the text can be said."""
    return prod(map(len, sentences)) if sentences else 0


def wordings(sentences: Sequence[Sequence[str]], seed: int, most: int = 200) -> Iterator[str]:
    """Ways to say the whole text, each once, neighbours far apart; each seed begins elsewhere."""
    total = count(sentences)
    stride = next((n for n in range(max(1, round(total * 0.618)), total) if gcd(n, total) == 1), 1)
    for turn in range(min(total, most)):
        at, said = (seed + turn) * stride % total, []
        for sentence in sentences:
            at, way = divmod(at, len(sentence))
            said.append(sentence[way])
        yield " ".join(said)


VARIABLES = ("customer.first_name", "operator.name", "operator.first_name", "brand.name")
NAME = "customer.first_name"
_VARIABLE = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
_NAMELESS = re.compile(r"\s*,?\s*\{\{\s*customer\.first_name\s*\}\}")


def addressed(text: str, values: Mapping[str, str]) -> str:
    """The wording to one person. Whoever has no name is greeted without one; what nobody can fill stays visible."""
    if not values.get(NAME):
        text = _NAMELESS.sub("", text).lstrip(" ,:;")
        text = text[:1].upper() + text[1:]
    return _VARIABLE.sub(lambda m: values.get(m.group(1)) or m.group(0), text)


def unknown(text: str) -> list[str]:
    """The variables in a text that nothing would fill."""
    return [name for name in _VARIABLE.findall(text) if name not in VARIABLES]


def first_name(known_as: str) -> str:
    """How somebody is greeted: a given name as they write it, nothing that looks like a handle or a number."""
    first = known_as.strip().split(" ")[0].strip(",.;:!")
    plain = first.replace("-", "").replace("'", "").replace("’", "")
    return first if plain.isalpha() and 2 <= len(first) <= 20 and not first.islower() else ""
