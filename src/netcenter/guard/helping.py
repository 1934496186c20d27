"""Whether it helps: a next step, an answer to what was asked, a date instead of "soon"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from netcenter.guard.draft import Finding
from netcenter.guard.scene import Rule, Scene
from netcenter.guard.text import Phrases, fold, words
from netcenter.guard.whys import _

# A sentence that holds one of these says something; a sentence of courtesy without them does not.
_SUBSTANCE = Phrases(
    es=r"""
        puedes?|podes|pueda|(?:lo |la |los |las )?mir(?:o|amos|aremos)|ve(?:o|mos|remos)|investig\w+|averig\w+|
        gestion\w+|consult(?:o|amos|aremos)|podemos|puedo|enviamos|enviaremos|mandamos|llamamos|llamaremos|llama|
        devolv\w+|
        reembols\w+|reintegr\w+|repon\w+|cambi\w+|revis\w+|arregl\w+|corrig\w+|correg\w+|solucion\w+|resolv\w+|
        resuelv\w+|avis\w+|confirm\w+|escrib\w+|entr[ae]|ingres\w+|actualiz\w+|reinici\w+|necesit\w+|hoy|manana|lunes|
        martes|miercoles|jueves|viernes|sabado|domingo|antes de|ya (?:esta|quedo|lo|la|te|le)|queda\w*|sale|llega\w*|
        tenemos|hay|gratis|direccion|pregunt\w+|decime|dime|digame|cuentame|contame|deja\w*|vamos a|derivamos|derivo|
        pas(?:o|amos)|adjunt\w+|anul\w+|cancel\w+|encontr\w+|busc\w+|si,|no,|claro|sirve|reserv\w+""",
    en=r"""
        you can|you could|look\w* into|investigat\w+|chas\w+|find out|can you|could you|we can|i can|we'll|i'll|
        we will|i will|we're (?:\w+ing)|we've|i've|sent|
        send\w*|call\w*|refund\w*|replac\w+|chang\w+|check\w*|fix\w*|resolv\w+|reset\w*|updat\w+|restart|today|
        tomorrow|tonight|monday|tuesday|wednesday|thursday|friday|saturday|sunday|open\w*|close\w*|free|yes|(?<!oh )no,|
        ship\w*|arriv\w+|available|text|tap|click|sign in|download\w*|visit|drop|message us|tell me|tell us|reply|ask|
        attached|cancelled|reserv\w+|on its way|deliver\w*|would you|let (?:me|us) know (?:if|when|which|what|the)""",
    pt=r"""
        pod(?:e|emos|es|em)|olh(?:o|amos|aremos)|ve(?:jo|mos|remos)|apur\w+|consult(?:o|amos|aremos)|posso|consigo|
        enviamos|enviaremos|mandamos|mando|ligamos|ligue|liga|devolv\w+|reembols\w+|
        repor|reposic\w+|troc\w+|verific\w+|revis\w+|arrum\w+|corrig\w+|solucion\w+|resolv\w+|avis\w+|confirm\w+|
        escrev\w+|entr[ae]|acess\w+|atualiz\w+|reinici\w+|precis\w+|hoje|amanha|segunda|terca|quarta|quinta|sexta|
        sabado|domingo|antes d[aeo]|ja (?:esta|foi|sai\w*)|fica|sai|chega\w*|temos|tem|gratis|endereco|pergunt\w+|
        me (?:diga|diz|conta|conte)|diga|deix\w+|vamos|encaminh\w+|repass\w+|anex\w+|anul\w+|cancel\w+|encontr\w+|
        procur\w+|sim|nao,|claro|serve|reserv\w+|separ\w+""",
)  # fmt: skip
_COURTESY = Phrases(
    es=r"""
        hola|buenas|buenos dias|gracias|saludos|lament\w+|sentimos|disculp\w+|perdon\w*|entendemos|entiendo|
        comprendemos|comprendo|opinion|importante|valoramos|agradec\w+|estimad\w+|cordial\w*|atentamente|abrazo|
        no es (?:lo que|el \w+ que|la \w+ que) (?:queremos|buscamos|esperamos|deseamos)|feliz dia|buen dia|quedamos|
        estamos (?:para|aqui)|tu mensaje|su mensaje|nos alegra""",
    en=r"""
        hi|hello|hey|thanks?|thank you|sorry|apolog\w+|understand|frustrating|feedback|value|appreciate|dear|regards|
        best wishes|(?:not|isn't|never) (?:what|the \w+(?: \w+)?) (?:we|you)(?:'d| would)? (?:want|expect|aim|like|
        strive|
        hope)|great day|lovely day|have a|cheers|sincerely|here for you|important|reaching out|
        getting in touch""",
    pt=r"""
        ola|oi|bom dia|boa tarde|obrigad[oa]|abracos?|lament\w+|sentimos|desculp\w+|perdao|entendemos|compreendemos|
        nao e (?:o|a)(?: \w+)? que (?:queremos|esperamos|desejamos)|opiniao|importante|valorizamos|agradec\w+|
        prezad\w+|cordialmente|atenciosamente|estamos aqui|a disposicao|
        falar com a gente|contato|contacto""",
)  # fmt: skip
_WHEN = re.compile(
    r"\d{1,2}([:.h]\d{0,2})? ?(?:h|hs|hrs|horas?|hours?|am|pm|min\w*|dias?|days?|semanas?|weeks?)(?!\w)|"
    r"\d{1,2}:\d\d|\d{1,2}/\d{1,2}|"
    r"(?<!\w)(?:hoy|manana|lunes|martes|miercoles|jueves|viernes|sabado|domingo|mediodia|esta (?:tarde|noche|"
    r"semana)|dentro de la hora|fin de mes|"
    r"today|tomorrow|tonight|monday|tuesday|wednesday|thursday|friday|saturday|sunday|noon|this (?:afternoon|"
    r"evening|morning|week)|within the hour|"
    r"hoje|amanha|segunda|terca|quarta|quinta|sexta|meio-dia|esta semana|ainda hoje|"
    r"enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|el \d+|"
    r"on the \d+\w*|dia \d+|"
    r"january|february|march|april|june|july|august|september|october|november|december|janeiro|fevereiro|"
    r"marco|maio|junho|julho|setembro|outubro|novembro|dezembro)(?!\w)"
)
_VAGUE = Phrases(
    {"es": (
        r"(?:hasta|tan|mas|muy|nos vemos|"
        r"verte|veros|verlos|verle) ?(?:muy )?"
    ), "en": (
        r"(?:see you|see you again|visit\w* \w*|back|speak|hope to \w+ you|"
        r"as|too|how|no|so|sooner or) (?:very )?"
    ), "pt": r"(?:ate|tao|mais|muito|volte|volta) ?(?:muito )?"},
    es=r"""
        lo antes posible|lo mas (?:pronto|rapido) posible|a la (?:mayor )?brevedad(?: posible)?|con la mayor brevedad|
        en breve|(?<!de )(?<!vuelve )(?<!vuelvas )(?<!vuelvan )(?<!volver )(?:muy )?pronto(?! como)|cuanto antes|
        proximamente|en los proximos dias|oportunamente|
        en cuanto (?:sea posible|podamos|pueda)|apenas (?:podamos|sea posible)|ni bien podamos|en su momento|
        a su debido tiempo|en unos dias|mas adelante|dentro de poco|en las proximas horas|en el menor tiempo""",
    en=r"""
        as soon as (?:possible|we can|i can|practicable)|asap|shortly|(?:very )?soon(?! as)|in due (?:course|time)|
        at the earliest|in the (?:near|coming) \w+|in a timely \w+|when we can|at some point|before long|
        in the next few \w+|promptly|in a (?:while|bit)|sometime|eventually""",
    pt=r"""
        em breve|(?:o )?(?:mais )?breve(?:mente)? possivel|brevemente|o quanto antes|quanto antes|
        assim que (?:for )?(?:possivel|pudermos|der)|o mais (?:rapido|breve|cedo) possivel|(?:muito )?logo(?! que|
         de | apos)|com a maior brevidade|oportunamente|nos proximos dias|nas proximas horas|dentro de pouco|
        futuramente|daqui a pouco|no devido tempo""",
)  # fmt: skip
# What was asked, and what an answer to it would hold.
_PRICE_ASKED = re.compile(
    r"(?<!\w)(?:cuanto (?:cuesta|sale|vale|es|seria|cobran|me sale)|cuanto salen|precio|how much|what(?:'s|"
    r" is) the (?:price|cost)|quanto (?:custa|e|sai|fica|cobram)|qual (?:o|e o) (?:preco|valor)|"
    r"que precio)(?!\w)"
)
_PRICE_TOLD = re.compile(
    r"[$€£]|r\$|\d+ ?(?:pesos|euros?|reais|dolares|dollars|pounds|soles|usd)|(?<!\w)(?:gratis|free|gratuit[oa]|"
    r"sin (?:cargo|costo|coste)|sem custo|precio|price|preco|cost|costo|custo|cuesta|sale|valor)(?!\w)|https?:|"
    r"www\."
)
_TIME_ASKED = re.compile(
    r"(?<!\w)(?:a que hora|que horario|hasta que hora|what time|opening hours|how late|a que horas|que horas|"
    r"qual (?:o )?horario|horario de)(?!\w)"
)
_TIME_TOLD = re.compile(
    r"\d|(?<!\w)(?:24 horas|mediodia|noon|midnight|medianoche|meio-dia|todo el dia|all day)(?!\w)|https?:"
)
_WHERE_ASKED = re.compile(
    r"(?<!\w)(?:donde (?:esta|queda|estan|veo|encuentro|puedo|compro)|where (?:is|are|can|do)|onde (?:fica|e|"
    r"esta|vejo|encontro|posso|compro))(?!\w)"
)
_WHERE_TOLD = re.compile(
    r"\d|https?:|www\.|(?<!\w)(?:en|in|on|at|em|na|no|aqui|here|app|menu|arriba|behind|near|junto)(?!\w)"
)
_PRIVATELY = re.compile(r"(?<!\w)(?:dm|md|privad[oa]|private|privately|direct|inbox|interno|correo|email|e-mail)(?!\w)")
_THANKS_FOR = re.compile(
    r"(?<!\w)(?:gracias|obrigad[oa]|thanks|thank you|agradecemos)(?: \w+)? (?:por|for|que)(?!\w)[^.!?,;:]*"
)
_LINK_OR_NUMBER = re.compile(r"\d|https?:|www\.|\?|@\w+\.\w")


def is_empty(scene: Scene) -> bool:
    """Nothing but courtesy."""
    for start, end in scene.sentences:
        sentence = _THANKS_FOR.sub(" ", scene.text[start:end])
        if _LINK_OR_NUMBER.search(sentence) or _SUBSTANCE.said(sentence, scene.language):
            return False
        if not _COURTESY.said(sentence, scene.language) and len(words(sentence)) > 3:
            return False
    return True


def _no_next_step(scene: Scene) -> Iterator[Finding]:
    asked = scene.mood.grievance or scene.mood.question
    if not asked or scene.is_warm or not scene.draft.messages or not is_empty(scene):
        return
    if scene.draft.closing:
        why = _("It closes the case and says nothing that helps: no answer, no step, nobody who will see to it.")
    else:
        why = _("It says nothing that helps: no answer, no step, nobody who will see to it.")
    yield scene.addition("no_next_step", "block" if scene.draft.closing else "warn", why, None)


def _unanswered_question(scene: Scene) -> Iterator[Finding]:
    if not scene.draft.messages or not scene.mood.question or _PRIVATELY.search(scene.text):
        return
    asked = fold("\n".join(scene.draft.messages[-2:]))
    for question, answer, why in (
        (_PRICE_ASKED, _PRICE_TOLD, _("They asked for a price, and no price is told.")),
        (_TIME_ASKED, _TIME_TOLD, _("They asked at what time, and no time is told.")),
        (_WHERE_ASKED, _WHERE_TOLD, _("They asked where, and no place is told.")),
    ):
        if question.search(asked) and not answer.search(scene.text):
            yield scene.addition("unanswered_question", "warn", why, None)


def _vague_time(scene: Scene) -> Iterator[Finding]:
    if scene.is_warm or scene.mood.suggestion or _WHEN.search(scene.text):
        return
    match = scene.first(_VAGUE)
    if match is not None:
        yield scene.finding("vague_time", "warn", match.span(),
                            _("\"Soon\" is no time: say the day and the hour, and keep them."))  # fmt: skip


RULES = (
    Rule("no_next_step", "warn", "seeds; Einwiller–Steilen", _no_next_step),
    Rule("unanswered_question", "warn", "seeds", _unanswered_question),
    Rule("vague_time", "warn", "seeds; Davidow", _vague_time),
)
