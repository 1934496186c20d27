"""The grammar of mockery: small signs that mean little alone and much together, in a cold answer to a complaint."""

from __future__ import annotations

import re
from collections.abc import Callable

from netcenter.guard.bearing import is_cold
from netcenter.guard.scene import Scene
from netcenter.guard.text import NUMBERS, Phrases, fold, words

_ENOUGH = 2

# Titles that nobody means: behind a comma, before the end.
_TITLES = re.compile(
    r"(?:^|[,¿¡!?.] ?)(?:(?:a ver|mira|mire|oye|oiga|escucha|bueno|"
    r"ok|okay|okey|wow|sure|right|well|listen|look|yeah|olha|ouve|escuta|entao|ai|pues|che|(?:ja|je|ha|he){2,}|kk+|"
    r"lol),? )*"
    r"(?:mi |my |meu |minha )?(?P<title>campeon[a]?|princesa|reina|rey|rei|rainha|majestad|majestade|"
    r"alteza|maestro|maestra|genio|genia|crack|fiera|maquina|amiguit[oa]|amiguinh[oa]|corazon|mi amor|cielo|jef[ea]|"
    r"lumbreras|listill[oa]|su excelencia|excelencia|campeao|campea|queridinh[oa]|madame|sabichao|meu bem|chefia|"
    r"champ|princess|sunshine|sweetheart|sweetie|genius|sherlock|einstein|professor|your (?:majesty|highness|"
    r"lordship|ladyship|grace)|drama queen|buttercup|snowflake)(?= ?[.!?,…]|$)"
)
# Too grand for the matter.
_GRAND = Phrases(
    es=r"""
        alfombra roja|monumento|estatua|medalla|trofeo|nobel|oscar|onu|naciones unidas|tragedia|dramas?|apocalipsis|
        catastrofe|violin\w*|terapia|psicolog\w+|helicoptero|rescate|ambulancia|guerra mundial|fin del mundo|castillo|
        mayordomo|champan|caviar|masajes?|himno|duelo nacional|minuto de silencio|telenovela|novela|pelicula|
        corona|trono|estrella michelin|a (?:su|tu) (?:pedido|medida|gusto)|milagros?""",
    en=r"""
        red carpet|united nations|nobel|oscars?|medal|trophy|statue|monument|violins?|orchestra|rescue (?:team|party)|
        helicopter|coast ?guard|therap(?:y|ist)|national (?:tragedy|crisis|drama|emergency)|world war|tragedy|tragic|
        drama|catastrophe|apocalypse|calamity|survive|butler|champagne|caviar|massage|throne|crown|a minute'?s silence|
        soap opera|parliament|prime minister|the pope|miracles?|bedtime|lullaby|michelin""",
    pt=r"""
        tapete vermelho|monumento|estatua|medalha|trofeu|nobel|oscar|onu|tragedia|dramas?|apocalipse|catastrofe|
        violino|terapia|psicolog\w+|helicoptero|resgate|ambulancia|guerra mundial|fim do mundo|mordomo|caviar|
        champanhe|massagem|castelo|hino|luto nacional|minuto de silencio|novela|coroa|trono|milagres?|papa|
        estrela michelin""",
)  # fmt: skip
# Or did you expect to be carried?
_OR_DID_YOU = re.compile(
    r"(?:^|[.!?…] ?¿?)(?:o|or|ou|acaso|y|and|e) (?:acaso |que |que es que |talvez |maybe |perhaps )?(?:queria|querias|"
    r"esperaba|esperabas|pretend\w+|quiere|quieres|queres|necesita|quer|esperava|precisa|achou|creia|penso|"
    r"(?:did|do|were|would|should|shall|are) (?:you|we|i) (?:\w+ )?(?:want|expect|hop\w+|like|need|prefer|think|come|"
    r"send|call|read|bring)\w*)[^.!?]*\?"
)
_SHALL_WE_CALL = re.compile(
    r"(?<!\w)(?:quiere|quieres|queres|quer|querem|shall|should|want|would you like|do you want)(?: que)?"
    r"(?: (?:nos|we|us to|a gente|me|nosotros))? ?(?:\w+ )?(?:llam|avis|mand|cham|envi|call|notify|alert|send|fetch)\w*"
    r"[^.!?]*\?"
)
_CONGRATULATES = re.compile(
    r"^\W*(?:wow,? |vaya,? |nossa,? |ah,? |oh,? )?(?:felicidades|felicitaciones|enhorabuena|bravo|congratulations|"
    r"congrats|well done|parabens|lucky you|sortud[oa]|que suerte|que sorte|suertud[oa]|how lucky|aplausos)(?!\w)"
)
_ON_THE_HOUSE = re.compile(
    r"(?<!\w)(?:por cuenta de la casa|cortesia de la casa|va de regalo|por conta da casa|cortesia da casa|"
    r"on the house|is complimentary|free of charge|normalmente (?:se |a gente |lo |la )?cobra\w*|"
    r"(?:usually|normally) charge)(?!\w)"
)
_EXCLAIMS = re.compile(
    r"^\W*(?:oh|ah|uy|huy|ay|vaya|wow|guau|nossa|caramba|heavens|goodness|gosh|gee|dear me|oh dear|blimey|ui|eita|"
    r"que horror|what a|que (?:tragedia|drama|horror|sufrimiento|sofrimento|calvario|barbaridad|barbaridade|susto)|"
    r"menud[oa]|pobre(?:cit[oa])?|poor (?:you|thing)|coitad\w+|imagin\w+ (?:el|la|o|a|the|how))(?!\w)"
)
_OF_COURSE = re.compile(
    r"^\W*(?:(?:ah|oh|si|yes|sim|sure),? )?(?:claro|por supuesto|obvio|obviamente|naturalmente|faltaba mas|of course|"
    r"naturally|obviously|logico|com certeza|because|porque)(?: que (?:si|sim))?(?!\w)"
)
_NEXT_TIME = re.compile(
    r"(?<!\w)(?:la proxima|next time|da proxima|na proxima)(?: vez)?,? (?:le |te |les |we'll |we will |a gente |vamos )"
)
_BET = re.compile(
    r"(?<!\w)(?:i bet|we bet|we're sure|i'm sure|aposto que|seguro que|estamos seguros de que|com certeza o|"
    r"dicen que ayuda|they say it helps|dizem que ajuda)(?!\w)"
)
_DIMINUTIVE = {
    "es": re.compile(r"(?<!\w)(\w{2,}?)(?:c)?it[oa]s?(?!\w)"),
    "pt": re.compile(r"(?<!\w)(\w{2,}?)(?:z)?inh[oa]s?(?!\w)"),
    "en": re.compile(r"(?<!\w)(?:teeny|tiny|ickle|little bit of|a (?:wee|little|bit of)) (\w{4,})"),
}
_LAUGHS = re.compile(r"(?<!\w)(?:(?:ja|je|ha|he){2,}\w?|k{3,}|(?:rs){2,}|lo+l|lmao|rofl)(?!\w)|[😂🤣😹]")
_STEM, _NOUN, _SHORT_ECHO = 4, 5, 7


