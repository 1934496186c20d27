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
    """To a complaint, without a word of apology or understanding."""
    return complains(scene) and not scene.said(APOLOGY) and not _FEELS_WITH.search(scene.text)
