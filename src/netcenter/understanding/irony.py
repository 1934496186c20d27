"""Irony, where the words show it: kind words for what nobody is glad of. "Bravo, my case is lost again."

A doubt that is told beside a reading, and turns kind and mood away from praise. What went wrong and was put
right is praise in earnest ("thanks for refunding the double charge"), and so is praise with a "but".
"""

import re


def _any(words: str) -> re.Pattern[str]:
    """One of these phrases as whole words; the lines are for the eye."""
    return re.compile(rf"(?<!\w)(?:{''.join(line.lstrip() for line in words.splitlines())})(?!\w)")


_NUMBER = (
    r"(?:\d+|un|una|uma|dos|tres|cuatro|cinco|seis|diez|varias?|one|two|three|four|five|six|ten|several|duas|dois|"
    r"quatro|dez|media|meia|half an|an|a)"
)
_LONG = r"(?:horas?|hours?|hrs?|dias?|days?|semanas?|weeks?|mes|meses|months?|anos?|years?)"
_SHORT = r"(?:minutos?|minutes?|mins?)"
_GOODS = (
    r"(?:maletas?|equipaj\w+|pedidos?|paquetes?|vuelos?|tren|tiempo|dia|tarde|manana|dinero|plata|conexion|bolsos?|"
    r"bags?|luggage|suitcases?|orders?|parcels?|packages?|flights?|train|time|money|connection|"
    r"malas?|bagagem|pedido|encomendas?|voos?|tempo|dinheiro|conexao)"
)
_MINE = r"(?:mi|mis|el|la|los|las|nuestr[oa]s?|una?|otra|my|our|the|a|o|os|as|meu|minha|meus|minhas|nosso|nossa)"

