"""The grammar of scorn: like a child, with that head, people like you; and the reproach thrown back."""

from __future__ import annotations

import re

from netcenter.guard.bearing import complains, is_cold
from netcenter.guard.dismissing import TOO_SIMPLE
from netcenter.guard.scene import Scene
from netcenter.guard.text import Phrases, fold, words

# Stop your whining: the verb of complaining as a fault.
_STOP = Phrases(
    es=r"""
        (?:deja|deje|dejen|dejate|dejese|pare|para|paren|basta|menos|ya) (?:ya )?de (?:llor|quej|lloriqu|gimot|molest|
        invent|ment|jod|fastidi|dramatiz|difam|patal|protest|hacer (?:drama|berrinche|escandalo))\w*|
        (?:menos|basta de) (?:drama|lloriqueo|queja|berrinche|cuento)s?|berrinches?|pataletas?""",
    en=r"""
        (?:stop|quit|enough (?:of|with)|less of) (?:all |the |that |this |your )*(?:whin|moan|cry|complain|ly|wail|nagg|
        mither|wing|whing|rant|drama|harass|sulk|pestering|bleat|grumbl)\w*|(?:temper )?tantrums?|throwing a (?:fit|
        wobbly|strop)""",
    pt=r"""
        (?:para|pare|chega|deixa|deixe|menos) (?:la )?(?:de |com (?:o |esse )?)(?:chor|reclam|choraming|ment|ench|
        invent|
        mimimi|drama|perturb|lamuri|frescura|chilique|birra)\w*|mimimi|chilique|birra|frescura|piti""",
)  # fmt: skip

