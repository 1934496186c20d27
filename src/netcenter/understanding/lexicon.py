"""Words that say something by themselves, in our three languages, found in one pass.

Evidence and explanations only: alone they would be wrong too often. Stems on folded text; a word counts once.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

LONGEST = 2000  # characters looked at

STEMS: dict[str, str] = {
    "complaint": (
        "verguenza, desastre, pesim, horrible, harto, harta, nunca mas, estafa, mal servicio, mala atencion, "
        "maltrat, asco, inaceptable, decepcion, vergonha, horrivel, nunca mais, absurdo, descaso, decepcao, "
        "inaceitavel, disgrace, terrible, awful, worst, unacceptable, disappoint, fed up, ridiculous, rude, "
        "no puede ser, nadie responde, nadie contesta, ninguem responde, ninguem atende, nobody answers, "
        "podrid, moho, mofo, mofad, mold, mould, crudo, quemad, patetic, ladron, lamentable, una mierda, uma "
        "merda, penoso, useless, pathetic, shame on, falta de respeto, falta de respeito, odio, apesta"
    ),
    "claim": (
        "reclamo, devol, reembols, reintegr, cobraron, me cobr, no llego, no ha llegado, no me lleg, no han "
        "llegado, falta, equivocad, roto, rota, error, no funciona, reclam, cobrad, nao chegou, nao recebi, "
        "veio errad, estragad, quebrad, nao funciona, refund, charged, not arrived, never arrived, hasn't "
        "arrived, missing, wrong, broken, damaged, doesn't work, not working, vencid, duplicad, no puedo, nao "
        "consigo, can't, still waiting, sigo esperando, sigo sin, siguen sin, estorno, no me deja, not "
        "received, no recibi, perdieron, perdio, mi maleta, my order, mi pedido, meu pedido, no sirve"
    ),
    "question": (
        "cuanto, cuando, donde, como puedo, que horario, a que hora, tienen, hacen, puedo, podria, quisiera "
        "saber, consulta, precio, quanto, quando, onde, como faco, que horas, voces tem, gostaria de saber, "
        "preco, how much, when, where, how do, what time, do you, can i, could you, price, is there, are you "
        "open, me gustaria saber, quien, por que, why, cual, qual, se puede, aceptan, aceitam, alguna forma"
    ),
    "suggestion": (
        "sugerencia, sugiero, deberian, estaria bueno, podrian agregar, propongo, sugest, sugir, deveriam, "
        "seria bom, suggest, you should, would be nice, it would be great if, por que no hacen, seria ideal, "
        "ojala, please add, i wish, podiam, deberiais, podriais, please allow, please make, would be good, "
        "would like to see, it would be"
    ),
    "praise": (
        "riquisim, excelente, felicit, encant, buenisim, delicios, espectacular, maravill, genial, el mejor, "
        "la mejor, los mejores, parabens, otimo, otima, adorei, amei, perfeit, incrivel, excellent, amazing, "
        "wonderful, delicious, love your, loved, great service, best, enhorabuena, recomiendo, recomendo, "
        "awesome, well done, muy buen, muito bom, muito boa, super bem"
    ),
    "thanks": "gracias, obrigad, valeu, thank, thanks, cheers, agradec, thx",
    "spam": (
        "bitcoin, seo service, casino, viagra, gana dinero, ganhe dinheiro, crypto, backlinks, sorteo, "
        "sorteio, giveaway, descuento, sin intereses, check out my, subscribe, suscrib, seguidores, coupon, "
        "cupon, inscribete, aprovecha"
    ),
    "anger": (
        "harto, harta, verguenza, estafa, asco, furios, indignad, absurdo, vergonha, fed up, disgrace, "
        "furious, inaceptable, inaceitavel, unacceptable, nunca mas, nunca mais, ladron, mierda, merda, "
        "carajo, wtf, fuck, shit, odio, puta, puto, pinche, porra, caralho, hate, chinga, bosta, maldit"
    ),
    "urgent": (
        "urgente, urgencia, urge, ya mismo, ahora mismo, hoy mismo, alergi, intoxic, hospital, urgent, asap, "
        "right now, agora mesmo, hoje mesmo, emergenc, allerg, poison, robo, robaron, roubaram, stolen, "
        "clonad, clonacion, no reconocid, immediately, perder mi vuelo, fraude, fraud"
    ),
    "legal": (
        "abogad, advogad, lawyer, attorney, defensa del consumidor, procon, profeco, condusef, indecopi, "
        "facua, demandar, demanda colectiva, juicio, processar, processo, justica, sue you, legal action, "
        "denunci, small claims, ombudsman, tribunal, consumidor.gov, sernac"
    ),
    "churn": (
        "nunca mas, nunca mais, never again, me cambio, cambiarme, cancelar mi, cancelar la cuenta, cancelar "
        "minha, dar de baja, darme de baja, cancel my, switching to, leaving you, perder un cliente, "
        "perdieron un cliente, perderam um cliente, lost a customer, lost my business, ultima vez, last time, "
        "trocar de operadora, vou cancelar, cambiaremos, me voy a otra, cerrar mi cuenta"
    ),
    "after_sale": (
        "mi pedido, meu pedido, my order, compre, comprei, i bought, bought, factura, fatura, invoice, "
        "garantia, warranty, mi cuenta, minha conta, my account, devol, cambio, troca, return, refund, "
        "reembols, mi tarjeta, meu cartao, my card, soy cliente, sou cliente, mi vuelo, meu voo, my flight, "
        "contrate, contratei, me cobr, recibi, recebi, ya pague, ja paguei"
    ),
    "before_sale": (
        "cuanto cuesta, cuanto sale, quanto custa, how much, precio, preco, price, tienen stock, tem em "
        "estoque, in stock, quiero comprar, quero comprar, want to buy, hacen envios, fazem entrega, do you "
        "ship, do you sell, venden, vendem, presupuesto, orcamento, quote, promocion, promocao, cuotas, "
        "parcelar, reservar una mesa, reservar mesa, book a table, interesad, interested"
    ),
    "topic.delivery": (
        "envio, entrega, llego, lleg, chegou, chegar, correo, correio, paquete, pacote, deliver, shipping, "
        "ship, package, parcel, frete, retras, atras, delay, late, maleta, equipaje, bagagem, luggage, "
        "baggage"
    ),
    "topic.payment": (
        "cobr, pago, pague, pagar, pagamento, factura, fatura, boleto, reembols, estorno, refund, charge, "
        "payment, paid, invoice, billing, tarjeta, cartao, card, dinero, dinheiro, money, comision"
    ),
    "topic.product": (
        "producto, produto, product, calidad, qualidade, quality, roto, rota, quebrad, broken, defect, "
        "defeito, sabor, taste, talle, tamanho, size, modelo"
    ),
    "topic.service": (
        "atencion, atendimento, atend, servicio, service, staff, empleado, funcionari, mozo, garcom, waiter, "
        "trato, llamada, telefono, telefone, phone, support, soporte, suporte, call cent"
    ),
    "topic.app": (
        "app, aplicacion, aplicativo, web, website, site, pagina, sistema, system, servidor, server, update, "
        "actualiz, atualiz, login, error, bug, internet, wifi, senal, sinal"
    ),
    "topic.account": (
        "cuenta, conta, account, contrasena, senha, password, usuario, cadastro, registr, perfil, acceso, "
        "acesso, access"
    ),
    "topic.price": (
        "precio, preco, price, caro, cara, expensive, barato, cheap, oferta, promo, descuento, desconto, discount"
    ),
    "topic.hours": (
        "horario, abren, abrem, cierran, fecham, abierto, aberto, open, close, domingo, sunday, feriado, holiday, turno"
    ),
    "topic.cancellation": ("cancel, devol, cambio de, troca, return, anular, baja, desist, reservation, reserva"),
    "topic.safety": (
        "alergi, allerg, intoxic, hospital, moho, mofo, mold, mould, robo, fraude, fraud, clonad, stolen, "
        "segur, security, incend, fire"
    ),
}
DEFAULT_TOPICS = tuple(name[6:] for name in STEMS if name.startswith("topic."))
KIND_EVIDENCE = ("complaint", "claim", "question", "suggestion", "praise", "thanks", "spam", "anger", "urgent")


def plain(text: str) -> str:
    """The text folded to what stems are written in: quicker than lib.text.fold, which keeps every script."""
    text = text[:LONGEST].lower().replace("’", "'")
    return text if text.isascii() else unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def found(folded: str) -> dict[str, list[str]]:
    """What the text holds of each category: whole words, each once, as they come."""
    result: dict[str, list[str]] = {}
    categories = _categories()
    for match in _pattern().finditer(folded):
        stem = match[1]
        for category in categories[stem]:
            words = result.setdefault(category, [])
            if match[0] not in words:
                words.append(match[0])
    return result


@cache
def _categories() -> dict[str, tuple[str, ...]]:
    """Each stem's categories, with those of the shorter stems it begins with."""
    own: dict[str, list[str]] = {}
    for category, stems in STEMS.items():
        for stem in stems.split(", "):
            own.setdefault(stem.strip(), []).append(category)
    return {
        stem: tuple(dict.fromkeys(c for n in range(1, len(stem) + 1) for c in own.get(stem[:n], ()))) for stem in own
    }


@cache
def _pattern() -> re.Pattern[str]:
    """All stems as a tree of letters, which looks at each letter once; the rest of the word comes along."""
    return re.compile(rf"\b({_tree(sorted(_categories()))})\w*")


def _tree(stems: Iterable[str]) -> str:
    branches: dict[str, list[str]] = {}
    ends = False
    for stem in stems:
        if stem:
            branches.setdefault(stem[0], []).append(stem[1:])
        else:
            ends = True
    if not branches:
        return ""
    parts = [re.escape(letter) + _tree(rest) for letter, rest in branches.items()]
    joined = parts[0] if len(parts) == 1 and not ends else f"(?:{'|'.join(parts)})"
    return joined + ("?" if ends else "")