# Who is glad, thanks, praises or congratulates.
_KIND = _any(
    r"""
    felicidades|felicitaciones|(?:los |les |os )?felicito|enhorabuena|bravo|bravisimo|aplausos?|genial|perfecto|
    estupend[oa]|fantastic[oa]|maravillos[oa]|excelentes?|espectacular(?:es)?|impecable|brillante|que (?:bien|buen|
    buena|bueno|lind[oa]|bonit[oa]|gran|maravilla|alegria|ilusion|detalle|placer|gusto|lujo|suerte|eficien\w+|
    rapid\w+|amab\w+|profesional\w*|divertid\w+|emocion|crack|genios)|muy (?:bonito|lindo|bien|profesional|buen|
    buena)|me (?:encanta|fascina)|nos encanta|encantad[oa]s?|adoro|amo|da gusto|un placer|un lujo|todo un lujo|
    de diez|un diez|un 10|diez puntos|cinco estrellas|5 estrellas|se lucieron|os (?:habeis )?luci\w+|chapo|chapeau|
    menos mal que|nada como|nada mejor que|ideal(?:es)? para|gran (?:servicio|trabajo|experiencia|idea|detalle)|
    buenisim[oa]|buen(?:isima)? (?:atencion|servicio|trabajo)|unos (?:genios|cracks|maestros)|el mejor|la mejor|
    los mejores|joya|impresionante|congrat\w+|great|wonderful|lovely|fantastic|amazing|awesome|brilliant|excellent|
    perfect|love|loving|well done|way to go|good job|nice|5 stars?|five stars?|impressive|outstanding|superb|
    so (?:glad|happy)|thrilled|delighted|nothing (?:like|says|beats)|round of applause|hats off|props|top notch|
    stellar|fabulous|bang up|incredible|shoutout|shout out|kudos|huge thanks to|big thanks to|gorgeous|cheers|yay|
    how (?:thoughtful|kind|nice|lovely|generous)|good to (?:see|know)|glad to see|what (?:a joy|a treat|a pleasure|
    amazing|great|lovely|wonderful)|parabens|que (?:maravilha|otimo|bom|beleza|legal|show|delicia|lindo|linda|
    eficiencia|rapidez)|otim[oa]|maravilh[oa]s[oa]|perfeit[oa]|adorei|amei|show de bola|nota (?:10|dez)|palmas|
    incrivel|sensacional|bonito servico|que simpatia|que entrega rapida|super rapid[oa]|muito eficiente|como e bom|
    isso que e|quero agradecer|uma delicia|top demais|cinco estrelas|5 estrelas|muito (?:bonito|bem|bom)|
    nada melhor que|um luxo|belo (?:servico|trabalho|atendimento)|bela (?:experiencia|surpresa)|fantastica|fantastico|
    excelencia
    """
)
# What nobody is glad of.
_BAD = _any(
    rf"""
    (?:arruin|estrop|destroz|fastidi|jod)\w+(?:me|nos)?|ruin(?:ed|ing)?|wreck(?:ed|ing)?|estrag\w+|(?:dejar|dejo|
    dejaron|dejado|dejando|dejais|dejan)(?:me|nos)? (?:\w+ )?(?:tirad|sin|esperando|plantad|varad|colgad|en tierra|
    en visto|fuera)\w*|tirad[oa]s? en|plantad[oa]s|varad[oa]s|(?:leav|left)\w*(?: \w+)? (?:stranded|without|waiting|
    behind|outside|on hold)|stranded|deix(?:ar|ou|aram|ando)(?: \w+)? (?:sem|esperando|na mao|de fora|plantad)\w*|
    (?:perd|extravi)(?:er|ieron|io|isteis|ido|iendo|en|eis|erme|ernos|ar|aron|ado|eram|eu|erem|endo) (?:otra vez |
    de nuevo )?{_MINE} {_GOODS}|los(?:e|ing|t) (?:\w+ ){{0,2}}{_GOODS}|(?:hacer|haber|hacen|hace|hicieron|
    haceis)(?:me|nos)? (?:perder|esperar)|me (?:hagan|hacen) (?:perder|esperar)|mak(?:e|ing) (?:me|us) (?:wait|miss|
    late)|me faz(?:er|em)? (?:perder|esperar)|(?:cobr|factur)\w*(?: \w+)? (?:dos veces|doble|de mas|el doble|
    duas vezes|em dobro|a mais|indevid\w+)|charg\w+ (?:me |us )?(?:\w+ )?(?:twice|double|for nothing)|robar(?:me|
    nos)?|rob(?:aron|arme)|estaf\w+|timo|(?:sin|por no|no|nadie|nunca|ni) (?:me |nos |les? |os |se |te |
    lo )?(?:\w+ )?(?:contest|respond|atiend|atend|avis|aparec|resuelv|resolv|coge|cogen|cogeis|descolg|abre|abren|
    lleg[aou]|ha llegado|han llegado|funcion|carga|sirv|viene|vino|vinieron|encuentr|sabe)\w*|(?:never|not|no one|
    nobody|doesn't|won't|didn't|isn't|hasn't|haven't|can't|for not|without|don't) (?:\w+ )?(?:answer|repl|respond|
    show|arriv|turn|work|open|load|deliver|tell|came|come|call|car|know|bother|find|receiv)\w*|(?:nao|nunca|ninguem|
    sem|por nao) (?:me |nos |se )?(?:respond|atend|avis|aparec|resolv|cheg|funcion|abr|carreg|entreg|vei|vem|sab|
    lig)\w*|(?:ignor|cuelg|colg|cort|bloque|maltrat)(?:ar|an|en|a|ue|uen|aron|ado|arme|arnos|armos|
    aran)(?: \w+)? (?:el telefono|la llamada|el agua|la luz|a los clientes)|me (?:cuelguen|cuelgan|colgaron|ignoren|
    ignoran|bloqueen|mientan|tomen el pelo|vacilen|mareen|dejen|tengan)|ignor(?:ing|ed|e|arme|arnos|ar|ando|arem)|
    h(?:ung|ang|anging) up|cut(?:ting)? (?:me |us )?off|desligar\w*|otr[oa] (?:retraso|vez (?:sin|tarde|lo mismo|
    igual|en|con|cerrad|el|la|mal)|dia (?:sin|mas sin)|mes (?:sin|mas)|demora|cancelacion|caida|averia|semana)\w*|
    de nuevo (?:sin|tarde|lo mismo)|(?:segunda|tercera|cuarta|quinta|enesima) vez|another (?:delay|day without|hour|
    week|cancel|outage|broken|wasted|bill|fee|month|\w+ late)\w*|yet (?:another|again)|(?:second|third|fourth|fifth|
    2nd|3rd|4th|5th|nth) time|mais (?:um|uma) (?:dia|semana|mes|atraso|hora|cancelamento|vez)|(?:segunda|terceira|
    quarta|quinta) vez|{_NUMBER} ?(?:{_LONG}|{_SHORT})(?: y media| e meia)? (?:esperando|de (?:espera|retraso|cola|
    fila|atraso)|sin|para (?:no |que |una? |me |nos |responder|contestar|entregar|llegar|atender)|y (?:nada|sigo|
    contando|aun)|al telefono|en (?:el telefono|espera|cola|la cola|linea)|colgad\w+|on (?:hold|the phone|the line)|
    waiting|late|delay\w*|to (?:answer|reply|respond|deliver|get)|without|and (?:still|counting|nothing)|in (?:line|
    the queue|a queue)|sem|no telefone|na fila|na linha|e nada|e contando|atrasad\w+|tarde)|(?:llevo|llevamos|ya van|
    van|ya son|esperando|esperar|espera de|espero desde hace|tras|waiting|waited|wait|after|been|ja sao|ja faz|faz|ha|
    esperei|espero|ficar|despues de|depois de|solo (?:\w+ )?(?:tard|demor|llev)\w+|
    only took) (?:\w+ )?{_NUMBER} (?:y media )?(?:{_LONG}|{_SHORT})|(?:waiting|wait|esperar|esperando|
    ficar)(?: \w+){{0,3}} {_NUMBER} (?:{_LONG}|{_SHORT})|(?:la|el|los|las) peor(?:es)?|the worst|worst|o pior|a pior|
    pessim[oa]|pesim[oa]|(?:retras|cancel)(?:o|os|ado|ada|ados|adas|aron|an|ais|adisimo|arme|arnos|ar el vuelo|
    ar mi vuelo)|delay(?:ed|s)?|cancell?(?:ed|ing) (?:my|our|the|again)|cancelar(?:am)? (?:o|meu|nosso) voo|atras(?:o|
    ado|ada|ou|aram)|rot[oa]s?|quemad[oa]s?|crud[oa]s?|fri[oa]s?|helad[oa]s?|rancio|(?:pan|pollo|arroz|carne|
    queso) dur[oa]|podrid[oa]s?|moho|cucarachas?|(?:un )?pelo en|vaci[oa]s?|equivocad[oa]s?|aplastad[oa]s?|
    mojad[oa]s?|broken|smashed|cold (?:food|pizza|burger|fries|coffee|meal|soup|water|shower)|(?:food|pizza|burger|
    fries|coffee|meal|soup) (?:was |arrived |is )?(?:stone )?cold|burnt|raw|mou?ldy|stale|hair in|wrong (?:order|item|
    size|one|pizza)|soggy|crash(?:ed|es|ing)|quebrad[oa]s?|queimad[oa]|cru|frio|fria|estragad[oa]|mofado|cabelo (?:na|
    no)|errad[oa]s?|sin (?:luz|agua|internet|senal|servicio|linea|respuesta|maletas?|avisar|aviso|datos|sistema|
    conexion|calefaccion|cobertura|wifi|aire|gas|explica\w+|disculpa\w*|solucion)|no (?:internet|wifi|signal|power|
    water|hot water|heating|reply|answer|response|refund|explanation|apology|luggage|seat|notice)|sem (?:luz|agua|
    internet|sinal|resposta|sistema|gas|aviso|malas?|avisar|energia|wifi|solucao)|(?:se (?:cae|cayo|caiga|caen|cuelga|
    colgo|rompe|rompio)|caida|averia|caiu|travou|trava)|(?:vino|vinieron|llego|llega|vinha|veio|chegou|came|
    arrived) (?:\w+ ){{0,3}}(?:sin|sem|without|rot\w+|frio|fria|vaci\w+|tarde|late|cold|empty|mal|equivocad\w+|
    errad\w+|quebrad\w+|un dia tarde|open|wrong|smashed|damaged)|(?:sigue|sigo|seguimos|continua|
    continuo) (?:\w+ )?(?:sin|sem|esperando|en preparacion)|(?:me |nos )?(?:dan|dieron|dado) de baja|(?:cobr|
    sub)(?:an|aron|ar-me|aram|iron|irme|ieron)(?:me)? (?:\w+ ){{0,2}}(?:dos|2|tres|3|comision|la tarifa|tarifa|
    un servicio|um servico|precio|cuota)|(?:bloque|block)\w+ (?:mi|la|my|a|minha|me)?(?: \w+)? ?(?:cuenta|tarjeta|
    card|account|conta|cartao)|(?:cuenta|tarjeta|conta|cartao) bloquead\w+|por error|tir(?:o|aron) (?:el|mi) paquete|
    metade d\w+|(?:ha|han) venido nadie|no entiende nada|en otro pais|in another (?:country|city)|not (?:a single|
    one) (?:reply|answer|person|email)|(?:on|its|it's) day \d+|can't (?:log|get|pay|open|use)|(?:stone|ice) cold|
    (?:second|third|fourth|primer|segundo|tercer|cuarto|terceiro|segundo) (?:delay|retraso|atraso)|(?:talla|color|
    pedido|producto|tamanho|size|colour|color) (?:mal|equivocad[oa]|errad[oa]|wrong)|cai (?:bem )?(?:no|na|sempre|
    toda)|faz (?:um|uma|\d+) (?:mes|semana|dias|meses|semanas) e nada|marc(?:o|ou|aron) (?:como )?entreg\w+|(?:zero|
    cero|0) (?:refund|answers|soluciones|respuestas)|logged out|(?:dies|died|dropped|drops|freezes|froze|
    down) (?:again|every|for|since|during|mid)|desastre|disaster|verguenza|vergonha|shambles|joke|chaos|caos|asco|
    mierda|basura|lixo
    """
)
# Said in earnest by hardly anybody, whatever stands beside it.
_NEVER_MEANT = _any(
    r"""
    (?:al?|a la|para el|para la|ao|pro|pra|to the|for the) (?:geni[oa]|genius|lumbreras|iluminad[oa]|brilhante|
    crack) (?:que|who|that|de)|nothing says [^.!?]{3,40} like|slow clap|you shouldn't have|(?:really |
    truly )?spoiling (?:me|us)|(?:gracias|thanks|thank you|cheers|obrigad[oa]|valeu) (?:por|for) (?:nada|nothing)|
    thanks a bunch|a fat lot|(?:what a|que) (?:surprise|sorpresa|surpresa)(?=[!.,]|[ ]que|[ ]otra|[ ]mais)|
    sorpresa,? sorpresa|surprise,? surprise|para variar|pra variar|para no variar|to nobody's surprise|
    notese la ironia|ironia on|modo ironi\w+|#sarcas\w+|#ironi\w+|sarcasm|sarcasmo|contem ironia|(?:os|se|les|
    os habeis|se han) luci(?:do|eron|steis)|(?:como )?se nota que (?:les|os|le) import\w+
    """
)
# What makes it earnest: it was put right, it never happened, or it stands beside a "but".
_EARNEST = _any(
    r"""
    (?:re)?solv\w+|recom(?:iend|end|mend)\w*|(?:ha|me ha|todo|fue|salio) (?:ido )?(?:muy )?bien|went (?:well|
    smoothly)|tudo (?:certo|bem)|si bien|eso si|culpa d\w+|resuelt\w+|resolu\w+|solucion(?:ar|aron|o|ado|an|aste|
    asteis|arme|arlo)\w*|arregl\w+|devolv(?:er|ieron|io|iste)\w*|devuelt\w+|reembols\w+|repus\w+|repon\w+|cambi(?:ar|
    aron|o|aste|arme)\w*|recuper\w+|encontr(?:ar|aron|asteis|aste|arme)\w*|ayud\w+|compens\w+|regal\w+|pese a|a pesar|
    aunque|pero|salvo|lo unico|la unica|sin (?:problemas?|demoras?|esperar|esperas|retrasos?|colas?|pegas|vueltas)|
    no (?:tuve|tuvimos|hubo|he tenido|tienen|hay que|hizo falta|tardaron)|ya no|nunca (?:tuve|tuvimos|he|hemos|hubo|
    fall\w+|un problema|me han|me fall\w+|decepcion\w+)|jamas|ningun\w*|antes de lo|gracias a|llegaron antes|
    enseguida|rapid(?:o|os|isimo)|fix(?:ed|ing)?|sort(?:ed|ing)|refund(?:ed|ing)|replac\w+|return(?:ed|ing)|found|
    finding|help\w*|despite|although|though|but|except|only thing|never (?:had|have|a |fail\w*|disappoint\w*|once|
    been|let|any|late)|without (?:a|any|hassle|asking|fuss)|no (?:problems?|issues?|delays?|fuss|hassle|wait|queues?|
    waiting)|(?:didn't|don't|not) (?:have to|even have|need)|quick\w*|fast|swift\w*|early|prompt\w*|rebook\w*|
    credited|upgraded|within|consert\w+|devolver\w*|devolu\w+|estorn\w+|troc(?:ar|aram|ou)\w*|ajud\w+|apesar|embora|
    so que|porem|sem (?:problemas?|demora|fila|espera|custo|complica\w+)|nunca (?:tive|tivemos|falh\w+|me|atras\w+|
    deix\w+)|nao (?:tive|precis\w+|demor\w+|houve)|nenhum\w*|ach(?:ar|aram|ou)|recuper\w+|rapid(?:o|inho|amente)|
    graca?s? a|bem antes
    """
)
# Thanks for it: "thanks, Ana, for making me wait".
_THANKS_FOR = re.compile(
    r"(?<!\w)(?:gracias|thanks|thank you|thx|cheers|obrigad[oa]|obg|valeu|agrade[cz]\w+)"
    r"(?:[ ,!.]+[@#]?\w+){0,3}?[ ,!.]+(?:por|x|for|pelo|pela|pelos|pelas)[ ,]"
)
_FOR_WHAT = 70  # characters in which it is said
_NEAR = 120  # characters between the kind word and what went wrong: in a long letter both may stand in earnest
_WRY = ("🙄", "🙃", "😒", "🤡")
_LIKELY, _WITH_A_FACE = 0.6, 0.8


def irony(text: str, plain: str) -> float:
    """How likely it is meant otherwise; nought where nothing shows it. `plain`: the text by `lexicon.plain`."""
    wry = any(sign in text for sign in _WRY)
    likely = _WITH_A_FACE if wry else _LIKELY
    if _NEVER_MEANT.search(plain) or _thanks_for_nothing(plain):
        return likely
    if "?" in text or (_EARNEST.search(plain) and not wry):
        return 0.0
    near = ((max(0, glad.start() - _NEAR), glad.end() + _NEAR) for glad in _KIND.finditer(plain))
    return likely if any(_BAD.search(plain, *place) for place in near) else 0.0


def _thanks_for_nothing(plain: str) -> bool:
    """What they thank for is what went wrong."""
    thanks = _THANKS_FOR.search(plain)
    if thanks is None:
        return False
    end = thanks.end() + _FOR_WHAT
    return bool(_BAD.search(plain, thanks.start(), end)) and not _EARNEST.search(plain, thanks.end(), end)