# As one speaks of what somebody has in their head, of their upbringing, their purse, their kind.
_LESS_THAN_US = Phrases(
    {"es": r"(?:gracias a |para |por |con )", "en": r"(?:thanks to |for |because of )", "pt": r"(?:gracas a |para )"},
    es=r"""
        (?:com[o]|cual) (?:un|una) (?:criatura|nin[oa]|bebe|nene|nena|cri[oa]|chiquill\w+|mocos[oa]|loc[oa])|con es[ea]
        [ ](?:cabeza|cara|actitud|mentalidad|educacion|caracter)|(?:su|tu|esa|un|el|mas|
        falta de) (?:nuevo )?(?:cabecita|
        cerebro|neuronas?|coeficiente)|(?:dos|una|media|pocas) neuronas?|cerebro nuevo|(?:le|te|les) (?:falta|faltan)
        [ ](?:luces|modales|educacion|cabeza|neuronas|calle|un tornillo)|mendig\w+|pordioser\w+|pobreton\w*|
        (?:gente|personas|clientes) (?:como (?:usted|tu|vos|ustedes)|asi|de (?:su|tu) (?:clase|tipo|calana|nivel))|
        de (?:su|
        tu) calana|hay (?:gente|personas|clientes|quien(?:es)?) (?:que |para )?(?:nunca|nada|vive|solo|todo|se queja|
        siempre|disfruta)|(?:ciert|algun)[oa]s? (?:gente|person|client|huesped|pasajer|usuari|madre|
        padre|duen|senor)\w* (?:\w+ )?(?:debe|deberia|tendria|podria|necesita|prefier)\w*|se nota (?:que|de lejos|
        a leguas)|no (?:es|son) lo suyo|amargad[oa]s?|resentid[oa]s?|
        envidios[oa]s?|histeric[oa]s?|malcriad[oa]s?|maleducad[oa]s?|(?:se )?lo (?:tiene|tienes|tenia) merecido|
        (?:se lo|te lo) (?:merecia|mereces|merece|busco|buscaste)|que (?:asco|pena|lastima) (?:de|me da|da|das)
        [ ](?:persona|gente|usted|tu|vos|client\w+)""",
    en=r"""
        like an? (?:\w+ )?(?:toddler|baby|child|kid|brat|five[- ]year[- ]old|teenager|madman|lunatic)|brain ?cells?|your
        [ ](?:tiny |little |own )*brain|\biq\b|(?:any|some|a bit of|use|basic|a little) common sense|(?:can't|cannot|
        unable to) (?:even )?(?:read|count|think|tell the time)|hold down a job|get a (?:job|grip|clue)|beggars?|
        riff-?raff|peasants?|freeloaders?|scroungers?|people like you|your (?:kind|sort|type)(?= of (?:people|
        customer|person)|[.!?,])|the likes of you|
        (?:some|certain) (?:people|customers|owners|guests|folks?|clients|parents|passengers|diners|tenants|users)
        [ ](?:are|just|will|can't|never|have|love|live|need|should|ought|would|could|prefer|deserve)|(?:sounds|looks|
        seems) like (?:someone|
        somebody)|pity (?:whoever|anyone|your|the people|those)|(?:feel|felt) sorry for (?:your|whoever|anyone|
        the people)|
        (?:with|given|judging by|looking at|considering) (?:your|that) (?:\w+ )?(?:face|picture|looks|manners|attitude|
        upbringing|spelling|grammar|accent|intelligence|mouth)|(?:i|we)(?:'d| would) (?:have )?(?:ignored?|avoid\w*|
        kicked?|thrown?|banned?) you|serves you right|had it coming|got what you deserved?|(?:are|'re|is|being|so|such
        [ ]an?|just) (?:just |so |very |really |a )*(?:miserable|bitter|nasty|vile|petty|spoil(?:ed|t)|hysterical|
        delusional|unhinged|insufferable|attention[- ]seek\w+|crazy|unbearable|obnoxious|immature)""",
    pt=r"""
        (?:feito|que nem|como|igual a?) (?:um |uma )?(?:crianca|bebe|menin[oa]|crianc\w+|mimad[oa]|louc[oa])|com (?:um|
        uma|esse|essa)
        [ ](?:qi|cabeca|cara|atitude|mentalidade|educacao)|\bqi\b|(?:seu|teu|o|esse|um|mais) cerebro|(?:dois|meio|
        poucos)
        [ ]neuronios?|neuronios?|(?:sua|essa) cabecinha|mixaria|mendig\w+|mort[oa]s? de fome|(?:pobre|rico) e assim|
        (?:gente|pessoas?|clientes?) (?:como (?:voce|o senhor|a senhora|tu|voces)|assim|d[ao] (?:sua|seu|
        tua) (?:laia|tipo|
        nivel))|gentalha|ha (?:gente|pessoas|quem) (?:que )?(?:nunca|so|vive|nada|sempre|adora)|tem gente que|(?:cert|
        algum)(?:o|a|as|os)s?
        [ ](?:gente|pesso|client|hosped|passageir|usuari|don|mae|pai)\w* (?:\w+ )?(?:dev|precis|podi|tinh|merec)\w*|
        (?:da pra ver|da para ver|ve-se|nota-se|percebe-se|pelo visto|bem se ve)(?: logo)? que|amargurad[oa]s?|
        (?:pessoa|gente|criatura|cliente) (?:tao |mais )?(?:amarg|chat|insuport|desagrad|infeliz|frustrad|mesquinh|
        ruim)\w*|invejos[oa]s?|histeric[oa]s?|malcriad[oa]s?|mal[- ]?educad[oa]s?|(?:fizeram|fez|fizeste) por merecer|
        (?:bem )?merecid[oa]|(?:tenho|temos|que) (?:pena|do) de (?:voce|quem|si|seu|sua)""",
)  # fmt: skip

