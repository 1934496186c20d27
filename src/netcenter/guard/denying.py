"""The grammar of answering from above: it is not true, nobody ever, we are excellent, there is the door."""

from __future__ import annotations

from netcenter.guard.bearing import is_cold
from netcenter.guard.dismissing import A_STORY, NOT_OURS
from netcenter.guard.scene import Scene
from netcenter.guard.text import Phrases

# Your word is worth nothing.
_UNTRUE = Phrases(
    es=r"""
        (?:eso|esto|lo que (?:usted |ud |vos |tu )?(?:dice|cuenta|afirma|comenta|plantea|escribe|dices|decis|cuentas)|
        lo suyo|su version|su relato)(?: \w+)? (?:no (?:es|fue) (?:\w+ )?(?:asi|ciert[oa]|verdad|correct[oa]|real|
        lo que)|(?:es|resulta) (?:\w+ )?(?:fals[oa]|mentira|imposible|inexact[oa]|absurd[oa]|invent\w+))|
        no (?:es|fue) (?:cierto|verdad)(?= (?:que|lo)|[.,!])|faltan?(?:do)? a la verdad|
        no se ajusta a la (?:realidad|verdad)|nos? (?:parece|resulta) (?:muy |bastante |un poco )?(?:rar[oa]|extran[oa]|
        curios[oa]|llamativ[oa]|dudos[oa]|poco creible)|(?:nunca|jamas|en ningun momento) (?:le |te |les |se )?(?:dij|
        promet|asegur|afirm|ofrec|confirm|acord|comprometi)(?!\w*(?:ste|eron)\b)\w*|nadie (?:aqui |de aqui )?(?:le |te |
        les )?(?:dijo|prometio|aseguro|ofrecio|confirmo|garantizo)|antes de (?:acusar|hacer (?:acusaciones|juicios)|
        opinar|criticar|juzgar|quejarse|culpar|difamar|lanzar)\w*|(?:le |les )?cre(?:o|emos) (?:a|en) (?:ell[oa]s?|el|
        mis?|nuestr[oa]s?)|rechazamos|desmentimos|negamos|(?:resenas?|criticas?|comentarios?|opinion(?:es)?|
        acusaciones) (?:\w+ )?(?:fals[oa]s?|
        malintencionad[oa]s?|injust[oa]s?|gratuit[oa]s?|sin fundamento|infundad[oa]s?|negativ[oa]s?)|no (?:te|
        se) (?:ha|has|
        tomo|tomaste) (?:tomado )?(?:ni )?(?:la )?molesti\w+|(?:calificar|valorar|opinar|puntuar|
        resenar)(?:nos)? (?:\w+ ){0,3}
        (?:sin|en el que no|donde no)|(?:seguro|esta seguro) que (?:esta|no se|es) (?:\w+ ){0,3}(?:sitio|lugar|equivoc|
        confund)\w*""",
    en=r"""
        (?:that|this|it|what you(?:'re| are)? (?:say\w*|said|claim\w*|describe|wrote)|your (?:claim|story|version|
        account|comment))(?:'s| is| was)? (?:simply |just |plainly |clearly |absolutely |completely |totally |
        categorically )*(?:not (?:true|correct|accurate|the case|what happened)|untrue|false|incorrect|a lie|nonsense|
        rubbish|impossible|inaccurate)|we (?:never|didn't|did not|have never) (?:once )?(?:said|promised|told|agreed|
        claimed|offered|confirmed|guaranteed)|(?:nobody|no one|none of us) (?:here )?(?:ever )?(?:said|promised|told|
        agreed|guaranteed)|before (?:you )?(?:start )?(?:accus\w+|mak\w+ (?:such |false |these |wild )?(?:accusations|
        claims)|blam\w+|complain\w+|attack\w+|judg\w+|slander\w+)|(?:go|look|scroll) (?:back|up) and (?:read|look|check|
        see)|(?:re-?read|read again) (?:what|our|the|your)|(?:i|we) (?:believe|trust|stand by|side with|back) (?:them|
        him|her|my|our)|we (?:reject|refute|deny|dispute) (?:your|this|that|the|any)|(?:reviews?|comments?|posts?|
        accusations?|claims?|
        criticism) (?:that (?:are|is|aren't) (?:\w+ )?(?:not )?(?:\w+ )?(?:true|false|untrue|unfair)|(?:is|
        are) (?:\w+ )?(?:fake|
        false|unfair|malicious|baseless))|(?:unfair|unhelpful|fake|false|baseless|malicious|
        negative) (?:\w+ )?(?:reviews?|
        comments?|accusations?|criticism)|really (?:warrant|deserve|justify|merit)""",
    pt=r"""
        (?:isso|isto|o que (?:voce|o senhor|a senhora)? ?(?:diz|conta|afirma|escreve|alega)|a sua versao)(?: \w+)?
        [ ](?:nao (?:e|foi) (?:\w+ )?(?:assim|verdade|corret[oa]|real|o que)|nao procede|(?:e|
        parece) (?:\w+ )?(?:fals[oa]|
        mentira|impossivel|absurd[oa]|invenc\w+))|nao (?:e|foi) verdade(?= (?:que|o)|[.,!])|nao procede|
        (?:nos |me )?(?:parece|soa) (?:muito |bastante )?(?:estranh[oa]|curios[oa]|duvidos[oa])|(?:nunca|jamais|
        em (?:nenhum )?momento(?: algum)?) (?:lhe |te )?(?:dissemos|prometemos|garantimos|afirmamos|oferecemos|
        confirmamos|disse|prometi)|ninguem (?:aqui )?(?:lhe |te )?(?:disse|prometeu|garantiu|ofereceu|confirmou)|
        antes de (?:acusar|fazer (?:acusac\w+|juiz\w+)|opinar|criticar|julgar|reclamar|culpar|difamar)|(?:sugiro|
        sugerimos|recomendo|aconselho)(?: que)? (?:releia|reler|ler (?:bem|melhor|de novo|com))|releia|
        (?:avaliac\w+|criticas?|comentarios?|acusac\w+) (?:\w+ )?(?:fals[oa]s?|injust[oa]s?|inute(?:l|is)|maldos[oa]s?|
        sem fundamento|infundad[oa]s?|negativ[oa]s?)|nao (?:vamos|iremos) ouvi\w+|acredit(?:o|amos) (?:em|n)(?:ela|
        ele|elas|eles|a minha|o meu|minha|nossa?)|rejeitamos|desmentimos|negamos""",
)  # fmt: skip

