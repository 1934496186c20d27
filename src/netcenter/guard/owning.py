"""Owning it: the apology where one is due and where none is, admission, explanation, empathy."""

from __future__ import annotations

import re
from collections.abc import Iterator

from netcenter.guard.draft import Finding, Severity
from netcenter.guard.say import say
from netcenter.guard.scene import Rule, Scene
from netcenter.guard.text import Phrases, figures, fold
from netcenter.guard.whys import _

APOLOGY = Phrases(
    {"es": (
        r"(?:no hay (?:nada|motivo) (?:que|para|"
        r"por el que) |sin necesidad de |nada que )"
    ), "en": r"(?:no need to|nothing to|don't have to|not|safe than|feel) ", "pt": (
        r"(?:nada a|nao precisa|"
        r"nao ha (?:de|o) que) "
    )},
    es=r"""
        disculp\w+|perdon(?:a|en|e|anos|enos|ame|eme|ad)?|pedimos perdon|lo siento(?: mucho)?|lo sentimos|(?:sentimos|
        siento) (?:mucho|muchisimo|de verdad|lo|las|la|los|que|haber\w*|dejar\w*|tu|su|el|mas)|lament(?:o|amos)|
        que pena (?:que|con)|mil disculpas|(?:nos da|que) verguenza(?: nos da)?""",
    en=r"""
        sorry|apolog(?:y|ies|i[sz]e[sd]?|i[sz]ing)|our bad|forgive us|that's on us|we let you down|regret(?:s|fully)?|
        my bad""",
    pt=r"""
        desculp\w+|perdao|perdoe\w*|perdoa|sentimos (?:muito|pel[oa]s?|por|que|o|a|de verdade)|(?:sinto|sente|
        sentimos|sentem) (?:muito|muitissimo)|lament(?:o|amos)|que pena que|que vergonha|meus sentimentos|foi mal|
        pedimos perdao""",
)  # fmt: skip
_CALM_KINDS = frozenset({"question", "suggestion", "thanks", "praise"})
_STOCK = Phrases(
    es=r"""
        (?:disculp\w+|perdon|lament\w+|sentimos|siento)[^.!?]{0,30}(?:lo (?:ocurrido|sucedido|que paso)|
        (?:las? )?(?:molestias?|inconvenientes?|inconveniencias?))""",
    en=r"(?:sorry|apolog\w+|regret)[^.!?]{0,30}(?:inconvenience|trouble|what happened|bad experience)",
    pt=r"""
        (?:desculp\w+|perdao|lament\w+|sentimos)[^.!?]{0,30}(?:ocorrido|acontecido|transtornos?|incomodos?|
        inconvenientes?)""",
)  # fmt: skip
_FOR_OUR_SILENCE = re.compile(
    r"(?:demora|tardanza|retraso|tardar|tarde|atraso|late|delay|slow|wait)[^.!?]{0,20}(?:responder|contestar|"
    r"leerte|reply|replying|response|getting back|resposta|em responder)|"
    r"(?:responder|contestar|reply|replying|resposta|respuesta)[^.!?]{0,12}(?:tarde|late|tardia)"
)
_NO = re.compile(
    r"(?<!\w)(?:no|not|nao|n't|can't|aun|todavia|ainda|yet|solo|only|so)(?!\w)"
)  # "sorry, we don't yet": an answer
_NON_APOLOGY = Phrases(
    es=r"""
        (?:lament\w+|sent\w+|sient\w+|disculp\w+|perdon\w*)[^.!?]{0,25}(?:que (?:se |te |le |les )?(?:sientas?|
        sientan|sintiera\w*|sintio|haya(?:s|n)? sentido|perciba\w*|lo (?:vea|veas|tomes?|percib\w+|interpret\w+))|
        que (?:usted|vos|tu|lo) (?:vea|veas|perciba|sienta)\w*|si (?:hubo|hubiera|hubiese|ha habido|alguien|te|se|le|
        les|en algun|hemos|existio|acaso|es que))|(?:lament(?:o|amos)|sentimos|siento|disculpas|perdon)(?: \w+){0,2} si
        [ ](?!no)\w+""",
    en=r"""
        (?:sorry|apolog\w+|regret)[^.!?]{0,20}(?:that )?(?:you|your?) (?:\w+ )?(?:feel|felt|see it|took|perceived?|
        think|thought)|(?:sorry|apolog\w+|regret)(?: \w+){0,2} if(?= (?!this))|(?:sorry|
        apolog\w+) for any (?:inconvenience|upset|offence|offense) (?:you )?(?:may|might)|(?:sorry|apolog\w+) but""",
    pt=r"""
        (?:lament\w+|sent\w+|sint\w+|desculp\w+|perdao)[^.!?]{0,25}(?:que (?:voce |o senhor |a senhora )?(?:se |
        te )?(?:sinta\w*|sentiu|tenha sentido|pense|ache|veja)|se (?:houve|houver|alguem|em algum|voce|o senhor|
        a senhora|lhe|caus\w+|de alguma))|(?:lament(?:o|amos)|sentimos(?: muito)?|desculpas?|desculpe|perdao) se
        [ ](?!nao)\w+""",
)  # fmt: skip
_ADMISSION = Phrases(
    es=r"""
        nos equivocamos|me equivoque|cometimos un error|(?:error|fallo|falla|descuido|culpa) (?:nuestr[oa]|mi[oa])|
        nuestr[oa] (?:error|fallo|culpa|responsabilidad)|fallamos|asumimos|responsabilidad nuestra|(?:tienes|tenes|
        tiene) (?:toda la )?razon|no (?:debio|tendria que haber|deberia haber|debia)""",
    en=r"""
        our (?:mistake|fault|error|responsibility|bad|failing)|we (?:got it wrong|made a mistake|failed|messed up|
        let you down|were wrong|mixed up)|you(?:'re| are) (?:absolutely |quite |completely )?right|on us|
        shouldn't have happened|should (?:never|not) have""",
    pt=r"""
        erramos|erro noss[oa]|noss[oa] (?:erro|falha|culpa|responsabilidade)|falha noss[oa]|falhamos|culpa noss[oa]|
        assumimos|cometemos um erro|(?:voce )?tem (?:toda )?(?:a )?razao|nao (?:devia|deveria|era pra) ter""",
)  # fmt: skip
EXPLANATION = Phrases(
    es=r"""
        porque|debido a|ya que|dado que|a causa de|la causa|el problema (?:fue|era|es)|el motivo|lo que (?:paso|
        ocurrio|sucedio|pasa)|resulta que|por (?:un|una|unos|unas|el|la|los|las|culpa|mantenimiento|falta|error|
        fallo)|(?:hubo|hay) (?:un|una)|fue (?:un|una|por)|corresponde a|es que|se (?:cayo|averio|rompio|demoro|
        traspapelo|corto|cancelo|perdio|bloque\w+)|quedo|tuvo|estaba\w*|estabamos|sale por|el sistema|aunque|subio|
        vencio|lo (?:bloqueo|rechazo)|venia|salio""",
    en=r"""
        because|due to|the (?:cause|reason|problem|issue)|caused by|what happened|since|it's (?:a|the)|it was|
        (?:there's|there is|there was) (?:a|an)|was|were|got|broke|failed|fell|bounced|jammed|is (?:held|stuck|off|
        out)|saw|stuck|ended|covers""",
    pt=r"""
        porque|devido a|ja que|por causa|a causa|o problema|o motivo|o que (?:aconteceu|houve)|acontece que|por (?:um|
        uma|conta|falta|erro|falha)|(?:houve|ha|teve) (?:um|uma)|foi (?:um|uma|por|para|a)|e que|caiu|quebrou|atrasou|
        travou|queimou|falhou|bloqueou|estava\w*|vinha|saiu|venceu|vem do|subiu|bateu|passou mal|nao (?:salvou|juntou|
        entregou|mostrou)|e a (?:anuidade|diferenca)|e um erro|e uma falha""",
)  # fmt: skip
EMPATHY = Phrases(
    es=r"""
        enti(?:endo|ende|endemos)|entend(?:emos|ible)|comprend\w+|imagin(?:o|amos)|con razon|(?:tienes|tenes|
        tiene) (?:toda la )?razon|(?:el|tu|su|la|vuestr[oa]) (?:molestia|enojo|enfado|bronca|frustracion|coraje|
        malestar|indignacion|urgencia|susto|apuro|sorpresa)|(?:para|de) enojarse|frustrante|fastidi\w+|mal (?:rato|
        trago)|cansa a|no (?:es|era) (?:lo que|lo prometido)|barbaridad|es (?:demasiado|mucho|de locos)|
        que (?:disgusto|rabia|mal)|qué mal|verguenza|no debio pasar|perd(?:iste|ieras|iera)|lejos de|no (?:te|
        le) culpo|hayamos llegado""",
    en=r"""
        understand\w*|frustrat\w+|i don't blame you|infuriating|maddening|no wonder|you(?:'re| are) (?:\w+ )?right|
        every reason|fed up|awful|horrible|rough|rotten|upsetting|imagine|isn't ok|not ok|too long|deserve|worrying|
        must have been|miserable|fair (?:enough|point)|know (?:how|you)|lost your trust|terrible""",
    pt=r"""
        entend\w+|compreend\w+|imagin(?:o|amos)|com razao|tem (?:toda )?(?:a )?razao|(?:a|sua) (?:raiva|irritacao|
        chateacao|frustracao|indignacao|urgencia|incomodo|surpresa)|frustrante|de irritar|da raiva|cansa|e (?:demais|
        muito|um abuso)|que (?:situacao|susto|chato|vergonha|raiva)|transtorno e|nao e o (?:combinado|que)|abuso|
        perd(?:eu|ido)|longe de|chegado a esse ponto""",
)  # fmt: skip


