"""Words that mend a draft, in the customer's language and in the draft's way of address."""

from __future__ import annotations

from netcenter.guard.scene import Scene

# (tú, vos, usted) in Spanish; one way in English and Portuguese.
_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "thanks": {
        "es": ("¡Muchas gracias por contárnoslo!",) * 3,
        "en": ("Thank you so much for telling us!",), "pt": ("Muito obrigado por nos contar!",),
    },
    "thanks_for_writing": {"es": ("Gracias por escribirnos.",) * 3, "en": ("Thank you for writing.",),
                           "pt": ("Obrigado por escrever.",)},
    "apology": {
        "es": ("Te pedimos disculpas.", "Te pedimos disculpas.", "Le pedimos disculpas."),
        "en": ("We're sorry.",), "pt": ("Pedimos desculpas.",),
    },
    "empathy": {
        "es": ("Entendemos tu molestia.", "Entendemos tu enojo.", "Entendemos su molestia."),
        "en": ("We understand how frustrating this is.",), "pt": ("Entendemos a sua frustração.",),
    },
    "admission": {"es": ("Fue un error nuestro.",) * 3,
                  "en": ("This was our mistake.",), "pt": ("Foi um erro nosso.",)},
    "owning": {
        "es": ("De todos modos nos ocupamos nosotros.",) * 3,
        "en": ("Either way, we'll take care of it.",), "pt": ("De todo modo, nós vamos resolver.",),
    },
    "privately": {
        "es": ("Escríbenos por mensaje privado y ahí te pedimos los datos.",
               "Escribinos por mensaje privado y ahí te pedimos los datos.",
               "Escríbanos por mensaje privado y ahí le pedimos los datos."),
        "en": ("Please send us a private message and we'll ask for the details there.",),
        "pt": ("Envie uma mensagem privada e pedimos os dados por lá.",),
    },
    "go_private": {
        "es": ("Te escribimos por mensaje privado y aquí contaremos en qué quedó.",
               "Te escribimos por mensaje privado y acá contamos en qué quedó.",
               "Le escribimos por mensaje privado y aquí contaremos en qué quedó."),
        "en": ("We're writing to you privately, and we'll tell the outcome here.",),
        "pt": ("Vamos escrever no privado, e aqui contamos o resultado.",),
    },
    "offer_privately": {
        "es": ("Te escribimos por privado con la solución.", "Te escribimos por privado con la solución.",
               "Le escribimos por privado con la solución."),
        "en": ("We'll write to you privately with the solution.",),
        "pt": ("Escrevemos no privado com a solução.",),
    },
    "have_message": {
        "es": ("Ya tenemos tu mensaje privado.", "Ya tenemos tu mensaje privado.", "Ya tenemos su mensaje privado."),
        "en": ("We have your private message.",), "pt": ("Já temos a sua mensagem privada.",),
    },
    "no_repeat": {
        "es": ("Vamos a trabajar para que no se repita.",) * 3,
        "en": ("We'll work to keep it from happening again.",), "pt": ("Vamos trabalhar para que não se repita.",),
    },
    "hello": {"es": ("Hola", "Hola", "Hola"), "en": ("Hi",), "pt": ("Olá",)},
}  # fmt: skip
_WAYS = {"tu": 0, "vos": 1, "usted": 2}


def say(what: str, scene: Scene) -> str:
    """These words, as this draft would say them."""
    ways = _WORDS[what][scene.language]
    return ways[_WAYS[scene.address] if len(ways) > 1 else 0]
