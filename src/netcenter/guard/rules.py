"""What the guard says of a reply before it leaves: every rule, in one list.

Each family of rules is a module with its phrases by language; docs/guard.md shows each rule's bad and good example.
"""

from netcenter.guard import (
    asking,
    blame,
    cold,
    form,
    helping,
    manual,
    names,
    owning,
    personal,
    place,
    rejoicing,
    threatening,
    tone,
    voice,
)  # fmt: skip
from netcenter.guard.draft import Draft, Finding, Reading, Severity, mended
from netcenter.guard.scene import Rule, Scene

__all__ = ["MISSING", "RULES", "Draft", "Finding", "Reading", "Rule", "Severity", "examine", "mended"]

RULES: tuple[Rule, ...] = (
    *tone.RULES, *threatening.RULES, *cold.RULES, *voice.RULES,
    *blame.RULES, *owning.RULES, *rejoicing.RULES, *helping.RULES, *place.RULES, *personal.RULES, *asking.RULES,
    *names.RULES, *manual.RULES, *form.HOLES, *names.COURTESY, *form.COURTESY,
)  # fmt: skip
MISSING = frozenset({
    "cold", "no_apology", "no_admission", "no_explanation", "no_empathy", "no_next_step", "unanswered_question",
    "dm_only", "many_turns", "no_name", "no_thanks", "no_signature", "blames_others",
})  # fmt: skip
"""What is found by its absence, and so may yet be written."""
LONGEST = 10_000  # characters looked at; what is longer is no reply
_GRAVITY = {"block": 0, "warn": 1, "inform": 2}


def examine(draft: Draft) -> list[Finding]:
    """The findings on a draft, gravest first. Never raises, says the same each time, reads no clock."""
    if not draft.text.strip():
        return []
    scene = Scene(draft)
    found = [
        finding
        for rule in RULES
        if not (draft.unfinished and rule.name in MISSING)
        for finding in rule.check(scene)
    ]  # fmt: skip
    if any(f.severity == "block" and f.rule != "cold" for f in found):
        found = [f for f in found if f.rule != "cold"]  # what is wrong is told already, and nearer to the words
    return sorted(found, key=lambda f: (_GRAVITY[f.severity], f.start, f.end))