# We are above such things.
_ABOVE = Phrases(
    es=r"""
        (?:altamente|muy|debidamente|perfectamente|super|bien) (?:capacitad|cualificad|calificad|preparad|entrenad|
        formad)\w+|de primer nivel|maxima calidad|(?:altos|estrictos|rigurosos|exigentes) (?:estandares|controles|
        protocolos)|(?:hemos ganado|ganamos|ganadores? de|varios|multiples) [^.!?]{0,15}premios?|premiad[oa]s?|
        galardon\w*|(?:miles|cientos|millones) de (?:\w+ )?(?:clientes|personas|huespedes|familias|usuarios|pacientes|
        pasajeros)|(?:clientes|huespedes|pacientes|usuarios) (?:muy )?(?:contentos|satisfechos|felices|encantados)|
        (?:los hechos|los numeros|los datos|las cifras|las resenas|nuestras? \w+|la trayectoria) (?:hablan?|
        demuestran?)|\d+ anos (?:de|en) (?:trayectoria|experiencia|historia|exito|tradicion|el (?:rubro|mercado|
        negocio))|(?:en|con) (?:mas de |casi |los |nuestros )*(?:\d+|\w+) anos[^.!?]{0,30}(?:nadie|nunca|jamas|ni un|
        ningun)|(?:nunca|jamas) (?:hemos |habiamos )?(?:tuvimos|tenido|recibi\w+|nos ha pasado)|
        desde (?:hace )?(?:18|19|
        20)\d\d|nos enorgullec\w+|(?:solo|solamente|unicamente) (?:a )?(?:usted|ti|vos|la suya|la tuya|el suyo|
        el tuyo)|ningun otro
        [ ](?:cliente|huesped)|(?:contestamos|respondemos|atendemos) (?:absolutamente )?(?:tod[oa]s|a todos|siempre)|
        siempre (?:se )?
        (?:mand|envi|avis|entreg|respond|contest|revis|limpi|atiend|hacemos|trat|cumpl)\w*|se (?:manda|envia|avisa|
        entrega|revisa|limpia|controla|verifica)n? (?:siempre|todos los dias|a diario|cada dia)|sin excepcion|
        (?:cumplimos|hicimos|hemos cumplido|hemos hecho) (?:con )?(?:todo |siempre )?lo (?:que (?:nos )?correspond\w+|
        nuestro|acordado|pactado|prometido)|(?:actuamos|procedimos|obramos) (?:correctamente|bien|conforme|segun|
        de acuerdo)|(?:el problema|la falla|el error|la culpa) (?:\w+ )?no (?:somos|es (?:nuestr[oa]|de nosotros))|
        no (?:comete|cometemos|tiene|tenemos|hacemos|hace)n? (?:\w+ )?(?:ese|este) tipo de|no (?:trabaj|actu|
        proced)\w+ (?:asi|de esa (?:manera|forma)|de ese modo)|sabemos (?:muy bien |perfectamente )?(?:como|lo que)""",
    en=r"""
        (?:win|won|have|many|several|two|three) (?:\w+ )?awards|award-winning|second to none|world[- ]class|
        (?:the )?highest standards?|our (?:own )?(?:high )?standards|
        we pride ourselves|(?:only|just) (?:you|yours) (?:\w+ ){0,2}(?:complain|has|have|had|seem)\w*|
        \d+ (?:\w+ ){1,5}(?:have|had|
        with|and) (?:no|zero|not one) (?:complaints?|problems?|issues?)|no other (?:customer|guest|client)|
        renowned|(?:thousands|millions|hundreds|plenty|lots|most) of (?:our )?(?:\w+ )?(?:customers|guests|clients|
        people|travell?ers|patients|users)|(?:excellent|outstanding|glowing|stellar) (?:reviews|ratings|reputation|
        track record)|(?:facts|numbers|figures|results|ratings|reviews|stars) speak for|highly (?:trained|qualified|
        skilled|experienced|professional)|fully trained|we (?:always|invariably) (?:answer|reply|deliver|respond|check|
        clean|send|arrive|inspect|treat|follow|keep)|(?:every|each|all) (?:single )?(?:call|e-?mail|message|room|order|
        parcel|meal|dish|driver|complaint|customer|reminder|item|product|vehicle|plate)s? (?:is|are|gets?|was|were|goes|
        go|leaves?)|every single (?:time|year|day)|(?:goes|go|sent|is|are|answered|done) (?:\w+ )?every time|
        (?:never|not once|not one)(?: \w+){0,2} (?:had|received|heard|
        seen) (?:a|any|an|this|such|one|of)|in (?:all )?(?:our |my |over |more than )?(?:\d+|\w+) years|we(?:'ve| have)
        [ ](?:\w+ )?(?:made|been|done|run|baked|cooked|served|sold|built|kept)(?: \w+){0,3} (?:since|for) (?:\d+|over|
        more|decades|generations|\w+ years)|know (?:exactly|perfectly well|very well|full well) (?:what|how)|we did
        [ ](?:everything|nothing wrong|our part|what we)|the (?:problem|fault) (?:\w+ )?(?:isn't|is not) (?:us|ours|
        with us)""",
    pt=r"""
        (?:altamente|muito|devidamente|super|bem) (?:capacitad|qualificad|treinad|preparad|formad)\w+|
        nos orgulhamos|orgulhamo-nos|(?:so|somente|apenas) (?:voce|o senhor|a senhora|a sua|o seu)(?= )|nenhum outro
        [ ](?:cliente|hospede)|de primeir[oa] (?:nivel|linha)|maxima qualidade|(?:altos|rigorosos|
        exigentes) (?:padroes|controles|controlos)|
        premiad[oa]s?|(?:varios|ganhamos|recebemos) [^.!?]{0,15}premios?|(?:milhares|centenas|milhoes) de (?:\w+ )?
        (?:clientes|pessoas|hospedes|familias|usuarios|utentes|passageiros)|(?:clientes|hospedes|pacientes) (?:muito )?
        (?:contentes|satisfeitos|felizes|encantados)|lider(?:es)? (?:de|em|do|no)|(?:os fatos|os factos|os numeros|
        os dados|as avaliacoes|as notas) (?:falam|mostram|provam)|\d+ anos (?:de|no|em) (?:experiencia|historia|
        tradicao|mercado|casa)|(?:em|com|ha) (?:mais de |quase )*(?:\d+|\w+) anos[^.!?]{0,30}(?:ninguem|nunca|jamais|
        nem um|nenhum)|(?:nunca|jamais) (?:tivemos|recebemos|houve|aconteceu)|desde (?:18|19|20)\d\d|tod[oa]s (?:as|os)
        [ ](?:ligacoes|mensagens|chamadas|e-?mails|pedidos|quartos|pratos|reclamacoes) (?:sao|foram|e)|sempre (?:e |
        sao |se )?(?:mand|envi|avis|entreg|respond|revis|limp|atend|faz|trat|cumpr)\w*|(?:e|sao) sempre \w+[ai]d[oa]s?|
        (?:vistoriad|limp|revist|inspecionad|verificad|testad)\w+ (?:diariamente|todos os dias|sempre)|sem excecao|
        (?:cumprimos|fizemos) (?:com )?(?:tudo |sempre )?o (?:que (?:nos )?(?:cabia|competia)|nosso|combinado)|
        (?:agimos|procedemos) (?:corretamente|bem|conforme|de acordo)|o (?:problema|erro) (?:\w+ )?nao (?:somos|
        e noss[oa])|nao (?:comete|cometemos|tem|temos|fazemos)m? (?:esse|este) tipo|nao trabalhamos assim|
        sabemos (?:muito bem |perfeitamente )?(?:como|o que)""",
)  # fmt: skip

