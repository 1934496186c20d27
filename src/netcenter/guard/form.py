"""What is wrong with the text as such: holes, length, links, the same answer for everybody, missing courtesy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urlsplit

from netcenter.guard.draft import Finding
from netcenter.guard.owning import APOLOGY
from netcenter.guard.say import say
from netcenter.guard.scene import Rule, Scene
from netcenter.guard.text import Phrases, fold, words
from netcenter.guard.whys import _

# --- Holes --------------------------------------------------------------------------------------

_KEYS = (r"(?:primer |first |last |full )?(?:nombre|name|nome|client[ea]?|cliente|customer|fecha|date|data|link|enlace|"
    r"url|numero|number|agent[ea]?|"
         r"atendente|operador|pedido|order|orden|monto|importe|amount|valor|hora|time|producto|product|marca|"
             r"brand|ciudad|city|telefono|insert\w*|"
         r"completar|tu|su|your|seu|sua|empresa|company)")  # fmt: skip
_HOLES = (
    re.compile(r"\{\{[^{}\n]*\}\}|\$\{[^{}\n]*\}|\{[a-zA-Z_][\w. ]{0,30}\}|%[a-zA-Z_]{3,20}%"),
    re.compile(rf"\[\s*{_KEYS}(?![a-z])[^\]\n]{{0,40}}\]|<\s*{_KEYS}(?![a-z])[^>\n]{{0,30}}>", re.IGNORECASE),
    re.compile(
        r"\((?:nombre|name|nome|"
        r"cliente|customer)\)|(?<!\w)(?:DD/MM|MM/DD)(?:/[AYay]{2,4})?(?!\w)",
        re.IGNORECASE,
    ),
    re.compile(r"(?<!\w)#(?:NUMERO|NÚMERO|NUMBER|NÚMERO|ID|CASO|CASE|PEDIDO|ORDER|TICKET)(?!\w)"),
    re.compile(r"\[[A-ZÁÉÍÓÚÑÇÃÕ][A-ZÁÉÍÓÚÑÇÃÕ _]{3,40}\]"),
    re.compile(
        r"(?<![\w])(?:[$€£#]\s?|R\$\s?)?(?:X{3,}|x{4,}|XX(?=\s?(?::|/|h|hs|hrs|horas|días|dias|%|€|am|"
        r"pm))(?:[:/]XX)*)(?![a-z])"
    ),
    re.compile(r"(?:[$€£]\s?)?_{3,}|lorem ipsum|(?<!\w)(?:TODO|TBD|FIXME)(?=[: ])", re.IGNORECASE),
)
_NAME_HOLE = re.compile(r"nombre|name|nome|cliente|customer", re.IGNORECASE)


def _placeholder(scene: Scene) -> Iterator[Finding]:
    text, told = scene.draft.text, -1
    matches = sorted((m for hole in _HOLES for m in hole.finditer(text)), key=lambda m: m.start())
    for match in matches:
        if match.start() < told or (match.group().lower() == "todo" and match.group() != "TODO"):
            continue
        told = match.end()
        why = _("A variable was left unfilled.")
        if not _NAME_HOLE.search(match.group()):
            yield Finding("placeholder", "block", *match.span(), why)
        elif scene.draft.customer_name:
            yield Finding("placeholder", "block", *match.span(), why, scene.draft.customer_name.split(" ")[0])
        else:
            start = len(text[: match.start()].rstrip(" ,"))
            yield Finding("placeholder", "block", start, match.end(), why, "")


def _too_long(scene: Scene) -> Iterator[Finding]:
    most = scene.draft.max_length
    if most is not None and len(scene.draft.text) > most:
        yield Finding("too_long", "block", most, len(scene.draft.text), _("It is too long for this network."))


# --- Links --------------------------------------------------------------------------------------

_URL = re.compile(r"(?<![\w@.])(?:[a-zA-Z]{3,6}:/{1,3}|[a-zA-Z]{3,5}//|www\.)[^\s<>\"')\]]+")
_SCHEMES = {"http", "https"}
_MISTYPED = re.compile(r"(?:h?t{1,2}p{1,2}s?|hptts?|htps?|hhtps?|htttps?|ttps?)(?::/{1,3}|//)", re.IGNORECASE)
_NOWHERE = re.compile(
    r"(?:^|\.)(?:localhost|(?:example|ejemplo|exemplo|prueba|teste)\.(?:com|org|net)(?:\.\w\w)?|test|invalid|local|"
    r"internal|localdomain)$|^(?:127|10|0)\.|"
    r"^(?:staging|preprod|uat|intranet)\.|^192\.168\.|^172\.(?:1[6-9]|2\d|3[01])\.|"
    r"(?:^|\.)(?:tu|su|your|my|mi|sua|seu)[-]?(?:empresa|company|site|sitio|web|website|dominio|domain|brand|"
    r"marca|tienda|shop|store|loja|banco)\."
)
_DUMMY_PATH = re.compile(
    r"/(?:enlace|link|your-?link|link-?aqui|tu-?enlace|insert\w*|xxx+|placeholder|url|aqui)/?(?:[?#].*)?$",
    re.IGNORECASE,
)
_SHORTENERS = frozenset(
    """bit.ly tinyurl.com goo.gl ow.ly is.gd cutt.ly rb.gy shorturl.at acortar.link t.ly buff.ly rebrand.ly tiny.cc
    soo.gd s.id bit.do adf.ly encurtador.com.br shorte.st v.gd clck.ru lnkd.in""".split()  # noqa: SIM905
)
_NOWHERE_WHY = _("This link leads nowhere.")


def _bad_link(scene: Scene) -> Iterator[Finding]:
    for match in _URL.finditer(scene.draft.text):
        address = match.group().rstrip(".,;:!?")
        span = (match.start(), match.start() + len(address))
        flaw, better = _judge(address)
        if flaw == "short":
            yield Finding(
                "bad_link",
                "warn",
                *span,
                _("A shortened link hides where it leads; fraudsters use them. Give the full one."),
            )
        elif flaw:
            yield Finding("bad_link", "block", *span, _NOWHERE_WHY, better)


@lru_cache(maxsize=512)
def _judge(address: str) -> tuple[str, str | None]:
    """The flaw, and the address as it was meant where that is plain."""
    scheme, _sep, _rest = address.partition(":")
    if address.lower().startswith("www."):
        meant = "https://" + address
    elif scheme.lower() in _SCHEMES and "://" in address:
        meant = address
    elif mistyped := _MISTYPED.match(address):
        meant = "https://" + address[mistyped.end() :]
        return "mistyped", meant if not _judge(meant)[0] else None
    elif scheme.lower() in _SCHEMES:
        meant = f"{scheme}://" + address[len(scheme) + 1 :].lstrip("/")
        return "mistyped", meant if not _judge(meant)[0] else None
    else:
        return "", None  # another scheme is none of our business
    try:
        parts = urlsplit(meant)
        host, _port = (parts.hostname or ""), parts.port
    except ValueError:
        return "malformed", None
    if host in _SHORTENERS:
        return "short", None
    if not re.fullmatch(r"(?:[\w-]+\.)+[^\W\d_]{2,}", host) or ".." in host or _NOWHERE.search(host):
        return "nowhere", None
    if _DUMMY_PATH.search(parts.path) or "{" in meant or "xxx" in host:
        return "nowhere", None
    return "", None


# --- The same for everybody ---------------------------------------------------------------------

_LEAST_WORDS, _ALIKE = 7, 0.8
_DIGITS = re.compile(r"\d+")


@lru_cache(maxsize=2048)
def _grams(text: str) -> frozenset[tuple[str, ...]]:
    said = [_DIGITS.sub("0", word) for word in words(fold(text))]
    return frozenset(tuple(said[n : n + 3]) for n in range(len(said) - 2)) if len(said) >= _LEAST_WORDS else frozenset()


def alike(one: str, other: str) -> float:
    """How much two answers share: the Jaccard index of their runs of three words, numbers aside."""
    a, b = _grams(one), _grams(other)
    return len(a & b) / len(a | b) if a and b else 0.0


def _same_answer(scene: Scene) -> Iterator[Finding]:
    if any(alike(scene.draft.text, other) > _ALIKE for other in scene.draft.recent):
        yield scene.finding("same_answer", "warn", (0, len(scene.text)),
                            _(
                                "The same words went to others already. Readers scroll and notice: say something "
                                "of this case."))  # fmt: skip


# --- Courtesy -----------------------------------------------------------------------------------

_THANKS = Phrases(
    es=r"""
        gracias|agradec\w+|se agradece""", en=(
            r"thanks?|thank you|cheers|"
            r"appreciate\w*|grateful|ta"
        ), pt=r"obrigad\w+|agradec\w+|valeu|grat[oa]s?",
)  # fmt: skip
_SIGNED = re.compile(
    r"(?:\^\s?\w{2,12}|[—–-]\s?[A-ZÁÉÍÓÚ]\w+|(?:Equipo|Equipe|Team|Soporte|Suporte|Support)\b.{0,20}|(?:^|"
    r"[\s.!?,])[A-ZÁÉÍÓÚÑ][\w']+(?:\s(?:de\s|del\s)?[A-ZÁÉÍÓÚÑ][\w.]+){0,2}(?:,\s\w+)?)\W*$"
)
_NO_SIGNATURE = frozenset(
    """gracias saludos thanks cheers obrigado obrigada abrazo abraco regards best thank you hola hi ola aqui vale
    listo ok""".split()  # noqa: SIM905
)
_INTRODUCED = re.compile(
    r"\b(?:soy|le atiende|te atiende|this is|i'm|i am|sou (?:o|a)|aqui e|quem fala) (?-i:[A-ZÁÉÍÓÚ]\w+)", re.IGNORECASE
)


def _no_thanks(scene: Scene) -> Iterator[Finding]:
    owed = scene.is_warm or scene.mood.suggestion
    if owed and not scene.said(_THANKS) and not scene.said(APOLOGY):
        yield scene.insertion("no_thanks", "inform", _("They took the time to write something good: thank them."),
                              say("thanks_for_writing", scene))  # fmt: skip


def _no_signature(scene: Scene) -> Iterator[Finding]:
    text = scene.draft.text.rstrip()
    signed = _SIGNED.search(text[-60:])
    if signed and words(fold(signed.group()))[-1] in _NO_SIGNATURE:
        signed = None
    if text and not scene.draft.signed and not signed and not _INTRODUCED.search(text):
        name = scene.draft.operator_name.split(" ")[0]
        yield scene.addition("no_signature", "inform", _(
            "Nobody signs: a name at the "
            "end tells that a person answers."),
                             f"^{name}" if name else None)  # fmt: skip


HOLES = (
    Rule("placeholder", "block", "seeds", _placeholder),
    Rule("too_long", "block", "seeds", _too_long),
    Rule("bad_link", "block", "seeds", _bad_link),
    Rule("same_answer", "warn", "van Noort–Willemsen", _same_answer),
)
COURTESY = (
    Rule("no_thanks", "inform", "Einwiller–Steilen", _no_thanks),
    Rule("no_signature", "inform", "van Noort–Willemsen", _no_signature),
)
