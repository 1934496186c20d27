"""The grammar of dismissing: too simple for anybody but you, not our affair, a likely story."""

from __future__ import annotations

from netcenter.guard.text import Phrases

# A child could; it is beyond you; what part of it do you not understand?
TOO_SIMPLE = Phrases(
    {"es": r"(?:no |ni )", "en": r"(?:not|n't|never) ", "pt": r"nao "},
    es=r"""
        (?:hasta|cualquier|incluso) (?:un |una |el |la |mi |tu )?(?:\w+ de \w+ anos|nin[oa]|bebe|nene|nena|cri[oa]|
        abuel[oa]|abuelita|mono|person[a]|chic[oa]|escuincle|chaval[a]?|mundo|burro)(?: \w+){0,3}
        [ ](?:pued|podr|sab|hac|ha[cr]|entend|entiend|complet|resuelv|logr|l[oa] )\w*|
        (?:no |ni )?(?:le|te|les) (?:da|alcanza|llega|funciona|sobra|queda) (?:para mas|grande|(?:mas )?(?:la|el)
        [ ](?:cabeza|cerebro|coco|mate|balero|cabecita|bocho|inteligencia|sesera))|(?:alguien|una persona) que (?:si
        [ ]|de verdad |realmente )*(?:sepa|entienda|conozca)|(?:con|en) (?:manzanitas|dibujitos|palitos|munequitos|
        plastilina)|se lo (?:explico|dibujo) con|(?:que|cual) parte (?:de |del )?[^.!?]{0,30}no (?:entend|entiend|
        comprend|le qued|te qued)\w*|en que idioma|cort[oa] de (?:entendederas|luces|mente)|dur[oa] de (?:entender|
        mollera)|(?:esta|queda) (?:claro )?fuera de (?:su|tu) alcance|no (?:es|esta hech[oa]) para (?:usted|ti|vos|
        todos|cualquiera|todo el mundo)(?=[.!,]|$)|no (?:es|hay que ser|se necesita ser) (?:tan dificil|ninguna ciencia|
        (?:un )?(?:ingenier|cientific|geni|astronaut)\w*|fisica cuantica|ciencia (?:espacial|ficcion))|
        (?:flojera|pereza|fiaca|vagancia) (?:de|para|por) (?:leer|pensar|mirar|buscar)|el sentido comun|
        ponga(?:se)? (?:a
        [ ])?pensar|piense un poco|us[ae] (?:un poco )?la (?:cabeza|logica)""",
    en=r"""
        (?:even|any|a|my) (?:\w+ )?(?:child|kid|toddler|grandm\w+|gran|nan|grandad|monkey|beginner|schoolboy|
        \w+[- ]year[- ]old)(?: \w+)? (?:can|could|would|manages?|knows|gets|understands|does)|(?:most|all|every|other)
        [ ](?:\w+ )?(?:\w+ )?(?:people|customers|users|adults|guests|clients|grown-?ups) (?:\w+ )?(?:manage|cope|can|
        figure|seem to|work it out|get it)|(?:a (?:bit|little) |clearly |obviously |simply )?(?:beyond|over the head of)
        [ ]you(?= |[.!,]|$)|(?:someone|somebody|a person|a friend|an adult|a grown-?up) who (?:\w+ )?(?:knows|
        understands|can read|gets)|(?:young|old)er (?:family member|relative|sibling)|(?:which|what) (?:part|bit) of
        [ ][^.!?]{0,40}(?:understand|follow|grasp|escape|unclear|confus)\w*|(?:(?:hardly|isn't|not|ain't) )?(?:rocket
        science|brain surgery)|(?:draw you|want|need) a (?:picture|diagram|map)|spell it out|(?:words|language) of one
        [ ]syllable|(?:isn't|not|hardly) (?:that|very|so) (?:hard|difficult|complicated)|(?:isn't|aren't|not)
        [ ](?:really )?(?:meant |made |cut out )?for (?:you|everyone|everybody)(?=[.!,]|$)|(?:maybe |perhaps |try |go )
        (?:to )?learn(?:ing)? (?:how|to|what)|do us (?:all )?a favou?r|(?:too|so) (?:lazy|thick|slow|dim|
        busy whining) to|
        (?:try|start) (?:thinking|reading|listening)|use your (?:head|loaf|noggin|common sense)""",
    pt=r"""
        (?:ate|qualquer) (?:um |uma |o |a |minha |meu )?(?:\w+ de \w+ anos|crianca|bebe|menin[oa]|miud[oa]|avo|vovo|
        pessoa|leig[oa]|macaco|um|mundo)(?: \w+){0,3} (?:consegue|conseguiria|faz|faria|sabe|saberia|entende|
        percebe|usa|resolve)|nem assim (?:(?:voce|vc|o senhor|a senhora) )?(?:percebe|entende|consegue|compreende)\w*|
        nao (?:e|sej[a]|foi feit[oa]) (?:bem )?para (?:si|voce|o senhor|a senhora|ti|todos|qualquer um|toda a gente)
        (?=[.!,]|$)|(?:alguem|uma pessoa) que (?:realmente |de facto |de fato |ja )?(?:saiba|entenda|perceba)|
        (?:quer|precisa|querem|vou ter) que (?:eu |a gente )?(?:te |lhe )?desenh\w+|desenhar pra|(?:qual|que) parte
        [ ](?:d[oae] )?[^.!?]{0,30}nao (?:entend|perceb|compreend|ficou)\w*|em (?:bom |simples )?portugues(?: \w+)?
        (?=[.!,])|(?:preguica|falta) de (?:pensar|ler|procurar|olhar|atencao da sua)|(?:se|te) (?:liga|enxerga|manca|
        toca|orienta)(?!\w)|liga-te|acorda(?= (?:pra|para)|[,.!])|vou fingir|nao e (?:tao dificil|nenhuma ciencia|
        (?:nenhum )?bicho de sete)|bom senso|(?:puxe|puxa|use|usa) (?:um pouco )?(?:pel)?a cabeca|
        (?:e|foi) (?:voce|vc|tu|o senhor|a senhora) (?:nao |n )(?:saber|ler|ver|conseguir|entender|perceber|conferir)|
        (?:nao|n) (?:saber|conseguir) (?:nem )?(?:ler|contar|conferir|usar|escrever)""",
)  # fmt: skip

