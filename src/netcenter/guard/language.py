"""Which of our languages a text is in, by its small words; sure or silent, since a wrong guess would block."""

from __future__ import annotations

from functools import lru_cache

from netcenter.guard.text import fold, words

_SMALL = {
    "es": """no el la los las un una unos y o que de del en con por para se te le les lo su sus tu tus mi nos al es son
        esta estan fue hay ya pero muy mas cuando donde como hola gracias buenos buenas dias tienes tenes
        tiene puedes podes puede hoy manana ayer ahora aqui aca pedido usted ustedes hasta desde sin porque
        tambien este esto eso lamentamos disculpas perdon nuestro nuestra estamos favor siempre sos eres voy
        hacer quiero tengo nada todo todos ni llego llega nunca dinero tienda cuenta necesito sigo otra vez
        veces estoy sigue vuestro entendemos pasar nos ningun algo dos""",
    "pt": """o a os as um uma uns e ou que de do da dos das em no na nos nas com por para pra se te lhe seu sua seus meu
        minha nossa nosso ao e sao esta estao foi ha ja mas muito mais quando onde como ola oi obrigado
        obrigada bom boa dia voce voces tem pode hoje amanha ontem agora aqui pedido ate desde sem porque
        tambem este isso isto nao pedimos desculpas desculpe desculpa sentimos estamos favor sempre gente
        vai fazer quero tenho nada tudo todos nem chegou chega nunca dinheiro loja conta preciso outra vez
        vezes estou cansada ainda vcs cade faz veio sou entendemos mandei consigo dois duas novo pelo pela
        foram ter senhor senhora mesmo""",
    "en": """the a an and or that of in on with by for to you your we our us is are was were it its this these but very
        more when where how hello hi thanks thank can could will would today tomorrow yesterday now here
        order have has had not be been from at if so my me do does did i'm we're i they there what please
        sorry about got get still never yes just all out again why who need want i no any one""",
    "fr": """le la les un une et ou que de du des en avec pour se vous votre nous notre au est sont dans ce cette mais
        tres plus quand comme bonjour merci pas je il elle sur oui commande""",
    "it": """il lo la gli le un una e o che di del della in con per si ti il suo sua nostro al sono questo ma molto piu
        quando dove come ciao grazie non ho hai abbiamo siamo ordine""",
    "de": """der die das ein eine und oder dass von in mit fur sich sie ihr wir unser ist sind war dieser aber sehr wenn
        wo wie hallo danke nicht haben ich du zu auf bestellung""",
}  # fmt: skip
_VOCABULARY = {language: frozenset(text.split()) for language, text in _SMALL.items()}
_LETTERS = {"ã": "pt", "õ": "pt", "ç": "pt", "ñ": "es", "¿": "es", "¡": "es"}
_ENOUGH, _AHEAD, _SHARE = 3.0, 1.5, 0.2


@lru_cache(maxsize=1024)
def language_of(text: str) -> str:
    """es, en, pt, another that is none of ours (fr, it, de), or "" when the text does not say clearly."""
    said = words(fold(text))
    told = [word for word in said if any(word in small for small in _VOCABULARY.values())]
    score = dict.fromkeys(_VOCABULARY, 0.0)
    for word in told:
        speakers = [language for language, small in _VOCABULARY.items() if word in small]
        for language in speakers:
            score[language] += 1.0 / len(speakers)
    for letter, language in _LETTERS.items():
        if letter in text.lower():
            score[language] += 1.5
    first, second = sorted(score.values(), reverse=True)[:2]
    if first < _ENOUGH or first < _AHEAD * second or len(told) < _SHARE * len(said):
        return ""
    return max(score, key=lambda language: score[language])


def likely_language(texts: tuple[str, ...], otherwise: str = "es", lean: int = 0) -> str:
    """The likeliest of our three; a bet, for choosing which words to look for.

    `lean` small words speak beforehand for `otherwise`: "Me estafaron" holds one word, and English has it too.
    """
    text = " ".join(texts)
    sure = language_of(text)
    if sure in ("es", "en", "pt"):
        return sure
    said = words(fold(text))
    count = {code: sum(word in _VOCABULARY[code] for word in said) for code in ("es", "en", "pt")}
    for letter, code in _LETTERS.items():
        count[code] += 3 * (letter in text.lower())
    count[otherwise] = count.get(otherwise, 0) + lean
    best = max(count, key=lambda code: (count[code], code == otherwise))
    return best if count[best] else otherwise