# You do not understand; go elsewhere; there is nothing to talk about.
_DOOR = Phrases(
    {"en": r"(?:if|when|in case|because|that|what|whatever) ", "es": r"(?:si|cuando) ", "pt": r"(?:se|quando|caso) "},
    es=r"""
        (?:hay|existen|tiene|tienes|tenes) (?:much[oa]s )?otr[oa]s (?:tiendas|lugares|restaurantes|bancos|empresas|
        hoteles|companias|sitios|aerolineas)|puede(?:s|n)? (?:irse|irte|ir|comprar|buscar|acudir|probar|cambiarse) (?:a|
        en|con)? ?(?:otr[oa]|la competencia)|la puerta (?:es|esta|sigue)|(?:es|eres|sos) libre de (?:ir|buscar|cambiar|
        comprar|marchar)\w*|(?:usted|vos|tu|ud|ustedes) no (?:entiend|entend|sab|conoc|comprend|aprecia|valora|tiene
        [ ]idea|tienes idea|tenes idea)\w*|no tiene sentido (?:\w+ )?(?:discut|habl|respond|argument)\w*|no (?:vamos a|
        pensamos|podemos)? ?(?:acept|toler|permit|admit|consent)\w+ (?:que se|acusaciones|faltas|calumnias|mentiras|
        ese tono|ataques|que (?:usted|nos|nadie))|(?:relea|relee|vuelv[ae] a leer|lea (?:de nuevo|otra vez))|(?:sugiero|
        sugerimos|recomiendo|recomendamos|invito|invitamos)(?: \w+){0,2} (?:releer|(?:a )?leer (?:bien|mejor|con))""",
    en=r"""
        (?:you(?:'re| are)|feel) (?:more than )?(?:welcome|free) to (?:\w+ ){1,6}?(?:elsewhere|somewhere else|
        competitors?|other (?:shops?|places?))|(?:shop|eat|go|dine|book|bank|look|try) elsewhere|there(?:'s| is| are)
        [ ](?:the door|(?:plenty of |lots of |many )?other (?:shops|restaurants|places|hotels|banks|airlines))|
        take your (?:business|money|custom) |won't (?:be missed|miss you)|you (?:clearly |obviously |just |simply |
        really )*(?:don't|do not|wouldn't|can't) (?:know|understand|appreciate|recogni[sz]e|get|grasp) (?:what|how|
        anything|the first|good|our|that|it)|no (?:point|sense|use) (?:in )?(?:\w+ )?(?:discuss|argu|talk|continu|debat|
        go)\w*|(?:not|n't) (?:going to |gonna |prepared to |willing to |here to )?(?:argue|debate|discuss (?:this|it)|
        have this conversation|tolerate)""",
    pt=r"""
        (?:ha|existem|tem) (?:muit[oa]s )?outr[oa]s (?:lojas|lugares|restaurantes|bancos|empresas|hoteis|companhias|
        sitios)|pode (?:ir|comprar|procurar|buscar|tentar|mudar) (?:\w+ ){0,2}(?:a concorrencia|na concorrencia|noutro|
        em outro|outr[oa])|a porta (?:e|esta|da rua)|tem bom remedio|(?:e|esta) livre (?:de|para) (?:ir|procurar|
        mudar|comprar)|(?:voce|o senhor|a senhora|tu) (?:e que )?nao (?:entend|sab|conhec|compreend|valoriza|
        faz ideia|tem (?:ideia|nocao))\w*|nao (?:ha|faz sentido|vale a pena|adianta) (?:\w+ )?(?:o que|continuar|
        discut\w+|argument\w+)|nao (?:vamos |iremos |podemos )?(?:aceit|toler|permit|admit)\w+ (?:que se|acusac\w+|
        calunias|mentiras|esse tom|ofensas|ataques)|quem nao gosta""",
)  # fmt: skip

