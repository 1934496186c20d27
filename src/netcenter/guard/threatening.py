"""The grammar of threatening: the law as a stick, we know who you are, go on and you will see."""

from __future__ import annotations

import re
from collections.abc import Iterator

from netcenter.guard.bearing import complains, is_cold
from netcenter.guard.draft import Finding
from netcenter.guard.scene import Rule, Scene
from netcenter.guard.text import Phrases
from netcenter.guard.whys import _

# What would happen to the customer. Against a thief, or offered to them, the same steps are help: "the complaint can be
# made online", "we will report the courier".
_LAW = Phrases(
    {
        "es": r"(?:contra (?:el|la|los|las|quien\w*) [^.!?]{0,20}|(?:puede|puedes|podes|quiere|quieres) )",
        "en": r"(?:against (?:the|him|them|whoever) [^.!?]{0,20}|(?:you can|you may|you could|want to) )",
        "pt": r"(?:contra (?:o|a|os|as|quem) [^.!?]{0,20}|(?:pode|podes|quer) )",
    },
    es=r"""
        (?:nuestr[oa]s? |mis? |el |la )?(?:abogad[oa]s?|legales|departamento (?:legal|juridico)|estudio juridico)
        [ ](?:\w+ ){0,3}(?:se (?:va|van|ocup\w+|encarg\w+|pondr\w+|comunicar\w+)|tom\w+|inici\w+|contest\w+|respond\w+|
        (?:le|te|lo|la|los|las) \w+)|(?:de|con) (?:nuestr[oa]s?|mis?) (?:abogad[oa]s?|legales)|(?:inici|tom|emprend|
        present|entabl)\w+ (?:\w+ ){0,2}(?:acciones|medidas) (?:\w+ )?(?:legales|judiciales|penales)|(?:vamos|voy)
        [ ]a (?:demand|denunci|querell)\w+(?:te|lo|la|los|las|se)(?!\w)|(?:lo|la|los|las|te|le) (?:vamos|
        voy) a (?:demand|
        denunci|querell|hacer juicio)\w*|nos ve(?:mos|remos) en (?:los tribunales|tribunales|el juzgado|la corte|
        juicio)|
        (?:calumnias?|injurias?|difam\w+)(?: \w+){0,3} (?:es|son|constituy\w+|se (?:paga|pena|castiga)n?|tiene|tienen)|
        (?:capturas?|pantallazos?)(?: \w+){0,6} (?:abogad|legal|juridic|juez|denuncia)\w*|(?:abogad\w+|legales|
        juridico)(?: \w+){0,5} (?:capturas?|pantallazos?|copia)|(?:pas|mand|envi|deriv)\w* (?:\w+ ){0,4}(?:a|
        al) (?:nuestr[oa]s? |el |los )?(?:abogad\w+|legales|departamento legal|juridico|estudio juridico)|
        (?:sabemos|tambien sabemos|podemos) (?:\w+ )?(?:demandar|denunciar|querellar)""",
    en=r"""
        (?:hear|hearing|contact\w*|a (?:letter|call)) (?:\w+ )?from (?:our|my|the) (?:lawyer|solicitor|attorney|legal|
        counsel)\w*|(?:our|my) (?:lawyer|solicitor|attorney|legal team|counsel)s? (?:will|is going to|are going to|'ll|
        would|love|loves|enjoy)|(?:take|taking|pursue|pursuing|consider\w*|begin|start) (?:further |any |immediate )?
        legal (?:action|steps|proceedings)(?! against (?:the|him|them|whoever))|(?:we|i)(?:'ll| will| are going to|
        're going to| could| can| may) (?:also )?(?:sue|report|prosecute|have you)(?: you)?(?! (?:the|him|them|it|this|
        back|to (?:our|the) (?:\w+ )?(?:team|driver|courier)))(?= you|[.!?,]| for)|see you in court|(?:go(?:es|
        ing)?|went|gone|pass\w*|hand\w*|sen[dt]\w*|forward\w*|refer\w*) (?:\w+ ){0,3}(?:to|with) (?:our|my|the|a)
        [ ](?:lawyer|solicitor|attorney|barrister|legal|counsel)\w*|
        (?:defam\w+|libel\w*|slander\w*)(?: \w+){0,3} (?:is|are|carr\w+|constitut\w+|has|have)""",
    pt=r"""
        (?:noss[oa]s? |meus? |o |a )?(?:advogad[oa]s?|juridico|departamento juridico) (?:\w+ ){0,3}(?:vai|vao|ira|irao|
        entrar\w*|tom\w+|adora\w*|cuid\w+|respond\w+|sera\w*)|(?:tom|inici|adot|move)\w* (?:\w+ ){0,2}(?:medidas|acoes)
        [ ](?:\w+ )?(?:legais|judiciais|cabiveis|penais)(?! contra (?:o|a|os|as|quem))|(?:vamos|vou|iremos)
        [ ](?:te |lhe )?(?:process|denunci)ar (?:voce|o senhor|a senhora|quem (?:escreve|posta|difama))|(?:tambem )?
        sabemos (?:\w+ )?(?:processar|denunciar)|nos vemos (?:no tribunal|na justica|em juizo)|(?:calunia|injuria|
        difama\w+)s?(?: \w+){0,3} (?:e|sao|da|dao|tem|constitu\w+)(?= )""",
)  # fmt: skip
_WE_KNOW = Phrases(
    es=r"""
        sabemos (?:perfectamente |muy bien )?(?:donde|quien|en que) (?:\w+ )?(?:viv|trabaj|es|eres|sos)\w*|tenemos
        [ ](?:todos )?(?:su|tu|sus|tus) (?:direccion|datos|nombre|domicilio|telefono|foto)s?(?= *[.!…]|$)|se (?:va|
        van) a
        [ ]arrepentir|te vas a arrepentir|se arrepentira|piense(?:lo)? (?:bien|dos veces) antes de (?:public|escrib|
        hablar)\w*|ateng(?:a|an)se a las consecuencias|atenete a las
        [ ]consecuencias|(?:esto|eso) no (?:va a quedar|quedara) asi""",
    en=r"""
        we (?:all )?know (?:exactly )?(?:where you|who you are|your (?:name|address|face|boss|employer|family))|
        think (?:very )?
        (?:carefully|hard|twice) (?:about|before) (?:what )?you(?:r)? |we have your (?:address|details|name|number|
        photo)(?= *
        [.!…]|$)|you(?:'ll| will) (?:regret|be sorry)|face the consequences|you have been warned|choose your (?:next )?
        words|be (?:very )?careful what you (?:say|post|write)|this (?:is not|isn't) over""",
    pt=r"""
        sabemos (?:muito bem |exatamente )?(?:onde|quem) (?:voce |o senhor |a senhora )?(?:mora|trabalha|e|es)(?!\w)|
        temos
        [ ](?:todos )?(?:o seu|a sua|os seus|seu|sua|seus) (?:endereco|dados|nome|telefone|foto)s?(?= *[.!…]|$)|vai se
        [ ]arrepender|pense (?:bem|duas vezes) antes de (?:public|escrev|post|falar)\w*|arque com as consequencias|
        isso nao vai ficar assim""",
)  # fmt: skip
# "Keep posting such things and …", "careful what you say": a command, and what follows from it.
_ON = r"(?:siga|sigue|segui|continue|continua|vuelva a|vuelve a|volve a|keep(?: on)?|go on|carry on)"
_TALK = (
    r"(?:(?:public|post|escrib|escrev|dic|diz|decir|say|writ|insist|molest|habl|ment|lying|complain|reclam|quej|difam|"
    r"spread)\w*|asi|assim|like (?:this|that))"
)
_OR_ELSE = re.compile(
    rf"(?:^|[.!?,;:] )(?:(?:{_ON} {_TALK}[^.!?]{{0,50}}|(?:otra|una|one more|mais uma) (?:palabra|word|palavra)"
    r"(?: mas| more)?)(?:,| y| and| e) [^.!?]{3,}|(?:cuidado|ojo|careful|watch|mind)(?: con| com)?"
    r"(?::| lo que (?:dic|escrib|public)| o que (?:diz|escrev|public)| what you (?:say|post|write)))"
)
_TAKE_IT_DOWN = re.compile(
    r"(?:take|borr|elimin|quit|retir|baj|apag|remov|delet|exclu)\w*[^.!?]{0,50} (?:or|o|ou|within|en|em) "
    r"(?:we|you|nos|vamos|le|lo|la|te|the|\d+|las|nuestr|noss|tom)"
)


def _threatens(scene: Scene) -> Iterator[Finding]:
    if not complains(scene):
        return
    match = scene.first(_WE_KNOW) or scene.first(_LAW)
    if match is None and is_cold(scene):
        match = _OR_ELSE.search(scene.text) or _TAKE_IT_DOWN.search(scene.text)
    if match is not None:
        yield scene.on_sentence("threat", "block", match.end() - 1,
                                _("It threatens the customer. Whoever reads along takes their side."))  # fmt: skip


RULES = (Rule("threat", "block", "the street", _threatens),)
