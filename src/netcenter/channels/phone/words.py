"""What a caller hears, in the account's language; the first sentence may be the company's own."""

from __future__ import annotations

from collections.abc import Mapping

from netcenter.channels.contract import Connection, loose
from netcenter.channels.twilio.reading import whole

VOICES = {"es": "es-ES", "en": "en-GB", "pt": "pt-BR"}

SAID: Mapping[str, Mapping[str, str]] = {
    "greeting": {
        "es": "Gracias por llamar a {brand}.", "en": "Thank you for calling {brand}.",
        "pt": "Obrigado por ligar para {brand}.",
    },
    "wait": {
        "es": "Espere un momento, por favor. Estamos buscando a quien pueda atenderle.",
        "en": "One moment, please. We are looking for somebody who can help you.",
        "pt": "Um momento, por favor. Estamos procurando quem possa atender.",
    },
    "menu": {
        "es": "Ahora mismo no podemos atenderle. Pulse uno y le llamamos a este número. O quédese en línea y deje un "
              "mensaje.",
        "en": "Nobody can take your call right now. Press one and we call you back at this number. Or stay on the line "
              "and leave a message.",
        "pt": "No momento ninguém pode atender. Pressione um e ligamos de volta para este número. Ou fique na linha e "
              "deixe uma mensagem.",
    },
    "asked": {
        "es": "De acuerdo. Le llamamos a este número antes de {minutes} minutos. Gracias.",
        "en": "All right. We call you at this number within {minutes} minutes. Thank you.",
        "pt": "Certo. Ligamos para este número em até {minutes} minutos. Obrigado.",
    },
    "record": {
        "es": "Después de la señal, díganos quién es y qué necesita. Al terminar, pulse almohadilla o cuelgue.",
        "en": "After the tone, tell us who you are and what you need. Press hash or hang up when you have finished.",
        "pt": "Depois do sinal, diga quem é e do que precisa. Ao terminar, pressione jogo da velha ou desligue.",
    },
    "silence": {
        "es": "No hemos oído nada. Adiós.", "en": "We heard nothing. Goodbye.", "pt": "Não ouvimos nada. Até logo.",
    },
    "thanks": {
        "es": "Gracias. Le responderemos.", "en": "Thank you. We will answer you.", "pt": "Obrigado. Responderemos.",
    },
    "operator": {
        "es": "Llamada de Netcenter. Pulse cualquier tecla para hablar con {number}.",
        "en": "A call from Netcenter. Press any key to speak with {number}.",
        "pt": "Chamada do Netcenter. Pressione qualquer tecla para falar com {number}.",
    },
    "connecting": {"es": "Le pasamos.", "en": "Connecting you.", "pt": "Transferindo."},
}  # fmt: skip


def language_of(connection: Connection) -> str:
    """One of those that are spoken."""
    told = str(connection.config.get("language") or "es").partition("-")[0].lower()
    return told if told in VOICES else "es"


def minutes(connection: Connection) -> int:
    """Within how many minutes callers are told that they are called back."""
    return min(max(whole(connection.config.get("callback_minutes")) or 60, 5), 24 * 60)


def say(connection: Connection, what: str, **filled: object) -> str:
    """A sentence. The greeting may be the company's own; a number is spelled, so that it is not read as millions."""
    own = loose.text(connection.config.get("greeting"), 500).strip() if what == "greeting" else ""
    if own:
        return own
    told = {name: " ".join(str(value).lstrip("+")) if name == "number" else value for name, value in filled.items()}
    return SAID[what][language_of(connection)].format(brand=connection.brand or connection.name, **told)
