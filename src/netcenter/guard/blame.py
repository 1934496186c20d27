"""Whose fault it is: the customer's, somebody else's, criticism that should vanish, promises before a court."""

from __future__ import annotations

import re
from collections.abc import Iterator

from netcenter.guard.accusing import accuses
from netcenter.guard.draft import Finding
from netcenter.guard.say import say
from netcenter.guard.scene import Rule, Scene
from netcenter.guard.text import Phrases, fold
from netcenter.guard.whys import _

_CUSTOMER = Phrases(
    {"es": (
        r"(?:no |ni |tampoco |"
        r"nada de esto )(?:es |fue |ha sido )?(?:por )?"
    ), "en": r"(?:not|n't|never)(?: \w+)? ", "pt": r"(?:nao |nem )(?:e |foi )?"},
    es=r"""
        (?:usted |tu |vos |lo |la )(?:lo |la )?(?:eligio|elegiste|escogio|escogiste|puso|pusiste|ingreso|ingresaste|
        cargo|cargaste|lleno|llenaste|completo|completaste|hizo|hiciste|configuro|configuraste|escribio|escribiste|
        entendio|entendiste|pidio|pediste|digito|digitaste|selecciono|seleccionaste) (?:todo )?(?:mal|
        incorrectamente)|(?:usted |tu |vos )?(?:eligio|elegiste|escogio|escogiste|puso|pusiste|ingreso|ingresaste|
        cargo|cargaste|lleno|llenaste|completo|completaste|hizo|hiciste|configuro|configuraste|escribio|escribiste|
        entendio|entendiste|pidio|pediste|digito|digitaste|selecciono|seleccionaste) (?:el |la |los |las |un |una |
        tu |su )?\w+ (?:mal|equivocad\w+|incorrect\w+|erron\w+)|no l[oae]s? (?:ingres|pusi|hici|le[iy]|complet|carg|
        us|configur|escrib|digit|sigui)\w* (?:bien|correctamente|como)|(?:fijate|fijese) (?:mejor|bien)|prest(?:a|e|
        ale|ele) (?:mas |mucha )?atencion|(?:la )?proxima (?:vez )?(?:lea|lee|revis|fij|tenga|ten |prest|pien)\w*|
        (?:usted llego|llegaste|llegaron ustedes) tarde|asum(?:a|e|i|as|ir) (?:usted )?las consecuencias|
        nadie mas que (?:usted|tu|vos)|(?:su|tu) (?:propia )?(?:negligencia|descuido|imprudencia|falta de (?:atencion|
        cuidado))|(?:eso|esto) le paso por|hubiera(?:s)? (?:leido|pensado|revisado|avisado|llegado)(?= antes|[.!])|
        (?:la )?culpa (?:es|fue|ha sido) (?:solo |solamente |exclusivamente )?(?:suya|tuya|vuestra|de usted|de ud|
        del cliente)|es (?:por )?(?:su|tu) (?:propia )?culpa|(?:usted|vos|tu|ud\.?) (?:mism[oa] )?(?:debio|debiste|
        debia|debias|deberia|deberias|tenia que|tenias que|no (?:leyo|leiste|reviso|revisaste|hizo|hiciste|pago|
        pagaste|verifico)|se olvido|te olvidaste|se equivoco|te equivocaste|olvido|olvidaste)|(?:debio|debiste|
        deberia|deberias|debias|tendria|tendrias|tenias|habria que|habrias) (?:que )?(?:haber(?:lo|la|se|
        te)?)? ?(?:lo )?(?:revisar|leer|verificar|pensar|avisar|leido|revisado|pensado\w*|verificado|avisado|
        consultado|fijado|comprobado|guardado|llegado|chequeado|salido)|si (?:usted |tu |vos )?(?:hubiera|hubieras|
        hubiese|hubieses) (?:leido|revisado|hecho|verificado|prestado|avisado|guardado|pagado|seguido|llegado|
        comprobado)|por no (?:leer|hacer|revisar|verificar|guardar|anotar\w*|avisar|fijarse|fijarte|cuidar|prestar|
        seguir|pagar|comprobar)|(?:error|fallo|descuido|despiste|responsabilidad|problema) (?:es |fue |
        ha sido )?(?:exclusiva(?:mente)? |totalmente |unicamente |solo |enteramente )?(?:suy[oa]|tuy[oa]|vuestr[oa]|
        del (?:cliente|usuario))|es (?:tu|su) (?:obligacion|responsabilidad|problema)|(?:seguramente|seguro|
        obviamente) (?:que )?(?:le )?(?:diste|dio|compartiste|compartio|hiciste|hizo|pusiste|puso)|eso te pasa por|
        eso le pasa por|por llegar tarde|(?:hiciste|hizo|instalaste|instalo|uso|usaste|lavaste|lavo|
        pusiste) (?:todo )?mal|mal uso (?:suyo|tuyo|por su parte|por tu parte|del cliente)""",
    en=r"""
        you (?:picked|chose|entered|selected|ordered|put|typed|wrote|used|installed|filled|set)
         (?: in| it| out)?(?: the| a| an| your)?(?: \w+){0,2} (?:wrong|incorrect)(?:ly)?|you (?:picked|chose|entered|
         selected|
        ordered|put|typed)(?: in)? the (?:wrong|incorrect)|you (?:just |simply )?(?:didn't|did not) (?:enter|read|
        follow|check|fill|put|type|use|set|listen)(?: it| this| that| the \w+| our \w+)?(?: \w+)? ?(?:correctly|
        properly|right|carefully|in)?|pay (?:more |closer )?attention|next time,? (?:read|check|be more|try reading|
        please read)|you were (?:\w+ )?late|only (?:have )?yourself to blame|yourself to blame|
        your (?:own )?(?:negligence|misuse|carelessness|lack of)|live with the consequences|
        you (?:should
         (?:'ve| have)|ought to have|were supposed to(?: have)?|needed to) (?:just |simply )?(?:check\w*|read|
         thought|known|
        told|asked|called|looked|paid|kept|verif\w+|noticed|contacted|planned|arrived|come|backed|done|saved|followed|
        turned up|been more careful|written)|(?:it's|it is|that's|that is|this is|was|entirely|all) (?:all |entirely |
        actually |really )?your (?:own )?(?:fault|mistake|error|responsibility|problem|doing)|your own (?:fault|
        mistake|doing)|(?:it is|it's) up to you to (?!decide|choose|pick)|you (?:failed|neglected|forgot|omitted) to|
        if you(?:'d| had) (?:only |just |actually |bothered to )?(?:read|check\w*|followed|called|paid|arrived|
        listened|done|looked|kept)|that's what (?:you get|happens)|(?:so )?it's (?:all )?on you|you (?:obviously|
        clearly|must have|probably) (?:gave|shared|did|entered|typed|wrote|used|put|lost|broke|misread|dropped)|
        you (?:washed|used|did|installed|entered|set|filled) (?:it|that|this) (?:\w+ )?(?:wrong|incorrectly)|
        user error|because you (?:didn't|did not|failed|forgot|never)|for not (?:reading|checking|writing|making|
        paying|following)|for (?:turning up|arriving|being) late""",
    pt=r"""
        (?:voce|o senhor|a senhora) (?:escolheu|digitou|colocou|preencheu|pediu|usou|instalou|fez|
        selecionou) (?:tudo )?(?:o |a |os |as |seu |sua )?(?:\w+ )?(?:errad\w+|mal|incorret\w+)|nao (?:digitou|leu|
        preencheu|colocou|fez|seguiu|usou) (?:o \w+ |a \w+ )?(?:certo|direito|corretamente|bem)|
        preste (?:mais )?atencao|(?:da |na )?proxima (?:vez )?(?:leia|veja|confira|preste|tenha)|
        voce chegou (?:muito )?(?:atrasad\w|tarde)|assuma as consequencias|ninguem alem de voce|(?:sua|
        tua) (?:propria )?(?:negligencia|imprudencia|falta de (?:atencao|cuidado))|(?:voce|o senhor|a senhora|
        tu) (?:mesm[oa] )?(?:deveria|devia|deverias|devias|tinha que|tinhas que|precisava) (?:ter |
        de ter )?(?:conferido|lido|verificado|pensado|avisado|checado|guardado|anotado|chegado|prestado|ler|verificar|
        conferir|saber|olhado)|(?:a )?culpa (?:e|foi) (?:so |toda |exclusivamente )?(?:sua|tua|vossa|do senhor|
        da senhora|do cliente)|e culpa sua|se (?:voce|o senhor|a senhora|tu) tivesses? (?:lido|verificado|conferido|
        feito|prestado|pago|chegado|seguido|guardado)|(?:o )?(?:erro|descuido|responsabilidade|problema) (?:foi |
        e )?(?:tod[oa] |exclusivamente |inteiramente |so )?(?:seu|sua|teu|tua|do cliente|do usuario|do utilizador)|
        e (?:a )?sua (?:obrigacao|responsabilidade)|(?:tinha|tinhas|teria) (?:que|de) ter (?:pensado|lido|verificado|
        visto|avisado|conferido)|voce (?:se )?(?:esqueceu|errou|digitou errado|fez errado|passou sua|deu sua)|
        (?:com certeza|obviamente|provavelmente) (?:voce )?(?:passou|deu|compartilhou|fez|colocou)|
        acontece com quem nao|por nao (?:ler|anotar|guardar|verificar|conferir|fazer|pagar|avisar)|quem mandou|
        por chegar tarde|(?:usou|lavou|instalou|fez|preencheu) (?:tudo )?errado|mau uso (?:seu|do cliente|por parte)""",
)  # fmt: skip
_THIRD_ES = (
    r"(?:mensajeria|correos?|transportistas?|transporte|proveedor\w*|fabricante|fabrica|bancos?|aerolinea|aeropuerto|"
    r"municipio|ayuntamiento|distribuidora|repartidor\w*|plataforma|empresa de \w+|contratista|tecnicos? extern\w+)"
)
_THIRD_EN = (
    r"(?:couriers?|carriers?|postal service|post office|royal mail|suppliers?|manufacturers?|banks?|airport|council|"
    r"distributors?|platform|airline|delivery (?:company|firm|partner|driver)s?|hauliers?|contractors?|drivers?|"
    r"installer)"
)
_THIRD_PT = (
    r"(?:transportadora|correios|fornecedor\w*|fabricante|fabrica|bancos?|aeroporto|prefeitura|camara|distribuidora|"
    r"entregador\w*|plataforma|companhia|empresa de \w+|motoboy|estafeta)"
)
_OTHERS = Phrases(
    es=rf"""
        (?:es|son) (?:el|la|los|las) (?!nuestr)\w+ (?:el|la|los|las|quien(?:es)?) (?:que |
        responsables? )(?:\w+ )?(?:tiene\w*|debe\w*|responsable|anul\w+|resuelv\w+)|
        (?:el|la|los|las) (?!responsable)\w+ (?:es|son) (?:el |la |los |las )?(?:unic\w+ )?responsables? de|
        nosotros no podemos hacer nada|
        culpa (?:es )?de(?:l| la| los| las)? (?!usted|nosotros)\w+|no (?:depende|es (?:responsabilidad|problema|
        asunto|culpa|cosa)) (?:de nosotros|nuestr\w+)|nada que ver con nosotros|no (?:tenemos|tiene) nada que ver|
        (?:eso|esto|ello) (?:ya )?(?:depende|es (?:un )?(?:problema|cosa|tema|asunto|
        responsabilidad)) (?:\w+ )?de(?:l| la| su| tu)?|nosotros ya (?:cumplimos|hicimos|enviamos)|
        (?:es|son|fue|fueron) (?:cosa|asunto|tema|error|fallo|falla|obra)s? de(?:l| la| los| las)? {_THIRD_ES}|
        ajen[oa]s? a (?:nosotros|nuestr\w+)|no esta en nuestras manos|fuera de nuestro (?:control|alcance)|(?:dirija|
        dirige|presente|presenta|haga|haz) (?:su|tu|el|la) (?:queja|reclamo|reclamacion) (?:a|en|ante)|
        responsabilidad (?:exclusiva )?de(?:l| la) (?!empresa|nosotros)\w+""",
    en=rf"""
        (?:is|was|'s) (?:entirely |all )?(?:the |our )?\w+(?: \w+)?(?:'s|s') fault|not our (?:fault|problem|
        responsibility|doing|department)|out of (?:our|my) (?:hands|control)|beyond our control|nothing to do with us|
        (?:that's|this is|it's) (?:a|an) (?:problem|issue|matter) (?:with|for|of) (?:the|your)|take (?:that|this|
        it) up with (?:your|the)|(?:direct|address|send) your (?:complaint|claim|query) to (?:them|the)|
        (?:down to|because of|thanks to|blame|on) (?:the |our |your |those )+{_THIRD_EN}|
        caused by the \w+(?: \w+)? (?:operator|company|carrier|provider)|blame the""",
    pt=rf"""
        culpa d(?:o|a|os|as) (?!senhor|senhora)\w+|nao (?:depende de nos|e (?:culpa|problema|
        responsabilidade) noss\w+|e nossa (?:culpa|responsabilidade)|e nosso problema)|nao temos nada a ver|
        nada a ver com (?:a gente|nos)|(?:isso|isto) (?:ja )?(?:e|depende|cabe) (?:um )?(?:problema |com |
        responsabilidade |assunto )?(?:d?[oa]s? |com o |ao |seu )|isso e (?:problema|com)|nos ja (?:fizemos|cumprimos|
        enviamos)|(?:coisa|assunto|erro|culpa|problema|falha|obra) d[aeo]s? {_THIRD_PT}|
        fora do nosso (?:controle|alcance)|alhei[oa]s? a (?:nos|nossa)|(?:apresent\w+|dirija|
        faca) (?:a )?(?:sua )?reclamacao (?:junto|a|ao|no)|deve-se ao? (?!nosso)\w+""",
)  # fmt: skip
_OWNING = Phrases(
    es=r"""
        (?:nos|me) (?:hacemos|hago|ocupamos|ocupo|encargamos|encargo)|asumimos|(?:igual\w*|de todos modos|
        aun asi)[^.!?]{0,40}(?:ayud\w+|resolv\w+|devolv\w+|hacemos|ocup\w+)|fallo nuestro|error nuestro|falla nuestra|
        ya (?:reclamamos|pedimos|hablamos|estamos)|(?:te|le) (?:mandamos|enviamos|devolvemos|reponemos|reembolsamos)|
        responsabilidad nuestra|nuestro error""",
    en=r"""
        (?:we'll|we will|i'll|i will) (?:take care|sort|handle|chase|fix|refund|send|look after|make it right)|
        either way|our (?:mistake|fault)|on us|we(?:'ve| have) (?:already )?(?:asked|chased|contacted|refunded|sent)""",
    pt=r"""
        (?:nos )?(?:vamos|iremos) (?:resolver|cuidar|tratar|devolver|enviar)|assumimos|falha nossa|erro nosso|
        de qualquer (?:forma|modo)|de todo modo|mesmo assim|(?:eu|nos) (?:cuido|cuidamos|resolvo|resolvemos)|
        ja (?:cobramos|pedimos|falamos)|devolvemos|enviamos (?:outro|um novo)""",
)  # fmt: skip
_THING = (
    r"(?:comentarios?|publicacion(?:es)?|posts?|posteos?|resenas?|tuits?|tweets?|opinion(?:es)?|criticas?|"
    r"valoracion(?:es)?|calificacion(?:es)?|queja|videos?|fotos?|estrellas?)"
)
_DELETE = Phrases(
    {"es": r"(?:(?<!si )no|nunca|jamas|sin) (?:\w+ )?", "en": (
        r"(?:never|n't|"
        r"not|no need to|don't have to)(?: \w+)? "
    ), "pt": r"(?:(?<!se )nao|nunca|jamais|sem) (?:\w+ )?"},
    es=(
        
            rf"(?:borr|elimin|quit|retir|baj|edit)\w+ lo que (?:usted )?(?:public|escrib|dij|post|subi)\w+|"
            rf"(?:cambi|modifi|mejor|sub)\w+ (?:tu|su|la) (?:calificacion|resena|valoracion|opinion|puntuacion|"
            rf"puntaje|nota)|(?:borr|elimin|quit|retir|ocult|edit|modifi[cq]|baj|sa[cq]|"
            rf"suprim)(?!{_THING})\w+ (?:\w+ ){{0,2}}?(?:su|"
        
        rf"tu|el|la|los|las|ese|esa|este|esta|dicho) (?:\w+ )?{_THING}"
    ),
    en=r"""
        (?:delet|remov|take down|edit|withdraw)\w* (?:what|everything|whatever) you(?:'ve| have)? (?:posted|wrote|
        written|said)|(?:chang|updat|improv|rais)\w+ (?:your|the) (?:rating|review|score|stars)|(?:delet\w+|remov\w+|
        tak\w+ down|took down|hid(?:e|ing|den)|edit\w*|withdraw\w*|retract\w*|pull) (?:or \w+ )?(?:\w+ ){0,2}?(?:your|
        the|that|this) (?:\w+ ){0,3}?(?:comments?|posts?|reviews?|tweets?|ratings?|feedback|video|photo|
        criticism)(?: down)?|take (?:your|the|that) (?:\w+ )?(?:comment|post|review|tweet|video|photo) (?:down|off)""",
    pt=r"""
        (?:apag|remov|exclu|retir|tir)\w+ (?:o|tudo o|aquilo) que (?:voce )?(?:public|escrev|post|disse)\w*|(?:mud|
        alter|melhor|troc)\w+ (?:a )?(?:sua )?(?:avaliacao|nota|pontuacao|resenha)|(?:apag|exclu|remov|retir|ocult|
        edit|tir|delet|elimin)\w+ (?:ou \w+ )?(?:do ar )?(?:o |a |os |as )?(?:seu |sua |teu |tua |esse |essa |este |
        esta )?(?:\w+ )?(?:comentarios?|publicac(?:ao|oes)|posts?|avaliac(?:ao|oes)|resenhas?|tweets?|criticas?|
        opini(?:ao|oes)|videos?|fotos?|postagem|postagens)""",
)  # fmt: skip
# "Once the review has come down": the same, said of the review.
_WERE_IT_GONE = Phrases(
    es=rf"""
        (?:si|cuando|hasta que|una vez que|en cuanto|despues de que|a cambio de(?: que)?|siempre que|apenas|primero|
        antes)[^.!?]{{0,40}}{_THING}[^.!?]{{0,25}}(?:baj|quit|borr|elimin|retir|edit|modific|cambi|desaparec|
        no este)\w*|
        (?:si|cuando|una vez que|en cuanto|apenas|primero|a cambio de)[^.!?]{{0,30}}(?:baj|quit|borr|elimin|retir|edit|
        modifi|cambi|desapar)\w*[^.!?]{{0,20}}{_THING}|(?:retirada|eliminacion|baja|remocion) de (?:su|la|tu|esta|
        esa|dicha) {_THING}|(?:pong|pon|pas|sub|cambi|dej|d[aei])\w* (?:\w+ ){{0,4}}(?:5|cinco) estrellas""",
    en=r"""
        (?:once|until|after|if|when|as soon as|provided|unless)[^.!?]{0,40}(?:review|post|comment|rating|feedback|tweet|
        video|thread|stars)s?(?: \w+){0,3} (?:down|removed|deleted|gone|edited|updated|changed|withdrawn|disappeared|
        off)|
        (?:once|until|after|if|when|as soon as|provided|unless) you[^.!?]{0,25}(?:delet|remov|edit|chang|updat|withdr|
        retract|tak|took)\w*[^.!?]{0,20}(?:reviews?|posts?|posted|comments?|ratings?|what you (?:said|wrote)|stars)|
        (?:mak|chang|edit|turn|rais|bump|updat|giv)\w* (?:\w+ ){0,4}(?:5|five)[ -]?stars?|(?:removal|
        deletion) of (?:your|
        the|this) (?:review|post|comment|tweet)""",
    pt=r"""
        (?:se|quando|assim que|depois que|ate que|desde que|caso|apos|primeiro|antes)[^.!?]{0,40}(?:avaliac\w+|
        comentarios?|posts?|publicac\w+|notas?|estrelas?|resenhas?|postage\w+|criticas?|videos?)[^.!?]{0,25}(?:sair|
        saia|sumir|apag|remov|retir|exclu|tir|mud|alter|edit|desaparec)\w*|(?:se|quando|assim que|primeiro|caso)
        [^.!?]{0,30}(?:apag|remov|retir|exclu|tir|mud|alter|edit)\w*[^.!?]{0,20}(?:avaliac\w+|comentarios?|posts?|
        publicac\w+|estrelas?|resenhas?)|(?:retirada|remocao|exclusao) d[aoe] (?:sua |esta |essa )?(?:avaliac\w+|
        comentario|post|publicac\w+|postagem)|(?:mud|alter|troc|sub|pass|poe|ponha|coloc|da|de|deix)\w* (?:\w+ ){0,4}
        (?:5|cinco) estrelas""",
)  # fmt: skip
_FOR_THEIR_SAFETY = Phrases(
    es=r"""
        datos|informacion|correo|usuario|contrasena|contiene\w*|privad[oa]|personal\w*|seguridad|proteg\w+|privacidad|
        tarjeta|telefono|dni|spam|estafa\w*""",
    en=r"""
        details|info|information|e-?mail|username|password|contain\w*|private|personal|sensitive|reply for security|
        safety|security|safe|protect\w*|privacy|card|phone|number|spam|scam\w*""",
    pt=r"""
        dados|informac\w+|e-?mail|usuario|senha|contem|privad[oa]s?|pessoa(?:l|is)|seguranca|proteg\w+|privacidade|
        cartao|telefone|cpf|spam|golpe""",
)
_LEGAL = Phrases(
    {"es": r"no (?:\w+ )?(?:podemos |puedo |se )?", "en": (
        r"(?:can't|cannot|can not|"
        r"don't|unable to|without) (?:\w+ )?"
    ), "pt": r"nao (?:\w+ )?(?:podemos |posso )?"},
    es=r"""
        (?:garantiz\w+|asegur\w+|promet\w+|jur\w+) (?:\w+ )?que (?:esto )?(?:nunca|jamas|no (?:volvera|va a volver|
        se repetira|volvemos|vuelve))|(?:nunca|jamas) (?:mas )?(?:volvera|va a volver|ocurrira|pasara|sucedera|
        se repetira)|no volvera a (?:pasar|ocurrir|suceder|repetirse)|100 ?% segur\w+|cien por ciento segur\w+|
        indemniz\w+|(?:reconocemos|admitimos|asumimos) (?:\w+ )?(?:negligencia|responsabilidad legal|culpabilidad|
        la responsabilidad civil)|(?:cubriremos|pagaremos|nos haremos cargo de) todos (?:los|sus|tus) (?:danos|gastos|
        perjuicios)|(?:totalmente|absolutamente) (?:legal|seguro y sin riesgo)""",
    en=r"""
        (?:guarantee|promise|assure you|swear)(?: you)?(?: that)? (?:it|this|that)?(?: will)? ?(?:never|won't|
        will not)|(?:will|can|shall) never (?:ever )?(?:happen|occur|be repeated)|never happen again|100 ?% (?:safe|
        secure|guaranteed)|(?:admit|accept|acknowledge) (?:our |full |legal )?(?:negligence|liability|
        legal responsibility)|cover all (?:your |the )?(?:damages|losses|costs)|(?:pay|
        liable for) (?:all )?(?:your )?damages|indemnif\w+""",
    pt=r"""
        (?:garantimos|asseguramos|prometemos|juramos) (?:\w+ )?que (?:isso |isto )?(?:nunca|jamais|nao (?:vai|voltara|
        ira))|(?:nunca|jamais) (?:mais )?(?:vai|voltara|ira) (?:a )?(?:acontecer|ocorrer|se repetir)|nao (?:vai|
        voltara a) (?:mais )?acontecer|100 ?% segur\w+|indeniz\w+|indemniz\w+|(?:reconhecemos|admitimos|
        assumimos) (?:\w+ )?(?:negligencia|responsabilidade legal|culpa legal)|(?:cobriremos|pagaremos|
        arcaremos com) todos os (?:danos|prejuizos|gastos)""",
)  # fmt: skip


