"""A draft laid out for the rules: folded once, its language, its way of address, the customer's mood."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from netcenter.guard.draft import Draft, Finding, Severity
from netcenter.guard.estimate import Mood, estimate
from netcenter.guard.language import language_of, likely_language
from netcenter.guard.text import LANGUAGES, Folded, Phrases, sentences

Address = Literal["tu", "vos", "usted"]
Check = Callable[["Scene"], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name, how grave it is as a rule, where it comes from, and what looks for it."""

    name: str
    severity: Severity
    source: str
    check: Check


# Way of address, on folded text.
_VOS_SURE = re.compile(
    r"(?<!\w)(?:vos|sos|tenes|podes|queres|contanos|decinos|decime|escribinos|mandanos|envianos|contame|fijate)(?!\w)"
)
_USTED = re.compile(
    r"(?<!\w)(?:usted(?:es)?|le (?:pedimos|informamos|enviamos|llamamos|llamara|llama|ayudamos|confirmamos|ofrecemos|"
    r"recordamos|escrib\w+|devolv\w+|explic\w+|solicit\w+|agradec\w+|deseamos|rogamos|dijimos|acompano|atend\w+)|"
    r"(?:senor|senora|estimad[oa])|escribanos|envienos|indique\w*|llamenos|digame|digan\w*|disculpe|"
    r"comuniquese|calmese|relajese|tranquilicese|su "
    r"(?:pedido|caso|consulta|molestia|reclamo|cuenta|mensaje|linea|compra|tarjeta|factura|solicitud|paciencia))(?!\w)"
)


class Scene:
    """What every rule looks at. Rules only read it."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.folded = Folded(draft.text)
        self.text = self.folded.text
        self.own_language = language_of(draft.text)  # "" when it does not say
        self.case_language = draft.language[:2] if draft.language[:2] in ("es", "en", "pt") else ""
        sure = self.own_language if self.own_language in ("es", "en", "pt") else ""
        self.language = sure or likely_language((draft.text, *draft.messages), self.case_language or "es")
        known = sure or self.case_language or language_of(" ".join((draft.text, *draft.messages)))
        self.tongues: tuple[str, ...] = (
            self.language,
            *(code for code in LANGUAGES if code != self.language and not known),
        )
        self.mood: Mood = estimate(draft.messages, draft.reading, self.case_language or self.language)
        self.sentences = sentences(self.text)

    @cached_property
    def address(self) -> Address:
        """How the draft addresses the customer; matters in Spanish."""
        if _USTED.search(self.text) and not _VOS_SURE.search(self.text):
            return "usted"
        return "vos" if _VOS_SURE.search(self.text) else "tu"

    @cached_property
    def is_warm(self) -> bool:
        """Praise without any grievance."""
        return self.mood.praise and not self.mood.grievance

    @cached_property
    def is_only_praise(self) -> bool:
        """Praise, and nothing else that would want an answer."""
        return self.is_warm and not self.mood.question

    def every(self, phrases: Phrases) -> Iterator[re.Match[str]]:
        """Each place where the draft says one of them; in any language while nobody knows which it is."""
        for language in self.tongues:
            yield from phrases.every(self.text, language)

    def first(self, phrases: Phrases) -> re.Match[str] | None:
        """The first such place."""
        return next(self.every(phrases), None)

    def said(self, phrases: Phrases) -> bool:
        """Whether the draft says any of them."""
        return self.first(phrases) is not None

    def sentence_at(self, place: int) -> tuple[int, int]:
        """The sentence around a place of the folded text."""
        for start, end in self.sentences:
            if place < end:
                return start, end
        return self.sentences[-1] if self.sentences else (0, len(self.text))

    def after_greeting(self) -> int:
        """Where the first sentence behind "Hello Ana," begins."""
        match = _GREETED.match(self.text)
        return match.end() if match else 0

    def finding(
        self, rule: str, severity: Severity, span: tuple[int, int], why: str, fix: str | None = None
    ) -> Finding:
        """A finding over a span of the folded text."""
        start, end = self.folded.at(span[0]), self.folded.at(span[1])
        return Finding(rule, severity, start, end, why, fix)

    def on_sentence(self, rule: str, severity: Severity, place: int, why: str, instead: str = "") -> Finding:
        """A finding over the sentence at a place; the fix puts other words, or none, in its place."""
        start, end = self.sentence_at(place)
        if not instead:
            start, end = self._with_space_before(start, end)
            return self.finding(rule, severity, (start, end), why, "")
        tail = self.text[start:end]
        return self.finding(rule, severity, (start, end - len(tail) + len(tail.rstrip())), why, instead)

    def _with_space_before(self, start: int, end: int) -> tuple[int, int]:
        """A last sentence goes with the space before it."""
        if end == len(self.text):
            start = len(self.text[:start].rstrip())
        return start, end

    def insertion(self, rule: str, severity: Severity, why: str, words: str | None) -> Finding:
        """A finding about something missing, to be put behind the greeting."""
        place = self.after_greeting()
        if words is not None:
            if self.text[:place].rstrip().endswith(","):
                words = words[0].lower() + words[1:].removesuffix(".") + (":" if words.endswith(".") else "")
            glued = place and not self.text[place - 1].isspace()
            words = (" " if glued else "") + words + ("" if place == len(self.text) else " ")
        return self.finding(rule, severity, (place, place), why, words)

    def addition(self, rule: str, severity: Severity, why: str, words: str | None) -> Finding:
        """A finding about something missing at the end."""
        end = len(self.text.rstrip())
        if words is not None and end:
            words = " " + words
        return self.finding(rule, severity, (end, end), why, words)


_GREETED = re.compile(
    r"\W*(?:hola|buenas|buen(?:os)? dias?|buenas tardes|buenas noches|estimad[oa]s?|querid[oa]|hi|hello|hey|dear|"
    r"good (?:morning|afternoon|evening)|morning|oi|ola|bom dia|boa tarde|boa noite|prezad[oa]s?|car[oa])"
    r"(?: (?:there|a tod[oa]s))?(?: (?:don|dona|sr|sra|senor|senora|senhor|senhora|mr|mrs|ms|dr|dra)\.?)?"
    r"(?:,? (?-i:[^\W\d_]+)(?=[,.:!]))?\s*[,.:!]+\s*"
)
