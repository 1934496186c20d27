"""Personal data shown before everybody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from netcenter.guard.draft import Draft, Finding
from netcenter.guard.scene import Rule, Scene
from netcenter.guard.text import fold
from netcenter.guard.whys import _

_SHOWN = _("Everybody reads this, and it says something private of the customer.")

# --- What numbers prove by their check digits -------------------------------------------------------------------------

_CARD = re.compile(r"(?<![\w.])\d(?:[ -]?\d){12,18}(?![\w])")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{1,4}){3,9}(?!\w)")
_NUMBERS = re.compile(r"(?<![\w.,/-])[A-Z]?\d[\d.\-/]{5,17}(?:-?[\dA-Zk])?(?![\w])")
_SSN = re.compile(r"(?<!\w)\d{3}-\d{2}-\d{4}(?!\w)")
_NINO = re.compile(r"(?<!\w)[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)")
_CURP = re.compile(r"(?<!\w)[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z\d]\d(?!\w)")
_NAMED = re.compile(
    r"(?<!\w)(?:dni|d\.n\.i\.?|nie|cedula|c\.i\.|cuit|cuil|rut|run|rfc|curp|cpf|cnpj|rg|nif|nss|pasaporte|"
    r"passaporte|passport|ssn|"
    r"social security(?: number)?|documento|licencia|pin|cvv|cbu|clabe|clave|contrasena|password|senha)"
    r"(?: (?:number|numero|n[o°º]\.?|es|is|e))?\W{0,3}(?P<value>(?=[\w.\-]*\d)[\w.\-]{4,22})"
)
_BIRTH = re.compile(
    r"(?:nacid[oa] el|fecha de nacimiento|date of birth|born on|d\.?o\.?b\.?|nascid[oa] em|"
    r"data de nascimento)\W{0,4}(?:es |is |e )?"
    r"(?P<value>\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}|\d{1,2} (?:de |of )?\w+(?: de)? \d{4})"
)


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        n = int(digit) * (2 if place % 2 else 1)
        total += n - 9 if n > 9 else n
    return total % 10 == 0


def _is_card(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    return 13 <= len(digits) <= 19 and len(set(digits)) > 1 and digits[0] in "23456" and _luhn(digits)


def _is_iban(text: str) -> bool:
    from stdnum import iban

    return bool(iban.is_valid(text, check_country=False))


def _is_identity(text: str) -> bool:
    """Whether check digits say that it is somebody's number. Those of eight bare digits prove nothing."""
    from stdnum.ar import cuit
    from stdnum.br import cnpj, cpf
    from stdnum.cl import rut
    from stdnum.es import dni, nie

    plain = re.sub(r"[.\-/ ]", "", text).upper()
    if plain.isdigit() and plain == text:  # bare digits may be an order
        return False
    kinds: tuple[Callable[[str], bool], ...] = (cpf.is_valid, cnpj.is_valid, dni.is_valid, nie.is_valid, cuit.is_valid)
    return any(valid(plain) for valid in kinds) or ("-" in text and 8 <= len(plain) <= 9 and rut.is_valid(plain))