# You were never here; how odd that nobody else; it cannot be ours; we have you on film.
_NOT_YOU = Phrases(
    es=r"""
        (?:nunca|jamas) (?:te |se |nos )?(?!me |avis)\w+(?:aste|iste|steis)(?!\w)|(?:usted|ud|vos|tu) (?:nunca|jamas)
        [ ]\w+|(?:nunca|jamas) (?:estuvo|vino|compro|pidio|reservo|se hospedo|cenaron|comio|pago|contrato|visito)|
        (?:es|resulta) (?:totalmente |absolutamente |practicamente )?imposible que|(?:(?<=[.!?] )|(?<=[.!?] ¿)|^¿?)
        (?:que |muy |mas que |resulta |es |me parece )*(?:curios[oa]|extran[oa]|rar[oa]|llamativ[oa]|gracios[oa]|
        sospechos[oa]|casualidad|coincidencia)(?:,| que| como)(?! (?:me|te|le) (?:lo )?(?:pase|haya))|(?:revisamos|
        miramos|vimos|tenemos|hay) (?:\w+ ){0,2}(?:las camaras|la camara|camaras|las grabaciones|filmad\w+|grabad\w+)|
        (?:tenemos|guardamos) todos? (?:los |las )?(?:filmad|grabad|registrad|ticket|prueba|comprobante)\w*|
        (?:a|por) (?:nadie|ningun\w*) (?:mas|otr[oa]\w*) (?:le |se )?(?:pas|quej|ocurr|reclam|suced)\w+|nadie (?:mas|
        otro) (?:se |la |lo |le |tuvo |ha )\w+|a (?:las|los) (?:otr[oa]s|demas) \w+""",
    en=r"""
        you(?:'ve| have)? never (?:once )?(?:were|was|came|ate|stayed|booked|visited|bought|ordered|paid|set|been|
        spoke|called|asked|had|attended|rented)|you were never|we have no (?:record|trace) of (?:you|your|any such|
        any|this)|
        (?:it's|it is|that's|quite|simply|utterly) (?:\w+ )?(?:impossible|inconceivable)(?: that| for|[.,!])|
        (?:(?<=[.!?] )|
        ^|(?<=and ))(?:how |it's |it is |that's |rather |very |most |quite )*(?:odd|funny|strange|curious|interesting|
        convenient|peculiar|remarkable|fascinating)(?:,| that| how| you| then)|(?:camera|cctv|footage|recording)s?
        (?: \w+)? (?:shows?|says?|tells?|proves?)|(?:nobody|no one|not one person) else (?:\w+ ){0,3}(?:had|has|
        complain|seem|saw|notic|report|problem)\w*|(?:only|just) ever happens? to you|the other (?:\w+ ){1,3}(?:people|
        customers|guests|clients|diners) """,
    pt=r"""
        (?:voce|o senhor|a senhora|tu) (?:nunca|jamais) \w+|(?:nunca|jamais) (?:esteve|esteves|veio|vieste|comeu|
        comprou|pediu|reservou|se hospedou|pagou|contratou|visitou)|e (?:totalmente |absolutamente |simplesmente )?
        impossivel (?:que|ter|isso)|(?:(?<=[.!?] )|^)(?:que |muito |e |me parece |bem )*(?:curios[oa]|estranh[oa]|
        engracad[oa]|suspeit[oa]|coincidencia|interessante)(?:,| que| como)|(?:temos|esta) tudo (?:\w+ )?(?:filmad|
        gravad|registrad)\w+|as cameras (?:mostra|prova|dize)\w*|ninguem mais (?:\w+ ){0,3}(?:teve|reclam|se queix|
        viu|percebeu|notou)\w*|so (?:voce|o senhor|a senhora) (?:que )?(?:reclam|teve|notou|viu|se queix)\w*|
        isso nao (?:aconteceu|existe|existiu|ocorreu)""",
)  # fmt: skip
# Not like others: we work, and have for years.
_UNLIKE = Phrases(
    es=r"""
        a diferencia de (?:otr\w+|usted\w*|algun\w+|ciert\w+|quien\w*|los que|las que)|(?:trabajamos|estamos en esto|
        llevamos) (?:desde )?(?:hace )?(?:mas de |casi )?(?:\d+|\w+) (?:anos|decadas)|no como (?:otr\w+|usted|algun\w+|
        ciert\w+|quien\w*)""",
    en=r"""
        unlike (?:you|some|others|certain|those who|people who)|(?:we've|we have) been (?:\w+ing|in (?:the |this )?\w+)
        (?: \w+){0,2} (?:for|since) (?:\w+ ){0,3}(?:years|decades|\d{4})|\w+ years in (?:this|the) (?:business|trade|
        industry)""",
    pt=r"""
        (?:diferente|ao contrario|diferentemente) (?:de|d[oa]s?) (?:quem|outr\w+|cert\w+|algu\w+|voce|gente|pessoas|
        muit\w+)|(?:trabalhamos|estamos nisso) (?:ha|faz) (?:mais de |quase )?(?:\d+|\w+) (?:anos|decadas)|nao como
        [ ](?:outr\w+|voce|cert\w+|quem)""",
)  # fmt: skip


_ALL = (_UNTRUE, _NOT_YOU, _ABOVE, _UNLIKE, _DOOR, NOT_OURS, A_STORY)


def denies(scene: Scene) -> int | None:
    """Where a cold answer to a complaint stands above the customer, or None."""
    if not is_cold(scene):
        return None
    places = [match.start() for phrases in _ALL if (match := scene.first(phrases))]
    return min(places, default=None)
