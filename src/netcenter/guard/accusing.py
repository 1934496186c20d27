"""The grammar of accusing: what you should have done, what was your duty, what you must have done to it."""

from __future__ import annotations

from netcenter.guard.bearing import is_cold
from netcenter.guard.scene import Scene
from netcenter.guard.text import Phrases

_WHO_ES = r"(?:cliente|usuari[oa]|pasajer[oa]|titular|comprador(?:a)?|huesped|paciente|consumidor(?:a)?|viajer[oa])"
_WHO_EN = r"(?:customer|passenger|guest|user|buyer|owner|tenant|student|patient|travell?er|cardholder|client)"
_WHO_PT = r"(?:cliente|usuari[oa]|passageir[oa]|titular|comprador(?:a)?|hospede|paciente|consumidor(?:a)?|utilizador)"

# What would have been, had you only: the counterfactual of the second person.
_HAD_YOU = Phrases(
    {"en": r"(?:check|know|see|ask|wonder|wondering|sure|confirm|tell (?:us|me)|hear|whether|as) "},
    es=r"""
        si (?:usted(?:es)? |tu |vos |ud )?(?:no )?(?:(?:lo|la|los|las|nos|se|te|le) )?hubie[rs][ae](?:s|n)?
        [ ](?:\w+ ){0,2}?(?!sido|habido|quedado|estado|algun)\w+(?:ado|ido|isto|echo|uesto|crito)|
        (?<=[.!?,;] )de haber(?:lo|la|nos|se|te|le)? \w+[ai]do""",
    en=r"""
        had you (?:only |just |actually |simply |been |\w+ly )?\w+|if you(?:'d| had) (?:only |just |actually |simply |
        ever |been |bothered |taken |thought |\w+ly )*(?!wanted|preferred|expected|hoped|needed|liked|wished)(?:\w+ed|
        been|read|taken|done|come|kept|gone|given|told|paid|made|put|left|seen|known|thought|sent|written|chosen)""",
    pt=r"""
        se (?:voces? |o senhor |a senhora |tu |vc )?(?:nao )?(?:(?:nos|o|a|se|te|lhe) )?tivesse(?:s|m)?
        [ ](?:\w+ ){0,2}?(?!sido|havido|ficado|estado|algum)\w+(?:ado|ido|isto|eito|osto|crito|ago)""",
)  # fmt: skip

# Whose duty it was.
_DUTY = Phrases(
    {"es": r"no ", "en": r"(?:not|n't|never) ", "pt": r"nao "},
    es=rf"""
        (?:corresponde|correspondia|compete|competia|tocaba|cabe|cabia) (?:a usted|a ti|a vos|al {_WHO_ES}|a cada
        [ ]\w+|a los {_WHO_ES}s)|(?:le|te) (?:tocaba|correspondia|competia) (?:a usted |a ti |a vos )?|(?:su|
        tu) (?:deber|
        obligacion|tarea|trabajo) (?:es|era|fue)|es (?:deber|obligacion|tarea|responsabilidad|trabajo) (?:suy[oa]|
        tuy[oa]|del? {_WHO_ES}|de los {_WHO_ES}s|de cada \w+|de quien)|(?:el|la|los|las|cada|todo) {_WHO_ES}s? (?:debe|
        deben|debia|debian|es responsable|son responsables|tiene que|tienen que|tenia que)|(?:descuidos?|negligencias?|
        errores|imprudencias?|distracciones|olvidos) (?:ajen[oa]s?|suy[oa]s?|propi[oa]s?|del? {_WHO_ES}|
        de los {_WHO_ES}s)""",
    en=rf"""
        (?:it(?:'s| is| was)|that(?:'s| is| was)|this (?:is|was)) (?:really |actually |always |simply )?(?:your|the
        [ ]{_WHO_EN}(?:'s)?) (?:own )?(?:job|duty|responsibility|obligation|task|lookout|problem|concern)|
        (?:all )?{_WHO_EN}s (?:are|were) (?:solely |fully |always |themselves )?(?:responsible|liable|expected|
        required|supposed) (?:for|to)|you (?:are|were) (?:solely |fully |entirely )(?:responsible|liable)|
        (?:this|that|it)(?: one| part)?(?:'s| is| was) (?:all |entirely |squarely |really )?(?:on you|down to you|
        your doing|your own doing)""",
    pt=rf"""
        (?:cabe|cabia|compete|competia) (?:ao|a|aos|as|a cada) (?:{_WHO_PT}s?|senhora?)|(?:cabe|cabia) a (?:si|voce|ti)|
        (?:e|era) (?:um )?(?:dever|obrigacao|responsabilidade|tarefa) (?:sua|seu|tua|d[oa]s? {_WHO_PT}s?|de cada \w+|
        de quem)|(?:o|a|os|as|cada|todo) {_WHO_PT}s? (?:deve|devem|devia|deviam|tem (?:de|que)|e responsavel|
        sao responsaveis)|(?:descuidos?|negligencias?|imprudencias?|distracoes) (?:alhei[oa]s?|seus?|suas?|
        d[oa]s? {_WHO_PT}s?)""",
)  # fmt: skip

