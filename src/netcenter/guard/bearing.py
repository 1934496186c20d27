"""How a reply stands to its reader: whether they came with a trouble, and whether it meets them coldly.

Many words hurt only in a cold answer: "this happens when it is filled too far; sorry that the lid does not say so"
helps, and the same without the apology accuses. The grammar of hurting (accusing, denying, mocking, scorn) asks first.
"""

from __future__ import annotations

import re

from netcenter.guard.owning import APOLOGY
from netcenter.guard.scene import Scene

_FEELS_WITH = re.compile(
    r"(?<!\w)(?:entiendo|entendemos|comprendo|comprendemos|con razon|(?:tienes|tenes|tiene)(?: toda la)? razon|"
    r"i understand|we understand|you(?:'re| are) (?:absolutely |quite |completely )?right|fair point|i can see why|"
    r"compreendo|compreendemos|entendo|tem (?:toda )?(?:a )?razao)(?!\w)"
)
# What somebody is sorry for, when it is what the customer does.
_OF_YOU = re.compile(
    r" (?:mucho |muito |really )?(?:that |que )?(?:you |usted |ud |vos |tu |voce |o senhor |"
    r"a senhora )(?:\w+ly )?(?:chose|"
    r"choose|decided|prefer\w*|think|believe|can't|cannot|couldn't|don't|didn't|expect\w*|need|want\w*|eligi\w+|"
    r"elij\w+|"
    r"prefier\w*|crea\w*|piens\w*|no (?:sepa|entienda|pueda|quiera|lea|haya)\w*|ach\w+|pens\w+|escolh\w+|prefir\w+|"
    r"nao (?:saiba|entenda|consiga|queira|leia|tenha))(?!\w)"
)
_HAPPY = re.compile("[😊🙌🎉😍❤🥰😘👏🤩💖😁👍🙏]|:\\)")


def complains(scene: Scene) -> bool:
    """A grievance, or a bare statement: who neither praises, nor asks, nor proposes has seldom come to please us."""
    mood = scene.mood
    if mood.grievance:
        return True
    if mood.praise or mood.question or mood.suggestion:
        return False
    return bool(scene.draft.messages) and not _HAPPY.search(scene.draft.messages[-1])


def is_cold(scene: Scene) -> bool:
    """To a complaint, without a word of apology or understanding. "Sorry that you chose so" is neither."""
    if not complains(scene) or _FEELS_WITH.search(scene.text):
        return False
    return all(_OF_YOU.match(scene.text, match.end()) for match in scene.every(APOLOGY))