# Not our affair; live with it; you waste our time.
NOT_OURS = Phrases(
    {
        "es": r"(?:para |sin |no (?:queremos|quiero|vamos a|le|te|os|les) )",
        "en": r"(?:to avoid|without|sorry for|stop|don't want to|not|won't) ",
        "pt": r"(?:para |sem |nao (?:queremos|quero|vamos|te|lhe) )",
    },
    es=r"""
        (?:perd|hag|hac|quit|rob|malgast)\w* (?:\w+ ){0,3}(?:el|nuestro|mi|mas) tiempo|(?:no estamos|no estoy|
        nadie esta)
        [ ](?:aqui |aca )?(?:para|pa) (?:\w+ ){0,2}?(?:aguant|soport|escuch|oir|perder|jug|bromas|tonter|caprich|
        berrinch|
        hacer)\w*|no (?:tengo|tenemos) (?:por que|tiempo (?:para|de)|ganas de) (?:\w+ ){0,2}?(?:aguant|soport|escuch|
        leer|tonter|discut|estas|estos|esto)\w*|(?:que|y que) (?:quiere|quieres|queres|pretende|espera) que (?:le|te|yo|
        nosotros|nos|l[oa] )?|es lo que hay|(?:ajo y agua|ni modo|mala suerte|mala pata|jodase|jodete|aguant(?:ese|ate)|
        fastidi(?:ese|ate)|arregl(?:ese|atelas|eselas|ate)|apechugue|banques(?:e|ela)|bancatela|banquesela|
        chinguese|te aguantas|se aguanta)(?!\w)|(?:vaya|vete|anda|andate|and[ae]) a (?:quej|llor|reclam|dar la lata)\w*|
        (?:su|tu) problema(?= |[.,!])(?! (?:esta|quedo|con|de|se|ya|lo|tiene|es que|y lo|nos|me|hoy|hasta))|
        no es (?:cosa|problema|asunto|culpa) (?:nuestr\w+|mi[oa]|de la (?:cocina|tienda|casa|empresa))|
        (?:nos|me) (?:importa|da) (?:un|igual|lo mismo|tres|exactamente)\w*|(?:gente|quien(?:es)?|clientes) que
        [ ]no (?:paga|compra|consume|gasta|deja propina)\w*""",
    en=r"""
        wast(?:e|es|ed|ing) (?:of )?(?:our|my|everyone's|everybody's|the team's) (?:\w+ )?(?:time|day|afternoon)|
        (?:go|run|
        off) (?:and )?(?:moan|cry|whin[eg]\w*|complain|grumble|bother|pester|annoy|bore|winge|bitch)\w*|(?:deal|live)
        [ ]with it(?=[.!,]|$)|tough (?:luck|titty|break)?(?=[.!,]|$)|suck it up|get over it|take it or leave it|
        (?:so|and) what (?:do|did|would) you (?:want|expect) (?:us|me)|what (?:exactly )?do you (?:want|
        expect) (?:us|me)
        [ ]to do|(?:n't|not|no)(?: \w+)? (?:here to|paid (?:enough )?to|in the mood to) (?:listen|put up|babysit|be|
        hold|take)\w*|(?:got|have) (?:better|other|more important|real) (?:things|customers|work|people)|(?:that's|
        this is|
        that is|sounds like|it's) (?:really |frankly |entirely )?(?:a )?(?:you|your|ur) (?:problem|issue|loss)|
        not (?:our|my) (?:problem|circus|concern|business)(?:,? (?:mate|pal|love|buddy|sir|madam|friend|dear|hun|bro|
        honey|dude))|(?:couldn't|don't|do not) (?:\w+ )?(?:care less|give a|care (?:what|if|how))|(?:whatever|yawn|meh|
        cope|cry more)(?=[.!,]|$)|your loss|bye(?: then| felicia)(?=[.!]|$)|los(?:e|ing) (?:any )?sleep|
        (?:people|customers|those) who (?:don't|never|won't|can't) (?:pay|tip|spend|afford)\w*""",
    pt=r"""
        (?:perd|faz|tom|gast|roub|desperdic)\w* (?:\w+ ){0,3}(?:o nosso|nosso|meu|o meu|mais|nosso precioso) tempo|
        (?:nao|n|ninguem) (?:esta|estou|estamos|ta|to|tamos)(?: \w+){0,2} (?:aqui |ca )?(?:para|pra)
        [ ](?:\w+ ){0,2}?(?:aguent|atur|ouvir|escut|perder|brinc|agrad|servir de|baba)\w*|nao (?:tenho|temos)
        [ ](?:que|de|tempo (?:para|pra)|paciencia (?:para|pra)|saco (?:para|pra)|pachorra (?:para|pra)) (?:\w+ ){0,2}?
        (?:aguent|atur|ouvir|escut|ler|isso|isto|essas?|estas?|discut)\w*|(?:e )?(?:o que|que) (?:e que )?(?:voce |vc |
        o senhor |a senhora )?(?:quer|queria|espera) que (?:eu|a gente|nos|se)|e o que (?:tem|temos|ha)(?=[.!,]|$)|
        (?:azar|problema) (?:o )?(?:seu|teu|vosso)(?!\w)|(?:se vira|vire-se|te vira|desenrasque-se|desenrasca-te|
        amanhe-se|aguente|fazer o que|lide com isso|engole|engula|bola pra frente|temos pena)(?=[.!,]|$)|(?:vai|va)
        [ ](?:la )?(?:chor|reclam|queix|encher)\w*|(?:nao e|n e) (?:com a gente|comigo|connosco|conosco|problema nosso|
        nosso problema)(?=[.!,]|$)|(?:nao |pouco )(?:me|nos) (?:importa|interessa)(?=[.!,]| o que| se|$)|
        (?:gente|quem|clientes?) (?:que )?nao (?:paga|compra|consome|gasta)\w*|vai (?:ligar|esperar|escrever|reclamar|
        mandar)(?: \w+)? mais""",
)  # fmt: skip

