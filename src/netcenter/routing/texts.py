"""What the house says by itself about waiting: its own words, a queue's, and the variables in them. Pure."""

import re
from collections.abc import Mapping

from netcenter.routing.spoken import spoken

VARIABLES = ("customer.first_name", "wait", "opens", "brand")
MOST = 600  # characters
_VARIABLE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_NAMELESS = re.compile(r",?[ \t]*\{\{\s*customer\.first_name\s*\}\}")

# True also where people sit idle who may not take it, for want of its language or skill.
DEFAULTS = {
    "busy": {
        "es": (
            "Hola, {{ customer.first_name }}. Recibimos tu mensaje. En {{ brand }} no hay ahora nadie libre que pueda "
            "ayudarte; te contestamos aquí {{ wait }}."
        ),
        "en": (
            "Hello, {{ customer.first_name }}. We have your message. Nobody at {{ brand }} who can help you is free "
            "right now; we will answer you here {{ wait }}."
        ),
        "pt": (
            "Olá, {{ customer.first_name }}. Recebemos sua mensagem. Agora ninguém de {{ brand }} que possa ajudar "
            "está livre; respondemos por aqui {{ wait }}."
        ),
    },
    "closed": {
        "es": (
            "Hola, {{ customer.first_name }}. Recibimos tu mensaje. Ahora estamos fuera de horario: abrimos "
            "{{ opens }} y entonces te contestamos aquí."
        ),
        "en": (
            "Hello, {{ customer.first_name }}. We have your message. We are closed right now: we open {{ opens }} and "
            "will answer you here then."
        ),
        "pt": (
            "Olá, {{ customer.first_name }}. Recebemos sua mensagem. Agora estamos fora do horário: abrimos "
            "{{ opens }} e então respondemos por aqui."
        ),
    },
}

SIGNED = {"es": "Este aviso es automático.", "en": "This is an automatic notice.", "pt": "Este aviso é automático."}


def signed(text: str, language: str) -> str:
    """It says what it is (law 8), whatever words a queue has of its own."""
    said = SIGNED[language]
    return text if said in text else f"{text.rstrip()} {said}"


def variables(text: str) -> list[str]:
    """The variables in it, in their order."""
    return _VARIABLE.findall(text)


def unknown(text: str) -> list[str]:
    """The variables that nothing would fill; "{{" or "}}" that belongs to none among them."""
    stray = [mark for mark in ("{{", "}}") if mark in _VARIABLE.sub("", text)]
    return [name for name in variables(text) if name not in VARIABLES] + stray


def chosen(texts: Mapping[str, Mapping[str, str]], kind: str, language: str, brand_language: str) -> tuple[str, str]:
    """(text, its language): the queue's own in the customer's language, else the house's in it, else the brand's."""
    own = texts.get(kind) or {}
    code = language[:2]
    if own.get(code):
        return own[code], spoken(code, brand_language)
    if code in DEFAULTS[kind]:
        return DEFAULTS[kind][code], code
    code = spoken(brand_language)
    return own.get(code) or DEFAULTS[kind][code], code


def fill(text: str, values: Mapping[str, str]) -> str:
    """With every variable filled; who has no name is greeted without one."""
    if not values.get("customer.first_name"):
        text = _NAMELESS.sub("", text)
    return _VARIABLE.sub(lambda m: values.get(m.group(1), ""), text)