# --- Addresses and telephones: a company's own are no secret ----------------------------------------------------------

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-zA-Z]{2,}")
_PRIVATE_HOSTS = re.compile(
    r"@(?:gmail|googlemail|hotmail|outlook|live|msn|yahoo|ymail|icloud|me|mac|aol|gmx|proton|protonmail|terra|"
        r"uol|bol|ig|sapo|"
    r"telefonica|movistar|fibertel|arnet|mail|zoho)\.", re.IGNORECASE
)  # fmt: skip
_THEIRS = re.compile(
    r"(?<!\w)(?:tu|su|tus|sus|your|seu|sua|teu|tua|a nombre de|no nome de|under|titular|cliente|customer|sr|"
    r"sra|senora?|mr|mrs|ms|dni|cpf|"
    r"te lo enviamos|se lo enviamos|sent it to|enviamos (?:a|pra|para)|mandamos (?:a|pra|para)|"
    r"in the name)(?!\w)[^.!?]{0,60}$"
)
_PHONE = re.compile(r"(?<![\w/.,])(?:\+|\(?0?)\d[\d ()\-]{6,17}\d(?![\w/])")
_PHONE_NAMED = re.compile(
    r"(?:tel(?:efono|f|\.)?|celular|movil|cel|whatsapp|phone(?: number)?|mobile|cell|telefone|telemovel|"
    r"fone)\W{0,4}(?:es |is |e |numero )?$"
)
_CALL_US = re.compile(
    r"(?:llam\w+|call\w*|lig(?:ue|a|ar|ou|ando)\w*|marc\w+|text|sms|contact\w*|comunic\w+|nuestr\w+|our|"
    r"noss\w+|atencion|linea|line|gratis|"
    r"toll.?free|free of charge|central|sucursal|loja|local|tienda|envi[ae]\w*|manda|disc\w+|escrib\w+|fale|"
    r"ring us|directo|0800|0810|1-800|600)[^.!?]{0,60}$"
)
_ADDRESS = re.compile(
    r"(?<!\w)(?:(?:calle|c/|av(?:\.|enida|da\.?)?|avda\.?|pasaje|pje\.?|paseo|bulevar|bv\.?|carrera|cra\.?|"
    r"diagonal|camino|rua|r\.|travessa|alameda|praca)\s+"
    r"(?:[\w.]+,?\s+){0,4}?(?:n[°º.]?\s*)?,?\s*\d{1,5}|\d{1,5}\s+(?:[a-z]+\s+){1,3}(?:road|street|avenue|ave|"
    r"lane|drive|close|court|way|terrace|crescent|gardens|grove|square|mews|rd|st|blvd|boulevard)(?!\w))"
    r"(?P<inside>,?\s*(?:piso|depto\.?|dpto\.?|departamento|apto\.?|apartamento|apartment|apt\.?|flat|unit|"
    r"bloco|andar|interior|int\.|ap\.?|escalera|puerta|\d+º)\s*\w+)?"
)
_BROUGHT = re.compile(  # to where somebody lives
    r"(?<!\w)(?:deja\w+|dejo|entreg\w+|recibi\w+|left|deliver\w+|dropped|signed for|deix\w+|"
    r"receb\w+)(?!\w)[^.!?]{0,40}$"
)
_HOME = re.compile(
    r"(?<!\w)(?:tu|su|your|sua|seu|tua|na sua|the customer's)\s+(?:domicilio|casa|direccion|edificio|hogar|"
    r"departamento|home|house|address|flat|apartment|residencia|endereco|morada)[^.!?]{0,30}$"
)


def _shown(scene: Scene) -> Iterator[Finding]:
    if not scene.draft.public:
        return
    told: list[tuple[int, int]] = []
    for start, end, instead in _places(scene):
        if not any(start < b and a < end for a, b in told):
            told.append((start, end))
            yield Finding("personal_data_shown", "block", start, end, _SHOWN, instead)


def _places(scene: Scene) -> Iterator[tuple[int, int, str]]:
    """Where in the original, and what to show instead."""
    text, folded = scene.draft.text, scene.text
    for match in _CARD.finditer(text):
        if _is_card(match.group()):
            yield *match.span(), "•••• " + re.sub(r"\D", "", match.group())[-4:]
    for match in _IBAN.finditer(text):
        if _is_iban(match.group()):
            yield *match.span(), "•••• " + re.sub(r"\W", "", match.group())[-4:]
    for pattern in (_SSN, _NINO, _CURP):
        for match in pattern.finditer(text):
            yield *match.span(), "•••"
    for match in _NUMBERS.finditer(text):
        if _is_identity(match.group()):
            yield *match.span(), "•••"
    for pattern in (_NAMED, _BIRTH):
        for match in pattern.finditer(folded):
            a, b = match.span("value")
            yield scene.folded.at(a), scene.folded.at(b), "•••"
    yield from _accounts_and_debts(scene)
    yield from _health(scene)
    yield from _emails(scene)
    yield from _addresses(scene)
    yield from _phones(scene)


