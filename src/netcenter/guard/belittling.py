"""The grammar of belittling: it is only a cake, no scene, please."""

from __future__ import annotations

import re

from netcenter.guard.bearing import is_cold
from netcenter.guard.scene import Scene
from netcenter.guard.text import Phrases

_NO_FUSS = Phrases(
    {"es": r"(?:no |ni )", "en": r"(?:not|n't|never) ", "pt": r"nao "},
    es=r"""
        (?:es|son|era|fue|fueron|eran) (?:solo|solamente|apenas|nada mas que|simplemente) (?:un|una|unos|unas)
        [ ](?!moment|minut|instant|paso|click|segundo|llamad|ejemplo|error|malentendido)\w+|exageremos|exagerad\w+|
        (?:no (?:hace falta|es para|hay que hacer|haga|hagas)|sin) (?:\w+ ){0,3}(?:escandalos?|dramas?|show|escenas?|
        alboroto|circo|teatro|telenovela)|que (?:exagerad|delicad|dramatic|sensible|susceptible)\w*|por (?:un|una)
        [ ]\w+ (?:sin|de menos|mas|de nada)(?: \w+){0,2} (?:que )?no se (?:te |le )?(?:cae|acaba|muere)""",
    en=r"""
        (?:it's|it is|it was|that's|they're|this is) (?:only|just|merely) an? (?!moment|minute|second|click|step|quick|
        call|matter|misunderstanding|mistake)\w+|(?:no need|need|stop|spare us|enough|less) (?:for |of |with |to make )?
        (?:the |all |such |a |this |that |so much )*(?:drama|fuss|scene|hysterics|theatrics|outrage)|(?:how|so|very|
        terribly|awfully) (?:dramatic|sensitive|touchy|delicate|exaggerated)|nobody(?:'s| has|'d| is)? (?:\w+ )?(?:died|
        drowned|dead|hurt|killed)(?: \w+)?[.!]""",
    pt=r"""
        (?:e|era|foi|sao) (?:so|apenas|somente) (?:um|uma|uns|umas) (?!moment|minut|instant|passo|clique|segundo|ligac|
        exemplo|erro|mal)\w+|(?:nao precisa|sem|pra que|para que|chega|menos|nao faca) (?:\w+ ){0,3}(?:escandalo|drama|
        show|cena|alarde|alvoroco|circo|teatro|novela)|que (?:exager|dramatic|sensivel|delicad)\w*|menos, (?:\w+)
        (?=[.!])|ninguem morreu""",
)  # fmt: skip


def belittles(scene: Scene) -> re.Match[str] | None:
    """Where a cold answer makes the matter small, or None. In a kind one "it is only a moment" comforts."""
    return scene.first(_NO_FUSS) if is_cold(scene) else None
