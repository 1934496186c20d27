"""STOP and START: words with which customers forbid and allow messages, as carriers have them obeyed.

https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out
"""

from typing import Literal

Meaning = Literal["", "stop", "start", "help"]

STOP = frozenset({
    "STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "BAJA", "PARAR", "ALTO", "PARE",
    "SAIR", "CANCELAR",
})  # fmt: skip
START = frozenset({"START", "YES", "UNSTOP", "ALTA", "VOLTAR"})
HELP = frozenset({"HELP", "INFO"})


def meaning_of(text: str, told: str = "") -> Meaning:
    """What these words ask: `told` is what Twilio itself made of them (OptOutType). Only the word alone counts."""
    word = told.strip().upper() or text.strip().strip(".!").upper()
    if word in STOP:
        return "stop"
    if word in HELP and told:
        return "help"
    return "start" if word in START and (told or word in ("START", "UNSTOP", "ALTA", "VOLTAR")) else ""
