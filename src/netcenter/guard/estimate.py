"""What the customer's words say, where nobody has read them yet: by words, quick and careful.

A `Reading` of a better reader replaces each of these, except that words of grievance always count: praise with a small
complaint may be apologised to, whatever its kind is called.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from netcenter.guard.draft import Reading
from netcenter.guard.language import likely_language
from netcenter.guard.text import Phrases, fold

GRIEVANCES = frozenset({"complaint", "claim"})


@dataclass(frozen=True, slots=True)
class Mood:
    """What is known or thought of the customer."""

    grievance: bool
    praise: bool
    doubt: bool  # praise beside a "but" or a "not": it may be meant otherwise
    question: bool
    suggestion: bool
    serious: bool  # a grievance beyond a small hitch
    angry: bool  # high arousal
    wrote_privately: bool
    own_fault: bool  # their words leave no doubt that it was ours


_PRAISE = Phrases(
    es=r"""
        (?:mil|muchas|muchisimas|infinitas|millones de) gracias a \w+|gracias a \w+ por|ame (?:el|la|los|las|su|esta|
        este)|un sol|una sol|una genia|un capo|unos genios|10 de 10|bellisim\w+|hermos\w+|excelent\w*|genial\w*|
        felicit\w*|felicidades|encant\w+|buenisim\w*|riquisim\w*|que (?:rico|rica|ricas|ricos|lindo|linda|bueno|bien)|
        buena atencion|muy rico|precios\w+|perfect\w*|maravill\w*|el mejor|la mejor|los mejores|las mejores|un amor|
        divin\w+|unos cracks|crack|diez puntos|un diez|10 puntos|5 estrellas|cinco estrellas|da gusto|super bien|
        de lujo|espectacular\w*|los amo|amo|me gusta\w*|agradecer la atencion|agradecid\w+|recomiend\w+|recomendad\w+|
        recomendable|bravo|chapo|impecable|estuvo (?:buenisim\w|genial|increible)|increible|lo maximo|de diez|de 10|
        feliz|contentisim\w|content[oa]|aprendi un monton|todo (?:bien|perfecto|10)|genio|genia|fenomenal|estupend\w+|
        delicios\w+|volveremos|se lucieron|mil gracias|gracias por todo|trataron (?:de maravilla|super|muy bien)|
        agradable\w*|amabl\w+|\b10/10|rapidisim\w+|que (?:gran(?:de)?|genio|maravilla|delicia|rapidez|eficiencia|placer|
        alegria|gusto)|la pas(?:amos|e|aron) (?:bomba|genial|bien|increible|super|barbaro|lindo|fenomenal|de lujo|
        de diez)|
        (?<!no )(?:vuelvo|volvemos|volvere|volveria|regreso|regresamos) (?:seguro|sin duda|pronto|con gusto)|
        me (?:salv|alegr|emocion|hicieron el dia)\w*|(?:me )?(?:saco|quito|saca) el sombrero|tremend[oa]s? (?:atencion|
        trato|servicio)|llor\w+ de (?:alegria|emocion|felicidad)|super recomend\w+|gracias!!+""",
    en=r"""
        (?:massive|huge|big|many) (?:thank you|thanks|thank-you)|thank you to|thanks to (?:the|your|my)|gem|gems|
        superstar|brill|spot on|can't fault|second to none|yummy|tasty|smashing|ace|great|love|loved|loving|best|
        amazing|awesome|excellent|fantastic|brilliant|wonderful|perfect|flawless|gorgeous|delicious|shout ?out|props|
        kudos|congrats|congratulations|made (?:my|our) day|next level|angel|so happy|very happy|happy with|well done|
        top notch|lovely|superb|impressed|5 stars|five stars|10/10|outstanding|stellar|thank you so much|legend|
        legends|star|delighted|a treat|fab|looks amazing|good job|great job|pleased|hats off|beautiful|helpful|polite|
        friendly|recommend|take my hat off|chuffed|over the moon|(?:won't|can't|haven't) stop(?:ped)? (?:talking|
        smiling|
        raving|eating|wearing)|hero(?:es)?|faith in (?:humanity|people)|blown away|exceeded|above and beyond|
        first[- ]class|
        couldn't (?:be|have been) (?:happier|better|nicer|kinder)|can't (?:recommend|thank)|made (?:her|his|
        their) (?:day|
        week|year)|saved (?:my|our|the) (?:day|life|night|trip|bacon)|lifesaver|impeccable|happy tears|(?:thank you|
        thanks)!!+|(?:so|really|very|super) (?:kind|quick|caring|patient|tasty|thoughtful)""",
    pt=r"""
        (?:muito )?obrigad[oa] (?:a|ao|pela|pelo) \w+|um sol|querid[oa]s?|gostos\w+|caprich\w+|impressionad\w+|
        bel[oa]s?|10 de 10|excelente\w*|parabens|otim[oa]s?|adorei|amei|amo|perfeit\w+|maravilh\w+|nota (?:mil|dez|
        10)|melhor(?:es)?|um amor|lind[oa]s?|incrivel|incriveis|top|elogiar|elogio|delicia|delicios\w+|demais|gostei|
        adoro|show|sem mais|5 estrelas|cinco estrelas|da gosto|uns? amores?|doce|sensacional|fantastic\w+|impecavel|
        satisfeit\w+|recomendo|feliz|arrasaram|arrasou|mandaram bem|nota 10|fofos?|agradecer|muito bom|muito boa|
        brutal|espetacular|tir(?:o|amos) o chapeu|(?:um|uns|uma) anjos?|nao para(?:m)? de (?:falar|sorrir|elogiar|usar)|
        gente boa|salv\w+ (?:o meu|meu|a minha|minha|o|a) (?:dia|vida|viagem|noite|festa)|volto (?:sempre|com certeza)|
        obrigad[oa]!!+|chorei de (?:emocao|alegria|felicidade)|que (?:lind[oa]|bonit[oa]|fof[oa]|delicia|alegria|
        rapidez)|
        voltaremos|aprendi demais|nota mil|super bem|10/10|rapidissim\w+|atenciosos?""",
)  # fmt: skip
_GRIEVANCE = Phrases(
    es=r"""
        murio|perdi (?:las?|los|todo|tod[oa]s)|no (?:compren|vayan|contraten|logro|me deja)|eviten|fals[oa]s?|
        trucho|se enfermaron|vergüenza|verguenza|vergonzos\w+|desastre|pesim\w+|horribl\w*|hart[oa]s?|nunca mas|
        ya no vuelvo|no vuelvo|
        no compro mas|estaf\w+|ladron\w*|robo|asco|asquer\w+|inaceptable|indignad\w+|furios\w+|decepcion\w*|
        mal servicio|mala atencion|mala experiencia|malisim\w+|muy mal\w*|maltrat\w*|tratar?on (?:muy )?mal|
        atendieron (?:muy )?mal|me trato con|se rio de mi|malos modos|falta de respeto|una lastima|lastima|una pena|
        pena que|otra vez|de nuevo (?:sin|caid\w+)|lo mismo de siempre|como siempre|no (?:me )?(?:lleg\w+|funciona\w*|
        anda\w*|sirv\w+|contest\w+|responden?|recib\w+|atiend\w+|enciend\w+|vin\w+|carga|abre|resuelv\w+|dejan?|coge|
        cogen|avisan|avisaron|devuelv\w+|han devuelto|hicieron|cumpl\w+|habia nada)|nadie (?:me|nos) \w+|
        nadie (?:me )?(?:contesta\w*|
        responde\w*|coge|atiende|avis\w+|resuelve)|sin (?:luz|agua|internet|senal|fibra|respuesta|solucion|ropa|linea|
        servicio|gas|datos|noticias)|ni noticias|rot[oa]s?|defectuos\w+|fallad[oa]|rayad[oa]|manchad[oa]|mancha|
        suci[oa]s?|cucarachas?|podrid\w+|vencid[oa]s?|crud[oa]s?|fri[oa]s?|quemad[oa]s?|pelo en|equivocad[oa]|
        incomplet[oa]|faltab\w+|falto|me falta|perdieron|perdi (?:el|mi)|cancel\w+ (?:mi|el|la)|cancelaron|
        cobr\w+ (?:2|dos|doble|de mas|dobl\w+|indebid\w+)|cobro (?:doble|duplicado|indebido)|siguen cobrando|
        dos veces|tercera vez|cuarta vez|quinta vez|tres veces|\d+ veces|llevo (?:\d+|un|una|tres|dos|casi|
        mas de) \w+|hace (?:una semana|un mes|\d+ (?:dias|semanas|meses|horas)) que|tarde|tard[oa]\w*|demor\w+|
        retras\w+|me dejaron (?:sin|plantad\w|\d)|me deja\w* sin|me cortaron|apagad[oa]|se cayo|caid[oa]s?|se cierra|
        se (?:me )?rompio|no vino|esperando|sigo (?:sin|esperando)|sigue sin|me (?:cobraron|robaron|estafaron|
        bloquearon|descontaron|vendieron|perdieron|hackearon|multaron|mandaron (?:otr|el|la)\w*|entregaron|sacaron)|
        por que (?:borran|eliminan)|reclamo|reclamacion|queja|ridicul\w+|abus\w+|pesad[oa]s?|mentira\w*|mentiros\w+|
        engañ\w+|engan\w+|denunci\w+|demand\w+|por su culpa|caos|lento|lenta|lentisim\w+|urgente|problema\w*|mal olor|
        abiert[oa]|choc\w+|atropell\w+|basura|una porquer\w+|peor|demonios|molest\w+|poca vergüenza|susto|se enfermo|
        intoxic\w+|aplastad[oa]|golpead[oa]|nunca me (?:avisaron|llego)|ya pasaron|borraron|cobro|cobran|hart\w+|😡|🤬|
        👎|😤|😠|un horror|car[oi]sim[oa]s?|(?:demasiado|excesivamente|muy) car[oa]s?|maleducad\w+|patetic\w+|penos\w+|
        agri[oa]|
        olia|sobrevalorad\w+|no (?:lo )?val(?:e|en|io)(?! la pena perder)|una estrella|1 estrella|un (?:poco|pelin|
        tanto|toque|poquito) (?!de |mas |antes )\w+|(?:arruin|estrope|destroz)\w+ (?:mi|mis|el|
        la|nuestr\w+)|(?:dias?|semanas?|meses|horas?|seguimos|sigo|quedamos|quede|dejaron) (?:mas )?sin|venia|
        tardaron|espere|espero (?:hace|desde|respuesta|una respuesta|mi|el|la)|ruido""",
    en=r"""
        unreal|avoid (?!\w+ing)|fake|counterfeit|don't (?:buy|go|book|order) |makes? no sense|stay away|(?:asked|
        called|written|emailed|rung|phoned|messaged|complained|tried) (?:you )?(?:\w+ )?times|(?:has|
        have|had|keeps?) (?:now |just |again )?(?:fail|died|stopped|collaps)\w*|disgust\w*|disgrace\w*|awful|horrible|
        terrible|worst|rude|unacceptable|appalling|shocking|never again|
        scam\w*|thie[fv]\w*|liars?|crooks?|robbery|joke|shame|shameful|ridiculous|furious|livid|angry|fed up|
        done with|i'm done|disappoint\w*|let down|poor|bad (?:service|signal|experience)|again|as usual|as per usual|
        typical|still (?:no|not|nothing|waiting|hasn't|haven't|says)|not (?:working|arrived|received|delivered|one|
        so much|ok|getting)|no (?:answer|reply|response|signal|water|internet|broadband|show|data|power|info|
        confirmation|refund)|nobody (?:answers|replies|cares|told)|nothing|crickets|haven't (?:received|got)|
        hasn't (?:arrived|come|turned)|didn't (?:arrive|come|get|work|turn)|doesn't (?:work|open)|won't (?:turn|open|
        start|work|load)|can't (?:get|log|access|find|activate|believe)|never (?:arrived|came|got|turned|received)|
        broken|broke|smashed|damaged|faulty|leaks?|leaky|cold|raw|filthy|dirty|roaches|mou?ldy|spoiled|rotten|
        out of date|hair in|wrong (?:order|size|item|one)|somebody else's|someone else's|missing|squashed|scratched|
        faded|short|has been (?:off|out|down)|off since|won't let|corrupted|forgot|baffl\w+|boo|not helpful|
        unfortunately|bad enough|late|delay\w*|waiting|waited|on hold|down since|been down|is down|cut (?:me )?off|
        cut off|charged (?:me )?twice|charged|overcharged|double charge\w*|fee|fees|third time|fourth time|4th time|
        fifth|3rd time|un(?:friendly|helpful|happy|pleasant|clean|professional|reliable|fair)|no good|over(?:priced|
        cooked|
        roasted|rated|booked)|rubbish|shoddy|insects?|smel(?:t|ly|ls)|clueless|crap\w*|ignored|one star|1 star|sucks?|
        a (?:bit|little|tad|touch) (?!of |more |about |bird )\w+|(?:blocked|ruined|wrecked|spoil(?:ed|t)|
        missed|destroyed) (?:my|our|the|his|her)|hours? on|\d+ (?:hrs|hours|days|weeks|mins?|minutes) (?:late|delay|
        waiting|and|wait|for)|
        lost my|lost a|you lost|left my|gone|stolen|hacked|cancell?ed|crashes|slow|error|bug|nightmares?|complain\w*|
        complaint|refund|suing|sue|lawyer|stop calling|shut|pity|sick|poison\w*|stuck|hung up|treated|dreadful|
        useless|hopeless|worried|mistake|denied|locked|frozen|froze|ate my|shouted|speeding|parked across|problem\w*|
        issue\w*|noise|😡|🤬|👎|😤|😠|sort it|unprofessional|dangerous|embarrassing|hidden|wtf|ugh""",
    pt=r"""
        ninguem (?:me|nos) \w+|nao (?:comprem|vao)|evitem|fals[oa]s?|palhacada|perdi (?:as?|os|tudo)|vergonh\w+|
        desastre|pessim\w+|horrivel|horriveis|cansei|cansad[oa]|fart[oa]|nunca mais|
        nao compro mais|golpe|
        golpistas?|estelionato|ladr\w+|roubo|roubaram|nojo|nojent\w+|inaceitavel|indignad\w+|furios\w+|decepcao|
        decepcion\w+|mau atendimento|mal atendid\w+|pessimamente|tratou-me|trataram mal|me trataram|falta de respeito|
        descaso|absurdo|uma pena|pena que|que pena|de novo|outra vez|mais um domingo|como sempre|de sempre|
        nao (?:cheg\w+|funcion\w+|veio|vieram|receb\w+|respond\w+|liga|abre|consigo|atend\w+|devolv\w+|prest\w+|
        resolv\w+|entrou|carrega|querem|pode cobrar|podem cobrar|tinha nada|acho)|ninguem (?:responde\w*|atende\w*|
        avis\w+|resolve\w*)|sem (?:luz|agua|internet|sinal|resposta|solucao|roupa|dados|funcionar|gas)|quebr\w+|
        defeito|estragad\w+|riscad\w+|arranhad\w+|mancha|imund\w+|suj[oa]s?|baratas?|vencid[oa]s?|cru|frio|fria|
        queim\w+|cabelo na|errad[oa]s?|incomplet[oa]|faltou|faltando|perderam|perdi (?:o|a|meu|minha)|cancelam|
        cancelaram|cobr\w+ (?:2|duas|dobrado|a mais|indevid\w+)|cobranca|cobraram|continuam cobrando|duas vezes|
        terceira vez|quarta vez|quinta vez|\d+ vezes|tres vezes|esperei|faz (?:uma semana|um mes|\d+ (?:dias|semanas|
        meses|
        horas))|ha \d+ (?:dias|horas|semanas)|\d+ horas|atras\w+|demor\w+|me deixaram|cortaram|desligad[oa]|caiu|
        fora do ar|fecha sozinho|nao veio|esperando|esperar|desbotou|bloque\w+|invadiram|descontaram|venderam|
        mandaram|apagou|apagam|reclam\w+|mentir\w+|enganos\w+|process\w+|por culpa de voces|lent[oa]|urgente|
        chato demais|chato|pior|lixo|problema\w*|abert[oa]|atropelou|caos|raiva|sumiu|sumiram|passou mal|intoxic\w+|
        um horror|caro demais|mesquinh\w+|desapontad\w+|patetic\w+|mal[- ]educad\w+|uma estrela|1 estrela|ignor(?:ou|
        am|aram)|
        antipatic\w+|cade meu|cade minha|um (?:pouco|tanto|bocado|tiquinho|pouquinho) (?!de |mais |antes )\w+|
        (?:arruin|estrag|bloque|destru)\w+ (?:o |a )?
        (?:meu|minha|nosso|nossa)|(?:dias?|semanas?|meses|horas?|seguimos|continuo|continuamos|ficamos|fiquei|
        deixaram) sem|
        choque|perigos\w+|barulho|gritou|riu de mim|golpe|abuso|enrola\w*|aumentaram|subiu pra|😡|🤬|👎|😤|😠|multa|
        avaria|ligar pra vender|zerada|confuso|taxas|transtorno|azar|suprimido|faleceu""",
)  # fmt: skip
_ANGER = Phrases(
    es=r"""
        hart[oa]s?|furios\w+|indignad\w+|inaceptable|verguenza|vergonzos\w+|estaf\w+|ladron\w*|asco|nunca mas|
        demand\w+|denunci\w+|abogad\w+|mierda|carajo|joder|no puede ser|basta|peor|ridicul\w+|inadmisible|😡|🤬|😤|
        (?:tercera|cuarta|quinta) vez|es la \w+ vez""",
    en=r"""
        furious|livid|angry|disgust\w*|unacceptable|disgrace\w*|scam\w*|thie[fv]\w*|crooks?|liars?|never again|suing|
        sue|lawyer|worst|fed up|i'm done|appalling|ridiculous|wtf|bloody|fuck\w*|shit\w*|😡|🤬|😤|(?:third|fourth|fifth|
        3rd|4th|5th)(?: \w+){0,3} (?:time|in a row)|joke""",
    pt=r"""
        furios\w+|indignad\w+|inaceitavel|vergonh\w+|golpe|golpistas?|ladr\w+|nojo|nunca mais|process\w+|advogad\w+|
        merda|porra|absurdo|cansei|pior|descaso|😡|🤬|😤|(?:terceira|quarta|quinta) vez""",
)  # fmt: skip
_SUGGESTION = Phrases(
    es=r"""
        deberian|podrian (?:poner|agregar)|sugerencia|sugiero|recomiendo agregar|estaria bueno|propongo|pongan|
        les recomiendo""",
    en=r"you should|suggestion|suggest|would be nice|please add|could you add|add dark mode",
    pt=r"deviam|deveriam|podiam|sugestao|sugiro|seria bom|ponham|coloquem",
)
_ASKED = re.compile(
    r"\?|(?<!\w)(?:cuanto|cuando|donde|como (?:hago|cambio|puedo|activo)|quanto|onde|how (?:do|much)|what time)(?!\w)"
)
_DOUBT = re.compile(
    r"(?<!\w)(?:but|however|eso si|lo unico|o unico|la unica pega|shame (?:the|about|that)|only thing|although|"
    r"though|except|unfortunately|not|never|no one|why|can't|won't|didn't|"
    r"doesn't|isn't|wasn't|boo|pero|aunque|salvo|"
    r"lamentablemente|por que|ni|nunca|jamas|porem|so que|embora|infelizmente|nao|boicot\w*)(?!\w)|n't(?!\w)|"
    r"(?<=\w)n’t|…|\.\.\.|🙄|👏👏|"
    r"(?<!\w)(?:again|otra vez|de novo|mais um[a]?|una? (?:dia|semana|vez) mas|another|(?:sin|sem|without) (?!dud|duv|"
    r"palab|palav|mais|parar|a doubt|que|hesitation)\w+)(?!\w)"
)
_BUT = {"pt": re.compile(r"(?<!\w)mas(?!\w)")}  # in Spanish it is "more"
# Praise that is none: of the genius who, for nothing, how one loves to wait.
_IRONY = re.compile(
    r"(?<!\w)(?:(?:al?|ao?|to|for|por|pel[oa]) (?:the |el |la |o |a )?(?:geni[oa]|genius|quien|quem|whoever|lumbreras|"
    r"cerebro|inventor|crack)(?: \w+)? (?:que|who|dise\w+|thought|came)|(?:gracias|thanks|obrigad[oa]|valeu) (?:por|"
    r"for) "
    r"(?:nada|nothing)|thanks a bunch|(?:love|loving|adoro|adorei|amo|amei|me encanta|encantad[oa]) (?:how|that|when|"
    r"waiting|"
    r"being|que|como|cuando|quando|esperar|ficar|pagar)(?! (?:you|tu|te|les|ustedes|voces?)(?!\w)))(?!\w)"
)
# Done fast: "from order to door in 18 hours".
_SWIFT = re.compile(
    r"(?<!\w)(?:en|in|em|within|menos de|apenas|solo|only|just|so) (?:\d+|\w+) "
    r"(?:horas?|hours?|minutos?|min|mins|minutes?|dias?|days?|hrs?)(?!\w)"
)
_ASKS_FIRST = re.compile(
    r"\W*(?:(?:hola|hi|hello|oi|ola|hey|buenas|buen dia)\W+)?(?:is|are|do|does|did|can|could|will|what|when|"
    r"where|how|who|any|got|"
    r"cuanto|cuando|donde|como|que|hay|tienen|hacen|puedo|se puede|quisiera saber|quanto|quando|onde|tem|voces|"
    r"posso|qual|que horas)(?!\w)"
)
_PRIVATELY = Phrases(
    None, False,
    es=r"""
        (?:escribi|escribimos|hable|mande)[^.!?]{0,20}(?:por|al|en) (?:privado|interno|inbox|dm|md)|(?:escrib[ie]\w*|
        mand[eo]\w*|envi[eo]\w*|deje|he (?:escrito|mandado|enviado)|van \d+|ya (?:van|les|te|le)|
        contactado)[^.!?]{0,40}(?<!\w)(?:dm|md|dms|mds|privado|inbox|mensaje directo|interno)(?!\w)|(?<!\w)(?:\d|tres|
        dos|varios) (?:inbox|dm|dms|md|mensajes privados)(?!\w)""",
    en=r"""
        (?:messaged|wrote to|written to|contacted|texted) (?:you|u)[^.!?]{0,12} (?:privately|in private|by dm|via dm)|
        (?:sent|wrote|messaged|dropped|already|i've|i have|that's \d)[^.!?]{0,40}(?<!\w)(?:dms?|direct message|
        private message|pm|inbox|dm'd|dmed)(?!\w)|(?<!\w)i(?:'ve| have)? (?:already )?dm'?e?d(?!\w)|
        (?<!\w)\d dms?(?!\w)""",
    pt=r"""
        (?:escrevi|falei|mandei|chamei)[^.!?]{0,20}(?:no|por|pelo) (?:privado|inbox|direct|dm|pv)|(?:mandei|enviei|
        escrevi|ja (?:mandei|enviei|chamei|escrevi|sao)|chamei|sao \d)[^.!?]{0,40}(?<!\w)(?:dm|dms|direct|privado|
        privada|inbox|pv|mensagem direta)(?!\w)|(?<!\w)\d (?:inbox|dms|directs)(?!\w)""",
)  # fmt: skip
_OURS = Phrases(
    es=r"""
        (?:cobr\w+|cobro)[^.!?]{0,25}(?:dos veces|2 veces|doble|duplicad\w)|(?:pedido|paquete) de otra persona|
        (?:mandaron|llego|vino|enviaron|dieron|trajeron)[^.!?]{0,20}(?:otr[oa]|el equivocad[oa]|equivocad[oa]|de otr[oa]
        [ ](?:persona|cliente))|(?:factur|debit|descont)\w+[^.!?]{0,25}(?:dos veces|2 veces|doble)""",
    en=r"""
        (?:charged|billed)[^.!?]{0,20}twice|double charged?|(?:someone|somebody|another (?:person|
        customer)) ?(?:else)?'s
        [ ](?!fault|problem|mistake)\w+|wrong (?:order|item)|(?:sent|gave|delivered|brought)[^.!?]{0,15} wrong""",
    pt=r"""
        cobr\w+[^.!?]{0,20}(?:duas vezes|2 vezes|dobrado|duplicad\w)|\w+ de outr[oa] (?:pessoa|cliente)|veio (?:o|
        a)? ?\w* ?errad\w""",
)  # fmt: skip
_THEIRS = Phrases(
    es=r"""
        me (?:equivoque|confundi)(?! (?:al|en|con) (?:elegir|confiar|comprar|vosotros|ustedes))|(?:puse|escribi|elegi|
        marque|di) mal|(?:puse|escribi|elegi|di) (?:el|la|un|una|otr[oa]) \w+ (?:equivocad[oa]|mal)|(?:error|fallo|
        despiste) (?:mio|de mi parte)|fue culpa mia""",
    en=r"""
        my (?:own )?(?:mistake|fault|error)|(?:i|i've) (?:put|entered|typed|gave|given|wrote|picked) (?:in )?(?:the |
        a |my )?(?:\w+ )?wrong|i made a mistake(?! (?:buying|ordering|trusting|choosing))""",
    pt=r"""
        (?:me )?enganei-?(?:me)?|errei (?:o|a|no|na|de)|(?:coloquei|escrevi|pus|digitei|escolhi|dei) (?:o |a |
        um |uma )?(?:\w+ )?errad[oa]|(?:erro|engano|culpa) (?:meu|minha)""",
)  # fmt: skip
_ANGRY_FROM = 0.5
_LEAN = 2  # small words of another language, before a few words of the customer are thought to be in it


def estimate(messages: tuple[str, ...], reading: Reading, language: str) -> Mood:
    """The mood, from the reading where there is one, from the words otherwise."""
    code = likely_language(messages, language, _LEAN) if messages else language
    text = fold("\n".join(messages)[-4000:])
    said = {match.group() for match in _GRIEVANCE.every(_SWIFT.sub(" ", text), code)}
    kinds = {reading.kind, *reading.kinds} - {""}
    read_praise = reading.kind == "praise" or (not reading.kind and "praise" in kinds)
    praises = read_praise if kinds else _PRAISE.said(text, code)
    praises = praises and not (_IRONY.search(text) and reading.kind != "praise")
    aggrieved = bool(kinds & GRIEVANCES) or (bool(said) and (not kinds or reading.kind == "praise"))
    asks = "question" in kinds or (not kinds and bool(_ASKED.search(text)))
    angry = reading.arousal >= _ANGRY_FROM if reading.arousal is not None else _is_angry(messages, text, code)
    if not kinds and asks and not praises and not angry and len(said) < 2 and _mere_question(text):
        aggrieved = False
    if aggrieved and not angry and _is_their_slip(text, code):
        aggrieved = False  # who says that the slip was their own wants it put right, and no apology
    return Mood(
        grievance=aggrieved,
        praise=praises,
        doubt=bool(_DOUBT.search(text) or (code in _BUT and _BUT[code].search(text))),
        question=asks,
        suggestion="suggestion" in kinds or (not kinds and _SUGGESTION.said(text, code)),
        serious=aggrieved and (angry or len(said) > 1 or bool(kinds & GRIEVANCES)),
        angry=angry,
        wrote_privately=_PRIVATELY.said(text, code),
        own_fault=_OURS.said(text, code),
    )


def _is_their_slip(text: str, code: str) -> bool:
    """They say that it was their own, and complain of nothing else."""
    slips = [match.span() for match in _THEIRS.every(text, code)]
    return bool(slips) and all(
        any(start <= match.start() < end for start, end in slips) for match in _GRIEVANCE.every(text, code)
    )


def _mere_question(text: str) -> bool:
    """Short, and from its first word on a question: "is there a fee?" complains of nothing."""
    return len(text) < 90 and (text.rstrip().endswith("?") or bool(_ASKS_FIRST.match(text)))


def _is_angry(messages: tuple[str, ...], text: str, code: str) -> bool:
    said = " ".join(messages)
    letters = [c for c in said if c.isalpha()]
    shouts = len(letters) >= 12 and sum(c.isupper() for c in letters) > 0.4 * len(letters)
    strong = len({m.group() for m in _ANGER.every(text, code)})
    return strong + shouts + ("!!" in said) >= 2