# A likely story: nice try, you made it up, I find it hard to believe.
A_STORY = Phrases(
    {"es": r"(?:no (?:digo|decimos|pienso|creo|creemos) que |para )", "en": r"(?:not|n't|nobody)(?: \w+){0,3} "},
    es=r"""
        (?:buen|lindo|bonito) intento|a otro perro con|cuent(?:o|os) (?:chinos?|de hadas)|(?:cuesta|
        costo) (?:\w+ )?(?:creer|
        tragar)|(?:ambos|los dos|tanto usted como \w+) sabemos|no (?:te|le|se|les) (?:lo |la )?cre(?:o|emos|e nadie)|
        no me (?:lo )?creo|(?:se lo|te lo|se la|lo) (?:esta |estas |acaba de )?(?:invent|sac[oa] de la manga)\w*|
        (?:esta|estas|anda|andas) (?:mintiendo|inventando)|invent(?:a|o|as|aste|ar|e|es)(?:se|rse)? (?:cosas|
        cuentos|historias|excusas|problemas)|(?:miente|mientes|mentis)(?!\w)|(?:ell[ao]|el|la chica|el chico|
        nuestr\w+ \w+|
        aqui|aca|nadie) (?:nunca|jamas) (?:le |te |se |ha |han |haria |reacciona|tratar|trata|dir|hac|lleg|sal)\w*|
        (?:algo|le|te) (?:\w+ )?(?:habra|habras|hizo|hiciste) (?:usted )?(?:para|antes)|(?:quiere|quieres|queres|busca|
        buscas|pretende) (?:sacar|aprovechar|comer|llevar|plata|ventaja)\w*""",
    en=r"""
        nice try|(?:we|you and i) both know|(?:pull|pulling|try|trying|tries) (?:this|that|the same|a|such a) (?:\w+ )?
        (?:stunt|trick|scam|fast one|number|one on)|(?:no|in no) way (?:that |this |it |we |our |any |he |she |they )
        (?:\w+ ){0,3}?(?:happen|could|would|did|was|is|left|said)\w*|(?:made|make|making|makes) (?:it|this|that|things|
        stuff|stories) (?:all )?up|(?:story|version|claim|account) (?:just |simply )?(?:doesn't|does not|won't|isn't|
        has) (?:add|hold|stack|credible|match|chang|holes)\w*|(?:a )?likely story|(?:don't|do not|hard to|struggle to|
        find it hard to|not) believe (?:you|a word|this|that|it|your)|(?:you're|you are|ur) (?:clearly |obviously |
        just )?
        (?:lying|making|exaggerating|imagining)|(?:trained|experienced|qualified|seasoned) professionals|(?:our|my)
        [ ](?:\w+ ){1,2}(?:would|could|do|does) (?:never|not) (?:throw|do (?:that|this|such)|say|shout|speak|behave|
        treat|
        act|steal|lie|drop|damage|break|serve|send|sell)|(?:pull the other|yeah,? right|sure you did|
        if you say so|funny that)|(?:for|after|want|fishing for) (?:a |some )?free (?:meal|stuff|ride|dinner|lunch|
        product|night|food)""",
    pt=r"""
        (?:boa|bela) tentativa|conta outra|(?:conversa|historia) (?:pra boi|mal contada|da carochinha|fiada|para boi)|
        (?:custa|e dificil|dificil) (?:\w+ )?(?:a |de )?(?:crer|acreditar|engolir)|(?:nos dois|ambos|os dois) sabemos|
        nao acredit(?:o|amos) (?:em |n)(?:voce|vc|si|isso|isto|essa|uma palavra|nada)|(?:esta|ta|estas|anda) (?:a )?(?:
        ment|invent)(?:indo|ir|ando|ar)|invent(?:a|ou|aste|ar|e) (?:coisas?|historias?|desculpas?|problemas?)|
        aqui ninguem|ninguem aqui (?:\w+ )?(?:err|troc|roub|ment|maltrat|faz)\w*|(?:quer|querem|a|ta querendo|procura)
        [ ](?:\w+ )?(?:tirar|levar|obter) (?:\w+ )?(?:vantagem|proveito|partido)|(?:se calhar|talvez|vai ver|quem sabe)
        [ ](?:\w+ )?(?:o )?(?:problema|defeito|erro) (?:nao )?(?:esta|seja|e)|o sistema (?:confere|nao erra|nao falha|
        nunca)|(?:ela|ele|a nossa \w+|o nosso \w+) (?:nunca|jamais) (?:\w+)""",
)  # fmt: skip