def mocks(scene: Scene) -> int | None:
    """Where the draft mocks, or None: two small signs, or one that nobody gives in earnest."""
    if not is_cold(scene):
        return None
    weight, first = 0, len(scene.text)
    theirs = {NUMBERS.get(word, word)[:_STEM] for word in words(fold(" ".join(scene.draft.messages)))}
    for sign, worth in _SIGNS:
        place = sign(scene, theirs)
        if place is not None:
            weight, first = weight + worth, min(first, place)
    return first if weight >= _ENOUGH else None


def _found(pattern: re.Pattern[str]) -> Callable[[Scene, set[str]], int | None]:
    def look(scene: Scene, _theirs: set[str]) -> int | None:
        match = pattern.search(scene.text)
        return match.start() if match else None

    return look


def _congratulated(scene: Scene, _theirs: set[str]) -> int | None:
    """Wished joy of a grievance."""
    return 0 if scene.mood.grievance and _CONGRATULATES.match(scene.text) else None


def _grand(scene: Scene, theirs: set[str]) -> int | None:
    """A grand word that the customer did not use."""
    places = (m.start() for m in scene.every(_GRAND) if not {w[:_STEM] for w in words(m.group())} & theirs)
    return next(places, None)


def _made_small(scene: Scene, theirs: set[str]) -> int | None:
    """What they complained of, made small: "manchita"."""
    for match in _DIMINUTIVE[scene.language].finditer(scene.text):
        if len(match[1]) >= _STEM - 1 and any(t[: len(match[1])] == match[1][:_STEM] for t in theirs):
            return match.start()
    return None


def _echo(scene: Scene, theirs: set[str]) -> int | None:
    """Their own words, asked back in short: "Forty minutes?"."""
    for start, end in scene.sentences[:2]:
        said = words(scene.text[start:end])
        heavy = {NUMBERS.get(word, word)[:_STEM] for word in said if len(word) >= _NOUN or word in NUMBERS}
        asked = scene.text[start:end].rstrip().endswith("?") and len(said) <= _SHORT_ECHO
        if asked and heavy & theirs:
            return start
    return None


_SIGNS: tuple[tuple[Callable[[Scene, set[str]], int | None], int], ...] = (
    (_found(_TITLES), 2), (_made_small, 2), (_found(_OR_DID_YOU), 2), (_congratulated, 2),
    (_found(_SHALL_WE_CALL), 1), (_grand, 1), (_found(_ON_THE_HOUSE), 1), (_found(_EXCLAIMS), 1),
    (_found(_OF_COURSE), 1), (_found(_LAUGHS), 1), (_found(_NEXT_TIME), 1), (_found(_BET), 1), (_echo, 1),
)  # fmt: skip