# What cheek, to complain: of their nerve, their mother, their longing to be seen; stay at home.
_HOW_DARE_YOU = Phrases(
    es=r"""
        (?:ten(?:er|es|ga|ga usted|eis)|tien(?:e|es)|hay que tener|que|tuvo|tuviste) (?:usted )?(?:\w+ ){0,2}?(?:jeta|
        morro|cojones|huevos|descaro|desfachatez|tupe|caradura|cara dura|la cara|valor para)|cara (?:muy |mas )?dura|
        poca verguenza (?:tiene|tienes|la suya|la tuya)|(?<!nombre de )(?:tu|su) (?:madre|padre|mujer|
        marido)(?! (?:llam|cuent|puede))|
        (?:ganas|ganitas|busca|buscas|necesidad|quiere|quieres|pide|pidiendo) (?:de )?(?:llamar la )?atencion|
        (?:queda|quede)(?:te|se|ros|os|nse) en (?:su |tu |vuestra )?casa|cambi[ae] de (?:familia|vida|cara)|
        (?:usted es|eres|sos) (?:un|una) (?:ser|persona|tip[oa]|individuo|client[ea]) (?!muy importante|important|
        valios|
        especial)\w+|jug(?:ar|ando|as) con (?:el|la) (?:trabajo|vida|pan|comida|reputacion)|(?:abr[ae]|monte?|pong[ae])
        [ ](?:usted |tu )?(?:su|tu) propi[oa]|(?:hazlo|hagalo|cocin[ea]l[oa]) (?:tu|usted|vos)|no (?:vuelva|vuelvas|
        regrese|
        regreses|venga|vengas)(?: nunca)? (?:mas|por aqui|nunca)|no (?:es|eres|sos|son) bienvenid[oa]s?|sabandija|
        parasit[oa]s?|
        despreciable|ruin|impresentable""",
    en=r"""
        (?:have|had|has|got|what) (?:some |the |a )?(?:\w+ )?(?:nerve|cheek|audacity|gall)|how dare|your (?:mother|
        mum|mom|
        husband|wife|boyfriend|girlfriend)(?!'s| (?:is|will|can|has|would|called|and))|(?:craving|seeking|want|
        desperate for|
        looking for|need) (?:some |your |the )?(?:attention|likes|followers|five minutes)|stay (?:at )?home|(?:don't|
        do not|
        never|needn't) (?:ever )?(?:bother )?(?:coming|come|visit|book|order) (?:back|again|here)|(?:not|no longer|n't)
        [ ]welcome|(?:open|opening|start|run|running|try running) your own|do it yourself|(?:you are|
        you're) an? (?:\w+ )?
        (?:person|human|excuse|disgrace|piece)|(?:nasty|vindictive|spiteful|malicious|cruel|small-minded|low) of you|
        (?:tak\w+) (?:your|it) (?:\w+ )?out on|vent(?:ing)? your|livelihoods?|learn (?:some )?manners|(?:show|have|
        having)
        [ ](?:some|a little) respect|keyboard warriors?|hiding behind""",
    pt=r"""
        cara de pau|(?:tem|ter|teve|que|tens) (?:a |muita )?(?:lata|ousadia|audacia|petulancia|cara|coragem) (?:de|
        para|pra)|
        que (?:lata|audacia|petulancia)|(?<!nome da )(?:sua|tua) (?:mae|mulher)(?! (?:ligou|pode|vai|tem))|(?:seu|
        teu) (?:pai|marido)
        (?! (?:ligou|pode|vai|tem))|(?:querer|quer|chamar|procura|busca|carente de|quer chamar) (?:a )?atencao|
        (?:fique|fica|
        fiquem) em casa|(?:abr[aei]\w*|mont\w+) (?:o )?(?:seu|teu) proprio|(?:faca|faz) (?:voce|tu) mesm[oa]|
        nao (?:volte|
        voltes|venha|venhas)(?: mais| nunca| aqui)|nao (?:e|sao|sera) bem[- ]?vind[oa]s?|(?:voce|o senhor|a senhora|
        tu) (?:e|es)
        [ ](?:um|uma) (?:ser|pessoa|tip[oa]|individuo|client[ea]) (?!muito importante|important|especial)\w+|(?:ter|
        tenha|tem)
        [ ](?:um pouco de |algum |mais )?respeito|melhore como (?:pessoa|ser)|brincar com (?:o trabalho|a vida)|
        desprezivel""",
)  # fmt: skip

_TO_BE = r"(?:es|eres|sos|sera|seras|is|are|e|sera|foi|fue|was)"
_YOU = r"(?:usted|tu|vos|su|you|your|yours|voce|vc|seu|sua|o senhor|a senhora|teu)(?!\w)"
_BETWEEN = r"(?:(?:la|lo|el|cara|que|what|how|o|a|quem|como) ){0,4}"
_LONG_ENOUGH = 4


def scorns(scene: Scene) -> int | None:
    """Where the draft looks down on the customer, or None."""
    if scene.is_only_praise:
        return None
    match = scene.first(_STOP) if complains(scene) else None
    if match is None and is_cold(scene):
        match = scene.first(_LESS_THAN_US) or scene.first(_HOW_DARE_YOU) or scene.first(TOO_SIMPLE)
    return match.start() if match else _throws_back(scene)


def _throws_back(scene: Scene) -> int | None:
    """Their own reproach, said of them: "A fraud? A fraud is what you are"."""
    if not is_cold(scene):
        return None
    theirs = {word for word in words(fold(" ".join(scene.draft.messages))) if len(word) >= _LONG_ENOUGH}
    for start, end in scene.sentences:
        said = re.match(rf"\W*([^\W\d_]{{{_LONG_ENOUGH},}}) {_TO_BE} {_BETWEEN}{_YOU}", scene.text[start:end])
        if said and said[1] in theirs:
            return start
    return None
