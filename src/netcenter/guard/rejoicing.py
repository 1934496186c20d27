"""Joy at what was no praise: irony is answered as what it means, not as what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator

from netcenter.guard.draft import Finding
from netcenter.guard.owning import APOLOGY
from netcenter.guard.say import say
from netcenter.guard.scene import Rule, Scene
from netcenter.guard.text import Phrases, fold
from netcenter.guard.whys import _

_JOY = Phrases(
    {"es": r"(?:no |ojala )", "en": r"(?:not|n't|would be|will be|i'd be|we'd be) (?:so |more )?", "pt": r"nao "},
    es=r"""
        nos alegr\w+|nos encant\w+|nos pone (?:muy )?(?:felices|content\w+)|nos hace (?:muy )?felices|(?:estamos )?
        (?:muy )?(?:felices|encantad\w+|content\w+) de (?:que|leer\w*|saber)|que (?:alegria|lindo|bueno|gusto|placer)|
        gracias por (?:el|tu|su|tus|sus|las|tan) (?:\w+ )?(?:elogio|cumplido|palabras|halago|felicitacion\w*|
        carino)s?""",
    en=r"""
        (?:so|very|really)? ?(?:happy|glad|pleased|delighted|thrilled|chuffed) (?:that |to hear |to read |
        to know )?(?:you|
        it|this|that|we)|(?:we |i )?love (?:that|to hear|hearing|reading)|made (?:our|my) (?:day|week)|(?:wonderful|
        lovely|great) to (?:hear|read)|thank(?:s| you) (?:so much )?for (?:the|your|such) (?:\w+ )?(?:kind|lovely|
        praise|
        compliment|nice|sweet|warm)\w*""",
    pt=r"""
        que (?:bom|alegria|delicia|lindo|felicidade) (?:que|ler|saber|receber)|ficamos (?:muito )?(?:felizes|contentes)|
        nos deixa (?:muito )?(?:felizes|contentes)|adoramos|amamos|obrigad[oa] (?:pelo|pelos|pelas|pela) (?:\w+ )?
        (?:elogio|carinho|palavras|comentario)s?""",
)  # fmt: skip
# A grievance in kind words: a wry face, once more, as always, only three weeks.
_FACE = re.compile("[🙄🙃😒🤡]")
_WRY = re.compile(
    r"(?<!\w)(?:again|otra vez|de novo|outra vez|as (?:always|usual|ever|per usual)|como (?:siempre|sempre)|"
    r"para variar|pra variar|(?:solo|solamente|apenas|so|nada mas que|only|just|merely) (?:me |nos |they |you |we |i )?"
    r"(?:tard|demor|esper|llev|lev|took|wait|cost)\w*(?! (?:\w+ )?min)(?!\w)|"
    r"(?:\d+|un|una|dos|tres|cuatro|two|three|four|"
    r"several|duas|"
    r"quatro) (?:horas?|semanas?|meses|mes|hours?|weeks?|months?)|thanks? (?:a lot )?for (?:nothing|losing|cancel|"
    r"leaving|forgetting|ruining)|gracias por (?:nada|perder|dejar|arruinar|cancelar|olvid)|obrigad[oa] por (?:nada|"
    r"perder|cancelar|estragar|esquecer|deixar))"
)


def _rejoices(scene: Scene) -> Iterator[Finding]:
    said = fold("\n".join(scene.draft.messages))
    wry = scene.draft.reading.ironic or _FACE.search(said) or (scene.mood.praise and _WRY.search(said))
    if not scene.mood.grievance or not wry or scene.said(APOLOGY):
        return
    match = scene.first(_JOY)
    if match is not None:
        yield scene.on_sentence("misplaced_joy", "warn", match.start(),
                                _(
                                    "Their praise sounds ironic: joy would be taken "
                                    "for mockery. Answer what went wrong."
                                ),
                                say("apology", scene))  # fmt: skip


RULES = (Rule("misplaced_joy", "warn", "the street", _rejoices),)
