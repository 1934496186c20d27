"""What a message gives away beside its kind: how stirred up it is, irony, leaving, the law, personal data."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from netcenter.understanding.lexicon import DEFAULT_TOPICS

_STRETCHED = re.compile(r"([a-zà-ÿ])\1{2,}", re.IGNORECASE)
_ANGRY = ("😡", "🤬", "😠", "😤", "🤮")
_BOUNDARY_DIGITS = re.compile(r"(?<![\w.,#/])\+?\d(?:[\d ().-]{5,24})\d(?!\w)")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[a-z]{2,}\b|<email>", re.IGNORECASE)
_MASKED = re.compile(r"<(?:tel|id)>")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}\b")
_DOCUMENT = re.compile(
    r"\b(?:dni|nie|cpf|rg|rut|curp|nif|ssn|passport|pasaporte|passaporte)\W{0,12}[\w.-]{6,18}", re.IGNORECASE
)
_THREAT = re.compile(
    r"\b(?:te voy a (?:matar|romper|buscar)|los voy a (?:matar|quemar)|vou te matar|vou quebrar|"
    r"i(?:'ll| will) (?:kill|burn|find) (?:you|them)|bomba|bomb threat|incendiar|"
    r"muerete|se mueran|tomara que morra)\b"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hints:
    """Doubts and hints, each from 0 to 1 but for the lists."""

    arousal: float = 0.0
    sarcasm: float = 0.0
    threat: float = 0.0
    churn: float = 0.0
    legal: float = 0.0
    sale: str = ""  # before or after it; empty when nothing says
    personal: tuple[str, ...] = ()  # kinds of personal data that stand in the text
    topics: dict[str, float] = field(default_factory=dict)


def hints_of(
    text: str, found: Mapping[str, Sequence[str]], negative: float, anger: float, sarcasm: float = 0.0
) -> Hints:  # fmt: skip
    """From the words that the lexicon found, the shares of bad mood and of anger, and how likely irony is."""
    return Hints(
        arousal=_arousal(text, found, negative, anger),
        sarcasm=sarcasm,
        threat=0.8 if _THREAT.search(text.lower()) else 0.0,
        churn=_doubted(found, "churn", 0.7, 0.9),
        legal=_doubted(found, "legal", 0.75, 0.9),
        sale=_sale(found),
        personal=personal_data(text),
        topics=_topics(found),
    )


def _doubted(found: Mapping[str, Sequence[str]], category: str, one: float, more: float) -> float:
    words = found.get(category, ())
    return 0.0 if not words else one if len(words) == 1 else more


def _arousal(text: str, found: Mapping[str, Sequence[str]], negative: float, anger: float) -> float:
    """From calm to furious: each sign takes away some of the calm that is left."""
    calm = 1 - 0.45 * anger * max(negative, 0.3)
    calm *= 1 - (0.35 if shouts(text) else 0)
    calm *= 1 - 0.1 * min(text.count("!"), 4) * max(negative, 0.2)
    calm *= 1 - (0.1 if _STRETCHED.search(text) else 0)
    calm *= (1 - 0.25 * max(negative, 0.2)) ** min(len(found.get("anger", ())), 3)
    if any(sign in text for sign in _ANGRY):
        calm *= 0.7
    return 1 - calm


def shouts(text: str) -> bool:
    """Most of it in capitals, and enough of it to mean something."""
    letters = [c for c in text if c.isalpha()]
    return len(letters) >= 12 and sum(c.isupper() for c in letters) / len(letters) > 0.7


def _sale(found: Mapping[str, Sequence[str]]) -> str:
    after, before = len(found.get("after_sale", ())), len(found.get("before_sale", ()))
    return "after" if after > before else "before" if before else ""


def _topics(found: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Shares of the topics that every company has; empty when no word speaks of any."""
    count = {topic: len(found.get(f"topic.{topic}", ())) for topic in DEFAULT_TOPICS}
    total = sum(count.values())
    return {topic: n / (total + 0.5) for topic, n in count.items() if n} if total else {}


def personal_data(text: str) -> tuple[str, ...]:
    """What of a person's data stands in the text: worth hiding where everybody reads along."""
    kinds = set()
    if ("@" in text or "<email>" in text) and _MAIL.search(text):
        kinds.add("email")
    if "<" in text and _MASKED.search(text):
        kinds.add("number")
    if any(c.isdigit() for c in text):
        for match in _BOUNDARY_DIGITS.finditer(text):
            if kind := _number(match.group()):
                kinds.add(kind)
        if _IBAN.search(text):
            kinds.add("bank")
        if (document := _DOCUMENT.search(text)) and sum(c.isdigit() for c in document.group()) >= 5:
            kinds.add("document")
    return tuple(sorted(kinds))


def _number(written: str) -> str:
    """Which kind of number this is: card by its check digit, CPF by its two, a telephone by its length and signs."""
    digits = [unicodedata.digit(c) for c in written if c.isdigit()]
    if 13 <= len(digits) <= 19 and _luhn(digits):
        return "card"
    if len(digits) == 11 and _cpf(digits):
        return "document"
    if 9 <= len(digits) <= 15 and ("+" in written or len(re.split(r"[ ().-]+", written.strip())) >= 2):
        return "telephone"
    return ""


def _luhn(digits: Sequence[int]) -> bool:
    doubled = [d if n % 2 == 0 else d * 2 - 9 * (d > 4) for n, d in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0 and len(set(digits)) > 1


def _cpf(digits: Sequence[int]) -> bool:
    for n in (9, 10):
        if sum(d * (n + 1 - i) for i, d in enumerate(digits[:n])) * 10 % 11 % 10 != digits[n]:
            return False
    return len(set(digits)) > 1