# Things that we could not know, said as if we did: you will have dropped it.
_DID_ES = (
    r"(?:compart|us|dej|olvid|hi[czs]|pus|conect|instal|golpe|moj|abri|romp|forz|manipul|perd|borr|tir|carg|lav|"
    r"arm|mont|toc|apret|deriv|dio|diste|fall|ignor|salt|le[iy]|mir|fij)\w*"
)
_DID_PT = (
    r"(?:ligou|usou|deixou|colocou|passou|clicou|derrubou|molhou|esqueceu|perdeu|digitou|caiu|apertou|forcou|lavou|"
    r"instalou|montou|abriu|compartilhou|partilhou|deu|fez|bateu|mexeu|ignorou|errou|pos|quebrou|nao (?:leu|viu))"
)
_SUSPECTS = Phrases(
    {"en": r"(?:that|how|so|if|as|whether|what) ", "es": r"(?:que|si|como) "},
    es=rf"""
        (?:seguramente|seguro|de seguro|obviamente|evidentemente|claramente|por lo visto|me imagino que|
        probablemente) (?:que )?(?:(?:usted|tu|vos|ud|lo|la|le|se|te|no|ya|su|alguien)
        [ ]){{0,3}}(?:lo |la |se |le )?(?<!nos ){_DID_ES}(?<!mos)|
        habra que ver (?:como|que|si|quien)|(?:algo|que) (?:le|les) (?:habra|habran|habras) \w+|
        debe (?:de )?haber(?:lo|la|se|le)? \w+[ai]do (?:usted|mal)|(?:habra|habras)(?: usted)? (?:golpead|mojad|usad|
        dejad|olvidad|perdid|tocad|abiert|puest|hech|instalad|conectad|forzad|manipulad)o|
        que (?:le|les) (?:hizo|hicieron|hiciste)|(?:y )?(?:usted|vos|tu) (?:que )?(?:le )?(?:hizo|hiciste) (?:con|a)""",
    en=r"""
        you must (?:just |simply )?(?:'ve|have) (?!been (?:so |very )?(?:worried|frightened|upset|scared|frustrat|
        disappoint|waiting|hungry|through|look)|felt|had)\w+|you (?:clearly|obviously|evidently|presumably|apparently|
        conveniently|probably|no doubt) (?:just )?(?:ignored|didn't|don't|dropped|broke|forgot|missed|misread|lost|gave|
        shared|used|left|overfilled|overloaded|misused|put|set|failed|never)|what (?:exactly )?(?:did|have|were)
        [ ](?:you|your \w+(?: (?:or|and) \w+)?) (?:do|done|doing) (?:to|with)|did you (?:even|bother|ever|not) \w+""",
    pt=rf"""
        (?:com certeza|certamente|provavelmente|claramente|obviamente|pelo visto|decerto|na certa) (?:que )?(?:(?:voce|
        o senhor|a senhora|nao|se|ja|alguem) ){{0,3}}{_DID_PT}|(?:voce|o senhor|a senhora) (?:com certeza|certamente|
        provavelmente|claramente) {_DID_PT}|deve(?:s|m)? ter (?:sido (?:o seu|a sua|o teu|a tua|voce|o senhor|
        a senhora)|ligado|usado|deixado|colocado|clicado|derrubado|molhado|esquecido|digitado|apertado|forcado|lavado|
        mexido)|o que (?:foi que )?(?:voce|o senhor|a senhora|voces) (?:fez|fizeram|andou|andaram)|vai ver
        [ ](?:que )?(?:voce|o senhor|a senhora|foi (?:voce|o seu|a sua))""",
)  # fmt: skip

