"""Personal data asked for before everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator

from netcenter.guard.draft import Finding
from netcenter.guard.place import PRIVATE_PLACE
from netcenter.guard.say import say
from netcenter.guard.scene import Rule, Scene
from netcenter.guard.text import Phrases
from netcenter.guard.whys import _

_ASKED = _("They would write their data where everybody reads them. Ask in private.")

_DATA_ES = (
    r"(?:dni|nie|cedula|cuit|cuil|rut|rfc|curp|nif|pasaporte|documento(?: de identidad)?|(?:el |"
    r"los )?numeros? (?:de )?(?:(?:tu|su|la|el|tus) )?(?:tarjeta|cuenta|documento|telefono|celular|movil|contacto|"
    r"whatsapp)|tarjeta|cuenta bancaria|cbu|clabe|clave|contrasena|password|pin|cvv|codigo de seguridad|domicilio|"
    r"direccion|telefono|celular|whatsapp|correo(?: electronico)?|e-?mail|mail|fecha de nacimiento|"
    r"nombre(?: y apellidos?| completo)|apellidos?|codigo postal|datos (?:personales|de contacto|bancarios))"
)
_DATA_EN = (
    r"(?:(?:phone|mobile|cell|contact|card|bank account|account|passport|social security|national insurance|"
    r"driver'?s licen[cs]e|routing)(?: \w+)? (?:number|details)|ssn|date of birth|dob|full name|(?:home |postal |"
    r"e-?mail |email )?address|e-?mail|post ?code|zip(?: code)?|password|passcode|pin|cvv|security code|passport|"
    r"card details|personal details|bank details)"
)
_DATA_PT = (
    r"(?:cpf|cnpj|rg|nif|passaporte|documento|(?:os )?numeros? d[oa]s? (?:(?:seu|sua) )?(?:cartao|conta|documento|"
    r"telefone|celular|telemovel)|cartao|conta bancaria|senha|pin|cvv|codigo de seguranca|endereco|morada|telefone|"
    r"celular|telemovel|whatsapp|e-?mail|data de nascimento|nome completo|cep|codigo postal|dados (?:pessoais|"
    r"bancarios|de contato))"
)
_ASKING_ES = (
    r"(?:indica|indique|indiques|indicanos|indiquenos|indicame|envia|envie|envianos|envienos|enviame|"
    r"pasa(?! (?:a (?:tod|much|cualq|veces|menud|vari)|por|cuando|mucho|seguido|"
    r"siempre|si(?!\w)|que|algo))|pase|"
    r"pasanos|pasenos|pasame|deja|deje|dejanos|dejenos|dejame|comparte|comparta|compartenos|compartinos|facilita|"
    r"facilite|facilitanos|facilitenos|dinos|decinos|dime|decime|diganos|digame|responde|responda|respond[ei]|"
    r"confirma|confirme|confirmanos|confirmenos|brinda|brindanos|brindenos|necesito|necesitamos|escribe|escriba|"
    r"manda|mande|mandanos|mandenos|proporciona|proporcione|proporcionanos|cuales son|cual seria|danos|denos|"
    r"dame|pon|ponga|comenta|"
    r"comente|cual es|nos (?:dices|decis|das|puedes|podes|podrias|puede|podria|pasas|facilitas|indicas|dejas|"
    r"confirmas)|me (?:dices|das|puedes|podes|pasas|confirmas|indicas)|(?:podrias?|puedes?|podes) (?:indicar|decir|"
    r"pasar|dejar|enviar|mandar|compartir|facilitar|confirmar|brindar|dar|proporcionar)(?:nos|me|nos?lo)?)"
)
_ASKING_EN = (
    r"(?:reply|respond|comment|post|drop|leave|tell|give|send|share|provide|confirm|let (?:us|me) (?:know|have)|"
    r"what(?:'s| is)|we(?:'ll)? need|i need|type|put|write|pop|(?:could|can|would|may|might) (?:you|we|"
    r"i) (?:please |kindly |just )?(?:send|give|share|provide|confirm|tell|let|reply|respond|post|drop|have|get|"
    r"leave|add|take|comment|state)|state)"
)
_ASKING_PT = (
    r"(?:informe|informa|informe-nos|envie|envia|envie-nos|mande|manda|passe|passa|deixe|deixa|compartilhe|"
    r"partilhe|forneca|diga|diga-nos|me diga|responda|responde|confirme|confirma|precisamos|preciso|escreva|"
    r"coloque|comente|qual (?:e )?|nos (?:passa|passe|diz|informa|envia)|pode(?:ria|m)? (?:nos )?(?:passar|"
    r"informar|enviar|mandar|dizer|confirmar|deixar)|indique|indica)"
)
_ASKS = Phrases(
    {"es": r"(?:no |nunca |jamas )(?:\w+ ){0,3}", "en": (
        r"(?:never|not|n't|"
        r"no one|nobody|wherever|don't)(?: \w+){0,3} "
    ), "pt": r"(?:nao |nunca |jamais )(?:\w+ ){0,3}"},
    es=(
        rf"{_ASKING_ES}(?!\w)[^.!?]{{0,70}}?(?<!\w)(?:(?:tu|su|tus|sus|el|la|los|nombre y|completo|con|y|o|"
        rf",) ){_DATA_ES}"
    ),
    en=rf"{_ASKING_EN}(?!\w)[^.!?]{{0,70}}?(?<!\w)(?:your|the|full name|and|us|,) (?:\w+ )?{_DATA_EN}",
    pt=(
        rf"{_ASKING_PT}(?!\w)[^.!?]{{0,70}}?(?<!\w)(?:(?:o|a|os|as|seu|sua|seus|suas|com|e|de|teu|tua|completo|"
        rf",) ){_DATA_PT}"
    ),
)  # fmt: skip
_NOT_FOR_US = re.compile(  # the data are where to look, not what to write
    r"(?<!\w)(?:(?:en|a|por|al|del|de|desde|con|to|in|on|by|of|from|with|via|no|na|pelo|pela|para o|para a|pro|"
    r"pra|ao|do|da) (?:(?:el|la|tu|su|un|your|the|an?|o|a|seu|sua|our|nuestr\w+|the back of) )?)$"
)
_HERE = re.compile(
    r"(?<!\w)(?:aqui|aca|este (?:medio|comentario|hilo)|los comentarios|here|below|this (?:comment|thread|"
    r"post)|in the comments|neste|este comentario|nos comentarios|por aqui)(?!\w)"
)
_SEVERAL = 2
_DATUM = re.compile(
    rf"(?<!\w)(?:{_DATA_EN}|{_DATA_ES}|{_DATA_PT}|(?:your |the )?mother'?s (?:maiden )?name|nome d[ae] (?:sua |"
    rf"tua )?mae|"
    r"nombre de (?:tu|su) madre|(?:los |os |the )?(?:ultimos|last) (?:\d|tres|cuatro|three|four|quatro) (?:digitos|"
    r"digits)|"
    r"(?:policy|membership|insurance|nhs|medicare|tax|member|customer) number|apolice|poliza|carteirinha|"
    r"numero de (?:afiliado|socio|poliza|seguro|carteirinha|apolice|beneficiario|seguridad social))(?!\w)"
)
_AT = re.compile(
    r"(?<!\w)(?:en|a|por|al|desde|to|in|on|by|via|from|no|na|pelo|pela|para o|para a|pro|pra|ao|at) "
    r"(?:(?:el|la|tu|su|un|your|the|an?|o|a|seu|sua|our|nuestr\w+) )?$"
)
_WRITES = re.compile(
    rf"(?<!\w)(?:{_ASKING_ES}|{_ASKING_EN}|{_ASKING_PT}|comentanos|comentenos|comenta|cuentanos|contanos|need|"
    rf"necesit\w+|"
    r"precis\w+|requerimos|solicitamos|pedimos|escribenos|escribinos|anota|registra)(?!\w)"
)
_NEVER = re.compile(r"(?<!\w)(?:no|nunca|jamas|never|not|nao|jamais|don't|won't|n't|sin|sem|without)(?!\w)")
_DELETING = re.compile(r"(?<!\w)(?:delet|remov|borr|elimin|apag|exclu)")
_LINK = re.compile(r"https?:|www\.|(?<!\w)(?:formulario|form|app|web|site|portal|link|enlace)(?!\w)")


def _asked(scene: Scene) -> Iterator[Finding]:
    if not scene.draft.public:
        return
    private = scene.said(PRIVATE_PLACE)
    for match in scene.every(_ASKS):
        start, end = scene.sentence_at(match.start())
        sentence = scene.text[start:end]
        here = _HERE.search(sentence)
        if _DELETING.search(sentence) or (not here and (private or _LINK.search(sentence))):
            continue
        last = re.search(rf"(?:{_DATA_ES}|{_DATA_EN}|{_DATA_PT})$", match.group())
        if last and not here and _NOT_FOR_US.search(match.group()[: last.start()]):
            continue
        yield scene.on_sentence("personal_data_asked", "block", match.start(), _ASKED, say("privately", scene))
        return
    elsewhere = private or bool(_LINK.search(scene.text))
    for start, end in scene.sentences:
        if _lists_data(scene.text[start:end], elsewhere):
            yield scene.on_sentence("personal_data_asked", "block", start, _ASKED, say("privately", scene))
            return


def _lists_data(sentence: str, elsewhere: bool) -> bool:
    """Whether it asks for several of their data, or for one "here", whatever the words between."""
    here = _HERE.search(sentence)
    if (elsewhere and not here) or _LINK.search(sentence) or _NEVER.search(sentence) or _DELETING.search(sentence):
        return False
    wanted = [m for m in _DATUM.finditer(sentence) if not _AT.search(sentence[: m.start()])]
    return bool(_WRITES.search(sentence)) and len(wanted) >= (1 if here else _SEVERAL)


RULES = (Rule("personal_data_asked", "block", "law", _asked),)
