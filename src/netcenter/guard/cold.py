"""The cold answer: it speaks of the customer or of what they wrote, and holds no kind word and nothing that helps.

Malice has more words than anybody can list. What it lacks is easier to see: of thousands of real answers of companies
not one in two hundred does without any greeting, thanks, regret, offer, question to the matter, place or time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from netcenter.guard.bearing import complains, is_cold
from netcenter.guard.draft import Finding, Severity
from netcenter.guard.say import say
from netcenter.guard.scene import Rule, Scene
from netcenter.guard.text import words
from netcenter.guard.whys import _

_KIND_ES = (
    r"gracias|agradec\w+|por favor|hola|buen[oa]s? (?:dias?|tardes|noches)|estimad[oa]s?|saludos?|abrazos?|entend\w+|"
    r"entiend\w+|comprend\w+|ayud\w+|solucion\w+|resolv\w+|resuelv\w+|revis\w+|nos encanta\w*|nos gustaria|esperamos|"
    r"quer(?:emos|iamos)|avis\w+nos|necesit\w+|disponible\w*|reembols\w+|devolv\w+|devoluc\w+|cambi(?:amos|o)|hoy|"
    r"manana|"
    r"lunes|martes|miercoles|jueves|viernes|sabado|domingo|podemos|pued[eo]s?|podes|vamos a|estamos|genial|felices|"
    r"que bueno|sin problema|tranquil\w+|list[oa]|seguimos|atent\w+|recuerda|consulta\w*|"
    r"(?:envi|mand|cuent|cont|escrib|dej|dig|dec|indi|din|llam|contact|pas|comun)\w*(?:nos|me)|"
    r"(?:te|le|les|os|lo|la|los|las|se l[oae]) (?:\w+(?:mos|remos)|llamo|aviso|envio|confirmo|escribo|espero)"
)
_KIND_EN = (
    r"thanks?|thank you|thx|please|pls|hi|hello|hey|dear|glad|happy|love|hope|welcome|help\w*|assist\w*|understand\w*|"
    r"hear|appreciate\w*|we'll|we will|we'd|we would|i'll|i will|i'd|i can|we can|can you|could you|would you|can we|"
    r"may we|"
    r"let (?:us|me)|let's|dm|feel free|you can|you could|you may|try\w*|check\w*|look\w*|reach|contact|send|email|call|"
    r"today|tomorrow|tonight|monday|tuesday|wednesday|thursday|friday|saturday|sunday|refund\w*|replac\w+|fix\w*|"
    r"working on|update\w*|great|awesome|enjoy\w*|excited|want you|make sure|once you|if you're|sounds like|steps?|"
    r"options?|able|needs?|our team|pass on|keep us|got it|gotcha|no worries|don't worry|sure thing|of course"
)
_KIND_PT = (
    r"obrigad\w+|ola|oi|bom dia|boa (?:tarde|noite)|por gentileza|entend\w+|compreend\w+|ajud\w+|verific\w+|"
    r"pode(?:mos|s|m)?|posso|vamos|gostar\w+|envi\w+-nos|mand[ae]|cham[ae]|fal[ae]|precis\w+|hoje|amanha|segunda|terca|"
    r"quarta|quinta|sexta|cuid\w+|troc\w+|lind[oa]|abraco|que bom|sem problema|pronto"
)
_KIND = re.compile(rf"(?<!\w)(?:{_KIND_ES}|{_KIND_EN}|{_KIND_PT})(?!\w)|[🙂😊👍🙌❤😀😉]|https?:|www\.|\w@\w")
_OF_THEM = re.compile(
    r"(?<!\w)(?:you|your|u|ur|yours|yourself|yall|tu|tus|su|sus|usted|vos|te|ti|os|tuy[oa]|suy[oa]|voce|seu|sua|teu|"
    r"tua|"
    r"senhor|senhora|lhe|vosotros|vuestr[oa]|\w{3,}(?:aste|iste|steis)|resenas?|reviews?|comentarios?|criticas?|"
    r"comments?|"
    r"avaliac\w+|opinion|quejas?|complaints?|reclamac\w+)(?!\w)"
)

_CURT = 4  # words
_BACK_SOON = re.compile(
    r"(?<!\w)(?:un (?:momento|momentito|segundo|minuto)|ahora (?:mismo|vuelvo)|enseguida|en seguida|"
    r"(?:one|a|just a) (?:moment|second|sec|minute)|right back|um (?:momento|momentinho|segundo|minuto)|"
    r"ja (?:volto|vejo))(?!\w)"
)


def _cold(scene: Scene) -> Iterator[Finding]:
    """Blocks where they complain beyond doubt; a bare statement is only thought to be a complaint."""
    if not complains(scene) or not is_cold(scene) or _KIND.search(scene.text):
        return
    if scene.mood.grievance and _is_curt(scene):
        yield scene.insertion("cold", "block",
                              _("It sends the customer away with a word: nothing that helps, nothing kind."),
                              say("apology", scene))  # fmt: skip
        return
    told = [(a, b) for a, b in scene.sentences if not scene.text[a:b].rstrip().endswith("?")]
    about = next(((a, b) for a, b in told if _OF_THEM.search(scene.text[a:b])), None)
    if about is not None:
        grave: Severity = "block" if scene.mood.grievance else "warn"
        yield scene.insertion("cold", grave,
                              _("It speaks of the customer and holds no kind word and nothing that helps."),
                              say("apology", scene) if scene.mood.grievance else None)  # fmt: skip


def _is_curt(scene: Scene) -> bool:
    """A word or two, and no figure, place or file among them: "Noted.", "No news. Wait.". Not "One moment."."""
    is_short = len(words(scene.text)) <= _CURT and not re.search(r"\d|https?:", scene.text)
    return is_short and not _BACK_SOON.search(scene.text)


RULES = (Rule("cold", "block", "the street", _cold),)
