"""What the company itself never wants said in a situation: the phrases of its protocols."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from netcenter.guard.draft import Finding
from netcenter.guard.scene import Rule, Scene
from netcenter.guard.text import fold
from netcenter.guard.whys import _


@lru_cache(maxsize=2048)
def _pattern(phrase: str) -> re.Pattern[str] | None:
    words = fold(phrase).split()
    said = r"\s+".join(map(re.escape, words))
    return re.compile(rf"(?<!\w){said}(?!\w)") if words else None


def _never_said(scene: Scene) -> Iterator[Finding]:
    told: set[tuple[int, int]] = set()
    for never in scene.draft.never:
        pattern = _pattern(never.phrase)
        for match in pattern.finditer(scene.text) if pattern else ():
            if match.span() not in told:
                told.add(match.span())
                yield scene.finding(
                    "never_said", never.grade, match.span(), _("Your company's protocol asks never to say this here.")
                )


RULES = (Rule("never_said", "block", "the company's own protocols", _never_said),)