_ACCOUNT = re.compile(
    r"(?<!\w)(?:cuenta|conta|account|poliza|apolice|policy|tarjeta|cartao|card|expediente|contrato|sort code)"
    r"(?: (?:number|numero|n[o°º]\.?|no\.?|bancaria|corriente|corrente|ending(?: in)?|terminad[ao] (?:en|em)|final))*"
    r"\W{0,3}(?P<value>\d[\d\-. ]{4,}\d)"
)
_DEBT = re.compile(
    r"(?<!\w)(?:deudas?|dividas?|debts?|owe[sd]?|(?:le|te) debe|debe[sn]?|deve|saldo|balance|sueldo|salario|salary|"
    r"ingresos|income|renda|limite)(?: (?:us|a|de|of|is|es|e|por|pendiente|pendente|outstanding|total))*\W{0,3}"
    r"(?P<value>(?:[$€£]|r\$|us\$|s/) ?\d[\d.,]*|\d[\d.,]* ?(?:pesos|euros?|reais|soles|dolares|pounds|dollars|usd|"
    r"quid))"
)
_OURS = re.compile(r"(?<!\w)(?:nuestr[oa]s?|our|noss[oa]s?)(?!\w)[^.!?]{0,30}$")
_OF_THEM = re.compile(
    r"(?<!\w)(?:tu|su|tus|sus|usted|tienes|tenes|tiene|figura\w*|consta\w*|registra\w*|aparece\w*|your|you|seu|sua|"
    r"voce|"
    r"tem|teu|tua)(?!\w)"
)
_ILLNESS = re.compile(
    r"(?<!\w)(?:depresi\w+|depress\w+|cancer\w*|vih|hiv|diabet\w+|embaraz\w+|gravid[ae]\w*|pregnan\w+|psiquiatr\w+|"
    r"psychiatr\w+|esquizofren\w+|schizophren\w+|bipolar\w*|epilep\w+|alzheimer|hepatitis|quimioterapia|chemo\w*|"
    r"aborto|"
    r"abortion|miscarriage|alcoholi\w+|adiccion\w*|addiction\w*|(?:heart|medical|health|mental|"
    r"pre-?existing) condition|"
    r"(?:historia|historial|ficha) clinic[oa]|prontuario|medical (?:records?|history)|(?:gp|doctor)(?:'s)? notes|"
    r"enfermedad\w*|doencas?|illness\w*|(?:su|tu|seu|sua|your) diagnos\w+|tumor\w*|infarto\w*|autis\w+|discapacidad|"
    r"deficiencia)(?!\w)"
)
_TOLD_BY_THEM = 5  # letters of a word that the customer used first


def _accounts_and_debts(scene: Scene) -> Iterator[tuple[int, int, str]]:
    """What they have, owe, and under which number; but not what they wrote themselves, nor a number of ours."""
    theirs = re.sub(r"\D", "", " ".join(scene.draft.messages))
    for pattern in (_ACCOUNT, _DEBT):
        for match in pattern.finditer(scene.text):
            start, end = scene.sentence_at(match.start())
            digits = re.sub(r"\D", "", match["value"])
            ours = _OURS.search(scene.text[max(0, match.start() - 40) : match.start()])
            if digits not in theirs and not ours and _OF_THEM.search(scene.text[start:end]):
                a, b = match.span("value")
                yield scene.folded.at(a), scene.folded.at(b), "•••"


def _health(scene: Scene) -> Iterator[tuple[int, int, str]]:
    """Their illness, where they did not speak of it before everybody themselves."""
    theirs = fold(" ".join((*scene.draft.earlier, *scene.draft.messages)))
    for match in _ILLNESS.finditer(scene.text):
        start, end = scene.sentence_at(match.start())
        if match.group()[:_TOLD_BY_THEM] not in theirs and _OF_THEM.search(scene.text[start:end]):
            yield scene.folded.at(match.start()), scene.folded.at(match.end()), "•••"


# A box that belongs to an office, not to somebody.
_OFFICE = re.compile(
    r"(?:info|hello|hola|ola|help|support|soporte|suporte|ayuda|ajuda|legal|sales|ventas|vendas|contact[oe]?|billing|"
    r"facturacion|cobranzas?|atencion|atendimento|customer\.?(?:care|service)s?|care|service|servicio|reclamos|"
    r"reclamaciones|reclamacoes|ouvidoria|sac|privacy|privacidad|security|seguridad|press|prensa|jobs|admin|office|"
    r"oficina|team|equipo|claims|complaints|refunds|bookings?|reservas|postventa)(?:[._-]\w+)?@",
    re.IGNORECASE,
)