# It happens to whoever does not read; it does not break by itself; it left us whole.
_ONLY_TO_SOME = Phrases(
    es=r"""
        (?:eso|esto|esas cosas|estas cosas|solo|suele) (?:(?:le|te|les|solo|solamente|suele|siempre) )*(?:pas|ocurr|
        suced)(?:a|e|en|an|ar|er|ir|o|io) (?:solo |unicamente |solamente )?(?:porque|por|cuando|si|a|con) (?:usted|tu|
        vos|uno|quien\w*|los que|el cliente|la gente|no (?:se )?(?:le|revis|cuid|sig|presta)\w+|(?:lo|la|los|las|se)
        [ ]\w+ mal|(?:se|lo|la|los|las) (?:us|conect|instal|lav|carg|dej|llen|fuerz|manipul|golpe)\w+)|
        no se (?:rompe|rasga|moja|abre|cae|cierra|mancha|quema|borra|dana|raya|pierde|cancela|desarma|activa)n?
        [ ](?:por si )?sol[oa]s?|(?:porque|usted|tu|vos|si) (?:lo|la|los|las)? ?(?:us|conect|instal|lav|arm|mont|enchuf|
        coloc|guard|manej|limpi|cuid|cocin|calent|configur)(?:o|aste|aron|as|a) mal|(?:salio|salieron|estaba\w*|lleg\w+|
        (?:lo|la|los|las) (?:enviamos|entregamos|despachamos|mandamos)|fue entregad[oa]) (?:\w+ )?(?:perfect[oa]s?|
        impecables?|intact[oa]s?|en (?:perfect\w+|buen\w*|optim\w+|excelentes?) (?:estado|condiciones)) (?:de|desde)
        [ ](?:aqui|aca|nuestr\w+|la (?:tienda|cocina|fabrica)|el (?:deposito|almacen))""",
    en=r"""
        (?:only|just|usually|generally|always) happens? (?:when|if|because) you|happens? (?:only |just )?(?:when|if|
        because|to) (?:people|users|customers|owners|passengers|someone|those who|anyone who|it(?:'s| is|
        's not| isn't) (?:used|installed|handled|
        stored|washed|looked after))|(?:don't|doesn't|do not|does not|didn't|never) (?:just |simply )?(?:break|tear|rip|
        leak|fall|burst|crack|explode|vanish|disappear|cancel|open|move|dent|scratch|burn|delete|bend|stain|shrink)\w*
        (?: \w+){0,2} (?:by (?:themselves|itself)|on (?:their|its) own|for no reason|out of nowhere)|
        (?:left (?:here|us|our \w+|the \w+)|was|were) (?:\w+ )?(?:perfect|fine|intact|in (?:perfect|good|excellent|full|
        mint|pristine) \w+) (?:when (?:it|they|we|you)|from)|because (?:people|customers) (?:don't|can't|won't|never|
        fail|refuse|insist|keep)""",
    pt=r"""
        (?:isso|isto) (?:so )?(?:acontece|ocorre|da|aconteceu|ocorreu) (?:so |sempre )?(?:com quem|a quem|
        quando (?:voce|
        a pessoa|o \w+|as pessoas|se|nao)|porque (?:voce|o senhor|a senhora|nao (?:leu|seguiu|viu|cuidou)))|
        nao (?:se )?(?:rasga|quebra|estraga|rompe|abre|cai|suja|queima|apaga|perde|some|racha|molha|risca|amassa|
        cancela|parte)m? (?:sozinh[oa]s?|por si|do nada|a toa)|(?:saiu|sairam|estava\w*|foi entregue|enviamos|
        entregamos) (?:\w+ )?(?:perfeit[oa]s?|impecave(?:l|is)|intact[oa]s?|em (?:perfeit\w+|bom|otimo|
        excelente) (?:estado|condic\w+)) (?:daqui|da|do|de)""",
)  # fmt: skip