_ASKS_WHAT_HAPPENED = Phrases(
    es=r"""
        (?:dinos|decinos|dime|decime|digame|diganos|cuentanos|contanos|cuentame|contame|mandanos|envianos|escribinos|
        escribenos|escribanos|indicanos|cual)""",
    en=r"(?:tell|send|message|dm|drop|give|let|which|what)(?: us| me|'s)?",
    pt=r"(?:me (?:manda|mande|diga|conta|conte)|diga-nos|conte|conta|mande|manda|envie|chame|chama|qual)",
)


def _apology_to_praise(scene: Scene) -> Iterator[Finding]:
    """Praise is never apologised to (law 8), unless there is a grievance beside it; nor is anything else that was read
    and holds no grievance answered with the stock apology.
    """
    if not scene.is_warm:
        yield from _apology_to_nothing(scene)
        return
    for match in scene.every(APOLOGY):
        start, end = scene.sentence_at(match.start())
        sentence = scene.text[start:end]
        if _FOR_OUR_SILENCE.search(sentence) or (scene.mood.question and _NO.search(sentence)):
            continue
        sure = not scene.mood.doubt or scene.draft.reading.kind == "praise"
        # Who says what went wrong, or takes up their figure, heard the irony that nobody read: "nine days is too long".
        if scene.said(_ADMISSION) or figures(scene.text) & figures(fold(" ".join(scene.draft.messages))):
            sure = False
        yield scene.on_sentence("apology_to_praise", "block" if sure else "warn", match.start(),
                                _(
                                    "The customer praises us: there is nothing to apologise for. It reads like a "
                                    "robot. Is it irony? Then correct what was read."
                                ), say("thanks", scene))  # fmt: skip
        return