def _emails(scene: Scene) -> Iterator[tuple[int, int, str]]:
    for match in _EMAIL.finditer(scene.draft.text):
        before = scene.text[max(0, match.start() - 80) : match.start()]
        if _PRIVATE_HOSTS.search(match.group()) or (_THEIRS.search(before) and not _OFFICE.match(match.group())):
            yield *match.span(), "•••"


def _addresses(scene: Scene) -> Iterator[tuple[int, int, str]]:
    for match in _ADDRESS.finditer(scene.text):
        before = scene.text[max(0, match.start() - 60) : match.start()]
        if match["inside"] or _HOME.search(before) or _BROUGHT.search(before):
            yield scene.folded.at(match.start()), scene.folded.at(match.end()), "•••"


def _phones(scene: Scene) -> Iterator[tuple[int, int, str]]:
    for match in _PHONE.finditer(scene.text):
        number = match.group().strip()
        before = scene.text[max(0, match.start() - 90) : match.start()]
        owned = _PHONE_NAMED.search(before) or _THEIRS.search(before)
        if not owned or _CALL_US.search(before) or not _is_phone(number, scene):
            continue
        start = match.start() + match.group().index(number)
        yield scene.folded.at(start), scene.folded.at(start + len(number)), "•••"


_REGIONS = {"es": ("ES", "AR", "MX", "CL", "CO", "PE", "UY"), "pt": ("BR", "PT"), "en": ("US", "GB", "IE")}


def _is_phone(number: str, scene: Scene) -> bool:
    """A number that a person can have; those that cost nothing or more than usual are a company's."""
    import phonenumbers

    kinds = phonenumbers.PhoneNumberType
    private = {kinds.MOBILE, kinds.FIXED_LINE, kinds.FIXED_LINE_OR_MOBILE, kinds.PERSONAL_NUMBER}
    for region in (None,) if number.startswith("+") else _REGIONS[scene.language]:
        try:
            parsed = phonenumbers.parse(number, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            return phonenumbers.number_type(parsed) in private
    return False


# --- In somebody's own words ------------------------------------------------------------------------------------------

_LONG = re.compile(r"(?<![\w.,/])\+?\(?\d(?:[ .()/\-]{0,2}\d){6,}(?!\w)")
DAY = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-](?:\d{2}|\d{4})|\d{4}-\d{2}-\d{2}")


def personal_in(text: str, language: str = "") -> list[tuple[int, int, str]]:
    """(start, end, what) of all that may be personal in a text. Wider than what the guard stops: what is only masked
    may be masked once too often, so every mail, address and long number counts, whoever's it is.
    """
    scene = Scene(Draft(text=text, language=language))
    found = [(*m.span(), "card") for m in _CARD.finditer(text) if _is_card(m.group())]
    found += [(*m.span(), "iban") for m in _IBAN.finditer(text)]
    found += [(*m.span(), "email") for m in _EMAIL.finditer(text)]
    for pattern, what in ((_NAMED, "document"), (_BIRTH, "birth")):
        spans = (m.span("value") for m in pattern.finditer(scene.text))
        found += [(scene.folded.at(a), scene.folded.at(b), what) for a, b in spans]
    found += [(*m.span(), "document") for pattern in (_SSN, _NINO, _CURP) for m in pattern.finditer(text)]
    found += [(*m.span(), "document") for m in _NUMBERS.finditer(text) if _is_identity(m.group())]
    spans = (m.span() for m in _ADDRESS.finditer(scene.text))
    found += [(scene.folded.at(a), scene.folded.at(b), "address") for a, b in spans]
    found += [(*m.span(), "number") for m in _LONG.finditer(text) if not DAY.fullmatch(m.group())]
    apart: list[tuple[int, int, str]] = []
    for start, end, what in sorted(found, key=lambda f: (f[0], -f[1])):
        if not apart or start >= apart[-1][1]:
            apart.append((start, end, what))
    return apart


RULES = (Rule("personal_data_shown", "block", "law", _shown),)