# You are the one; no affair of ours if you do not look.
_YOU_ARE_IT = Phrases(
    es=r"""
        no es (?:nuestr[oa] (?:problema|culpa|asunto|responsabilidad)|(?:problema|culpa|asunto) (?:nuestr[oa]|
        de nosotros)) (?:si|que)|otra cosa es que (?:usted|tu|vos|no)|el problema (?:es suyo|es tuyo|lo tiene usted|
        es que usted|sos vos|eres tu|es usted)|(?:el|la) unic[oa] (?:responsable|culpable) (?:es|sos|eres|fue) (?:usted|
        vos|tu)|usted (?:es|fue) (?:el|la) (?:unic[oa] )?(?:responsable|culpable)|(?:el|la|quien) (?:que )?(?:cayo|
        fallo|marco|escribio|puso|borro|dio|toco|apreto|autorizo|confirmo|compartio|hizo|
        se equivoco|perdio|eligio|firmo|acepto) (?:\w+ ){0,2}(?:fue|es) usted|usted (?:es|fue) (?:el|la|quien) (?:que )?
        (?:cayo|fallo|se equivoco|perdio|eligio|firmo|acepto|no)|si usted no (?:mira|lee|revisa|cuida|presta|verifica|
        atiende)|usted no (?:mira|lee|revisa|cuida|presta|verifica)|por (?:su|tu) (?:propi[oa] )?(?:descuido|torpeza|
        imprudencia|impaciencia|culpa|despiste|mal uso)""",
    en=r"""
        (?:not|hardly|n't) (?:really )?(?:our|my) (?:problem|fault|job|concern|responsibility|doing) (?:if|that|
        when) you|
        you(?:'re| are| were) the one (?:who|that)|you (?:simply |just )?(?:ignored|overlooked|mishandled|misused|
        overfilled|overloaded|misread|misunderstood|neglected|refused|couldn't be bothered)|
        due to your (?:own )?(?:lack|
        failure|carelessness|impatience|handling|mistake)""",
    pt=r"""
        nao (?:e|temos) (?:nosso problema|problema nosso|culpa nossa|culpa)(?: nossa)? se|(?:o senhor|a senhora|voce|tu)
        [ ](?:e|foi) (?:quem|o que|a que|que) (?:nao )?\w+|quem (?:\w+(?:ou|eu|iu)|errou|perdeu|clicou|escolheu|
        assinou|aceitou|
        nao \w+) (?:\w+ ){0,2}foi (?:voce|o senhor|a senhora|tu)|o problema (?:nao e nosso|e seu|e do senhor|
        e da senhora|e que voce)|(?:responsabilidade|culpa) (?:e|foi) (?:toda |inteiramente |exclusivamente |so |
        unicamente )?(?:sua|do senhor|da senhora|d[oa] cliente)|se (?:voce |o senhor |a senhora )?nao (?:ve|le|olha|
        presta|confere|cuida) (?:os|as|o|a|os seus|atencao)""",
)  # fmt: skip