def _apology_to_nothing(scene: Scene) -> Iterator[Finding]:
    read = {scene.draft.reading.kind, *scene.draft.reading.kinds} - {""}
    if not read or not read <= _CALM_KINDS or scene.mood.grievance:
        return
    match = scene.first(_STOCK)
    if match is not None and not _FOR_OUR_SILENCE.search(scene.text):
        yield scene.on_sentence("apology_to_praise", "warn", match.start(),
                                _("Nothing went wrong here: there is nothing to apologise for."))  # fmt: skip


def _no_apology(scene: Scene) -> Iterator[Finding]:
    if scene.mood.grievance and not scene.said(APOLOGY):
        grave: Severity = "warn" if scene.mood.serious else "inform"
        yield scene.insertion("no_apology", grave, _("They complain and hear no apology."), say("apology", scene))


def _non_apology(scene: Scene) -> Iterator[Finding]:
    match = scene.first(_NON_APOLOGY)
    if match is not None and not scene.is_warm:
        yield scene.on_sentence("non_apology", "warn", match.start(),
                                _("It apologises for the feeling, or for an \"if\", not for what happened."),
                                say("apology", scene))  # fmt: skip


def _no_admission(scene: Scene) -> Iterator[Finding]:
    told = scene.draft.fault == "own"
    if not (told or (scene.draft.fault == "" and scene.mood.own_fault)) or scene.said(_ADMISSION):
        return
    if scene.mood.grievance or told:
        why, words = _("It was our fault, and we do not say so."), say("admission", scene) if told else None
        yield scene.insertion("no_admission", "warn" if told else "inform", why, words)


def _no_explanation(scene: Scene) -> Iterator[Finding]:
    if scene.mood.grievance and not scene.said(EXPLANATION):
        grave: Severity = "warn" if scene.mood.angry and not scene.said(_ASKS_WHAT_HAPPENED) else "inform"
        yield scene.addition("no_explanation", grave,
                             _(
                                 "They are not told how it "
                                 "came about. What is explained spreads less."), None)  # fmt: skip


def _no_empathy(scene: Scene) -> Iterator[Finding]:
    if scene.mood.grievance and scene.mood.angry and not scene.said(EMPATHY):
        yield scene.insertion("no_empathy", "warn", _("They are furious, and nothing here says that we see why."),
                              say("empathy", scene))  # fmt: skip


RULES = (
    Rule("apology_to_praise", "block", "seeds", _apology_to_praise),
    Rule("no_apology", "warn", "seeds; Davidow", _no_apology),
    Rule("non_apology", "warn", "seeds", _non_apology),
    Rule("no_admission", "warn", "seeds", _no_admission),
    Rule("no_explanation", "inform", "seeds; Herhausen", _no_explanation),
    Rule("no_empathy", "warn", "Herhausen; Davidow", _no_empathy),
)
