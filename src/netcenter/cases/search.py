"""Finding a case again: by words without accents, name, handle, e-mail address or number."""

import re
from collections.abc import Iterable

from netcenter.cases.models import Message
from netcenter.lib.engines import engine
from netcenter.lib.text import fold

_WORD = re.compile(r"\w+")
MOST_WORDS = 8
INDEXED_LENGTH = 20_000  # characters of one message


def index(messages: Iterable[Message]) -> None:
    """Make messages findable, in the running transaction."""
    rows = []
    for message in messages:
        parts = [message.text[:INDEXED_LENGTH], message.subject]
        if (who := message.identity) is not None:
            parts += [who.name, who.external_id, who.email, who.phone]
        rows.append((message.pk, message.case_id, " ".join(words_of(" ".join(parts)))))
    if rows:
        engine().search_index(rows)


def words_of(text: str) -> list[str]:
    """Folded words: letters, digits, nothing else."""
    return [word.replace("_", "") for word in _WORD.findall(fold(text)) if word.strip("_")]


def find(text: str, limit: int = 50) -> list[int]:
    """Case ids that match all words, newest first; a bare or #number is also tried as the case's own number."""
    words = words_of(text)[:MOST_WORDS]
    if not words:
        return []
    found = engine().search(words, limit)
    if re.fullmatch(r"\s*#?\d{1,18}\s*", text):
        number = int(words[0])
        found = [number, *(case for case in found if case != number)]
    return found[:limit]