# It was broken before it came to us; do not come to us with stories.
_BEFORE_US = Phrases(
    es=r"""
        ya (?:lo |la |los |las )?(?:vino|venia|vinieron|llego|llegaron|estaba|estaban|tenia|tenian|traia|traias|trajo|
        trajiste)n?(?= \w+[ai]d[oa]s?| asi| rot| mal| [.!,]|[.!,])|(?:usted|vos|tu) ya (?:lo |la )?(?:traia|traias|
        tenia|
        tenias)|(?:asi|de esa (?:forma|manera)) (?:lo |la |nos )(?:trajo|trajiste|entrego|dejo)|no (?:nos |
        me )?(?:venga|
        vengas|vengan|cuelgue|cuelgues|eche|eches|carguen?|achaque|achaques|atribuya|haga cargo)(?:n|s)? (?:de |a |con |
        ahora |l[ao]s? |lo que|historias|cuentos|\w+r)|pretend(?:e|a|as|es|en) (?:que )?(?:\w+ )?(?:pagu|cobr|regal|
        sacar)\w*|(?:vien|quier|busc)\w+ (?:\w+ ){0,2}(?:a |por )?(?:pedir|sacar|cobrar|conseguir|comer|ganar|buscar)
        (?: \w+){0,2} (?:plata|dinero|gratis|descuentos?|compensacion|de arriba)""",
    en=r"""
        (?:was|were|is) (?:already )?(?:like that|damaged|broken|hurt|dirty|torn|cracked|loose)(?: \w+)? (?:when|before)
        [ ]you|already (?:\w+ )?(?:when|before) (?:you|it|he|she|they) (?:brought|came|arrived|got)|don't (?:come|try|
        start|give)(?: \w+)? (?:to |with |us |blam|mak|pin|tell)\w*|(?:after|looking for|trying to get|fishing for|
        want) (?:a |something |some )?(?:free\w*|refund|discount|compensation|money for nothing)|
        you(?:'re| are) (?:just |
        only )?(?:after|trying to get)""",
    pt=r"""
        ja (?:veio|vinha|chegou|estava|tinha|trouxe|entrou)(?: \w+)?(?= \w*(?:[ai]d[oa]s?|t[oa])(?!\w))|ja (?:estava|
        era) (?:assim|quebrad|machucad|rasgad)\w*|nao (?:me |nos )?(?:venha|venhas|vem|invente|inventes|inventa)(?:
        [ ](?:com|inventar|dizer|contar|culpar|historia)|[.!,])|para ganhar \w+|(?:quer|querem|quis) (?:\w+ )?(?:ganhar|
        levar|tirar)(?: \w+){0,2} (?:de graca|gratis|dinheiro|vantagem|indenizacao)""",
)  # fmt: skip
# Ought to have, of nobody by name; and: if it was so important.
_OUGHT = Phrases(
    es=r"""
        (?<=[.!?,;:] )(?:debio|debiste|deberia|deberias|tendria que|tendrias que|podia|podias|hubiera|hubieras|
        hubiese) (?:\w+ )?(?:haber\w* )?\w+(?:ado|ido|isto|echo|uesto|crito)(?!\w)|si (?:era |le era |te era |es |
        tanto |
        tan |la \w+ era |el \w+ era |le |te )(?:\w+ ){0,2}?(?:tan |muy )?(?:importa\w*|urgente|valios[oa]|delicad[oa]|
        necesari[oa])[^.!?]{0,12},|quien (?:tanto |mucho )?\w+(?: tanto)?[^.!?,]{0,30} (?:debe|deberia|debia|tendria)
        [ ]\w+""",
    en=r"""
        if (?:it|they|that|this|the \w+|your \w+)(?:'s| is| was| were| are| matter\w*| mean\w*)? (?:really )?(?:(?:so|
        that|
        this) (?:much|important|urgent|precious|valuable|special|delicate|vital)|so)|(?<=[.!?,;:] )(?:maybe|perhaps)
        [ ](?!we|i |it|that|this|our|the|there|you can|you could try)(?:you should |try to |next time )?(?:\w+ )|
        whoever (?:needs|depends|relies|wants) [^.!?]{3,40} (?:should|ought|must)""",
    pt=r"""
        (?:(?<=[.!?,;:] )|^)(?:devia|deveria|podia|poderia|tinha que) (?:era )?ter (?:se )?\w+[aei](?:do|to)(?!\w)|
        se (?:era |e |fosse |a \w+ era |o \w+ era |isso era |lhe )(?:\w+ )?(?:tao |assim |muito )?(?:importante|
        urgente|valios[oa]|especial|delicad[oa])|quem (?:\w+ ){1,4}(?:tanto )?(?:\w+ ){0,3}(?:devia|deve|deveria|
        tem que|precisa) (?:ter )?\w+""",
)  # fmt: skip
_ALWAYS = (_HAD_YOU, _YOU_ARE_IT)
_WHEN_COLD = (_DUTY, _SUSPECTS, _BEFORE_US, _OUGHT)


def accuses(scene: Scene) -> int | None:
    """Where the draft accuses the customer, or None."""
    looked_for = _ALWAYS + (_WHEN_COLD if is_cold(scene) else ())
    places = [match.start() for phrases in looked_for if (match := scene.first(phrases))]
    places += _told_not_asked(scene, _ONLY_TO_SOME) if is_cold(scene) else []
    return min(places, default=None)


def _told_not_asked(scene: Scene, phrases: Phrases) -> list[int]:
    """Where it is claimed: "does it only happen when you are at home?" wants to know."""
    found = (match.start() for match in scene.every(phrases))
    return [place for place in found if not scene.text[: scene.sentence_at(place)[1]].rstrip().endswith("?")]
