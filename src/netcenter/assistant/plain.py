"""What the assistant answered, made into plain words: pure. All of it is hostile until shown otherwise.

Nothing of it acts: it is text for a field that a person reads. What could lead somebody astray in it (links, addresses,
telephones, accounts) stays only where it stands so in what the house itself wrote.
"""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from netcenter.assistant.masking import INVISIBLE
from netcenter.assistant.rules import Source
from netcenter.guard.personal import DAY
from netcenter.lib.text import clean

HOLE = "{{…}}"  # where something was taken out: the guard stops it until a person has looked
_THOUGHT = re.compile(r"<(think|thinking|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"^\s*```[^\n]*$", re.MULTILINE)
_LABELLED = re.compile(r"!?\[([^\]\n]*)\]\(\s*<?([^)\s>]*)>?[^)\n]*\)")
_BRACKETED = re.compile(r"<((?:https?://|mailto:|www\.)[^>\s]+)>", re.IGNORECASE)
_TAG = re.compile(r"<!--.*?-->|</?[a-z][^<>]{0,400}>", re.DOTALL | re.IGNORECASE)
_HEADING = re.compile(r"^#{1,6}\s+|^>\s?", re.MULTILINE)
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_MARKS = re.compile(r"[ \t]*\[\s*([PWFM]\d{1,2}(?:\s*[,;]\s*[PWFM]\d{1,2})*)\s*\]")
_DOT = (
    r"(?:\.|\s?[\[({]\s?(?:\.|dot|punto|ponto)\s?[\])}]\s?|[\u3002\uff0e\uff61\u2024]"
    r"|\s(?:dot|punto|ponto)\s(?=(?:com?|net|org|info|io|me|app|example)\b))"
)
_LEADS = re.compile(
    r"(?:h[tx]{2}ps?|ftp|file|data|javascript|vbscript|mailto|tel|sms|whatsapp|tg|intent):\S+"
    r"|(?<!\w)(?:www\d?\.)\S+"
    rf"|[\w.+-]+\s?(?:@|[\[({{]at[\])}}])\s?[\w-]+(?:{_DOT}[\w-]+)+"
    rf"|(?<![\w@{{])(?:[\w-]+{_DOT})*[\w-]{{2,}}{_DOT}[^\W\d_]{{2,}}(?:/[^\s<>]*|(?![\w}}]))"
    r"|(?<![\w@])@\w[\w.]{2,}"
    r"|(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}(?!\w)"
    r"|(?<!\w)(?:0x[0-9a-f]{16,}|bc1[0-9a-z]{20,}|[13][1-9A-HJ-NP-Za-km-z]{25,34})(?!\w)"
    r"|(?<![\w{.])\+?\(?\d(?:[ .()/\-]{0,2}\d){7,}(?!\w)",
    re.IGNORECASE,
)
_SHORT = re.compile(r"(?:[A-Z]{1,3}\.)+(?!COM|NET|ORG|APP|XYZ)[A-Z]{2,3}")  # EE.UU: no address
_EDGES = ".,;:!?)]}'\"»”’"


@dataclass(frozen=True, slots=True)
class Plain:
    """The draft, the marks of what it says to rest on, and how much was taken out of it."""

    text: str
    marks: tuple[str, ...]
    removed: int


def read(output: str, sources: Sequence[Source], most: int) -> Plain:
    """Plain words of at most `most` characters; "" when nothing is left."""
    text = INVISIBLE.sub("", clean(html.unescape(output[: most * 20])))
    text = _FENCE.sub("", _THOUGHT.sub("", text))
    text = _LABELLED.sub(lambda m: f"{m[1]} {m[2]}".strip(), text)
    text = _TAG.sub("", _BRACKETED.sub(r"\1", text))
    text = _STRONG.sub(r"\2", _HEADING.sub("", text))
    known = {source.mark for source in sources}
    cited = [mark for match in _MARKS.finditer(text) for mark in re.split(r"\s*[,;]\s*", match[1])]
    text = _MARKS.sub("", text)
    text, removed = _led(text, leads(source.text for source in sources if source.ours))
    text = _cut(re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+", " ", text)).strip(), most)
    return Plain(text, tuple(dict.fromkeys(mark for mark in cited if mark in known)), removed)


def leads(texts: Iterable[str]) -> frozenset[str]:
    """Everything in these texts that leads somewhere, as it is compared: whole, never a part of it."""
    return frozenset(_same(match.group()) for text in texts for match in _LEADS.finditer(text))


def _led(text: str, allowed: frozenset[str]) -> tuple[str, int]:
    removed = 0

    def judge(match: re.Match[str]) -> str:
        nonlocal removed
        found = match.group()
        if _same(found) in allowed or DAY.fullmatch(found) or _SHORT.fullmatch(found.rstrip(_EDGES)):
            return found
        removed += 1
        return HOLE + found[len(found.rstrip(_EDGES)) :]

    return _LEADS.sub(judge, text), removed


def _same(found: str) -> str:
    plain = found.rstrip(_EDGES).rstrip("/").casefold()
    digits = re.sub(r"\D", "", plain)
    return digits if re.fullmatch(r"\+?[\d .()/\-]+", plain) else plain


def _cut(text: str, most: int) -> str:
    """At a sentence's end, where there is one in the last half."""
    if len(text) <= most:
        return text
    short = text[:most]
    end = max(short.rfind(mark) for mark in (". ", "! ", "? ", ".\n", "!\n", "?\n"))
    return short[: end + 1] if end > most // 2 else short[: most - 1].rsplit(" ", 1)[0] + "…"
