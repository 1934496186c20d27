"""What hurts: insult, sarcasm, pride, "calm down"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from netcenter.guard.belittling import belittles
from netcenter.guard.denying import denies
from netcenter.guard.draft import Finding
from netcenter.guard.mocking import mocks
from netcenter.guard.say import say
from netcenter.guard.scene import Rule, Scene
from netcenter.guard.scorn import scorns
from netcenter.guard.text import Phrases
from netcenter.guard.whys import _

# --- Insult -------------------------------------------------------------------------------------

_NOBODY_IS = {
    "es": (
        r"no (?:es|eres|sos|hay|existen?) (?:ning\w+ )?(?:una? )?(?:\w+ )?|(?:pregunta|duda|error|fallo|descuido|"
        r"despiste)s? (?:tan )?|(?:llam(?:e|o|aron|en|ar|ado|ada)|trat(?:e|o|aron|en|ar|ado|ada) de|dij(?:o|"
        r"eron)) (?:\w+ )?"
    ),
    "en": (
        r"(?:no such thing as|there are no|aren't|isn't|are not|is not|not) (?:an? |any )?(?:\w+ )?|our |(?:made|"
        r"felt|feel) |call(?:s|ed|ing)? (?:\w+ )?(?:an? )"
    ),
    "pt": r"nao (?:e|ha|existe|existem) (?:nenhum\w? )?(?:uma? )?(?:\w+ )?|(?:pergunta|duvida|erro|"
    r"falha)s? (?:tao )?|(?:cham|trat)(?:ou|aram|ar|ad[oa]) (?:\w+ )?de ",
}
_INSULT = Phrases(
    _NOBODY_IS,
    es=r"""
        no sabe(?:s|n)? (?:ni )?(?:leer|escribir|contar|usar)|dos dedos de frente|(?:si )?(?:fueras|fuera|
        fuese) (?:un po(?:co|quito) )?(?:mas )?inteligente|a llorar a|que (?:persona|gente|cliente) (?:mas|tan)|
        (?:lo |chantas? )?seras? (?:vos|tu)(?= |,|\.)|(?:eres|es|sos|esta|estas) (?:usted )?(?:sord|cieg)[oa]|gentuza|
        chusma|(?:vete|vaya|vayase|anda|andate) a (?:comer|comprar|quejarte|molestar|llorar) (?:a|en)? ?(?:otr|la)\w*|
        tu (?:ignorancia|estupidez)|su ignorancia|tienes? (?:un )?(?:problema|cerebro)
         (?: mental| de actitud)?(?=[.?!])|idiotas?|imbecil(?:es)?|mierda|put[oa]s?|joder|cojones|carajo|cabron\w*|
         hij[oa] de|estupid[oa]s?|payas[oa]s?|pelotud[oa]s?|boludos?|
         gilipollas|
        subnormal(?:es)?|pendej[oa]s?|tarad[oa]s?|cretin[oa]s?|trolls?|llor(?:on|ona|ones)|mentiros[oa]s?|haters?|
        retrasad[oa]|muert[oa] de hambre|sinverguenza|caradura|analfabet[oa]|weon|huevon|mamon|(?:no seas?|eres|sos|
        es usted|usted es|hay que ser|tienes? que ser|tenes que ser|que ser|no se haga (?:el|la)|no te hagas (?:el|
        la)) (?:(?:un|una|muy|tan|bien|el|la|mas) )*(?:tont[oa]|ridicul[oa]|pesad[oa]|ignorante|inutil|maleducad[oa]|
        groser[oa]|quejos[oa]|insoportable|molest[oa]|lent[oa]|burr[oa]|cansin[oa]|plast[oa])|bien tont[oa]|
        que (?:pesad[oa]|tont[oa]|ridicul[oa]) (?:eres|sos|es usted)|(?:deja|deje|dejen|pare|para) de (?:llorar|
        quejarte|quejarse|molestar|inventar|mentir|lloriquear|joder)|asco (?:das|da usted)|das asco|(?:callate|
        callese|cierra la boca)|consigue(?:te)? una vida|vete a (?:la mierda|freir)|anda a (?:cagar|llorar)""",
    en=r"""
        are you (?:deaf|blind|dumb|kidding|thick|serious|mental|drunk)|what an? (?:\w+ )?(?:person|individual|
        customer) you|(?:someone|somebody) with (?:a|half a) brain|(?:half a|use your|have a|no) brain|you people|
        jog on|(?:eat|shop|go) somewhere else|if you were (?:\w+ )?(?:smarter|brighter|intelligent)|can't you read|
        can you (?:not|even) read|your (?:ignorance|stupidity)|nobody (?:likes|cares about) you|you lot|idiots?|
        morons?|fuck\w*|(?:bull)?shit\w*|bitch\w*|bastards?|wankers?|pricks?|dickheads?|muppets?|stupid|dumb(?:ass)?|
        imbeciles?|trolls?|liars?|losers?|crybaby|cry ?babies|(?:a|another|such a|
        typical) karen|jerks?|assholes?|clowns?|whiners?|brainless|pathetic|scum|cheapskate|snowflake|(?:don't be|
        you're|you are|you're being|you are being|stop being|must be) (?:(?:so|such|a|an|really|just|too|very|
        being) )*(?:ridiculous|silly|lazy|ignorant|childish|clueless|annoying|entitled(?! to (?!everything))|rude|
        difficult|nuisance|pain|fool|joke|slow|thick|dense)|(?:stop|quit) (?:whining|
        moaning|crying|complaining|lying|your whining)|
        get a life|good riddance|shut up|get lost|go cry|grow up|cry (?:me a river|about it)""",
    pt=r"""
        (?:voce|o senhor|a senhora) (?:e|esta) (?:surd|ceg)[oa]|que (?:pessoa|gente|cliente) (?:mais |tao )?\w+|
        vai (?:lavar|comer|comprar|chorar|reclamar) \w+|encher o saco|se fosse (?:um pouco )?(?:mais )?inteligente|
        nao sabe(?:m)? (?:nem )?(?:ler|escrever|usar)|sua (?:ignorancia|burrice)|gentinha|vai se danar|idiotas?|
        imbecil|imbecis|merda|porra|caralho|puta|f[uo]d(?:a|e|er|eu|ido|a-se|e-se)|bosta|estupid[oa]s?|palhac[oa]s?|
        otari[oa]s?|burr[oa]s?|mentiros[oa]s?|trouxas?|babacas?|trolls?|
        chor(?:ao|ona)|haters?|retardad[oa]|sem[- ]?vergonha|ignorantes?|analfabet[oa]|cretin[oa]s?|parv[oa]s?|
        (?:nao sej?as?|voce e|tu es|e voce|o senhor e|a senhora e|tem que ser|deixa de ser|deixe de ser) (?:(?:um|uma|
        muito|tao|bem) )*(?:ridicul[oa]|chat[oa]|tont[oa]|inutil|mal[- ]educad[oa]|grosseir[oa]|reclam(?:ao|ona)|
        insuportavel|lerd[oa])|(?:para|pare|deixa|deixe) de (?:chorar|reclamar|mentir|encher|inventar|choramingar)|
        nojento e voce|cala a boca|cale-se|vai (?:se catar|a merda|chorar)|vai procurar o que fazer|
        quer(?:endo)? aparecer""",
)  # fmt: skip
_SARCASM = Phrases(
    es=r"""
        (?:llam(?:amos|aremos|emos|en|a)|avis(?:amos|aremos|en)) a (?:la (?:onu|nasa|prensa|policia|guardia)|
        los bomberos|el papa|interpol)|(?:horitas|minutitos|diitas|semanitas)|siglo pasado|ah,? (?:si,? )?claro|
        seguro (?:que )?es culpa nuestra|imagino que (?:tu|su) agenda|que horror,? (?:un|una|tu|el|la) |
        debe ser (?:muy |durisimo |dificil )\w* ?ser (?:tu|vos|usted)|se nos parte el|corazon roto|
        ponganle? un monumento|otro (?:experto|genio|iluminado)|pobrecit[oa]s?|que drama\w*|(?:su|vuestra|
        tu) (?:majestad|alteza)|majestad|(?:felicitaciones|felicidades|enhorabuena|bravo),? (?:has |
        acabas de )?(?:descubri\w+|ganaste|inventaste)|descubriste (?:que|la|el)|seguro (?:que )?(?:tu |vos |
        usted )?(?:eres|sos|es) (?:un |una )?(?:gran |todo un )?(?:chef|expert[oa]|genio|ingenier[oa]|critic[oa]|
        eminencia)|(?:el )?mundo no gir[ae] a|tragedia (?:griega|nacional)|(?:esperando|aguardando) (?:solo |
        solamente |unicamente )?(?:a )?(?:tu|su) (?:llamada|mensaje)|no tenemos nada mejor que hacer|(?:probaste|
        has probado|probo) (?:a )?(?:prender|encender|enchufar|usar|conectar) (?:el wifi|el cerebro|los ojos|
        la cabeza|las neuronas)|(?:usar?|use|usando|prueba a usar) (?:los ojos|el cerebro|la cabeza|las neuronas)|
        leer (?:es|cuesta|resulta) (?:tan )?dificil|cuesta (?:tanto )?leer|tecnologia muy avanzada|(?:te|le) (?:damos|
        mandamos|enviamos) (?:un premio|una medalla|un violin\w*|un panuelo|una tirita)|que sorpresa,? (?:otr[oa]|un|
        una)|como (?:sobreviviras|sobrevivira|pudiste sobrevivir)|guardaespaldas|un genio de la|menudo drama|(?:vaya|
        mira),? (?:otr[oa] )?(?:expert[oa]|listill[oa]|sabelotodo|genio)|se acaba el mundo|lloramos (?:contigo|todos)|
        nos parte el alma|bu bu|buaa+|gracias,? sherlock|sherlock""",
    en=r"""
        alert the (?:media|press)|call(?:ing)? the (?:queen|king|president|army|press|papers|u\.?n\.?|fire brigade)|
        oh,? the (?:horror|humanity)|must be (?:so |really |very )?(?:hard|tough|difficult) (?:being|to be) you|
        thoughts and prayers|my heart bleeds|heart goes out to your|another (?:expert|genius)|
        of course it's our fault|how ever did you|what a surprise,? another|boo hoo|(?:your|his|her) (?:majesty|
        highness)|(?:wow,? )?congratulations,? (?:you've|you) (?:\w+ )?(?:discovered|figured|learned|worked)|(?:a |
        the )?whole \w+ (?:hours?|days?|minutes?|weeks?)\?|however (?:will|did|do) you (?:survive|cope|manage)|
        proper little|send (?:you )?(?:a |the )?(?:violin\w*|tissues?|medal)|tiny violin|(?:have you tried|
        try) (?:turning|using|switching) (?:on )?(?:your (?:brain|eyes|head))|nothing better to do|
        sit(?:ting)? around (?:all day )?waiting for|, genius|, sherlock|, einstein|no shit|cry me a|
        what a (?:tragedy|drama|shocker)|reading is (?:hard|difficult|tough)|oh no,? (?:a|the|not) |
        poor (?:little )?(?:baby|thing|you)|the world doesn't revolve|how (?:terribly|awfully) (?:hard|sad)|
        aren't you (?:a|an|the) (?:\w+ )*(?:critic|expert|genius|chef)|first world problem\w*|world's smallest violin|
        hold the front page|stop the press\w*""",
    pt=r"""
        (?:chama|chamem|vamos chamar|chamar) (?:a (?:imprensa|policia|onu|nasa)|os bombeiros|o papa)|(?:minutinhos|
        horinhas|diazinhos)|seculo passado|ah,? (?:sim,? )?claro|deve ser (?:muito )?dificil ser voce|meus pesames|
        claro que a culpa e nossa|outro (?:especialista|genio)|que horror,? (?:um|uma|seu|o|a) |
        (?:ai,? )?coitad(?:inh)?[oa]s?|que drama|(?:sua )?(?:majestade|alteza)|parabens,? (?:voce )?(?:descobriu|
        inventou|ganhou)|descobriu que|o mundo nao gira|mundo nao gir[ae] (?:ao|a)|tragedia grega|(?:esperando|
        aguardando) (?:so |somente |apenas )?(?:a )?sua (?:ligacao|mensagem)|
        nao temos (?:mais )?nada (?:melhor )?(?:pra|para|que) fazer|(?:ja )?tent(?:ou|a|e) (?:ligar|usar|
        conectar) (?:o wifi|o cerebro|os olhos|a cabeca)|usar (?:os olhos|o cerebro|a cabeca)|
        ler e (?:mesmo )?(?:dificil|complicado)|tecnologia muito avancada|(?:com certeza|aposto que) voce e (?:um |
        uma )?(?:grande )?(?:chef|expert|especialista|genio|critic[oa])|mandamos (?:um violino|uma medalha|um lenco)|
        como (?:voce )?(?:vai sobreviver|sobreviveu)|um seguranca (?:pra|para)|mil perdoes|que do(?: de voce)?,|
        sherlock|olha (?:so )?(?:o|a) (?:especialista|genio|sabichao)|acabou o mundo|chama o guarda""",
)  # fmt: skip
_EYES = re.compile("[🙄😏]")
_PRIDE = Phrases(
    {"es": r"no ", "en": r"not ", "pt": r"nao "},
    es=r"""
        sabemos (?:muy bien |perfectamente )?lo que hacemos|conocemos (?:bien )?nuestro (?:trabajo|negocio)|
        llevamos (?:mas de )?\d+ anos (?:en|haciendo)|(?:terminos|condiciones|contrato|
        bases)[^.!?]{0,25} que (?:usted |tu |vos |ud )?(?:acept|firm)(?!amos)\w+|
        no hay (?:nada )?mas (?:nada )?que (?:hablar|
        decir|discutir|agregar)|(?:dudo|dudamos) (?:mucho )?que|(?:eso|esto) es imposible|siempre (?:cumpl|son amab|
        son puntual|llegan a tiempo)\w*|(?:funciona|anda|va) (?:perfectamente|perfecto|de maravilla|
        muy bien)(?! (?:hoy|ya|de nuevo))|(?:el resto de|los demas|nuestros otros) (?:los |nuestros )?clientes (?:no|
        si|esta\w*|nunca)|a nadie mas le|como ya (?:se |te |le |les |os )?(?:\w+ )?(?:dij\w+|dich\w+|explic\w+|
        inform\w+|indic\w+|aclar\w+|repet\w+|coment\w+ \w+ veces|hemos (?:dicho|explicado|informado|indicado|
        repetido))|ya (?:se|te) l[oae]s? (?:dij\w+|explic\w+|repet\w+|aclar\w+|hemos (?:dicho|explicado))|
        cuantas veces (?:hay|tenemos|tengo|te|le)|(?:lea|lee|lean|leiste|leyo|leer) bien|si (?:supieras|supiera|sabes|
        sabe) leer|es (?:obvio|evidente) que (?:no|usted|tu|ud)|obviamente (?:no|usted|tu)|
        nadie mas se (?:ha )?quej\w+|nadie (?:nunca )?se (?:ha )?quej\w+|(?:es|eres) (?:el|la) unic[oa] que se queja|
        (?:somos|seguimos siendo) (?:los |la |el |una )?(?:lideres|lider|(?:empresa )?numero uno|mejores|mejor|
        numero 1|n° ?1)|no tenemos (?:por que|nada que|ninguna obligacion de) (?:explicar|dar|justificar|disculpar|
        aclarar)\w*|no (?:te|le|les) debemos (?:explicaciones|nada)|(?:haga|hagan|haz|hace) lo que (?:quiera|quieran|
        quieras|guste)|si no (?:te|le|les|os) (?:gusta|conviene|parece|agrada)[^.!?]{0,25}(?:otr[oa]s?|vaya|vete|
        vayase|andate|busque|busca|no (?:compr|veng|vuelv)|hay|puedes? irte|puede irse|la puerta)|nadie (?:te|le|
        les) obliga|no obligamos a nadie|(?:nosotros )?no (?:cometemos errores|nos equivocamos|fallamos)|
        [.!,] punto(?= *[.!]|$)|y punto(?= *[.!]|$)|fin de la (?:discusion|historia|conversacion)|punto final|
        por algo sera|(?:se ve|parece|evidentemente|por lo visto) que (?:no )?(?:esta|estas|estan|usted no esta|
        tu no estas) (?:poco )?(?:acostumbrad|habituad)\w+|no (?:esta|estas) acostumbrad\w+ a|(?:saben|entienden|
        sabemos|entendemos) (?:mas|mejor) (?:\w+ ){0,3}que (?:tu|vos|usted|ud)|no aceptamos (?:quejas|criticas|
        reclamos)|(?:esta|estaba) clarisimo|estaba (?:bien )?claro en|si hubiera(?:s)? prestado atencion|
        aprend[ae] a""",
    en=r"""
        we know (?:our business|what we're doing|what we are doing|best)|been doing this (?:for|since)|(?:terms|
        conditions|contract)[^.!?]{0,25} (?:that )?you (?:agreed|accepted|signed)\w*|nothing (?:more|else|left|
        further) to (?:discuss|say|add)|(?:i|we) (?:highly |seriously |very much |really )?doubt (?:that|this|it)|
        (?:drivers|staff|agents|technicians|engineers|team|colleagues) (?:are|is) always|works? (?:perfectly |
        just )?(?:fine|well)?(?: perfectly)? for every(?:one|body)|working (?:perfectly )?fine for|every(?:one|
        body) else (?:manages|is happy|has no|can|seems|loves)|(?:that|this) (?:couldn't|
        could not) (?:possibly )?(?:have )?happen\w*|that's impossible|as (?:we|i)(?:'ve| have)? (?:already|clearly|
        repeatedly|previously) (?:\w+ )?(?:told|said|explained|stated|mentioned|informed)|(?:we|i)
         (?:'ve| have)? already (?:told|explained)(?: this)?(?: to)? you|how many times|(?:please )?(?:read|reread|
        re-read) (?:our|the|my|your) (?:\w+ ){0,2}(?:properly|carefully|again before|before you (?:complain|write))|
        learn to read|(?:it's|it is|that's) (?:obvious|perfectly clear|crystal clear)|obviously you|you (?:clearly|
        obviously) (?:didn't|did not|haven't|don't|do not|can't|cannot)|(?:nobody|no one|no-one) else (?:has |ever |
        is )*(?:complain\w+|had (?:a|this) (?:problem|issue))|(?:nobody|no one) (?:has )?ever complain\w+|you(?:'re|
         are) the only (?:one|person|customer)|we (?:are|'re) (?:the )?(?:number one|market leaders?|no\.? ?1|
        the best|industry leaders?|a leading|the leading)|(?:have |owe you )nothing to (?:explain|apologi[sz]e|
        justify)|(?:we )?(?:don't|do not) owe you|(?:do|you can do) (?:whatever|as) you (?:like|want|please)|
        if you (?:don't|do not) like (?:it|our|the|this)[^.!?]{0,25}(?:go|somewhere|elsewhere|leave|shop|don't|other|
        door)|(?:nobody|no one)(?:'s|is)? forc\w+ you|we (?:don't|do not|never) make mistakes|end of (?:story|
        discussion)|full stop(?=[.!]|$)|period(?=[.!]|$)(?<=\. period)|(?:rating|stars?|reviews?|awards?|
        number one) for a reason|not used to (?:quality|good|fine|proper)|(?:our|the) \w+(?: \w+)? (?:is|
        are) (?:flawless|perfect|impeccable|second to none)|know better than (?:you|customers)|we (?:don't|
        do not) (?:accept|take) (?:complaints|criticism)|that's (?:just )?how (?:it's|real|it is|we)""",
    pt=r"""
        sabemos (?:muito bem )?o que fazemos|conhecemos (?:bem )?o nosso (?:trabalho|negocio)|
        estamos ha (?:mais de )?\d+ anos|(?:termos|condicoes|contrato)[^.!?]{0,25} que (?:voce |o senhor )?(?:aceit|
        assin)\w+|nao (?:ha|tem) (?:mais )?nada (?:mais )?a (?:discutir|dizer|acrescentar)|duvid(?:o|
        amos) (?:muito )?que|isso e impossivel|sao sempre (?:educad|pontua|cuidados|corret)\w+|
        funciona (?:perfeitamente|muito bem)(?! (?:hoje|agora|de novo))|(?:o resto dos|os outros|
        os demais) clientes (?:nao|estao|nunca)|para mais ninguem|como (?:nos )?ja (?:te |lhe )?(?:dissemos|disse|
        explicamos|expliquei|informamos|informei|falamos|falei|esclarecemos|foi (?:dito|explicado|informado)|
        tinhamos (?:dito|explicado))|ja (?:te |lhe )?(?:dissemos|explicamos|falamos|expliquei) (?:isso )?(?:\w+ vezes|
        isso|varias)|quantas vezes|(?:leia|le|leu|leiam) (?:bem|direito|com atencao|os e-?mails com)|
        leia os \S+ com atencao|aprend[ae] a|e (?:obvio|evidente) que (?:voce|nao|o senhor)|obviamente (?:voce|nao)|
        ninguem mais (?:se )?(?:reclam|queix)\w+|ninguem (?:nunca )?(?:se )?(?:reclamou|queixou)|(?:e|voce e) (?:o|
        a) unic[oa] que|somos (?:os |o |a )?(?:lideres|lider|melhores|numero um|numero 1|melhor)|nao temos (?:nada|
        por ?que|que) (?:a |que |para )?(?:explicar|justificar|nos desculpar|dar)|nao (?:te|lhe) devemos|(?:faca|faz|
        facam) o que (?:quiser|quiserem|bem entender)|se nao (?:gostou|gosta|esta satisfeit\w|concorda|
        te agrada)[^.!?]{0,25}(?:outr[oa]s?|procur[ae]|va |nao (?:compr|venh|volt)|tem|ha )|ninguem (?:te |
        lhe )?obriga|(?:nos )?nao (?:erramos|cometemos erros|falhamos)|[.!,] ponto(?: final)?(?= *[.!]|$)|
        e ponto(?: final)?(?= *[.!]|$)|fim de (?:papo|conversa|historia)|por algum motivo sera|(?:pelo visto|
        parece que|se ve que) (?:voce )?nao (?:esta|e) acostumad\w+|nao esta acostumad\w+ a|(?:entendem|sabem|
        entendemos|sabemos) (?:mais|melhor) (?:\w+ ){0,3}(?:do )?que (?:voce|o senhor|tu)|nao aceitamos (?:criticas|
        reclamacoes)|claríssimo|clarissimo|esta(?:va)? bem claro""",
)  # fmt: skip
_OUR_PRAISE = Phrases(
    es=r"""
        (?:nuestr[oa]s?|el|la|los|las) (?:\w+ ){1,2}(?:es|son|esta|estan) (?:totalmente |
        absolutamente )?(?:excelentes?|impecables?|perfect[oa]s?|insuperables?|de (?:primera|la mejor) calidad)""",
    en=r"""
        our (?:\w+ ){1,2}(?:is|are) (?:absolutely )?(?:excellent|perfect|flawless|the best|first class|
        of the highest quality)""",
    pt=r"""
        (?:noss[oa]s?|[oa]s?) (?:\w+ ){1,2}(?:e|sao|esta|estao) (?:totalmente )?(?:excelentes?|impecave(?:l|is)|
        perfeit[oa]s?|de primeira)""",
)  # fmt: skip
_CALM = Phrases(
    {"es": (
        r"(?:no (?:te|le|les) (?:pido|pedimos) que (?:se |"
        r"te )?|(?:puede|puedes|podes) )"
    ), "en": r"(?:you can|sit back and|so you can) ", "pt": r"pode "},
    es=r"""
        baj[ae]le|tampoco es (?:el fin|para)|(?:no es )?el fin del mundo|no (?:hace falta|es necesario|
        hay necesidad de|hay por que) (?:que )?(?:grit|se alter|te alter|se pon|te pon|insult|enoj|alter|pon)\w+|
        no grit(?:e|es|en)|dej[ae] de gritar|(?:tenga|ten|tene|un poco de) paciencia(?=[.,!]| que)|no (?:se|
        te) desesper\w+|calmese|calmate|calmense|calmaos|(?:se|te) calm[ea]s?|tranquilice(?:se|nse)?|tranquilizate|
        tranquilizese|tranquilicense|relajate|relajese|bajal[ea] (?:dos |un |unas? |el )|serenese|serenate|
        relajense|relaje(?:se)?|no se (?:altere|ponga asi|enoje|
        sulfure|exalte|ofusque|enfade)|no te (?:alteres|pongas asi|enojes|sulfures|exaltes|enfades)|baj(?:e|a|en|ale|
        ele) (?:un cambio|el tono|la voz|dos cambios|los humos|revoluciones)|no es para tanto|(?:esta|estas|
        estan) exagerando|no exager(?:e|es|en)|no seas? (?:tan )?(?:dramatic|exagerad)[oa]|(?:sin|no (?:haga|hagas|
        hagan) (?:un |tanto )?)dramas?|(?:mantenga|manten|mantene|conserve|guarde) la calma|con (?:mas )?calma y|
        hay que tomarlo con calma|(?:por favor,? )?respire hondo|respira hondo|cuide (?:el|su) (?:tono|lenguaje|
        vocabulario)""",
    en=r"""
        easy there|(?:take|let's all take) a (?:deep )?breath|let's not (?:be dramatic|get|overreact|exaggerate)|
        (?:using|use|with) (?:that|this) (?:tone|language)|be reasonable|keep your (?:cool|shirt on|hair on)|
        hold your horses|no need (?:for|to use) (?:that|the|such)|don't get (?:so )?(?:upset|angry|worked up)|
        stop being (?:so )?(?:dramatic|aggressive|angry)|calm (?:down|yourself)|(?:keep|stay|remain) calm|
        please relax|relax(?=[.,!])|chill(?: out)?(?=[.,! ])|take it easy|no need to (?:get|be|shout|
        yell)(?: \w+)* ?(?:worked up|upset|angry|rude|dramatic|aggressive|shout|yell)?|don't be (?:so )?(?:dramatic|
        hysterical|upset|angry)|(?:it's )?not the end of the world|(?:stop|quit) (?:shouting|yelling|overreacting|
        exaggerating)|you(?:'re| are) (?:overreacting|exaggerating)|lower your (?:tone|voice)|watch your (?:tone|
        language)|settle down|get a grip|deep breath|while you(?:'re|are) (?:shouting|yelling)|cool it|simmer down|
        mind your (?:tone|language)""",
    pt=r"""
        segura a onda|(?:tambem )?nao e o fim do mundo|nao precisa (?:gritar|se exaltar|se alterar|xingar|
        ficar nervos\w|desse tom)|nao grite|pare de gritar|(?:tenha|tem|um pouco de) paciencia(?=[.,!]| que)|
        nao se desespere|sem estresse|acalm(?:e-se|a-te|em-se)|se acalm[ea]|calma(?= ai|,? (?:por favor|senhor|
        senhora|amig[oa]))|fi(?:ca|que) calm[oa]|relax[ae](?=[.,!]| (?:que|ai|um pouco)(?!\w))|nao (?:se |
        te )?(?:exalte|exaltes|estresse|altere|
        irrite|enerve)s?|(?:baixe|baixa|abaixe|abaixa) (?:o tom|a voz|a bola)|nao (?:e|precisa de) (?:pra|para) tanto|
        (?:esta|estas|ta) exagerando|(?:esta|estas) a exagerar|nao exager[ea]s?|nao sejas? (?:tao )?(?:dramatic|
        exagerad)[oa]|(?:sem|nao (?:faca|faz|precisa de) (?:tanto )?)drama|mantenha a calma|mantem a calma|
        respire fundo|menos(?=,? ?(?:ne|assim|por favor|ta|ok)(?!\w))|cuidado com o (?:tom|linguajar)|modere (?:o|
        a) (?:tom|
        linguagem)|calma la""",
)  # fmt: skip
_CALM_ALONE = re.compile(r"(?:^|[.!?]\s+)(?:un poco de )?(?:calma(?=[,.!]| por| senor)|paciencia(?=[,.]))")


def _insult(scene: Scene) -> Iterator[Finding]:
    place = _either(scene.first(_INSULT), scorns(scene))
    if place is not None:
        yield scene.on_sentence("insult", "block", place,
                                _("It insults the customer, who will show it to everybody."))  # fmt: skip


def _sarcasm(scene: Scene) -> Iterator[Finding]:
    place = _either(scene.first(_SARCASM) or _EYES.search(scene.text), mocks(scene))
    if place is not None and not scene.is_only_praise:
        yield scene.on_sentence("sarcasm", "block", place, _("It mocks the customer. Irony always reads worse."))


def _pride(scene: Scene) -> Iterator[Finding]:
    match = scene.first(_PRIDE)
    if match is None and scene.mood.grievance:
        match = scene.first(_OUR_PRAISE)
    place = _either(match, denies(scene))
    if place is not None and not scene.is_only_praise:
        yield scene.on_sentence("pride", "block", place,
                                _(
                                    "It answers from above: the customer hears "
                                    "that we are right and they are not."))  # fmt: skip


def _either(match: re.Match[str] | None, place: int | None) -> int | None:
    """Where a phrase stands, or else where the grammar finds the same."""
    return match.start() if match is not None else place


def _calm_down(scene: Scene) -> Iterator[Finding]:
    match = scene.first(_CALM)
    if match is None and scene.language in ("es", "pt"):
        match = _CALM_ALONE.search(scene.text)
    if match is None:
        match = belittles(scene)
    if match is not None and not scene.is_only_praise:
        empathy = say("empathy", scene)
        place = match.end() - 1
        yield scene.on_sentence("calm_down", "block", place,
                                _(
                                    "Nobody calms down because they are "
                                    "told to: it denies what they feel."), empathy)  # fmt: skip


RULES = (
    Rule("insult", "block", "seeds", _insult),
    Rule("sarcasm", "block", "seeds", _sarcasm),
    Rule("pride", "block", "seeds", _pride),
    Rule("calm_down", "block", "seeds; Herhausen", _calm_down),
)
