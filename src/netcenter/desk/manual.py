"""What the desk shows of the protocol: the one that fits, its steps, its words filled for this case."""

from typing import Any

from netcenter import situations
from netcenter.cases.models import Case
from netcenter.desk.queries import filling
from netcenter.people.models import Person, Skill
from netcenter.protocols.content import spoken
from netcenter.protocols.known import Known, Place
from netcenter.protocols.queries import fill
from netcenter.situations import Situation


def beside(case: Case, person: Person, situation: Situation | None = None) -> dict[str, Any]:
    """What the panel is drawn from: steps in the operator's language, words in the customer's."""
    place = situations.protocol_of(case, situation.facts if situation else None)
    return {"protocol": place, "protocol_says": lambda texts: spoken(texts, person.language[:2]),
            "protocol_skills": _skill_names(place), "protocol_words": words_of(case, place.shown, person)}  # fmt: skip


def _skill_names(place: Place) -> dict[str, str]:
    content = place.shown.content if place.shown else None
    codes = {c for c in (content.answer_skill, content.approver_skill) if c} if content else set()
    return dict(Skill.objects.filter(code__in=codes).values_list("code", "name")) if codes else {}


def words_of(case: Case, shown: Known | None, person: Person) -> list[dict[str, str]]:
    """The protocol's words in the customer's language, filled; what only the operator knows stays a blank."""
    if shown is None:
        return []
    language, values = case.language or case.brand.language, filling(case, person)
    return [
        {"shortcut": f"p{n}", "name": spoken(words.names, person.language[:2]), "ref": f"w{shown.version_id}.{n}",
         "text": fill(spoken(words.texts, language, case.brand.language), values)}
        for n, words in enumerate(shown.content.words, 1)
    ]  # fmt: skip