_ASKED_HOW = re.compile(r"(?<!\w)(?:como|how)(?!\w)[^.!?]{0,30}(?:borr|elimin|delet|remov|apag|exclu)")


def _blames_customer(scene: Scene) -> Iterator[Finding]:
    match = scene.first(_CUSTOMER)
    place = match.start() if match is not None else accuses(scene)
    if place is not None and not scene.is_only_praise:
        yield scene.on_sentence("blames_customer", "block", place,
                                _("It makes the customer guilty. Even where it is true, it helps nobody."))  # fmt: skip


def _blames_others(scene: Scene) -> Iterator[Finding]:
    match = scene.first(_OTHERS)
    if match is None or scene.is_only_praise or scene.said(_OWNING):
        return
    yield scene.addition("blames_others", "warn", _(
        "It points at others: the customer "
        "bought from us, and we take care."),
                         say("owning", scene))  # fmt: skip


def _asks_to_delete(scene: Scene) -> Iterator[Finding]:
    for match in (*scene.every(_DELETE), *scene.every(_WERE_IT_GONE)):
        start, end = scene.sentence_at(match.start())
        if (
            not _ASKED_HOW.search(fold(" ".join(scene.draft.messages[-1:])))
            and not _FOR_THEIR_SAFETY.said(scene.text[start:end], scene.language)
            and "nuestr" not in match.group()
        ):
            yield scene.on_sentence("asks_to_delete", "block", match.start(),
                                    _(
                                        "Whoever hides criticism makes it "
                                        "bigger. Answer it where it stands."))  # fmt: skip
            return


def _legal_promise(scene: Scene) -> Iterator[Finding]:
    match = scene.first(_LEGAL)
    if match is not None:
        yield scene.on_sentence("legal_promise", "warn", match.start(),
                                _("It promises what nobody can keep, or what a court would read. Ask for approval."),
                                say("no_repeat", scene))  # fmt: skip


RULES = (
    Rule("blames_customer", "block", "seeds", _blames_customer),
    Rule("blames_others", "warn", "seeds", _blames_others),
    Rule("asks_to_delete", "block", "seeds", _asks_to_delete),
    Rule("legal_promise", "warn", "Coombs (SCCT)", _legal_promise),
)
