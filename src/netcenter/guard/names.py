"""To whom, for whom and in which language it speaks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from netcenter.guard.draft import Finding
from netcenter.guard.language import language_of, likely_language
from netcenter.guard.scene import Rule, Scene
from netcenter.guard.text import fold
from netcenter.guard.whys import _

_NAME = r"[A-ZÁÉÍÓÚÑÂÊÔÃÕÇ][\w'’-]+"
_GREETED = re.compile(
    r"^\W*(?:hola|buenas(?: tardes| noches)?|buen(?:os)? d[ií]as?|estimad[oa]|querid[oa]|apreciad[oa]|hi|hello|"
    r"hey|dear|"
    r"good (?:morning|afternoon|evening)|oi|ol[aá]|bom dia|boa (?:tarde|noite)|prezad[oa]|car[oa])"
    r",?\s+(?P<title>(?:don|doña|sr|sra|señora?|señor|mr|mrs|ms|miss|dr|dra|senhora?|"
    r"senhor)\.?\s+)?(?P<name>(?-i:" + _NAME + r"))",
    re.IGNORECASE,
)
_CALLED = re.compile(r"^\W*(?P<name>" + _NAME + r")(?P<title>(?!))?(?:,|:| -| –)\s")  # "Pablo, sorry: …"
_FIRST_NAMES = frozenset(
    """adriana agustin aisha alberto alejandra alejandro alex alice alicia alvaro amanda ana andrea andres angel angela
    anna antonio arturo ben bianca bob bruna bruno camila carla carlos carmen carolina cecilia charles charlie chris
    clara claudia claudio cristian cristina daniel daniela david diana diego eduardo elena eliana elisa emiliano emily
    emma enrique ernesto esteban eva fabiana facundo federico felipe fernanda fernando florencia francisca francisco
    gabriel gabriela george gloria gonzalo grace guillermo gustavo hannah hector hugo ignacio iker ines inigo irene
    isabel itzel ivan jack james javier jennifer jesus jimena joana joao jorge jose joseph juan juana julia julian
    juliana julieta julio karen kate laura leandro leticia liam lorena lucas lucia luciana luis luisa manuel manuela
    marcela marcelo marco marcos maria mariana mariano marta martin mateo matias mauricio mercedes michael miguel monica
    natalia nerea nicolas nora norma oliver oscar pablo paola patricia paul paula paulo pedro peter priya rafael ramiro
    ramon raquel raul renata ricardo roberto rodrigo rosa rosario ruben sabrina samuel sandra santiago sara sarah
    sebastian sergio silvia sofia sonia sophie susana teresa thiago thomas tiago tom tomas valentina valeria vanessa
    veronica victor victoria vinicius virginia william ximena yolanda""".split()  # noqa: SIM905
)  # a word that begins a sentence before a comma is taken for a name only from among these
_NO_NAMES = frozenset(
    """gracias buenas buenos buen lamentamos sentimos perdon disculpa disculpe si no que te le tu su para por como
    hoy equipo cliente usuario usuaria senor senora amigo amiga todos todas there thanks thank sorry we your
    you yes team all everyone customer friend sir madam obrigado obrigada desculpe desculpa pedimos sim nao
    tem que bom boa hola hi hello valued user guest cara caro aqui claro""".split()  # noqa: SIM905
)
_SAYS_NAME = re.compile(
    (
        r"(?:(?<!no )\bsoy (?:la |el )?|\b(?:hi|hello|hey|morning|evening)\W+it's |\bme llamo |\bmi nombre es |"
        r"\bi'm |\bthis is |\bmy name is |\bme chamo |"
        r"\bmeu nome [eé] |\b(?:sou|aqui [eé]) (?:a |o )?)(?P<name>(?-i:"
    )
    + _NAME
    + r"))|\b(?P<here>(?-i:"
    + _NAME
    + r")) here\b|\bthis is (?P<this>(?-i:"
    + _NAME
    + r"))",
    re.IGNORECASE,
)
_SIGNS = re.compile(
    r"(?:gracias|saludos|atte\.?|atentamente|cordialmente|thanks|regards|best|cheers|sincerely|obrigad[oa]|"
    r"abra[cç]os?|att\.?|cumprimentos)[,.!\s-]+"
    r"(?P<name>(?-i:" + _NAME + r"))(?:\s+(?-i:" + _NAME + r")){0,2}\W*$",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"(?:(?:gracias|thank you|thanks|obrigad[oa]) (?:por|for|pelo) (?:escribir|contactar|comunicarte|"
    r"comunicarse|contacting|choosing|writing to|entrar em contato)\w*"
    r"(?: (?:con|a|com|to|in touch with))*(?: (?:la|o|a))?|\bequipo(?: de)?|\bequipe(?: d[ae])?|\bteam|"
    r"\bde parte de|\ben nombre de|\bon behalf of|\bem nome d[ao]|"
    r"\bsoy \w+,? de|\bi'm \w+ (?:from|at)|"
    r"\bsou \w+,? d[ao])\s+(?P<brand>(?-i:[A-Z][\w&]+(?: [A-Z][\w&]+){0,2}))",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"@([A-Za-z][\w]{2,30})")
_ALIKE = 0.6


def _same_person(one: str, other: str) -> bool:
    """Names that share their beginning or most letters, or of which one is short for the other, are the same."""
    a, b = fold(one), fold(other)
    return (
        a[:3] == b[:3]
        or a in b
        or b in a
        or SequenceMatcher(None, a, b).ratio() >= _ALIKE
        or b in _PET.get(a, ())
        or a in _PET.get(b, ())
    )


_PET = {
    name: tuple(pets.split())
    for name, pets in {
        "jose": "pepe ze joe", "francisco": "paco pancho curro chico frank", "ignacio": "nacho",
        "guadalupe": "lupe lupita", "william": "bill billy will", "robert": "bob bobby", "richard": "dick rick",
        "elizabeth": "liz beth betty libby", "margaret": "peggy maggie meg", "dolores": "lola", "concepcion": "concha",
        "rosario": "charo", "enrique": "quique", "jesus": "chus chuy", "luis": "lucho", "eduardo": "lalo edu",
        "alejandro": "jano ale sandro", "maria": "mery mari", "antonio": "tono toni tuca", "james": "jim jimmy",
        "john": "jack", "katherine": "kate kathy kitty", "graciela": "chela", "consuelo": "chelo",
        "henry": "harry hank",
    }.items()
}  # fmt: skip


def _own_names(scene: Scene) -> list[str]:
    """What customers call themselves in their messages."""
    names = []
    for message in (*scene.draft.earlier, *scene.draft.messages):
        for match in [*_SAYS_NAME.finditer(message), *_SIGNS.finditer(message)]:
            name = next(value for value in match.groups() if value)
            if fold(name) not in _NO_NAMES:
                names += [name, *re.findall(_NAME, message[match.start() :][:60])]
    return names


def _wrong_name(scene: Scene) -> Iterator[Finding]:
    """A name that customers gave themselves is sure; that of a profile may be a nickname."""
    match = _GREETED.match(scene.draft.text) or _CALLED.match(scene.draft.text)
    if match is not None and match.re is _CALLED and fold(match["name"]) not in _FIRST_NAMES:
        return
    if match is None or fold(match["name"]) in _NO_NAMES or not match["name"][1:].islower():  # PapaOso is a handle
        return
    own, profile = _own_names(scene), scene.draft.customer_name
    known = own + (re.findall(_NAME, profile) if not re.search(r"[\d_]", profile) else [])
    if known and not any(_same_person(match["name"], name) for name in known):
        why, right = _("The customer has another name."), known[0] if not match["title"] else None
        yield Finding("wrong_name", "block" if own else "warn", *match.span("name"), why, right)


def _no_name(scene: Scene) -> Iterator[Finding]:
    name = scene.draft.customer_name.split(" ")[0]
    if not name or any(part in scene.text for part in fold(scene.draft.customer_name).split() if len(part) > 2):
        return
    greeting = re.match(r"\W*(?:hola|hi there|hi|hello|hey|oi|ol[aá])(?=\W)", scene.draft.text, re.IGNORECASE)
    place = greeting.end() if greeting else 0
    yield Finding(
        "no_name", "inform", place, place, _("They told us their name: use it."), f" {name}" if greeting else None
    )


def _wrong_brand(scene: Scene) -> Iterator[Finding]:
    text, draft = scene.draft.text, scene.draft
    ours = [fold(draft.brand).replace(" ", "")] if draft.brand else []
    spoken = fold(" ".join((*draft.earlier, *draft.messages))).replace(" ", "")
    for other in draft.other_brands:
        for match in re.finditer(rf"(?<!\w){re.escape(other)}(?!\w)", text, re.IGNORECASE):
            inside = draft.brand and fold(other) in fold(draft.brand)
            longer = draft.brand and text[match.start() :].lower().startswith(draft.brand.lower())
            if not inside and not longer and fold(other).replace(" ", "") not in spoken:
                yield Finding(
                    "wrong_brand", "block", *match.span(), _("This is another brand's name."), draft.brand or None
                )
                return
    handles = [fold(handle) for message in (*draft.earlier, *draft.messages) for handle in _HANDLE.findall(message)]
    signed = _FROM.search(text)
    if signed is None or not (ours or handles):
        return
    named = fold(signed["brand"]).replace(" ", "")
    if (
        any(named in known or known in named or named[:4] == known[:4] for known in [*ours, *handles])
        or named in spoken
    ):
        return
    if signed["brand"].split()[0].lower() in ("atención", "soporte", "support", "customer", "social", "care"):
        return
    if handles:
        yield Finding(
            "wrong_brand", "block", *signed.span("brand"), _("This is another brand's name."), draft.brand or None
        )


_SAYS_SO = re.compile(
    r"(?<!\w)(?:in english|english support|en (?:ingles|espanol|portugues)|em (?:ingles|espanhol|portugues)|"
    r"in (?:spanish|portuguese))(?!\w)"
)


def _wrong_language(scene: Scene) -> Iterator[Finding]:
    own = scene.own_language
    if not own:
        return
    if _SAYS_SO.search(scene.text):
        return
    messages, case = scene.draft.messages, scene.case_language
    theirs = language_of("\n".join(messages))
    if not theirs and (not messages or likely_language(messages, case) != own):
        theirs = case
    if theirs and own != theirs:
        yield scene.finding(
            "wrong_language", "block", (0, len(scene.text)), _("The customer writes in another language.")
        )


RULES = (
    Rule("wrong_name", "block", "seeds", _wrong_name),
    Rule("wrong_brand", "block", "seeds", _wrong_brand),
    Rule("wrong_language", "block", "seeds", _wrong_language),
)
COURTESY = (Rule("no_name", "inform", "van Noort–Willemsen", _no_name),)
