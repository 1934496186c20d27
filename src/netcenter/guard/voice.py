"""How it sounds: shouting, levity, formal and familiar in one breath, form letters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from netcenter.guard.draft import Finding, Severity
from netcenter.guard.say import say
from netcenter.guard.scene import Rule, Scene
from netcenter.guard.text import Phrases
from netcenter.guard.whys import _

_LEVITY = re.compile(
    "[😂🤣😜🤪😝😆😹😉😛]|(?<!\\w)(?:(?:ja){2,}j?|(?:je){2,}|(?:ha){2,}|k{3,}|(?:rs){2,}|lol|lmao|xd|hehe|jajaj\\w*)(?!\\w)"
)
_CANNED = Phrases(
    es=r"""
        estimad[oa](?:\(?[/ao)]*\)?)? (?:cliente|usuari[oa]|consumidor|client\w+)|se (?:le|les) (?:informa|comunica|
        notifica|recuerda)|(?:ha sido|fue) derivad[oa]|area correspondiente|departamento correspondiente|
        por (?:politicas?|normativas?|procedimientos?) (?:de la empresa|intern\w+|de la compania)|
        gracias por (?:contactarnos|comunicarse|ponerse en contacto|comunicarte con nosotros|contactar con nosotros)|
        (?:su|tu) (?:opinion|mensaje|llamada|comentario) es (?:muy )?importante|inconvenientes? (?:ocasionad|causad|
        generad)\w+|hemos tomado nota|hemos recibido su|la empresa (?:informa|lamenta|comunica)|a la mayor brevedad|
        quedamos a su (?:entera )?disposicion para cualquier|mediante el presente|nos dirigimos a usted""",
    en=r"""
        dear (?:valued )?(?:customer|user|client|guest|sir|madam|sir or madam)|valued customer|please be (?:informed|
        advised)|(?:has been|was) (?:forwarded|escalated) to the (?:relevant|appropriate|concerned)|
        relevant department|as per (?:our |the )?(?:company )?polic\w+|duly noted|any inconvenience (?:caused|
        this may)|thank you for (?:reaching out|contacting us|your feedback)|your (?:feedback|opinion|
        call) is (?:very )?important|we (?:value|appreciate) your (?:feedback|business|patronage)|we regret to inform|
        kindly (?:note|be|do)|rest assured""",
    pt=r"""
        (?:prezad[oa]|car[oa]|estimad[oa])(?:\(a\))? (?:cliente|usuari[oa]|consumidor|utilizador)|informamos que|
        (?:foi|sera) encaminhad[oa] ao? (?:setor|departamento|area)|setor (?:responsavel|competente)|(?:conforme|
        por) (?:a )?politicas? da (?:empresa|companhia)|(?:agradecemos|obrigad[oa] pelo) (?:o )?(?:seu )?contato|
        (?:sua|a sua) (?:opiniao|mensagem|ligacao) e (?:muito )?importante|transtornos? causad\w+|tomamos nota|
        a empresa (?:informa|lamenta|comunica)|ficamos a disposicao|vimos por (?:este|meio)""",
)  # fmt: skip
_USTED = Phrases(
    es=r"""
        usted|ustedes|a usted|su (?:pedido|caso|consulta|molestia|reclamo|cuenta|compra|tarjeta|factura|linea|mensaje|
        solicitud|pago|reserva|paciencia|correo|clave|plan|producto|paquete)|le (?:enviamos|enviaremos|llamamos|
        llamaremos|pedimos|informamos|confirmamos|devolvemos|escribimos|escribiremos|ayudamos|ofrecemos|agradecemos|
        recomendamos)""",
)  # fmt: skip
_TU = Phrases(
    es=r"""
        tu (?:pedido|caso|consulta|molestia|reclamo|cuenta|compra|tarjeta|factura|linea|mensaje|solicitud|pago|
        reserva|paciencia|correo|clave|plan|producto|paquete)|contigo|te (?:enviamos|enviaremos|llamamos|llamaremos|
        pedimos|informamos|confirmamos|devolvemos|escribimos|escribiremos|ayudamos|ofrecemos|agradecemos|
        recomendamos)|puedes|podes|podras|tienes|tenes|avisanos|dinos|decinos|escribenos|escribinos|mandanos|envianos|
        vos|quieres|queres|cuentanos|contanos""",
)  # fmt: skip
_SENHOR = Phrases(pt=r"o senhor|a senhora|-lhe|lhe|enviamos-lhe|v\. exa\.?|vossa excelencia")
_TU_PT = Phrases(pt=r"teu|tua|teus|tuas|contigo|avisa-nos|diz-nos|verifica|escreve-nos|envia-nos|podes|tens|queres")
_RUNS = re.compile(r"(?:[^\W\d_a-záéíóúñçãõâêô]{2,}[\s,.!]+){4,}", re.UNICODE)


def _shouting(scene: Scene) -> Iterator[Finding]:
    text, why = scene.draft.text, _("Capital letters and rows of exclamation marks read as shouting.")
    letters = [c for c in text if c.isalpha()]
    if len(letters) >= 15 and sum(c.isupper() for c in letters) >= 0.6 * len(letters):
        whole = (0, len(scene.text))
        yield scene.finding("shouting", "warn", whole, why, _quiet(text))
        return
    for match in _RUNS.finditer(text):
        run = match.group().rstrip()
        if run.isupper() and sum(c.isupper() for c in run) >= 12:  # not every script has capitals
            yield Finding("shouting", "warn", match.start(), match.start() + len(run), why, _quiet(run))
    most = 3 if scene.is_warm or not scene.mood.grievance else 2
    for marks in re.finditer(rf"!{{{most},}}|\?{{3,}}", text):
        yield Finding("shouting", "warn", marks.start(), marks.end(), why, marks.group()[0])


def _quiet(text: str) -> str:
    """In small letters, each sentence with its capital."""
    lower = re.sub(r"([!?])\1+", r"\1", text.lower())
    return re.sub(r"(^|[.!?]\s+)(\W*)(\w)", lambda m: m[1] + m[2] + m[3].upper(), lower)


def _levity(scene: Scene) -> Iterator[Finding]:
    if not scene.mood.grievance:
        return
    match = _LEVITY.search(scene.text)
    if match is not None:
        span = len(scene.text[: match.start()].rstrip(" ")), match.end()
        grave: Severity = "block" if scene.draft.crisis else "warn"
        yield scene.finding("levity", grave, span, _("They have a problem, and it looks as if we were laughing."), "")


_HOLE = re.compile(r"\{\{[^{}]*\}\}")
_TO_TU = {"su": "tu", "sus": "tus", "le": "te"}


def _mixed_address(scene: Scene) -> Iterator[Finding]:
    formal, close = (_SENHOR, _TU_PT) if scene.language == "pt" else (_USTED, _TU)
    holes = [match.span() for match in _HOLE.finditer(scene.text)]

    def said(phrases: Phrases) -> list[re.Match[str]]:
        """What stands in a hole is its name, and goes when somebody fills it."""
        return [m for m in scene.every(phrases) if not any(a <= m.start() < b for a, b in holes)]

    formals, closes = said(formal), said(close)
    if not formals or not closes:
        return
    odd = (formals if len(formals) <= len(closes) else closes)[0]
    word = odd.group().split()[0]
    swap = _TO_TU if odd in formals else {new: old for old, new in _TO_TU.items()}
    fix = swap[word] + scene.draft.text[scene.folded.at(odd.start() + len(word)) : scene.folded.at(odd.end())] if (
        word in swap and scene.language == "es") else None  # fmt: skip
    yield scene.finding("mixed_address", "warn", odd.span(),
                        _(
                            "It changes between formal and "
                            "familiar address: it sounds pasted together."), fix)  # fmt: skip


def _corporate_voice(scene: Scene) -> Iterator[Finding]:
    match = scene.first(_CANNED)
    if match is not None:
        name = scene.draft.customer_name.split(" ")[0]
        greets = re.match(r"estimad|dear|prezad|car[oa] ", match.group())
        fix = f"{say('hello', scene)} {name}" if greets and name and match.start() < 5 else None
        yield scene.finding("corporate_voice", "inform", match.span(),
                            _(
                                "It sounds like a form letter. A "
                                "person with a name is believed sooner."), fix)  # fmt: skip


RULES = (
    Rule("shouting", "warn", "seeds", _shouting),
    Rule("levity", "warn", "seeds", _levity),
    Rule("mixed_address", "warn", "van Noort–Willemsen", _mixed_address),
    Rule("corporate_voice", "inform", "van Noort–Willemsen", _corporate_voice),
)
